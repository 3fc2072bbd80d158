"""The built-in tools, called as a speaker calls them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vivavoce.tools import ToolRunner, builtins
from vivavoce.tools.economics import Inputs
from vivavoce.tools.sensitivity import plausible, swings

FIGURES: dict[str, Any] = {"price": {"amount": 79, "currency": "USD"}, "churn": 3.0, "margin": 80.0, "cac": 900}
LONGEST_SENTENCE = 30


async def answer(name: str, **args: Any) -> dict[str, Any]:
    return await ToolRunner(builtins()).run(name, args, 5)


async def output(name: str, **args: Any) -> dict[str, Any]:
    found = await answer(name, **args)
    assert "output" in found, found
    return dict(found["output"])


async def test_unit_economics_of_the_worked_example() -> None:
    found = await output("unit_economics", **FIGURES)
    assert found["payback_months"] == pytest.approx(18.3, abs=0.05)
    assert found["ltv_to_cac"] == pytest.approx(2.34, abs=0.01)
    assert found["say"].startswith("A customer is worth about 2,100 dollars, 2.3 to one")
    assert "18 months" in found["say"]
    rows = {row["label"]: row for row in found["show"]["data"]["rows"]}
    assert rows["Churn a month"]["source"] == "founder-said"
    assert rows["Lifetime value"]["source"] == "computed"


async def test_no_churn_and_no_way_back_are_said_in_words() -> None:
    assert "never leaves" in (await output("unit_economics", **{**FIGURES, "churn": 0}))["say"]
    hopeless = await output("unit_economics", **{**FIGURES, "cac": 90_000})
    assert "never pays back" in hopeless["say"]
    assert hopeless["payback_months"] is None
    rows = {row["label"]: row for row in hopeless["show"]["data"]["rows"]}
    assert rows["Payback with churn"]["word"] == "never"


async def test_what_is_missing_is_named() -> None:
    found = await answer("unit_economics", price=79, margin=80)
    assert found["error"]["kind"] == "arguments"
    assert "churn, cac" in found["error"]["message"]


async def test_two_currencies_are_not_mixed() -> None:
    found = await answer("unit_economics", **{**FIGURES, "cac": {"amount": 900, "currency": "EUR"}})
    assert found["error"]["kind"] == "arguments"


async def test_sensitivity_puts_first_what_decides() -> None:
    found = await output("sensitivity", **FIGURES)
    ratios = [row[2:4] for row in found["show"]["data"]["rows"]]
    spans = [abs(high - low) for low, high in ratios]
    assert spans == sorted(spans, reverse=True)
    assert found["break_even"]["max_cac"] == pytest.approx(702.2, abs=0.1)


async def test_market_marks_who_said_what_and_asks_for_a_source() -> None:
    found = await output("market_size", buyers=40_000, price=79, reachable=25, win_rate=5)
    assert (found["tam"], found["som"]) == (37_920_000, 474_000)
    assert found["needs_source"] == ["buyers"]
    rows = {row["label"]: row["source"] for row in found["show"]["data"]["rows"]}
    assert rows["Buyers"] == "founder-said"
    assert rows["TAM a year"] == "computed"
    source = {"url": "https://register.example", "year": 2025, "quote": "40,112 practices"}
    sourced = await output("market_size", buyers=40_112, price=79, source=source)
    assert sourced["needs_source"] == []
    assert sourced["show"]["data"]["notes"] == []


async def test_a_market_report_far_from_the_count_is_flagged() -> None:
    near = await output("market_size", buyers=1000, price=100 / 12, top_down=250_000)
    far = await output("market_size", buyers=1000, price=100 / 12, top_down=310_000)
    assert len(far["show"]["data"]["notes"]) == len(near["show"]["data"]["notes"]) + 1


NUMBER = st.floats() | st.integers() | st.sampled_from([0, -1, 100, "79", "x", None, True])
MONEY = NUMBER | st.fixed_dictionaries({"amount": NUMBER, "currency": st.sampled_from(["USD", "", "????"])})


@given(st.fixed_dictionaries({"price": MONEY, "churn": NUMBER, "margin": NUMBER, "cac": MONEY}), NUMBER)
async def test_any_figures_get_one_answer(args: dict[str, Any], other: Any) -> None:
    tools = ToolRunner(builtins())
    for name, given_args in (
        ("unit_economics", args),
        ("sensitivity", {**args, "swing": other}),
        ("market_size", {"buyers": other, "price": args["price"], "reachable": args["churn"], "years": other}),
    ):
        found = await tools.run(name, given_args, 5)
        if "output" in found:
            assert 0 < len(found["output"]["say"].split()) <= LONGEST_SENTENCE
            assert {"what", "title", "data"} == set(found["output"]["show"])
        else:
            assert found["error"]["kind"] == "arguments", found


SENSIBLE = st.builds(
    Inputs, price=st.floats(1, 1e5), margin=st.floats(5, 95), churn=st.floats(0.1, 50), cac=st.floats(1, 1e6)
)


@given(SENSIBLE, st.floats(0, 100))
def test_no_single_swing_leaves_the_plausible_range(inputs: Inputs, swing: float) -> None:
    low, high = plausible(inputs, swing)
    assert low <= high
    for one in swings(inputs, swing):
        for ratio in (one.ratio_low, one.ratio_high):
            assert low * (1 - 1e-9) <= ratio <= high * (1 + 1e-9)
