"""Field types: short words that compile to a schema and check what callers say.

`text story quote number percent money date email phone url`, `0..10`, `a|b|c`, `list<T>`; a trailing `!` is "required".
"""

from __future__ import annotations

import re
from typing import Any, Literal

import msgspec

from vivavoce.agents import coercion, vague
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
            money: {"amount": float, "currency": ISO 4217}. date: ISO str. email, phone, url: str. enum: the option.
            list: list, without repeats.
        Raises:
            FieldValueError: the value does not fit, or a number in it cannot be told for sure.
        """
        if isinstance(value, str) and len(value) > MAX_TEXT:
            raise FieldValueError(f"at most {MAX_TEXT} characters", f"{len(value)}")
        found = self._list(value) if self.kind == "list" else self._single(value)
        if found is None:
            raise FieldValueError(self.words, _shown(value))
        return found

    def _single(self, value: object) -> Any:
        match self.kind:
            case "range":
                return coercion.as_range(value, self.low, self.high)
            case "enum":
                return coercion.as_option(value, self.options)
            case _:
                return coercion.PLAIN[self.kind](value)

    def _list(self, value: object) -> list[Any] | None:
        item = self._item()
        parts = coercion.parts_of(
            value, numeric=item.kind in ("number", "range", "percent"), money=item.kind == "money"
        )
        if len(parts) > MAX_ITEMS:
            return None
        found: list[Any] = []
        for part in parts:
            checked = item.check(part)
            if checked not in found:
                found.append(checked)
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
