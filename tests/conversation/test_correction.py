"""What the caller sets by hand reaches the model: voice, text and tap are one conversation. Every log is replayed."""

from __future__ import annotations

import pytest

from tests.conversation.talk import SETTINGS, Talk, founder
from vivavoce.agents import Briefing, read_briefing
from vivavoce.conversation import events as ev
from vivavoce.conversation.effects import Dial, End, Inject, Notify, Run


def briefings(talk: Talk) -> list[Briefing]:
    found = [read_briefing(effect.text) for effect in talk.all(Inject)]
    return [briefing for briefing in found if briefing is not None]


def corrected(talk: Talk) -> list[Briefing]:
    return [briefing for briefing in briefings(talk) if briefing.reason == "corrected"]


@pytest.fixture
def asked(talk: Talk) -> Talk:
    """The agent has asked something, and was heard."""
    talk.hear(talk.agent_says("How bad is it?", seconds=0.2), 0.2)
    return talk


def test_an_answer_by_hand_is_an_answer(asked: Talk) -> None:
    asked.tell(ev.FactCorrected("severity", 9))
    (told,) = corrected(asked)
    assert told.facts == {"severity": {"state": "confirmed", "value": 9}}
    assert "severity" not in told.open
    assert told.page == {}
    asked.wait(SETTINGS.answer_within_s)
    assert briefings(asked)[-1].reason == "nudge", "the agent owes an answer to it"


def test_what_does_not_hold_is_told_to_nobody_but_the_caller(asked: Talk) -> None:
    asked.tell(ev.FactCorrected("severity", "eleventy"))
    asked.wait(5)
    assert corrected(asked) == []
    assert asked.all(Notify) == [Notify("bad_value")]


def test_it_does_not_break_off_what_the_agent_says(asked: Talk) -> None:
    reply = asked.agent_says("And what does it cost you?", seconds=1.0)
    asked.hear(reply, 0.4)
    asked.tell(ev.FactCorrected("severity", 9))
    assert corrected(asked) == []
    asked.hear(reply, 1.0)
    assert len(corrected(asked)) == 1


def test_it_does_not_break_off_an_answer_that_is_on_its_way() -> None:
    talk = Talk().join()  # the opening was told, and nothing was said yet
    talk.tell(ev.FactCorrected("severity", 9))
    assert corrected(talk) == []
    talk.hear(talk.agent_says("Hello, how bad is it?", seconds=0.2), 0.2)
    assert len(corrected(talk)) == 1
    talk.close()


def test_it_waits_for_the_caller_to_finish_and_be_answered(asked: Talk) -> None:
    asked.tell(ev.SpeechStarted(0))
    asked.tell(ev.FactCorrected("severity", 9))
    asked.tell(ev.SpeechEnded(16_000), after=1.0)
    assert corrected(asked) == []
    asked.hear(asked.agent_says("I see.", seconds=0.2), 0.2)
    assert len(corrected(asked)) == 1


def test_it_waits_for_a_tool(asked: Talk) -> None:
    asked.tell(ev.ToolCalled(1, "t", "unit_economics", {}))
    asked.tell(ev.FactCorrected("severity", 9))
    assert corrected(asked) == []
    asked.tell(ev.ErrandReturned(asked.last(Run).errand, {"output": 1}))
    assert len(corrected(asked)) == 1


def test_many_in_a_row_are_told_together(asked: Talk) -> None:
    for value in (3, 4, 5):
        asked.tell(ev.FactCorrected("severity", value))
    asked.tell(ev.FactCorrected("price", None))
    assert [told.facts["severity"]["value"] for told in corrected(asked)] == [3]
    asked.hear(asked.agent_says("Thank you.", seconds=0.2), 0.2)
    assert corrected(asked)[-1].facts == {
        "severity": {"state": "confirmed", "value": 5},
        "price": {"state": "refused", "value": None},
    }
    asked.hear(asked.agent_says("Noted.", seconds=0.2), 0.2)
    assert len(corrected(asked)) == 2, "nothing is left to tell"


def test_without_a_link_it_is_told_when_there_is_one(asked: Talk) -> None:
    asked.tell(ev.HandleIssued(1, 1, True, 0))
    asked.tell(ev.LinkDropped(1, 1006, "transient"), after=20)
    asked.tell(ev.FactCorrected("severity", 9))
    asked.tell(ev.LinkOpened(asked.last(Dial).link), after=0.1)
    assert len(corrected(asked)) == 1, "the model still knows the talk, but not this"


def test_what_a_lost_link_was_told_and_did_not_answer_is_told_again(asked: Talk) -> None:
    asked.tell(ev.HandleIssued(1, 1, True, 0))
    asked.tell(ev.FactCorrected("severity", 9))
    asked.tell(ev.LinkDropped(1, 1006, "transient"))
    asked.tell(ev.LinkOpened(asked.last(Dial).link), after=0.1)
    assert asked.last(Dial).handle == 1, "of before it was told"
    assert [told.facts["severity"]["value"] for told in corrected(asked)] == [9, 9]
    asked.hear(asked.agent_says("Thank you.", link=2, seconds=0.2), 0.2)
    asked.tell(ev.HandleIssued(2, 2, True, 0))
    asked.tell(ev.LinkDropped(2, 1006, "transient"), after=20)
    asked.tell(ev.LinkOpened(asked.last(Dial).link), after=0.1)
    assert len(corrected(asked)) == 2, "it has answered"


def test_a_model_that_is_told_anew_is_told_once(asked: Talk) -> None:
    asked.tell(ev.LinkDropped(1, 1006, "transient"), after=20)
    asked.tell(ev.FactCorrected("severity", 9))
    asked.tell(ev.LinkOpened(asked.last(Dial).link), after=0.1)
    assert briefings(asked)[-1].reason == "reseed"
    assert briefings(asked)[-1].facts["severity"]["value"] == 9
    assert corrected(asked) == []


def test_who_answers_by_hand_is_not_asked_again_for_it(talk: Talk) -> None:
    talk.tell(ev.FactCorrected("severity", 9))  # while the opening is owed
    talk.wait(SETTINGS.answer_within_s + 1)
    assert [briefing.reason for briefing in briefings(talk)] == ["opening", "corrected"]


def test_who_types_into_fields_is_not_idle() -> None:
    talk = Talk(founder()).join()
    idle_s = talk.spec.limits.idle_s
    assert idle_s is not None
    talk.hear(talk.agent_says("How bad is it?", seconds=0.2), 0.2)
    for value in range(1, 10):
        talk.wait(idle_s * 0.6)
        talk.tell(ev.FactCorrected("severity", value))
        talk.hear(talk.agent_says("Thank you.", seconds=0.2), 0.2)
    talk.wait(idle_s + 1)
    assert briefings(talk)[-1].reason == "idle"
    talk.hear(talk.agent_says("Are you still there?", seconds=0.2), 0.2)
    talk.wait(idle_s * 0.9)
    talk.tell(ev.FactCorrected("severity", "eleventy"))  # somebody is there, whatever they type
    talk.wait(idle_s * 0.9)
    assert [briefing.reason for briefing in briefings(talk)].count("idle") == 1
    talk.wait(idle_s * 0.2)
    assert [briefing.reason for briefing in briefings(talk)].count("idle") == 2, "asked anew, not hung up on"
    assert talk.all(End) == []
    talk.close()
