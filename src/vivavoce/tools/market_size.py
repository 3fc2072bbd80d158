"""Market from the bottom up: buyers times what they pay, then what can be reached, then what can be won."""

from __future__ import annotations

from typing import Any

from vivavoce.tools import economics, given, spoken
from vivavoce.tools.runner import Tool
from vivavoce.tools.schema import MONEY, PERCENT

GAP = 3.0
"""A top-down figure this many times larger or smaller than the bottom-up one is flagged."""

DECLARATION: dict[str, Any] = {
    "name": "market_size",
    "description": (
        "Compute TAM, SAM and SOM from the bottom up, from numbers the founder gave. It looks nothing up: "
        "the number of buyers counts as founder-said until a source with URL, year and quoted line is given."
    ),
    "parameters": {
        "type": "OBJECT",
        "properties": {
            "buyers": {"type": "NUMBER", "minimum": 0, "maximum": 1e10, "description": "Possible buyers."},
            "price": {**MONEY, "description": "Revenue per buyer and month."},
            "reachable": {**PERCENT, "description": "Share of buyers that can be reached, percent."},
            "win_rate": {**PERCENT, "description": "Share of reached buyers that can be won, percent."},
            "leads": {"type": "NUMBER", "minimum": 0, "description": "New leads a month."},
            "conversion": {**PERCENT, "description": "Leads that become customers, percent."},
            "years": {"type": "NUMBER", "minimum": 1, "maximum": 10, "description": "Horizon; 3 when left out."},
            "top_down": {**MONEY, "description": "Yearly market size from a report, to compare."},
            "source": {
                "type": "OBJECT",
                "description": "Where the number of buyers comes from.",
                "properties": {"url": {"type": "STRING"}, "year": {"type": "INTEGER"}, "quote": {"type": "STRING"}},
                "required": ["url", "year", "quote"],
            },
        },
        "required": ["buyers", "price"],
    },
    "behavior": "NON_BLOCKING",
}

_LABELS = {
    "buyers": ("Buyers", ""),
    "acv": ("Revenue per buyer and year", "money"),
    "reachable": ("Reachable", "%"),
    "win_rate": ("Win rate", "%"),
    "leads": ("Leads a month", ""),
    "conversion": ("Conversion", "%"),
    "years": ("Years", ""),
}


async def run(args: dict[str, Any]) -> dict[str, Any]:
    acv = 12 * given.amount(args["price"])
    unit = given.currency(*(args[name] for name in ("price", "top_down") if name in args))
    numbers: dict[str, float] = {"buyers": args["buyers"], "acv": acv}
    numbers |= {name: args[name] for name in ("reachable", "win_rate", "leads", "conversion", "years") if name in args}
    market = economics.market_size(numbers.pop("buyers"), numbers.pop("acv"), **numbers)
    years = args.get("years", 3)
    sourced = "source" in args
    rows = _said(args, acv, unit, sourced=sourced)
    rows += [
        {"label": label, "value": round(value, 2), "unit": unit, "source": "computed"}
        for label, value in (
            ("TAM a year", market.tam),
            ("SAM a year", market.sam),
            (f"SOM in {years:g} years", market.som),
        )
        if value is not None
    ]
    warnings = [] if sourced else ["The number of buyers needs a source: a URL, a year and the quoted line."]
    top_down = given.amount(args["top_down"]) if "top_down" in args else None
    if top_down is not None and not market.tam / GAP <= top_down <= market.tam * GAP:
        warnings.append(f"Bottom-up and top-down differ by more than {GAP:g} times; find out why before using either.")
    return {
        "say": _sentence(market, unit, sourced=sourced),
        "show": {
            "what": "calculator",
            "title": "Market size, bottom up",
            "data": {"currency": unit, "rows": rows, "notes": warnings, "sources": [args["source"]] if sourced else []},
        },
        "tam": market.tam,
        "sam": market.sam,
        "som": market.som,
        "needs_source": [] if sourced else ["buyers"],
        "source": "computed",
    }


def _said(args: dict[str, Any], acv: float, unit: str, *, sourced: bool) -> list[dict[str, Any]]:
    rows = []
    for name, (label, kind) in _LABELS.items():
        value = acv if name == "acv" else args.get(name)
        if value is None:
            continue
        source = "sourced" if name == "buyers" and sourced else "founder-said"
        if name == "acv":
            source = "computed"
        rows.append({"label": label, "value": value, "unit": unit if kind == "money" else kind, "source": source})
    return rows


def _sentence(market: economics.Market, unit: str, *, sourced: bool) -> str:
    words = f"The whole market is about {spoken.money(market.tam, unit)} a year"
    if market.som is not None:
        words += f", of which about {spoken.money(market.som, unit)} looks winnable"
    elif market.sam is not None:
        words += f", of which about {spoken.money(market.sam, unit)} can be reached"
    return words + (", from your sourced count." if sourced else "; that rests on your own count of buyers.")


TOOL = Tool(DECLARATION, run)
