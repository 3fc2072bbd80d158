"""What is known, and that only an event changes it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conversation.talk import Talk
from vivavoce.conversation import events as ev
from vivavoce.conversation.effects import Answer, Note, Notify, ShowFact


def note(talk: Talk, **args: Any) -> dict[str, Any]:
    talk.tell(ev.ToolCalled(1, f"n{len(talk.entries)}", "note", args))
    return talk.last(Answer).response


def test_a_fact_carries_the_moment_it_was_said(talk: Talk) -> None:
    talk.tell(ev.SpeechStarted(16_000))
    talk.tell(ev.SpeechEnded(48_000), after=2.0)
    talk.tell(ev.CallerTranscribed(1, " It is an eight."))
    note(talk, facts={"severity": 8})
    fact = talk.last(Note)
    assert (fact.field, fact.state, fact.value, fact.source) == ("severity", "answered", 8, "caller-said")
    assert fact.evidence == ((1, 1000, 3000),)


def test_a_value_of_the_wrong_type_is_refused_with_what_was_wanted(talk: Talk) -> None:
    response = note(talk, facts={"severity": 99, "price": "no idea"})
    assert talk.all(Note) == []
    assert set(response["rejected"]) == {"severity", "price"}
    assert "want" in response["rejected"]["severity"]


def test_an_unknown_field_is_refused_with_the_nearest(talk: Talk) -> None:
    assert note(talk, facts={"severety": 8})["rejected"]["severety"] == "no such field; did you mean severity"


def test_refused_closes_a_field(talk: Talk) -> None:
    note(talk, asked=["margin"])
    note(talk, refused=["margin"])
    assert talk.last(Note).state == "refused"
    assert "margin" in note(talk, asked=["margin"])["rejected"]
    assert "margin" in note(talk, vague=["margin"])["rejected"]
    note(talk, facts={"margin": 40})
    assert talk.last(Note).state == "answered", "told of the caller's own accord"


def test_vague_then_answered_then_confirmed(talk: Talk) -> None:
    for args in (
        {"asked": ["price"]},
        {"vague": ["price"]},
        {"facts": {"price": "30 dollars"}},
        {"confirmed": ["price"]},
    ):
        note(talk, **args)
    assert [fact.state for fact in talk.all(Note)] == ["asked", "vague", "answered", "confirmed"]
    assert talk.last(Note).value["amount"] == 30


def test_nothing_is_confirmed_that_was_not_answered(talk: Talk) -> None:
    assert "price" in note(talk, confirmed=["price"])["rejected"]


def test_the_callers_own_correction_stands(talk: Talk) -> None:
    note(talk, facts={"severity": 8})
    talk.tell(ev.FactCorrected("severity", 9))
    assert (talk.last(Note).state, talk.last(Note).value, talk.last(Note).source) == ("confirmed", 9, "typed")
    assert "by hand" in note(talk, facts={"severity": 3})["rejected"]["severity"]


def test_evidence_vouches_for_the_value_it_was_said_for(talk: Talk) -> None:
    talk.tell(ev.SpeechStarted(16_000))
    talk.tell(ev.SpeechEnded(48_000), after=2.0)
    talk.tell(ev.CallerTranscribed(1, " Eight."))
    note(talk, facts={"severity": 8})
    talk.tell(ev.FactCorrected("severity", 3))
    assert talk.last(Note).evidence == ()


def test_a_correction_that_does_not_fit_changes_nothing_and_is_answered(talk: Talk) -> None:
    note(talk, facts={"severity": 8})
    evidence = talk.last(Note).evidence
    told = talk.tell(ev.FactCorrected("severity", "eleventy"))
    assert told == [ShowFact("severity", "answered", 8, evidence), Notify("bad_value")]
    assert talk.tell(ev.FactCorrected("nonsense", 1)) == [Notify("bad_value")]
    assert note(talk, facts={"severity": 9})["accepted"] == ["severity"], "it was not set by hand"


@pytest.mark.parametrize(("value", "state"), [(9, "confirmed"), (None, "refused")])
def test_what_is_set_again_is_shown_and_no_news_to_the_model(talk: Talk, value: int | None, state: str) -> None:
    talk.hear(talk.agent_says("How bad is it?", seconds=0.2), 0.2)
    talk.tell(ev.FactCorrected("severity", value))
    talk.hear(talk.agent_says("Thank you.", seconds=0.2), 0.2)
    assert talk.tell(ev.FactCorrected("severity", value)) == [ShowFact("severity", state, value, ())]


def test_what_is_taken_back_by_hand_is_refused_and_stays_gone(talk: Talk) -> None:
    note(talk, facts={"severity": 8})
    talk.tell(ev.FactCorrected("severity", None))
    assert (talk.last(Note).state, talk.last(Note).value, talk.last(Note).source) == ("refused", None, "typed")
    assert talk.last(Note).evidence == ()
    assert "severity" in note(talk, asked=["severity"])["rejected"], "nobody asks again"
    assert "taken this back" in note(talk, facts={"severity": 8})["rejected"]["severity"]
    assert talk.last(Note).value is None


def test_after_it_was_taken_back_the_caller_may_say_or_set_another(talk: Talk) -> None:
    talk.tell(ev.FactCorrected("severity", 8))
    talk.tell(ev.FactCorrected("severity", None))
    assert note(talk, facts={"severity": 5})["accepted"] == ["severity"]
    assert (talk.last(Note).state, talk.last(Note).source) == ("answered", "caller-said")
    talk.tell(ev.FactCorrected("severity", None))
    talk.tell(ev.FactCorrected("severity", 8))
    assert (talk.last(Note).state, talk.last(Note).value) == ("confirmed", 8)


def test_a_field_that_was_never_asked_may_be_refused_by_hand(talk: Talk) -> None:
    talk.tell(ev.FactCorrected("severity", None))
    assert talk.last(Note).state == "refused"
    assert note(talk, facts={"severity": 5})["accepted"] == ["severity"]


def test_saying_the_same_twice_is_one_change(talk: Talk) -> None:
    note(talk, facts={"severity": 8})
    note(talk, facts={"severity": 8})
    assert len(talk.all(Note)) == 1


@pytest.mark.parametrize(
    "args",
    [
        {},
        {"facts": []},
        {"facts": None},
        {"facts": {"severity": {}}},
        {"asked": "price"},
        {"asked": [7]},
        {"refused": {}},
    ],
)
def test_rubbish_in_a_note_is_answered_and_changes_nothing(talk: Talk, args: dict[str, Any]) -> None:
    assert "output" in note(talk, **args)
    assert talk.all(Note) == []
