"""How long a service asks to be left alone, as it says so in headers."""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import parsedate_to_datetime

UNTOLD_WAIT_S = 60.0
"""Where a service says "too many" and not how long; windows of a minute are the usual ones."""
_RATE_HEADERS = ("x-ratelimit", "x-rate-limit")
_EPOCH = 1e9
"""A reset beyond this is a time (GitHub), below it a number of seconds (Reddit, Product Hunt)."""


def asked_wait_s(headers: Mapping[str, str], now: float) -> float | None:
    """How long a refusal asks us to wait, by `Retry-After` (RFC 9110, 10.2.3) or by a spent rate limit."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    at = _http_date(text)
    if at is not None:
        return max(0.0, at - _their_now(headers, now))
    return spent_s(headers, now)


def spent_s(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds until a rate limit is fresh again, None while something is left of it."""
    for name in _RATE_HEADERS:
        left = _number(headers.get(f"{name}-remaining"))
        if left is None or left >= 1:
            continue
        reset = _number(headers.get(f"{name}-reset"))
        if reset is None:
            return UNTOLD_WAIT_S
        wait_s = reset - _their_now(headers, now) if reset > _EPOCH else reset
        return max(wait_s, 0.0) + 1.0  # whole seconds: the last one may have just begun
    return None


def _their_now(headers: Mapping[str, str], now: float) -> float:
    """The service's own clock, by which its times are meant; ours may be wrong."""
    at = _http_date(headers.get("date", ""))
    return now if at is None else at


def _http_date(text: str) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _number(text: str | None) -> float | None:
    try:
        number = float(text) if text is not None else None
    except ValueError:
        return None
    return number if number is not None and abs(number) < 1e12 else None
