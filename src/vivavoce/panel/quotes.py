"""People's own words: whether a quote is one, and which sentence of a text to quote."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from vivavoce.panel.stopwords import STOPWORDS
from vivavoce.panel.texts import sentences, words

SHORTEST_CHARS, LONGEST_CHARS = 20, 300
"""Of a sentence that is quoted: below it hardly says anything, above nobody reads it. Not tuned."""
_PLAIN = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "\u00a0": " "})
_MARKS = ".…"
"""May be left off the end of a quote. A question mark may not: without it the sentence says something else."""


def is_verbatim(quote: str, text: str) -> bool:
    """Whether a quote is a text, or one or more whole sentences of it, word for word and in their order.

    Whole, because half a sentence can be true to the letter and say the opposite. What may differ is what no reader
    hears: the kind of white space and quotation marks, how characters are composed, a missing full stop.
    """
    wanted = {_whole(quote), _whole(_unwrapped(quote))}
    if not words(quote):
        return False
    if _whole(text) in wanted:
        return True
    longest = max(map(len, wanted))
    said = sentences(text)
    for first in range(len(said)):
        run = ""
        for sentence in said[first:]:
            run = f"{run} {_plain(sentence)}".lstrip()
            if run.rstrip(_MARKS) in wanted:
                return True
            if len(run.rstrip(_MARKS)) > longest:
                break
    return False


def best_sentence(text: str, about: str = "") -> str:
    """The sentence of a text to quote: the one with most words of what it is quoted for, the earliest of equals.

    Args:
        about: in a few words, such as a label; without it, or where no sentence has a word of it, the first will do.
    Returns:
        verbatim, of `SHORTEST_CHARS` to `LONGEST_CHARS`; empty where no sentence is.
    """
    return best_of(sentences(text), about)


def best_of(said: Sequence[str], about: str) -> str:
    """Of these sentences the one to quote (`best_sentence`)."""
    wanted = set(words(about)) - STOPWORDS
    fit = [sentence for sentence in said if SHORTEST_CHARS <= len(sentence) <= LONGEST_CHARS]
    return max(fit, key=lambda sentence: len(wanted.intersection(words(sentence))), default="")


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).translate(_PLAIN).split())


def _whole(text: str) -> str:
    return _plain(text).rstrip(_MARKS)


def _unwrapped(quote: str) -> str:
    """Without the quotation marks that somebody put around it."""
    plain = _plain(quote)
    return plain[1:-1] if plain.startswith('"') and plain.endswith('"') else plain
