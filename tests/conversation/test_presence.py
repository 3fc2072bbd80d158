"""A caller who is away for a while: what waits, what goes on, what is given up, what they find when they are back."""

from __future__ import annotations

import pytest

from tests.conversation.talk import SETTINGS, Talk, founder
from vivavoce.conversation import ConversationSettings
from vivavoce.conversation import events as ev
from vivavoce.conversation.effects import (
    Cut,
    Dial,
    End,
    Fill,
    FinishReply,
    Forget,
    Hold,
    Inject,
    Listen,
    Resume,
    Run,
    Say,
    SayAgain,
    ShowFloor,
    UseMode,
    WelcomeBack,
)


def test_who_is_back_hears_the_rest_from_where_they_were(talk: Talk) -> None:
    reply = talk.agent_says("A long question", seconds=4.0)
    talk.hear(reply, 1.0)
    sent = talk.last(Say).position + talk.last(Say).samples
    assert Listen(False) in talk.tell(ev.CallerDropped())
    assert talk.wait(30.0) == []
    done = talk.tell(ev.CallerReturned("voice", reply, 30_000, 16_000))
    again = SayAgain(reply, "alex", 30_000, sent - 30_000)
    assert done[:4] == [WelcomeBack(), Resume(reply), again, FinishReply(reply, 96_000)]
    said = [effect for effect in done if isinstance(effect, Say)]
    assert said[0].position == sent, "more is sent as more was heard"
    assert Listen(True) in done


@pytest.mark.parametrize("told", [(0, 0), (1, 0), (1, -5), (1, 20_000), (7, 99_999)])
def test_a_machine_that_knows_less_than_it_told_before_is_not_believed(talk: Talk, told: tuple[int, int]) -> None:
    reply = talk.agent_says("A long question", seconds=4.0)
    talk.hear(reply, 1.0)
    talk.tell(ev.CallerDropped())
    done = talk.tell(ev.CallerReturned("voice", *told, 16_000))
    assert [effect.position for effect in done if isinstance(effect, SayAgain)] == [24_000]


def test_nobody_is_believed_to_have_heard_what_was_not_sent(talk: Talk) -> None:
    reply = talk.agent_says("A long question", seconds=10.0)
    talk.tell(ev.CallerDropped())
    done = talk.tell(ev.CallerReturned("voice", reply, 10**9, 0))
    assert not any(isinstance(effect, SayAgain) for effect in done)
    said = [effect for effect in done if isinstance(effect, Say)]
    assert said[0].position == 48_000, "two seconds had been sent"


def test_what_was_heard_to_the_end_meanwhile_is_over(talk: Talk) -> None:
    reply = talk.agent_says("Short.", seconds=1.0)
    talk.tell(ev.CallerDropped())
    done = talk.tell(ev.CallerReturned("voice", reply, 24_000, 0))
    assert not any(isinstance(effect, SayAgain | Resume) for effect in done)
    assert talk.last(ShowFloor).turn == "open"


def test_a_reply_that_comes_meanwhile_waits(talk: Talk) -> None:
    talk.tell(ev.CallerDropped())
    talk.agent_says("Are you there?", seconds=1.0)
    assert talk.all(Say) == []
    talk.wait(60.0)
    done = talk.tell(ev.CallerReturned())
    assert [effect.position for effect in done if isinstance(effect, Say)] == [0, 4800, 9600, 14400, 19200]
    assert not any(isinstance(effect, SayAgain) for effect in done)


def test_a_hold_does_not_outlive_the_socket(talk: Talk) -> None:
    reply = talk.agent_says("A long question", seconds=4.0)
    talk.hear(reply, 1.0)
    talk.tell(ev.SpeechStarted(16_000))
    talk.tell(ev.SpeechEnded(17_000))  # the shell: no more sound comes
    talk.tell(ev.CallerDropped())
    talk.wait(10.0)
    assert talk.all(Cut) == []
    assert Resume(reply) in talk.tell(ev.CallerReturned())


@pytest.mark.parametrize("held_by", [ev.CallerDoubted(1, 0), ev.SpeechStarted(16_000)])
def test_nor_does_one_that_nobody_has_ended(talk: Talk, held_by: ev.Event) -> None:
    reply = talk.agent_says("A long question", seconds=4.0)
    talk.hear(reply, 1.0)
    assert Hold(reply) in talk.tell(held_by)
    talk.tell(ev.CallerDropped())
    talk.wait(10.0)
    assert talk.all(Cut) == []
    assert talk.last(ShowFloor).turn == "agent"
    assert Resume(reply) in talk.tell(ev.CallerReturned())


def test_a_reply_that_is_cut_meanwhile_stays_cut(talk: Talk) -> None:
    reply = talk.agent_says("A long question", seconds=4.0, ends=False)
    talk.hear(reply, 1.0)
    talk.tell(ev.CallerDropped())
    assert Cut(reply) in talk.tell(ev.Interrupted(1))
    done = talk.tell(ev.CallerReturned("voice", reply, 30_000, 20_000))
    assert not any(isinstance(effect, Say | SayAgain | Resume | FinishReply) for effect in done)


def test_nobody_who_is_away_stalls(talk: Talk) -> None:
    reply = talk.agent_says("A long question", seconds=4.0)
    talk.hear(reply, 1.0)
    talk.tell(ev.CallerDropped())
    talk.wait(SETTINGS.stalled_s * 3)
    assert talk.all(Cut) == []
    talk.tell(ev.CallerReturned())
    talk.wait(SETTINGS.stalled_s - 0.1)
    assert talk.all(Cut) == []
    talk.wait(0.2)
    assert talk.all(Cut) == [Cut(reply)], "who is back and does not play does"


def test_the_model_is_not_reminded_while_nobody_waits(talk: Talk) -> None:
    talk.tell(ev.SpeechStarted(0))
    talk.tell(ev.SpeechEnded(16_000), after=1.0)
    before = len(talk.all(Inject))
    talk.tell(ev.CallerDropped())
    talk.wait(100.0)
    assert len(talk.all(Inject)) == before
    talk.tell(ev.CallerReturned())
    assert talk.wait(SETTINGS.answer_within_s - 0.1) == []
    talk.wait(0.2)
    assert len(talk.all(Inject)) == before + 1


def test_a_link_is_not_taken_for_dead_by_silence_to_nobody(talk: Talk) -> None:
    talk.tell(ev.CallerTyped("hello"))
    talk.tell(ev.CallerDropped())
    talk.wait(119.0)
    assert len(talk.all(Dial)) == 1


def test_a_link_that_drops_meanwhile_is_dialled_again(talk: Talk) -> None:
    talk.tell(ev.CallerDropped())
    assert any(isinstance(effect, Dial) for effect in talk.tell(ev.LinkDropped(1, 1006, "transient"), after=5.0))
    talk.tell(ev.LinkOpened(2), after=1.0)
    talk.agent_says("Here again.", link=2)
    assert any(isinstance(effect, Say) for effect in talk.tell(ev.CallerReturned()))


def test_who_is_away_is_not_idle() -> None:
    talk = Talk(settings=ConversationSettings(return_within_s=600.0)).join()
    reply = talk.agent_says("Well?", seconds=0.2)
    talk.hear(reply, 0.2)
    told = len(talk.all(Inject))
    talk.tell(ev.CallerDropped())
    talk.wait(300.0)
    assert len(talk.all(Inject)) == told
    talk.tell(ev.CallerReturned())
    talk.hear(talk.agent_says("Sorry, where were we?", seconds=0.2), 0.2)
    told = len(talk.all(Inject))
    idle_s = talk.spec.limits.idle_s
    assert idle_s is not None
    talk.wait(idle_s - 0.1)
    assert len(talk.all(Inject)) == told
    talk.wait(0.2)
    assert len(talk.all(Inject)) == told + 1
    talk.close()


def test_nobody_is_put_off_with_a_filler(talk: Talk) -> None:
    talk.tell(ev.ToolCalled(1, "a", "market_size", {}))
    talk.tell(ev.CallerDropped(), after=0.1)
    talk.wait(5.0)
    assert talk.all(Fill) == []
    talk.tell(ev.CallerReturned())
    talk.wait(SETTINGS.filler_after_s)
    assert len(talk.all(Fill)) == 1
    talk.tell(ev.CallerDropped())
    assert talk.tell(ev.FillerArrived("one_moment", 5, 2400)) == [Forget((5,))]


def test_a_filler_is_nothing_to_come_back_for(talk: Talk) -> None:
    talk.tell(ev.ToolCalled(1, "a", "market_size", {}))
    talk.wait(SETTINGS.filler_after_s)
    talk.tell(ev.FillerArrived("one_moment", 5, 24_000))
    filler = talk.last(Say).reply
    assert Cut(filler) in talk.tell(ev.CallerDropped(), after=0.1)
    assert not any(isinstance(effect, SayAgain) for effect in talk.tell(ev.CallerReturned()))


def test_a_tool_that_is_called_meanwhile_runs(talk: Talk) -> None:
    talk.tell(ev.CallerDropped())
    assert any(isinstance(effect, Run) for effect in talk.tell(ev.ToolCalled(1, "a", "market_size", {})))
    talk.wait(5.0)
    assert talk.all(Fill) == []


def test_a_hand_over_waits_until_the_sentence_was_heard(talk: Talk) -> None:
    talk.tell(ev.ToolCalled(1, "a", "hand_off", {"to": "sam"}))
    reply = talk.agent_says("Sam knows.", seconds=1.0)
    talk.tell(ev.CallerDropped())
    talk.wait(60.0)
    assert len(talk.all(Dial)) == 1
    talk.tell(ev.CallerReturned())
    talk.hear(reply, 1.0)
    talk.wait(SETTINGS.handle_within_s)
    assert [dial.speaker for dial in talk.all(Dial)] == ["alex", "sam"]


def test_a_goodbye_waits_for_who_is_away(talk: Talk) -> None:
    reply = talk.agent_says("Goodbye.", seconds=1.0, ends=False)
    talk.tell(ev.ToolCalled(1, "a", "end", {}))
    talk.tell(ev.TurnEnded(1))
    talk.tell(ev.CallerDropped())
    talk.wait(60.0)
    assert talk.all(End) == []
    talk.tell(ev.CallerReturned())
    talk.hear(reply, 1.0)
    talk.wait(SETTINGS.leave_within_s)
    assert talk.all(End) == [End("agent_ended")]


def test_the_time_of_a_call_goes_on() -> None:
    talk = Talk(settings=ConversationSettings(return_within_s=10_000.0, link_age_s=10_000.0)).join()
    talk.tell(ev.CallerDropped())
    talk.wait(founder().limits.minutes * 60 + 60)
    assert talk.all(End) == [End("time_limit")]
    talk.close()


def test_who_does_not_come_back_has_left(talk: Talk) -> None:
    talk.tell(ev.CallerDropped())
    talk.wait(SETTINGS.return_within_s - 0.1)
    assert talk.all(End) == []
    assert talk.wait(0.2) == [End("caller_left")]
    assert talk.tell(ev.CallerReturned()) == []


def test_each_time_they_have_as_long(talk: Talk) -> None:
    for _ in range(3):
        talk.tell(ev.CallerDropped())
        talk.wait(SETTINGS.return_within_s - 1.0)
        talk.tell(ev.CallerReturned())
    talk.wait(1.0)
    assert talk.all(End) == []


def test_where_nobody_waits_the_call_ends_at_once() -> None:
    talk = Talk(settings=ConversationSettings(return_within_s=0.0)).join()
    assert talk.tell(ev.CallerDropped()) == [End("caller_left")]
    talk.close()


def test_a_server_that_stops_meanwhile_ends_the_call(talk: Talk) -> None:
    talk.tell(ev.CallerDropped())
    assert talk.tell(ev.ServerStopping()) == [End("server_stopping")]


def test_what_is_written_for_nobody_was_not_read(talk: Talk) -> None:
    talk.tell(ev.ModeChanged("text"))
    talk.tell(ev.CallerDropped())
    talk.agent_says("Read this.")
    assert talk.last(ShowFloor).turn == "agent"
    talk.tell(ev.CallerReturned("text"))
    assert talk.last(ShowFloor).turn == "open"


def test_who_comes_back_with_another_mode_has_chosen_it(talk: Talk) -> None:
    talk.agent_says("A long question", seconds=4.0)
    talk.tell(ev.CallerDropped())
    done = talk.tell(ev.CallerReturned("text"))
    assert UseMode("text") in done
    assert not any(isinstance(effect, Say | SayAgain) for effect in done)
    talk.tell(ev.CallerDropped())
    assert UseMode("voice") in talk.tell(ev.CallerReturned("voice"))


def test_events_that_do_not_fit_change_nothing(talk: Talk) -> None:
    assert talk.tell(ev.CallerReturned()) == []
    talk.tell(ev.CallerDropped())
    assert talk.tell(ev.CallerDropped()) == []
    assert Talk().tell(ev.CallerDropped()) == []


def test_measurements_change_nothing(talk: Talk) -> None:
    assert talk.tell(ev.EchoChanged("poor", "two-tier")) == []
    assert talk.tell(ev.CallerMeasured(0, 512, (-50.0,), (-20.0,), 12.0, 80.0, -60.0)) == []
    assert talk.tell(ev.CallerDisturbed((("underrun", 0, 20.0, 1),))) == []
