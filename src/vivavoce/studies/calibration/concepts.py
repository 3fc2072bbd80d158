"""Ideas for products, and what people think of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vivavoce.panel.calibration.drawing import Floats, Rows
from vivavoce.panel.calibration.pairs import clear, of_means
from vivavoce.panel.calibration.splits import alike, crossing, families, near
from vivavoce.panel.clusters import clusters
from vivavoce.panel.stopwords import STOPWORDS
from vivavoce.studies.calibration.files import number, table
from vivavoce.studies.port import Embedder

IDEAS, RATINGS = "concept_ideas.csv", "concept_idea_ratings.csv"
FAMILY = 0.85
"""Cosine from which two ideas stay on one side: stricter than elsewhere, for all are about one subject."""
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
    """That hang together by any chain of near ones: none is on two sides of a split."""
    kin: Rows
    """That are near to each other on average: drawn together. By chains, most of one source would be one, and a draw
    with it or without it is no draw.
    """
    leaks: dict[str, int]

    def of(self, source: str) -> Rows:
        return np.array([at for at, each in enumerate(self.sources) if each == source], np.intp)

    def pairs(self, source: str) -> Rows:
        """Those that differ clearly."""
        return clear_pairs(self.of(source), self.means, self.errors)


def clear_pairs(rows: Rows, means: Floats, errors: Floats) -> Rows:
    """Pairs of some rows that differ clearly, shape (pairs, 2).

    Args:
        means: of all rows.
        errors: squared, of the means.
    """
    one, other = np.triu_indices(len(rows), 1)
    found = np.stack([rows[one], rows[other]], axis=1)
    return found[clear(of_means(means, errors, found))]


async def load(folder: Path, embedder: Embedder) -> tuple[list[str], Ideas]:
    """
    Raises:
        NotHereError, InputError: a file is not there, or is another.
        MissingError: the embedder cannot be had.
    """
    marks: dict[str, list[float]] = {}
    for row in sorted(table(folder, RATINGS, ("idea_id", "rater", "rating")), key=lambda row: row["rater"]):
        marks.setdefault(row["idea_id"], []).append(number(row, "rating", RATINGS))
    rows = sorted(table(folder, IDEAS, ("idea_id", "source", "text")), key=lambda row: row["idea_id"])
    rows = [row for row in rows if len(marks.get(row["idea_id"], ())) > 1]
    texts = [row["text"] for row in rows]
    ratings = [np.array(marks[row["idea_id"]]) for row in rows]
    vectors = await embedder.embed(texts)
    close, same = near(vectors, FAMILY), alike(texts)
    chains = families(len(texts), [*close, *same])
    kin = np.zeros(len(texts), np.intp)
    for at, group in enumerate(clusters(vectors, FAMILY)):
        kin[group] = at
    return texts, Ideas(
        ratings=ratings,
        means=np.array([each.mean() for each in ratings]),
        errors=np.array([each.var(ddof=1) / len(each) for each in ratings]),
        sources=[row["source"] for row in rows],
        vectors=vectors.astype(np.float64),
        length=np.log([max(1, len(text)) for text in texts]),
        families=chains,
        kin=kin,
        leaks={
            "pairs of ideas that say nearly the same, kept on one side": len(close) + len(same),
            "across folds": crossing(close, chains) + crossing(same, chains),
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
