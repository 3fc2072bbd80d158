"""What a model said, read: what is clear is taken, what is not is told."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.panel.reasoner.samples import OWNER
from tests.studies.respondents.models import SHEET, good, one
from vivavoce.studies.respondents.prompt import MOST_REASONS, form_of
from vivavoce.studies.respondents.repair import MOST_TEXT, Filled, Wrong, read, whole

FORM = form_of(OWNER, SHEET)
GOOD = json.dumps(good())
SIGNED = 'variant A, "reasons": want objects with a "sign" of pro or con and a "text"'
SCORES = {"A": 2.0, "B": 8.0}


def filled(said: Any) -> Filled:
    found = read(said if isinstance(said, str) else json.dumps(said), FORM)
    assert isinstance(found, Filled), found
    assert whole(found, FORM)
    return found


def wrong(said: Any) -> Wrong:
    found = read(said if isinstance(said, str) else json.dumps(said), FORM)
    assert isinstance(found, Wrong)
    return found


@pytest.mark.parametrize(
    "said",
    [
        GOOD,
        f"\ufeff{GOOD}",
        f"```json\n{GOOD}\n```",
        f"Sure! Here is the ballot {{as asked}}:\n\n{GOOD}\n\nLet me know if {{you}} need more.",
        f'{{"thinking": "hm"}}\n{GOOD}',
        f"<think>I am sorry for them {{}}</think>{GOOD}",
        json.dumps(good(answers=list(reversed(good()["answers"])), extra=1)),
    ],
)
def test_an_answer_is_found_whatever_stands_around_it(said: str) -> None:
    found = filled(said)
    assert {label: each.appeal for label, each in found.answers.items()} == SCORES
    assert found.prefers == "B"


@pytest.mark.parametrize(
    ("field", "came", "meant"),
    [
        ("appeal", "7", 7.0),
        ("appeal", " 7/10 ", 7.0),
        ("appeal", "7 out of 10", 7.0),
        ("appeal", 7.0, 7.0),
        ("would", "Would not", "would_not"),
        ("would", "would-not", "would_not"),
        ("would", " MIGHT ", "might"),
        ("label", "Variant A", "A"),
        ("label", "(a)", "A"),
    ],
)
def test_what_is_clear_is_taken(field: str, came: Any, meant: Any) -> None:
    found = filled(good(answers=[one("A", **{field: came}), one("B")])).answers["A"]
    assert field == "label" or getattr(found, field) == meant


@pytest.mark.parametrize(
    ("field", "came", "complaint"),
    [
        ("appeal", 11, 'variant A, "appeal": want a number from 1 to 10, got 11'),
        ("appeal", 0, 'variant A, "appeal": want a number from 1 to 10, got 0'),
        ("appeal", "ten", 'variant A, "appeal": want a number from 1 to 10, got a string'),
        ("appeal", "90", 'variant A, "appeal": want a number from 1 to 10, got 90'),
        ("appeal", True, 'variant A, "appeal": want a number from 1 to 10, got true or false'),
        ("appeal", None, 'variant A, "appeal": want a number from 1 to 10, got nothing'),
        ("appeal", 10**400, 'variant A, "appeal": want a number from 1 to 10, got a number'),
        ("would", "perhaps", 'variant A, "would": want would, might, would_not, got another'),
        ("would", ["would"], 'variant A, "would": want would, might, would_not, got a list'),
        ("text", 3, 'variant A, "text": want a string, got a number'),
        ("reasons", "because", 'variant A, "reasons": want a list, got a string'),
        ("reasons", ["because"], SIGNED),
        ("reasons", [{"sign": "so-so", "text": "x"}], SIGNED),
        ("label", "Z", '"label": want each of A, B once, got another'),
        ("label", "B", '"label": want each of A, B once, got it twice'),
    ],
)  # fmt: skip
def test_what_is_not_clear_is_told_and_not_guessed(field: str, came: Any, complaint: str) -> None:
    found = wrong(good(answers=[one("A", **{field: came}), one("B")]))
    assert found.why == "wrong-shape"
    assert complaint in found.complaints


def test_what_is_missing_is_told() -> None:
    assert wrong(good(answers=[one("A")])).complaints == ("variant B: want an answer, got none",)
    assert wrong({"prefers": "A"}).complaints == ('"answers": want a list, got nothing',)
    assert wrong({"answers": good()["answers"]}).complaints == ('"prefers": want one of A, B, none, got nothing',)
    assert wrong(good(prefers="C")).complaints == ('"prefers": want one of A, B, none, got another',)
    assert wrong(good(answers=[one("A"), "B"])).complaints[0] == '"answers": want objects in it, got a string'


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("", "empty"),
        (" \n", "empty"),
        ("I would give A a 7 and B a 3.", "not-json"),
        (GOOD[:-20], "not-json"),
        ('{"answers": NaN}', "not-json"),
        ("{" * 100_000, "not-json"),
        ("[" * 100_000, "not-json"),
        ('{"a":' * 30_000, "not-json"),
        ("I'm sorry, but I can't help with that.", "refused"),
        ("I\u2019m sorry, but I can\u2019t play a person.", "refused"),
        ("As an AI language model, I have no opinions.", "refused"),
        ("**I cannot** take part in this.", "refused"),
        ("I can see why they like A.", "not-json"),
    ],
)
def test_what_is_no_answer_has_a_name(said: str, why: str) -> None:
    assert wrong(said).why == why


def test_reasons_rest_on_points_there_are_and_have_an_end() -> None:
    reasons = [
        {"sign": "PRO", "text": "paid sooner", "because": "(f1)"},
        {"sign": "con", "text": "x" * 2_000, "because": "F99"},
        {"sign": "con", "text": " \u200b", "because": "F1"},
        *({"sign": "con", "text": "again", "because": 3} for _ in range(20)),
    ]
    found = filled(good(answers=[one("A", reasons=reasons), one("B")])).answers["A"].reasons
    assert (found[0].sign, found[0].basis) == ("pro", "F1")
    assert (len(found[1].text), found[1].basis) == (MOST_TEXT, "")
    assert len(found) == MOST_REASONS - 1
    assert found[2].basis == ""


_ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["A", "B", "would", "pro"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["answers", "prefers", "label", "text", "reasons", "would", "appeal", "sign", "because"]),
            inner,
            max_size=6,
        )
    ),
    max_leaves=30,
)


@given(_ANY)
def test_any_rubbish_is_read_or_told(said: Any) -> None:
    found = read(json.dumps(said), FORM)
    assert isinstance(found, Wrong) or whole(found, FORM)


@given(st.text())
def test_any_text_is_read_or_told(said: str) -> None:
    assert isinstance(read(said, FORM), Wrong)
