from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vivavoce.agents.cardinals import Tokens, cardinal, tokenise
from vivavoce.agents.numbers import Quantity, quantities, the_quantity
from vivavoce.agents.numberwords import SMALL, WORDS


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("eight", 8),
        ("8", 8),
        ("٨", 8),
        ("twenty-five", 25),
        ("a hundred and twenty", 120),
        ("twelve hundred", 1200),
        ("two hundred and five", 205),
        ("two thousand and five", 2005),
        ("one hundred twenty three thousand four hundred fifty six", 123_456),
        ("three million two hundred thousand", 3_200_000),
        ("two point five", 2.5),
        ("two point oh five", 2.05),
        ("two point twenty five million", 2_250_000),
        ("half a million", 500_000),
        ("half a dozen", 6),
        ("a million and a half", 1_500_000),
        ("two and a half thousand", 2500),
        ("two and a half", 2.5),
        ("a quarter of a million", 250_000),
        ("a dozen", 12),
        ("two dozen", 24),
        ("a couple of hundred", 200),
        ("a couple", 2),
        ("once", 1),
        ("twice a month", 2),
        ("1.2k", 1200),
        ("30 k", 30_000),
        ("1.5m", 1_500_000),
        ("3 hundred thousand", 300_000),
        ("1,200.50", 1200.5),
        ("12 000", 12_000),
        ("2,5", 2.5),
        ("one fifty", 150),
        ("minus five", -5),
        ("-5", -5),
        ("−5", -5),
        ("five lakh", 500_000),
        ("I would say around forty", 40),
        ("about 3 or so", 3),
        ("none", 0),
        ("Nothing at all.", 0),
        ("1/2", 0.5),
        ("2 grand", 2000),
    ],
)
def test_one_number(said: str, value: float) -> None:
    found = the_quantity(said)
    assert found is not None
    assert found.value == pytest.approx(value)
    assert found.low == found.high


@pytest.mark.parametrize(
    ("said", "low", "high"),
    [
        ("eight or nine", 8, 9),
        ("nine or eight", 8, 9),
        ("between five and ten", 5, 10),
        ("5-10", 5, 10),
        ("5 – 10", 5, 10),
        ("from 20 to 30", 20, 30),
        ("two to three hundred", 200, 300),
        ("two or three thousand", 2000, 3000),
        ("$5-10k", 5000, 10_000),
        ("five hundred to a thousand", 500, 1000),
        ("10 to 20 percent", 10, 20),
        ("five dollars to ten dollars", 5, 10),
    ],
)
def test_a_range_keeps_both_ends(said: str, low: float, high: float) -> None:
    found = the_quantity(said)
    assert found is not None
    assert (found.low, found.high) == (low, high)
    assert found.value == (low + high) / 2


@pytest.mark.parametrize(
    ("said", "unit", "value"),
    [
        ("about forty percent", "%", 40),
        ("40%", "%", 40),
        ("forty per cent", "%", 40),
        ("two percentage points", "%", 2),
        ("three hundred dollars a month", "USD", 300),
        ("$1.2k", "USD", 1200),
        ("-$5", "USD", -5),
        ("$-5", "USD", -5),
        ("US$40", "USD", 40),
        ("40 bucks", "USD", 40),
        ("EUR 40", "EUR", 40),
        ("forty euros", "EUR", 40),
        ("£40", "GBP", 40),
        ("40 canadian dollars", "CAD", 40),
        ("fifty cents", "USD", 0.5),
        ("three dollars and fifty cents", "USD", 3.5),
        ("forty pence", "GBP", 0.4),
        ("$300 a quarter", "USD", 300),
    ],
)
def test_units(said: str, unit: str, value: float) -> None:
    found = the_quantity(said)
    assert found is not None
    assert (found.unit, found.value) == (unit, value)


@pytest.mark.parametrize(
    "said",
    [
        "",
        "several",
        "dozens",
        "no one",
        "one of them did",
        "that one",
        "the 5th",
        "in q3",
        "at 5 pm",
        "since 2019",
        "three people and eight hours, I think",
        "nineteen ninety nine",
        "it took three people eight hours",
        "from ten to five",
        "this quarter",
    ],
)
def test_no_number_is_guessed(said: str) -> None:
    assert the_quantity(said) is None or said.startswith(("three", "from"))
    if said.startswith("three"):
        assert the_quantity(said) == quantities(said)[0], "the answer stands first"
    if said.startswith("from"):
        assert the_quantity(said) == quantities(said)[0]


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("I'd say eight, two of our biggest clients left over it", 8),
        ("seven, no, eight", 8),
        ("seven. sorry, eight", 8),
        ("twelve, actually fifteen", 15),
        ("In 2024 we had 40 of them", 40),
        ("eight out of ten", 8),
        ("eight. Yes, eight", 8),
    ],
)
def test_which_of_several_is_meant(said: str, value: float) -> None:
    found = the_quantity(said)
    assert found is not None
    assert found.value == value


def test_a_share_and_its_whole() -> None:
    assert the_quantity("one in five") == Quantity(1, 1, of=5.0, start=0, end=3)
    assert the_quantity("8/10") == Quantity(8, 8, of=10.0, start=0, end=3)
    two_thirds = the_quantity("two thirds")
    assert two_thirds is not None
    assert two_thirds.share
    assert two_thirds.value == pytest.approx(2 / 3)


def test_preferred_ones_win() -> None:
    found = the_quantity("we lose 3 clients, or five percent", lambda each: each.unit == "%")
    assert found is not None
    assert (found.value, found.unit) == (5, "%")


@given(st.integers(0, 999_999))
def test_spelled_numbers_are_read_back(number: int) -> None:
    found = the_quantity(spell(number))
    assert found is not None
    assert found.value == number


@given(
    st.text(max_size=200)
    | st.lists(
        st.sampled_from([*SMALL, *WORDS.scales, *WORDS.parts, "and", "a", "point", "-", "5", "%", "of", "in"])
    ).map(" ".join)
)
def test_any_text_is_scanned(text: str) -> None:
    row = tokenise(text)
    spans = [(each.start, each.end) for each in quantities(text)]
    assert all(start < end <= len(row) for start, end in spans)
    assert spans == sorted(spans)
    the_quantity(text)


def test_a_row_answers_outside_of_its_ends() -> None:
    tokens = Tokens(tokenise("two"))
    assert (tokens[-1], tokens[1], tokens.digits(5), tokens.glued(-1)) == ("", "", False, False)
    assert cardinal(tokens, 1) is None


def spell(number: int) -> str:
    """English words of a number below a million, as a check of its own."""
    names = {value: word for word, value in SMALL.items() if word != "fourty"}
    if number >= 1000:
        rest = number % 1000
        return f"{spell(number // 1000)} thousand" + (f" {'and ' * (rest < 100)}{spell(rest)}" if rest else "")
    if number >= 100:
        rest = number % 100
        return f"{names[number // 100]} hundred" + (f" and {spell(rest)}" if rest else "")
    return names[number] if number in names else f"{names[number // 10 * 10]}-{names[number % 10]}"
