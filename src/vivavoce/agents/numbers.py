"""Numbers as people say and type them: "eight or nine", "half a million", "1.2k", "about forty percent", "a dozen".

English words, any script's digits. `quantities` finds every number in a text, `the_quantity` the one that is meant, or
none when it cannot be told: a doubtful number is asked for again rather than guessed.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from vivavoce.agents.cardinals import tokenise
from vivavoce.agents.numberscan import Quantity, scan
from vivavoce.agents.numberwords import WORDS

__all__ = ["Quantity", "quantities", "the_quantity", "tokens_of"]

_CORRECTION = re.compile(r"\bno(?=,)|(?<=, )no\b|\b(?:" + "|".join(WORDS.corrections) + r")\b")


def tokens_of(text: str) -> list[str]:
    """Words, numbers and signs in small letters, as `Quantity.start` and `.end` count them."""
    return [token.text for token in tokenise(text)]


def quantities(text: str) -> list[Quantity]:
    """Every number in a text, in order. "one" as a pronoun, ordinals, clock times and words such as q3 are none."""
    return scan(tokenise(text))


def the_quantity(text: str, prefers: Callable[[Quantity], bool] | None = None) -> Quantity | None:
    """The number that is meant as the answer.

    In this order: a correction ("seven, no, eight") leaves what follows it; those that `prefers` likes, if any; the
    only one, or several that say the same; one that only lead-in words precede. Otherwise none.
    """
    flat = " ".join(text.lower().split()).strip(" .!?,")
    if flat in WORDS.nothing:
        return Quantity(0.0, 0.0)
    corrections = list(_CORRECTION.finditer(flat))
    if corrections:
        after = the_quantity(flat[corrections[-1].end() :], prefers)
        if after is not None:
            return after
    tokens = tokenise(flat)
    found = scan(tokens)
    if prefers is not None:
        found = [each for each in found if prefers(each)] or found
    if not found:
        return None
    if len({(each.low, each.high, each.unit) for each in found}) == 1:
        return found[0]
    head = found[0]
    before = [token.text for token in tokens[: head.start] if token.text not in ",.-"]
    glued = len(found) > 1 and found[1].start == head.end  # "nineteen ninety nine" is a year, a price or two numbers
    return head if not glued and all(word in WORDS.lead_in for word in before) else None
