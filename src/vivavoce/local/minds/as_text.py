"""What a tool answered, as text for a voice or a language model."""

from __future__ import annotations

import msgspec


def as_text(value: object) -> str:
    """A string as it is, anything else as JSON. What is nested beyond all reason is "…"."""
    if isinstance(value, str):
        return value
    try:
        return msgspec.json.encode(value).decode()
    except RecursionError:
        return "…"
