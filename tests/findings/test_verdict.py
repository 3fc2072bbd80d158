"""The verdict follows from who vouches for what, and from nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from vivavoce.errors import InputError
from vivavoce.findings.record import FactRecord, ResultRule, Source
from vivavoce.findings.verdict import EXPERIMENTS, fill, judge

RULE = ResultRule("scorecards/startup-v1", {"customer_evidence": 3})
VALUES: dict[str, Any] = {
    "last_event": "Last Tuesday it took two days",
    "severity": 9,
    "per_month": 20,
    "workaround": "a spreadsheet",
    "spend_today": {"amount": 600, "currency": "USD"},
    "commitments": ["deposit", "payment"],
    "customer": "office managers",
    "channel": "the buying group",
    "price": {"amount": 79, "currency": "USD"},
    "churn": 2.0,
    "margin": 80.0,
    "cac": {"amount": 600, "currency": "USD"},
    "som": 900_000,
    "target_revenue": 900_000,
    "differentiation": 8,
    "timing": 8,
    "founder_fit": 8,
}


def facts(source: Source = "founder-said", customers: int = 1, **changes: Any) -> list[FactRecord]:
    values = {**VALUES, **changes}
    return [
        FactRecord(name, state="answered", value=value, source=source, customer=f"customer {n}")
        for n in range(customers)
        for name, value in values.items()
        if value is not None
    ]


def states(found: list[FactRecord], rule: ResultRule = RULE) -> dict[str, str]:
    return {gate.id: gate.state for gate in judge(found, rule).gates}


def test_the_founder_alone_is_not_enough_however_well_they_talk() -> None:
    verdict = judge(facts(), RULE)
    assert verdict.decision == "not-enough-evidence"
    assert verdict.score is None
    assert states(facts()) == {"episode": "open", "customers": "open", "pain": "passed", "ratio": "passed"}
    assert len(verdict.experiments) == EXPERIMENTS
    assert verdict.experiments[0].id == "episodes"
    assert "office managers" in verdict.experiments[0].title


@given(st.lists(st.sampled_from(["founder-said", "typed", "computed", "sourced"]), min_size=1), st.integers(0, 5))
def test_no_number_of_talks_without_a_customer_gets_past_the_first_gate(sources: list[Source], floor: int) -> None:
    found = [fact for source in sources for fact in facts(source)]
    verdict = judge(found, replace(RULE, floor={"customer_evidence": floor}))
    assert (verdict.decision, verdict.score) == ("not-enough-evidence", None)


def test_the_same_facts_from_three_customers_pass_every_gate() -> None:
    found = facts("customer-verified", customers=3)
    verdict = judge(found, RULE)
    assert set(states(found).values()) == {"passed"}
    assert verdict.customers == 3
    assert verdict.score is not None
    assert verdict.band is not None
    assert verdict.band[0] <= verdict.score <= verdict.band[1]
    assert verdict.decision == "go"


def test_the_word_of_customers_who_only_told_stays_below_a_go() -> None:
    verdict = judge(facts("customer-verified", customers=3, commitments=["opinion"]), RULE)
    assert verdict.score is not None
    assert verdict.score < verdict.thresholds["go"]
    assert verdict.decision == "conditional"


def test_one_customer_saying_three_things_is_one_customer() -> None:
    found = facts("customer-verified")
    assert judge(found * 3, RULE).customers == 1
    assert judge(found, RULE).decision == "not-enough-evidence"


def test_the_floor_of_the_agent_file_is_what_counts() -> None:
    found = facts("customer-verified", customers=3)
    assert states(found, replace(RULE, floor={"customer_evidence": 4}))["customers"] == "open"
    assert judge(found, replace(RULE, floor={"customers": 4})).unknown_floor == ("customers",)


def test_compliments_of_customers_are_no_evidence() -> None:
    found = [
        FactRecord("commitments", state="answered", value=["opinion"], source="customer-verified", customer=str(n))
        for n in range(9)
    ]
    assert judge(found, RULE).customers == 0


def test_a_small_pain_stops_it_whatever_else_is_true() -> None:
    found = facts("customer-verified", customers=3, severity=2)
    assert judge(found, RULE).decision == "no-go-or-pivot"


def test_nothing_spent_and_no_workaround_stops_it() -> None:
    found = facts("customer-verified", customers=3, spend_today=0, workaround=None)
    assert judge(found, RULE).decision == "no-go-or-pivot"


def test_losing_money_over_the_whole_plausible_range_stops_it() -> None:
    found = facts("customer-verified", customers=3, cac=100_000)
    verdict = judge(found, RULE)
    assert verdict.decision == "no-go-as-modelled"
    assert verdict.economics is not None
    assert verdict.economics.range[1] < 1


def test_a_range_is_used_where_one_was_given() -> None:
    verdict = judge(facts(price={"low": 40, "high": 120}), RULE)
    assert verdict.economics is not None
    assert verdict.economics.range == pytest.approx((40 * 0.8 / 0.02 / 600, 120 * 0.8 / 0.02 / 600))


def test_a_score_that_only_lacks_evidence_is_no_verdict_against_the_idea() -> None:
    gone = dict.fromkeys(("som", "differentiation", "timing", "founder_fit", "channel", "commitments"))
    verdict = judge(facts("customer-verified", customers=3, **gone), RULE)
    assert verdict.score is not None
    assert verdict.score < verdict.thresholds["conditional"] <= verdict.potential
    assert verdict.decision == "not-enough-evidence"


def test_the_experiments_follow_what_is_missing() -> None:
    heard = judge(facts("customer-verified", customers=3, cac=None), RULE)
    assert heard.experiments[0].id in ("channel", "retention")
    assert judge([], RULE).experiments[0].id == "episodes"


def test_refused_and_vague_facts_count_for_nothing() -> None:
    found = [replace(fact, state="vague") for fact in facts("customer-verified", customers=3)]
    assert judge(found, RULE).sources == {}
    assert judge(found, RULE).why.startswith("Nothing has been established")


@pytest.mark.parametrize("name", ["", "startup-v9", "../startup-v1", "scorecards/../../x"])
def test_a_scorecard_that_is_not_here_is_refused(name: str) -> None:
    with pytest.raises(InputError):
        judge([], ResultRule(name))


def test_words_fill_their_places() -> None:
    assert fill("Ask {a|them} and {b|others}.", {"a": "nurses", "b": "x" * 99}) == "Ask nurses and others."
    assert fill("{a|x}", {"a": "{b|y}"}) == "{b|y}"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["amount", "low", "high", "x"]), inner),
    max_leaves=6,
)


@given(st.lists(st.tuples(st.sampled_from([*VALUES]), JSON, st.sampled_from(["founder-said", "customer-verified"]))))
def test_any_values_are_judged(given_facts: list[tuple[str, Any, Source]]) -> None:
    found = [FactRecord(name, state="answered", value=value, source=source) for name, value, source in given_facts]
    verdict = judge(found, RULE)
    assert verdict.score is None or 0 <= verdict.score <= 10
    assert verdict == judge(found, RULE)
