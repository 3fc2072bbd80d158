"""Times, names and values as a reader wants them."""

from __future__ import annotations

import math
import re
from datetime import datetime
from typing import Any

from vivavoce.findings.evidence import as_range, as_text
from vivavoce.tools.spoken import rounded

_ACRONYMS = frozenset(("cac", "ltv", "acv", "arpa"))
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def clean(text: object) -> str:
    """Text without control characters and lone surrogates, which no page can carry."""
    return _CONTROL.sub("", str(text)).encode("utf-8", "replace").decode()


def clock(ms: float) -> str:
    """71_400 -> "1:11"; hours appear when there are any."""
    seconds = int(ms) // 1000
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def span(ms: float) -> str:
    """71_400 -> "1 min 11 s"."""
    minutes, seconds = divmod(round(ms / 1000), 60)
    return f"{minutes} min {seconds:02} s" if minutes else f"{seconds} s"


def day(iso: str) -> str:
    """ "2026-11-21T10:04:00+01:00" -> "21 November 2026, 10:04"; what is no date stands as it came."""
    try:
        at = datetime.fromisoformat(iso)
    except ValueError:
        return clean(iso)
    zone = f" {at:%Z}" if at.tzinfo is not None else ""
    return f"{at.day} {at:%B %Y, %H:%M}{zone}"


def label(identifier: str) -> str:
    """ "last_event" -> "Last event"."""
    words = clean(identifier).replace("_", " ").strip()
    return words.upper() if words in _ACRONYMS else words[:1].upper() + words[1:]


def value(came: Any, type_text: str = "") -> str:
    """A fact's value by its type: 8 of 0..10 -> "8 of 10", 3.0 of percent -> "3 %"."""
    kind = type_text.rstrip("!")
    if kind == "percent" and isinstance(came, int | float):
        return f"{as_text(float(came))} %"
    scale = re.fullmatch(r"0\.\.(\d+)", kind)
    if scale and as_range(came) is not None and int(scale[1]) <= 100:
        return f"{as_text(came)} of {scale[1]}"
    return clean(as_text(came))


def near(came: float) -> float:
    """A computed figure with three digits that matter; more would claim what its inputs cannot carry."""
    return rounded(came, 3)


def figure(came: Any, unit: str = "", word: str = "") -> str:
    """A figure of a calculator with its unit; `word` stands where there is no number."""
    if isinstance(came, int | float) and not isinstance(came, bool) and math.isfinite(came):
        text = as_text(round(came, 2))
        return clean(f"{text} {unit}".rstrip())
    return clean(word or (as_text(came) if came is not None else "–"))
