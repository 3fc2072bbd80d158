"""Charts: what they show is what was measured, and nothing in a text gets out of its label."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from vivavoce.errors import MissingError
from vivavoce.findings import charts
from vivavoce.findings.report import part
from vivavoce.panel.outcome import (
    Comparison,
    Decision,
    PricePoint,
    Pricing,
    Share,
    Standing,
    Vote,
    Westendorp,
)

HOSTILE = '</text><script>alert(1)</script>"datum.x {{x}} =HYPERLINK(1)'
NAMES = {"a": "A: approves every line", "b": charts.label("B: " + HOSTILE)}


def comparison() -> Comparison:
    standings = tuple(
        Standing(
            variant=variant,
            wins=1,
            appeal=Share(mark, mark - 3, mark + 3),
            would={"would": 0.4, "might": 0.3, "would_not": 0.3},
            chosen=0.5,
            best=0.5,
        )
        for variant, mark in (("a", 8.5), ("b", 2.5))
    )
    votes = tuple(Vote(persona=f"p{at}", asked=2, appeal={"a": 8.25, "b": 2.5 + at}) for at in (1, 2))
    return Comparison(
        respondent="reasoner/2",
        validated=False,
        standings=standings,
        leader="a",
        decision=Decision(word="undecided"),
        votes=votes,
        effective_size=1.8,
        flip_rate=None,
        asked=4,
    )


def pricing() -> Pricing:
    points = tuple(
        PricePoint(price=price, would=Share(share, share - 0.1, share + 0.1), revenue=price * share)
        for price, share in ((10.0, 0.8), (25.0, 0.5), (40.0, 0.25))
    )
    return Pricing(
        variant="a",
        currency="USD a month",
        points=points,
        best=None,
        demand=((5.0, 0.9), (25.0, 0.5), (50.0, 0.2)),
        elasticity=-1.1,
    )


def limits() -> Westendorp:
    rising, falling = ((5.0, 0.1), (20.0, 0.7)), ((5.0, 0.9), (20.0, 0.2))
    return Westendorp(
        too_cheap=falling,
        cheap=falling,
        expensive=rising,
        too_expensive=rising,
        marginal_cheapness=9.0,
        marginal_expensiveness=15.0,
        indifference=12.0,
        optimal=11.0,
    )


def every() -> list[charts.Chart]:
    return [
        charts.appeals(comparison(), NAMES),
        charts.disagreement(comparison(), NAMES, {"p1": "Ada", "p2": "Boris"}),
        charts.demand(pricing()),
        charts.price_limits(limits(), "USD"),
    ]


def _values(node: Any) -> Iterator[Any]:
    if isinstance(node, dict):
        for value in node.values():
            yield from _values(value)
    elif isinstance(node, list):
        for value in node:
            yield from _values(value)
    else:
        yield node


def test_intervals_end_where_the_marks_do() -> None:
    rows = charts.appeals(comparison(), NAMES)["data"]["values"]
    assert [(row["low"], row["appeal"], row["high"]) for row in rows] == [(5.5, 8.5, 10.0), (1.0, 2.5, 5.5)]


def test_only_the_members_that_are_asked_for_are_shown() -> None:
    rows = charts.disagreement(comparison(), NAMES, {"p2": "Boris"})["data"]["values"]
    assert {(row["member"], row["appeal"]) for row in rows} == {("Boris", 8.2), ("Boris", 4.5)}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("short", "short"),
        ("two\nlines\x00 and \u202eturned", "two lines and turned"),
        ("a long sentence that goes on and on", "a long sentence that goes …"),
        ("x" * 40, "x" * 28 + " …"),
    ],
)
def test_a_label_is_one_line_and_not_too_long(text: str, shown: str) -> None:
    assert charts.label(text) == shown


def test_a_chart_is_json_that_loads_nothing() -> None:
    for chart in every():
        assert json.loads(json.dumps(chart)) == chart
        links = [value for value in _values(chart) if isinstance(value, str) and "://" in value]
        assert links == ["https://vega.github.io/schema/vega-lite/v6.json"]
        assert chart["description"]


def test_a_drawing_has_no_script_no_style_and_no_link() -> None:
    pytest.importorskip("vl_convert")
    for chart in every():
        svg = charts.drawn(chart)
        assert svg.startswith("<svg")
        assert not re.search(r"<script|<style|<image|<foreignObject|\s(?:style|href|xlink:href|on\w+)=", svg)
        assert "&lt;/text" in svg or HOSTILE[:6] not in json.dumps(chart)


def test_every_colour_of_a_drawing_is_one_that_the_style_sheet_knows() -> None:
    pytest.importorskip("vl_convert")
    known = set(re.findall(r'\[(fill|stroke)="(#[0-9a-f]{6})"\]', part("charts.css")))
    for chart in every():
        used = set(re.findall(r'(fill|stroke)="(#[0-9a-f]{3,6})"', charts.drawn(chart)))
        assert used <= known


def test_a_study_s_charts_fit_a_telephone_as_they_are() -> None:
    """On 390 pixels the page leaves 350: whatever is wider shrinks with its letters."""
    pytest.importorskip("vl_convert")
    six = {letter: f"{letter}: a variant with a name" for letter in "abcdef"}
    marks = comparison()
    votes = tuple(msgspec.structs.replace(vote, appeal=dict.fromkeys(six, 5.0)) for vote in marks.votes)
    wide = charts.disagreement(msgspec.structs.replace(marks, votes=votes), six, {"p1": "Ada", "p2": "Boris"})
    for chart in (*every(), wide):
        (width,) = re.findall(r'^<svg[^>]* width="([\d.]+)"', charts.drawn(chart))
        assert float(width) <= 360


def test_names_stand_above_their_bars_and_not_beside_them() -> None:
    chart = charts.appeals(comparison(), NAMES)
    assert chart["encoding"]["y"]["axis"] is None
    assert {"field": "variant", "type": "nominal"} in [layer["encoding"].get("text") for layer in chart["layer"]]


def test_a_picture_is_a_png() -> None:
    pytest.importorskip("vl_convert")
    assert charts.pictured(charts.demand(pricing()), scale=1).startswith(b"\x89PNG")


def test_without_the_renderer_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    with pytest.raises(MissingError, match=r"vivavoce\[report\]"):
        charts.drawn(charts.demand(pricing()))
