"""Short quantities of the agent file: 45s, 30d, 25MB, 3/day, 40 USD/day, 1 per 20s."""

from __future__ import annotations

import re
from typing import Literal, cast

import msgspec

Period = Literal["minute", "hour", "day", "week", "month"]
_SECONDS = {"s": 1.0, "min": 60.0, "m": 60.0, "h": 3600.0, "d": 86_400.0, "w": 604_800.0}
_BYTES = {"kb": 1_000, "mb": 1_000_000, "gb": 1_000_000_000}
_NUMBER = r"([0-9]{1,9}(?:\.[0-9]{1,6})?)"
_PERIOD = r"(minute|hour|day|week|month)"

DURATION = "a duration such as 45s, 20min, 2h or 30d"
SIZE = "a size such as 25MB"
RATE = "a rate such as 3/day"
SPEND = "money over time such as 40 USD/day"
PACE = "a pace such as 1 per 20s"
DECAY = "a factor such as 0.9 per turn"


class Rate(msgspec.Struct, frozen=True):
    count: int
    per: Period


class Spend(msgspec.Struct, frozen=True):
    """`currency` is an ISO 4217 code."""

    amount: float
    currency: str
    per: Period


class Pace(msgspec.Struct, frozen=True):
    count: int
    per_s: float


def duration_s(text: str) -> float | None:
    """Seconds of `45s`, `20min`, `2h`, `30d`, `1w`; None for anything else. So for all that follow."""
    found = re.fullmatch(_NUMBER + r" ?(s|min|m|h|d|w)", text)
    return float(found[1]) * _SECONDS[found[2]] if found else None


def size_bytes(text: str) -> int | None:
    """Bytes of `25MB`; units are decimal."""
    found = re.fullmatch(_NUMBER + r" ?(KB|MB|GB|kB)", text)
    return int(float(found[1]) * _BYTES[found[2].lower()]) if found else None


def rate(text: str) -> Rate | None:
    found = re.fullmatch(r"([0-9]{1,9}) ?/ ?" + _PERIOD, text)
    return Rate(int(found[1]), cast(Period, found[2])) if found else None


def spend(text: str) -> Spend | None:
    found = re.fullmatch(_NUMBER + r" ([A-Z]{3}) ?/ ?" + _PERIOD, text)
    return Spend(float(found[1]), found[2], cast(Period, found[3])) if found else None


def pace(text: str) -> Pace | None:
    found = re.fullmatch(r"([0-9]{1,6}) per (.+)", text)
    per_s = duration_s(found[2]) if found else None
    return Pace(int(found[1]), per_s) if found and per_s else None


def decay(text: str) -> float | None:
    found = re.fullmatch(r"(0\.[0-9]{1,6}|1(?:\.0)?) per turn", text)
    return float(found[1]) if found else None
