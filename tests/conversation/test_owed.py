"""How long an answer has been owed, whoever asks for it again; and that a dead link is noticed in time."""

from __future__ import annotations

import pytest

from tests.conversation.talk import SETTINGS, Talk
from vivavoce.conversation import events as ev
from vivavoce.conversation.effects import HangUp, Remark
from vivavoce.conversation.owed import MOMENT, Owed

WITHIN_S = SETTINGS.answer_within_s
MOMENT_S = WITHIN_S * MOMENT


def test_another_question_does_not_begin_it_anew() -> None:
    owed = Owed(SETTINGS)
    owed.ask(0.0)
    assert owed.due_at() == WITHIN_S
    owed.pause(7.0)
    assert owed.due_at() is None, "nobody is reminded while somebody speaks"
    owed.ask(10.0)
    assert owed.due_at() == 10.0 + MOMENT_S, "but it gets the moment that any answer takes"
    owed.pause(14.0)
    owed.ask(20.0)
    assert owed.waited_s(20.0) == 11.0
    assert owed.due_at() == 20.0 + MOMENT_S


def test_a_pause_to_think_is_no_waiting() -> None:
    owed = Owed(SETTINGS)
    for at in range(0, 60, 6):
        owed.ask(at)
        owed.pause(at + MOMENT_S - 0.1)
    owed.ask(60.0)
    assert owed.due_at() == 60.0 + WITHIN_S


def test_who_does_something_has_the_whole_time_again() -> None:
    owed = Owed(SETTINGS)
    owed.ask(0.0)
    owed.begin_anew(6.0)
    assert owed.due_at() == 6.0 + WITHIN_S
    owed.pause(11.0)
    owed.begin_anew(12.0)
    assert owed.due_at() is None, "somebody speaks"
    owed.ask(13.0)
    assert owed.due_at() == 13.0 + WITHIN_S


def test_an_answer_settles_it() -> None:
    owed = Owed(SETTINGS)
    owed.ask(0.0)
    assert owed.remind(8.0)
    owed.ask(8.0)
    owed.answered()
    assert (owed.due_at(), owed.reminded) == (None, 0)


@pytest.mark.parametrize("speaks_s", [1.0, 4.0, 8.0])
@pytest.mark.parametrize("asks_after_s", [5.0, 7.0, 14.0])
def test_a_dead_link_is_noticed_though_the_caller_asks_again_and_again(
    talk: Talk, asks_after_s: float, speaks_s: float
) -> None:
    talk.hear(talk.agent_says("How bad is it?", seconds=0.4), 0.4)
    began, at = talk.now, 0
    while not talk.all(HangUp):
        talk.tell(ev.SpeechStarted(at), after=asks_after_s)
        talk.tell(ev.SpeechEnded(at + 1), after=speaks_s)
        at += 16_000
        assert talk.now < 600
    hung_up = next(entry for entry in talk.entries if b"hang_up" in entry.effects)
    assert hung_up.at - began < 70.0, "what they said meanwhile is still in the ring, and more than that"
    assert 1 <= len([remark for remark in talk.all(Remark) if remark.what == "reminded"]) <= SETTINGS.nudges


def test_lines_that_are_typed_do_not_put_it_off(talk: Talk) -> None:
    talk.hear(talk.agent_says("How bad is it?", seconds=0.4), 0.4)
    began = talk.now
    while not talk.all(HangUp):
        talk.tell(ev.CallerTyped("hello?"), after=MOMENT_S + 0.5)
        assert talk.now - began < 100
