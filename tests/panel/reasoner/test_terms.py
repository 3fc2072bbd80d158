from __future__ import annotations

import math

import msgspec
import pytest

from tests.panel.reasoner.samples import (
    CHASES,
    OWNER,
    SENSE,
    THEME,
    parts,
    point,
    question,
    score,
    sheet,
    vectors,
)
from vivavoce.panel.ballots import Question, Variant
from vivavoce.panel.personas import Point, Quote
from vivavoce.panel.reasoner.near import Near
from vivavoce.panel.reasoner.terms import GIVEN_UP, GOAL, HABIT, NEED, concerns, ideals, reference_price, terms


def real(each: Point) -> Point:
    return msgspec.structs.replace(each, origin="real", evidence=each.evidence or ("c1",))


def priced(*prices: float | None, reference: float | None = None) -> Question:
    variants = tuple(Variant(id=chr(ord("a") + at), text=CHASES, price=price) for at, price in enumerate(prices))
    return Question(ask="", variants=variants, reference_price=reference)


def test_weights_of_each_side_are_shares_of_it() -> None:
    said = msgspec.structs.replace(
        OWNER, frustrations=tuple(real(each) for each in OWNER.frustrations), goals=tuple(map(real, OWNER.goals))
    )
    found = concerns(said)
    assert math.isclose(sum(each.worth for each in found if each.kind == "need"), NEED)
    assert math.isclose(sum(each.worth for each in found if each.kind == "goal"), GOAL)
    assert [each.voices[1:] != () for each in found].count(True) == 1


def test_what_we_inferred_weighs_what_it_does_in_the_persona() -> None:
    """Also where nobody said anything of a side: alone on it, it is still a third of what people say."""
    hurts = tuple(point(f"pain {number}", 3 / 18, f"a{number}") for number in range(5))
    wants = tuple(point(f"wish {number}", 1 / 18) for number in range(3))
    found = concerns(msgspec.structs.replace(OWNER, frustrations=hurts, goals=wants, quotes=()))
    assert [each.worth for each in found if each.kind == "need"] == [pytest.approx(NEED / 5)] * 5
    assert [each.worth for each in found if each.kind == "goal"] == [pytest.approx(GOAL / 18)] * 3


def test_points_without_weight_count_nothing() -> None:
    light = msgspec.structs.replace(OWNER, frustrations=(point("clients who pay invoices late", 0.0, "a1"),))
    assert parts(light, question(CHASES), "need") == []


def test_the_heavier_point_moves_more() -> None:
    assert max(parts(OWNER, question(CHASES), "need")) > max(parts(OWNER, question("Typing receipts once."), "need"))


def test_a_quote_is_heard_as_well_as_the_label() -> None:
    mute = msgspec.structs.replace(OWNER, quotes=())
    asked = question("No more Friday spent chasing clients.")
    assert max(parts(OWNER, asked, "need")) > max(parts(mute, asked, "need"))


AUDIT, WORKS = "We need an audit log for our accountant.", "I need it to work with the accounting program we have"
KEEP = "Horses and carriages never were painted green."


@pytest.mark.parametrize(
    ("name", "said", "quoted"),
    [
        (WORKS, (AUDIT,), ""),
        (WORKS, (AUDIT, f"{WORKS}. {KEEP}"), f"{WORKS}. {KEEP}"),
        (
            WORKS,
            (AUDIT, f"{WORKS}, works with the accounting program."),
            f"{WORKS}, works with the accounting program.",
        ),
        ("accounting program, works", (AUDIT,), AUDIT),
        ("We would rather keep what is there", (AUDIT,), AUDIT),
    ],
    ids=["another's words", "the same words", "nearer", "words of several", "nearer than the name"],
)
def test_a_quote_is_of_the_words_that_a_reason_goes_by(name: str, said: tuple[str, ...], quoted: str) -> None:
    ids = [f"a{at}" for at in range(len(said))]
    quotes = tuple(Quote(text=text, insight=id_, source="calls") for id_, text in zip(ids, said, strict=True))
    who = msgspec.structs.replace(OWNER, frustrations=(point(name, 1.0, *ids),), goals=(), quotes=quotes)
    asked = question("Works with the accounting program you have, and with your accountant.")
    near = Near(vectors(who, sheet(asked)))
    (need,) = (each for each in terms(who, asked, asked.variants[0], SENSE, near) if each.kind == "need")
    assert (need.quote.text if need.quote else "") == quoted


def test_an_offer_that_takes_it_away_is_a_loss_and_no_answer() -> None:
    """The same words, but the sentence takes something away."""
    asked = question("Typing receipts twice.", "You lose typing receipts twice.")
    assert max(parts(OWNER, asked, "need", "a")) > 0.3
    assert parts(OWNER, asked, "need", "b") == []
    assert min(parts(OWNER, asked, "loss", "b")) < -0.3


@pytest.mark.parametrize(
    ("hurts", "text"),
    [
        ("hidden fees", "Shows hidden fees before you pay."),
        ("hidden fees", "Shows every fee before you pay."),
        ("hours lost to typing receipts", "Get back the hours you lost to typing receipts."),
        ("to lose hours on receipts", "Get back the hours you lose to receipts."),
        ("an outage nobody noticed", "Alerts you to an outage within a minute."),
        ("writing each contract anew", "Drafts a contract from your notes."),
        ("ads that bring nobody", "Shows which ads brought which paying customer."),
        ("invoices lost in the mail", "Finds the invoices you lost."),
        ("a penalty for filing late", "Warns you before a penalty for filing late."),
    ],
)
def test_what_ends_a_pain_in_its_own_words_is_no_loss(hurts: str, text: str) -> None:
    hurt = msgspec.structs.replace(OWNER, frustrations=(point(hurts, 0.4, "a1"),), goals=(), quotes=())
    assert parts(hurt, question(text), "loss") == []
    assert score(hurt, question(text)) >= score(hurt, question("Hm."))


@pytest.mark.parametrize(
    ("hurts", "text"),
    [
        ("I lose my history", "You lose your history."),
        ("I lose my history", "It is quick, but you will lose your history."),
        ("each fee is hidden", "Adds a fee of 5 %."),
        ("a contract of two years", "You sign a contract for two years."),
        ("ads between two songs", "It comes with ads between two songs."),
        ("it no longer opens old files", "It no longer opens old files."),
    ],
)
def test_a_real_cost_is_a_loss_also_to_whom_it_hurts_already(hurts: str, text: str) -> None:
    hurt = msgspec.structs.replace(OWNER, frustrations=(point(hurts, 0.4, "a1"),), goals=(), quotes=())
    assert min(parts(hurt, question(text), "loss")) <= -2 * GIVEN_UP
    assert parts(hurt, question(text), "need") == []


@pytest.mark.parametrize(
    ("hurts", "text", "against"),
    [
        ("An app booked payments on its own.", "It books payments on its own.", True),
        ("Software touches the ledger and I cannot undo it.", "It books the ledger by itself.", True),
        ("Booking payments takes days.", "It books payments on its own.", False),
        ("Payments should book themselves, on their own.", "It books payments on its own.", False),
        ("Payments should never be booked on their own.", "It books payments on its own.", True),
        ("I want an app. It booked payments on its own.", "It books payments on its own.", True),
        ("An app booked payments on its own.", "It never books payments on its own.", False),
        ("An app booked payments on its own.", "Must apps book payments on their own?", False),
    ],
)
def test_what_is_done_without_anybody_is_against_who_wants_to_be_asked(hurts: str, text: str, against: bool) -> None:
    hurt = msgspec.structs.replace(OWNER, frustrations=(point(hurts, 0.4, "a1"),), goals=(), quotes=())
    losses = parts(hurt, question(text), "loss")
    assert bool(losses and min(losses) < -0.1) == against
    assert bool(parts(hurt, question(text), "need")) != against


def test_who_wants_to_be_asked_loses_however_far_apart_the_subjects_are() -> None:
    """What the words say, vectors need not know: an app that booked, and one that sorts, both by themselves."""
    text = "It sorts photos by itself."
    wary, calm = (
        msgspec.structs.replace(OWNER, frustrations=(point(hurts, 0.4, "a1"),), goals=(), quotes=())
        for hurts in ("An app booked half of them without asking", "An app booked half of them wrongly")
    )
    far = Near(vectors(wary, sheet(question(text)))).cosines([text], [wary.frustrations[0].text])
    assert far.item() < SENSE.strange
    assert parts(wary, question(text), "loss") == [pytest.approx(-OWNER.priors.loss * NEED * SENSE.same(SENSE.bears))]
    assert parts(calm, question(text), "loss") == []


@pytest.mark.parametrize(
    ("hurts", "behind"),
    [
        ("I approve each line", "I approve each line"),
        ("They booked it and it cannot be changed", "They booked it and it cannot be changed"),
        ("typing receipts twice", ""),
    ],
    ids=["by its words", "near", "about something else"],
)
def test_behind_a_catch_stands_who_said_that_they_would_mind(hurts: str, behind: str) -> None:
    hurt = msgspec.structs.replace(OWNER, frustrations=(point(hurts, 0.4, "a1"),), goals=(), quotes=())
    asked = question("What it booked cannot be undone.")
    near = Near(vectors(hurt, sheet(asked)))
    (catch,) = (each for each in terms(hurt, asked, asked.variants[0], SENSE, near) if each.of_itself)
    assert catch.value == -OWNER.priors.loss * GIVEN_UP
    assert (catch.point.text if catch.point else "") == behind


def test_behind_a_catch_stands_nothing_that_we_inferred() -> None:
    ours = msgspec.structs.replace(OWNER, frustrations=(point("What it booked cannot be undone"),), goals=(), quotes=())
    asked = question("What it booked cannot be undone.")
    near = Near(vectors(ours, sheet(asked)))
    assert [each.point for each in terms(ours, asked, asked.variants[0], SENSE, near) if each.of_itself] == [None]


def test_who_wishes_that_it_comes_by_itself_gets_what_they_wish() -> None:
    wish = msgspec.structs.replace(
        OWNER, frustrations=(), goals=(point("Overdue invoices should come back by themselves.", 0.4, "b1"),), quotes=()
    )
    asked = question("Overdue invoices come back by themselves.")
    assert max(parts(wish, asked, "goal")) > 0.3
    assert parts(wish, asked, "loss") == []


def test_who_complains_of_something_else_hears_a_loss() -> None:
    text = "Warns you before a penalty for filing late."
    assert parts(OWNER, question(text), "loss")[-1] == -2 * GIVEN_UP


def test_a_loss_weighs_as_much_more_as_the_persona_says() -> None:
    even = msgspec.structs.replace(OWNER, priors=msgspec.structs.replace(OWNER.priors, loss=1.0))
    asked = question(f"{THEME} There is a fee.")
    assert min(parts(OWNER, asked, "loss")) == 2 * min(parts(even, asked, "loss")) == -2 * GIVEN_UP


def test_what_is_spared_is_a_gain() -> None:
    assert max(parts(OWNER, question(f"{THEME} There is no fee."), "loss")) == GIVEN_UP


def test_the_tenth_catch_is_no_news() -> None:
    catches = " ".join(f"There is a fee for part {number}." for number in range(30))
    losses = [value for value in parts(OWNER, question(f"{THEME} {catches}"), "loss") if value <= -0.0001]
    assert -4 * GIVEN_UP - 1.0 < sum(losses) < -3.9 * GIVEN_UP


def test_taste() -> None:
    asked = question("It saves 3 hours.", "It saves hours.")
    assert parts(OWNER, asked, "wording", "a") == [0.1]
    assert parts(OWNER, asked, "wording", "b") == []


def test_a_change_from_today_costs_and_no_today_is_the_farthest() -> None:
    unknown = question(CHASES)
    near = msgspec.structs.replace(unknown, today=CHASES)
    far = msgspec.structs.replace(unknown, today="Horses and carriages.")
    (at_home,) = parts(OWNER, near, "switching")
    (abroad,) = parts(OWNER, far, "switching")
    (blank,) = parts(OWNER, unknown, "switching")
    assert blank <= abroad < at_home < 0


def test_work_costs_and_ease_does_not() -> None:
    asked = question(CHASES, f"{CHASES} It needs an installation.", f"{CHASES} It needs no installation.")
    plain, hard, eased = (parts(OWNER, asked, "switching", variant)[0] for variant in "abc")
    assert hard < plain < eased


@pytest.mark.parametrize(("bias", "times"), [("status-quo", 2), ("bandwagon", 1)])
def test_habit(bias: str, times: float) -> None:
    assert parts(msgspec.structs.replace(OWNER, bias=bias), question(CHASES), "habit") == [-HABIT * times]


def test_who_loves_the_new_has_no_habit() -> None:
    assert parts(msgspec.structs.replace(OWNER, bias="novelty"), question(CHASES), "habit") == []


def test_price_is_the_logarithm_over_the_reference() -> None:
    asked = priced(20.0, 40.0, 10.0, None, reference=20.0)
    assert parts(OWNER, asked, "price", "a") == parts(OWNER, asked, "price", "d") == []
    assert parts(OWNER, asked, "price", "b") == [pytest.approx(-1.7 * math.log(2), abs=1e-6)]
    assert parts(OWNER, asked, "price", "c") == [pytest.approx(1.7 * math.log(2), abs=1e-6)]


def test_more_is_never_liked_better_and_nothing_has_an_end() -> None:
    asked = priced(0.0, 0.01, 5.0, 20.0, 21.0, 1e12, reference=20.0)
    scores = [score(OWNER, asked, variant) for variant in "abcdef"]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] == scores[1]


def test_without_a_reference_prices_are_held_against_each_other() -> None:
    assert reference_price(priced(10.0, 40.0)) == pytest.approx(20)
    assert reference_price(priced(10.0, 0.0)) == pytest.approx(10)
    assert reference_price(priced(None, 0.0)) is reference_price(priced(None)) is None
    assert parts(OWNER, priced(10.0), "price") == []


def test_ideals_answer_one_or_two_points_wholly() -> None:
    found = ideals(OWNER)
    worths = sorted(each.worth for each in concerns(OWNER))
    plain = -0.6 * 0.75 - 1.5 * HABIT
    assert len(found) == 6 * 7 / 2
    assert min(found) == pytest.approx(plain + worths[0])
    assert max(found) == pytest.approx(plain + worths[-1] + worths[-2])


@pytest.mark.parametrize(
    ("said", "currency", "weighs"),
    [(("€20", "3,000 yen"), "USD", False), (("$20", "$40"), "EUR", False), (("€20", "40 euros"), "EUR a month", True)],
)
def test_prices_in_different_currencies_are_not_weighed(said: tuple[str, str], currency: str, weighs: bool) -> None:
    variants = tuple(
        Variant(id=id_, text=f"{CHASES} Only {each}.", price=price)
        for id_, each, price in zip("ab", said, (20.0, 3_000.0), strict=True)
    )
    asked = Question(ask="", variants=variants, currency=currency)
    assert bool(parts(OWNER, asked, "price", "b")) is weighs
    assert (reference_price(asked) is not None) is weighs
    known = msgspec.structs.replace(asked, reference_price=30.0)
    assert bool(parts(OWNER, known, "price", "b")) is weighs
    assert reference_price(known) == 30.0, "that somebody said"
