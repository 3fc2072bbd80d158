"""Field types: short words that compile to a schema and check what callers say.

`text story quote number percent money date email phone url`, `0..10`, `a|b|c`, `list<T>`; a trailing `!` means required.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any, Literal

import msgspec

from vivavoce.agents import addresses, numbers, vague
from vivavoce.agents.dates import iso_date
from vivavoce.agents.problems import did_you_mean
from vivavoce.errors import FieldValueError, InputError

Kind = Literal[
    "text", "story", "quote", "number", "percent", "money", "date", "email", "phone", "url", "range", "enum", "list"
]
WORDS: dict[str, str] = {
    "text": "text",
    "story": "a story of one dated episode",
    "quote": "the caller's own words",
    "number": "a number",
    "percent": "a percentage",
    "money": "an amount of money",
    "date": "a date with its year",
    "email": "an e-mail address",
    "phone": "a phone number",
    "url": "a web address",
}
"""The plain types and how they are said."""

DEFAULT_CURRENCY = "USD"
"""Taken for a bare number. Callers mostly leave the currency out, and the samples count in dollars."""
MAX_TEXT = 4000
"""Characters. Five minutes of talk without a pause; longer values are transcripts, not answers."""
MAX_ITEMS = 100
_FORMS = "text, number, 0..10, money, percent, date, email, phone, url, story, quote, a|b|c or list<…>"


class TypeTextError(InputError):
    """A field type that cannot be read.

    Attributes:
        wanted, came, hint: as in a `Problem`.
    """

    def __init__(self, came: str, hint: str = "", wanted: str = f"a field type ({_FORMS})") -> None:
        self.wanted, self.came, self.hint = wanted, came, hint
        super().__init__(f"want {wanted}, got {came}" + (f"; {hint}" if hint else ""))


class FieldType(msgspec.Struct, frozen=True, kw_only=True):
    """A parsed field type.

    Attributes:
        low, high: bounds of a range.
        options: words of an enum.
        item: what a list holds.
        noun: what the items of a list of text are called, such as `company`.
    """

    kind: Kind
    required: bool = False
    low: float = 0.0
    high: float = 0.0
    options: tuple[str, ...] = ()
    item: FieldType | None = None
    noun: str = ""

    @property
    def text(self) -> str:
        """The type as it is written: `0..10!`."""
        return self._bare() + ("!" if self.required else "")

    def _bare(self) -> str:
        match self.kind:
            case "range":
                return f"{_figure(self.low)}..{_figure(self.high)}"
            case "enum":
                return "|".join(self.options)
            case "list":
                return f"list<{self.noun or self._item()._bare()}>"
            case _:
                return self.kind

    @property
    def words(self) -> str:
        """The type as it is said: `a number from 0 to 10`."""
        match self.kind:
            case "range":
                return f"a number from {_figure(self.low)} to {_figure(self.high)}"
            case "enum":
                names = [option.replace("_", " ") for option in self.options]
                return f"one of {', '.join(names[:-1])} or {names[-1]}"
            case "list":
                item = self._item()
                return f"a list of {self.noun} names" if self.noun else f"a list, each {item.words}"
            case _:
                return WORDS[self.kind]

    def schema(self) -> dict[str, Any]:
        """The type as a live model's `parameters` schema: OpenAPI subset, upper-case types."""
        match self.kind:
            case "number":
                return {"type": "NUMBER"}
            case "percent":
                return {"type": "NUMBER", "description": "percent: 40 for forty percent"}
            case "range":
                return {"type": "NUMBER", "minimum": self.low, "maximum": self.high}
            case "money":
                currency = {"type": "STRING", "description": "ISO 4217 code, such as USD"}
                amount = {"type": "NUMBER"}
                return {
                    "type": "OBJECT",
                    "properties": {"amount": amount, "currency": currency},
                    "required": ["amount"],
                }
            case "enum":
                return {"type": "STRING", "format": "enum", "enum": list(self.options)}
            case "list":
                return {"type": "ARRAY", "items": self._item().schema()}
            case "date":
                return {"type": "STRING", "description": "ISO 8601: 2026-03-05, or 2026-03"}
            case _:
                return {"type": "STRING", "description": self.words}

    def check(self, value: object) -> Any:
        """The value in its one form, from typed data or from speech.

        Returns:
            text, story, quote: stripped str. number, range: int when whole, else float. percent: float, 40.0 for 40 %.
            money: {"amount": float, "currency": ISO 4217}. date: ISO str. email, phone, url: str. enum: the option. list: list.
        Raises:
            FieldValueError: the value does not fit, or a number in it cannot be told for sure.
        """
        if isinstance(value, str) and len(value) > MAX_TEXT:
            raise FieldValueError(f"at most {MAX_TEXT} characters", f"{len(value)}")
        found = _CHECKS[self.kind](self, value)
        if found is None:
            raise FieldValueError(self.words, _shown(value))
        return found

    def is_vague(self, text: str) -> str | None:
        """What is missing, as a hint of a few words ("when?"), or None when the answer will do."""
        match self.kind:
            case "text" | "quote":
                return vague.hint(text)
            case "story":
                return vague.story_hint(text)
            case "number" | "percent" | "money" | "range" | "date":
                try:
                    self.check(text)
                except FieldValueError:
                    return "when?" if self.kind == "date" else "how much?" if self.kind == "money" else "how many?"
                return None
            case _:
                return None

    def _item(self) -> FieldType:
        assert self.item is not None, "only a list has items, and it always has a type for them"
        return self.item


def parse_type(text: str) -> FieldType:
    """A field type from its short words.

    Raises:
        TypeTextError: not a type; carries what was wanted, what came and a hint.
    """
    bare = text.strip()
    required = bare.endswith("!")
    return msgspec.structs.replace(_parse(bare.removesuffix("!").rstrip()), required=required)


_RANGE = re.compile(r"(-?[0-9]{1,12}(?:\.[0-9]{1,6})?) ?\.\. ?(-?[0-9]{1,12}(?:\.[0-9]{1,6})?)")
_OPTION = re.compile(r"[^\W_][\w .+/&'-]{0,59}")


def _parse(text: str) -> FieldType:
    if text in WORDS:
        return FieldType(kind=text)  # type: ignore[arg-type]  # the keys of WORDS are kinds
    if found := _RANGE.fullmatch(text):
        low, high = float(found[1]), float(found[2])
        if low >= high:
            raise TypeTextError(text, wanted="a range from low to high, such as 0..10")
        return FieldType(kind="range", low=low, high=high)
    if text.startswith("list<") and text.endswith(">"):
        return _parse_list(text[5:-1].strip())
    if "|" in text:
        options = tuple(option.strip() for option in text.split("|"))
        if len({option.lower() for option in options}) != len(options) or not all(map(_OPTION.fullmatch, options)):
            raise TypeTextError(text, wanted="different words parted by |, such as now|quarter|later")
        return FieldType(kind="enum", options=options)
    hint = did_you_mean(text, [*WORDS, "list<text>"]) or (
        "did you mean list<text>" if text in ("list", "array") else ""
    )
    raise TypeTextError(text or "nothing", hint)


def _parse_list(inner: str) -> FieldType:
    if inner.startswith("list<"):
        raise TypeTextError("a list in a list", wanted="a list of plain values")
    try:
        return FieldType(kind="list", item=_parse(inner))
    except TypeTextError as error:
        # A bare noun names what is listed, `list<company>`; one that is nearly a type is taken for a slip of the pen.
        if error.hint or not re.fullmatch(r"[a-z][a-z_]{1,30}", inner):
            raise
        return FieldType(kind="list", item=FieldType(kind="text"), noun=inner)


def _shown(value: object) -> object:
    """The value in a form whose repr is short and never fails."""
    if value is None or isinstance(value, bool | str | float):
        return value
    if isinstance(value, int):
        return value if value.bit_length() < 200 else "a huge number"
    return f"a {type(value).__name__}"


def _figure(number: float) -> str:
    return f"{number:.0f}" if number == int(number) else f"{number:.6f}".rstrip("0")


def _text(_: FieldType, value: object) -> str | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        number = _finite(value)
        return None if number is None else _figure(number)
    if not isinstance(value, str):
        return None
    kept = "".join(sign for sign in value if unicodedata.category(sign) not in ("Cc", "Cs") or sign in "\n\t")
    return " ".join(kept.split()) or None


def _finite(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) and abs(number) < 1e15 else None


def _quantity(value: object, prefers: Callable[[numbers.Quantity], bool] | None = None) -> numbers.Quantity | None:
    """The number a value holds, be it typed or said."""
    if isinstance(value, str):
        found = numbers.the_quantity(value, prefers)
        return found if found is not None and _finite(found.value) is not None else None
    number = _finite(value)
    return None if number is None else numbers.Quantity(number, number)


def _whole(number: float) -> int | float:
    return int(number) if number == int(number) else round(number, 9)


def _number(_: FieldType, value: object) -> int | float | None:
    found = _quantity(value)
    return None if found is None else _whole(found.value)


def _range(self: FieldType, value: object) -> int | float | None:
    found = _quantity(
        value,
        lambda each: each.of == self.high or (each.of is None and self.low <= each.low and each.high <= self.high),
    )
    if found is None or (found.of is not None and found.of != self.high) or (found.unit == "%" and self.high != 100):
        return None
    return _whole(found.value) if self.low <= found.low and found.high <= self.high else None


def _percent(_: FieldType, value: object) -> float | None:
    found = _quantity(value, lambda each: each.unit == "%")
    if found is None or found.unit not in ("", "%"):
        return None
    if found.of is not None:
        return round(found.value / found.of * 100, 6)
    return round(found.value * (100 if found.share and not found.unit else 1), 6)


def _money(_: FieldType, value: object) -> dict[str, Any] | None:
    if isinstance(value, Mapping):
        found = _quantity(value.get("amount"))
        code = value.get("currency") or (found.unit if found else "") or DEFAULT_CURRENCY
        known = numbers.CURRENCIES.get(code.strip().lower()) if isinstance(code, str) else None
        if isinstance(code, str) and known is None and re.fullmatch(r"[A-Za-z]{3}", code.strip()):
            known = code.strip().upper()
        return None if found is None or known is None else {"amount": round(found.value, 6), "currency": known}
    found = _quantity(value, lambda each: each.unit not in ("", "%"))
    if found is None or found.unit == "%" or found.of is not None:
        return None
    return {"amount": round(found.value, 6), "currency": found.unit or DEFAULT_CURRENCY}


def _said(read: Callable[[str], str | None]) -> Callable[[FieldType, object], str | None]:
    def check(_: FieldType, value: object) -> str | None:
        return read(value) if isinstance(value, str) else None

    return check


def _enum(self: FieldType, value: object) -> str | None:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    said = _plain(value) if isinstance(value, str) else str(_shown(value))
    options = {_plain(option): option for option in self.options}
    if said in options:
        return options[said]
    padded = f" {said} "
    named = {option for words, option in options.items() if f" {words} " in padded}
    if not named:
        stems = {words[: max(4, len(words) - 2)]: option for words, option in options.items() if len(words) >= 4}
        named = {option for stem, option in stems.items() if any(word.startswith(stem) for word in said.split())}
    longest = {name for name in named if not any(name != other and _plain(name) in _plain(other) for other in named)}
    negated = re.search(r"\b(not|no|never|neither|nor)\b|n't\b", said.replace("\u2019", "'"))
    return longest.pop() if len(longest) == 1 and not negated else None


def _plain(text: str) -> str:
    flat = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(re.sub(r"[^\w']|_", " ", flat).split())


def _list(self: FieldType, value: object) -> list[Any] | None:
    item = self._item()
    if isinstance(value, str):
        values: list[object] = [part for part in re.split(r"[,;\n]", value) if part.strip()]
        if item.kind != "money":
            values = [half for part in values for half in _halves(item, str(part))]
    elif isinstance(value, list | tuple):
        values = list(value)
    else:
        values = [value]
    if not values or len(values) > MAX_ITEMS:
        return None
    found: list[Any] = []
    for each in values:
        checked = item.check(each)
        if checked not in found:
            found.append(checked)
    return found


def _halves(item: FieldType, part: str) -> list[str]:
    """ "Beta and Gamma" is two names, "two hundred and five" one number."""
    halves = [half.strip() for half in re.split(r"(?:^|\s)(?:and|or|plus)\s", part) if half.strip()]
    if (
        item.kind in ("number", "range", "percent")
        and numbers.the_quantity(part) is not None
        and len(numbers.quantities(part)) == 1
    ):
        return [part]
    return halves


_CHECKS: dict[str, Callable[[FieldType, object], Any]] = {
    "text": _text,
    "story": _text,
    "quote": _text,
    "number": _number,
    "range": _range,
    "percent": _percent,
    "money": _money,
    "date": _said(iso_date),
    "email": _said(addresses.email),
    "phone": lambda self, value: (
        addresses.phone(str(value) if isinstance(value, int) and _finite(value) is not None else value)
        if isinstance(value, str | int)
        and not isinstance(value, bool)
        and (isinstance(value, str) or _finite(value) is not None)
        else None
    ),
    "url": _said(addresses.url),
    "enum": _enum,
    "list": _list,
}
