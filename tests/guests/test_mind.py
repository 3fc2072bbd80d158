from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from vivavoce.guests.guest import Filler, Guest, Topic, read
from vivavoce.guests.mind import MAX_FALLBACKS, MAX_NUDGES, MAX_REPEATS, Mind, asked_part, asks, points_of, words_of

DANA = read(Path(__file__).parents[2] / "examples/guests/dana.yaml")

KIM = Guest(
    name="Kim",
    topics=(
        Topic("price", ("price", "how much"), ("a lot", "nine dollars")),
        Topic("margin", ("margin",), refuse="i would rather not say"),
    ),
    opening="hello there",
    fallback=("no idea", "hard to say"),
)


@pytest.mark.parametrize(
    ("question", "topic"),
    [
        ("Walk me through the last time someone actually hit this problem.", "last_event"),
        ("Who exactly is the customer?", "customer"),
        ("Thank you. From zero to ten, how severe is it?", "severity"),
        ("On a scale from 0 to 10, how bad is it?", "severity"),
        ("How often does it happen in a month?", "per_month"),
        ("How many times per month?", "per_month"),
        ("What do they do today instead?", "workaround"),
        ("Who has already paid, promised or changed their calendar for this?", "commitments"),
        ("How much money do they spend on it today?", "spend_today"),
        ("Which market segment do you start with?", "segment"),
        ("How many buyers are there in that segment?", "buyers"),
        ("Who are the rivals?", "rivals"),
        ("Which companies do you compete with?", "rivals"),
        ("What price do you plan to charge?", "price"),
        ("What is the churn, in percent?", "churn"),
        ("What is your gross margin?", "margin"),
        ("What does it cost to acquire one customer?", "cac"),
        ("What happened next?", "next"),
        ("Who else was involved?", "others"),
        ("What did it cost, in hours or money?", "cost"),
        ("Hello, I am Alex. Say skip if you would rather not answer. Walk me through the last time.", "last_event"),
        ("When did it last happen, and what happened then?", "last_event"),
        ("I am Sam. I look after market and competition. Which market segment would you start with?", "segment"),
        ("How many such buyers are there?", "buyers"),
        ("Which companies do they use or compare with today?", "rivals"),
        ("How do people work around it today?", "workaround"),
        ("What has anybody given you so far: opinion, time, intro, deposit or payment?", "commitments"),
        ("90 dollars, noted. How high is the monthly churn, in percent?", "churn"),
        ("Of course, we leave that open. What does it cost you to win one customer?", "cac"),
        ("What margin is left, in percent?", "margin"),
        ("Sorry, I did not catch that. What price do you have in mind, in numbers?", "price"),
    ],
)
def test_dana_understands_the_interview(question: str, topic: str) -> None:
    mind = Mind(DANA)
    for warm_up in ("Walk me through the last time.", "When was that, what happened next?", "Who is the customer?"):
        mind.on_agent_turn(warm_up)
    answer = mind.on_agent_turn(question)
    assert answer is not None
    assert answer.topic == topic


def test_dana_is_evasive_first_and_precise_on_the_probe() -> None:
    mind = Mind(DANA)
    first = mind.on_agent_turn("Walk me through the last time someone hit this problem.")
    second = mind.on_agent_turn("Can you be more specific? What did it cost, in hours or money?")
    assert first is not None
    assert second is not None
    assert first.say == "it is a huge problem for everyone"
    assert second.topic == "last_event"
    assert "march" in second.say


def test_variants_in_order_then_a_few_repeats_then_fallbacks() -> None:
    mind = Mind(KIM)
    said = [mind.on_agent_turn("What is the price?") for _ in range(6)]
    assert [answer.say for answer in said if answer] == [
        "a lot", "nine dollars", "nine dollars", "nine dollars", *(said[i].say for i in (4, 5)),  # type: ignore[union-attr]
    ]  # fmt: skip
    assert [answer.sort for answer in said if answer] == [
        "answer",
        "answer",
        "repeat",
        "repeat",
        "fallback",
        "fallback",
    ]
    assert {said[4].say, said[5].say} == {"no idea", "hard to say"}  # type: ignore[union-attr]


def test_refusal() -> None:
    answer = Mind(KIM).on_agent_turn("And the margin?")
    assert answer is not None
    assert (answer.say, answer.sort) == ("i would rather not say", "refusal")


def test_a_probe_without_a_topic_goes_to_the_last_one() -> None:
    mind = Mind(KIM)
    mind.on_agent_turn("What is the price?")
    answer = mind.on_agent_turn("Can you give me an example?")
    assert answer is not None
    assert answer.say == "nine dollars"


def test_says_it_again_but_not_for_ever() -> None:
    mind = Mind(KIM)
    mind.on_agent_turn("How much?")
    again = [mind.on_agent_turn("Sorry, I did not catch that.") for _ in range(MAX_REPEATS + 1)]
    assert [answer.say for answer in again[:MAX_REPEATS] if answer] == ["a lot"] * MAX_REPEATS
    assert again[-1] is not None
    assert again[-1].sort == "fallback"


def test_a_question_that_was_not_caught_is_answered_as_before() -> None:
    mind = Mind(KIM)
    mind.on_agent_turn("What is the price?")
    again = mind.on_agent_turn("Sorry, I did not catch that. What is the price?")
    other = mind.on_agent_turn("Sorry, I did not catch that. What is the margin?")
    assert again is not None
    assert other is not None
    assert (again.say, again.sort) == ("a lot", "repeat")
    assert other.topic == "margin"


def test_confirms() -> None:
    mind = Mind(KIM)
    mind.on_agent_turn("How much?")
    answer = mind.on_agent_turn("A lot. Is that right?")
    assert answer is not None
    assert answer.sort == "confirm"


def test_statements_want_no_answer_after_the_opening() -> None:
    mind = Mind(KIM)
    first = mind.on_agent_turn("Hello, I am Alex. I would like to hear about your idea.")
    assert first is not None
    assert first.sort == "opening"
    assert mind.on_agent_turn("Thank you. Sam takes over from here, the price comes later.") is None


def test_goodbye_ends() -> None:
    answer = Mind(KIM).on_agent_turn("That is all I needed. Thank you for your time. Goodbye!")
    assert answer is not None
    assert (answer.sort, answer.ends) == ("goodbye", True)


def test_goes_away_after_too_many_questions_without_an_answer() -> None:
    mind = Mind(KIM)
    answers = [mind.on_agent_turn("What is your favourite colour?") for _ in range(MAX_FALLBACKS + 1)]
    assert [answer.ends for answer in answers if answer] == [False] * MAX_FALLBACKS + [True]


def test_nudges_then_leaves() -> None:
    mind = Mind(KIM)
    said = [mind.on_silence() for _ in range(MAX_NUDGES + 2)]
    assert [answer.sort for answer in said] == ["opening", *["nudge"] * MAX_NUDGES, "goodbye"]
    assert said[-1].ends
    assert all(answer.after_s == 0.0 for answer in said)


def test_an_agent_that_speaks_again_is_nudged_anew() -> None:
    mind = Mind(KIM)
    mind.on_silence()
    for _ in range(MAX_NUDGES):
        mind.on_silence()
        mind.on_agent_turn("I see.")
    assert not mind.on_silence().ends


def test_take_back_forgets_the_answer() -> None:
    mind = Mind(KIM)
    first = mind.on_agent_turn("What is the price?")
    mind.take_back()
    assert mind.on_agent_turn("What is the price, roughly?") == first


def test_filler_is_a_habit() -> None:
    mind = Mind(replace(KIM, filler=Filler(2, ("well",))))
    answers = [mind.on_agent_turn("What is the price?"), mind.on_agent_turn("What is the price?")]
    assert [answer.say for answer in answers if answer] == ["a lot", "well nine dollars"]


def test_pauses_are_in_range_and_seeded() -> None:
    def pauses(seed: int) -> list[float]:
        mind = Mind(replace(KIM, seed=seed, thinking_s=(0.5, 1.0)))
        return [answer.after_s for answer in (mind.on_agent_turn("How much?") for _ in range(4)) if answer]

    assert all(0.5 <= pause <= 1.0 for pause in pauses(1))
    assert pauses(1) == pauses(1) != pauses(2)


def test_words() -> None:
    assert asked_part("Thanks. How often? A guess is fine.") == words_of("how often a guess is fine")
    assert asked_part("First. Second.") == ("second",)
    assert asked_part("...") == ()
    assert points_of(words_of("Who are your competitors?"), "compet*") == 1
    assert points_of(words_of("the last few times"), "last time") == 0
    assert points_of(words_of("THE LAST TIME"), "last time") == 2
    assert asks("Tell me about it.")
    assert asks("And how many?")
    assert not asks("Hi, I'm Alex. I will ask about money.")


@given(st.lists(st.one_of(st.none(), st.text(max_size=80), st.sampled_from(["Price?", "Margin?", "What?", "Bye."]))))
def test_whatever_the_agent_says_no_line_of_a_topic_is_said_for_ever(turns: list[str | None]) -> None:
    mind = Mind(KIM)
    said: Counter[str] = Counter()
    for turn in turns:
        answer = mind.on_silence() if turn is None else mind.on_agent_turn(turn)
        if answer is not None:
            assert answer.say
            said[answer.say] += bool(answer.topic)
    assert all(count <= 2 * MAX_REPEATS + 1 for count in said.values())
