"""Charts of a study, as Vega-Lite documents: the same one is drawn on the page, in the PDF and for whoever wants it.

Only our figures and the texts of whoever asked stand in them, as data; nothing is loaded, and no text is an expression.
Colours are those of the light palette. On a page the style sheet turns them into the palette's own (`charts.css`), for
what a style sheet says goes before what an attribute says.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from vivavoce.errors import MissingError
from vivavoce.panel.outcome import Comparison, Pricing, Westendorp

Chart: TypeAlias = dict[str, Any]
"""A Vega-Lite document."""

VEGA_LITE = "6.4"
"""The version they are written for, of those the renderer knows."""
REMEDY = "python -m pip install 'vivavoce[report]' installs it."
INK, SOFT, LINE, WASH, CARD = "#24211d", "#655f57", "#e4dfd6", "#f3efe8", "#ffffff"
VOICES = ("#1f6a63", "#93591a", "#7d4474", "#33629c", "#5a6b2a", "#9c4636")
WIDTH = 520
"""Pixels; the page lets it shrink."""
NARROW = 290
"""Of a study's charts: with the axis they fit a telephone as they are, so that nothing is cut and no letter shrinks. A
wider page enlarges them."""
LONGEST = 28
"""Characters of a label; the texts stand whole beside the chart."""
_UNSEEN = re.compile(r"[\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_CONFIG: Chart = {
    "background": None,
    "font": "sans-serif",
    "view": {"stroke": None},
    "axis": {
        "labelColor": SOFT,
        "titleColor": SOFT,
        "titleFontWeight": "normal",
        "labelFontSize": 12,
        "titleFontSize": 12,
        "gridColor": LINE,
        "domainColor": LINE,
        "tickColor": LINE,
        "labelLimit": 260,
    },
    "legend": {"labelColor": INK, "titleColor": SOFT, "titleFontWeight": "normal", "labelFontSize": 12},
    "text": {"color": INK, "fontSize": 12},
}


def label(text: str, most: int = LONGEST) -> str:
    """A text as a label: in one line, without what turns writing round, cut at a word where it is too long."""
    line = " ".join(_UNSEEN.sub(" ", text).split())
    return line if len(line) <= most else line[:most].rsplit(" ", 1)[0] + " …"


def appeals(comparison: Comparison, names: Mapping[str, str]) -> Chart:
    """Mean marks with their intervals.

    Args:
        names: labels by id of variant, different ones.
    """
    rows = [
        {
            "variant": names[each.variant],
            "appeal": round(each.appeal.value, 2),
            "low": round(max(1.0, each.appeal.low), 2),
            "high": round(min(10.0, each.appeal.high), 2),
        }
        for each in comparison.standings
    ]
    scale = {"domain": [1, 10], "nice": False}
    return chart(
        "Mean appeal of each variant from 1 to 10, with its 95 % interval",
        data=rows,
        width=NARROW,
        height={"step": 44},
        # names stand above their bars (below): beside them they would take half of a telephone
        encoding={"y": {"field": "variant", "type": "nominal", "sort": None, "title": None, "axis": None}},
        layer=[
            {
                "mark": {"type": "rule", "strokeWidth": 3, "strokeCap": "round", "opacity": 0.45},
                "encoding": {
                    "x": {
                        "field": "low",
                        "type": "quantitative",
                        "scale": scale,
                        "title": "appeal, 1 to 10",
                        "axis": {"values": [1, 4, 7, 10], "format": "d"},
                    },
                    "x2": {"field": "high"},
                    "color": _voices("variant", rows),
                },
            },
            {
                "mark": {"type": "point", "filled": True, "size": 110, "opacity": 1},
                "encoding": {
                    "x": {"field": "appeal", "type": "quantitative", "scale": scale},
                    "color": _voices("variant", rows),
                },
            },
            {
                "mark": {"type": "text", "align": "left", "baseline": "bottom", "dy": -8, "fill": INK},
                "encoding": {"x": {"value": 0}, "text": {"field": "variant", "type": "nominal"}},
            },
        ],
    )


def disagreement(comparison: Comparison, names: Mapping[str, str], members: Mapping[str, str]) -> Chart:
    """Who gives what which mark: one row a member, one column a variant.

    Args:
        members: names by id of persona, different ones; only these are shown.
    """
    rows = [
        {"member": members[vote.persona], "variant": names[variant], "appeal": round(appeal, 1)}
        for vote in comparison.votes
        if vote.persona in members
        for variant, appeal in vote.appeal.items()
    ]
    column = min(110, NARROW // max(1, len(names)))
    return chart(
        "The mark each member gives each variant, from 1 to 10",
        data=rows,
        width={"step": column},
        height={"step": 30},
        encoding={
            "x": {
                "field": "variant",
                "type": "nominal",
                "sort": list(names.values()),
                "title": None,
                "axis": {"orient": "top", "labelAngle": 0, "labelLimit": column - 6},
            },
            "y": {"field": "member", "type": "nominal", "sort": list(members.values()), "title": None},
        },
        layer=[
            {
                "mark": {"type": "rect", "stroke": CARD, "strokeWidth": 2, "fill": VOICES[0]},
                # by opacity, so that it reads on light and on dark paper
                "encoding": {
                    "opacity": {
                        "field": "appeal",
                        "type": "quantitative",
                        "scale": {"domain": [1, 10], "range": [0.06, 0.62]},
                        "legend": None,
                    }
                },
            },
            {
                "mark": {"type": "text"},
                "encoding": {"text": {"field": "appeal", "type": "quantitative", "format": ".1f"}},
            },
        ],
    )


def demand(pricing: Pricing) -> Chart:
    """The share to whom a price is not too much: the curve, and the tested points with their intervals."""
    curve = [{"price": price, "share": round(share, 4)} for price, share in pricing.demand]
    points = [
        {
            "price": each.price,
            "share": round(each.would.value, 4),
            "low": round(each.would.low, 4),
            "high": round(each.would.high, 4),
        }
        for each in pricing.points
    ]
    share = _shares("share of the panel")
    price = _prices(pricing.currency)
    return chart(
        "Share of the panel to whom a price is not too much, by price",
        width=NARROW,
        height=180,
        layer=[
            {
                "data": {"values": curve},
                "mark": {"type": "line", "stroke": VOICES[0], "strokeWidth": 2, "interpolate": "monotone"},
                "encoding": {"x": price, "y": share},
            },
            {
                "data": {"values": points},
                "mark": {"type": "rule", "stroke": VOICES[0], "strokeWidth": 3, "opacity": 0.35},
                "encoding": {"x": price, "y": {**share, "field": "low"}, "y2": {"field": "high"}},
            },
            {
                "data": {"values": points},
                "mark": {"type": "point", "filled": True, "fill": VOICES[0], "size": 80, "opacity": 1},
                "encoding": {"x": price, "y": share},
            },
        ],
    )


def price_limits(found: Westendorp, currency: str) -> Chart:
    """Van Westendorp's four curves."""
    curves = {
        "too cheap": found.too_cheap,
        "cheap": found.cheap,
        "expensive": found.expensive,
        "too expensive": found.too_expensive,
    }
    rows = [
        {"curve": name, "price": price, "share": round(share, 4)}
        for name, curve in curves.items()
        for price, share in curve
    ]
    return chart(
        "Share of people who find a price too cheap, cheap, expensive and too expensive",
        data=rows,
        width=NARROW,
        height=200,
        mark={"type": "line", "strokeWidth": 2},
        encoding={
            "x": _prices(currency),
            "y": _shares("share of people"),
            "color": {
                "field": "curve",
                "type": "nominal",
                "sort": list(curves),
                "scale": {"domain": list(curves), "range": [VOICES[3], VOICES[0], VOICES[1], VOICES[5]]},
                "legend": {"title": None, "orient": "top", "columns": 2},
            },
            "strokeDash": {"field": "curve", "type": "nominal", "sort": list(curves), "legend": None},
        },
    )


def drawn(chart: Chart) -> str:
    """A chart as SVG: no script, no style, nothing loaded.

    Raises:
        MissingError: the renderer is not installed.
    """
    svg: str = _renderer().vegalite_to_svg(chart, vl_version=VEGA_LITE, allowed_base_urls=[])
    return svg


def pictured(chart: Chart, scale: float = 2.0) -> bytes:
    """A chart as PNG.

    Raises:
        MissingError: the renderer is not installed.
    """
    picture: bytes = _renderer().vegalite_to_png(
        {**chart, "background": CARD}, vl_version=VEGA_LITE, scale=scale, allowed_base_urls=[]
    )
    return picture


def _renderer() -> Any:
    try:
        import vl_convert
    except ImportError:
        raise MissingError("charts want vl-convert", remedy=REMEDY) from None
    return vl_convert


def chart(says: str, *, data: Sequence[Mapping[str, Any]] = (), width: Any = WIDTH, **more: Any) -> Chart:
    made: Chart = {
        "$schema": f"https://vega.github.io/schema/vega-lite/v{VEGA_LITE.partition('.')[0]}.json",
        "description": says,
        "width": width,
        "config": _CONFIG,
    }
    if data:
        made["data"] = {"values": list(data)}
    return made | more


def _voices(field: str, rows: Sequence[Mapping[str, Any]]) -> Chart:
    domain = list(dict.fromkeys(row[field] for row in rows))
    colours = [VOICES[at % len(VOICES)] for at in range(len(domain))]
    return {"field": field, "type": "nominal", "scale": {"domain": domain, "range": colours}, "legend": None}


def _prices(currency: str) -> Chart:
    title = f"price, {label(currency)}" if currency else "price"
    return {"field": "price", "type": "quantitative", "title": title, "scale": {"zero": False, "nice": True},
            "axis": {"labelOverlap": "greedy", "labelSeparation": 4}}  # fmt: skip


def _shares(title: str) -> Chart:
    return {
        "field": "share",
        "type": "quantitative",
        "title": title,
        "scale": {"domain": [0, 1]},
        "axis": {"format": ".0%", "tickCount": 5},
    }
