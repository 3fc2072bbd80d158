"""The keyless brain: what to say and do after each thing the caller says, by the agent file alone.

Pure and deterministic: the same plan, seed and inputs make the same talk. It has no language model and no knowledge of
the world; it knows the agent block, the field types, and patterns of what people say when they do not answer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from vivavoce.agents import Briefing, FactState, read_block, read_briefing
from vivavoce.local.minds.acts import Act, Call, Mind, Say
from vivavoce.local.minds.answers import Answers
from vivavoce.local.minds.echo import Echo
from vivavoce.local.minds.interview import Interview
from vivavoce.local.minds.mood import Mood, mood_of
from vivavoce.local.minds.plan import Plan
from vivavoce.local.minds.progress import Progress
from vivavoce.local.minds.wording import in_words, line, part_of
from vivavoce.wire.gemini.messages import FunctionDeclaration

EARLY_MS = 1_500.0
"""A reply cut before that much of it can have been heard was no question yet: the caller had merely paused. Two to
four words are spoken in that time."""
GRASPED_MS = 700.0
"""A question is grasped from its first two or three words."""
LONGEST_ANSWER = 1_500
"""Characters of an answer that are looked at: a minute and a half of speech. All of it stands in the transcript; a
megabyte of typing must not keep the other calls of this server waiting."""
MOST_UNHEARD = 3
"""Utterances in a row not understood: asked again twice, in different words, then offered typing, then left open."""

_RESULT = re.compile(r"The result of (\w+)\b(?: for .*?, asked for before)?[^{]*(\{.*\})\s*$", re.DOTALL)
_AROUND = {
    Mood.MACHINE: "machine",
    Mood.THERE: "here",
    Mood.GREETING: "hello",
    Mood.REPEAT: "again",
}


def think(instruction: str, tools: Sequence[FunctionDeclaration], *, saved: bytes | None, seed: int) -> Mind:
    """A brain for a session: an interviewer when the instruction carries an agent block, otherwise one that repeats."""
    block = read_block(instruction)
    if block is None:
        return Echo()
    plan = Plan.of(block)
    progress = msgspec.json.decode(saved, type=Progress) if saved else Progress()
    if progress.phase == "handed" and progress.next_speaker == plan.you:
        progress.phase = "talk"
    progress.waiting.clear()  # calls do not survive a connection
    return Brain(Interview(plan, {tool.name: tool for tool in tools}, progress, seed))


class Brain:
    """One speaker of an agent file."""

    def __init__(self, interview: Interview) -> None:
        self._talk = interview
        self._plan = interview.plan
        self._progress = interview.progress
        self._answers = Answers(interview)

    # ------------------------------------------------------------------------------------ what a session asks

    def hear(self, text: str) -> list[Act]:
        """The caller spoke; empty when it could not be understood."""
        if text.strip():
            return self._take(text)
        progress = self._progress
        progress.turns += 1
        if progress.phase != "talk":
            return []
        cut, progress.cut = progress.cut, ""
        if cut:
            return self._talk.repeat("stopped")  # a cough, most likely
        progress.unheard += 1
        if progress.unheard < MOST_UNHEARD:
            asking = progress.asking
            if asking is None:
                return self._talk.go_on({})
            return self._talk.reply({}, line("unheard", progress.unheard - 1, question=asking.text))
        if progress.unheard == MOST_UNHEARD:
            return self._talk.repeat("type_instead")
        return self._answers.leave_open({})

    def read(self, text: str) -> list[Act]:
        """A typed turn: a briefing of the application, or the caller's words. Empty means "go on"."""
        briefing = read_briefing(text)
        if briefing is not None:
            return self._briefed(briefing)
        late = self._late_result(text)
        if late is not None:
            return self._computed(*late, silent=False)
        if text.strip():
            self._progress.cut = ""  # who types has read the question; only speech goes on where it paused
            return self._take(text)
        self._progress.turns += 1
        return self._talk.repeat("nudge")

    def returned(self, call: Call, response: dict[str, Any], *, silent: bool = False) -> list[Act]:
        """A tool answered."""
        progress, failed = self._progress, "error" in response
        match call.name:
            case "note":
                if failed:  # the other side did not take it: it is as if it had not been said clearly
                    self._taken_back(call.args.get("facts"))
            case "hand_off":
                return self._handed(str(call.args.get("to", "")), failed=failed)
            case "end":
                progress.phase = "over"
            case "escalate":
                return self._talk.repeat("no_person") if failed and not silent else []
            case _ if call.name in progress.waiting:
                return self._computed(call.name, response, silent=silent)
        return []

    def cut(self, heard_ms: float) -> None:
        """The caller cut the reply off after `heard_ms` of it; a call it waited for is void."""
        progress = self._progress
        if heard_ms < EARLY_MS:
            progress.cut = "early"
        else:
            progress.cut = "unheard" if heard_ms < progress.asked_at_ms + GRASPED_MS else "late"
        self._progress.waiting = [name for name in self._progress.waiting if self._talk.runs_beside(name)]

    def save(self) -> bytes:
        """Everything the next session needs to go on from here."""
        return msgspec.json.encode(self._progress)

    # ------------------------------------------------------------------------------------ the caller's words

    def _take(self, text: str) -> list[Act]:
        text = text[:LONGEST_ANSWER]
        progress = self._progress
        progress.turns += 1
        progress.unheard = 0
        if progress.phase == "over":
            return []
        if progress.phase == "handed":
            return [Say(self._talk.line("joining", next=self._plan.name_of(progress.next_speaker)))]
        cut, progress.cut = progress.cut, ""
        mood = mood_of(text)
        waits, progress.waits = progress.waits, 0
        match mood:
            case Mood.WAIT:
                progress.waits = waits + 1
                return [] if waits else [Say(self._talk.line("patience"))]
            case Mood.MACHINE | Mood.THERE | Mood.GREETING | Mood.REPEAT:
                return self._talk.repeat(_AROUND[mood], self._answers.overheard(text))
            case Mood.PERSON:
                return self._person()
            case Mood.BYE:
                return self._talk.close({}, reason="the caller wants to stop")
            case Mood.REFUSED:
                return self._answers.refused()
            case Mood.ASIDE:
                return self._talk.repeat("aside", self._answers.overheard(text))
        corrected = self._answers.corrected(text)
        if corrected is not None:
            return corrected
        if cut == "early" and (more := self._answers.continued(text)) is not None:
            return more
        if cut == "unheard":  # what they said answers nothing: the question stood behind an introduction
            return self._talk.repeat("aside", self._answers.overheard(text))
        return self._answers.answered(text, mood)

    # ------------------------------------------------------------------------------------ the application's words

    def _briefed(self, briefing: Briefing) -> list[Act]:
        talk, progress = self._talk, self._progress
        progress.turns += 1
        progress.cut = ""
        self._remember(briefing)
        if briefing.reason == "corrected" and progress.phase == "handed":
            return []  # for whoever comes next
        if briefing.reason == "wrap_up":
            return talk.close({}, talk.line("wrap_up"), reason="the time is over")
        if progress.phase == "over":
            return []
        progress.phase = "talk"
        match briefing.reason:
            case "opening":
                return talk.go_on({}, *self._greeting())
            case "handover":
                return talk.go_on({}, self._introduction())
            case "reseed":
                if progress.asking is None:
                    return talk.go_on({}, talk.line("lost", question="").strip())
                return talk.repeat("lost")
            case "corrected":
                return self._set_by_hand()
            case "missed":
                return []  # the caller has the word
            case reason:
                return talk.repeat(reason)

    def _set_by_hand(self) -> list[Act]:
        """What is known now needs no question; another question that waits still does."""
        asking = self._progress.asking
        if asking is not None and not (asking.field and self._progress.known(asking.field).closed):
            return self._talk.repeat("aside")
        return self._talk.go_on({}, self._talk.line("acknowledged"))

    def _introduction(self) -> str:
        name, part = self._myself()
        return part if part.startswith("I am ") else self._talk.line("introduction", name=name, part=part).strip()

    def _myself(self) -> tuple[str, str]:
        """This speaker's name, and its part in the talk as a sentence."""
        name = self._plan.name_of(self._talk.you)
        return name, part_of(self._plan.speakers.get(self._talk.you, ""), self._talk.you)

    def _greeting(self) -> tuple[str, ...]:
        talk = self._talk
        name, part = self._myself()
        hello = talk.line("greeting", name=name)
        return hello + " " + talk.line("topic", title=self._plan.title), part, talk.line("rights")

    def _remember(self, briefing: Briefing) -> None:
        """Take over what the application knows: it has the last word on every fact."""
        if briefing.speaker in self._plan.speakers:
            self._talk.you = briefing.speaker
        fresh = not self._progress.opened
        for id_, told in briefing.facts.items():
            if id_ not in self._plan.fields():
                continue
            known = self._progress.known(id_)
            try:
                known.state = FactState(told.get("state", "unasked"))
            except ValueError:
                continue
            known.value = told.get("value", known.value)
            known.settled = known.settled or (fresh and known.state is FactState.VAGUE)
        if briefing.reason == "missed":
            self._asked_meanwhile(briefing)
        elif fresh and briefing.reason != "opening":
            self._skip_to(briefing.speaker)

    def _asked_meanwhile(self, briefing: Briefing) -> None:
        """The newest of our questions in the turns that were forgotten is the one that waits."""
        said = [text for who, text in briefing.said if who == self._talk.you]
        for text in reversed(said):
            if (asked := self._talk.asked_in(text)) is not None:
                self._progress.asking = asked
                if asked.objective not in self._progress.opened:
                    self._progress.opened.append(asked.objective)
                return

    def _skip_to(self, speaker: str) -> None:
        """With no memory of our own: what stands before a speaker's first objective is behind us, and so are questions
        whose field was asked for."""
        objectives = self._plan.objectives
        mine = [id_ for id_, objective in objectives.items() if objective.by == speaker]
        for id_, objective in objectives.items():
            if mine and id_ == mine[0]:
                break
            if objective.by != speaker:
                self._progress.handled.append(id_)
        for id_, objective in objectives.items():
            if any(self._progress.known(field).state is not FactState.UNASKED for field in objective.collect):
                self._progress.opened.append(id_)

    # ------------------------------------------------------------------------------------ tools

    def _person(self) -> list[Act]:
        if "escalate" not in self._talk.tools:
            return self._talk.repeat("no_person")
        call = Call("escalate", {"reason": "the caller asks for a person"})
        return [Say(self._talk.line("person")), call]

    def _handed(self, to: str, *, failed: bool) -> list[Act]:
        if failed:
            self._progress.unreachable.append(to)
            return self._talk.go_on({})
        self._progress.phase, self._progress.next_speaker = "handed", to
        return []

    def _taken_back(self, facts: object) -> None:
        for id_ in facts if isinstance(facts, dict) else ():
            known = self._progress.known(str(id_))
            known.state, known.value = FactState.VAGUE, None

    def _late_result(self, text: str) -> tuple[str, dict[str, Any]] | None:
        """A result told in words, because the connection of its call is gone: "The result of NAME for {…}, asked for
        before …: {JSON}".
        """
        found = _RESULT.match(text)
        if found is None or found[1] not in self._progress.tries or found[1] in self._progress.results:
            return None
        try:
            return found[1], msgspec.json.decode(found[2], type=dict[str, Any])
        except msgspec.MsgspecError:
            return None

    def _computed(self, tool: str, response: dict[str, Any], *, silent: bool) -> list[Act]:
        """One sentence on a result, then on with the talk once no other result is due."""
        progress, talk = self._progress, self._talk
        progress.waiting = [name for name in progress.waiting if name != tool]
        progress.turns += 1
        summary = talk.line("not_computed", tool=f"the {in_words(tool)}")
        if "error" not in response:
            output = response.get("output", response)
            progress.results[tool] = output
            told = _told(output)
            summary = talk.line("computed", result=told) if told else ""
        if silent:
            return []
        if progress.waiting:
            return [Say(summary)] if summary else []
        if progress.asking is not None:
            return talk.reply({}, summary, talk.line("back", question=progress.asking.text))
        return talk.go_on({}, summary)


def _told(output: object) -> str:
    """The sentence a tool's result has for the ear; empty when it has none."""
    if isinstance(output, str):
        return output
    if isinstance(output, dict):
        return next((text for key in ("say", "summary") if isinstance(text := output.get(key), str)), "")
    return ""
