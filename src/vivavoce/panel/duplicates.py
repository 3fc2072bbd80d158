"""Which texts were said before: the same words exactly, or nearly (a repost, a correction, a line added).

Texts are compared by the runs of `RUN` signs they hold. Jaccard of two sets of runs is estimated by MinHash (Broder,
"On the resemblance and containment of documents", 1997), in bands, to find who is worth comparing; whether two are near
is then decided by their sets themselves.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from vivavoce.panel.insights import Insight

Runs: TypeAlias = NDArray[np.uint64]

RUN = 5
"""Signs in a run."""
NEAR = 0.7
"""Jaccard from which on two texts are the same thing said twice. Tuned with `SHORT` on 7,669 reviews, complaints and
questions (`python -m bench.duplicates --data`): from here on 98 % of texts with one word changed and 94 % of those with
a line added are found, and the 19 of them that are taken for copies of others read as such, each of them."""
SHORT = 60
"""Texts of fewer signs are compared as a whole: two people who ask the same short question use nearly the same words.
Compared from 40 signs on, 8 more were taken for copies, and were such."""
BANDS, ROWS = 16, 4
"""Two texts are compared when they agree in all rows of a band: at a Jaccard of 0.7 in 99 of 100
cases, at 0.3 in 12."""
SLACK = 0.25
"""So much less alike by the estimate, and the sets themselves are not looked at: four times its error (64 draws)."""
MOST_IN_BAND = 32
"""Texts of one band that another is compared with: what a thousand strangers have in common (a form, a footer) would
otherwise be compared a million times."""
CHUNK = 512
"""Texts hashed at a time: some 20 MB."""
MOST_HELD = 2_000
"""Sets of runs kept at hand for the next comparison: 64 MB, where all texts are as long as they may be."""
_SEEDS = np.random.Generator(np.random.PCG64(8)).integers(0, 2**63, BANDS * ROWS, dtype=np.uint64) * 2 + 1
_PRIME = np.uint64(0x9E3779B97F4A7C15)
_NOT_A_WORD = re.compile(r"[\W_]+")


def fingerprint(text: str) -> str:
    """16 hex digits, the same for texts that differ in nothing but case, spaces and punctuation."""
    return hashlib.blake2b(_plain(text).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def near(texts: Sequence[str]) -> list[int]:
    """For each text the index of the first one that it says again, its own where it is the first.

    What is named is always a first one itself, and near to each that names it.
    """
    return _firsts([_plain(text) for text in texts], [""] * len(texts))


def copies(insights: Sequence[Insight]) -> dict[str, str]:
    """Which insights say again what an earlier one of the corpus said: by id, the id of that one.

    The earliest counts as the first. A few words ("too expensive") said by two people who are known to be two are no
    copies: that they say the same is what we want to know.
    """
    ordered = sorted(insights, key=lambda each: (each.said_at is None, each.said_at or 0.0, each.id))
    plain = [_plain(each.text) for each in ordered]
    people = [
        f"{each.source} {each.person}" if each.person and len(text) < SHORT else ""
        for each, text in zip(ordered, plain, strict=True)
    ]
    firsts = _firsts(plain, people)
    return {ordered[i].id: ordered[first].id for i, first in enumerate(firsts) if first != i}


def _plain(text: str) -> str:
    words = _NOT_A_WORD.sub(" ", unicodedata.normalize("NFKC", text).casefold()).strip()
    return words or text.strip()  # signs alone are compared as they are


def _firsts(plain: Sequence[str], people: Sequence[str]) -> list[int]:
    known = _Known(plain)
    firsts: list[int] = []
    seen: dict[tuple[str, str], int] = {}
    for own, said in enumerate(zip(plain, people, strict=True)):
        first = seen.setdefault(said, own)
        if first == own and len(plain[own]) >= SHORT:
            first = seen[said] = known.nearest(own)
        firsts.append(first)
    return firsts


class _Known:
    """Texts that were nobody's copies so far, in their bands."""

    def __init__(self, plain: Sequence[str]) -> None:
        self._plain = plain
        # half of each number is kept: enough to tell whether two are the same
        self._least = np.empty((len(plain), _SEEDS.size), np.uint32)
        self._keys = np.empty((len(plain), BANDS), np.uint64)
        for start in range(0, len(plain), CHUNK):
            least = _least_of(plain[start : start + CHUNK])
            self._least[start : start + CHUNK] = least >> np.uint64(32)
            self._keys[start : start + CHUNK] = _folded(least)
        self._bands: list[dict[int, list[int]]] = [{} for _ in range(BANDS)]
        self._runs: dict[int, Runs] = {}

    def nearest(self, own: int) -> int:
        """The earliest text that this one is near to; itself, which is known from now on, where there is none."""
        keys: list[int] = self._keys[own].tolist()
        met = sorted({other for band, key in zip(self._bands, keys, strict=True) for other in band.get(key, ())})
        if met:
            alike = (self._least[met] == self._least[own]).mean(axis=1)
            for other in np.asarray(met)[alike >= NEAR - SLACK].tolist():
                if _jaccard(self._runs_of(own), self._runs_of(other)) >= NEAR:
                    return int(other)
        for band, key in zip(self._bands, keys, strict=True):
            inside = band.setdefault(key, [])
            if len(inside) < MOST_IN_BAND:
                inside.append(own)
        return own

    def _runs_of(self, text: int) -> Runs:
        if text not in self._runs:
            if len(self._runs) >= MOST_HELD:
                self._runs.clear()
            self._runs[text] = np.unique(_hashed(_signs(self._plain[text])))
        return self._runs[text]


def _jaccard(one: Runs, other: Runs) -> float:
    both = int(np.intersect1d(one, other, assume_unique=True).size)
    return both / (one.size + other.size - both)


def _signs(text: str) -> Runs:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)


def _hashed(signs: Runs) -> Runs:
    """A number for each run of signs, that run and no other as good as surely; one for a text shorter than a run."""
    count = max(1, signs.size - RUN + 1)
    hashed = np.zeros(count, np.uint64)
    for offset in range(min(RUN, signs.size)):
        hashed = (hashed ^ signs[offset : offset + count]) * _PRIME
        hashed ^= hashed >> np.uint64(29)
    return hashed


def _least_of(plain: Sequence[str]) -> Runs:
    """For each text and each seed the least of its runs: two texts agree in as many of them as their sets are alike."""
    # laid end to end, with so many blanks between them that no run reaches from one into the next
    signs = [_signs(text) for text in plain]
    gap = np.zeros(RUN, np.uint64)
    laid = np.concatenate([part for each in signs for part in (each, gap)])
    counts = [max(1, each.size - RUN + 1) for each in signs]
    begins = np.cumsum([0, *(each.size + RUN for each in signs[:-1])])
    own = np.concatenate([np.arange(begin, begin + count) for begin, count in zip(begins, counts, strict=True)])
    runs = _hashed(laid)[own]
    starts = np.cumsum([0, *counts[:-1]])
    least = np.empty((len(plain), _SEEDS.size), np.uint64)
    for column, seed in enumerate(_SEEDS):
        least[:, column] = np.minimum.reduceat(runs * seed, starts)
    return least


def _folded(least: Runs) -> Runs:
    """One number a band: where two agree in it, they agree in all its rows."""
    folded = np.zeros((len(least), BANDS), np.uint64)
    for row in range(ROWS):
        folded = (folded ^ least[:, row::ROWS]) * _PRIME
        folded ^= folded >> np.uint64(32)
    return folded
