"""From the fields of a form to an opinion. Fields may hold anything: whatever the page asked for is asked for again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import get_args

from vivavoce.panel.ballots import Would
from vivavoce.panel.masking import masked
from vivavoce.panel.survey.form import MOST_MARK, WHY_CHARS, Form, Opinion, Stance
from vivavoce.panel.texts import cut, tidy

NONE = "none"
"""In place of a choice or a price: none of them."""
FOUR = ("too cheap to be good", "a bargain", "getting expensive", "too expensive")
_MARKS = {str(mark): mark for mark in range(1, MOST_MARK + 1)}
_WOULD: dict[str, Would] = {word: word for word in get_args(Would)}
_STANCES: dict[str, Stance] = {word: word for word in get_args(Stance)}
_AMOUNT = re.compile(r"\d{1,9}(?:[.,'’ ]\d{1,9}){0,3}")
_OTHERWISE = re.compile(r"[-−–] ?\d|\d ?[km](?![^\W\d_])", re.IGNORECASE)
"""Below nothing, or in thousands, "5k": who means it is asked for it in full."""
_MOST_AMOUNT = 1e9
Problems = dict[str, str]
"""By name of a field: what is wanted there."""


def read(form: Form, order: tuple[str, ...], fields: Mapping[str, str]) -> Opinion | Problems:
    """What somebody answered, or what is missing.

    Args:
        order: of the variants on their page; fields are named by place, so that no page tells an id.
    """
    problems: Problems = {}
    appeal, would = {}, {}
    for place, variant in enumerate(order):
        if (mark := _MARKS.get(fields.get(f"appeal-{place}", ""))) is None:
            problems[f"appeal-{place}"] = f"a mark from 1 to {MOST_MARK}"
        else:
            appeal[variant] = mark
        if (word := _WOULD.get(fields.get(f"would-{place}", ""))) is None:
            problems[f"would-{place}"] = "one of the three"
        else:
            would[variant] = word
    choice = fields.get("choice", "")
    places = {str(place): variant for place, variant in enumerate(order)} | {NONE: ""}
    if len(order) > 1 and choice not in places:
        problems["choice"] = "one of them, or that you cannot say"
    stances = [_STANCES.get(fields.get(f"claim-{at}", "")) for at in range(len(form.study.claims))]
    problems |= {f"claim-{at}": "one of the four" for at, stance in enumerate(stances) if stance is None}
    pays = _pays(form, fields.get("pays", ""), problems)
    four = _four(fields, problems) if form.asks == "four" else None
    if problems:
        return problems
    return Opinion(
        order=order,
        appeal=appeal,
        would=would,
        choice=places[choice] if len(order) > 1 else "",
        why=cut(masked(tidy(fields.get("why", "")[: 2 * WHY_CHARS])), WHY_CHARS),
        claims=tuple(stance for stance in stances if stance is not None),
        pays=pays,
        four=four,
    )


def amount(text: str) -> float | None:
    """A sum of money as people write it, "12,50 €", "1.200" or "1 200"; None where it is none, or may be two.

    The last sign between digits is that of the decimals, unless three digits follow and it stands there alone. What
    parts thousands leaves three digits behind the last of it, and two or three before that.
    """
    plain = " ".join(text.split())
    found = _AMOUNT.findall(plain)
    if len(found) != 1 or _OTHERWISE.search(plain):
        return None
    whole, cents = found[0], ""
    signs = re.findall(r"[.,'’ ]", whole)
    tail = re.split(r"[.,'’ ]", whole)[-1]
    alone = len(signs) == 1 and len(tail) == 3 and not whole.startswith("0")
    if signs and signs[-1] in ".," and signs.count(signs[-1]) == 1 and not alone:
        whole, cents = whole[: -len(tail) - 1], tail
    first, *groups = re.split(r"[.,'’ ]", whole)
    if groups and (len(groups[-1]) != 3 or not first or any(len(each) not in (2, 3) for each in groups)):
        return None
    value = float(f"{''.join((first, *groups))}.{cents or 0}")
    return value if value <= _MOST_AMOUNT else None


def _pays(form: Form, text: str, problems: Problems) -> float | None:
    if form.asks != "points" or form.study.prices is None:
        return None
    points = {str(at): price for at, price in enumerate(form.study.prices.points)} | {NONE: 0.0}
    if text not in points:
        problems["pays"] = "one of the prices, or none of them"
        return None
    return points[text]


def _four(fields: Mapping[str, str], problems: Problems) -> tuple[float, float, float, float] | None:
    """All four, or none: three say nothing about where the curves cross."""
    texts = [fields.get(f"four-{at}", "").strip() for at in range(4)]
    if not any(texts):
        return None
    found = [amount(text) for text in texts]
    problems |= {f"four-{at}": "a sum such as 12.50" for at, value in enumerate(found) if value is None}
    if any(value is None for value in found):
        return None
    one, two, three, four = (value or 0.0 for value in found)
    return one, two, three, four
