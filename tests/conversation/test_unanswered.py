"""What the caller said and no reply has answered goes again, also where something that was no answer came first."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conversation.talk import SETTINGS, Talk
from vivavoce.conversation import events as ev
from vivavoce.conversation.effects import Inject, Remark, Resend
from vivavoce.conversation.unheard import SURE_S

WORDS_AT = 160_000


def words(talk: Talk) -> Talk:
    talk.tell(ev.HandleIssued(1, 1, True, 100_000))
    talk.tell(ev.SpeechStarted(WORDS_AT))
    talk.tell(ev.SpeechEnded(WORDS_AT + 32_000), after=2)
    return talk


def sound(talk: Talk, seconds: float = 1.0) -> None:
    for chunk in range(round(seconds / 0.2)):
        talk.tell(ev.ReplyArrived(1, 50 + chunk, 4800))


def resent(talk: Talk) -> bool:
    """Whether the words go again over the next link."""
    talk.tell(ev.LinkDropped(1, 1006, "transient"), after=0.1)
    return Resend(2, WORDS_AT) in talk.tell(ev.LinkOpened(2), after=0.1)


@pytest.mark.parametrize("kind", ["silence", "tone"])
def test_silence_and_tones_are_no_answer(talk: Talk, kind: Any) -> None:
    sound(words(talk), 2.0)
    talk.tell(ev.SoundJudged(1, kind))
    talk.tell(ev.TurnEnded(1))
    assert resent(talk)


@pytest.mark.parametrize("kind", ["silence", "tone"])
def test_nor_of_what_was_typed(talk: Talk, kind: Any) -> None:
    talk.tell(ev.CallerTyped("about seven"))
    talk.wait(1.0)
    sound(talk, 2.0)
    talk.tell(ev.SoundJudged(1, kind))
    talk.tell(ev.LinkDropped(1, 1006, "transient"), after=0.1)
    talk.tell(ev.LinkOpened(2), after=0.1)
    assert [effect.text for effect in talk.all(Inject) if effect.link == 2][1:] == ["about seven"]


def test_what_was_typed_is_told_once_where_the_answer_went_on(talk: Talk) -> None:
    talk.tell(ev.CallerTyped("about seven"))
    talk.wait(1.0)
    sound(talk, SURE_S + 0.4)
    talk.tell(ev.LinkDropped(1, 1006, "transient"), after=0.1)
    talk.tell(ev.LinkOpened(2), after=0.1)
    assert "about seven" not in [effect.text for effect in talk.all(Inject) if effect.link == 2]


def test_nor_is_what_breaks_off_before_anybody_can_tell(talk: Talk) -> None:
    sound(words(talk))
    assert resent(talk)


def test_what_went_on_for_longer_is_taken_up_where_it_broke_off(talk: Talk) -> None:
    sound(words(talk), SURE_S + 0.4)
    assert not resent(talk)
    assert "reason: go_on" in talk.last(Inject).text


def test_a_turn_that_ended_is_an_answer_however_short(talk: Talk) -> None:
    sound(words(talk), 0.2)
    talk.tell(ev.TurnEnded(1))
    assert not resent(talk)


def test_so_is_one_of_words_alone(talk: Talk) -> None:
    words(talk)
    talk.tell(ev.AgentTranscribed(1, "Yes."))
    talk.tell(ev.TurnEnded(1))
    assert not resent(talk)


def over_the_agent(talk: Talk, said: str) -> None:
    reply = talk.agent_says("Please explain everything that your company does", seconds=6.0)
    talk.tell(ev.HandleIssued(1, 1, True, 100_000))
    talk.hear(reply, 1.0)
    talk.tell(ev.SpeechStarted(WORDS_AT), after=0.1)
    talk.tell(ev.SpeechEnded(WORDS_AT + 14_000), after=0.9)
    if said:
        talk.tell(ev.CallerTranscribed(1, said))
    talk.wait(SETTINGS.words_within_s)


def test_where_the_link_is_dead_no_words_come_so_what_has_none_goes_again(talk: Talk) -> None:
    over_the_agent(talk, "")
    assert ("resumed", "noise") in [(remark.what, remark.why) for remark in talk.all(Remark)]
    assert resent(talk)


def test_and_the_model_is_asked_to_go_on_all_the_same(talk: Talk) -> None:
    reply = talk.agent_says("Please explain everything", seconds=6.0, ends=False)
    talk.hear(reply, 1.0)
    talk.tell(ev.HandleIssued(1, 1, True, 100_000))
    talk.tell(ev.SpeechStarted(WORDS_AT), after=0.1)
    talk.tell(ev.SpeechEnded(WORDS_AT + 4_000), after=0.3)
    assert resent(talk)
    assert "reason: go_on" in talk.last(Inject).text


def test_a_sign_of_listening_was_understood_and_does_not_go_again(talk: Talk) -> None:
    over_the_agent(talk, "mm-hm")
    assert ("resumed", "backchannel") in [(remark.what, remark.why) for remark in talk.all(Remark)]
    assert not resent(talk)
