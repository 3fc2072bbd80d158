"""Where the time went, told by whole conversations on a clock the test turns."""

from __future__ import annotations

from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conversation.talk import Talk
from tests.conversation.test_properties import events
from vivavoce.conversation import events as ev
from vivavoce.conversation.effects import Run, Say
from vivavoce.conversation.log import decode_effects, decode_event
from vivavoce.findings.latency import STAGES, Answer, Dial, Gap, Interruption, Measured, Outage, ToolRun
from vivavoce.findings.stopwatch import END_S, Stopwatch

M = TypeVar("M", bound=Measured)


def measured(talk: Talk, kind: type[M]) -> list[M]:
    """Everything of a kind that the log of a talk tells."""
    stopwatch = Stopwatch()
    found: list[M] = []
    for entry in talk.entries:
        step = stopwatch.step(decode_event(entry.event), decode_effects(entry.effects), entry.at)
        found += [one for one in step if isinstance(one, kind)]
    return found


def greeted() -> Talk:
    """Joined, and the greeting was heard."""
    talk = Talk().join()
    talk.hear(talk.agent_says("Good day.", seconds=0.4), 0.4)
    return talk


def test_the_opening_waits_for_its_link() -> None:
    (answer,) = measured(greeted(), Answer)
    assert answer.after == "opening"
    assert answer.stages()["link"] == pytest.approx(0.1)
    assert answer.speaker == "alex"


def test_nobody_who_is_away_waits_for_an_answer_or_hears_a_stutter() -> None:
    talk = greeted()
    talk.tell(ev.CallerTyped("well?"))
    talk.tell(ev.CallerDropped(), after=1.0)
    talk.agent_says("Yes.", seconds=2.0)
    talk.tell(ev.CallerReturned(), after=60.0)
    reply = talk.last(Say).reply
    talk.hear(reply, 1.0, start_at=1_000_000)
    talk.tell(ev.CallerDropped())
    talk.tell(ev.CallerReturned("voice", reply, 24_000, 1_016_000), after=30.0)
    talk.tell(ev.Played(reply, 26_400, 1_016_000 + 30 * 16_000 + 1600), after=0.1)
    talk.close()
    assert [answer.after for answer in measured(talk, Answer)] == ["opening"]
    assert measured(talk, Gap) == []


def test_an_answer_is_owed_from_when_the_voice_stopped() -> None:
    talk = greeted()
    talk.tell(ev.SpeechStarted(160_000), after=9)
    talk.tell(ev.SpeechEnded(180_000), after=2)
    stopped = talk.now - END_S
    talk.wait(1.0)
    reply = talk.agent_says("I see.", seconds=0.4)
    arrived = talk.now
    talk.tell(ev.Played(reply, 2400, 0), after=0.35)  # 100 ms of it are heard by now
    answer = measured(talk, Answer)[-1]
    assert answer.after == "speech"
    assert answer.asked_at == pytest.approx(stopped)
    assert answer.arrived_at == pytest.approx(arrived)
    stages = answer.stages(1.0)
    assert stages["turn_end"] == pytest.approx(1.0)
    assert stages["model"] == pytest.approx(END_S)
    assert sum(stages.values()) == pytest.approx(answer.total_s)
    assert tuple(stages) == STAGES


@pytest.mark.parametrize("gate_was_first", [False, True])
def test_who_says_that_they_are_done_waits_for_no_pause(gate_was_first: bool) -> None:
    talk = greeted()
    talk.tell(ev.SpeechStarted(160_000), after=9)
    told = [ev.CallerDone(), ev.SpeechEnded(180_000)]
    for event in reversed(told) if gate_was_first else told:
        talk.tell(event)
    talk.wait(0.6)
    talk.hear(talk.agent_says("I see.", seconds=0.4), 0.4, start_at=200_000)
    talk.close()
    answer = measured(talk, Answer)[-1]
    assert answer.after == "done"
    stages = answer.stages(turn_end_s=2.5)
    assert stages["turn_end"] == 0.0
    assert stages["model"] == pytest.approx(0.6 + (END_S if gate_was_first else 0.0))


def test_tools_and_lost_links_are_taken_out_of_the_models_time() -> None:
    talk = greeted()
    talk.tell(ev.SpeechStarted(0), after=20)
    talk.tell(ev.SpeechEnded(0), after=2)
    talk.tell(ev.ToolCalled(1, "a", "unit_economics", {}), after=0.2)
    talk.tell(ev.ErrandReturned(talk.last(Run).errand, {"output": {}}), after=0.5)
    talk.tell(ev.LinkDropped(1, 1006, "transient"), after=0.1)
    talk.tell(ev.LinkOpened(2), after=0.3)
    reply = talk.agent_says("Done.", link=2, seconds=0.2)
    talk.hear(reply, 0.2)
    answer = measured(talk, Answer)[-1]
    assert answer.tools_s == pytest.approx(0.5)
    assert answer.link_s == pytest.approx(0.3)
    assert answer.stages()["model"] == pytest.approx(END_S + 0.2 + 0.1)
    (run,) = measured(talk, ToolRun)
    assert (run.name, run.outcome) == ("unit_economics", "ok")
    assert [outage.kind for outage in measured(talk, Outage)] == ["transient"]
    assert [(dial.link, dial.outcome) for dial in measured(talk, Dial)] == [(1, "open"), (2, "open")]


def test_a_tool_that_is_given_up_is_told() -> None:
    talk = greeted()
    talk.tell(ev.ToolCalled(1, "a", "unit_economics", {}))
    talk.wait(talk.settings.tool_timeout_s + 1)
    (run,) = measured(talk, ToolRun)
    assert run.outcome == "abandoned"
    assert run.ended_at - run.began_at == pytest.approx(talk.settings.tool_timeout_s)


def test_a_cough_is_held_and_resumed_and_an_interruption_cut() -> None:
    talk = greeted()
    reply = talk.agent_says("This takes a while.", seconds=4)
    talk.hear(reply, 1)
    talk.tell(ev.SpeechStarted(40_000))
    talk.tell(ev.SpeechEnded(44_000), after=0.3)
    talk.hear(reply, 1, start_at=48_000)
    talk.tell(ev.SpeechStarted(80_000))
    talk.wait(2.0)
    cough, cut = measured(talk, Interruption)
    assert cough.outcome == "resumed"
    assert cough.ended_at - cough.held_at == pytest.approx(0.3)
    assert cut.outcome == "cut"
    assert cut.ended_at - cut.held_at == pytest.approx(talk.settings.long_speech_s)


@pytest.mark.parametrize("words", ["No, wait", ""])
def test_who_is_answered_after_speaking_over_the_agent_has_waited_since_they_stopped(words: str) -> None:
    talk = greeted()
    reply = talk.agent_says("This takes a while.", seconds=4)
    talk.hear(reply, 1)
    talk.tell(ev.SpeechStarted(40_000))
    talk.tell(ev.SpeechEnded(52_000), after=0.8)
    stopped = talk.now - END_S
    if words:
        talk.tell(ev.CallerTranscribed(1, words), after=0.3)  # cut for its words, otherwise for the answer
    talk.wait(0.9)
    talk.hear(talk.agent_says("Yes?", seconds=1), 1, start_at=80_000)
    answer = measured(talk, Answer)[-1]
    assert answer.after == "speech"
    assert answer.asked_at == pytest.approx(stopped)


def test_an_mhm_is_no_question() -> None:
    talk = greeted()
    reply = talk.agent_says("This takes a while.", seconds=4)
    talk.hear(reply, 1)
    talk.tell(ev.SpeechStarted(40_000))
    talk.tell(ev.SpeechEnded(52_000), after=0.8)
    talk.tell(ev.CallerTranscribed(1, "mm-hm"), after=0.3)
    talk.hear(reply, 4, start_at=60_000)
    assert len(measured(talk, Answer)) == 1, "only the greeting was waited for"
    assert [one.outcome for one in measured(talk, Interruption)] == ["resumed"]


def test_a_reply_that_stands_still_is_a_gap_and_a_hold_is_none() -> None:
    talk = greeted()
    reply = talk.agent_says("One, two, three.", seconds=2)
    talk.tell(ev.Played(reply, 2_400, 100_000), after=0.1)
    talk.tell(ev.Played(reply, 4_800, 105_600), after=0.35)  # 100 ms of sound took 350
    talk.tell(ev.SpeechStarted(106_000))
    talk.tell(ev.Played(reply, 4_900, 108_000), after=0.1)
    talk.tell(ev.Played(reply, 5_000, 109_600), after=0.1)  # the last of it before it fell silent
    talk.tell(ev.SpeechEnded(108_000), after=0.1)
    talk.tell(ev.Played(reply, 7_200, 112_000), after=0.1)
    (gap,) = measured(talk, Gap)
    assert gap.seconds == pytest.approx(0.25)


def test_the_first_words_count_where_nothing_is_said_aloud() -> None:
    talk = Talk().join("text")
    talk.agent_says("Good day.")
    talk.tell(ev.CallerTyped("It happens weekly."), after=3)
    talk.wait(0.4)
    talk.agent_says("Noted.")
    answer = measured(talk, Answer)[-1]
    assert answer.after == "typed"
    assert answer.played_at is None
    assert answer.total_s == pytest.approx(0.4)


def test_a_model_that_owes_an_answer_is_reminded() -> None:
    talk = greeted()
    talk.tell(ev.SpeechStarted(0), after=20)
    talk.tell(ev.SpeechEnded(0), after=2)
    talk.wait(talk.settings.answer_within_s + 1)
    talk.hear(talk.agent_says("Sorry.", seconds=0.2), 0.2)
    assert measured(talk, Answer)[-1].nudges == 1


def test_a_model_that_is_quicker_than_our_gate_is_measured_all_the_same() -> None:
    talk = greeted()
    talk.tell(ev.SpeechStarted(0), after=20)
    reply = talk.agent_says("Yes.", seconds=0.4)
    talk.tell(ev.SpeechEnded(0), after=0.3)
    talk.hear(reply, 0.3)
    answer = measured(talk, Answer)[-1]
    assert answer.asked_at <= answer.arrived_at
    assert answer.total_s < 1


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(events, st.floats(0, 3)), max_size=60))
def test_nothing_a_peer_sends_is_too_much(told: list[tuple[ev.Event, float]]) -> None:
    talk = Talk()
    for event, after in told:
        talk.tell(event, after=after)
    for answer in measured(talk, Answer):
        assert min(answer.stages(1.0).values()) >= 0
    assert all(one.ended_at >= one.silent_at >= one.held_at for one in measured(talk, Interruption))
    assert all(one.ended_at >= one.began_at for one in measured(talk, ToolRun))
    assert all(one.ended_at >= one.began_at for one in measured(talk, Dial))
