"""Every id is answered once, or was cancelled and never."""

from __future__ import annotations

import pytest

from tests.conversation.talk import SETTINGS, Talk
from vivavoce.conversation import events as ev
from vivavoce.conversation.effects import (
    Abandon,
    Answer,
    Caption,
    Cut,
    Dial,
    Escalate,
    Fill,
    Forget,
    Inject,
    Run,
    Say,
    Show,
)


@pytest.mark.conformance("C40")
def test_a_tool_runs_and_is_answered_once(talk: Talk) -> None:
    assert talk.tell(ev.ToolCalled(1, "a", "unit_economics", {"price": 3})) == [
        Run(1, "unit_economics", {"price": 3}, SETTINGS.tool_timeout_s)
    ]
    result = {"output": {"say": "fine", "show": {"what": "table", "title": "T", "data": [1]}}}
    effects = talk.tell(ev.ErrandReturned(1, result))
    assert effects == [Show("table", "T", [1]), Answer(1, "a", "unit_economics", result)]
    assert talk.tell(ev.ErrandReturned(1, result)) == []


@pytest.mark.conformance("C40")
def test_calls_run_side_by_side(talk: Talk) -> None:
    talk.tell(ev.ToolCalled(1, "a", "unit_economics", {}))
    talk.tell(ev.ToolCalled(1, "b", "market_size", {}))
    talk.tell(ev.ErrandReturned(2, {"output": 2}))
    talk.tell(ev.ErrandReturned(1, {"output": 1}))
    assert [answer.id for answer in talk.all(Answer)] == ["b", "a"]


@pytest.mark.conformance("C40")
def test_the_same_id_told_twice_is_one_call(talk: Talk) -> None:
    talk.tell(ev.ToolCalled(1, "a", "unit_economics", {}))
    assert talk.tell(ev.ToolCalled(1, "a", "unit_economics", {})) == []


@pytest.mark.conformance("C42")
def test_cancelled_means_never_answered(talk: Talk) -> None:
    talk.tell(ev.ToolCalled(1, "a", "unit_economics", {}))
    assert talk.tell(ev.ToolsCancelled(1, ("a", "nonsense"))) == [Abandon(1)]
    assert talk.tell(ev.ErrandReturned(1, {"output": 1})) == []
    assert talk.all(Answer) == []


@pytest.mark.conformance("C41")
def test_a_tool_that_hangs_is_answered_for(talk: Talk) -> None:
    talk.tell(ev.ToolCalled(1, "a", "unit_economics", {}))
    done = talk.wait(SETTINGS.tool_timeout_s + 1)
    assert Abandon(1) in done
    answer = talk.last(Answer)
    assert answer.id == "a"
    assert "no answer within 20 s" in answer.response["error"]


@pytest.mark.conformance("C41")
def test_an_unknown_tool_is_told_what_there_is(talk: Talk) -> None:
    talk.tell(ev.ToolCalled(1, "a", "teleport", {}))
    assert "there are note, show" in talk.last(Answer).response["error"]


@pytest.mark.conformance("C45")
def test_show_and_escalate(talk: Talk) -> None:
    assert Show("table", "Rivals", [["a"]]) in talk.tell(
        ev.ToolCalled(1, "a", "show", {"what": "table", "title": "Rivals", "data": [["a"]]})
    )
    assert talk.last(Answer).scheduling == "SILENT"
    talk.tell(ev.ToolCalled(1, "b", "show", {"what": 7}))
    assert "error" in talk.last(Answer).response
    assert talk.tell(ev.ToolCalled(1, "c", "escalate", {"reason": "wants a person"}))[0] == Escalate("wants a person")
    assert "no person" in talk.last(Answer).response["error"], "nothing is claimed that nobody does"


@pytest.mark.conformance("C46")
def test_a_result_after_a_reconnect_is_handed_over_as_text(talk: Talk) -> None:
    talk.tell(ev.ToolCalled(1, "a", "unit_economics", {}))
    talk.tell(ev.LinkDropped(1, 1006, "transient"))
    assert talk.tell(ev.ErrandReturned(1, {"output": {"ltv": 7}})) == []
    effects = talk.tell(ev.LinkOpened(talk.last(Dial).link), after=0.1)
    assert any(isinstance(effect, Inject) and '"ltv":7' in effect.text for effect in effects)
    assert talk.all(Answer) == []


def test_a_flood_of_calls_is_bounded(talk: Talk) -> None:
    for index in range(100):
        talk.tell(ev.ToolCalled(1, f"x{index}", "unit_economics", {}))
    assert len(talk.all(Run)) == 32
    assert len(talk.all(Answer)) == 68


def test_a_slow_tool_gets_one_filler(talk: Talk) -> None:
    talk.tell(ev.ToolCalled(1, "a", "unit_economics", {}))
    assert talk.wait(0.7) == []
    assert talk.wait(0.1) == [Fill("alex", "one_moment")]
    said = talk.tell(ev.FillerArrived("one_moment", 5, 24_000))
    assert any(isinstance(effect, Say) and effect.chunk == 5 for effect in said)
    talk.tell(ev.ToolCalled(1, "b", "market_size", {}))
    talk.wait(5)
    assert len(talk.all(Fill)) == 1


def test_no_filler_over_the_caller(talk: Talk) -> None:
    talk.tell(ev.ToolCalled(1, "a", "unit_economics", {}))
    talk.wait(0.76)
    talk.tell(ev.SpeechStarted(10))
    assert talk.tell(ev.FillerArrived("one_moment", 5, 24_000)) == [Forget((5,))]


def test_no_filler_after_the_result(talk: Talk) -> None:
    talk.tell(ev.ToolCalled(1, "a", "unit_economics", {}))
    talk.wait(0.76)
    talk.tell(ev.ErrandReturned(1, {"output": 1}))
    assert talk.tell(ev.FillerArrived("one_moment", 5, 24_000)) == [Forget((5,))]


def test_a_filler_owes_nothing_and_takes_no_words(talk: Talk) -> None:
    talk.tell(ev.SpeechStarted(0))
    talk.tell(ev.SpeechEnded(16_000), after=1)
    talk.tell(ev.ToolCalled(1, "a", "unit_economics", {}))
    talk.tell(ev.AgentTranscribed(1, "The market is large."))
    talk.wait(0.8)
    talk.tell(ev.FillerArrived("one_moment", 5, 2400))
    talk.tell(ev.Played(1, 2400, 20_000), after=0.1)
    talk.tell(ev.ErrandReturned(1, {"output": 1}), after=0.1)
    assert any("reason: nudge" in effect.text for effect in talk.wait(9) if isinstance(effect, Inject)), "still owed"
    talk.agent_says("", seconds=1.0)
    assert talk.last(Caption).text == "The market is large."


def test_a_result_cuts_the_filler_and_so_does_the_caller(talk: Talk) -> None:
    talk.tell(ev.ToolCalled(1, "a", "unit_economics", {}))
    talk.wait(0.8)
    talk.tell(ev.FillerArrived("one_moment", 5, 24_000))
    effects = talk.tell(ev.ReplyArrived(1, 6, 4800))
    assert effects[0] == Cut(1)
    assert any(isinstance(effect, Say) and effect.reply == 2 for effect in effects)


def test_a_tool_that_is_switched_off_is_answered_at_once_without_a_filler(talk: Talk) -> None:
    assert talk.tell(ev.SwitchesChanged(tools_off=("market_size", "gone"))) == []
    effects = talk.tell(ev.ToolCalled(1, "a", "market_size", {}))
    (answer,) = effects
    assert isinstance(answer, Answer)
    assert answer.response["error"]["kind"] == "unavailable"
    talk.wait(5)
    assert talk.all(Fill) == []
    assert isinstance(talk.tell(ev.ToolCalled(1, "b", "unit_economics", {}))[0], Run)
    talk.tell(ev.SwitchesChanged())
    assert isinstance(talk.tell(ev.ToolCalled(1, "c", "market_size", {}))[0], Run)


def test_a_tool_that_is_switched_off_while_it_runs_is_stopped(talk: Talk) -> None:
    talk.tell(ev.ToolCalled(1, "a", "market_size", {}))
    talk.tell(ev.ToolCalled(1, "b", "unit_economics", {}))
    abandon, answer = talk.tell(ev.SwitchesChanged(tools_off=("market_size",)))
    assert abandon == Abandon(1)
    assert isinstance(answer, Answer)
    assert (answer.id, answer.response["error"]["kind"]) == ("a", "unavailable")
    assert talk.tell(ev.ErrandReturned(1, {"output": 1})) == []
    assert talk.tell(ev.SwitchesChanged(tools_off=("market_size",))) == []
