"""How much a panel is like the people it was not drawn from, by the five-part score, and what that score is worth: who
simulates nothing, and just hands out the texts, is beside it in every niche.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from vivavoce.errors import InputError
from vivavoce.studies.calibration.goals import goal
from vivavoce.studies.calibration.likened import LESS, SCORE, Likened, Told, score
from vivavoce.studies.calibration.niches import (
    LEAST_NICHES,
    Niche,
    Said,
    all_of,
    drawn,
    echoed,
    gathered,
    held_out_in,
    labelled,
    leaks_of,
    middle_of,
    nearest_first,
    panel_of,
    quoted,
    read,
    split,
    texts_of,
    trained,
)
from vivavoce.studies.calibration.outcome import Column, Task, other, spread_over
from vivavoce.studies.port import Embedder

SPLITS = 10
SIZES = (5, 20)
REAL_WEIGHTS = (1.0, 3.0, 10.0)
ASSERTED = 3.0
FLOOR, WRONG, VERBATIM, OURS = (
    "unrelated niches",
    "wrong niche: the one nearest to it",
    "verbatim: all texts it could have drawn from",
    "panel of 20, its quotes (ours)",
)
COVERAGE = "coverage form"
COLUMNS = (Column(SCORE, "plain"), Column(LESS, "signed"), Column(COVERAGE, "plain"))
DOUBTS = (
    "Who simulates nothing and hands out the texts scores more than our panel: a panel without a model only selects. "
    "The score measures how much was collected, not how well anybody is simulated.",
    "There is no ceiling: the same texts without those that no other of them says alike score more than all of them, "
    "and simulate nobody either.",
    "The score is whatever the cut makes it, and sentiment tells niches hardly apart.",
    "Few niches have pains on both sides; the others are scored on what is left of the parts.",
    "Length and style alone is no control here: the score reads neither.",
)


async def composite(folder: Path, embedder: Embedder, seed: int) -> Task:
    """
    Raises:
        NotHereError, InputError: a file is not there or is another, or no two niches have enough texts.
        MissingError: the embedder cannot be had.
    """
    said = await read(folder, embedder)
    niches = [split(name, rows, vectors, seed) for name, (rows, vectors) in said.items()]
    niches = [each for each in niches if each.test]  # where all say the same, nothing is left to hold out
    if len(niches) < LEAST_NICHES:
        raise InputError(f"want {LEAST_NICHES} niches with different texts, got {len(niches)}")
    panels, overlapping = await _panels(niches, embedder, seed)
    likened = Likened(niches, [*_unsimulated(niches, seed), *panels], seed)
    base = likened.base(VERBATIM, COVERAGE)
    for each in likened.told:
        more = {}
        if each.role == "ablation":
            more["over the asserted"] = likened.mean(likened.scores(each.who) - likened.scores(_labels(ASSERTED)))
        base.row(each.who, each.role, likened.columns(each.who, COVERAGE), more)
    rows = {row.who: row for row in base.rows}
    again = [
        float(np.mean([score(trained(each), each.real) for each in _splits(said, seed + at)]))
        for at in range(1, SPLITS + 1)
    ]  # fmt: skip
    return Task(
        name="composite",
        asks="how like the people it was not drawn from a panel is",
        counts={
            "niches": len(niches),
            "texts": sum(len(each.rows) for each in niches),
            "held out": sum(len(each.test) for each in niches),
        },
        split="70/30 in each niche; an author, and what says the same (cosine above .9), on one side",
        interval="niches drawn; in one niche, halves of what is held out",
        columns=COLUMNS,
        floor=FLOOR,
        ceiling="",
        rows=(
            *base.rows,
            *likened.by_part(VERBATIM, WRONG, FLOOR),
            *likened.by_niche(OURS, {LESS: VERBATIM, "less wrong niche": WRONG}, FLOOR),
            other("verbatim", spread_over(again), floor=rows[FLOOR].figures[SCORE], drawn=f"{SPLITS} other splits"),
        ),
        leaks={
            "texts of the two sides that say the same": sum(leaks_of(each) for each in niches),
            "quotes and points of panels whose insights are held out": overlapping,
        },
        goals=(goal("panel less no simulation", rows[OURS].figures[LESS], "above", 0, "signed"),),
        doubts=DOUBTS,
    )


def _unsimulated(niches: Sequence[Niche], seed: int) -> list[Told]:
    """Texts that somebody wrote, as they are."""
    others = nearest_first(niches)
    free = {
        each.name: [*all_of([niche for niche in niches if niche is not each]), *((each, at) for at in each.train)]
        for each in niches
    }
    own = [[(each, at) for at in each.train] for each in niches]
    return [
        Told(
            "random: texts of all niches",
            "control",
            [texts_of(drawn(free[each.name], len(each.train), seed)) for each in niches],
        ),
        Told(
            FLOOR,
            "control",
            [texts_of(drawn(all_of(others[each.name][-2:]), len(each.train), seed)) for each in niches],
        ),
        Told(WRONG, "control", [texts_of(all_of(others[each.name][:1])[: len(each.train)]) for each in niches]),
        Told("niche mean: the one text nearest to the middle", "control", [middle_of(each) for each in niches]),
        Told(VERBATIM, "control", [texts_of(its) for its in own]),
        Told("verbatim: only those that another of them says alike", "control", [echoed(each) for each in niches]),
        Told(
            "verbatim: as many as are held out",
            "control",
            [texts_of(drawn(its, len(each.test), seed)) for each, its in zip(niches, own, strict=True)],
        ),
    ]


async def _panels(niches: Sequence[Niche], embedder: Embedder, seed: int) -> tuple[list[Told], int]:
    """What panels say, and how much of it is held out."""
    bodies = {each.name: await gathered(each, embedder) for each in niches}
    made: list[Told] = []
    overlapping = 0
    for size in SIZES:
        panels = {name: panel_of(found, size, ASSERTED, seed) for name, found in bodies.items()}
        overlapping += sum(held_out_in(each, panels[each.name]) for each in niches)
        quotes = [await quoted(each, panels[each.name], embedder) for each in niches]
        made.append(Told(OURS if size == max(SIZES) else f"panel of {size}, its quotes", "model", quotes))
    for weight in REAL_WEIGHTS:
        panels = {name: panel_of(found, max(SIZES), weight, seed) for name, found in bodies.items()}
        labels = [await labelled(panels[each.name], embedder) for each in niches]
        made.append(Told(_labels(weight), "model" if weight == ASSERTED else "ablation", labels))
    return made, overlapping


def _labels(weight: float) -> str:
    return f"panel of {max(SIZES)}, its labels, real x {weight:g}"


def _splits(said: Said, seed: int) -> list[Niche]:
    found = [split(name, rows, vectors, seed) for name, (rows, vectors) in said.items()]
    return [each for each in found if each.test]
