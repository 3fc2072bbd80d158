"""Which of two ideas for a product people rate as more creative: what a sum of 15 figures says beyond length.

It is a measure and no respondent: what it says beyond length is too little to answer anybody with.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vivavoce.panel.calibration.drawing import Floats, Rows, mean_by_ends
from vivavoce.panel.calibration.middles import unit
from vivavoce.panel.calibration.pairs import clear, of_means, right
from vivavoce.panel.calibration.ridge import line
from vivavoce.panel.calibration.splits import alike, crossing, families, folds, near
from vivavoce.panel.outcome import Share
from vivavoce.panel.reasoner import OFFERS
from vivavoce.panel.stopwords import STOPWORDS
from vivavoce.studies.calibration.files import number, table
from vivavoce.studies.calibration.outcome import Column, Goal, Role, Row, Task, exactly, spread_over
from vivavoce.studies.port import Embedder

IDEAS, RATINGS = "concept_ideas.csv", "concept_idea_ratings.csv"
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
FAMILY = 0.85
"""Cosine from which two ideas stay on one side: stricter than elsewhere, for all are about one subject."""
FOLDS, REPEATS = 5, 20
RIDGES = (3.0, 10.0, 30.0, 100.0, 300.0)
ACROSS = 30.0
"""Ridge where one source is fitted on and the other tested: the middle one, for no inner folds are alike."""
ERROR = 0.05
"""Variance of ratings beyond what raters explain: keeps ideas with many raters from counting alone."""
NEIGHBOURS = 10
TRIES = 30
FLOOR, LENGTH, OURS, CEILING = "random", "length", "length, richness and ten statements (ours)", "30 people"
WORD = re.compile(r"[a-z']{3,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ideas:
    """Ideas with what people think of them."""

    ratings: list[Floats]
    means: Floats
    errors: Floats
    """Squared, of the means."""
    sources: list[str]
    vectors: Floats
    length: Floats
    families: Rows
    leaks: dict[str, int]

    def of(self, source: str) -> Rows:
        return np.array([at for at, each in enumerate(self.sources) if each == source], np.intp)

    def pairs(self, source: str) -> Rows:
        """Those that differ clearly."""
        rows = self.of(source)
        one, other = np.triu_indices(len(rows), 1)
        found = np.stack([rows[one], rows[other]], axis=1)
        return found[clear(of_means(self.means, self.errors, found))]


Scores = Callable[[Rows, Rows], Floats]
"""From rows that are fitted on and rows that are tested to the scores of the latter."""


async def ideas(folder: Path, embedder: Embedder, seed: int) -> Task:
    """
    Raises:
        NotHereError, InputError: a file is not there, or is another.
        MissingError: the embedder cannot be had.
    """
    texts, found = await _load(folder, embedder)
    axes = found.vectors @ (await embedder.embed(list(AXES.values()))).astype(np.float64).T
    wrong = [offer for niche in sorted(OFFERS) for offer in OFFERS[niche]][: len(AXES)]
    strangers = found.vectors @ (await embedder.embed(wrong)).astype(np.float64).T
    plain = np.hstack([found.length[:, None], richness(texts)])
    ours = np.hstack([plain, axes])
    sources = sorted(set(found.sources))
    columns = [Column(name, "percent") for name in sources] + [
        Column(f"{name}, over length", "points") for name in sources
    ]
    rows = [Row(who=FLOOR, role="control", figures={name: exactly(0.5) for name in sources})]

    def show(who: str, role: Role, scores: Scores, *, repeats: int = REPEATS) -> Row:
        rows.append(Row(who=who, role=role, figures=_folded(found, scores, sources, seed, repeats)))
        return rows[-1]

    show(LENGTH, "control", lambda _, rows_: found.length[rows_], repeats=REPEATS)
    show("niche mean: near to the middle of all", "control", lambda seen, rows_: _typical(found, seen, rows_))
    show("wrong niche: ten plain offers, learned", "control", _learned(found, np.hstack([plain, strangers])))
    show("verbatim: ratings of the 10 nearest", "control", lambda seen, rows_: _nearest(found, seen, rows_))
    show("length and richness, learned", "ablation", _learned(found, plain))
    show("ten statements alone, learned", "ablation", _learned(found, axes))
    best = show(OURS, "model", _learned(found, ours))
    if len(sources) > 1:
        rows.append(Row(who="ours, fitted on the other source", role="model", figures=_across(found, ours, sources)))
    for panel in (5, 10, 20, 30):
        rows.append(Row(who=f"{panel} people", role="people", figures=_people(found, panel, sources, seed)))
    gains = {name: best.figures[f"{name}, over length"] for name in sources}
    return Task(
        name="ideas",
        asks="which of two ideas people rate as more creative",
        counts={"ideas": len(texts), "families": int(found.families.max()) + 1}
        | {f"clear pairs, {name}": len(found.pairs(name)) for name in sources},
        split=f"{FOLDS} folds of families (cosine above {FAMILY}), {REPEATS} times; both ideas of a pair left out",
        interval="ideas drawn, not pairs",
        columns=tuple(columns),
        floor=FLOOR,
        ceiling=CEILING,
        rows=tuple(rows),
        figures={f"two halves of raters, {name}": _reliability(found, name, seed) for name in sources},
        leaks=found.leaks,
        goals=tuple(
            Goal(
                wanted=f"{name}: at least length alone",
                came=f"{100 * gain.value:+.1f} [{100 * gain.low:.1f}, {100 * gain.high:.1f}] points",
                met=gain.value >= 0,
            )
            for name, gain in gains.items()
        ),
        doubts=(
            "At least length, and no more can be said: the gain within folds has both signs in its interval.",
            "16 ideas with their ratings were looked at, and 24 combinations of columns compared, on these very folds.",
            "Rated is how creative an idea is; nobody was asked to buy it.",
            "A panel of people is held against pairs that the other raters call clear.",
        ),
    )


async def _load(folder: Path, embedder: Embedder) -> tuple[list[str], Ideas]:
    marks: dict[str, list[float]] = {}
    for row in sorted(table(folder, RATINGS, ("idea_id", "rater", "rating")), key=lambda row: row["rater"]):
        marks.setdefault(row["idea_id"], []).append(number(row, "rating", RATINGS))
    rows = sorted(table(folder, IDEAS, ("idea_id", "source", "text")), key=lambda row: row["idea_id"])
    rows = [row for row in rows if len(marks.get(row["idea_id"], ())) > 1]
    texts = [row["text"] for row in rows]
    ratings = [np.array(marks[row["idea_id"]]) for row in rows]
    vectors = await embedder.embed(texts)
    close, same = near(vectors, FAMILY), alike(texts)
    kin = families(len(texts), [*close, *same])
    return texts, Ideas(
        ratings=ratings,
        means=np.array([each.mean() for each in ratings]),
        errors=np.array([each.var(ddof=1) / len(each) for each in ratings]),
        sources=[row["source"] for row in rows],
        vectors=vectors.astype(np.float64),
        length=np.log([max(1, len(text)) for text in texts]),
        families=kin,
        leaks={
            "pairs of ideas that say nearly the same, kept on one side": len(close) + len(same),
            "across folds": crossing(close, kin) + crossing(same, kin),
        },
    )


def richness(texts: Sequence[str]) -> Floats:
    """Different content words, letters in them, their share of all, and how long they are; shape (texts, 4)."""
    found = []
    for text in texts:
        words = [word for word in WORD.findall(text.lower()) if word not in STOPWORDS]
        once = set(words)
        letters = sum(map(len, once))
        found.append(
            (np.log1p(len(once)), np.log1p(letters), len(once) / max(1, len(words)), letters / max(1, len(once)))
        )
    return np.array(found)


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


def _target(found: Ideas, seen: Rows) -> tuple[Floats, Floats]:
    """Ratings less the mean of their source, and what each weighs."""
    means = {
        name: found.means[[at for at in seen if found.sources[at] == name]].mean()
        for name in {found.sources[at] for at in seen}
    }
    values = np.array([found.means[at] - means[found.sources[at]] for at in seen])
    weights = 1 / (found.errors[seen] + ERROR)
    return values, weights / weights.mean()


def _folded(found: Ideas, scores: Scores, sources: Sequence[str], seed: int, repeats: int) -> dict[str, Share]:
    pairs = {name: found.pairs(name) for name in sources}
    hits = {name: np.zeros((3, len(pairs[name]))) for name in sources}
    for repeat in range(repeats):
        dealt = folds(found.families, FOLDS, seed + repeat)
        said = np.zeros(len(found.means))
        for fold in range(FOLDS):
            rows, seen = np.flatnonzero(dealt == fold), np.flatnonzero(dealt != fold)
            if len(rows) and len(seen):
                said[rows] = scores(seen, rows)
        for name in sources:
            its = pairs[name]
            both = dealt[its[:, 0]] == dealt[its[:, 1]]
            truth = found.means[its[:, 0]] - found.means[its[:, 1]]
            for at, each in enumerate((said, found.length)):
                hits[name][at, both] += right(each[its[:, 0]] - each[its[:, 1]], truth)[both]
            hits[name][2, both] += 1
    figures: dict[str, Share] = {}
    for name in sources:
        ours, length, times = hits[name][:, hits[name][2] > 0]
        its = pairs[name][hits[name][2] > 0]
        figures[name] = mean_by_ends(ours / times, its, seed=seed)
        figures[f"{name}, over length"] = mean_by_ends((ours - length) / times, its, seed=seed)
    return figures


def _across(found: Ideas, columns: Floats, sources: Sequence[str]) -> dict[str, Share]:
    figures: dict[str, Share] = {}
    for name in sources:
        seen = np.array([at for at, each in enumerate(found.sources) if each != name], np.intp)
        values, weights = _target(found, seen)
        said = line(columns[seen], values, weights, ACROSS)(columns)
        pairs = found.pairs(name)
        truth = found.means[pairs[:, 0]] - found.means[pairs[:, 1]]
        hits, length = (right(each[pairs[:, 0]] - each[pairs[:, 1]], truth) for each in (said, found.length))
        figures[name] = mean_by_ends(hits, pairs)
        figures[f"{name}, over length"] = mean_by_ends(hits - length, pairs)
    return figures


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


def _people(found: Ideas, panel: int, sources: Sequence[str], seed: int) -> dict[str, Share]:
    """A panel of raters, the others of whom decide what is clear."""
    chance = np.random.default_rng(seed)
    shares: dict[str, list[float]] = {name: [] for name in sources}
    for _ in range(TRIES):
        drawn = [chance.permutation(each) for each in found.ratings]
        said = np.array([each[:panel].mean() for each in drawn])
        rest = [each[panel:] if len(each) > panel + 1 else each for each in drawn]
        means = np.array([each.mean() for each in rest])
        errors = np.array([each.var(ddof=1) / len(each) for each in rest])
        for name in sources:
            rows = found.of(name)
            one, other = np.triu_indices(len(rows), 1)
            pairs = np.stack([rows[one], rows[other]], axis=1)
            pairs = pairs[clear(of_means(means, errors, pairs))]
            if len(pairs):
                truth = means[pairs[:, 0]] - means[pairs[:, 1]]
                shares[name].append(float(right(said[pairs[:, 0]] - said[pairs[:, 1]], truth).mean()))
    return {name: spread_over(each or [0.5]) for name, each in shares.items()}


def _reliability(found: Ideas, source: str, seed: int) -> Share:
    """Correlation of two halves of the raters, for all of them (Spearman and Brown)."""
    chance, values = np.random.default_rng(seed), []
    for _ in range(TRIES):
        drawn = [chance.permutation(found.ratings[at]) for at in found.of(source)]
        half = np.corrcoef([each[::2].mean() for each in drawn], [each[1::2].mean() for each in drawn])[0, 1]
        values.append(2 * half / (1 + half))
    return spread_over(values)
