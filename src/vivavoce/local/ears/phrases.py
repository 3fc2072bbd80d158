"""The packaged phrases (data/phrases.txt), written out: every word of every set stands in every place at least once.

Not every combination is written out ("<ten> <digit>" has 72): sets turn side by side, each by its own step, which
shows a trigram model every word in every place without letting one template outweigh all others.
"""

from __future__ import annotations

import re
from importlib import resources

_SET = re.compile(r"<([a-z]+)>")

Sentence = tuple[str, ...]


def packaged_sentences() -> list[Sentence]:
    """All packaged phrases, written out; order is the file's."""
    return write_out(resources.files("vivavoce.local").joinpath("data/phrases.txt").read_text("utf-8"))


def write_out(source: str) -> list[Sentence]:
    """The sentences a phrase file stands for.

    Args:
        source: lines "<set> = a | b c | d", sentences with "<set>" in them, "#" comments.
    Raises:
        KeyError: a sentence names a set that no earlier line defines.
    """
    sets: dict[str, list[str]] = {}
    sentences: list[Sentence] = []
    for line in (raw.strip() for raw in source.splitlines()):
        if not line or line.startswith("#"):
            continue
        name, equals, members = line.partition("=")
        if equals:
            sets[name.strip(" <>")] = [member.strip() for member in members.split("|")]
        else:
            sentences += _turned(line, sets)
    return sentences


def _turned(template: str, sets: dict[str, list[str]]) -> list[Sentence]:
    """One sentence per member of the largest set; the other sets turn along."""
    pieces = _SET.split(template)
    used = [sets[name] for name in pieces[1::2]]
    turns = max((len(members) for members in used), default=1)
    sentences = []
    for turn in range(turns):
        filled = list(pieces)
        for place, members in enumerate(used):
            filled[2 * place + 1] = members[(turn + place) % len(members)]
        sentences.append(tuple("".join(filled).split()))
    return sentences
