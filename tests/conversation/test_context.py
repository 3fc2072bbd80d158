"""What a model is told that knows the talk only in part, and what a caller is told who was away. Every log is
replayed.
"""

from __future__ import annotations

import pytest

from tests.conversation.talk import SETTINGS, Talk
from vivavoce.agents import Briefing, read_briefing
from vivavoce.conversation import events as ev
from vivavoce.conversation.effects import Dial, Inject, Resend, Say


def told(talk: Talk) -> list[Briefing]:
    found = [read_briefing(effect.text) for effect in talk.all(Inject)]
    return [briefing for briefing in found if briefing is not None]


def ask(talk: Talk, words: str, answer: str) -> None:
    """The caller says something and hears an answer."""
    link = talk.last(Dial).link
    talk.tell(ev.SpeechStarted(0), after=0.5)
    talk.tell(ev.CallerTranscribed(link, words))
    talk.tell(ev.SpeechEnded(0), after=1.0)
    talk.hear(talk.agent_says(answer, link=link, seconds=0.4), 0.4)


def drop(talk: Talk) -> None:
    link = talk.last(Dial).link
    talk.tell(ev.LinkDropped(link, 1006, "transient"), after=15.0)
    talk.tell(ev.LinkOpened(talk.last(Dial).link), after=0.3)


@pytest.fixture
def greeted(talk: Talk) -> Talk:
    talk.hear(talk.agent_says("Hello. Who are you?", seconds=0.4), 0.4)
    return talk


# ------------------------------------------------------------------------------------------------ a resumed link


@pytest.mark.conformance("C53")
def test_a_resumed_model_is_told_the_turns_that_its_handle_does_not_know(greeted: Talk) -> None:
    ask(greeted, "I am Ann", "What is the problem?")
    greeted.tell(ev.HandleIssued(1, 1, True, 0))
    ask(greeted, "Parcels are late", "How often?")
    ask(greeted, "Each week", "And what does it cost?")
    drop(greeted)
    assert greeted.last(Dial).handle == 1
    missed = told(greeted)[-1]
    assert missed.reason == "missed"
    assert [text for _, text in missed.said] == [
        "Parcels are late",
        "How often?",
        "Each week",
        "And what does it cost?",
    ]
    count = len(greeted.all(Inject))
    greeted.wait(SETTINGS.answer_within_s + 1)
    assert len(greeted.all(Inject)) == count, "nobody owes an answer to it"


def test_what_was_not_answered_goes_again_as_it_was_and_is_not_told(greeted: Talk) -> None:
    greeted.tell(ev.HandleIssued(1, 1, True, 0))
    ask(greeted, "I am Ann", "What is the problem?")
    greeted.tell(ev.SpeechStarted(50_000), after=0.5)
    greeted.tell(ev.CallerTranscribed(1, "Parcels"))
    drop(greeted)
    assert told(greeted)[-1].said == [("caller", "I am Ann"), ("alex", "What is the problem?")]
    assert len(greeted.all(Resend)) == 1
    kinds = [type(effect) for effect in greeted.effects]
    assert kinds.index(Resend) > len(kinds) - 1 - kinds[::-1].index(Inject), "first what was before"


def test_a_handle_that_knows_it_all_needs_no_word(greeted: Talk) -> None:
    ask(greeted, "I am Ann", "What is the problem?")
    greeted.tell(ev.HandleIssued(1, 1, True, 0))
    count = len(greeted.all(Inject))
    drop(greeted)
    assert len(greeted.all(Inject)) == count


def test_what_is_still_being_heard_is_told_as_said(greeted: Talk) -> None:
    greeted.tell(ev.HandleIssued(1, 1, True, 0))
    greeted.tell(ev.CallerTyped("I am Ann"))
    reply = greeted.agent_says("What is the problem?", seconds=3.0)
    greeted.hear(reply, 0.5)
    greeted.tell(ev.LinkDropped(1, 1006, "transient"))
    greeted.tell(ev.LinkOpened(2), after=0.1)
    assert told(greeted)[-1].reason == "missed"
    assert told(greeted)[-1].said == [("caller", "I am Ann"), ("alex", "What is the problem?")]


def test_a_correction_is_not_lost_in_what_was_missed(greeted: Talk) -> None:
    greeted.tell(ev.HandleIssued(1, 1, True, 0))
    ask(greeted, "I am Ann", "What is the problem?")
    greeted.tell(ev.LinkDropped(1, 1006, "transient"))
    greeted.tell(ev.FactCorrected("severity", 9))
    greeted.tell(ev.LinkOpened(2), after=0.1)
    assert [briefing.reason for briefing in told(greeted)[-2:]] == ["missed", "corrected"], "and that one is answered"


def test_a_sentence_that_the_link_took_with_it_is_gone_on_with(greeted: Talk) -> None:
    greeted.tell(ev.HandleIssued(1, 1, True, 0))
    greeted.tell(ev.CallerTyped("I am Ann"))
    greeted.hear(greeted.agent_says("Nice to meet you, what", seconds=0.4, ends=False), 0.4)
    drop(greeted)
    gone_on = told(greeted)[-1]
    assert gone_on.reason == "go_on"
    assert gone_on.said[-1] == ("alex", "Nice to meet you, what")
    again = greeted.agent_says("is the problem?", link=2, seconds=0.4)
    assert greeted.last(Say).reply == again


def test_who_spoke_over_the_sentence_has_the_word(greeted: Talk) -> None:
    greeted.tell(ev.HandleIssued(1, 1, True, 0))
    greeted.tell(ev.CallerTyped("I am Ann"))
    greeted.hear(greeted.agent_says("Nice to meet you, what", seconds=3.0, ends=False), 0.4)
    greeted.tell(ev.SpeechStarted(50_000))
    greeted.tell(ev.LinkDropped(1, 1006, "transient"), after=0.2)
    greeted.tell(ev.LinkOpened(2), after=0.1)
    assert "go_on" not in [briefing.reason for briefing in told(greeted)]


# ------------------------------------------------------------------------------------------------ a caller who was away


def away(talk: Talk, seconds: float) -> None:
    talk.tell(ev.CallerDropped(), after=1.0)
    talk.tell(ev.CallerReturned(), after=seconds)


def test_who_was_away_for_long_is_asked_where_we_were(greeted: Talk) -> None:
    ask(greeted, "I am Ann", "What is the problem?")
    away(greeted, SETTINGS.greet_after_s + 1)
    back = told(greeted)[-1]
    assert back.reason == "returned"
    assert back.said[-1] == ("alex", "What is the problem?")
    greeted.wait(SETTINGS.answer_within_s)
    assert told(greeted)[-1].reason == "nudge", "and is owed an answer"


def test_who_changed_networks_hears_nothing_of_it(greeted: Talk) -> None:
    away(greeted, SETTINGS.greet_after_s - 1)
    assert "returned" not in [briefing.reason for briefing in told(greeted)]


@pytest.mark.parametrize("why", ["unheard", "waiting", "text", "errand"])
def test_nobody_is_asked_who_has_something_to_hear_or_read(greeted: Talk, why: str) -> None:
    match why:
        case "unheard":
            greeted.hear(greeted.agent_says("A long question about money.", seconds=4.0), 1.0)
        case "waiting":
            greeted.tell(ev.SpeechStarted(0))
            greeted.tell(ev.SpeechEnded(0), after=1.0)
        case "text":
            greeted.tell(ev.ModeChanged("text"))
        case "errand":
            greeted.tell(ev.ToolCalled(1, "a", "unit_economics", {}))
    greeted.tell(ev.CallerDropped(), after=0.5)
    greeted.tell(ev.CallerReturned("text" if why == "text" else "voice"), after=SETTINGS.greet_after_s + 1)
    assert "returned" not in [briefing.reason for briefing in told(greeted)]


def test_what_they_had_heard_already_is_nothing_to_hear(greeted: Talk) -> None:
    reply = greeted.agent_says("What is the problem?", seconds=0.4)
    greeted.tell(ev.CallerDropped())
    greeted.tell(ev.CallerReturned(reply=reply, samples=9600, at=8000), after=SETTINGS.greet_after_s + 1)
    assert told(greeted)[-1].reason == "returned"


@pytest.mark.parametrize("handle", [True, False])
def test_without_a_link_they_are_asked_as_soon_as_there_is_one(greeted: Talk, handle: bool) -> None:
    if handle:
        greeted.tell(ev.HandleIssued(1, 1, True, 0))
    greeted.tell(ev.CallerDropped(), after=15.0)
    greeted.tell(ev.LinkDropped(1, 1006, "transient"), after=SETTINGS.greet_after_s)
    greeted.tell(ev.CallerReturned(), after=0.1)
    assert told(greeted)[-1].reason == "opening"
    greeted.tell(ev.LinkOpened(2), after=0.1)
    assert told(greeted)[-1].reason == ("returned" if handle else "reseed"), "one word for both is enough"
    greeted.hear(greeted.agent_says("Sorry, where were we?", link=2, seconds=0.4), 0.4)
    greeted.tell(ev.HandleIssued(2, 2, True, 0))
    count = len(greeted.all(Inject))
    drop(greeted)
    assert len(greeted.all(Inject)) == count, "once"
