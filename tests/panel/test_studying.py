from __future__ import annotations

import math

import msgspec
import pytest

from tests.panel.panels import study
from vivavoce.errors import InputError
from vivavoce.panel.ballots import Variant
from vivavoce.panel.study import PriceTest, Study
from vivavoce.panel.studying import checked, same, study_hash

LONG = "word " * 10_000


def variants(*given: tuple[str, str, float | None]) -> tuple[Variant, ...]:
    return tuple(Variant(id=id_, text=text, price=price) for id_, text, price in given)


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"variants": ()}, "want 1 to 6 variants, got 0"),
        ({"variants": variants(*((f"v{at}", f"text {at}", None) for at in range(7)))}, "want 1 to 6 variants, got 7"),
        ({"variants": variants(("a", "one", None), ("a", "two", None))}, "different ids"),
        ({"variants": variants(("a", "…", None))}, "want words in variant 'a'"),
        ({"variants": variants(("a", LONG, None))}, "at most 4000 characters in variant 'a'"),
        ({"variants": variants((" ", "one", None))}, "want an id"),
        ({"variants": variants(("a\u202eb", "one", None))}, "want an id"),
        ({"variants": variants(("x" * 41, "one", None))}, "want an id"),
        ({"variants": variants(("a", "one", -1.0))}, "price"),
        ({"ask": " \n"}, "want a question in 'ask'"),
        ({"ask": LONG}, "'ask'"),
        ({"name": "n" * 201}, "200 characters in 'name'"),
        ({"claims": tuple(f"claim {at}" for at in range(11))}, "at most 10 claims, got 11"),
        ({"claims": ("?!",)}, "words in claims"),
        ({"claims": ("late payments", "Late  payments")}, "once"),
        ({"claims": ("word " * 200,)}, "500 characters"),
        ({"hypotheses": tuple(f"h {at}" for at in range(7))}, "at most 6 hypotheses, got 7"),
        ({"most_asks": 0}, "'most_asks'"),
        ({"reference_price": 0.0}, "want a reference price from 0.0001 to 1000000000, got 0"),
        ({"prices": PriceTest(points=(9.0, 19.0))}, "want 3 to 20 prices"),
        ({"prices": PriceTest(points=(9.0, 29.0, 19.0))}, "want prices that rise, got 19 after 29"),
        ({"prices": PriceTest(points=(9.0, 9.0, 19.0))}, "rise"),
        ({"prices": PriceTest(points=(0.0, 9.0, 19.0))}, "want a price to test from 0.0001 to 1000000000, got 0"),
        ({"prices": PriceTest(points=(1.0, 9.0, math.inf))}, "got inf"),
        ({"prices": PriceTest(points=(1e-320, 1.0, 2.0))}, "got 9.99"),
        ({"prices": PriceTest(points=(1.0, 2.0, 1.7e308))}, "got 1.7e+308"),
        ({"prices": PriceTest(points=(1.0, 9.0, 19.0), variant="z")}, "want a variant of a, b to test prices of"),
    ],
)
def test_what_cannot_be_asked_says_what_is_wanted(more: dict[str, object], says: str) -> None:
    with pytest.raises(InputError) as raised:
        checked(msgspec.structs.replace(study(), **more))
    assert says in str(raised.value)
    assert len(str(raised.value)) < 200, "nobody wants to read ten thousand words of it"


def test_a_study_that_holds_is_tidied_and_otherwise_as_it_was() -> None:
    whole = study(
        prices=PriceTest(points=(9.0, 19.0, 29.0), variant="b"),
        currency="EUR",
        claims=("Late payments hurt.",),
        hypotheses=("They pay.",),
    )
    assert checked(whole) == whole
    untidy = msgspec.structs.replace(whole, ask="Which\r\n\r\n\r\none\x00?", claims=("Late  payments hurt. ",))
    assert checked(untidy).ask == "Which\n\none?"
    assert checked(untidy).claims == whole.claims


def test_one_variant_and_equal_variants_are_taken() -> None:
    assert len(checked(study("One")).variants) == 1
    assert same(checked(study("The  same", "the same ", "Another")).variants) == [("a", "b")]


def test_a_price_and_a_question_mark_are_a_difference() -> None:
    assert same(variants(("a", "It pays.", 9.0), ("b", "It pays.", 19.0), ("c", "It pays?", 9.0))) == []
    assert same(variants(("a", "It pays.", 9.0), ("b", "It pays.", 9.0))) == [("a", "b")]


def test_whatever_is_asked_is_in_the_hash_and_the_name_is_not() -> None:
    one = study()
    changed: dict[str, object] = {
        "ask": "Another?",
        "variants": one.variants[::-1],
        "context": "c",
        "today": "t",
        "reference_price": 2.0,
        "currency": "EUR",
        "kind": "headline",
        "claims": ("c",),
        "prices": PriceTest(points=(1.0, 2.0, 3.0)),
        "hypotheses": ("h",),
        "discussion": True,
        "leads": True,
        "repeats": "once",
        "most_asks": 1,
    }
    assert changed.keys() == {*Study.__struct_fields__} - {"name"}, "a new field must be in the hash"
    hashes = {study_hash(msgspec.structs.replace(one, **{field: value})) for field, value in changed.items()}
    assert len(hashes | {study_hash(one)}) == len(changed) + 1
    assert study_hash(msgspec.structs.replace(one, name="Pricing, second try")) == study_hash(one)
