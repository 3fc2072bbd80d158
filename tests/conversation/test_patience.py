"""How long a pause may be, and turns that end without one. Every log is replayed."""

from __future__ import annotations

from typing import Literal

import pytest

from tests.conversation.talk import SETTINGS, Talk, done
from vivavoce.conversation import events as ev
from vivavoce.conversation.effects import Cut, Dial, EndTurn, HangUp, Inject, Remark, ShowFloor, UsePace


@pytest.fixture
def casual() -> Talk:
    talk = Talk()
    talk.tell(ev.CallerJoined(pace="casual"))
    talk.tell(ev.LinkOpened(1), after=0.1)
    talk.hear(talk.agent_says("Hello.", seconds=0.2), 0.2)
    return talk


def test_the_link_is_replaced_in_the_next_quiet_moment(casual: Talk) -> None:
    casual.tell(ev.SpeechStarted(0))
    assert casual.tell(ev.PaceChanged("interview")) == [UsePace("interview")]
    casual.tell(ev.HandleIssued(1, 1, True, 0))
    assert casual.all(HangUp) == [], "nobody is cut off for it"
    casual.tell(ev.SpeechEnded(16_000), after=1.0)
    reply = casual.agent_says("I see.", seconds=0.2)
    casual.hear(reply, 0.2)
    assert casual.all(HangUp) == [], "the handle is older than what was said"
    assert done(casual.tell(ev.HandleIssued(1, 2, True, 0))) == [HangUp(1), Dial(2, "alex", 2)]
    told = len(casual.all(Inject))
    casual.tell(ev.LinkOpened(2), after=0.1)
    assert len(casual.all(Inject)) == told, "the model goes on as if nothing had been"
    casual.tell(ev.HandleIssued(2, 3, True, 0), after=20)
    assert len(casual.all(Dial)) == 2, "once"
    casual.close()


def test_in_a_quiet_moment_it_is_replaced_at_once(casual: Talk) -> None:
    casual.tell(ev.HandleIssued(1, 1, True, 0))
    assert done(casual.tell(ev.PaceChanged("interview"))) == [UsePace("interview"), HangUp(1), Dial(2, "alex", 1)]
    casual.close()


def test_who_plays_with_the_switch_has_no_links_dialled_without_end(casual: Talk) -> None:
    link = 1
    for number in range(100):
        casual.tell(ev.HandleIssued(link, number, True, 0))
        casual.tell(ev.PaceChanged("interview" if number % 2 == 0 else "casual"), after=0.05)
        if (dialled := casual.all(Dial)[-1].link) != link:
            link = dialled
            casual.tell(ev.LinkOpened(link), after=0.01)
    assert len(casual.all(UsePace)) == 100, "what is ours follows each time"
    assert len(casual.all(Dial)) == 2
    casual.tell(ev.PaceChanged("interview"), after=20)
    assert len(casual.all(Dial)) == 3, "and the last choice counts"
    casual.close()


def test_what_is_in_force_is_no_change(casual: Talk) -> None:
    casual.tell(ev.HandleIssued(1, 1, True, 0))
    assert casual.tell(ev.PaceChanged("casual")) == []
    casual.tell(ev.CallerDropped())
    casual.tell(ev.CallerReturned(pace="casual"))
    assert casual.all(UsePace) == []
    assert len(casual.all(Dial)) == 1
    casual.close()


def test_who_comes_back_may_have_chosen_meanwhile(casual: Talk) -> None:
    casual.tell(ev.CallerDropped())
    assert UsePace("interview") in casual.tell(ev.CallerReturned(pace="interview"))
    casual.close()


def test_a_link_without_handles_is_not_given_up_for_it(casual: Talk) -> None:
    casual.tell(ev.PaceChanged("interview"))
    casual.wait(60)
    assert casual.all(HangUp) == [], "the model would forget the talk"
    casual.close()


def test_before_anybody_joined_nothing_is_dialled() -> None:
    talk = Talk()
    talk.tell(ev.PaceChanged("interview"))
    assert talk.all(Dial) == []
    talk.join()
    talk.close()


@pytest.mark.conformance("C32")
def test_who_is_done_needs_no_pause(talk: Talk) -> None:
    talk.hear(talk.agent_says("How bad is it?", seconds=0.2), 0.2)
    talk.tell(ev.SpeechStarted(0))
    assert talk.tell(ev.CallerDone()) == [EndTurn()]
    talk.tell(ev.SpeechEnded(16_000))  # which the gate says then
    assert talk.last(ShowFloor).turn == "waiting"
    assert talk.tell(ev.CallerDone()) == [EndTurn()], "the model may wait longer than our gate"


def test_who_is_done_over_the_agent_has_meant_it(talk: Talk) -> None:
    reply = talk.agent_says("A long question about money", seconds=4.0)
    talk.hear(reply, 1.0)
    talk.tell(ev.SpeechStarted(20_000))
    effects = talk.tell(ev.CallerDone(), after=0.1)
    assert [effect for effect in effects if isinstance(effect, EndTurn | Cut)] == [EndTurn(), Cut(reply)]
    talk.tell(ev.SpeechEnded(21_000))
    assert talk.last(ShowFloor).turn == "waiting"


def test_while_the_agent_speaks_there_is_no_turn_to_end(talk: Talk) -> None:
    reply = talk.agent_says("A long question about money", seconds=4.0)
    talk.hear(reply, 1.0)
    assert talk.tell(ev.CallerDone()) == []
    talk.tell(ev.CallerDoubted(reply, 0))
    assert talk.tell(ev.CallerDone()) == []


def test_who_types_is_done_when_they_send(talk: Talk) -> None:
    talk.tell(ev.ModeChanged("text"))
    assert talk.tell(ev.CallerDone()) == []
    talk.tell(ev.ModeChanged("voice"))
    assert talk.tell(ev.CallerDone()) == [EndTurn()]


# ------------------------------------------------------------------------------------------------ fallbacks of ours


def begin(talk: Talk, words: str = "") -> None:
    talk.tell(ev.SpeechStarted(0), after=1.0)
    if words:
        talk.tell(ev.CallerTranscribed(1, words), after=0.5)


@pytest.mark.conformance("C32")
def test_a_turn_that_the_model_does_not_see_end_is_ended_for_it_once(casual: Talk) -> None:
    begin(casual)
    casual.tell(ev.SpeechEnded(0), after=1.0)
    assert casual.wait(SETTINGS.quiet_turn_s - 0.01) == []
    assert casual.wait(0.02) == [Remark("turn_ended", "level", 1, SETTINGS.quiet_turn_s), EndTurn()]
    casual.wait(SETTINGS.answer_within_s)
    assert casual.all(EndTurn) == [EndTurn()]
    casual.close()


def test_where_noise_keeps_the_gate_open_the_words_tell(casual: Talk) -> None:
    begin(casual, "We ship")
    casual.tell(ev.CallerTranscribed(1, " parcels"), after=SETTINGS.wordless_turn_s - 0.1)
    casual.tell(ev.CallerTranscribed(1, "  "), after=1.0)
    assert casual.all(EndTurn) == [], "it goes on"
    casual.wait(SETTINGS.wordless_turn_s - 0.9)  # no word in what came last
    assert casual.all(Remark)[-1] == Remark("turn_ended", "words", 1, SETTINGS.wordless_turn_s)
    assert casual.all(EndTurn) == [EndTurn()]
    casual.close()


@pytest.mark.parametrize(
    "event",
    [
        ev.SpeechStarted(0),
        ev.ReplyArrived(1, 1, 4800),
        ev.ToolCalled(1, "a", "note", {}),
        ev.TurnEnded(1),
        ev.CallerTyped("and so on"),
        ev.ModeChanged("text"),
        ev.PaceChanged("interview"),
        ev.LinkDropped(1, 1006, "transient"),
        ev.CallerDropped(),
    ],
)
def test_what_happens_in_between_ends_no_turn(casual: Talk, event: ev.Event) -> None:
    begin(casual, "We ship")
    casual.tell(ev.SpeechEnded(0), after=1.0)
    casual.tell(event, after=SETTINGS.quiet_turn_s - 0.1)
    casual.wait(SETTINGS.wordless_turn_s + 1)
    assert casual.all(EndTurn) == []
    casual.close()


@pytest.mark.parametrize("pace", ["interview", ""])
def test_who_takes_their_time_may_be_silent_for_two_seconds(pace: Literal["interview", ""]) -> None:
    talk = Talk()
    talk.tell(ev.CallerJoined(pace=pace))
    talk.tell(ev.LinkOpened(1), after=0.1)
    talk.hear(talk.agent_says("Hello.", seconds=0.2), 0.2)
    begin(talk, "We ship")
    talk.wait(10)
    talk.tell(ev.SpeechEnded(0))
    talk.wait(7)
    assert talk.all(EndTurn) == []
    talk.close()


@pytest.mark.parametrize("event", [ev.CallerTyped("We ship"), ev.Interrupted(1)])
def test_a_turn_that_was_not_spoken_is_not_ended_for_the_model(casual: Talk, event: ev.Event) -> None:
    casual.hear(casual.agent_says("A long question about money", seconds=4.0, ends=False), 1.0)
    casual.tell(event)
    casual.wait(SETTINGS.quiet_turn_s * 3)
    assert casual.all(EndTurn) == []
    casual.close()


def test_a_cough_over_the_agent_is_no_turn(casual: Talk) -> None:
    casual.hear(casual.agent_says("A long question about money", seconds=4.0), 1.0)
    casual.tell(ev.SpeechStarted(0))
    casual.tell(ev.SpeechEnded(0), after=0.2)
    casual.wait(SETTINGS.quiet_turn_s + 0.1)
    assert casual.all(EndTurn) == []
    casual.close()


def test_words_of_a_link_that_is_gone_keep_nothing_open(casual: Talk) -> None:
    casual.tell(ev.SpeechStarted(0), after=1.0)
    casual.tell(ev.CallerTranscribed(7, "x"))
    casual.wait(SETTINGS.wordless_turn_s + 1)
    assert casual.all(EndTurn) == []
    casual.close()
