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
    """How often it was taken up: 0 while it is booked, 1 once its ticket was used, one more with each take-over."""
    owner: str | None = None
    """Which server carries it, or booked it; None once a live call was handed on and nobody has taken it yet."""
    lease_until: float | None = None
    """Until when a live call's owner is believed to be alive; None where nobody said."""
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
    epoch: int = 0
    """Of the call when this was made, as in every hot row: it is written only while the call's is the same, and is not
    kept. 0 is the epoch of a call that nobody has carried."""


class StoredTurn(msgspec.Struct, frozen=True, kw_only=True):
    call_id: str
    turn: int
    who: str
    """ "caller" or the id of a speaker."""
    start_ms: int
    end_ms: int
    text: str
    complete: bool
    epoch: int = 0


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
    epoch: int = 0


class StoredHandle(msgspec.Struct, frozen=True):
    """The newest handle that a live model's session can be resumed with, for the server that takes the call over."""

    call_id: str
    epoch: int
    number: int
    """The conversation's name for it. Numbers only grow within an epoch."""
    sealed: bytes
    """The service's own secret, sealed by the vault."""
    at: int
    """How far the caller's audio had been sent when it came, in samples of the microphone's clock."""


class StoredReturn(msgspec.Struct, frozen=True):
    """What the caller of a live call may come back with, by whichever server: all of it, and nothing before it."""

    call_id: str
    epoch: int
    hashes: tuple[str, ...]
    """SHA-256 of each secret that is good, in hex (`keys.hash_of`)."""


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


HotRow: TypeAlias = StoredEvent | StoredTurn | StoredFact | StoredHandle | StoredReturn
"""What a live call writes while it runs."""
