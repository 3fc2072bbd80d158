"""The brain's words: what it says, and by which words it knows a field or an option. The data is `data/brain.yaml`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib import resources
from typing import Any

import msgspec
import yaml

from vivavoce.agents.fieldtypes import FieldType


class Name(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A field name that agent files use often."""

    ask: str
    words: tuple[str, ...] = ()
    name: str = ""


class Wording(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The data file."""

    say: dict[str, tuple[str, ...]]
    hints: dict[str, str]
    kinds: dict[str, str]
    fields: dict[str, Name]
    options: dict[str, tuple[str, ...]]
    verbs: frozenset[str]
    spans: frozenset[str]
    currencies: dict[str, str]
    acronyms: frozenset[str]
    small: tuple[str, ...]


SCALE = 10
"""A range from nought or one up to that is a mark on a scale: "8 out of 10". Others are counts."""
_TEXT = resources.files("vivavoce.local").joinpath("data/brain.yaml").read_text("utf-8")
WORDING = msgspec.convert(yaml.safe_load(_TEXT), Wording)


def line(key: str, at: int, **filled: str) -> str:
    """One of the ways to say something; `at` chooses among them."""
    ways = WORDING.say[key]
    return ways[at % len(ways)].format(**filled)


def in_words(name: str) -> str:
    """A field's, objective's or tool's name as it is said."""
    known = WORDING.fields.get(name)
    return (known.name if known else "") or name.replace("_", " ").replace("-", " ")


def mentions(name: str) -> tuple[str, ...]:
    """The words by which a caller mentions a field."""
    known = WORDING.fields.get(name)
    return known.words if known is not None else (in_words(name),)


def question(name: str, kind: FieldType) -> str:
    """A question for a field that the agent file has none for."""
    known = WORDING.fields.get(name)
    if known is not None and _suits(known.ask, kind):
        return _fill(known.ask, name, kind)
    template = "list_of" if kind.kind == "list" and kind.noun else kind.kind
    return _fill(WORDING.kinds[template], name, kind)


def choices(kind: FieldType) -> str:
    """The options of an enum, or of a list of them, as they are said: "now, quarter or later"."""
    names = [option.replace("_", " ") for option in _options(kind)]
    return ", ".join(names[:-1]) + " or " + names[-1] if len(names) > 1 else "".join(names)


def said(value: Any, kind: FieldType) -> str:
    """A value read back: "8 out of 10", "49 dollars", "4 percent". Empty for what is too long to repeat."""
    match kind.kind, value:
        case "range", int() | float():
            scale = kind.low in (0, 1) and kind.high <= SCALE
            return f"{_figure(value)} out of {_figure(kind.high)}" if scale else _figure(value)
        case "number", int() | float():
            return _figure(value)
        case "percent", int() | float():
            return f"{_figure(value)} percent"
        case "money", {"amount": amount, "currency": str(code)}:
            return f"{_figure(amount)} {WORDING.currencies.get(code, code)}"
        case "email", str():
            return value.replace("@", " at ").replace(".", " dot ")
        case (("date" | "enum" | "phone"), str()):
            return value.replace("_", " ")
        case _:
            return ""


def titled(name: str) -> str:
    """An id as a name: "alex" is Alex, "cfo" is CFO."""
    words = name.replace("_", " ").replace("-", " ").split()
    return " ".join(word.upper() if word.lower() in WORDING.acronyms else word.capitalize() for word in words)


def part_of(role: str, speaker: str = "") -> str:
    """A role as its speaker would say it: "Opens the talk; owns …" becomes "I open the talk."

    A role that names the speaker is one: "skeptical cfo" becomes "I am the skeptical CFO." One that begins with no verb
    is looked after: "Money and verdict" becomes "I look after money and verdict."
    """
    clause = re.split(r"[;.]", role, maxsplit=1)[0].strip()
    if not clause:
        return ""
    if speaker and speaker.lower() in clause.lower().split():
        words = [titled(word) if word.lower() == speaker.lower() else word.lower() for word in clause.split()]
        return f"I am the {' '.join(words)}."
    verb, _, rest = clause.partition(" ")
    plain = _first_person(verb)
    if plain is not None and rest:
        return f"I {plain} {rest}."
    lowered = clause if clause[1:2].isupper() else clause[0].lower() + clause[1:]
    return f"I look after {lowered}."


def _first_person(verb: str) -> str | None:
    low = verb.lower()
    for ending in ("s", "es"):
        if low.endswith(ending) and low.removesuffix(ending) in WORDING.verbs:
            return low.removesuffix(ending)
    return None


def _fill(template: str, name: str, kind: FieldType) -> str:
    given: Mapping[str, str] = {
        "name": in_words(name),
        "low": _bound(kind.low),
        "high": _bound(kind.high),
        "options": choices(kind),
        "nouns": _plural(kind.noun),
    }
    return template.format(**given)


def _suits(ask: str, kind: FieldType) -> bool:
    """Whether a type can fill what a question leaves open."""
    return ("{low}" not in ask or kind.kind == "range") and ("{options}" not in ask or bool(_options(kind)))


def _options(kind: FieldType) -> tuple[str, ...]:
    return kind.item.options if kind.item is not None else kind.options


def _plural(noun: str) -> str:
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return noun[:-1] + "ies"
    return noun + ("es" if noun.endswith(("s", "x", "ch", "sh")) else "s")


def _figure(number: float) -> str:
    return f"{number:,.0f}" if number == int(number) else f"{number:,.2f}".rstrip("0")


def _bound(number: float) -> str:
    """A bound of a range, small ones in words: a caller hears "zero" more surely than "0"."""
    small = WORDING.small
    return small[int(number)] if number in range(len(small)) else _figure(number)
