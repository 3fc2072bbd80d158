"""Arguments as facts hold them: money with or without a currency, percents as 40.0."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vivavoce.errors import InputError


def amount(value: Any) -> float:
    """79, or {"amount": 79, "currency": "USD"} -> 79.0."""
    return float(value["amount"] if isinstance(value, Mapping) else value)


def currency(*values: Any) -> str:
    """The one currency that was named, "" when none was.

    Raises:
        InputError: two different ones; a rate would have to be invented.
    """
    named = {str(v["currency"]).upper() for v in values if isinstance(v, Mapping) and v.get("currency")}
    if len(named) > 1:
        raise InputError(f"want one currency, got {' and '.join(sorted(named))}")
    return named.pop() if named else ""
