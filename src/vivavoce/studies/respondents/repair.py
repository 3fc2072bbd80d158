"""What a model said, made into a ballot's answers: what is meant without doubt is taken, the rest is told, not guessed.

A number in quotes is that number; an 11 of 10 is not a 10.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn, cast

import msgspec

from vivavoce.panel.ballots import Sign, Would
from vivavoce.studies.respondents.prompt import MOST_REASONS, NONE, WOULD, Form, clean

MOST_CHARS = 100_000
"""Of an answer that is looked through. A good one of six variants has some 6,000."""
MOST_STARTS = 200
"""Braces in prose that are tried as the beginning of JSON."""
MOST_TEXT = 600
"""Of a reason or a text; longer ones are cut. Two sentences were asked for."""
MOST_COMPLAINTS = 8

_REFUSES = re.compile(
    r"\A\W*(?:(?:i'?m|i am) (?:very |really )?(?:sorry|afraid)|sorry\b|i apologi[sz]e|unfortunately,? i\b"
    r"|i (?:can'?t|cannot|can not|won'?t|will not|must decline|have to decline)\b"
    r"|(?:i'?m|i am) (?:unable|not able|not allowed|not comfortable)\b|as an? (?:ai|language model|large language)\b)",
    re.IGNORECASE,
)
_OUT_OF_TEN = re.compile(r"(\d{1,3}(?:\.\d{1,6})?)(?:\s*(?:/|out of)\s*10)?")
_LABEL = re.compile(r"(?:variant\s+)?\(?([a-z])\)?[.:]?", re.IGNORECASE)


class Because(msgspec.Struct, frozen=True, kw_only=True):
    sign: Sign
    text: str
    basis: str = ""
    """Number of a point or a quote; empty where it names none that there is."""


class Given(msgspec.Struct, frozen=True, kw_only=True):
    appeal: float
    would: Would
    reasons: tuple[Because, ...]
    text: str


class Filled(msgspec.Struct, frozen=True, kw_only=True):
    """A form that is filled in. It knows labels only, as the model did."""

    answers: dict[str, Given]
    """By label, of each."""
    prefers: str
    """A label or "none"."""


class Wrong(msgspec.Struct, frozen=True, kw_only=True):
    """Not an answer, and what was wrong with it: for the model, not for a log, since it may quote numbers of it."""

    why: str
    """ "refused", "empty", "not-json" or "wrong-shape"."""
    complaints: tuple[str, ...]


def read(said: str, form: Form) -> Filled | Wrong:
    text = said[:MOST_CHARS].lstrip("\ufeff")
    if not text.strip():
        return Wrong(why="empty", complaints=("want a JSON object, got nothing",))
    found = _json_in(text)
    if found is None:
        refuses = _REFUSES.search(text.replace("\u2019", "'"))
        why = "refused" if refuses else "not-json"
        return Wrong(why=why, complaints=("want one whole JSON object and nothing else, got none that can be read",))
    complaints: list[str] = []
    answers = _answers(found, form, complaints)
    prefers = _prefers(found, form.labels, complaints)
    if complaints:
        return Wrong(why="wrong-shape", complaints=tuple(complaints[:MOST_COMPLAINTS]))
    return Filled(answers=answers, prefers=prefers)


def whole(filled: Filled, form: Form) -> bool:
    """Whether one that was kept answers this form."""
    return sorted(filled.answers) == sorted(form.labels) and filled.prefers in (*form.labels, NONE)


def _json_in(text: str) -> Mapping[str, Any] | None:
    """The first object with answers in it, whatever stands around it; else the first one, unless it may be but a part
    of one that broke off."""
    decoder = json.JSONDecoder(parse_constant=_no_number)
    first: Mapping[str, Any] | None = None
    broken = False
    at = text.find("{")
    for _ in range(MOST_STARTS):
        if at < 0:
            break
        try:
            found, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            broken = True
            at = text.find("{", at + 1)
            continue
        if "answers" in found:
            return cast(Mapping[str, Any], found)
        first = found if first is None and not broken else first
        at = text.find("{", end)
    return first


def _no_number(name: str) -> NoReturn:
    raise ValueError(name)


def _answers(found: Mapping[str, Any], form: Form, complaints: list[str]) -> dict[str, Given]:
    items = found.get("answers")
    if not isinstance(items, list):
        complaints.append(f'"answers": want a list, got {_kind(items)}')
        return {}
    answers: dict[str, Given] = {}
    seen: set[str] = set()
    for item in items[: 2 * len(form.labels)]:
        if not isinstance(item, dict):
            complaints.append(f'"answers": want objects in it, got {_kind(item)}')
            continue
        label = _label(item.get("label"), form.labels)
        if not label or label in seen:
            complaints.append(
                f'"label": want each of {", ".join(form.labels)} once, got {"it twice" if label else "another"}'
            )
            continue
        seen.add(label)
        given = _given(label, item, form, complaints)
        if given is not None:
            answers[label] = given
    complaints += [f"variant {label}: want an answer, got none" for label in form.labels if label not in seen]
    return answers


def _given(label: str, item: Mapping[str, Any], form: Form, complaints: list[str]) -> Given | None:
    before = len(complaints)
    appeal = _appeal(item.get("appeal"))
    if appeal is None or not 1 <= appeal <= 10:
        came = _kind(item.get("appeal")) if appeal is None else f"{appeal:g}"
        complaints.append(f'variant {label}, "appeal": want a number from 1 to 10, got {came}')
    would = _word(item.get("would"))
    if would not in WOULD:
        complaints.append(
            f'variant {label}, "would": want {", ".join(WOULD)}, got {_kind(item.get("would"), "another")}'
        )
    text = item.get("text", "")
    if not isinstance(text, str):
        complaints.append(f'variant {label}, "text": want a string, got {_kind(text)}')
    reasons = _reasons(label, item.get("reasons", []), form, complaints)
    if len(complaints) > before or appeal is None:
        return None
    return Given(appeal=appeal, would=cast(Would, would), reasons=reasons, text=_cut(text))


def _reasons(label: str, items: Any, form: Form, complaints: list[str]) -> tuple[Because, ...]:
    if not isinstance(items, list):
        complaints.append(f'variant {label}, "reasons": want a list, got {_kind(items)}')
        return ()
    reasons: list[Because] = []
    for item in items[:MOST_REASONS]:
        sign = _word(item.get("sign")) if isinstance(item, dict) else ""
        text = item.get("text") if isinstance(item, dict) else None
        if sign not in ("pro", "con") or not isinstance(text, str):
            complaints.append(f'variant {label}, "reasons": want objects with a "sign" of pro or con and a "text"')
            return ()
        basis = item.get("because")
        number = basis.strip(" ()[].").upper() if isinstance(basis, str) else ""
        if clean(text):
            known = number if number in form.bases else ""
            reasons.append(Because(sign=cast(Sign, sign), text=_cut(text), basis=known))
    return tuple(reasons)


def _prefers(found: Mapping[str, Any], labels: Sequence[str], complaints: list[str]) -> str:
    came = found.get("prefers")
    if len(labels) == 1:
        return NONE  # nothing to choose from, whatever it says
    if isinstance(came, str) and came.strip().lower() == NONE:
        return NONE
    label = _label(came, labels)
    if not label:
        complaints.append(f'"prefers": want one of {", ".join((*labels, NONE))}, got {_kind(came, "another")}')
    return label


def _label(came: Any, labels: Sequence[str]) -> str:
    match = _LABEL.fullmatch(came.strip()) if isinstance(came, str) else None
    label = match[1].upper() if match is not None else ""
    return label if label in labels else ""


def _appeal(came: Any) -> float | None:
    if isinstance(came, str):
        match = _OUT_OF_TEN.fullmatch(came.strip())
        return float(match[1]) if match is not None else None
    if isinstance(came, bool) or not isinstance(came, int | float):
        return None
    try:
        number = float(came)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _word(came: Any) -> str:
    """ "Would not" and "would-not" are the same word."""
    return re.sub(r"[\s_-]+", "_", came.strip().lower()) if isinstance(came, str) else ""


def _kind(came: Any, text: str = "a string") -> str:
    if isinstance(came, str):
        return text
    if came is None:
        return "nothing"
    return {bool: "true or false", int: "a number", float: "a number", list: "a list"}.get(type(came), "an object")


def _cut(text: str) -> str:
    text = clean(text)
    return text if len(text) <= MOST_TEXT else text[: MOST_TEXT - 1].rstrip() + "\u2026"
