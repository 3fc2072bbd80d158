"""Figures of a headline in words: a name that only its maker understands explains nothing."""

from __future__ import annotations

from vivavoce.panel.headlines.style import WORDS

_SAYINGS = {
    "chars": "its length",
    "chars_off": "how far it is from 80 characters",
    "words": "how many words it has",
    "long_words": "long words",
    "word_length": "the length of its words",
    "sentences": "how many sentences it has",
    "last_short": "a short last sentence",
    "digits": "a figure",
    "dollars": "a sign of money or per cent",
    "question": "a question",
    "ends_question": "that it ends in a question",
    "exclaims": "an exclamation mark",
    "dots": "three dots",
    "ends_stop": "that it ends in a full stop",
    "commas": "commas",
    "colon": "a colon",
    "dash": "a dash",
    "brackets": "brackets",
    "quotes": "quotation marks",
    "masked": "a masked word",
    "caps": "words in capitals",
    "title_case": "a capital on every word",
    "names": "names",
    "starts_digit": "that it begins with a figure",
    "thats": "“that's”, “here's”, “this is” or “it's”",
    "starts_pronoun": "that it begins with he, she or they",
    "starts_asks": "that it begins with a word of asking",
    "starts_look": "that it begins with something to see",
    "starts_if": "that it begins with if, when, after …",
    "starts_the": "that it begins with an article",
    "ed": "verbs of the past",
    "ing": "words in -ing",
    "ly": "words in -ly",
    "age": "somebody's age",
}
SHOWN = 3
"""Words of a list that stand for it."""


def saying(name: str) -> str:
    """A figure in words, whether more or less of it is meant: the sign of its weight says that."""
    kind, _, rest = name.partition(":")
    if kind == "near":
        return f"how near it is to “{WORDS.statements[rest]}”"
    if name.startswith("has_"):
        return f"words such as {', '.join(WORDS.lists[name[4:]][:SHOWN])}"
    return _SAYINGS[name]
