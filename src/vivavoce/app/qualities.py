"""What a header such as `Accept` prefers (RFC 9110, 12.4.2)."""

from __future__ import annotations


def quality_of(item: str) -> tuple[str, float]:
    """One item of the header in lower case, and its weight: 0 for what is not wanted, and for a weight that is none."""
    range_, *parameters = (part.strip().lower() for part in item.split(";"))
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                quality = float(parameter[2:])
            except ValueError:
                return range_, 0.0
            return range_, quality if 0.0 <= quality <= 1.0 else 0.0
    return range_, 1.0
