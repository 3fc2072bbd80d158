"""A call that is let go for another server, and one that comes from another."""

from __future__ import annotations

import pytest

from tests.conversation.talk import Talk
from vivavoce.conversation import ConversationSettings
from vivavoce.conversation import effects as fx
from vivavoce.conversation import events as ev
from vivavoce.conversation.playout import UNLOGGED_REPLIES


def passed_on(talk: Talk) -> list[str]:
    assert len(talk.all(fx.PassOn)) <= 1, "a call is let go once"
    return [remark.why for remark in talk.all(fx.Remark) if remark.what == "passed_on"]


def taken(talk: Talk, *, handle: int = 0) -> list[fx.Effect]:
    """Another server takes it, and the caller comes back to that one."""
    return [*talk.tell(ev.TakenOver(2, handle)), *talk.tell(ev.CallerReturned())]


def test_a_quiet_call_is_let_go_at_once() -> None:
    talk = Talk().join()
    talk.tell(ev.DrainOrdered())
    assert passed_on(talk) == ["quiet"]
    assert not talk.conversation.ended
    talk.close()


def test_the_agent_finishes_its_sentence() -> None:
    talk = Talk().join()
    reply = talk.agent_says("What brings you here?")
    talk.tell(ev.DrainOrdered())
    talk.hear(reply, 1.9)
    assert passed_on(talk) == []
    talk.tell(ev.Played(reply, 48_000, 32_000), after=0.1)
    assert passed_on(talk) == ["quiet"]
    talk.close()


def test_a_tool_finishes_its_work() -> None:
    talk = Talk().join()
    talk.tell(ev.ToolCalled(1, "a", "market_size", {}))
    talk.tell(ev.DrainOrdered())
    assert passed_on(talk) == []
    talk.tell(ev.ErrandReturned(talk.last(fx.Run).errand, {"output": 1}), after=1)
    assert passed_on(talk) == ["quiet"]
    assert talk.last(fx.Answer).id == "a"
    talk.close()


def test_who_speaks_without_an_end_keeps_no_server() -> None:
    talk = Talk(settings=ConversationSettings(drain_s=10.0)).join()
    talk.tell(ev.SpeechStarted(0))
    talk.tell(ev.DrainOrdered())
    talk.wait(9.9)
    assert passed_on(talk) == []
    talk.wait(0.2)
    assert passed_on(talk) == ["overdue"]
    talk.close()


@pytest.mark.parametrize("first", ["drain", "drop"])
def test_a_call_without_its_caller_need_not_wait(first: str) -> None:
    talk = Talk().join()
    talk.agent_says("What brings you here?")
    events = [ev.DrainOrdered(), ev.CallerDropped()]
    for event in events if first == "drain" else reversed(events):
        talk.tell(event)
    assert passed_on(talk) == ["away"]
    talk.close()


def test_who_has_not_said_hello_yet_is_welcomed_first() -> None:
    talk = Talk()
    talk.tell(ev.DrainOrdered())
    talk.wait(20)
    assert passed_on(talk) == []
    assert talk.conversation.wake_at() is None
    talk.tell(ev.CallerJoined())
    assert passed_on(talk) == ["quiet"]
    talk.close()


def test_an_order_is_given_once() -> None:
    talk = Talk().join()
    for _ in range(3):
        talk.tell(ev.DrainOrdered(), after=1)
    assert passed_on(talk) == ["quiet"]
    talk.close()


def test_an_end_comes_before_a_hand_over() -> None:
    talk = Talk().join()
    reply = talk.agent_says("Good bye.", ends=False)
    talk.tell(ev.ToolCalled(1, "e", "end", {}))
    talk.tell(ev.TurnEnded(1))
    talk.tell(ev.DrainOrdered())
    talk.hear(reply, 2.0)
    assert talk.conversation.ended
    talk.close()


# ------------------------------------------------------------------------------------------------ taken over


def test_who_takes_it_over_says_what_became_of_the_one_before() -> None:
    for ordered, why in ((True, "handed_over"), (False, "server_lost")):
        talk = Talk().join()
        if ordered:
            talk.tell(ev.DrainOrdered())
        remark = next(effect for effect in taken(talk) if isinstance(effect, fx.Remark))
        assert (remark.what, remark.why, remark.count) == ("taken_over", why, 2)
        talk.tell(ev.DrainOrdered(), after=1)
        assert len(talk.all(fx.PassOn)) == 1 + ordered, "it can be handed on again"
        talk.close()


def test_the_caller_is_away_until_they_are_back() -> None:
    talk = Talk().join()
    talk.tell(ev.TakenOver(2))
    talk.wait(talk.settings.return_within_s - 1)
    assert not talk.conversation.ended
    talk.wait(2)
    assert talk.last(fx.End).reason == "caller_left"
    talk.close()


def test_who_was_away_already_gets_the_whole_time_again() -> None:
    talk = Talk().join()
    talk.tell(ev.CallerDropped())
    talk.tell(ev.TakenOver(2), after=talk.settings.return_within_s - 1)
    talk.wait(2)
    assert not talk.conversation.ended
    assert fx.WelcomeBack() in talk.tell(ev.CallerReturned())
    talk.close()


def test_the_model_is_dialled_at_once_with_the_handle_that_is_there() -> None:
    talk = Talk().join()
    talk.tell(ev.HandleIssued(1, 7, True, 0))
    talk.exchange()
    dials = [effect for effect in taken(talk, handle=7) if isinstance(effect, fx.Dial)]
    assert [(dial.link, dial.handle, dial.after_s) for dial in dials] == [(2, 7, 0.0)]
    talk.close()


@pytest.mark.parametrize(("handle", "reason"), [(0, "reseed"), (6, "missed"), (8, "missed")])
def test_of_a_handle_that_the_log_does_not_know_nothing_is_believed(handle: int, reason: str) -> None:
    """The server that is gone had another one in its memory: the model is told everything that was said."""
    talk = Talk().join()
    talk.exchange()
    talk.tell(ev.HandleIssued(1, 7, True, 0))
    taken(talk, handle=handle)
    assert talk.last(fx.Dial).handle == (handle or None)
    told = talk.tell(ev.LinkOpened(talk.last(fx.Dial).link), after=0.1)
    text = next(effect.text for effect in told if isinstance(effect, fx.Inject))
    assert f"reason: {reason}" in text
    assert "Go on." in text
    talk.close()


def test_what_was_heard_of_a_sentence_is_the_turn_and_the_model_goes_on_from_there() -> None:
    talk = Talk().join()
    talk.tell(ev.HandleIssued(1, 1, True, 0))
    reply = talk.agent_says("one two three four five six seven eight", seconds=4.0)
    talk.hear(reply, 1.0)
    talk.tell(ev.TakenOver(2, 1), after=1)
    talk.tell(ev.CallerReturned(reply=reply, samples=48_000, at=32_000))  # they had two seconds of it
    turn = talk.last(fx.RecordTurn)
    assert (turn.text, turn.complete) == ("one two three four", False)
    assert talk.last(fx.Cut).reply >= reply
    told = talk.tell(ev.LinkOpened(2), after=0.1)
    text = next(effect.text for effect in told if isinstance(effect, fx.Inject))
    assert "one two three four" in text
    assert "five" not in text
    talk.close()


def test_no_chunk_of_the_server_that_is_gone_is_asked_for() -> None:
    talk = Talk().join()
    talk.agent_says("A long story.", seconds=10.0)
    assert len(talk.all(fx.Say)) < 50, "most of it waits"
    seen = len(talk.effects)
    taken(talk)
    talk.wait(30)
    after = talk.effects[seen:]
    assert not any(isinstance(effect, fx.Say | fx.SayAgain | fx.Forget) for effect in after)
    talk.close()


def test_nor_by_a_caller_who_comes_back_to_read() -> None:
    talk = Talk().join()
    talk.agent_says("A long story.", seconds=10.0)
    seen = len(talk.effects)
    talk.tell(ev.TakenOver(2))
    talk.tell(ev.CallerReturned("text"))
    assert not any(isinstance(effect, fx.Say | fx.Forget) for effect in talk.effects[seen:])
    talk.close()


def test_replies_that_the_log_may_lack_are_never_taken_for_new_ones() -> None:
    talk = Talk().join()
    reply = talk.agent_says("Hello.")
    talk.hear(reply, 2.0)
    assert fx.Cut(reply + UNLOGGED_REPLIES) in taken(talk)
    talk.tell(ev.LinkOpened(2), after=0.1)
    assert talk.agent_says("And now?", link=2) == reply + UNLOGGED_REPLIES + 1
    talk.close()


def test_a_reply_that_was_read_is_not_lost() -> None:
    talk = Talk().join("text")
    talk.agent_says("Hello there.", ends=False)
    talk.tell(ev.TakenOver(2))
    talk.tell(ev.CallerReturned("text"))
    turn = talk.last(fx.RecordTurn)
    assert (turn.text, turn.complete) == ("Hello there.", True)
    talk.close()


def test_a_tool_that_ran_in_the_server_that_is_gone_is_told_of_once() -> None:
    talk = Talk().join()
    talk.tell(ev.ToolCalled(1, "a", "market_size", {}))
    errand = talk.last(fx.Run).errand
    seen = len(talk.effects)
    taken(talk)
    talk.tell(ev.ErrandReturned(errand, {"output": "late"}))
    talk.tell(ev.LinkOpened(2), after=0.1)
    talk.wait(talk.settings.tool_timeout_s + 1)
    after = talk.effects[seen:]
    assert not any(isinstance(effect, fx.Answer) for effect in after), "its id died with the link"
    told = [effect.text for effect in after if isinstance(effect, fx.Inject) and "market_size" in effect.text]
    assert len(told) == 1
    assert "server that ran it is gone" in told[0]
    talk.close()


def test_a_call_nobody_joined_is_only_told() -> None:
    talk = Talk()
    assert [type(effect) for effect in talk.tell(ev.TakenOver(2))] == [fx.Remark]
    assert talk.conversation.wake_at() is None
    talk.close()
