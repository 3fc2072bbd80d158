"""Which figure decides: each input moved alone, up and down, and the value at which LTV:CAC is 3."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

from vivavoce.tools import economics, spoken
from vivavoce.tools.runner import Tool
from vivavoce.tools.schema import PERCENT
from vivavoce.tools.unit_economics import PARAMETERS, read_inputs

DEFAULT_SWING = 20.0
"""Percent either way. A founder's early estimate is seldom nearer than this, and the ordering hardly depends on it."""

DECLARATION: dict[str, Any] = {
    "name": "sensitivity",
    "description": (
        "Move price, churn, margin and acquisition cost one at a time and show which of them decides LTV to CAC, "
        "with the break-even of each. Call it after unit_economics."
    ),
    "parameters": {
        "type": "OBJECT",
        "properties": {
            **PARAMETERS["properties"],
            "swing": {**PERCENT, "description": "How far each input is moved, in percent; 20 when left out."},
        },
        "required": PARAMETERS["required"],
    },
    "behavior": "NON_BLOCKING",
}

_LABELS = {"price": "Price", "churn": "Churn, %", "margin": "Margin, %", "cac": "Cost to win a customer"}
_WORDS = {"price": "price", "churn": "churn", "margin": "margin", "cac": "the cost of winning a customer"}


@dataclass(frozen=True, slots=True)
class Swing:
    """LTV:CAC with one input at its low and at its high end."""

    name: str
    low: float
    high: float
    ratio_low: float
    ratio_high: float

    @property
    def span(self) -> float:
        low, high = self.ratio_low, self.ratio_high
        if math.isinf(low) and math.isinf(high):
            return 0.0
        return abs(high - low)


def swings(inputs: economics.Inputs, swing: float = DEFAULT_SWING) -> list[Swing]:
    """One per input, the one that moves LTV:CAC most first. Percents stop at 100: no margin or churn is above."""
    found = []
    for name in ("price", "churn", "margin", "cac"):
        value = getattr(inputs, name)
        top = 100.0 if name in ("churn", "margin") else economics.LARGEST
        low, high = value * (1 - swing / 100), min(top, value * (1 + swing / 100))
        ratios = [economics.unit_economics(replace(inputs, **{name: at})).ratio for at in (low, high)]
        found.append(Swing(name, low, high, *ratios))
    return sorted(found, key=lambda one: -one.span)


def plausible(inputs: economics.Inputs, swing: float = DEFAULT_SWING) -> tuple[float, float]:
    """LTV:CAC with everything at its bad end, and with everything at its good end."""
    down, up = 1 - swing / 100, 1 + swing / 100

    def at(good: float, bad: float) -> float:
        moved = economics.Inputs(
            price=min(economics.LARGEST, inputs.price * good),
            margin=min(100.0, inputs.margin * good),
            churn=min(100.0, inputs.churn * bad),
            cac=min(economics.LARGEST, inputs.cac * bad),
        )
        return economics.unit_economics(moved).ratio

    return at(down, up), at(up, down)


async def run(args: dict[str, Any]) -> dict[str, Any]:
    inputs, unit = read_inputs(args)
    swing = float(args.get("swing", DEFAULT_SWING))
    base = economics.unit_economics(inputs)
    found = swings(inputs, swing)
    breaks = {"price": base.min_price, "churn": base.max_churn, "cac": base.max_cac}
    columns = ["Input", "Now", f"LTV:CAC at −{swing:g} %", f"LTV:CAC at +{swing:g} %", "Needed for 3:1"]
    table = [
        [
            _LABELS[one.name],
            _plain(getattr(inputs, one.name)),
            _plain(one.ratio_low),
            _plain(one.ratio_high),
            _plain(breaks.get(one.name)),
        ]
        for one in found
    ]
    return {
        "say": _sentence(found[0], swing, base.ratio),
        "show": {
            "what": "table",
            "title": "What decides the unit economics",
            "data": {"columns": columns, "rows": table, "source": "computed", "currency": unit},
        },
        "decides": found[0].name,
        "break_even": {"max_cac": base.max_cac, "min_price": base.min_price, "max_churn": base.max_churn},
        "source": "computed",
    }


def _plain(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else round(value, 2)


def _sentence(most: Swing, swing: float, ratio: float) -> str:
    if math.isinf(ratio) or most.span == 0:
        return "None of these figures moves the result as they stand, so at least one of them is missing or zero."
    low, high = sorted((most.ratio_low, most.ratio_high))
    upper = "without limit" if math.isinf(high) else f"{spoken.number(high)}"
    return (
        f"What decides is {_WORDS[most.name]}: {spoken.number(swing)} percent either way moves lifetime value to cost "
        f"from {spoken.number(low)} to {upper}."
    )


TOOL = Tool(DECLARATION, run)
