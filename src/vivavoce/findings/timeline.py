"""The timeline of one call: everything that happened on one axis, and where the time of each answer went. Pure.

Made from the log, the turns and, where there is one, the levels of the recording. A call of half an hour has twenty
thousand steps; what stands nearer together than a screen can show is drawn as one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from statistics import median, quantiles
from typing import Any, TypeVar

import msgspec

from vivavoce.agents import AgentSpec
from vivavoce.agents.callsettings import SENSITIVITY_MS, SILENCE_MS
from vivavoce.conversation.log import Entry, decode_effects, decode_event
from vivavoce.errors import WireError
from vivavoce.findings import wording
from vivavoce.findings.callers_machine import HEARD, Away, Fault, Measure, cause_of, tally
from vivavoce.findings.lanes import Lanes, Mark, Reply, Span
from vivavoce.findings.latency import STAGES, Answer
from vivavoce.store.rows import StoredCall, StoredTurn

COLOURS = 6
"""Speaker colours of the style sheet; a seventh speaker shares the first one's."""
FINEST = 4_000
"""Parts of the axis that are told apart: twenty times the pixels of a phone, so a zoom of twenty shows all there is."""
SLOW = 1.5
"""An answer that took this many times the median, and half a second more, is called slow. Not tuned."""
STAGE_WORDS = {
    "turn_end": "end of turn",
    "link": "no link",
    "tools": "tools",
    "model": "model",
    "send": "sending",
    "play": "to the ear",
}
AFTER_WORDS = {"opening": "opening", "speech": "speech", "done": "done", "typed": "typed", "hand_over": "hand-over"}
_BY_THE_CALLER = ("speech", "done", "typed")

Kind = TypeVar("Kind", Span, Mark)


class Who(msgspec.Struct, frozen=True):
    name: str
    colour: int
    """0 is the caller; speakers count from 1."""


class Row(msgspec.Struct, frozen=True):
    """An answer, as the table shows it."""

    answer: Answer
    who: Who
    asked: str
    """The caller's words, "" where there are none."""
    stages: tuple[tuple[str, float], ...]
    total_s: float
    why: str
    """What most of the time went into, in words."""
    slow: bool


class Line(msgspec.Struct, frozen=True):
    """A turn of the transcript."""

    start_s: float
    end_s: float
    who: Who
    text: str
    complete: bool


class Totals(msgspec.Struct, frozen=True):
    answers: int
    median_s: float | None
    p95_s: float | None
    """None below twenty answers: of fewer it says nothing."""
    slowest: Row | None
    cut: int
    resumed: int
    gaps: int
    gap_s: float
    silence_s: float
    """The longest stretch in which nobody was heard."""
    silence_at_s: float
    links: int
    lost: int
    tools: int
    faults: tuple[tuple[str, int], ...]
    """What disturbed the sound on the caller's machine, and how often, the most frequent first."""
    away_s: float
    """How long the caller's socket was lost."""


class Timeline(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    title: str
    started_at: float
    reason: str
    """Why the call ended; "" while it runs."""
    engines: Mapping[str, str]
    seconds: float
    offset_s: float
    """Session time at which the recording begins."""
    turn_end_s: float
    """The silence by which the model knew the end of a turn; 0 where that is not known."""
    voice: bool
    whole: bool
    """No part of the log is missing."""
    steps: int
    people: Mapping[str, Who]
    floor: tuple[Span, ...]
    gate: tuple[Span, ...]
    audible: tuple[tuple[float, bool], ...]
    replies: tuple[Reply, ...]
    tools: tuple[Span, ...]
    links: tuple[Span, ...]
    faults: tuple[Span, ...]
    away: tuple[Away, ...]
    measures: tuple[Measure, ...]
    marks: tuple[Mark, ...]
    rows: tuple[Row, ...]
    lines: tuple[Line, ...]
    totals: Totals


def build(call: StoredCall, spec: AgentSpec, entries: Iterable[Entry], turns: Sequence[StoredTurn]) -> Timeline:
    """The timeline of a call, running or ended. What cannot be read of its log is left out."""
    lanes, expected, whole = Lanes(), 0, True
    for entry in entries:
        whole = whole and entry.seq == expected
        expected = entry.seq + 1
        try:
            lanes.take(decode_event(entry.event), decode_effects(entry.effects), entry.at)
        except WireError:  # of another version
            whole = False
    lanes.close(max(0.0, (call.ended_at or 0.0) - call.started_at) if not lanes.steps else lanes.end_s)
    seconds = max(lanes.end_s, 1.0)
    people = _people(spec, turns)
    lines = tuple(_line(turn, people, lanes.offset_s) for turn in sorted(turns, key=lambda turn: turn.start_ms))
    turn_end_s = _turn_end_s(call.settings)
    rows = _rows(lanes.answers, people, lines, turn_end_s)
    finest_s = seconds / FINEST
    return Timeline(
        id=call.id,
        title=spec.title or spec.name,
        started_at=call.started_at,
        reason=call.end_reason or "",
        engines={name: str(call.engines.get(name, "")) for name in ("backend", "brain", "ears", "mouth", "gate")},
        seconds=seconds,
        offset_s=lanes.offset_s,
        turn_end_s=turn_end_s,
        voice=lanes.voice,
        whole=whole,
        steps=lanes.steps,
        people=people,
        floor=joined(lanes.floor, finest_s),
        gate=joined(lanes.gate, finest_s),
        audible=tuple(lanes.audible),
        replies=tuple(lanes.replies.values()),
        tools=joined(lanes.tools, finest_s),
        links=joined(sorted(lanes.links, key=lambda span: span.start_s), finest_s),
        faults=joined(_faults(lanes.machine.faults), finest_s),
        away=tuple(lanes.machine.away),
        measures=tuple(lanes.machine.measures),
        marks=gathered(lanes.marks, finest_s),
        rows=rows,
        lines=lines,
        totals=_totals(lanes, rows, seconds),
    )


def _turn_end_s(settings: Mapping[str, Any]) -> float:
    """As the call was run: its own, or that of its pace; 0 where that was not kept."""
    resolved = settings.get("resolved", {})
    own, preset, pace = (resolved.get(name, {}).get("value") for name in ("silence_ms", "sensitivity", "pace"))
    _, quick = SENSITIVITY_MS.get(preset, (0, 0))
    return float(own or quick or SILENCE_MS.get(pace, 0)) / 1000


def joined(spans: Iterable[Span], finest_s: float) -> tuple[Span, ...]:
    """Neighbours of one kind that would touch on any screen, as one."""
    out: list[Span] = []
    for span in spans:
        last = out[-1] if out else None
        tiny = last is not None and last.end_s - last.start_s < finest_s and span.end_s - span.start_s < finest_s
        if last is not None and tiny and span.kind == last.kind and span.start_s - last.end_s < finest_s:
            out[-1] = Span(last.start_s, span.end_s, span.kind, last.text, last.says)
        else:
            out.append(span)
    return tuple(out)


def gathered(marks: Iterable[Mark], finest_s: float) -> tuple[Mark, ...]:
    """Marks of one kind at one place, as one that says them all, or how many there are."""
    places: dict[tuple[str, int], list[Mark]] = {}
    for mark in marks:
        places.setdefault((mark.kind, int(mark.at_s / finest_s)), []).append(mark)
    out = []
    for group in places.values():
        first, more = group[0], len(group) - 3
        says = "; ".join(mark.says for mark in group[:3]) + (f"; and {more} more" if more > 0 else "")
        out.append(Mark(first.at_s, first.kind, says))
    return tuple(sorted(out, key=lambda mark: mark.at_s))


def _faults(faults: Sequence[Fault]) -> list[Span]:
    spans = []
    for fault in faults:
        cause = cause_of(fault, faults) if fault.what in HEARD else ""
        says = fault.says + (f"; at that time: {cause.replace('_', ' ')}" if cause else "")
        spans.append(Span(fault.start_s, fault.end_s, fault.what, fault.what.replace("_", " "), says))
    return spans


def _people(spec: AgentSpec, turns: Sequence[StoredTurn]) -> dict[str, Who]:
    people = {"caller": Who("Caller", 0)}
    for who in [*spec.speakers, *(turn.who for turn in turns)]:
        if who not in people:
            speaker = spec.speakers.get(who)
            name = wording.clean(speaker.name) if speaker is not None and speaker.name else wording.label(who)
            people[who] = Who(name, 1 + (len(people) - 1) % COLOURS)
    return people


def _line(turn: StoredTurn, people: Mapping[str, Who], offset_s: float) -> Line:
    start_s = offset_s + max(0, turn.start_ms) / 1000
    end_s = max(start_s, offset_s + turn.end_ms / 1000)
    return Line(start_s, end_s, people[turn.who], wording.clean(turn.text), turn.complete)


def _rows(
    answers: Sequence[Answer], people: Mapping[str, Who], lines: Sequence[Line], turn_end_s: float
) -> tuple[Row, ...]:
    usual = median([answer.total_s for answer in answers if answer.after == "speech"] or [0.0])
    rows = []
    said = [line for line in lines if line.who.colour == 0]
    for answer in answers:
        stages = answer.stages(turn_end_s)
        worst = max(STAGES, key=lambda stage: stages[stage])
        asked = ""
        if answer.after in _BY_THE_CALLER:
            before = [line for line in said if line.start_s <= answer.asked_at + 0.5]  # a typed turn begins as it ends
            asked = before[-1].text if before else ""
        rows.append(
            Row(
                answer=answer,
                who=people.get(answer.speaker) or Who(wording.label(answer.speaker), 1),
                asked=asked,
                stages=tuple(stages.items()),
                total_s=answer.total_s,
                why=f"{STAGE_WORDS[worst]} {stages[worst]:.2f} s" if stages[worst] > 0 else "",
                slow=answer.total_s > SLOW * usual + 0.5,
            )
        )
    return tuple(rows)


def _totals(lanes: Lanes, rows: Sequence[Row], seconds: float) -> Totals:
    waits = [row.total_s for row in rows if row.answer.after in _BY_THE_CALLER]
    silence_at_s, silence_s = _longest_silence(lanes, seconds)
    return Totals(
        answers=len(waits),
        median_s=median(waits) if waits else None,
        p95_s=quantiles(waits, n=20)[-1] if len(waits) >= 20 else None,
        slowest=max(rows, key=lambda row: row.total_s, default=None),
        cut=sum(one.outcome != "resumed" for one in lanes.interruptions),
        resumed=sum(one.outcome == "resumed" for one in lanes.interruptions),
        gaps=len(lanes.gaps),
        gap_s=sum(gap.seconds for gap in lanes.gaps),
        silence_s=silence_s,
        silence_at_s=silence_at_s,
        links=sum(span.kind == "up" for span in lanes.links),
        lost=sum(mark.kind == "lost" for mark in lanes.marks),
        tools=len(lanes.runs),
        faults=tally(lanes.machine.faults),
        away_s=sum(away.end_s - away.start_s for away in lanes.machine.away),
    )


def _longest_silence(lanes: Lanes, seconds: float) -> tuple[float, float]:
    """Where it begins, and how long it is."""
    heard = [
        (reply.heard_s, reply.heard_until_s)
        for reply in lanes.replies.values()
        if reply.heard_s is not None and reply.heard_until_s is not None
    ]
    sounds = sorted([*heard, *((span.start_s, span.end_s) for span in lanes.gate), (seconds, seconds)])
    at_s = longest_s = until_s = 0.0
    for start_s, end_s in sounds:
        if start_s - until_s > longest_s:
            at_s, longest_s = until_s, start_s - until_s
        until_s = max(until_s, end_s)
    return at_s, longest_s
