"""What one customer brings and costs: LTV, payback with churn, LTV:CAC and the break-evens."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from vivavoce.tools import economics, given, spoken
from vivavoce.tools.runner import Tool
from vivavoce.tools.schema import MONEY, PERCENT

PARAMETERS: dict[str, Any] = {
    "type": "OBJECT",
    "properties": {
        "price": {**MONEY, "description": "Revenue per customer and month."},
        "churn": {**PERCENT, "description": "Customers lost per month, in percent: 3 means 3 %."},
        "margin": {**PERCENT, "description": "Gross margin in percent: 80 means 80 %."},
        "cac": {**MONEY, "description": "Cost of winning one customer, salaries included."},
    },
    "required": ["price", "churn", "margin", "cac"],
}

DECLARATION: dict[str, Any] = {
    "name": "unit_economics",
    "description": (
        "Compute lifetime value, payback and LTV to CAC from the founder's own price, churn, margin and "
        "acquisition cost. Call it once all four are known; the result is computed, its inputs are founder-said."
    ),
    "parameters": PARAMETERS,
    "behavior": "NON_BLOCKING",
}


def read_inputs(args: Mapping[str, Any]) -> tuple[economics.Inputs, str]:
    """The checked inputs and their currency, "" when none was named."""
    inputs = economics.Inputs(
        price=given.amount(args["price"]),
        margin=float(args["margin"]),
        churn=float(args["churn"]),
        cac=given.amount(args["cac"]),
    )
    return inputs, given.currency(args["price"], args["cac"])


def rows(inputs: economics.Inputs, result: economics.UnitEconomics, unit: str) -> list[dict[str, Any]]:
    """Rows for the screen: label, value (null when endless), unit, source, and a word where the number has none."""
    said = (
        ("Price a month", inputs.price, unit),
        ("Gross margin", inputs.margin, "%"),
        ("Churn a month", inputs.churn, "%"),
        ("Cost to win a customer", inputs.cac, unit),
    )
    computed = (
        ("Gross profit a month", result.profit, unit),
        ("Lifetime value", result.ltv, unit),
        (f"Lifetime value, {economics.CAP_MONTHS} months at most", result.ltv_capped, unit),
        ("LTV to CAC", result.ratio, ": 1"),
        ("Payback, nobody leaving", result.payback_simple, "months"),
        ("Payback with churn", result.payback, "months"),
        ("Highest CAC for 3:1", result.max_cac, unit),
        ("Lowest price for 3:1", result.min_price, unit),
        ("Highest churn for 3:1", result.max_churn, "%"),
    )
    return [_row(*row, "founder-said") for row in said] + [_row(*row, "computed") for row in computed]


def _row(label: str, value: float, unit: str, source: str) -> dict[str, Any]:
    if math.isfinite(value):
        return {"label": label, "value": round(value, 2), "unit": unit, "source": source}
    word = "never" if label.startswith("Payback") else "none is enough" if label.startswith("Lowest") else "without end"
    return {"label": label, "value": None, "unit": unit, "source": source, "word": word}


def sentence(result: economics.UnitEconomics, unit: str) -> str:
    """One sentence for the ear, at most 30 words."""
    if result.profit <= 0:
        return "As it stands a customer brings no profit at all, so the cost of winning one never comes back."
    if math.isinf(result.ltv):
        return (
            "With no churn a customer never leaves, so lifetime value has no end; "
            f"payback takes {spoken.months(result.payback)}. I would not trust zero churn."
        )
    if math.isinf(result.ratio):
        return f"A customer is worth about {spoken.money(result.ltv, unit)}, and you count nothing for winning one."
    payback = "never pays back" if math.isinf(result.payback) else f"pays back in {spoken.months(result.payback)}"
    return (
        f"A customer is worth about {spoken.money(result.ltv, unit)}, {spoken.number(result.ratio)} to one "
        f"against the cost of winning them, and {payback} once churn is counted."
    )


async def run(args: dict[str, Any]) -> dict[str, Any]:
    inputs, unit = read_inputs(args)
    result = economics.unit_economics(inputs)
    return {
        "say": sentence(result, unit),
        "show": {
            "what": "calculator",
            "title": "Unit economics",
            "data": {"currency": unit, "rows": rows(inputs, result, unit)},
        },
        "ltv": result.ltv,
        "ltv_to_cac": result.ratio,
        "payback_months": result.payback,
        "payback_simple_months": result.payback_simple,
        "break_even": {"max_cac": result.max_cac, "min_price": result.min_price, "max_churn": result.max_churn},
        "source": "computed",
    }


TOOL = Tool(DECLARATION, run)
