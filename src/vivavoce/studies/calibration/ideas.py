"""Which of two ideas for a product people rate as more creative: what a sum of 15 figures says beyond length.

It is a measure and no respondent: what it says beyond length is too little to answer anybody with.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from vivavoce.errors import InputError
from vivavoce.panel.calibration.drawing import Floats, Rows, mean_by_ends
from vivavoce.panel.calibration.middles import unit
from vivavoce.panel.calibration.ridge import line
from vivavoce.panel.calibration.splits import folds
from vivavoce.panel.reasoner import OFFERS
from vivavoce.studies.calibration.concepts import FAMILY, Ideas, load, richness
from vivavoce.studies.calibration.goals import goal
from vivavoce.studies.calibration.measured import Measured
from vivavoce.studies.calibration.outcome import Column, Role, Row, Task, exactly, other
from vivavoce.studies.calibration.raters import halves, panel
from vivavoce.studies.port import Embedder

AXES = {
    "new": "I have never heard of anything like this before.",
    "usual": "There are already a hundred apps that do this.",
    "fun": "It makes something dull into a game that I want to play.",
    "clever": "A clever use of technology nobody thought of.",
    "useful": "A practical tool that solves a daily problem.",
    "personal": "It learns about me and changes with me.",
    "people": "It brings people together who help each other.",
    "odd": "A strange and funny idea.",
    "vague": "An app that helps people to be healthier.",
    "reminder": "An app that reminds me to drink water and tracks my steps.",
}
"""By us; nothing of anybody's ideas."""
FOLDS, REPEATS = 5, 20
RIDGES = (3.0, 10.0, 30.0, 100.0, 300.0)
ERROR = 0.05
"""Variance of ratings beyond what raters explain: keeps ideas with many raters from counting alone."""
NEIGHBOURS = 10
PANELS = (5, 10, 20, 30)
FLOOR, LENGTH, OURS, CEILING = "random", "length", "length, richness and ten statements (ours)", "30 people"
Scores = Callable[[Rows, Rows], Floats]
"""From rows that are fitted on and rows that are tested to the scores of the latter."""


async def ideas(folder: Path, embedder: Embedder, seed: int) -> Task:
    """
    Raises:
        NotHereError, InputError: a file is not there, or is another.
        MissingError: the embedder cannot be had.
    """
    texts, found = await load(folder, embedder)
    axes = found.vectors @ (await embedder.embed(list(AXES.values()))).astype(np.float64).T
    wrong = [offer for niche in sorted(OFFERS) for offer in OFFERS[niche]][: len(AXES)]
    strangers = found.vectors @ (await embedder.embed(wrong)).astype(np.float64).T
    plain = np.hstack([found.length[:, None], richness(texts)])
    ours = _learned(found, np.hstack([plain, axes]))
    tested = _Tested(found, seed)
    tested.show(FLOOR, "control", lambda _, rows: np.zeros(len(rows)))
    tested.show(LENGTH, "control", lambda _, rows: found.length[rows])
    tested.show("niche mean: near to the middle of all", "control", partial(_typical, found))
    tested.show("wrong niche: ten plain offers, learned", "control", _learned(found, np.hstack([plain, strangers])))
    tested.show("verbatim: ratings of the 10 nearest", "control", partial(_nearest, found))
    tested.show("length and richness, learned", "ablation", _learned(found, plain))
    tested.show("ten statements alone, learned", "ablation", _learned(found, axes))
    best = tested.show(OURS, "model", ours)
    if len(tested.pairs) > 1:
        tested.show("ours, fitted on the other source", "model", _of_others(found, ours))
    tested.people(ours)
    return Task(
        name="ideas",
        asks="which of two ideas people rate as more creative",
        counts={
            "ideas": len(texts),
            "families": int(found.families.max()) + 1,
            "groups that are drawn": int(found.kin.max()) + 1,
        }
        | {f"clear pairs ({name})": len(found.pairs(name)) for name in tested.pairs},
        split=f"{FOLDS} folds of families (chains of cosines above {FAMILY}), {REPEATS} times; both ideas of a pair "
        "left out",
        interval=f"groups of ideas drawn, not pairs (those near to each other on average, above {FAMILY})",
        columns=tested.columns,
        floor=FLOOR,
        ceiling=CEILING,
        rows=(*tested.rows, *tested.others(ours)),
        leaks=found.leaks,
        goals=tuple(
            goal(f"{name}, gain over length alone", best.figures[_over(name)], "at least", 0, "points")
            for name in tested.pairs
        ),
        doubts=(
            "Not told apart from length: the gain within folds has both signs in its interval.",
            "Drawn by whole families of the split instead, one of which holds most ideas of one source, there is next "
            "to nothing to draw, and the gain may be anything.",
            "16 ideas with their ratings were looked at, and 24 combinations of columns compared, on these very folds.",
            "Rated is how creative an idea is; nobody was asked to buy it.",
            "A panel of people is held against pairs that the other raters call clear, which are fewer and clearer: "
            "ours on those very pairs is a row of its own, to be held against the ceiling.",
        ),
    )


class _Tested:
    """Scores of ideas that were left out of what they were fitted on, by source."""

    def __init__(self, found: Ideas, seed: int) -> None:
        self._found, self._seed = found, seed
        self._dealt = np.array([folds(found.families, FOLDS, seed + at) for at in range(REPEATS)])
        together = (self._dealt[:, :, None] == self._dealt[:, None, :]).any(axis=0)
        sources = sorted(set(found.sources))
        self.pairs = {name: its[together[its[:, 0], its[:, 1]]] for name in sources if len(its := found.pairs(name))}
        if not self.pairs:
            raise InputError("want ideas that differ clearly in their ratings, got none")
        self.columns = tuple(Column(name, "percent") for name in self.pairs) + tuple(
            Column(_over(name), "points") for name in self.pairs
        )
        self._known: dict[Scores, Floats] = {}
        self._length: Scores = lambda _, rows: found.length[rows]
        self._measured = Measured(
            {name: partial(mean_by_ends, pairs=its, groups=found.kin, seed=seed) for name, its in self.pairs.items()},
            {_over(name): name for name in self.pairs},
            self._right(self._orders(self._length)),
        )

    @property
    def rows(self) -> list[Row]:
        return self._measured.rows

    def show(self, who: str, role: Role, scores: Scores) -> Row:
        return self._measured.row(who, role, self._right(self._orders(scores)))

    def people(self, ours: Scores) -> None:
        """Panels of raters, and ours on the pairs on which the largest of them is held."""
        found, seed = self._found, self._seed
        drawn = "raters dealt, and groups of ideas"
        for size in PANELS:
            figures = {name: panel(found, name, size, seed) for name in self.pairs}
            self.rows.append(Row(who=f"{size} people", role="people", figures=figures, drawn=drawn))
        orders = self._orders(ours)
        figures = {name: panel(found, name, PANELS[-1], seed, orders) for name in self.pairs}
        self.rows.append(Row(who=f"ours on the pairs of {CEILING}", role="model", figures=figures, drawn=drawn))

    def others(self, ours: Scores) -> list[Row]:
        found, made = self._found, []
        right, length = self._right(self._orders(ours)), self._right(self._orders(self._length))
        for name, its in self.pairs.items():
            share = mean_by_ends(right[name] - length[name], its, found.families, seed=self._seed)
            made.append(other(f"{_over(name)}, share", share, floor=exactly(0.0), drawn="whole families of the split"))
        made += [
            other(
                f"{name}, two halves of raters correlate (Spearman and Brown)",
                halves(found, name, self._seed),
                floor=exactly(0.0),
                ceiling=exactly(1.0),
                drawn="raters dealt, and groups of ideas",
            )
            for name in self.pairs
        ]
        return made

    def _orders(self, scores: Scores) -> Floats:
        """How one idea stands to another, from -1 to 1: the mean over the times both were left out together."""
        if scores not in self._known:
            count = len(self._found.means)
            signs, times = np.zeros((count, count)), np.zeros((count, count))
            for dealt in self._dealt:
                for fold in range(FOLDS):
                    rows, seen = np.flatnonzero(dealt == fold), np.flatnonzero(dealt != fold)
                    if len(rows) and len(seen):
                        said = scores(seen, rows)
                        signs[np.ix_(rows, rows)] += np.sign(said[:, None] - said)
                        times[np.ix_(rows, rows)] += 1
            self._known[scores] = signs / np.maximum(times, 1)
        return self._known[scores]

    def _right(self, orders: Floats) -> dict[str, Floats]:
        """By pair: how often it is put right."""
        means = self._found.means
        return {
            name: 0.5 + 0.5 * orders[its[:, 0], its[:, 1]] * np.sign(means[its[:, 0]] - means[its[:, 1]])
            for name, its in self.pairs.items()
        }


def _over(name: str) -> str:
    return f"{name}, over length"


def _learned(found: Ideas, columns: Floats) -> Scores:
    def scores(seen: Rows, rows: Rows) -> Floats:
        values, weights = _target(found, seen)
        inner = folds(found.families, FOLDS, 0)[seen]
        loss = dict.fromkeys(RIDGES, 0.0)
        for fold in range(FOLDS):
            kept, out = inner != fold, inner == fold
            if not (kept.any() and out.any()):
                continue
            for ridge in RIDGES:
                said = line(columns[seen[kept]], values[kept], weights[kept], ridge)(columns[seen[out]])
                loss[ridge] += float((weights[out] * (said - values[out]) ** 2).sum())
        return line(columns[seen], values, weights, min(loss, key=lambda ridge: loss[ridge]))(columns[rows])

    return scores


def _of_others(found: Ideas, scores: Scores) -> Scores:
    """Those of a source by what was fitted on the others."""
    sources = np.array(found.sources)

    def of_others(seen: Rows, rows: Rows) -> Floats:
        said = np.zeros(len(rows))
        for name in np.unique(sources[rows]):
            its = sources[rows] == name
            strangers = seen[sources[seen] != name]
            if len(strangers):
                said[its] = scores(strangers, rows[its])
        return said

    return of_others


def _target(found: Ideas, seen: Rows) -> tuple[Floats, Floats]:
    """Ratings less the mean of their source, and what each weighs."""
    means = {
        name: found.means[[at for at in seen if found.sources[at] == name]].mean()
        for name in {found.sources[at] for at in seen}
    }
    values = np.array([found.means[at] - means[found.sources[at]] for at in seen])
    weights = 1 / (found.errors[seen] + ERROR)
    return values, weights / weights.mean()


def _typical(found: Ideas, seen: Rows, rows: Rows) -> Floats:
    middle = unit(found.vectors[seen].mean(axis=0))
    said: Floats = found.vectors[rows] @ middle
    return said


def _nearest(found: Ideas, seen: Rows, rows: Rows) -> Floats:
    values, _ = _target(found, seen)
    cosines = found.vectors[rows] @ found.vectors[seen].T
    first = np.argsort(-cosines, axis=1, kind="stable")[:, :NEIGHBOURS]
    said: Floats = values[first].mean(axis=1)
    return said
