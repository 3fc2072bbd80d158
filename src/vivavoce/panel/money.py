"""Which currencies a text speaks of. Prices in two currencies are not compared."""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from vivavoce.panel.packaged import packaged


class _Currencies(msgspec.Struct, frozen=True):
    names: dict[str, tuple[str, ...]]
    shared: dict[str, tuple[str, ...]]
    words: frozenset[str]


_DATA = packaged("currencies.yaml", _Currencies)
_CODES = {name.casefold(): code for code, names in _DATA.names.items() for name in (code, *names)}
_CODES |= {sign: sign for sign in _DATA.shared}
# the longest first, so that "US$" is no "$"; letters stand alone, so that there is no "EUR" in "5 europeans"
_ALONE = {
    name: rf"(?<![^\W\d_]){re.escape(name)}(?![^\W\d_])" if name.isalpha() else re.escape(name) for name in _CODES
}
_ALONE |= {name.casefold(): rf"(?-i:{_ALONE[name.casefold()].replace(name.casefold(), name)})" for name in _DATA.words}
_NAME = "|".join(_ALONE[name] for name in sorted(_ALONE, key=len, reverse=True))
_BEGINS = re.compile(_NAME, re.IGNORECASE)
_SUM = re.compile(rf"(?P<before>{_NAME})\s?\d|\d[km]?\s?(?P<after>{_NAME})", re.IGNORECASE)


def sums(text: str) -> frozenset[str]:
    """Currencies of the sums of money in a text: codes, or a sign that several share. Empty where it names no sum."""
    return frozenset(_CODES[(each["before"] or each["after"]).casefold()] for each in _SUM.finditer(text))


def code(name: str) -> str:
    """Of what somebody calls a currency, "EUR" and "EUR a month" alike; as it came where it is not known here, and
    empty for nothing.
    """
    known = _CODES.get(name.strip().casefold())
    if known is None and (begins := _BEGINS.match(name.strip())):
        known = _CODES[begins[0].casefold()]
    return known or name.strip()


def mixed(codes: Iterable[str]) -> bool:
    """Whether these are more than one currency, as far as anybody can tell."""
    found = {each for each in codes if each}
    told = found - _DATA.shared.keys()
    unclear = [set(_DATA.shared[sign]) for sign in found & _DATA.shared.keys()]
    return len(told) + len(unclear) > 1 and not (len(told) == 1 and all(told <= each for each in unclear))
