"""Finding terms in a text: each a few words, where `*` stands for any ending of a word."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

FEWEST = 2
"""Letters before a `*`. Fewer would be any word."""


@dataclass(frozen=True, slots=True)
class Term:
    owner: str
    """Whose it is. Terms of two owners do not know of each other."""
    text: str
    value: float


@dataclass(frozen=True, slots=True)
class Found:
    """A term that stands in a text."""

    term: Term
    at: int
    """Of its first word."""
    words: int


class Terms:
    """Many terms, looked for at once. Where one holds another of the same owner, only the longer is found."""

    def __init__(self, terms: Iterable[Term]) -> None:
        self._whole: dict[str, list[tuple[Term, tuple[str, ...]]]] = {}
        self._begun: dict[str, list[tuple[Term, tuple[str, ...]]]] = {}
        for term in terms:
            first, *rest = term.text.split()
            stem = first.rstrip("*")
            assert stem == first or len(stem) >= FEWEST, f"{term.text!r} would be any word"
            index = self._whole if stem == first else self._begun
            index.setdefault(stem, []).append((term, tuple(rest)))

    def find(self, words: Sequence[str]) -> list[Found]:
        """The terms in a text, from left to right, none over another of its owner."""
        found: list[Found] = []
        free_at: dict[str, int] = {}
        for at, word in enumerate(words):
            longest: dict[str, Found] = {}
            for term, rest in self._beginning_with(word):
                if at < free_at.get(term.owner, 0) or not _stand(rest, words, at + 1):
                    continue
                best = longest.get(term.owner)
                # of two that are as long the one that says more of its words
                if best is None or (1 + len(rest), len(term.text)) > (best.words, len(best.term.text)):
                    longest[term.owner] = Found(term, at, 1 + len(rest))
            for owner, best in longest.items():
                free_at[owner] = at + best.words
                found.append(best)
        return found

    def _beginning_with(self, word: str) -> Iterator[tuple[Term, tuple[str, ...]]]:
        yield from self._whole.get(word, ())
        for length in range(FEWEST, len(word) + 1):
            yield from self._begun.get(word[:length], ())


def _stand(rest: tuple[str, ...], words: Sequence[str], at: int) -> bool:
    """Whether these words stand there."""
    if not rest:
        return True
    return at + len(rest) <= len(words) and all(
        word.startswith(wanted[:-1]) if wanted.endswith("*") else word == wanted
        for wanted, word in zip(rest, words[at : at + len(rest)], strict=True)
    )
