"""Wishes for the home, and panels of people of whom nothing is known but their own (CrowdRE)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vivavoce.panel.calibration.drawing import Floats, Rows
from vivavoce.panel.calibration.middles import unit
from vivavoce.panel.calibration.splits import SAME, alike, crossing, folds, near, numbered
from vivavoce.studies.calibration.files import number, table
from vivavoce.studies.port import Embedder

WISHES, RATINGS = "crowdre_goals.csv", "crowdre_ratings.csv"
FOLDS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """Wishes with who wrote them and what strangers think of them."""

    texts: list[str]
    niches: Rows
    niche_names: list[str]
    authors: Rows
    folds: Rows
    useful: Floats
    """Mean rating; not a number where nobody rated it."""
    raters: Floats
    """How many."""
    inside: Floats
    """Squared differences of its marks from their mean, summed."""
    vectors: Floats
    cosines: Floats
    """Of every two; those that say the same are strangers to each other, for who has seen one has seen the other."""
    leaks: dict[str, int]

    @property
    def rated(self) -> Rows:
        return np.flatnonzero(~np.isnan(self.useful))


async def load(folder: Path, embedder: Embedder, seed: int) -> Wishes:
    """
    Raises:
        NotHereError, InputError: a file is not there, or is another.
        MissingError: the embedder cannot be had.
    """
    marks: dict[str, list[float]] = {}
    for row in sorted(table(folder, RATINGS, ("id", "rater", "usefulness")), key=lambda row: (row["id"], row["rater"])):
        marks.setdefault(row["id"], []).append(number(row, "usefulness", RATINGS))
    rows = sorted(table(folder, WISHES, ("id", "niche", "text", "person")), key=lambda row: row["id"])
    texts = [row["text"] for row in rows]
    vectors = await embedder.embed(texts)
    authors = numbered([row["person"] or row["id"] for row in rows])
    names = sorted({row["niche"] for row in rows})
    exact = vectors.astype(np.float64)
    cosines = exact @ exact.T
    same = np.concatenate([near(vectors), alike(texts)])
    dealt = folds(authors, FOLDS, seed)
    marked = [np.array(marks.get(row["id"], ())) for row in rows]
    return Wishes(
        texts=texts,
        niches=np.array([names.index(row["niche"]) for row in rows]),
        niche_names=names,
        authors=authors,
        folds=dealt,
        useful=np.array([given.mean() if len(given) else np.nan for given in marked]),
        raters=np.array([float(len(given)) for given in marked]),
        inside=np.array([float(np.sum((given - np.mean(given)) ** 2)) if len(given) else 0.0 for given in marked]),
        vectors=exact,
        cosines=np.where(cosines > SAME, 0.0, cosines),
        leaks={"pairs of wishes that say the same, across folds; neither counts for the other": crossing(same, dealt)},
    )


def panel(found: Wishes, size: int, seed: Sequence[int], *, wrong: bool = False) -> Floats:
    """Mean over members of how near a wish is to the nearest of their own.

    Args:
        size: members; 0 for all there are.
        wrong: whether members are of other niches.
    """
    said = np.zeros(len(found.texts))
    for rows, members in seats(found, size, seed, wrong=wrong):
        said[rows] = np.mean([found.cosines[np.ix_(rows, own)].max(axis=1) for own in members], axis=0)
    return said


def seats(found: Wishes, size: int, seed: Sequence[int], *, wrong: bool = False) -> list[tuple[Rows, list[Rows]]]:
    """By niche and fold: the wishes that are judged, and each member's own. None of them wrote any of these."""
    chance = np.random.default_rng(list(seed))
    made = []
    for niche in range(len(found.niche_names)):
        for fold in range(FOLDS):
            rows = np.flatnonzero((found.niches == niche) & (found.folds == fold))
            pool = np.flatnonzero((found.folds != fold) & ((found.niches == niche) != wrong))
            authors = np.unique(found.authors[pool])
            drawn = chance.choice(authors, min(size, len(authors)), replace=False) if size else authors
            if len(rows) and len(drawn):
                made.append((rows, [pool[found.authors[pool] == author] for author in drawn]))
    return made


def niche_mean(found: Wishes) -> Floats:
    """How near a wish is to the middle of its niche, of other folds."""
    said = np.zeros(len(found.texts))
    for niche in range(len(found.niche_names)):
        for fold in range(FOLDS):
            rows = (found.niches == niche) & (found.folds == fold)
            others = (found.niches == niche) & (found.folds != fold)
            if rows.any() and others.any():
                said[rows] = found.vectors[rows] @ unit(found.vectors[others].mean(axis=0))
    return said


def one_rater(found: Wishes, rows: Rows) -> float:
    """How the mark of one rater correlates with another's of the same wish (one-way analysis of variance): 0 where they
    differ as much within wishes as between them. A rater who is strict with everything counts as noise.
    """
    many, means, inside = found.raters[rows], found.useful[rows], found.inside[rows]
    whole = many.sum()
    if len(rows) < 2 or whole == len(rows):
        return 0.0
    between = float(many @ (means - many @ means / whole) ** 2) / (len(rows) - 1)
    noise = float(inside.sum()) / (whole - len(rows))
    typical = (whole - float(many @ many) / whole) / (len(rows) - 1)
    spread = between + (typical - 1) * noise
    return max(0.0, float((between - noise) / spread)) if spread > 0 else 0.0


def ceiling(found: Wishes, rows: Rows) -> float:
    """What ranks of the means of so few raters correlate with at most, by whoever knew what everybody thinks: the root
    of their reliability (Spearman and Brown), as a correlation of ranks where both are normal.
    """
    one = one_rater(found, rows)
    if one == 0:
        return 0.0
    noise = (1 - one) / one * float((1 / found.raters[rows]).mean())
    return 6 / math.pi * math.asin((1 / (1 + noise)) ** 0.5 / 2)
