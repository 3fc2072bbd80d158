"""Fields of a form to an opinion, whatever stands in them."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.panel.survey.asked import FIELDS, FORM, ORDER
from vivavoce.panel.survey.form import WHY_CHARS, Opinion, PersonAnswer, ballot_of
from vivavoce.panel.survey.reading import amount, read

FOUR = msgspec.structs.replace(FORM, asks="four")


def test_places_on_the_page_become_variants() -> None:
    found = read(FORM, ORDER, FIELDS)
    assert found == Opinion(
        order=ORDER,
        appeal={"automatic": 8, "approves": 3},
        would={"automatic": "would", "approves": "would_not"},
        choice="automatic",
        why="It is cheaper.",
        claims=("agree",),
        pays=20.0,
    )


def test_what_is_missing_is_named_by_its_field() -> None:
    problems = read(FORM, ORDER, {"why": "x"})
    assert isinstance(problems, dict)
    assert sorted(problems) == ["appeal-0", "appeal-1", "choice", "claim-0", "pays", "would-0", "would-1"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("appeal-0", "11"),
        ("appeal-0", "0"),
        ("appeal-0", "７"),
        ("would-1", "WOULD"),
        ("choice", "2"),
        ("choice", "automatic"),
        ("claim-0", ""),
        ("pays", "20.0"),
    ],
)
def test_what_the_page_does_not_offer_is_no_answer(name: str, value: str) -> None:
    problems = read(FORM, ORDER, FIELDS | {name: value})
    assert isinstance(problems, dict)
    assert list(problems) == [name]


def test_who_cannot_say_prefers_all_alike() -> None:
    found = read(FORM, ORDER, FIELDS | {"choice": "none", "pays": "none"})
    assert isinstance(found, Opinion)
    assert (found.choice, found.pays) == ("", 0.0)
    answer = PersonAnswer(number=3, answered_at=0.0, took_s=9.0, flags=(), opinion=found)
    ballot = ballot_of(FORM.study, answer)
    assert ballot.prefers == {"approves": 0.5, "automatic": 0.5}
    assert (ballot.persona, ballot.respondent, ballot.order) == ("r00003", "person", ORDER)


def test_a_reason_is_masked_and_cut() -> None:
    found = read(FORM, ORDER, FIELDS | {"why": "ask ann@example.org \x00\u2028" + "so " * 3_000})
    assert isinstance(found, Opinion)
    assert found.why.startswith("ask [email]")
    assert len(found.why) <= WHY_CHARS


def test_four_prices_or_none() -> None:
    prices = {"four-0": "5", "four-1": "12,50 €", "four-2": "1.200", "four-3": "2 000"}
    found = read(FOUR, ORDER, FIELDS | prices)
    assert isinstance(found, Opinion)
    assert (found.four, found.pays) == ((5.0, 12.5, 1200.0, 2000.0), None)
    nothing = read(FOUR, ORDER, FIELDS | {"four-1": "  "})
    assert isinstance(nothing, Opinion)
    assert nothing.four is None
    assert read(FOUR, ORDER, FIELDS | {"four-0": "5", "four-3": "dear"}) == {
        "four-1": "a sum such as 12.50", "four-2": "a sum such as 12.50", "four-3": "a sum such as 12.50",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12.0),
        ("$12.50", 12.5),
        ("12,5", 12.5),
        ("1,200", 1200.0),
        ("1.200,50 EUR", 1200.5),
        ("1,200,300.25", 1200300.25),
        ("1.200.300", 1200300.0),
        ("0.125", 0.125),
        ("1'000", 1000.0),
        ("", None),
        ("free", None),
        ("10-20", None),
        ("9" * 40, None),
        ("-5", None),
        ("− 5", None),
        ("5.-", 5.0),
        ("5k", None),
        ("1.5 K", None),
        ("5kr", 5.0),
        ("12 50", None),
        ("1.2.3", None),
        ("12.345.6", None),
        ("1 200,50", 1200.5),
        ("1\u202f200", 1200.0),
        ("1,20,000", 120000.0),
    ],
)
def test_sums_as_people_write_them(text: str, value: float | None) -> None:
    assert amount(text) == value


@given(st.dictionaries(st.sampled_from([*FIELDS, "four-0", "four-1", "more-about-it"]), st.text(max_size=40)))
def test_no_fields_break_the_reader(fields: dict[str, str]) -> None:
    for form in (FORM, FOUR):
        found = read(form, ORDER, fields)
        assert isinstance(found, Opinion) or found
