"""Which answers nobody should count."""

from __future__ import annotations

import msgspec
import pytest

from tests.panel.survey.asked import FORM, STUDY, THREE, answered, opinion
from vivavoce.panel.ballots import Variant
from vivavoce.panel.survey.checks import counted, flagged, least_s, seen
from vivavoce.panel.survey.form import Form, Opinion

LIKE_THREE = Form(study=THREE, seed=1)
ALL_SEVEN = dict.fromkeys(("approves", "automatic", "none"), 7)
ALL_MIGHT = dict.fromkeys(("approves", "automatic", "none"), "might")


def test_an_honest_answer_has_no_flag() -> None:
    assert seen(FORM, opinion(), took_s=60.0, trap="") == ()


def test_a_field_that_nobody_sees_and_no_time_to_read() -> None:
    assert seen(FORM, opinion(), took_s=60.0, trap="http://buy.example") == ("honeypot",)
    least = least_s(FORM)
    assert 3 < least < 6
    assert seen(FORM, opinion(), took_s=least - 0.1, trap="") == ("too-fast",)
    assert seen(FORM, opinion(), took_s=least, trap="") == ()


def test_everything_alike() -> None:
    straight = opinion("none", LIKE_THREE, appeal=ALL_SEVEN, would=ALL_MIGHT)
    assert seen(LIKE_THREE, straight, took_s=60.0, trap="") == ("straight-lining",)
    one_other = msgspec.structs.replace(straight, would=ALL_MIGHT | {"none": "would"})
    assert seen(LIKE_THREE, one_other, took_s=60.0, trap="") == ()
    two = opinion(appeal={"approves": 7, "automatic": 7}, would={"approves": "might", "automatic": "might"})
    assert seen(FORM, two, took_s=60.0, trap="") == (), "two may well be worth the same"


def test_variants_that_say_the_same_may_be_marked_alike() -> None:
    same = Variant(id="automatic", text=" proposes a match for EVERY bank line.", price=40)
    form = Form(study=msgspec.structs.replace(THREE, variants=(THREE.variants[0], same, THREE.variants[2])), seed=1)
    straight = opinion("", form, appeal=ALL_SEVEN, would=ALL_MIGHT)
    assert seen(form, straight, took_s=60.0, trap="") == ()


@pytest.mark.parametrize(
    ("four", "flags"),
    [
        ((5.0, 10.0, 20.0, 30.0), ()),
        ((5.0, 5.0, 20.0, 20.0), ()),
        ((30.0, 20.0, 10.0, 5.0), ("prices-contradict",)),
        ((9.0, 9.0, 9.0, 9.0), ("prices-contradict",)),
    ],
)
def test_prices_that_contradict_each_other(four: tuple[float, float, float, float], flags: tuple[str, ...]) -> None:
    form = Form(study=STUDY, seed=1, asks="four")
    assert seen(form, opinion(four=four), took_s=60.0, trap="") == flags


def test_a_choice_against_mark_and_word_is_nobodys() -> None:
    marks, words = {"approves": 2, "automatic": 9}, {"approves": "would_not", "automatic": "would"}
    against = opinion("approves", appeal=marks, would=words)
    assert seen(FORM, against, took_s=60.0, trap="") == ("choice-contradicts",)
    assert counted(answered(against, flags=("choice-contradicts",))) == []
    for meant in (
        opinion("automatic", appeal=marks, would=words),
        opinion("", appeal=marks, would=words),
        opinion("approves", appeal={"approves": 9, "automatic": 2}, would=words),
        opinion("approves", appeal=marks, would=words | {"approves": "might"}),
    ):
        assert seen(FORM, meant, took_s=60.0, trap="") == (), "a slip, or what one puts up with"


def test_the_same_words_three_times_are_nobodys() -> None:
    def saying(*texts: str) -> list[Opinion]:
        return [opinion(why=text) for text in texts]

    long = "This product changed my whole life."
    crowd = answered(
        *saying(long, "It is cheaper.", long.upper(), "it is cheaper", "It is cheaper!", f"  {long}", "", "", "")
    )
    assert {number for number, flags in flagged(crowd).items() if flags} == {1, 3, 6}
    assert len(counted(crowd)) == 6
    assert not any(flagged(answered(*saying(long, long))).values())


def test_what_came_late_or_contradicts_itself_in_prices_is_counted() -> None:
    assert len(counted(answered(opinion(), flags=("late", "prices-contradict")))) == 1
    assert counted(answered(opinion(), flags=("late", "too-fast"))) == []
