"""How a call ends."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from tests.conversation.talk import Talk, founder
from vivavoce.conversation import events as ev
from vivavoce.conversation.effects import End, Inject, Record, Remark, Say


def test_the_agent_ends_and_is_heard_out(talk: Talk) -> None:
    talk.tell(ev.ToolCalled(1, "e", "end", {"reason": "done"}))
    reply = talk.agent_says("Goodbye.", seconds=1.0)
    assert talk.all(End) == []
    talk.hear(reply, 1.0)
    assert talk.last(End) == End("agent_ended")
    assert talk.tell(ev.SpeechStarted(0)) == []
    assert talk.conversation.wake_at() is None


def test_a_long_goodbye_is_heard_out(talk: Talk) -> None:
    talk.tell(ev.ToolCalled(1, "e", "end", {"reason": "done"}))
    reply = talk.agent_says("A very long goodbye.", seconds=30.0)
    talk.hear(reply, 29.0)
    assert talk.all(End) == []
    talk.hear(reply, 30.0)
    assert talk.last(End) == End("agent_ended")


def test_who_objects_to_the_goodbye_is_answered(talk: Talk) -> None:
    talk.tell(ev.ToolCalled(1, "e", "end", {"reason": "done"}))
    reply = talk.agent_says("Goodbye then, and thank you.", seconds=4.0, ends=False)
    talk.hear(reply, 1.0)
    talk.tell(ev.SpeechStarted(20_000))
    talk.wait(1.0)
    talk.tell(ev.TurnEnded(1))
    talk.tell(ev.SpeechEnded(60_000), after=1.0)
    assert talk.all(End) == []
    talk.hear(talk.agent_says("Of course, what is it?", seconds=1.0), 1.0)
    talk.wait(20)
    assert talk.all(End) == []


def test_a_goodbye_that_is_objected_to_without_an_answer_is_one(talk: Talk) -> None:
    talk.tell(ev.ToolCalled(1, "e", "end", {"reason": "done"}))
    reply = talk.agent_says("Goodbye then, and thank you.", seconds=4.0)
    talk.hear(reply, 1.0)
    talk.tell(ev.SpeechStarted(20_000))
    talk.wait(1.0)
    talk.tell(ev.SpeechEnded(60_000), after=1.0)
    talk.wait(20)
    assert talk.last(End) == End("agent_ended")


def test_last_words_wait_for_what_is_being_heard(talk: Talk) -> None:
    reply = talk.agent_says("A question", seconds=2.0)
    talk.tell(ev.LinkDropped(1, 1007, "fatal"))
    said = talk.tell(ev.FillerArrived("link_refused", 9, 24_000))
    assert [effect.reply for effect in said if isinstance(effect, Say)] == [reply + 1]
    talk.hear(reply, 2.0)
    assert talk.all(End) == []
    talk.hear(reply + 1, 1.0)
    assert talk.last(End) == End("link_refused")


def test_an_end_without_a_word_comes_too(talk: Talk) -> None:
    talk.tell(ev.ToolCalled(1, "e", "end", {}))
    talk.wait(20)
    assert talk.last(End) == End("agent_ended")


def test_the_caller_hangs_up(talk: Talk) -> None:
    assert talk.tell(ev.CallerHungUp()) == [End("caller_hung_up")]


def test_the_caller_is_gone(talk: Talk) -> None:
    assert talk.tell(ev.CallerLeft(1006)) == [End("caller_left")]


def test_idle_is_asked_about_once_and_then_ended(talk: Talk) -> None:
    reply = talk.agent_says("Well?", seconds=0.2)
    talk.hear(reply, 0.2)
    talk.wait(46)
    assert any("reason: idle" in effect.text for effect in talk.all(Inject))
    assert Remark("idle") in talk.effects
    reply = talk.agent_says("Are you there?", seconds=0.2)
    talk.hear(reply, 0.2)
    talk.wait(46)
    assert talk.last(End) == End("idle")


def test_speech_resets_idle(talk: Talk) -> None:
    for _ in range(10):
        talk.tell(ev.SpeechStarted(0), after=30)
        talk.tell(ev.SpeechEnded(0), after=1)
        reply = talk.agent_says("Go on.", seconds=0.2)
        talk.hear(reply, 0.2)
    assert talk.all(End) == []


def test_the_time_limit_is_announced_and_kept(talk: Talk) -> None:
    minutes = 0.0
    while not talk.conversation.ended and minutes < 60:
        talk.exchange()
        minutes = talk.now / 60
    assert any("reason: wrap_up" in effect.text for effect in talk.all(Inject))
    assert talk.all(Remark).count(Remark("wrap_up", "time_limit")) == 1
    assert talk.last(End) == End("time_limit")
    assert 35 <= minutes <= 35.5


def test_recording_begins_when_the_caller_agrees_and_stops_when_they_do_not(talk: Talk) -> None:
    assert talk.all(Record) == []
    assert talk.tell(ev.ConsentDecided("given")) == [Record(True)]
    assert talk.tell(ev.ConsentDecided("refused")) == [Record(False)]
    assert talk.tell(ev.ConsentDecided("withdrawn")) == [Record(on=False, erase=True)]
    assert talk.tell(ev.ConsentDecided("given")) == [], "what was withdrawn stays withdrawn in this call"


@pytest.mark.parametrize("limits", [{"turns": 3}, {"tokens": 500}])
def test_a_budget_that_is_used_up_is_announced_and_then_ends_the_call(limits: dict[str, Any]) -> None:
    spec = founder()
    free = msgspec.structs.replace(spec.limits, turns=None)
    talk = Talk(msgspec.structs.replace(spec, limits=free)).join()
    tight = Talk(msgspec.structs.replace(spec, limits=msgspec.structs.replace(free, **limits))).join()
    for each in (talk, tight):
        for _ in range(2):
            each.exchange()
            each.tell(ev.CallerTranscribed(1, "some words"))
            each.tell(ev.UsageReported(1, 200, 100, 300))
        each.wait(1)
    assert not any("reason: wrap_up" in effect.text for effect in talk.all(Inject))
    assert any("reason: wrap_up" in effect.text for effect in tight.all(Inject))
    for _ in range(10):
        talk.exchange()
        if not tight.conversation.ended:
            tight.exchange()
    assert talk.all(End) == []
    assert tight.last(End) == End("turn_limit" if "turns" in limits else "token_limit")
    for each in (talk, tight):
        each.close()


def test_a_budget_never_lengthens_a_call() -> None:
    spec = founder()
    limits = msgspec.structs.replace(spec.limits, minutes=0.5, turns=None, tokens=100)
    talk = Talk(msgspec.structs.replace(spec, limits=limits)).join()
    talk.tell(ev.UsageReported(1, 100, 100, 200), after=5)
    talk.wait(60)
    assert talk.last(End) == End("time_limit")
    talk.close()


def test_a_peer_that_counts_backwards_is_not_believed() -> None:
    spec = founder()
    talk = Talk(msgspec.structs.replace(spec, limits=msgspec.structs.replace(spec.limits, tokens=500))).join()
    talk.tell(ev.UsageReported(1, -5, -5, -1000))
    talk.wait(1)
    assert not any("reason: wrap_up" in effect.text for effect in talk.all(Inject))
    talk.tell(ev.UsageReported(1, 5, 5, 600))
    talk.wait(1)
    assert any("reason: wrap_up" in effect.text for effect in talk.all(Inject))
    talk.close()
