"""A model that says its last words again after a resumption is heard once; one that is asked again is heard again."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.conversation.talk import Talk
from vivavoce.conversation import events as ev
from vivavoce.conversation.effects import Caption, Forget, Inject, Remark, Say
from vivavoce.conversation.repeats import Repeats
from vivavoce.conversation.settings import SOONEST_ANSWER_S


def resumed(talk: Talk) -> Talk:
    talk.hear(talk.agent_says("Who is the customer?", seconds=0.4), 0.4)
    talk.tell(ev.HandleIssued(1, 1, True, 0))
    talk.tell(ev.LinkDropped(1, 1006, "transient"), after=1)
    talk.tell(ev.LinkOpened(2), after=0.1)
    return talk


def again(talk: Talk) -> int:
    """The model sends a sound that came before; how many pieces of it are heard."""
    before = len(talk.all(Say))
    talk.tell(ev.ReplyArrived(2, 7, 4800, repeated=True))
    talk.tell(ev.ReplyArrived(2, 8, 4800, repeated=True))
    talk.tell(ev.AgentTranscribed(2, "Who is the customer?"))
    talk.tell(ev.TurnEnded(2))
    return len(talk.all(Say)) - before


def test_a_repetition_is_neither_heard_nor_read(talk: Talk) -> None:
    resumed(talk)
    captions = len(talk.all(Caption))
    assert again(talk) == 0
    assert {chunk for effect in talk.all(Forget) for chunk in effect.chunks} >= {7, 8}
    assert len(talk.all(Caption)) == captions
    assert [remark for remark in talk.all(Remark) if remark.what == "repeated"] == [Remark("repeated", "sound", 2)]


def test_its_words_may_come_before_it(talk: Talk) -> None:
    resumed(talk)
    captions = len(talk.all(Caption))
    talk.tell(ev.AgentTranscribed(2, "Who is the customer?"))
    assert again(talk) == 0
    assert len(talk.all(Caption)) == captions


def test_or_without_it(talk: Talk) -> None:
    resumed(talk)
    captions = len(talk.all(Caption))
    talk.tell(ev.AgentTranscribed(2, " the customer?"))
    talk.tell(ev.TurnEnded(2))
    assert len(talk.all(Caption)) == captions
    assert Remark("repeated", "words", 2) in talk.effects


def test_what_follows_it_is_heard(talk: Talk) -> None:
    resumed(talk)
    talk.tell(ev.ReplyArrived(2, 7, 4800, repeated=True))
    talk.tell(ev.ReplyArrived(2, 8, 4800))
    talk.tell(ev.AgentTranscribed(2, "Tell me."))
    talk.tell(ev.ReplyArrived(2, 9, 4800, repeated=True))
    talk.tell(ev.TurnEnded(2))
    assert [say.chunk for say in talk.all(Say)][-2:] == [8, 9]
    assert talk.last(Caption).text == "Tell me."


def typed(talk: Talk) -> None:
    talk.tell(ev.CallerTyped("What?"))


def spoken(talk: Talk) -> None:
    talk.tell(ev.SpeechStarted(90_000))
    talk.tell(ev.SpeechEnded(99_000), after=0.5)


@pytest.mark.parametrize("ask", [typed, spoken])
def test_the_same_sound_is_an_answer_to_who_has_asked(talk: Talk, ask: Callable[[Talk], None]) -> None:
    resumed(talk)
    ask(talk)
    talk.wait(SOONEST_ANSWER_S)
    assert again(talk) == 2


def test_so_it_is_to_what_went_again(talk: Talk) -> None:
    resumed(talk)
    talk.tell(ev.SoundResent(2, 16_000))
    talk.wait(SOONEST_ANSWER_S)
    assert again(talk) == 2


def test_but_no_answer_comes_at_once(talk: Talk) -> None:
    resumed(talk)
    talk.tell(ev.SoundResent(2, 16_000))
    talk.wait(SOONEST_ANSWER_S / 2)
    assert again(talk) == 0


def test_nor_to_the_result_of_a_tool_that_the_new_link_is_told(talk: Talk) -> None:
    reply = talk.agent_says("Who is the", seconds=0.4, ends=False)
    talk.tell(ev.HandleIssued(1, 1, True, 0))
    talk.tell(ev.ToolCalled(1, "a", "unit_economics", {}))
    talk.hear(reply, 0.4)
    talk.tell(ev.LinkDropped(1, 1006, "transient"))
    talk.tell(ev.ErrandReturned(1, {"output": {"ltv": 7}}))
    talk.tell(ev.LinkOpened(2), after=0.1)
    assert "The result of" in talk.last(Inject).text
    assert again(talk) == 0


def test_a_sentence_that_is_taken_up_again_from_its_beginning_is_heard_from_where_it_broke_off(talk: Talk) -> None:
    reply = talk.agent_says("Who is the", seconds=0.4, ends=False)
    talk.tell(ev.HandleIssued(1, 1, True, 0))
    talk.tell(ev.LinkDropped(1, 1006, "transient"))
    talk.hear(reply, 0.4)
    talk.tell(ev.LinkOpened(2), after=0.1)
    assert "reason: go_on" in talk.last(Inject).text
    assert again(talk) == 0


def test_a_fresh_link_repeats_nothing(talk: Talk) -> None:
    repeats = Repeats()
    repeats.linked(resumed=False)
    assert not repeats.sounded(0.0, known=True)
    assert not repeats.going
    talk.hear(talk.agent_says("Who is the customer?", seconds=0.4), 0.4)
    talk.tell(ev.LinkDropped(1, 1006, "transient"), after=1)
    talk.tell(ev.LinkOpened(2), after=0.1)
    assert again(talk) == 2
