"""Headlines that readers were shown by lot, and how many of them clicked (Upworthy Research Archive)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vivavoce.errors import InputError
from vivavoce.panel.calibration import pairs as pairing
from vivavoce.panel.calibration.drawing import Floats, Rows
from vivavoce.panel.calibration.pairs import clear, of_rates, pairs_within
from vivavoce.panel.calibration.splits import alike, crossing, families, folds, near, numbered
from vivavoce.panel.headlines.style import WORDS, style
from vivavoce.studies.calibration.files import number, table
from vivavoce.studies.port import Embedder

FILE = "upworthy_arms.csv"
COLUMNS = (
    "story_id", "test_id", "test_week", "eyecatcher_id", "headline", "impressions", "clicks", "randomisation_ok"
)  # fmt: skip
FOLDS = 10
LEAST_PAIRS = 20
"""Clear ones, below which nothing is learned from them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clicks:
    """Headlines, one a row, with what came of them and what they are like."""

    texts: list[str]
    tests: Rows
    """Test and picture: only within one were readers dealt by lot."""
    stories: Rows
    """Stories that share a headline, or one that says nearly the same, are one."""
    weeks: Floats
    hits: Floats
    shown: Floats
    folds: Rows
    pairs: Rows
    """Of one test, with different headlines."""
    twins: Rows
    """Of one test, with the same headline: between these, wording makes no difference."""
    truth: Floats
    """By pair, in standard errors."""
    clear: NDArray[np.bool_]
    style: Floats
    statements: Floats
    vectors: Floats
    leaks: dict[str, int]

    @property
    def won(self) -> Floats:
        rates = self.hits / self.shown
        found: Floats = (rates[self.pairs[:, 0]] > rates[self.pairs[:, 1]]).astype(np.float64)
        return found

    @property
    def story(self) -> Rows:
        """Of each pair."""
        return self.stories[self.pairs[:, 0]]

    def apart(self, scores: Floats) -> Floats:
        """Scores of pairs' firsts less those of their seconds."""
        found: Floats = scores[self.pairs[:, 0]] - scores[self.pairs[:, 1]]
        return found

    def right(self, differences: Floats) -> Floats:
        return pairing.right(differences, self.truth)


async def load(folder: Path, embedder: Embedder, seed: int) -> Clicks:
    """
    Raises:
        NotHereError, InputError: there is no such file, or it is another; or too few pairs differ clearly.
        MissingError: the embedder cannot be had.
    """
    rows = [row for row in table(folder, FILE, COLUMNS) if row["randomisation_ok"] == "True"]
    rows = [row for row in rows if number(row, "impressions", FILE) > 0]
    rows.sort(key=lambda row: [row[each] for each in COLUMNS])
    tests = numbered([(row["test_id"], row["eyecatcher_id"]) for row in rows])
    texts = [row["headline"] for row in rows]
    hits, shown = (np.array([number(row, name, FILE) for row in rows]) for name in ("clicks", "impressions"))
    both = pairs_within(tests)
    differs = np.array([texts[one] != texts[other] for one, other in both], np.bool_)
    found = both[differs]
    truth = of_rates(hits, shown, found)
    if clear(truth).sum() < LEAST_PAIRS:
        raise InputError(f"want at least {LEAST_PAIRS} pairs in {FILE} that differ clearly, got {clear(truth).sum()}")
    unique = sorted(set(texts))
    vectors = await embedder.embed(unique)
    place = {text: at for at, text in enumerate(unique)}
    at = np.array([place[text] for text in texts])
    close = near(vectors)
    stories, merged = _merged(numbered([row["story_id"] for row in rows]), at, close)
    if int(stories.max()) + 1 < FOLDS:
        raise InputError(f"want at least {FOLDS} stories in {FILE} that say different things, got {stories.max() + 1}")
    said = (await embedder.embed(list(WORDS.statements.values()))).astype(np.float64)
    by_row = vectors[at].astype(np.float64)
    dealt = folds(stories, FOLDS, seed)
    sides = np.zeros(len(unique), np.intp)
    sides[at] = dealt
    leaks = {
        "headlines of two stories that say the same, their stories merged": merged,
        "headlines that say the same, across folds": crossing(close, sides) + crossing(alike(unique), sides),
    }
    return Clicks(
        texts=texts,
        tests=tests,
        stories=stories,
        weeks=np.array([number(row, "test_week", FILE) for row in rows]),
        hits=hits,
        shown=shown,
        folds=dealt,
        pairs=found,
        twins=both[~differs],
        truth=truth,
        clear=clear(truth),
        style=style(texts),
        statements=by_row @ said.T,
        vectors=by_row,
        leaks=leaks,
    )


def _merged(stories: Rows, at: Rows, close: Rows) -> tuple[Rows, int]:
    """Stories with those that share a headline, or one nearly the same, as one; and how often that was so.

    Args:
        at: which of the different headlines each row has.
        close: pairs of different headlines that say nearly the same.
    """
    first: dict[int, int] = {}
    links = [(first.setdefault(int(text), int(story)), int(story)) for text, story in zip(at, stories, strict=True)]
    links += [(first[int(one)], first[int(other)]) for one, other in close]
    merged = families(int(stories.max()) + 1, links)
    return merged[stories], sum(one != other for one, other in links)
