"""Niches of what people said, each in two parts: one that a panel may be drawn from, and one it has never seen."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vivavoce.errors import InputError
from vivavoce.panel.building import build
from vivavoce.panel.calibration.drawing import Floats
from vivavoce.panel.calibration.middles import unit
from vivavoce.panel.calibration.resemblance import SAME, Side, Texts, body
from vivavoce.panel.calibration.splits import alike, crossing, families, near, numbered
from vivavoce.panel.evidence import Body
from vivavoce.panel.insights import KINDS, Insight, Reading, insight_id
from vivavoce.panel.personas import Panel, PanelSpec
from vivavoce.studies.calibration.files import table
from vivavoce.studies.evidence import gather
from vivavoce.studies.port import Embedder

INSIGHTS, WISHES = "insights.csv", "crowdre_goals.csv"
MOST = 300
"""Texts of a niche, drawn by lot: more make a run longer and intervals no narrower where niches are drawn."""
LEAST = 40
"""Texts of a niche that is scored."""
LEAST_NICHES = 3
"""One, one that is near to it and one that is not."""
TRAIN = 0.7
NEEDS = frozenset({"goal", "question", "feature_mention", "need"})
KIND = {"feature_mention": "need"}
"""Kinds of the data that have another name here."""
Words = dict[str, str]
Said = dict[str, tuple[list[Words], Floats]]
"""By niche: what was said, and its vectors."""


@dataclass(slots=True)
class Niche:
    """Texts of one niche, in two parts that share no author and nothing that says the same."""

    name: str
    rows: list[Words]
    vectors: Floats
    train: list[int]
    test: list[int]
    real: Texts
    """Those held out."""


async def read(folder: Path, embedder: Embedder) -> Said:
    columns = ("id", "source", "niche", "kind", "text")
    rows = [*table(folder, INSIGHTS, columns), *table(folder, WISHES, (*columns, "person"))]
    niches: dict[str, list[Words]] = {}
    for row in sorted(rows, key=lambda row: row["id"]):
        niches.setdefault(row["niche"], []).append(row)
    chance = random.Random(1)  # noqa: S311  # the same texts for whatever seed
    kept = {name: chance.sample(its, min(MOST, len(its))) for name, its in sorted(niches.items()) if len(its) >= LEAST}
    if len(kept) < LEAST_NICHES:
        raise InputError(
            f"want at least {LEAST_NICHES} niches with {LEAST} texts in {INSIGHTS} and {WISHES}, got {len(kept)}"
        )
    return {
        name: (its, (await embedder.embed([row["text"] for row in its])).astype(np.float64))
        for name, its in kept.items()
    }


def split(name: str, rows: list[Words], vectors: Floats, seed: int) -> Niche:
    texts = [row["text"] for row in rows]
    authors = numbered([row.get("person") or row["id"] for row in rows])
    first: dict[int, int] = {}
    same = [(first.setdefault(int(author), at), at) for at, author in enumerate(authors)]
    kin = families(len(rows), [*same, *near(vectors.astype(np.float32)), *alike(texts)])
    order = np.random.default_rng(seed).permutation(int(kin.max()) + 1)
    train: list[int] = []
    for family in order:
        if len(train) >= TRAIN * len(rows):
            break
        train += np.flatnonzero(kin == family).tolist()
    test = sorted(set(range(len(rows))) - set(train))
    niche = Niche(name, rows, vectors, sorted(train), test, body([], [], np.zeros((0, vectors.shape[1]))))
    niche.real = texts_of([(niche, at) for at in test])
    return niche


def leaks_of(niche: Niche) -> int:
    sides = np.isin(np.arange(len(niche.rows)), niche.test).astype(np.intp)
    texts = [row["text"] for row in niche.rows]
    return crossing(near(niche.vectors.astype(np.float32)), sides) + crossing(alike(texts), sides)


def _side(kind: str) -> Side:
    return "pain" if kind == "pain" else "need" if kind in NEEDS else ""


def texts_of(places: Sequence[tuple[Niche, int]]) -> Texts:
    rows = [niche.rows[at] for niche, at in places]
    size = places[0][0].vectors.shape[1] if places else 0
    vectors = np.array([niche.vectors[at] for niche, at in places]).reshape(-1, size)
    return body([row["text"] for row in rows], [_side(row["kind"]) for row in rows], vectors)


def all_of(niches: Sequence[Niche]) -> list[tuple[Niche, int]]:
    return [(niche, at) for niche in niches for at in range(len(niche.rows))]


def nearest_first(niches: Sequence[Niche]) -> dict[str, list[Niche]]:
    """By niche: the others, by how near their middles are."""
    middles = {each.name: unit(each.vectors.mean(axis=0)) for each in niches}
    return {
        each.name: sorted(
            (other for other in niches if other is not each),
            key=lambda other: -float(middles[each.name] @ middles[other.name]),
        )
        for each in niches
    }


def drawn(places: Sequence[tuple[Niche, int]], count: int, seed: int) -> list[tuple[Niche, int]]:
    rows = np.random.default_rng(seed).choice(len(places), min(count, len(places)), replace=False)
    return [places[at] for at in rows.tolist()]


def middle_of(niche: Niche) -> Texts:
    its = niche.vectors[niche.train]
    return texts_of([(niche, niche.train[int((its @ unit(its.mean(axis=0))).argmax())])])


def trained(niche: Niche) -> Texts:
    """All that a panel may be drawn from, as it is."""
    return texts_of([(niche, at) for at in niche.train])


def echoed(niche: Niche) -> Texts:
    """Of all that a panel may be drawn from, what another text of it says alike."""
    its = niche.vectors[niche.train]
    near = its @ its.T >= SAME
    np.fill_diagonal(near, False)
    return texts_of([(niche, niche.train[at]) for at in np.flatnonzero(near.sum(axis=1))])


async def gathered(niche: Niche, embedder: Embedder) -> Body:
    insights, readings = [], []
    for at in niche.train:
        row = niche.rows[at]
        id_, kind = _id(row), KIND.get(row["kind"], row["kind"])
        insights.append(
            Insight(id=id_, source=row["source"], ref=row["id"], text=row["text"], person=row.get("person") or "")
        )
        readings.append(
            Reading(insight=id_, niche=niche.name, kind=next((each for each in KINDS if each == kind), None))
        )
    return await gather(insights, readings, embedder)


def _id(row: Words) -> str:
    return insight_id(row["source"], row["id"])


def panel_of(found: Body, size: int, real_weight: float, seed: int) -> Panel:
    return build(found, PanelSpec(size=size, real_weight=real_weight, forced=True), seed)


def held_out_in(niche: Niche, panel: Panel) -> int:
    return len(panel.evidence() & {_id(niche.rows[at]) for at in niche.test})


async def quoted(niche: Niche, panel: Panel, embedder: Embedder) -> Texts:
    """What its members are quoted with."""
    kinds = {_id(row): row["kind"] for row in niche.rows}
    quotes = [quote for persona in panel.personas for quote in persona.quotes]
    texts = [quote.text for quote in quotes]
    vectors = (await embedder.embed(texts)).astype(np.float64)
    return body(texts, [_side(kinds[quote.insight]) for quote in quotes], vectors)


async def labelled(panel: Panel, embedder: Embedder) -> Texts:
    points = [
        (point, side)
        for persona in panel.personas
        for side, its in (("pain", persona.frustrations), ("need", persona.goals))
        for point in its
    ]
    vectors = (await embedder.embed([point.text for point, _ in points])).astype(np.float64)
    sides: list[Side] = ["pain" if side == "pain" else "need" for _, side in points]
    return body([point.text for point, _ in points], sides, vectors, [point.weight for point, _ in points])
