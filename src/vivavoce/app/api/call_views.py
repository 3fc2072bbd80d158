"""Calls as the REST surface shows them."""

from __future__ import annotations

import time
from typing import Any, Literal

import msgspec
from pydantic import BaseModel, Field

from vivavoce.store.calls import CallLine
from vivavoce.store.erasing import Receipt
from vivavoce.store.rows import StoredCall


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
    consent: list[dict[str, str]] = Field(description="What the caller decided about the recording, in order.")
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

    @classmethod
    def of(cls, receipt: Receipt) -> ErasureReceipt:
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


def is_erased(until: float | None) -> bool:
    """Whether a part was to be erased by now: whatever the sweep has left of it is not shown any more."""
    return until is not None and until <= time.time()
