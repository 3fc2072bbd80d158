"""What a check found."""

from __future__ import annotations

from typing import Literal

import msgspec

Grade = Literal["ok", "warn", "fail"]


class Finding(msgspec.Struct, frozen=True):
    """One line of the doctor's."""

    what: str
    """What was looked at: a word or two."""
    grade: Grade
    """`warn`: it works, and may not for long or not as wished. `fail`: it does not work."""
    says: str
    remedy: str = ""
    """What to do, as a sentence; empty where nothing need be done."""


def ok(what: str, says: str) -> Finding:
    return Finding(what, "ok", says)


def warn(what: str, says: str, remedy: str) -> Finding:
    return Finding(what, "warn", says, remedy)


def fail(what: str, says: str, remedy: str) -> Finding:
    return Finding(what, "fail", says, remedy)
