"""Replies on their way to the ear: sent ahead a little; heard is not generated; cut is cut."""

from __future__ import annotations

import pytest

from tests.conversation.talk import SETTINGS, Talk
from vivavoce.conversation import events as ev
from vivavoce.conversation.effects import Caption, Cut, FinishReply, Forget, Listen, RecordTurn, Say, ShowFloor


@pytest.mark.conformance("C27")
def test_at_most_a_little_is_sent_ahead(talk: Talk) -> None:
    reply = talk.agent_says("long", seconds=10.0)
    sent = sum(say.samples for say in talk.all(Say))
    assert SETTINGS.ahead_s * 24_000 <= sent < SETTINGS.ahead_s * 24_000 + 4800
    talk.hear(reply, 9.0)
    assert sum(say.samples for say in talk.all(Say)) == 10 * 24_000
    assert [say.position for say in talk.all(Say)] == list(range(0, 240_000, 4800))


def test_the_length_is_told_when_generation_is_over(talk: Talk) -> None:
    reply = talk.agent_says("hello", seconds=1.0)
    assert talk.last(FinishReply) == FinishReply(reply, 24_000)


def test_a_whole_reply_is_recorded_whole(talk: Talk) -> None:
    reply = talk.agent_says(" How bad is it?", seconds=1.0)
    talk.hear(reply, 1.0, start_at=16_000)
    turn = talk.last(RecordTurn)
    assert (turn.who, turn.text, turn.complete) == ("alex", "How bad is it?", True)
    assert (turn.start_ms, turn.end_ms) == (1000, 2000)
    assert talk.last(Caption).final


def test_only_what_was_heard_is_recorded_of_a_cut_reply(talk: Talk) -> None:
    reply = talk.agent_says("one two three four five six seven eight nine ten", seconds=4.0)
    talk.hear(reply, 2.0)
    talk.tell(ev.CallerTyped("stop"))
    turn = next(turn for turn in talk.all(RecordTurn) if turn.who == "alex")
    assert not turn.complete
    assert turn.text == "one two three four five"


@pytest.mark.conformance("C20")
def test_a_turn_without_sound_is_shown_and_over(talk: Talk) -> None:
    talk.tell(ev.AgentTranscribed(1, "Only words."))
    talk.tell(ev.TurnEnded(1))
    assert talk.last(RecordTurn).text == "Only words."
    assert talk.last(ShowFloor).turn == "open"


@pytest.mark.conformance("C20")
def test_an_empty_turn_is_nothing(talk: Talk) -> None:
    before = len(talk.all(RecordTurn))
    talk.tell(ev.TurnEnded(1))
    assert len(talk.all(RecordTurn)) == before


@pytest.mark.conformance("C25")
def test_late_words_belong_to_the_reply_that_is_being_heard(talk: Talk) -> None:
    reply = talk.agent_says("first", seconds=1.0, ends=False)
    talk.tell(ev.GenerationEnded(1))
    talk.tell(ev.AgentTranscribed(1, " second"))
    talk.tell(ev.TurnEnded(1))
    talk.tell(ev.AgentTranscribed(1, "third"))
    talk.hear(reply, 1.0)
    assert talk.last(RecordTurn).text == "first second"
    assert talk.agent_says(" and fourth", seconds=1.0) == 2
    assert talk.last(Caption).text == "third and fourth"


def test_the_gate_hears_when_the_agent_is_audible(talk: Talk) -> None:
    reply = talk.agent_says("hello", seconds=1.0)
    assert talk.last(Listen).agent_audible
    talk.tell(ev.SpeechStarted(100))
    assert not talk.last(Listen).agent_audible
    talk.tell(ev.SpeechEnded(200), after=0.1)
    assert talk.last(Listen).agent_audible
    talk.hear(reply, 1.0)
    assert not talk.last(Listen).agent_audible


def test_reports_of_what_was_never_sent_are_not_believed(talk: Talk) -> None:
    reply = talk.agent_says("hello", seconds=1.0, ends=False)
    talk.tell(ev.Played(reply, 10**9, 0))
    assert talk.last(ShowFloor).turn == "agent"
    talk.tell(ev.Played(99, 10, 0))
    talk.tell(ev.Played(reply, -5, 0))
    talk.tell(ev.TurnEnded(1))
    assert talk.last(ShowFloor).turn == "open"


def test_a_machine_that_cannot_play_does_not_hang_the_call(talk: Talk) -> None:
    reply = talk.agent_says("hello", seconds=4.0)
    assert Cut(reply) in talk.wait(SETTINGS.stalled_s)
    assert talk.last(ShowFloor).turn == "open"


def test_in_text_mode_nothing_is_sent_and_everything_is_read() -> None:
    talk = Talk().join("text")
    talk.agent_says("Read me.", seconds=2.0)
    assert talk.all(Say) == []
    assert sum(len(forget.chunks) for forget in talk.all(Forget)) == 10
    assert talk.last(RecordTurn).complete
    assert talk.last(ShowFloor).turn == "open"
    talk.close()


def test_in_text_mode_what_was_shown_was_read() -> None:
    talk = Talk().join("text")
    talk.agent_says("All of this was on screen.", seconds=2.0, ends=False)
    talk.tell(ev.CallerTyped("wait"))
    assert any(turn.text == "All of this was on screen." for turn in talk.all(RecordTurn))
    talk.close()


@pytest.mark.conformance("C22")
def test_a_reply_is_over_when_it_was_heard_even_if_the_turn_ends_later(talk: Talk) -> None:
    reply = talk.agent_says("Well?", seconds=1.0, ends=False)
    talk.tell(ev.GenerationEnded(1))
    talk.hear(reply, 1.0)
    assert talk.last(ShowFloor).turn == "open"
    assert talk.tell(ev.TurnEnded(1)) == []


def test_switching_to_text_in_the_middle_of_a_reply(talk: Talk) -> None:
    talk.agent_says("Read the rest.", seconds=6.0)
    talk.tell(ev.ModeChanged("text"))
    assert talk.last(RecordTurn).text == "Read the rest."
    assert talk.last(ShowFloor).turn == "open"
    assert not talk.last(Listen).agent_audible
    assert talk.all(Cut) == [Cut(1)], "the caller's machine drops the sound"


def test_back_to_voice_in_the_middle_of_a_reply_that_is_read(talk: Talk) -> None:
    talk.tell(ev.ModeChanged("text"))
    talk.agent_says("Read this.", seconds=1.0, ends=False)
    talk.tell(ev.ModeChanged("voice"))
    assert talk.tell(ev.ReplyArrived(1, 99, 4800)) == [Forget((99,))]
    talk.tell(ev.TurnEnded(1))
    assert talk.agent_says("Hear this.", seconds=1.0) == 2


@pytest.mark.conformance("C21")
def test_a_lost_end_of_turn_does_not_deafen_us(talk: Talk) -> None:
    talk.agent_says("A question", seconds=1.0, ends=False)
    talk.tell(ev.Interrupted(1))
    talk.wait(5.0)
    assert any(isinstance(effect, Say) for effect in talk.tell(ev.ReplyArrived(1, 5, 4800)))


def test_nor_does_one_that_is_lost_after_a_cut_of_ours(talk: Talk) -> None:
    talk.agent_says("A question", seconds=1.0, ends=False)
    talk.tell(ev.SoundJudged(1, "silence"))
    talk.tell(ev.Interrupted(1), after=0.2)
    talk.wait(5.0)
    assert any(isinstance(effect, Say) for effect in talk.tell(ev.ReplyArrived(1, 5, 4800)))
