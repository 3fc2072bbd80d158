"""How much a panel is like the people it was not drawn from, by the five-part score, and what that score is worth: who
simulates nothing, and just hands out the texts, is beside it in every niche.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from vivavoce.errors import InputError
from vivavoce.panel.calibration.drawing import Floats, mean_by
from vivavoce.panel.calibration.middles import unit
from vivavoce.panel.calibration.resemblance import SAME, WEIGHTS, Part, Texts, parts, total
from vivavoce.panel.outcome import Share
from vivavoce.studies.calibration.niches import (
    LEAST_NICHES,
    Niche,
    all_of,
    drawn,
    gathered,
    held_out_in,
    labelled,
    leaks_of,
    middle_of,
    panel_of,
    quoted,
    read,
    split,
    texts_of,
    trained,
)
from vivavoce.studies.calibration.outcome import Column, Goal, Role, Row, Task, spread_over
from vivavoce.studies.port import Embedder

HALVES = 40
SPLITS = 3
CUTS = (0.40, 0.45, SAME, 0.60, 0.70)
REAL_WEIGHTS = (1.0, 3.0, 10.0)
ASSERTED = 3.0
FLOOR, CEILING, OURS = (
    "unrelated niches",
    "verbatim: all texts it could have drawn from",
    "panel of 20, its quotes (ours)",
)
SCORE, LESS, COVERAGE = "score", "less verbatim", "coverage form"
COLUMNS = (Column(SCORE, "plain"), Column(LESS, "signed"), Column(COVERAGE, "plain"))


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
    measured = _Measured(niches, seed)
    leaks = {"texts of the two sides that say the same": sum(leaks_of(each) for each in niches)}
    middles = {each.name: unit(each.vectors.mean(axis=0)) for each in niches}
    ranked = {
        each.name: sorted(
            (other for other in niches if other is not each),
            key=lambda other: -float(middles[each.name] @ middles[other.name]),
        )
        for each in niches
    }
    everything = [(niche, at) for niche in niches for at in range(len(niche.rows))]
    measured.show(
        "random: texts of all niches", "control", lambda each: texts_of(drawn(everything, len(each.train), seed))
    )
    measured.show(FLOOR, "control", lambda each: texts_of(drawn(all_of(ranked[each.name][-2:]), len(each.train), seed)))
    measured.show(
        "wrong niche: the one nearest to it",
        "control",
        lambda each: texts_of(all_of(ranked[each.name][:1])[: len(each.train)]),
    )
    measured.show("niche mean: the one text nearest to the middle", "control", middle_of)
    measured.show(CEILING, "people", lambda each: texts_of([(each, at) for at in each.train]))
    equal = "as many of these as are held out"
    measured.show(
        equal, "people", lambda each: texts_of(drawn([(each, at) for at in each.train], len(each.test), seed))
    )
    bodies = {each.name: await gathered(each, embedder) for each in niches}
    overlapping = 0
    for size in (5, 20):
        panels = {name: panel_of(found, size, ASSERTED, seed) for name, found in bodies.items()}
        overlapping += sum(held_out_in(each, panels[each.name]) for each in niches)
        quotes = {each.name: await quoted(each, panels[each.name], embedder) for each in niches}
        measured.show(
            OURS if size == 20 else f"panel of {size}, its quotes",
            "model",
            _of(quotes),
        )
    for weight in REAL_WEIGHTS:
        panels = {name: panel_of(found, 20, weight, seed) for name, found in bodies.items()}
        labels = {each.name: await labelled(panels[each.name], embedder) for each in niches}
        role: Role = "model" if weight == ASSERTED else "ablation"
        measured.show(f"panel of 20, its labels, real x {weight:g}", role, _of(labels))
    measured.compare(
        f"panel of 20, its labels, real x {ASSERTED:g}",
        [f"panel of 20, its labels, real x {each:g}" for each in REAL_WEIGHTS if each != ASSERTED],
    )
    wrong = "wrong niche: the one nearest to it"
    leaks["quotes and points of panels whose insights are held out"] = overlapping
    again = [
        float(np.mean([_verbatim(split(name, rows, vectors, seed + at)) for name, (rows, vectors) in said.items()]))
        for at in range(SPLITS)
    ]
    ours, verbatim = measured.scores[OURS], measured.scores[CEILING]
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
        ceiling=CEILING,
        rows=(*measured.rows, *measured.ablations(CEILING, wrong), *measured.by_niche((OURS, CEILING, wrong))),
        figures={"verbatim, other splits": spread_over(again)},
        leaks=leaks,
        goals=(
            Goal(
                wanted="beside its floor without simulation",
                came=f"panel {ours.mean():.2f}, no simulation {verbatim.mean():.2f}, "
                f"unrelated {measured.scores[FLOOR].mean():.2f}",
                met=True,
            ),
            Goal(
                wanted="panel above no simulation",
                came=f"{ours.mean() - verbatim.mean():+.3f}",
                met=bool(ours.mean() > verbatim.mean()),
            ),
        ),
        doubts=(
            "Who simulates nothing and hands out the texts scores more than our panel: a panel without a model "
            "only selects. The score measures how much was collected, not how well anybody is simulated.",
            "The score is whatever the cut makes it, and sentiment tells niches hardly apart.",
            "Few niches have pains on both sides; the others are scored on what is left of the parts.",
            "Length and style alone is no control here: the score reads neither.",
        ),
    )


class _Measured:
    """By who: a score for each niche."""

    def __init__(self, niches: Sequence[Niche], seed: int) -> None:
        self.rows: list[Row] = []
        self.scores: dict[str, Floats] = {}
        self._told: dict[str, list[Texts]] = {}
        self._niches, self._seed = niches, seed

    def show(self, who: str, role: Role, told: Callable[[Niche], Texts]) -> None:
        made = [told(each) for each in self._niches]
        pairs = list(zip(made, self._niches, strict=True))
        self._told[who] = made
        self.scores[who] = np.array([total(parts(each, niche.real)) for each, niche in pairs])
        wide = np.array([total(parts(each, niche.real, jaccard=False)) for each, niche in pairs])
        self.rows.append(
            Row(who=who, role=role, figures={SCORE: self._mean(self.scores[who]), COVERAGE: self._mean(wide)})
        )
        if CEILING in self.scores and who != CEILING:
            self._beside(len(self.rows) - 1)
        elif who == CEILING:
            for at in range(len(self.rows) - 1):
                self._beside(at)

    def _beside(self, at: int) -> None:
        row = self.rows[at]
        less = self._mean(self.scores[row.who] - self.scores[CEILING])
        self.rows[at] = Row(who=row.who, role=row.role, figures=row.figures | {LESS: less})

    def compare(self, base: str, others: Sequence[str]) -> None:
        """What another weight gains over the asserted one, niche by niche."""
        for at, row in enumerate(self.rows):
            if row.who in others:
                gained = {"over the asserted": self._mean(self.scores[row.who] - self.scores[base])}
                self.rows[at] = Row(who=row.who, role=row.role, figures=row.figures | gained)

    def ablations(self, right: str, wrong: str) -> list[Row]:
        """How far the score tells a niche from its neighbour, by cut and by weights; nothing is simulated here."""
        rows = []
        base = self._gap(right, wrong, SAME, WEIGHTS)[1]
        changed = [(f"cut {cut:.2f}", cut, WEIGHTS) for cut in CUTS]
        changed.append(("all parts alike", SAME, dict.fromkeys(WEIGHTS, 1.0)))
        changed += [(f"without {part}", SAME, {**WEIGHTS, part: 0.0}) for part in WEIGHTS]
        for who, cut, weights in changed:
            score, gap = self._gap(right, wrong, cut, weights)
            figures = {SCORE: self._mean(score), "over the nearest niche": self._mean(gap)}
            if cut != SAME or weights is not WEIGHTS:
                figures["of that, over the asserted"] = self._mean(gap - base)
            rows.append(Row(who=f"no simulation, {who}", role="ablation", figures=figures))
        return rows

    def _gap(self, right: str, wrong: str, cut: float, weights: Mapping[Part, float]) -> tuple[Floats, Floats]:
        one, other = (
            np.array([
                total(parts(told, niche.real, same=cut), weights)
                for told, niche in zip(self._told[who], self._niches, strict=True)
            ])
            for who in (right, wrong)
        )  # fmt: skip
        return one, one - other

    def by_niche(self, who: Sequence[str]) -> list[Row]:
        return [
            Row(
                who=f"{niche.name} ({len(niche.test)} held out)",
                role="niche",
                figures={name: self._halved(self._told[name][at], niche) for name in who},
            )
            for at, niche in enumerate(self._niches)
        ]

    def _halved(self, told: Texts, niche: Niche) -> Share:
        """With the spread over halves of what is held out, which is that of the whole: texts drawn twice, as an
        ordinary bootstrap does it, would lower what counts different ones.
        """
        chance = np.random.default_rng(self._seed)
        whole = parts(told, niche.real)
        count = len(niche.test)
        found = []
        for _ in range(HALVES):
            half = parts(told, niche.real, rows=np.sort(chance.choice(count, count // 2, replace=False)))
            found.append(total({part: half.get(part, value) for part, value in whole.items()}))
        value, spread = total(whole), 1.96 * float(np.std(found))
        return Share(round(value, 4), round(max(0.0, value - spread), 4), round(min(1.0, value + spread), 4))

    def _mean(self, values: Floats) -> Share:
        return mean_by(values, np.arange(len(values)), seed=self._seed)


def _verbatim(niche: Niche) -> float:
    return total(parts(trained(niche), niche.real))


def _of(made: Mapping[str, Texts]) -> Callable[[Niche], Texts]:
    return lambda niche: made[niche.name]
