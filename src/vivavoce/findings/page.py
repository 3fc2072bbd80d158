"""What the report shows, worked out before any markup: plain values, in the order of the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from vivavoce.errors import InputError
from vivavoce.findings import scorecard, shown, talk, verdict, waveform, wording
from vivavoce.findings.record import CALLER, CallRecord, FactRecord

COLOURS = 6
"""Speaker colours of the style sheet; a seventh speaker shares the first one's."""
STATES = {
    "confirmed": "Confirmed",
    "answered": "Answered",
    "vague": "Vague",
    "refused": "Declined",
    "asked": "No answer",
    "unasked": "Not asked",
}
SOURCES = {
    "founder-said": "Founder said",
    "typed": "Founder typed",
    "computed": "Computed",
    "sourced": "Sourced",
    "customer-verified": "Customer verified",
}
_OPEN_WORDS = {
    "unasked": "was not reached",
    "asked": "was asked and not answered",
    "vague": "was answered too vaguely to use",
    "refused": "was declined, and not asked again",
    "answered": "was answered without a value",
    "confirmed": "was confirmed without a value",
}


class Who(msgspec.Struct, frozen=True):
    id: str
    name: str
    role: str
    colour: int
    """0 is the caller; speakers count from 1."""


class Clip(msgspec.Struct, frozen=True):
    """A stretch of the recording, and the words said in it."""

    start_ms: int
    end_ms: int
    quote: str
    anchor: str
    """Id of the turn in the page, "" when the turn is not in the transcript."""


class Fact(msgspec.Struct, frozen=True):
    label: str
    value: str
    state: str
    state_word: str
    source: str
    source_word: str
    reference: str
    required: bool
    known: bool
    clips: tuple[Clip, ...]


class Group(msgspec.Struct, frozen=True):
    label: str
    facts: tuple[Fact, ...]
    known: int


class Open(msgspec.Struct, frozen=True):
    label: str
    objective: str
    why: str
    required: bool


class Line(msgspec.Struct, frozen=True):
    """A turn of the transcript."""

    anchor: str
    who: Who
    first: bool
    """The speaker differs from the line above."""
    start_ms: int
    end_ms: int
    text: str
    complete: bool


class Page(msgspec.Struct, frozen=True):
    record: CallRecord
    people: dict[str, Who]
    spoke: tuple[Who, ...]
    verdict: verdict.Verdict | None
    verdict_missing: str
    groups: tuple[Group, ...]
    open: tuple[Open, ...]
    talk: talk.Talk
    picture: waveform.Picture
    exhibits: tuple[shown.Exhibit, ...]
    lines: tuple[Line, ...]
    unknown: tuple[str, ...]
    """What the verdict lacks, in words: who did not vouch, and which questions stand open."""
    known: int
    asked_for: int


def build(record: CallRecord, picture: Mapping[str, Any]) -> Page:
    """The page of a call. Never raises for what a record may hold."""
    people = _people(record)
    turns = sorted(record.turns, key=lambda turn: turn.start_ms)
    anchors = {turn.turn: f"t{number}" for number, turn in enumerate(turns, 1)}
    lines = []
    for number, turn in enumerate(turns):
        first = number == 0 or turns[number - 1].who != turn.who
        text = wording.clean(turn.text)
        who = people[turn.who]
        lines.append(Line(f"t{number + 1}", who, first, turn.start_ms, turn.end_ms, text, turn.complete))
    groups = _groups(record, anchors)
    judged, missing = _verdict(record)
    return Page(
        record=record,
        people=people,
        spoke=tuple(people[who] for who in dict.fromkeys([CALLER, *(turn.who for turn in turns)]) if who in people),
        verdict=judged,
        verdict_missing=missing,
        groups=groups,
        open=tuple(_open(fact) for fact in record.facts if not fact.known),
        talk=talk.measure(record),
        picture=waveform.draw(picture, record.duration_ms),
        exhibits=tuple(shown.exhibit(one) for one in sorted(record.shown, key=lambda one: one.at_ms)),
        lines=tuple(lines),
        unknown=_unknown(record.facts),
        known=sum(group.known for group in groups),
        asked_for=len(record.facts),
    )


def _people(record: CallRecord) -> dict[str, Who]:
    """Everybody by id: the caller, the speakers of the agent file, then whoever else is named in a turn."""
    people = {CALLER: Who(CALLER, "Caller", "", 0)}
    named = {speaker.id: speaker for speaker in record.speakers}
    for who in [*named, *(turn.who for turn in record.turns)]:
        if who not in people:
            speaker = named.get(who)
            name = wording.clean(speaker.label) if speaker else wording.label(who)
            role = wording.clean(speaker.role) if speaker else ""
            people[who] = Who(who, name, role, 1 + (len(people) - 1) % COLOURS)
    return people


def _groups(record: CallRecord, anchors: Mapping[str, str]) -> tuple[Group, ...]:
    by_objective: dict[str, list[FactRecord]] = {}
    for fact in record.facts:
        by_objective.setdefault(fact.objective, []).append(fact)
    return tuple(
        Group(
            wording.label(objective) or "Other",
            tuple(_fact(fact, anchors) for fact in facts),
            sum(fact.known for fact in facts),
        )
        for objective, facts in by_objective.items()
    )


def _fact(fact: FactRecord, anchors: Mapping[str, str]) -> Fact:
    return Fact(
        label=wording.label(fact.field),
        value=wording.value(fact.value, fact.type) if fact.value is not None else "",
        state=fact.state,
        state_word=STATES[fact.state],
        source=fact.source,
        source_word=SOURCES[fact.source],
        reference=wording.clean(fact.reference),
        required=fact.required,
        known=fact.known,
        clips=tuple(
            Clip(one.start_ms, max(one.start_ms, one.end_ms), wording.clean(one.quote), anchors.get(one.turn, ""))
            for one in fact.evidence
        ),
    )


def _open(fact: FactRecord) -> Open:
    return Open(wording.label(fact.field), wording.label(fact.objective), _OPEN_WORDS[fact.state], fact.required)


def _unknown(facts: Sequence[FactRecord]) -> tuple[str, ...]:
    lines = []
    sources = {fact.source for fact in facts if fact.known}
    if "customer-verified" not in sources:
        lines.append("What any customer says or did: nobody but the founder spoke.")
    if "sourced" not in sources:
        lines.append("Any figure with a dated source.")
    for state, words in _OPEN_WORDS.items():
        labels = [wording.label(fact.field).lower() for fact in facts if not fact.known and fact.state == state]
        if labels:
            lines.append(f"{', '.join(labels).capitalize()}: {words}.")
    return tuple(lines)


def _verdict(record: CallRecord) -> tuple[verdict.Verdict | None, str]:
    """The verdict, or why there is none. A report without one is better than none at the end of a long talk."""
    if not record.result.scorecard:
        return None, ""
    try:
        scorecard.load_scorecard(record.result.scorecard)
    except InputError:
        return None, "The scorecard that the agent file names is not on this server, so nothing was judged."
    return verdict.judge(record.facts, record.result), ""
