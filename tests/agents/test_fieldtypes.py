from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vivavoce.agents.fieldtypes import WORDS, FieldType, TypeTextError, parse_type
from vivavoce.errors import FieldValueError

USD_300 = {"amount": 300.0, "currency": "USD"}
TYPES = [
    *WORDS,
    "0..10",
    "-100..100",
    "0.5..2.5",
    "a|b|c",
    "now|quarter|later",
    "list<text>",
    "list<company>",
    "list<0..10>",
    "list<money>",
]
TYPES += ["list<opinion|time|intro>", "list<date>"]


@pytest.mark.parametrize("text", TYPES)
def test_a_type_reads_back_as_written(text: str) -> None:
    assert parse_type(text).text == text
    required = parse_type(text + "!")
    assert required.required
    assert required.text == text + "!"
    assert required.words == parse_type(text).words


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("txet", "did you mean text"),
        ("numbr", "did you mean number"),
        ("list", "did you mean list<text>"),
        ("list<numbr>", "did you mean number"),
        ("list<list<text>>", ""),
        ("10..0", ""),
        ("0...10", ""),
        ("a|a", ""),
        ("a|", ""),
        ("", ""),
        ("!", ""),
        ("company", ""),
    ],
)
def test_what_is_no_type(text: str, hint: str) -> None:
    with pytest.raises(TypeTextError) as caught:
        parse_type(text)
    assert hint in caught.value.hint


def test_words() -> None:
    assert parse_type("0..10!").words == "a number from 0 to 10"
    assert parse_type("now|next_quarter|later").words == "one of now, next quarter or later"
    assert parse_type("list<company>").words == "a list of company names"
    assert parse_type("list<0..1>").words == "a list, each a number from 0 to 1"


def test_schemas() -> None:
    assert parse_type("0..10").schema() == {"type": "NUMBER", "minimum": 0.0, "maximum": 10.0}
    assert parse_type("a|b").schema() == {"type": "STRING", "format": "enum", "enum": ["a", "b"]}
    assert parse_type("list<number>").schema() == {"type": "ARRAY", "items": {"type": "NUMBER"}}
    assert parse_type("money").schema()["properties"].keys() == {"amount", "currency"}
    assert {parse_type(text).schema()["type"] for text in TYPES} == {"STRING", "NUMBER", "OBJECT", "ARRAY"}


@pytest.mark.parametrize(
    ("text", "came", "value"),
    [
        ("text", "  a\n b ", "a b"),
        ("text", 42, "42"),
        ("text", 4.5, "4.5"),
        ("number", "about twelve", 12),
        ("number", 12.0, 12),
        ("number", "twice a month", 2),
        ("0..10", "eight or nine", 8.5),
        ("0..10", "I'd say eight out of ten", 8),
        ("0..10", "8/10", 8),
        ("0..10", 10, 10),
        ("0..10", "maybe an eight, we lost 40 clients", 8),
        ("0..100", "forty percent", 40),
        ("percent", "about forty percent", 40.0),
        ("percent", "40", 40.0),
        ("percent", 0.4, 0.4),
        ("percent", "half", 50.0),
        ("percent", "half a percent", 0.5),
        ("percent", "one in five", 20.0),
        ("percent", "a quarter of them", 25.0),
        ("money", "three hundred dollars a month", USD_300),
        ("money", "three hundred", USD_300),
        ("money", 300, USD_300),
        ("money", {"amount": "300", "currency": "usd"}, USD_300),
        ("money", {"amount": 300}, USD_300),
        ("money", {"amount": "300 euros"}, {"amount": 300.0, "currency": "EUR"}),
        ("money", "$1.2k", {"amount": 1200.0, "currency": "USD"}),
        ("money", "two of us, forty euros", {"amount": 40.0, "currency": "EUR"}),
        ("date", "march fifth 2026", "2026-03-05"),
        ("email", "dana at acme dot com", "dana@acme.com"),
        ("phone", 49301234567, "49301234567"),
        ("url", "acme dot com", "https://acme.com"),
        ("approve|defer|reject", "Approve", "approve"),
        ("approve|defer|reject", "we deferred it", "defer"),
        ("now|next_quarter|later", "next quarter, I think", "next_quarter"),
        ("low|very low", "very low", "very low"),
        ("1|2|3", 2, "2"),
        ("list<company>", "Acme, Beta and Gamma Corp.", ["Acme", "Beta", "Gamma Corp."]),
        ("list<company>", ["Acme", "Acme"], ["Acme"]),
        ("list<company>", "none", []),
        ("list<opinion|time|intro>", "an intro and some of their time", ["intro", "time"]),
        ("list<number>", "two hundred and five, and six", [205, 6]),
        ("list<money>", "$3, $4", [{"amount": 3.0, "currency": "USD"}, {"amount": 4.0, "currency": "USD"}]),
    ],
)
def test_values_take_one_form(text: str, came: object, value: object) -> None:
    found = parse_type(text).check(came)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("text", "came"),
    [
        ("text", ""),
        ("text", None),
        ("text", ["a"]),
        ("text", "x" * 5000),
        ("number", "a lot"),
        ("number", True),
        ("number", float("nan")),
        ("number", 10**400),
        ("number", "9" * 400),
        ("0..10", "eleven"),
        ("0..10", "4 out of 5"),
        ("0..10", "8%"),
        ("0..10", "9 or 12"),
        ("percent", "$40"),
        ("money", "40%"),
        ("money", "8 out of 10"),
        ("money", {"currency": "USD"}),
        ("money", {"amount": 3, "currency": 4}),
        ("date", "soon"),
        ("email", "dana"),
        ("a|b", "c"),
        ("approve|reject", "we did not approve"),
        ("approve|reject", "approve or reject"),
        ("list<number>", "some"),
        ("list<text>", list(range(200))),
        ("list<thing>", [[1]]),
    ],
)
def test_what_does_not_fit_is_refused(text: str, came: object) -> None:
    with pytest.raises(FieldValueError):
        parse_type(text).check(came)


def test_a_refusal_says_what_was_wanted() -> None:
    with pytest.raises(FieldValueError, match="want a number from 0 to 10, got 'eleven'"):
        parse_type("0..10!").check("eleven")


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=60)
    | st.binary(max_size=9)
    | st.just(10**400),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["amount", "currency", "x"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.sampled_from(TYPES).map(parse_type), anything)
def test_a_check_raises_one_error_only_and_settles(type_: FieldType, value: Any) -> None:
    try:
        found = type_.check(value)
    except FieldValueError:
        return
    if type_.kind != "list" or found:
        assert type_.check(found) == found


@given(st.text(max_size=60))
def test_any_text_is_a_type_or_refused(text: str) -> None:
    try:
        type_ = parse_type(text)
    except TypeTextError:
        return
    assert parse_type(type_.text) == type_


@pytest.mark.parametrize(
    ("text", "said", "hint"),
    [
        ("story", "It happens all the time, honestly", "when?"),
        ("story", "Last Tuesday our accountant lost a whole day", None),
        ("story", "dunno", "what happened?"),
        ("text", "A lot of people want this", "how many?"),
        ("text", "accountants in small firms", None),
        ("number", "several", "how many?"),
        ("number", "about eight", None),
        ("money", "not that much", "how much?"),
        ("date", "soon", "when?"),
        ("email", "whatever", None),
    ],
)
def test_vague_answers(text: str, said: str, hint: str | None) -> None:
    assert parse_type(text).is_vague(said) == hint


def test_a_number_too_long_to_print_is_refused() -> None:
    for text in ("number", "text", "list<number>", "money", "a|b"):
        with pytest.raises(FieldValueError):
            parse_type(text).check([10**5000] if text == "list<number>" else 10**5000)
