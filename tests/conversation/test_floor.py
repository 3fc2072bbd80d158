"""Who has the floor, and what a change of it does to the reply that is being heard."""

from __future__ import annotations

import pytest

from tests.conversation.talk import SETTINGS, Talk
from vivavoce.conversation import events as ev
from vivavoce.conversation import floor
from vivavoce.conversation.effects import Cut, Forget, Hold, Listen, RecordTurn, Remark, Resume, Say, ShowFloor


def test_an_ordinary_exchange(talk: Talk) -> None:
    reply = talk.agent_says("How bad is it?", seconds=2.0)
    talk.hear(reply, 2.0)
    talk.tell(ev.SpeechStarted(40_000))
    talk.tell(ev.SpeechEnded(60_000), after=1.0)
    talk.agent_says("I see.")
    assert [effect.turn for effect in talk.all(ShowFloor)] == ["agent", "open", "caller", "waiting", "agent"]
    assert talk.all(ShowFloor)[0].holder == "alex"
    assert talk.all(Hold) == []


def test_a_cough_holds_and_resumes(talk: Talk) -> None:
    reply = talk.agent_says("A long question about money", seconds=4.0)
    talk.hear(reply, 1.0)
    assert Hold(reply) in talk.tell(ev.SpeechStarted(20_000))
    assert Resume(reply) in talk.tell(ev.SpeechEnded(24_000), after=0.2)
    assert talk.all(Cut) == []
    assert talk.last(ShowFloor).turn == "agent"


def test_speech_that_goes_on_cuts(talk: Talk) -> None:
    reply = talk.agent_says("A long question about money", seconds=4.0)
    talk.hear(reply, 1.0)
    talk.tell(ev.SpeechStarted(20_000))
    assert not talk.wait(SETTINGS.long_speech_s - 0.01), "it is silent already: nothing is thrown away yet"
    assert Cut(reply) in talk.wait(0.02)
    assert talk.last(ShowFloor).turn == "caller"
    assert talk.last(Remark) == Remark("cut", "long", seconds=SETTINGS.long_speech_s)


@pytest.mark.conformance("C21")
def test_the_model_heard_it_first(talk: Talk) -> None:
    reply = talk.agent_says("A long question", seconds=4.0, ends=False)
    talk.hear(reply, 1.0)
    assert Hold(reply) in talk.tell(ev.Interrupted(1))
    assert Cut(reply) in talk.wait(SETTINGS.words_within_s)
    assert talk.last(ShowFloor).turn == "waiting"
    assert talk.last(Remark) == Remark("cut", "no_words", seconds=SETTINGS.words_within_s)


def test_the_model_hears_a_turn_go_on_that_it_answered_too_early(talk: Talk) -> None:
    talk.tell(ev.SpeechStarted(0))
    reply = talk.agent_says("I see", ends=False)
    assert Cut(reply) in talk.tell(ev.Interrupted(1)), "this is their turn, and no word over ours"
    assert talk.last(ShowFloor).turn == "caller"


@pytest.mark.conformance("C21")
def test_what_is_read_is_not_weighed(talk: Talk) -> None:
    talk.tell(ev.ModeChanged("text"))
    talk.agent_says("A long question", ends=False)
    talk.tell(ev.Interrupted(1))
    assert [shown.turn for shown in talk.all(ShowFloor)] == ["agent", "waiting"]


def test_interrupted_of_another_link_is_nothing(talk: Talk) -> None:
    reply = talk.agent_says("A long question", seconds=4.0)
    talk.hear(reply, 1.0)
    assert talk.tell(ev.Interrupted(7)) == []


@pytest.mark.conformance("C21")
def test_audio_of_a_cut_turn_is_dropped_until_the_next_turn(talk: Talk) -> None:
    talk.agent_says("A long question", seconds=1.0, ends=False)
    talk.tell(ev.Interrupted(1))
    assert talk.tell(ev.ReplyArrived(1, 77, 4800)) == [Forget((77,))]
    talk.tell(ev.TurnEnded(1))
    late = talk.tell(ev.ReplyArrived(1, 78, 4800))
    assert [effect.reply for effect in late if isinstance(effect, Say)] == [2]


def test_typing_is_a_barge_in_too(talk: Talk) -> None:
    reply = talk.agent_says("A long question", seconds=4.0)
    talk.hear(reply, 0.5)
    assert Cut(reply) in talk.tell(ev.CallerTyped("stop"))
    assert talk.last(ShowFloor).turn == "waiting"


def test_words_after_a_pause_are_words_of_their_own(talk: Talk) -> None:
    for at, words in ((0, "four hundred dollars"), (40_000, "every month")):
        talk.tell(ev.SpeechStarted(at), after=1)
        talk.tell(ev.SpeechEnded(at + 16_000), after=1)
        talk.tell(ev.CallerTranscribed(1, words))
    assert talk.last(RecordTurn).text == "four hundred dollars every month"


def test_an_early_answer_takes_the_floor(talk: Talk) -> None:
    talk.tell(ev.SpeechStarted(0))
    talk.agent_says("Yes?")
    assert talk.last(ShowFloor).turn == "agent"


def doubted(talk: Talk) -> int:
    """The caller's machine doubts in the middle of a reply."""
    reply = talk.agent_says("A long question about money", seconds=4.0)
    talk.hear(reply, 1.0)
    assert Hold(reply) in talk.tell(ev.CallerDoubted(reply, 16_000, 0.1))
    assert talk.last(ShowFloor) == ShowFloor("held", "caller")
    return reply


def test_a_doubt_that_nobody_shares_passes(talk: Talk) -> None:
    reply = doubted(talk)
    assert talk.wait(SETTINGS.doubt_s - 0.01) == []
    passed = Remark("resumed", "doubt_passed", seconds=SETTINGS.doubt_s)
    assert talk.wait(0.02) == [passed, ShowFloor("agent", "alex"), Resume(reply), Listen(True)]
    assert talk.all(Cut) == []


def test_a_doubt_that_the_gate_shares_is_speech(talk: Talk) -> None:
    reply = doubted(talk)
    assert talk.tell(ev.SpeechStarted(17_000), after=SETTINGS.doubt_s - 0.01) == []
    assert Cut(reply) in talk.wait(SETTINGS.long_speech_s)
    assert talk.last(ShowFloor).turn == "caller"


def test_a_doubt_that_was_a_cough_resumes_once(talk: Talk) -> None:
    reply = doubted(talk)
    talk.tell(ev.SpeechStarted(17_000), after=0.1)
    talk.tell(ev.SpeechEnded(18_000), after=0.2)
    talk.wait(5.0)
    assert talk.all(Resume) == [Resume(reply)]


def test_a_doubt_that_the_model_shares_cuts(talk: Talk) -> None:
    reply = talk.agent_says("A long question", seconds=4.0, ends=False)
    talk.hear(reply, 1.0)
    talk.tell(ev.CallerDoubted(reply, 16_000))
    talk.tell(ev.Interrupted(1), after=0.1)
    assert Cut(reply) in talk.wait(SETTINGS.words_within_s)
    assert talk.last(ShowFloor).turn == "waiting", "our gate has heard nobody, so nobody is known to go on"
    assert talk.all(Resume) == []


def test_typing_settles_a_doubt(talk: Talk) -> None:
    reply = doubted(talk)
    assert Cut(reply) in talk.tell(ev.CallerTyped("stop"))


def test_the_last_words_were_out_before_the_doubt(talk: Talk) -> None:
    reply = doubted(talk)
    talk.tell(ev.Played(reply, 2**40, 60_000))
    talk.tell(ev.Played(reply, 2**40, 60_000))
    assert talk.last(ShowFloor).turn == "open"


@pytest.mark.parametrize("reply", [0, 2, -1])
def test_a_doubt_about_another_reply_changes_nothing(talk: Talk, reply: int) -> None:
    number = talk.agent_says("A long question", seconds=4.0)
    talk.hear(number, 1.0)
    assert talk.tell(ev.CallerDoubted(reply, 16_000)) == []


def test_a_doubt_where_nothing_is_heard_changes_nothing(talk: Talk) -> None:
    assert talk.tell(ev.CallerDoubted(1, 0)) == []
    talk.tell(ev.ModeChanged("text"))
    talk.agent_says("To be read", ends=False)
    assert talk.tell(ev.CallerDoubted(1, 0)) == []


def test_a_doubt_over_held_words_holds_no_more(talk: Talk) -> None:
    reply = talk.agent_says("A long question", seconds=4.0)
    talk.hear(reply, 1.0)
    talk.tell(ev.SpeechStarted(16_000))
    assert talk.tell(ev.CallerDoubted(reply, 16_000), after=0.1) == []
    assert Cut(reply) in talk.wait(SETTINGS.long_speech_s)


def test_every_state_can_be_left_and_the_diagram_shows_every_row() -> None:
    assert {turn for turn, _ in floor.NEXT} == set(floor.Turn)
    lines = floor.diagram().splitlines()
    assert len(lines) == 2 + len(floor.NEXT)
    assert "    agent --> held: SpeechStarted / hold" in lines
    assert "    agent --> doubted: SpeechDoubted / hold" in lines
    assert "    weighed --> agent: SpeechDismissed / resume" in lines
    assert set(floor.SHOWN) == set(floor.Turn)
