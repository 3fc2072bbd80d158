"""English number words, as data (`data/numbers.yaml`)."""

from __future__ import annotations

import msgspec

from vivavoce.agents.packaged import packaged


class NumberWords(msgspec.Struct, frozen=True):
    version: int
    units: dict[str, int]
    teens: dict[str, int]
    tens: dict[str, int]
    scales: dict[str, float]
    groups: dict[str, float]
    parts: dict[str, int]
    times: dict[str, int]
    currencies: dict[str, str]
    codes: frozenset[str]
    dollars: dict[str, str]
    cents: dict[str, str]
    nothing: frozenset[str]
    corrections: tuple[str, ...]
    lead_in: frozenset[str]
    months: dict[str, int]
    ordinals: dict[str, int]


WORDS = packaged("numbers.yaml", NumberWords)
CURRENCIES = WORDS.currencies | {code: code.upper() for code in WORDS.codes}
"""Signs, words and codes in small letters, to ISO 4217 codes."""
SMALL = WORDS.units | WORDS.teens | WORDS.tens
"""Every single word for a number below a hundred."""
