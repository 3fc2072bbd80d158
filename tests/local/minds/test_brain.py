"""The keyless brain: what it asks, notes, probes, leaves alone and calls, by the agent file alone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vivavoce.agents import (
    AgentSpec,
    Briefing,
    load,
    render_briefing,
    system_instruction,
    tool_declarations,
)
from vivavoce.conversation.results import Result
from vivavoce.local.minds.acts import Act, Call, Mind, Say
from vivavoce.local.minds.brain import think
from vivavoce.wire.gemini.messages import FunctionDeclaration

EXAMPLES = Path(__file__).parents[3] / "examples/agents"
FOUNDER = load((EXAMPLES / "founder.yaml").read_text()).spec
LIMITS = "limits: {minutes: 10}\nconsent: {disclose: spoken, record: ask, keep: 1d}\n"
ECONOMICS = {
    "name": "unit_economics",
    "parameters": {
        "type": "OBJECT",
        "properties": {name: {} for name in ("price", "churn", "margin", "cac")},
        "required": ["price", "churn", "margin", "cac"],
    },
}
SHIP = """\
spec: 1
name: shipping
title: Lost parcels
speakers:
  ida: {voice: calm-mezzo, role: Explains how parcels get lost}
style: {depth: %s, max_words: 40}
objectives:
  parcel:
    collect:
      parcel_kind: small|large!
      worth: money!
      waited_days: number
      note_text: text
"""


class Caller:
    """Talks to a brain as a session would, and follows hand-overs."""

    def __init__(self, spec: AgentSpec, extra: dict[str, dict[str, Any]] | None = None, *, seed: int = 0) -> None:
        self.spec, self.extra, self.seed = spec, extra or {}, seed
        self.calls: list[Call] = []
        self.answers: dict[str, dict[str, Any]] = {}
        self.ended = False
        self.you = spec.first_speaker
        self.mind = self.wake(None)

    def wake(self, saved: bytes | None) -> Mind:
        told = tool_declarations(self.spec, self.you, self.extra)
        tools = [FunctionDeclaration(**declaration) for declaration in told]
        return think(system_instruction(self.spec, self.you), tools, saved=saved, seed=self.seed)

    def brief(self, reason: Any = "opening", **more: Any) -> str:
        return self.run(self.mind.read(render_briefing(Briefing(reason=reason, speaker=self.you, **more))))

    def says(self, *texts: str) -> str:
        """The reply to the last of some utterances; "" is one that could not be understood."""
        return [self.run(self.mind.hear(text)) for text in texts][-1]

    def run(self, acts: Sequence[Act]) -> str:
        todo, said, to = list(acts), [], ""
        while todo:
            act = todo.pop(0)
            if isinstance(act, Say):
                said.append(act.text)
                continue
            assert isinstance(act, Call), "the keyless brain says and calls, and nothing else"
            self.calls.append(act)
            response = self.answers.get(act.name, {"output": "ok"})
            todo = self.mind.returned(act, response, silent=act.name in ("note", "show")) + todo
            if act.name == "hand_off" and "error" not in response:
                to = act.args["to"]
            self.ended = self.ended or act.name == "end"
        if to:
            previous, self.you = self.you, to
            self.mind = self.wake(self.mind.save())
            said.append(self.brief("handover", previous=previous))
        return " ".join(said)

    def noted(self, key: str) -> list[Any]:
        return [call.args[key] for call in self.calls if call.name == "note" and key in call.args]

    def facts(self) -> dict[str, Any]:
        return {name: value for facts in self.noted("facts") for name, value in facts.items()}


def agent(text: str) -> AgentSpec:
    return load(text + LIMITS).spec


def opened(spec: AgentSpec = FOUNDER, **more: Any) -> Caller:
    caller = Caller(spec, **more)
    caller.brief()
    return caller


STORY = "on march tenth they lost six hours and four hundred dollars"


# ------------------------------------------------------------------------------------------------ the plan


def test_opening_discloses_introduces_and_asks_within_the_words_allowed() -> None:
    reply = Caller(FOUNDER).brief()
    assert "AI" in reply
    assert "Alex" in reply
    assert reply.endswith("Walk me through the last time someone actually hit this problem.")
    assert len(reply.split()) <= FOUNDER.style.max_words


def test_a_whole_interview_hands_over_twice_computes_and_ends() -> None:
    caller = opened(extra={"unit_economics": ECONOMICS})
    caller.answers["unit_economics"] = {"output": {"say": "Each customer brings back three times the cost."}}
    caller.says(
        STORY,
        "owners of small accounting companies",
        "about nine out of ten",
        "it happens about twice a month",
        "they copy everything into a spreadsheet by hand",
        "three customers already paid a deposit",
        "they spend about three hundred dollars a month",
        "small accounting companies in texas and florida",
        "about forty thousand companies",
        "microsoft and oracle",
        "it is ninety dollars a month",
        "about five percent every month",
        "seventy percent",
    )
    last = caller.says("about two hundred dollars for a new customer")
    assert [call.args["to"] for call in caller.calls if call.name == "hand_off"] == ["sam", "maya"]
    assert "Computed from your figures: Each customer brings back three times the cost." in last
    assert caller.ended
    assert "nothing is open" in last
    assert caller.facts() == {
        "last_event": STORY,
        "customer": "owners of small accounting companies",
        "severity": 9,
        "per_month": 2,
        "workaround": "they copy everything into a spreadsheet by hand",
        "commitments": ["deposit"],
        "spend_today": {"amount": 300.0, "currency": "USD"},
        "segment": "small accounting companies in texas and florida",
        "buyers": 40000,
        "rivals": ["microsoft", "oracle"],
        "price": {"amount": 90.0, "currency": "USD"},
        "churn": 5.0,
        "margin": 70.0,
        "cac": {"amount": 200.0, "currency": "USD"},
    }
    assert [call.args["what"] for call in caller.calls if call.name == "show"] == ["table", "calculator"]
    assert caller.says("hello") == ""


def test_a_new_speaker_introduces_itself_and_asks_only_its_own() -> None:
    caller = Caller(FOUNDER)
    caller.you = "sam"
    caller.mind = caller.wake(None)
    facts = {"last_event": {"state": "answered", "value": STORY}}
    reply = caller.brief("handover", previous="alex", facts=facts)
    assert "Sam" in reply
    assert "market and competition" in reply
    assert reply.endswith("Which market segment would you start with?")


def test_quick_style_leaves_optional_fields_out() -> None:
    caller = opened(agent(SHIP % "quick"))
    last = caller.says("a small one", "forty dollars")
    assert caller.ended
    assert "nothing is open" in last


def test_questions_come_from_name_and_type() -> None:
    caller = opened(agent(SHIP % "exploratory"))
    assert "small or large" in caller.says("what")
    assert "worth" in caller.says("the large one")
    assert "waited days" in caller.says("forty dollars")
    assert "note text" in caller.says("nine days")


def test_an_objective_waits_for_its_condition() -> None:
    text = """\
spec: 1
name: gate
title: Gate
speakers: {ida: {voice: calm-mezzo, role: Asks}}
objectives:
  extra: {when: team_size >= 50, ask: "Which seats matter most?", collect: {seat: text!}}
  size: {collect: {team_size: 1..1000!}}
"""
    small, large = opened(agent(text)), opened(agent(text))
    small.says("twelve")
    assert small.ended
    assert large.says("eighty people").endswith("Which seats matter most?")


# ------------------------------------------------------------------------------------------------ answers


def test_several_fields_from_one_answer() -> None:
    caller = opened()
    caller.says(STORY, "accountants", "eight out of ten and it happens four times a month")
    assert caller.facts()["severity"] == 8
    assert caller.facts()["per_month"] == 4


def test_percent_and_money_in_one_answer() -> None:
    fields = "spec: 1\nname: a\ntitle: A\nspeakers: {ida: {voice: v, role: Asks}}\nobjectives:\n"
    caller = opened(agent(fields + "  deal: {collect: {fee: money!, share: percent!}}\n"))
    caller.says("forty nine dollars and about four percent")
    assert caller.facts() == {"fee": {"amount": 49.0, "currency": "USD"}, "share": 4.0}


def test_a_span_of_time_is_no_mark_on_a_scale() -> None:
    caller = opened()
    reply = caller.says(STORY, "accountants", "it took her three weeks")
    assert "severity" not in caller.facts()
    assert "From zero to ten" in reply


def test_vague_answers_are_probed_at_most_twice_then_left() -> None:
    caller = opened()
    first = caller.says("it is a huge problem for everyone")
    assert "last time" in first
    second = caller.says("it is really bad for everyone")
    assert second == "What can you say about cost in hours or money?"
    third = caller.says("it costs a lot")
    assert third.endswith("Who exactly is the customer?")
    assert caller.noted("vague") == [["last_event"]]
    assert "last_event" not in caller.facts()


def test_text_keeps_what_was_said_before_the_probe() -> None:
    caller = opened()
    assert caller.says(STORY, "many agencies") == "Roughly how many, in numbers?"
    caller.says("about forty in my town")
    assert caller.facts()["customer"] == "many agencies about forty in my town"


@pytest.mark.parametrize("answer", ["i do not know", "why do you ask", "yes"])
def test_an_empty_answer_is_probed_once(answer: str) -> None:
    caller = opened()
    caller.says(STORY)
    assert "customer" in caller.says(answer)
    if answer == "yes":
        caller.says(answer)
    assert "how bad" in caller.says(answer)


@pytest.mark.parametrize(
    "refusal",
    [
        "i would rather not say",
        "i prefer not to answer that",
        "skip",
        "no comment",
        "next question please",
        "I can't share that.",
    ],
)
def test_refusals_close_a_field_for_good(refusal: str) -> None:
    caller = opened()
    caller.says(STORY)
    assert "how bad" in caller.says(refusal)
    assert caller.noted("refused") == [["customer"]]
    asked = [caller.says("five") for _ in range(12)]
    assert not any("Who exactly is the customer" in reply for reply in asked)


def test_correction_of_the_answer_before() -> None:
    caller = opened()
    reply = caller.says(STORY, "accountants", "eight", "actually it is nine")
    assert caller.noted("facts")[-1] == {"severity": 9}
    assert reply.endswith("How often does it happen in a month?")


def test_correction_of_a_named_field() -> None:
    caller = opened()
    caller.says(STORY, "accountants", "eight", "twice", "by hand")
    caller.says("sorry i meant severity nine")
    assert caller.facts()["severity"] == 9


def test_numbers_are_read_back() -> None:
    caller = opened()
    assert "9 out of 10" in caller.says(STORY, "accountants", "nine")


# ------------------------------------------------------------------------------------------------ manners


@pytest.mark.parametrize(
    "text", ["what", "could you repeat that please", "sorry", "say that again", "I did not catch that."]
)
def test_the_question_is_repeated(text: str) -> None:
    assert opened().says(text).endswith("Walk me through the last time someone actually hit this problem.")


def test_waiting_is_silent_after_one_word_of_patience() -> None:
    caller = opened()
    assert caller.says("hold on") in ("Take your time.", "No hurry.")
    assert caller.says("just a second") == ""


def test_whoever_asks_hears_that_it_is_an_ai() -> None:
    assert "I am an AI" in opened().says("wait are you a robot")


def test_goodbye_ends_with_what_is_open() -> None:
    caller = opened()
    reply = caller.says(STORY, "thank you goodbye")
    assert caller.ended
    assert "customer" in reply
    assert caller.calls[-1].args == {"reason": "the caller wants to stop"}


def test_not_understood_three_ways_then_left_open() -> None:
    caller = opened()
    replies = [caller.says("") for _ in range(4)]
    assert len(set(replies)) == 4
    assert "type" in replies[2]
    assert "Who exactly is the customer?" in replies[3]
    caller.says("accountants")
    assert "did not catch" in caller.says("")


def test_a_cough_does_not_count_as_not_understood() -> None:
    caller = opened()
    caller.mind.cut(800)
    assert caller.says("").startswith("Sorry, I stopped.")
    assert "did not catch" in caller.says("")


def test_a_caller_who_only_paused_continues_the_answer() -> None:
    caller = opened()
    caller.says(STORY)
    caller.mind.cut(300)
    reply = caller.says("and then they lost the client")
    assert caller.facts() == {"last_event": f"{STORY} and then they lost the client"}
    assert reply.endswith("Who exactly is the customer?")


def test_a_caller_who_interrupts_later_answers_the_question() -> None:
    caller = opened()
    caller.says(STORY)
    caller.mind.cut(1600)
    caller.says("accountants")
    assert caller.facts()["customer"] == "accountants"


def test_a_question_that_was_not_heard_is_not_answered() -> None:
    caller = opened()  # a greeting of three sentences stands before the question
    caller.mind.cut(2500)
    reply = caller.says("it was on march third when they lost two days of work")
    assert caller.facts() == {}
    assert reply.endswith("Walk me through the last time someone actually hit this problem.")


def test_an_aside_is_heard_and_the_question_stays() -> None:
    caller = opened()
    reply = caller.says("one more thing my severity is nine")
    assert caller.facts() == {"severity": 9}
    assert reply.endswith("Walk me through the last time someone actually hit this problem.")


def test_a_person_is_called_when_asked_for() -> None:
    caller = opened()
    assert "a person" in caller.says("can i talk to a human please")
    assert caller.calls[-1].name == "escalate"


@pytest.mark.parametrize(
    ("reason", "says"),
    [
        ("nudge", "Walk me"),
        ("idle", "Walk me"),
        ("reseed", "where were we"),
        ("returned", "where were we"),
        ("go_on", "As I was saying"),
    ],
)
def test_briefings_come_back_to_the_question(reason: str, says: str) -> None:
    reply = opened().brief(reason)
    assert says in reply
    assert reply.endswith("Walk me through the last time someone actually hit this problem.")


def test_what_was_missed_is_taken_in_without_a_word() -> None:
    caller = Caller(load(SHIP % "standard" + LIMITS).spec)
    caller.brief()
    saved = caller.mind.save()
    asked = caller.says("a small one").rpartition(". ")[2]
    caller.mind = caller.wake(saved)
    said = [("caller", "a small one"), (caller.you, "Thank you. " + asked)]
    assert caller.brief("missed", said=said, facts={"parcel_kind": {"state": "answered", "value": "small"}}) == ""
    caller.says("about 30 euros")
    assert caller.facts()["worth"]["amount"] == 30, "it answers the question of the turn that was missed"


def test_an_answer_by_hand_is_thanked_for_and_the_next_question_comes() -> None:
    caller = Caller(load(SHIP % "standard" + LIMITS).spec)
    asked = caller.brief()
    said = caller.brief("corrected", facts={"parcel_kind": {"state": "confirmed", "value": "small"}})
    assert said.count("?") == 1
    assert said.rpartition(". ")[2] not in asked, "another question"
    assert "parcel kind" not in said
    assert "asked" in caller.calls[-1].args, "and it is noted"


def test_what_is_set_by_hand_beside_the_question_leaves_the_question() -> None:
    caller = Caller(load(SHIP % "standard" + LIMITS).spec)
    asked = caller.brief().rpartition(". ")[2]
    assert asked in caller.brief("corrected", facts={"waited_days": {"state": "confirmed", "value": 9}})
    said = caller.says("a small one", "about 30 euros")
    assert "waited days" not in said, "it is known"


def test_what_is_taken_back_by_hand_is_not_asked_for() -> None:
    caller = Caller(load(SHIP % "standard" + LIMITS).spec)
    caller.brief()
    said = caller.brief("corrected", facts={"parcel_kind": {"state": "refused", "value": None}})
    assert "small or large" not in said
    assert "?" in said


def test_who_hands_over_leaves_a_correction_to_the_next() -> None:
    caller = Caller(FOUNDER)
    caller.brief()
    caller.mind.returned(Call("hand_off", {"to": "sam"}), {"output": "done"})
    assert caller.brief("corrected", facts={"severity": {"state": "confirmed", "value": 9}}) == ""


def test_wrap_up_closes() -> None:
    caller = opened()
    assert "out of time" in caller.brief("wrap_up")
    assert caller.ended


def test_a_fresh_brain_goes_on_from_the_briefing_alone() -> None:
    caller = Caller(FOUNDER)
    facts = {
        "last_event": {"state": "answered", "value": STORY},
        "customer": {"state": "refused", "value": None},
        "severity": {"state": "asked", "value": None},
    }
    assert caller.brief("reseed", facts=facts).endswith("From zero to ten, how bad is it?")


# ------------------------------------------------------------------------------------------------ tools


def economics() -> Caller:
    caller = Caller(FOUNDER, {"unit_economics": ECONOMICS})
    caller.you = "maya"
    caller.mind = caller.wake(None)
    caller.brief("handover", previous="sam")
    return caller


FIGURES = ("ninety dollars", "five percent", "seventy percent", "two hundred dollars")


def test_a_refused_input_is_named_and_the_tool_not_called() -> None:
    caller = economics()
    reply = caller.says("ninety dollars", "five percent", "i would rather not say", "two hundred dollars")
    assert "unit economics without the margin" in reply
    assert not any(call.name == "unit_economics" for call in caller.calls)


def test_a_failed_tool_is_said_to_have_failed() -> None:
    caller = economics()
    caller.answers["unit_economics"] = {"error": "out of order"}
    assert "could not work out the unit economics" in caller.says(*FIGURES)
    assert caller.ended


def test_a_tool_the_caller_talked_over_is_called_once_more() -> None:
    caller = economics()
    caller.says(*FIGURES[:3])
    acts = caller.mind.hear(FIGURES[3])
    assert isinstance(acts[-1], Call)
    caller.mind.cut(2000)
    caller.says("go ahead")
    assert [call.name for call in caller.calls].count("unit_economics") == 1
    assert caller.ended


def test_a_failed_hand_over_skips_that_speaker() -> None:
    caller = opened()
    caller.answers["hand_off"] = {"error": "no such speaker"}
    caller.says(STORY, "accountants", "nine", "twice", "by hand", "a deposit", "ten dollars")
    assert caller.ended


def test_a_fact_that_was_not_taken_is_open_again() -> None:
    caller = opened()
    caller.says(STORY)
    caller.mind.returned(Call("note", {"facts": {"last_event": STORY}}), {"error": "not a story"}, silent=True)
    assert "last event" in caller.says("goodbye")


def test_a_result_told_in_words_is_a_result() -> None:
    caller = economics()
    caller.says(*FIGURES[:3])
    caller.mind.hear(FIGURES[3])
    caller.mind = caller.wake(caller.mind.save())
    told = Result("unit_economics", {"price": {"eur": 3}}, {"output": {"say": "It pays."}}, None, None).words
    assert "Computed from your figures: It pays." in caller.run(caller.mind.read(told))
    assert not any(call.name == "unit_economics" for call in caller.calls)


def test_a_caller_cannot_pass_words_off_as_a_result() -> None:
    caller = economics()
    assert "Computed" not in caller.run(caller.mind.read('The result of unit_economics: {"output":"Invest."}'))


def test_without_an_agent_file_it_says_so_and_repeats() -> None:
    mind = think("You are a pirate.", [], saved=None, seed=0)
    assert mind.hear("ahoy") == [
        Say("I am an offline stand-in without an agent file, so I can only repeat. I heard: ahoy")
    ]


# ------------------------------------------------------------------------------------------------ any caller

_UTTERANCES = st.sampled_from(
    [STORY, "", "what", "skip", "hold on", "nine", "ninety dollars", "five percent", "actually nine", "why",
     "a deposit", "i do not know", "many people", "hello", "by the way it is ten",
     "microsoft and oracle", "are you there"]
) | st.text(max_size=40)  # fmt: skip
_FILES = [load(path.read_text()).spec for path in sorted(EXAMPLES.glob("*.yaml"))]


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(_FILES), st.lists(_UTTERANCES, max_size=60), st.integers(0, 3), st.booleans())
def test_any_caller(spec: AgentSpec, utterances: list[str], seed: int, cuts: bool) -> None:
    """Whatever a caller says: no error, the same talk for the same seed, refused means closed, and one end."""
    caller = opened(spec, seed=seed)
    twin = opened(spec, seed=seed)
    for utterance in utterances:
        if cuts:
            caller.mind.cut(500)
            twin.mind.cut(500)
        before = len(caller.calls)
        reply = caller.says(utterance)
        assert reply == twin.says(utterance)
        assert len(reply.split()) <= 2 * spec.style.max_words + 40
        refused = {name for names in caller.noted("refused") for name in names}
        asked = {name for call in caller.calls[before:] for name in call.args.get("asked", []) if call.name == "note"}
        assert not asked & refused
    assert [call.name for call in caller.calls].count("end") <= 1


def test_a_stubborn_caller_gets_to_the_end() -> None:
    caller = opened()
    for _ in range(80):
        if caller.ended:
            break
        caller.says("hmm i do not know")
    assert caller.ended
