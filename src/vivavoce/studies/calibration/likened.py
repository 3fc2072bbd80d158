"""Texts of niches by the five-part score, and that score with one thing about it changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from vivavoce.panel.calibration.drawing import Floats, Rows, mean_by
from vivavoce.panel.calibration.resemblance import SAME, WEIGHTS, Part, Texts, parts, total
from vivavoce.panel.outcome import Share
from vivavoce.studies.calibration.measured import Measured
from vivavoce.studies.calibration.niches import Niche
from vivavoce.studies.calibration.outcome import Role, Row

HALVES = 40
CUTS = (0.40, 0.45, SAME, 0.60, 0.70)
SCORE, LESS = "score", "less verbatim"
OfRows = Callable[[Rows | None], float]
"""A figure of some of what is held out; of all without rows."""


class Told(NamedTuple):
    """One who says something in every niche."""

    who: str
    role: Role
    texts: list[Texts]
    """By niche."""


def score(told: Texts, real: Texts, *, same: float = SAME, weights: Mapping[Part, float] = WEIGHTS) -> float:
    return total(parts(told, real, same=same), weights)


class Likened:
    """Everybody's score in every niche."""

    def __init__(self, niches: Sequence[Niche], told: Sequence[Told], seed: int) -> None:
        self.told = told
        self._niches, self._seed = niches, seed
        self._texts = {each.who: each.texts for each in told}
        self._scores = {each.who: self.changed(each.who) for each in told}

    def scores(self, who: str) -> Floats:
        """By niche."""
        return self._scores[who]

    def changed(self, who: str, same: float = SAME, weights: Mapping[Part, float] = WEIGHTS) -> Floats:
        """By niche, with another cut or other weights."""
        pairs = zip(self._texts[who], self._niches, strict=True)
        return np.array([score(texts, niche.real, same=same, weights=weights) for texts, niche in pairs])

    def mean(self, values: Floats) -> Share:
        """Over niches, which are drawn."""
        return mean_by(values, np.arange(len(values)), seed=self._seed)

    def base(self, who: str, wide: str) -> Measured[Floats]:
        """What rows are measured with, their gains over somebody.

        Args:
            wide: the column of the score whose overlap is what has a counterpart.
        """
        return Measured({SCORE: self.mean, wide: self.mean}, {LESS: SCORE}, {SCORE: self.scores(who)})

    def columns(self, who: str, wide: str) -> dict[str, Floats]:
        pairs = zip(self._texts[who], self._niches, strict=True)
        coverage = np.array([total(parts(texts, niche.real, jaccard=False)) for texts, niche in pairs])
        return {SCORE: self.scores(who), wide: coverage}

    def by_part(self, right: str, wrong: str, floor: str) -> list[Row]:
        """How far the score tells a niche from its neighbour, by cut and by weights; nothing is simulated here."""
        changed = [(f"cut {cut:.2f}", cut, WEIGHTS) for cut in CUTS]
        changed.append(("all parts alike", SAME, dict.fromkeys(WEIGHTS, 1.0)))
        changed += [(f"without {part}", SAME, {**WEIGHTS, part: 0.0}) for part in WEIGHTS]
        base = self.scores(right) - self.scores(wrong)
        rows = []
        for who, cut, weights in changed:
            here, there, nowhere = (self.changed(each, cut, weights) for each in (right, wrong, floor))
            figures = {SCORE: self.mean(here), "over the nearest niche": self.mean(here - there)}
            if cut != SAME or weights is not WEIGHTS:
                figures["of that, over the asserted"] = self.mean(here - there - base)
            rows.append(Row(who=f"no simulation, {who}", role="ablation", figures=figures, floor=self.mean(nowhere)))
        return rows

    def by_niche(self, ours: str, over: Mapping[str, str], floor: str) -> list[Row]:
        """Ours in each niche, and by column what it has over others there."""
        rows = []
        for at, niche in enumerate(self._niches):
            mine = self._of_rows(at, ours)
            figures = {SCORE: self._halved(niche, mine)}
            for column, who in over.items():
                figures[column] = self._halved(niche, _less(mine, self._of_rows(at, who)))
            rows.append(
                Row(
                    who=f"{niche.name} ({len(niche.test)} held out)",
                    role="niche",
                    figures=figures,
                    floor=self._halved(niche, self._of_rows(at, floor)),
                )
            )
        return rows

    def _of_rows(self, at: int, who: str) -> OfRows:
        """Score against some of what is held out; a part of which too little is left stays what it is of the whole."""
        told, real = self._texts[who][at], self._niches[at].real
        whole = parts(told, real)

        def of(taken: Rows | None) -> float:
            found = whole if taken is None else parts(told, real, rows=taken)
            return total({part: found.get(part, value) for part, value in whole.items()})

        return of

    def _halved(self, niche: Niche, figure: OfRows) -> Share:
        """With the spread over halves of what is held out, which is that of the whole: texts drawn twice, as an
        ordinary bootstrap does it, would lower what counts different ones.
        """
        chance = np.random.default_rng(self._seed)
        count = len(niche.test)
        found = [figure(np.sort(chance.choice(count, count // 2, replace=False))) for _ in range(HALVES)]
        value, spread = figure(None), 1.96 * float(np.std(found))
        return Share(round(value, 4), round(value - spread, 4), round(value + spread, 4))


def _less(one: OfRows, other: OfRows) -> OfRows:
    return lambda taken: one(taken) - other(taken)
