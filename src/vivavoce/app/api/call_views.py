"""Calls as the REST surface shows them."""

from __future__ import annotations

import time
from typing import Any, Literal

import msgspec
from pydantic import BaseModel, Field

from vivavoce.store.calls import CallLine
from vivavoce.store.logs import Logs
from vivavoce.store.receipts import SignedReceipt
from vivavoce.store.reports import Reports
from vivavoce.store.rows import StoredCall
from vivavoce.store.store import Store


class CallItem(BaseModel):
    """A call in a list. Moments are Unix seconds."""

    id: str
    agent: str = Field(description="What the agent was booked by.")
    agent_version: int | None = Field(description="Null for an agent of the agents folder.")
    state: str = Field(description="`booked` until somebody comes with the ticket, then `live`, then `ended`.")
    started_at: float
    ended_at: float | None
    end_reason: str | None
    person: str | None


class CallPage(BaseModel):
    calls: list[CallItem]
    next: str | None


class Part(BaseModel):
    """What there is of one part of a call."""

    state: Literal["none", "growing", "kept", "erased"]
    until: float | None = Field(description="When it is erased, or was; null for never. Unix seconds.")


class Track(BaseModel):
    track: Literal["caller", "agent"]
    seconds: float
    complete: bool
    problem: str | None = Field(description="Why it is not complete.")


class RecordingPart(Part):
    tracks: list[Track]


class CountedPart(Part):
    count: int = Field(description="Turns, facts or events.")


class ReportFile(BaseModel):
    name: str
    media_type: str
    bytes: int
    made_at: float


class Setting(BaseModel):
    value: Any
    source: str = Field(description="Which layer decided it: package, server, agent, call or caller.")


class CallSummary(CallItem):
    title: str = Field(description="Of the agent.")
    code_version: str
    agent_hash: str = Field(description="SHA-256 of the agent file it ran with.")
    consent: list[dict[str, str]] = Field(
        description="What the caller decided about the recording, in order: decision, at, channel, text_version, lang."
    )
    engines: dict[str, Any] = Field(description="What heard, spoke, thought, gated and carried.")
    usage: dict[str, Any] = Field(description="Tokens per modality, as the live model counted them.")
    settings: dict[str, Setting]
    recording: RecordingPart
    transcript: CountedPart
    events: CountedPart
    facts: CountedPart
    reports: list[ReportFile]


class ErasureReceipt(BaseModel):
    """What an erasure came to: numbers only."""

    id: str = Field(description="Of the call or person that is no more.")
    at: float = Field(description="Unix seconds.")
    done: bool = Field(description="False while a live call keeps the rest.")
    rows: dict[str, int] = Field(description="Rows that went, by table.")
    files: int
    bytes: int = Field(description="Of the files.")
    signature: str = Field(description="HMAC-SHA256 of the rest, in hex; `viva people verify` checks it.")

    @classmethod
    def of(cls, receipt: SignedReceipt) -> ErasureReceipt:
        return cls.model_validate(msgspec.structs.asdict(receipt))


def item_of(call: CallLine | StoredCall) -> CallItem:
    return CallItem(
        id=call.id,
        agent=call.agent_name,
        agent_version=call.agent_version,
        state=call.state,
        started_at=call.started_at,
        ended_at=call.ended_at,
        end_reason=call.end_reason,
        person=call.person_id,
    )


def part_of(call: StoredCall, until: float | None, count: int) -> dict[str, Any]:
    if is_erased(until):
        state = "erased"
    elif call.ended_at is None:
        state = "growing"
    else:
        state = "kept" if count else "none"
    return {"state": state, "until": until}


async def summary_of(call: StoredCall, title: str, store: Store) -> CallSummary:
    """What a call was, what it ran with and what there is of it.

    Args:
        title: of its agent.
    Raises:
        StoreError: the database did not take it.
    """
    sizes = await Logs(store.database).sizes(call.id)
    tracks = [
        Track(
            track="caller" if row.track == "caller" else "agent",
            seconds=row.samples / row.rate_hz,
            complete=row.complete,
            problem=row.reason,
        )
        for row in await store.recordings(call.id)
    ]
    return CallSummary(
        **item_of(call).model_dump(),
        title=title,
        code_version=call.code_version,
        agent_hash=call.spec_hash,
        consent=call.consent.get("decisions", []),
        engines=call.engines,
        usage=call.usage or {},
        settings={
            name: Setting(value=each["value"], source=each["source"])
            for name, each in call.settings.get("resolved", {}).items()
        },
        recording=RecordingPart(**part_of(call, call.audio_until, len(tracks)), tracks=tracks),
        transcript=CountedPart(**part_of(call, call.transcript_until, sizes.turns), count=sizes.turns),
        events=CountedPart(**part_of(call, call.transcript_until, sizes.events), count=sizes.events),
        facts=CountedPart(**part_of(call, call.facts_until, sizes.facts), count=sizes.facts),
        reports=[
            ReportFile(name=each.name, media_type=each.media_type, bytes=each.bytes, made_at=each.made_at)
            for each in await Reports(store.database).of_call(call.id)
        ],
    )


def is_erased(until: float | None) -> bool:
    """Whether a part was to be erased by now: whatever the sweep has left of it is not shown any more."""
    return until is not None and until <= time.time()
