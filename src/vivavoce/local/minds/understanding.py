"""What an answer holds: values by field, from the field types and the figures in it.

The rule throughout: a value that cannot be told for sure is not taken; it is asked for again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from vivavoce.agents import Field, FieldType
from vivavoce.agents.numbers import Quantity, quantities, tokens_of
from vivavoce.errors import FieldValueError
from vivavoce.local.minds.mood import cleaned, flat, says_nothing, without_copula
from vivavoce.local.minds.wording import WORDING, mentions

NUMERIC = ("number", "range", "percent", "money")
NARRATIVE = ("text", "quote", "story")
NEAR = 6
"""Words between a field's name and its figure: "our churn is, I would say, about four percent" has six."""


_ARTICLE = re.compile(r"^(?:also|mostly|maybe|the|an?|some)\s+", re.IGNORECASE)
_ADDRESSES = {
    "email": re.compile(r"[\w+-]+(?:(?:\.| dot | underscore | dash )[\w+-]+)*(?: at |@)[\w-]+(?:(?:\.| dot )[\w-]+)+"),
    "url": re.compile(r"(?:https?://|www\.|www dot )\S+(?: (?:dot|slash) \S+)*"),
}
_NEGATED = re.compile(r"\b(?:not|no|never|neither|nor|nobody|none|nothing)\b|n't\b")


MOST_FIGURES = 16
"""Figures looked at in one answer. People give one to three; pairing them with fields costs the cube of their number.
"""


def gather(text: str, target: Field | None, others: Iterable[Field]) -> dict[str, Any]:
    """Values an answer holds, by field.

    The target takes what its type can make of the answer. Another field takes a figure only when the caller names the
    field beside it, or when the talk is about figures and both field and figure are the only ones of their unit; e-mail
    and web addresses are taken wherever they turn up.
    """
    fields = {field.id: field for field in others if target is None or field.id != target.id}
    figures = _Figures(text)
    found = figures.named([*([target] if target is not None else []), *fields.values()])
    if target is not None and target.id not in found:
        value = _figure(text, target.type, figures) if target.type.kind in NUMERIC else _value(text, target.type)
        if value is not None:
            found[target.id] = value
    if target is not None and target.type.kind in NUMERIC:
        found |= figures.only([field for field in fields.values() if field.id not in found])
    for field in fields.values():
        if field.id not in found and field.type.kind in _ADDRESSES:
            value = _address(field.type, text)
            if value is not None:
                found[field.id] = value
    return found


def named_fields(text: str, fields: Iterable[Field]) -> list[Field]:
    """The fields a caller names."""
    tokens = tokens_of(text)
    return [field for field in fields if _positions(tokens, field.id)]


class _Figures:
    """The figures of an answer, each given away at most once."""

    def __init__(self, text: str) -> None:
        self._tokens = tokens_of(text)
        self._places: dict[str, list[tuple[int, int]]] = {}
        self.all = quantities(text)[:MOST_FIGURES]
        self.free = list(self.all)

    def named(self, fields: Sequence[Field]) -> dict[str, Any]:
        """Figures that stand beside the name of their field."""
        pairs = []
        for order, field in enumerate(fields):
            if field.type.kind not in NUMERIC:
                continue
            for quantity in self.free:
                gap = self._gap(field, quantity)
                most = 1 if field.type.kind == "number" and order else NEAR
                if gap is not None and gap <= most and self.fits(field.type, quantity, bare=True):
                    pairs.append((gap, order, field, quantity))
        found: dict[str, Any] = {}
        for _, _, field, quantity in sorted(pairs, key=lambda pair: pair[:2]):
            if field.id not in found and quantity in self.free:
                self._give(field, quantity, found)
        return found

    def only(self, fields: Sequence[Field]) -> dict[str, Any]:
        """Figures whose unit says which field they belong to, because there is one of each."""
        found: dict[str, Any] = {}
        for kind in ("money", "percent"):
            open_ = [field for field in fields if field.type.kind == kind]
            fitting = [quantity for quantity in self.free if open_ and self.fits(open_[0].type, quantity, bare=False)]
            if len(open_) == 1 and len(fitting) == 1:
                self._give(open_[0], fitting[0], found)
        return found

    def fits(self, kind: FieldType, quantity: Quantity, *, bare: bool) -> bool:
        """Whether a figure can belong to a type; `bare` lets one without a unit pass."""
        follows = self._tokens[quantity.end] if quantity.end < len(self._tokens) else ""
        if kind.kind == "range" and follows in WORDING.spans:
            return False  # "it took three weeks" is no three out of ten
        return _fits(kind, quantity, bare=bare)

    def marks(self, kind: FieldType) -> bool:
        """Whether any figure can be a mark on a scale; an answer without figures, such as "none", may be one too."""
        return not self.all or any(self.fits(kind, quantity, bare=True) for quantity in self.all)

    def _give(self, field: Field, quantity: Quantity, found: dict[str, Any]) -> None:
        value = _checked(field.type, _typed(field.type, quantity))
        if value is not None:
            found[field.id] = value
            self.free.remove(quantity)

    def _gap(self, field: Field, quantity: Quantity) -> int | None:
        """Words between a figure and the nearest mention of a field with no other figure in between."""
        gaps = []
        if field.id not in self._places:
            self._places[field.id] = _positions(self._tokens, field.id)
        for start, end in self._places[field.id]:
            low, high = (end, quantity.start) if end <= quantity.start else (quantity.end, start)
            if not any(low <= other.start < high for other in self.free if other is not quantity):
                gaps.append(max(0, high - low))
        return min(gaps, default=None)


def _positions(tokens: list[str], name: str) -> list[tuple[int, int]]:
    """Where a field is mentioned, as token spans."""
    spans = []
    for phrase in mentions(name):
        words = phrase.split()
        for at in range(len(tokens) - len(words) + 1):
            if tokens[at : at + len(words)] == words:
                spans.append((at, at + len(words)))
    return spans


def _fits(kind: FieldType, quantity: Quantity, *, bare: bool) -> bool:
    match kind.kind:
        case "money":
            return quantity.of is None and quantity.unit != "%" and (bool(quantity.unit) or bare)
        case "percent":
            return quantity.unit == "%" or quantity.share or quantity.of is not None or (bare and not quantity.unit)
        case "range":
            inside = kind.low <= quantity.low and quantity.high <= kind.high
            return not quantity.unit and inside and quantity.of in (None, kind.high)
        case _:
            return not quantity.unit and quantity.of is None


def _typed(kind: FieldType, quantity: Quantity) -> Any:
    if kind.kind == "money":
        return {"amount": quantity.value} | ({"currency": quantity.unit} if quantity.unit else {})
    if kind.kind == "percent" and quantity.of is not None:
        return quantity.value / quantity.of * 100
    if kind.kind == "percent" and quantity.share and not quantity.unit:
        return quantity.value * 100
    return quantity.value


def _figure(text: str, kind: FieldType, figures: _Figures) -> Any:
    """A figure for the field that was asked for: from the whole answer, or the only one left that fits."""
    if len(figures.free) == len(figures.all):
        value = _checked(kind, text)
        if value is not None and (kind.kind != "range" or figures.marks(kind)):
            figures.free = [quantity for quantity in figures.free if _checked(kind, _typed(kind, quantity)) != value]
            return value
    fitting = [quantity for quantity in figures.free if figures.fits(kind, quantity, bare=True)]
    exact = [quantity for quantity in fitting if figures.fits(kind, quantity, bare=False)]
    chosen = exact if len(exact) == 1 else fitting
    if len(chosen) != 1:
        return None
    figures.free.remove(chosen[0])
    return _checked(kind, _typed(kind, chosen[0]))


def _value(text: str, kind: FieldType) -> Any:
    if kind.kind in NARRATIVE:
        words = cleaned(text)
        return None if says_nothing(words) else _checked(kind, words)
    if kind.kind == "enum" or (kind.kind == "list" and kind.item is not None and kind.item.options):
        return _options(text, kind)
    if kind.kind == "list" and kind.item is not None and kind.item.kind in NARRATIVE:
        return _items(text, kind)
    if kind.kind in _ADDRESSES:
        return _checked(kind, text) or _address(kind, text)
    return _checked(kind, text)


def _options(text: str, kind: FieldType) -> Any:
    """The option, or the options of a list, that an answer names: by their own words first, then by other ways."""
    item = kind.item if kind.item is not None else kind
    words = f" {flat(text)} "
    if _NEGATED.search(words):
        return None  # which of the options is denied cannot be told for sure
    named = [option for option in item.options if _names(words, option)]
    if not named:
        ways = {option: WORDING.options.get(option, ()) for option in item.options}
        named = [option for option, said in ways.items() if any(f" {way} " in words for way in said)]
    if kind.kind == "list":
        return _checked(kind, named) if named else None
    return _checked(kind, named[0]) if len(named) == 1 else _checked(kind, text)


def _names(words: str, option: str) -> bool:
    name = option.replace("_", " ").replace("-", " ").lower()
    return f" {name} " in words or (len(name) >= 4 and f" {name}s " in words)


def _items(text: str, kind: FieldType) -> Any:
    """Names one by one, as in "mostly Beta and a tool called Gamma"."""
    try:
        values = kind.check(without_copula(cleaned(text)))
    except FieldValueError:
        return None
    trimmed = [
        re.sub(r"^(?:also|mostly|maybe|the|an?|some)\s+", "", str(value), flags=re.IGNORECASE) for value in values
    ]
    kept = [value for value in trimmed if value and not says_nothing(value)]
    return _checked(kind, kept) if kept else None


def _address(kind: FieldType, text: str) -> Any:
    """An address out of a longer sentence."""
    part = _ADDRESSES[kind.kind].search(flat(text))
    return _checked(kind, part[0]) if part is not None else None


def _checked(kind: FieldType, value: object) -> Any:
    try:
        return kind.check(value)
    except FieldValueError:
        return None
