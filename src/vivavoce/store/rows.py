"""What the store takes and gives: plain frozen structs, free of any session or connection."""

from __future__ import annotations

from typing import Any, TypeAlias

import msgspec


class StoredCall(msgspec.Struct, frozen=True, kw_only=True):
    """A call. Moments are Unix seconds."""

    id: str
    agent_name: str
    agent_source: str
    """The agent file as it was, byte for byte: a call is replayed against this, not against what the file became."""
    spec_hash: str
    code_version: str
    settings: dict[str, Any]
    state: str
    """ "booked" until its ticket is used, then "live", "ended" after `finish_call`; "erasing" once somebody asked."""
    started_at: float
    ended_at: float | None = None
    end_reason: str | None = None
    consent: dict[str, Any] = {}
    engines: dict[str, Any] = {}
    epoch: int = 0
    owner: str | None = None
    lease_until: float | None = None
    person_id: str | None = None
    agent_version: int | None = None
    """None for an agent that was read from a file."""
    usage: dict[str, Any] | None = None
    """Tokens per modality as the live model counted them; None where nobody counted."""
    audio_until: float | None = None
    """When the sound is to be erased, None for never; likewise the words and the facts."""
    transcript_until: float | None = None
    facts_until: float | None = None


class StoredEvent(msgspec.Struct, frozen=True):
    """One step of a conversation: `event` and `effects` are JSON, `at_s` is on the session clock."""

    call_id: str
    seq: int
    at_s: float
    event: bytes
    effects: bytes


class StoredTurn(msgspec.Struct, frozen=True, kw_only=True):
    call_id: str
    turn: int
    who: str
    """ "caller" or the id of a speaker."""
    start_ms: int
    end_ms: int
    text: str
    complete: bool


class StoredFact(msgspec.Struct, frozen=True, kw_only=True):
    call_id: str
    field: str
    objective: str
    state: str
    value: Any
    """Anything JSON holds; None when there is none."""
    source: str
    evidence: list[Any]
    """JSON objects or structs on the way in, JSON objects on the way out."""
    updated_seq: int
    """Number of the event that changed it. An older one never replaces a newer one."""


class StoredRecording(msgspec.Struct, frozen=True, kw_only=True):
    call_id: str
    track: str
    rate_hz: int
    samples: int
    path: str
    """Name of the raw file inside the recordings folder."""
    complete: bool
    reason: str | None = None
    """Why it is not complete."""


HotRow: TypeAlias = StoredEvent | StoredTurn | StoredFact
"""What a live call writes while it runs."""
