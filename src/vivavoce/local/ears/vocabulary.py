"""What the recogniser is helped with: the packaged phrases and the words of one agent file, as a language model."""

from __future__ import annotations

import re
from collections.abc import Iterable

from vivavoce.local.ears.arpa import arpa
from vivavoce.local.ears.phrases import packaged_sentences

MOST_WORDS = 5_000
"""Distinct words taken from an agent file; a model of that size loads in about 0.1 s."""

_WORD = re.compile(r"[a-z]+(?:'[a-z]+)*")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


def spoken_words(text: str) -> tuple[str, ...]:
    """The words of a text as a dictionary spells them: lower case, no digits, names like `last_event` taken apart."""
    return tuple(_WORD.findall(_CAMEL.sub(" ", text).replace("’", "'").lower()))


def vocabulary(texts: Iterable[str]) -> tuple[str, list[str]]:
    """The helping language model and the agent file's own words, in order and each once.

    Args:
        texts: words, names or sentences; each text counts as something that may be said.
    Returns:
        ARPA text over packaged phrases and these texts, and the distinct words of the texts.
    """
    words: dict[str, None] = {}
    sentences = []
    for text in texts:
        sentence = spoken_words(text)
        words.update(dict.fromkeys(sentence))
        if len(words) > MOST_WORDS:
            break
        if sentence:
            sentences.append(sentence)
    return arpa([*packaged_sentences(), *sentences], words), list(words)[:MOST_WORDS]
