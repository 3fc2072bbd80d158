"""The record of a call, made only of what the store kept: nothing is in it that was not written down."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from vivavoce.agents import AgentSpec, load
from vivavoce.conversation import effects as fx
from vivavoce.conversation.ledger import Ledger
from vivavoce.conversation.log import decode_effects, decode_event
from vivavoce.errors import InputError
from vivavoce.findings.record import (
    CallRecord,
    Engines,
    Evidence,
    FactRecord,
    ResultRule,
    ShownRecord,
    SpeakerRecord,
    TurnRecord,
)
from vivavoce.store.rows import StoredCall, StoredEvent, StoredFact, StoredRecording, StoredTurn
from vivavoce.store.store import Store


async def collect(store: Store, call_id: str) -> CallRecord:
    """The record of one call, running or ended.

    Raises:
        InputError: there is no such call.
        StoreError: the database failed.
    """
    call = await store.call(call_id)
    if call is None:
        raise InputError(f"want the id of a call, got {call_id[:64]!r}")
    spec = load(call.agent_source).spec
    turns = await store.turns(call_id)
    events = await store.events(call_id)
    shown, tokens = _from_log(events)
    return CallRecord(
        id=call.id,
        agent_title=spec.title,
        agent_name=spec.name,
        started_at=datetime.fromtimestamp(call.started_at, UTC).isoformat(timespec="seconds"),
        duration_ms=_duration_ms(call, turns),
        speakers=tuple(SpeakerRecord(id_, speaker.name, speaker.role) for id_, speaker in spec.speakers.items()),
        turns=tuple(turn_of(turn) for turn in sorted(turns, key=lambda turn: (turn.start_ms, turn.turn))),
        facts=tuple(facts_of(spec, await store.facts(call_id), {turn.turn: turn for turn in turns})),
        shown=tuple(shown),
        tokens=tokens,
        engines=Engines(**{name: str(call.engines.get(name, "")) for name in Engines.__struct_fields__}),
        notes=tuple(_notes(call, events, await store.recordings(call_id))),
        result=ResultRule(spec.result.verdict, dict(spec.result.floor)),
        language=str(call.settings.get("lang", "")),
    )


def turn_of(turn: StoredTurn) -> TurnRecord:
    return TurnRecord(
        turn=str(turn.turn),
        who=turn.who,
        start_ms=max(0, turn.start_ms),
        end_ms=max(0, turn.end_ms),
        text=turn.text,
        complete=turn.complete,
    )


def facts_of(spec: AgentSpec, stored: Iterable[StoredFact], turns: Mapping[int, StoredTurn]) -> Iterable[FactRecord]:
    found = {fact.field: fact for fact in stored}
    for field in spec.fields().values():
        fact = found.get(field.id)
        blank = FactRecord(field.id, field.objective, field.type.text, field.required)
        if fact is None:
            yield blank
            continue
        yield FactRecord(
            field=field.id,
            objective=field.objective,
            type=field.type.text,
            required=field.required,
            state=fact.state,  # type: ignore[arg-type]  # written by us from the same words
            value=fact.value,
            evidence=tuple(_evidence(moment, turns) for moment in fact.evidence),
            source="typed" if fact.source == "typed" else "founder-said",
        )


def _evidence(moment: Mapping[str, Any], turns: Mapping[int, StoredTurn]) -> Evidence:
    number = int(moment["turn"])
    turn = turns.get(number)
    if turn is None:
        return Evidence(str(number), max(0, int(moment["start_ms"])), max(0, int(moment["end_ms"])))
    # the turn may have grown since: words come after the sound
    return Evidence(str(number), max(0, turn.start_ms), max(0, turn.end_ms), turn.text)


def _from_log(events: Iterable[StoredEvent]) -> tuple[list[ShownRecord], dict[str, int]]:
    ledger, shown = Ledger(), []
    for stored in events:
        ledger.observe(decode_event(stored.event))
        shown += [
            ShownRecord(round(stored.at_s * 1000), effect.what, effect.title, effect.data)
            for effect in decode_effects(stored.effects)
            if isinstance(effect, fx.Show)
        ]
    return shown, ledger.as_dict()


def _duration_ms(call: StoredCall, turns: Iterable[StoredTurn]) -> int:
    talked = max((turn.end_ms for turn in turns), default=0)
    return max(talked, round((call.ended_at - call.started_at) * 1000)) if call.ended_at is not None else talked


def _notes(call: StoredCall, events: list[StoredEvent], recordings: Iterable[StoredRecording]) -> Iterable[str]:
    if call.ended_at is None:
        yield "The call has not ended."
    if [event.seq for event in events] != list(range(len(events))):
        yield "Part of the call's log is missing."
    for recording in recordings:
        if not recording.complete:
            yield f"The recording of the {recording.track} is incomplete: {recording.reason or 'cut off'}."
