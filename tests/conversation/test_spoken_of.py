"""Results that the model has spoken of, when it is resumed from before them: not told again, and nothing run twice."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.conversation.talk import Talk, done
from tests.conversation.test_results import RESULT, ask, drop, up
from vivavoce.conversation import events as ev
from vivavoce.conversation.effects import Answer, Dial, Run
from vivavoce.conversation.settings import SOONEST_ANSWER_S


@pytest.fixture
def told(talk: Talk) -> Talk:
    """A handle came; then a tool was called and answered, and the model spoke of it. No handle has come since."""
    talk.tell(ev.HandleIssued(1, 1, True, 0))
    ask(talk)
    talk.tell(ev.ErrandReturned(1, RESULT))
    talk.wait(SOONEST_ANSWER_S)
    talk.agent_says("It is seven.")
    return talk


def hand_over(talk: Talk) -> None:
    talk.tell(ev.TakenOver(2, 1))


def asked_again(talk: Talk) -> int:
    """The link that is up asks for the very same; how often it has been run by then."""
    ask(talk)
    return len(talk.all(Run))


@pytest.mark.parametrize("lose", [drop, hand_over])
def test_who_asks_again_gets_what_there_is(told: Talk, lose: Callable[[Talk], None]) -> None:
    lose(told)
    assert up(told) == [], "the caller has heard of it"
    effects = done(told.tell(ev.ToolCalled(2, "z", "unit_economics", {})))
    assert effects == [Answer(2, "z", "unit_economics", RESULT)]
    drop(told)
    assert len(up(told)) == 1, "it asked, and has said nothing yet"
    assert asked_again(told) == 1
    told.wait(SOONEST_ANSWER_S)
    told.agent_says("Seven, as I said.", link=3)
    told.tell(ev.ToolCalled(3, "z", "unit_economics", {}))
    assert len(told.all(Run)) == 2, "another wish"


def test_what_was_said_before_it_was_answered_anew_is_not_of_that(told: Talk) -> None:
    drop(told)
    up(told)
    told.agent_says("One moment.", link=2, ends=False)
    told.tell(ev.ToolCalled(2, "z", "unit_economics", {}))
    told.tell(ev.TurnEnded(2))
    drop(told)
    assert len(up(told)) == 1, "it has said nothing of it yet"


def test_who_ends_a_turn_without_asking_makes_another_wish_after_that(told: Talk) -> None:
    drop(told)
    up(told)
    told.agent_says("Go on.", link=2)
    assert asked_again(told) == 2


def test_who_is_resumed_from_there_once_more_knows_of_that_turn_as_little(told: Talk) -> None:
    drop(told)
    up(told)
    told.agent_says("Go on.", link=2)
    drop(told)
    up(told)
    assert asked_again(told) == 1


def test_a_turn_that_was_interrupted_might_have_asked(told: Talk) -> None:
    drop(told)
    up(told)
    told.agent_says("Let me", link=2, ends=False)
    told.tell(ev.Interrupted(2))
    told.tell(ev.TurnEnded(2))
    told.tell(ev.HandleIssued(2, 2, True, 0), after=1)
    drop(told)
    up(told)
    assert asked_again(told) == 1


@pytest.mark.parametrize("then", [[ev.TurnEnded(2)], [ev.LinkDropped(2, 1006, "transient"), ev.LinkOpened(3)]])
def test_the_turn_after_an_interrupted_one_is_whole(told: Talk, then: list[ev.Event]) -> None:
    drop(told)
    up(told)
    told.tell(ev.Interrupted(2))
    for event in then:
        told.tell(event, after=0.5)
    told.agent_says("Go on.", link=told.last(Dial).link)
    assert asked_again(told) == 2


def test_a_turn_of_silence_does_without_nothing(told: Talk) -> None:
    drop(told)
    up(told)
    told.tell(ev.ReplyArrived(2, 7, 4800))
    told.tell(ev.SoundJudged(2, "silence"))
    told.tell(ev.TurnEnded(2))
    assert asked_again(told) == 1


def test_who_is_resumed_from_behind_it_makes_another_wish(told: Talk) -> None:
    told.tell(ev.HandleIssued(1, 2, True, 0), after=1)
    drop(told)
    assert up(told) == []
    assert asked_again(told) == 2


def test_so_does_who_is_told_the_talk_anew(told: Talk) -> None:
    drop(told)
    told.tell(ev.LinkDropped(2, 1008, "dead_handle"))
    assert up(told) == []
    assert asked_again(told) == 2


@pytest.mark.parametrize("newest", [2, 3])
def test_another_server_may_have_the_handle_before_the_newest(told: Talk, newest: int) -> None:
    for handle in range(2, newest + 1):
        told.tell(ev.HandleIssued(1, handle, True, 0), after=1)
    told.tell(ev.TakenOver(2, newest - 1))
    up(told)
    assert asked_again(told) == newest - 1, "one before, which may know nothing of it"
