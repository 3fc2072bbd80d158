from __future__ import annotations

from tests.agents.samples import SAMPLES
from vivavoce.agents import describe, load


def test_an_agent_in_a_few_lines() -> None:
    lines = describe(load(SAMPLES["founder"]).spec)
    assert lines[0] == "founder-validation: Startup idea interview"
    assert "  Alex (warm-baritone): Opens the talk; owns the problem and the people who have it" in lines
    assert "objectives: 4, fields: 14, of them required: 6" in lines
    assert "  economics by Maya: price money!, churn percent, margin percent, cac money" in lines
    assert "limits: 35 minutes, 140 turns, idle after 45 s" in lines
    assert "consent: disclosed spoken, recording ask, kept 30 days, training never" in lines


def test_what_the_others_have() -> None:
    ambassador = describe(load(SAMPLES["ambassador"]).spec)
    assert "  contact by Nova when asked or value.done: email email!" in ambassador
    assert "offers: trial, demo, digest" in ambassador
    assert "limits: 12 minutes, idle after 30 s, 40 USD a day" in ambassador
    assert "tools: none of its own" in ambassador
