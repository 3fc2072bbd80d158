"""What a close of the live link means for the one who has to decide whether to dial again.

Source: close codes seen in practice; the code alone does not tell (1011 is anything from a hiccup to an empty purse),
the service's wording does, so rows match on the beginning of the reason. First row that fits wins.
"""

from __future__ import annotations

from enum import StrEnum


class CloseClass(StrEnum):
    FATAL = "fatal"
    """The same input fails again: say so and stop."""
    QUOTA = "quota"
    """Wait, and say so."""
    DEAD_HANDLE = "dead_handle"
    """The session to resume is gone: a fresh one, told what was heard."""
    TRANSIENT = "transient"
    """Dial again."""


_ROWS: tuple[tuple[int, str, CloseClass], ...] = (
    (1008, "Requested entity was not found", CloseClass.DEAD_HANDLE),
    (1008, "The operation was aborted", CloseClass.TRANSIENT),
    (1008, "Connection aborted because the client failed to close", CloseClass.TRANSIENT),
    (1008, "Operation is not implemented", CloseClass.TRANSIENT),
    (1008, "", CloseClass.FATAL),
    (1007, "", CloseClass.FATAL),
    (1011, "Your prepayment credits are depleted", CloseClass.FATAL),
    (1011, "Resource has been exhausted", CloseClass.QUOTA),
    (1011, "You exceeded your current quota", CloseClass.QUOTA),
)


def classify(code: int, reason: str) -> CloseClass:
    """Class of a close by code and reason; what no row names is transient."""
    for row_code, prefix, kind in _ROWS:
        if code == row_code and reason.startswith(prefix):
            return kind
    return CloseClass.TRANSIENT
