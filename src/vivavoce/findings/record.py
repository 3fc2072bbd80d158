"""The record of one call: who spoke, what was said, which facts came out of it and where each was said.

`transcript.json` and `facts.json` are parts of it. All times are milliseconds since the call began, the same clock as
`call.wav`. Missing fields get defaults, unknown ones are ignored: a record written by a newer version still reads.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from vivavoce.errors import InputError

CALLER = "caller"

Milliseconds = Annotated[int, msgspec.Meta(ge=0)]
State = Literal["unasked", "asked", "vague", "answered", "confirmed", "refused"]
Source = Literal["founder-said", "typed", "computed", "sourced", "customer-verified"]
"""Who vouches for a fact: the founder by voice or keyboard, our arithmetic, a dated URL with a quote, or a customer."""


class SpeakerRecord(msgspec.Struct, frozen=True):
    id: str
    name: str = ""
    role: str = ""

    @property
    def label(self) -> str:
        return self.name or self.id.replace("_", " ").capitalize()


class TurnRecord(msgspec.Struct, frozen=True):
    """One turn, as far as it was heard."""

    turn: str
    who: str
    """CALLER or the id of a speaker."""
    start_ms: Milliseconds
    end_ms: Milliseconds
    text: str = ""
    complete: bool = True
    """False when the turn was cut off before its end."""


class Evidence(msgspec.Struct, frozen=True):
    """Where a fact was said. An empty quote means that the words are in the turn but were not singled out."""

    turn: str
    start_ms: Milliseconds
    end_ms: Milliseconds
    quote: str = ""


class FactRecord(msgspec.Struct, frozen=True):
    field: str
    objective: str = ""
    type: str = "text"
    required: bool = False
    state: State = "unasked"
    value: Any = None
    evidence: tuple[Evidence, ...] = ()
    source: Source = "founder-said"
    customer: str = ""
    """With source customer-verified: a stable label of that customer; three facts of one customer count once."""
    reference: str = ""
    """With source sourced: the dated URL."""

    @property
    def known(self) -> bool:
        return self.state in ("answered", "confirmed") and self.value not in (None, "", [], {})


class ShownRecord(msgspec.Struct, frozen=True):
    """Something put on the caller's screen."""

    at_ms: Milliseconds
    what: str
    title: str = ""
    data: Any = None


class Engines(msgspec.Struct, frozen=True):
    """What heard, spoke, thought, gated and carried."""

    ears: str = ""
    mouth: str = ""
    brain: str = ""
    gate: str = ""
    backend: str = ""


class ResultRule(msgspec.Struct, frozen=True):
    """`result:` of the agent file, fixed before the talk."""

    scorecard: str = ""
    """Such as "scorecards/startup-v1"; "" for an agent that judges nothing."""
    floor: dict[str, float] = {}


class CallRecord(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    agent_title: str
    agent_name: str
    started_at: str
    """ISO 8601 with offset."""
    duration_ms: Milliseconds
    speakers: tuple[SpeakerRecord, ...] = ()
    turns: tuple[TurnRecord, ...] = ()
    facts: tuple[FactRecord, ...] = ()
    shown: tuple[ShownRecord, ...] = ()
    tokens: dict[str, int] = {}
    engines: Engines = Engines()
    notes: tuple[str, ...] = ()
    result: ResultRule = ResultRule()
    language: str = ""
    """BCP 47 tag of the talk, "" when unknown."""

    def transcript_json(self) -> bytes:
        """`transcript.json`: the call, its speakers and its turns."""
        head = {name: getattr(self, name) for name in ("id", "agent_name", "started_at", "duration_ms", "language")}
        return _pretty({**head, "speakers": self.speakers, "turns": self.turns})

    def facts_json(self) -> bytes:
        """`facts.json`: the call and its facts."""
        return _pretty({"id": self.id, "agent_name": self.agent_name, "facts": self.facts})


def encode(record: CallRecord) -> bytes:
    """The whole record as indented UTF-8 JSON."""
    return _pretty(record)


def decode(data: bytes | str) -> CallRecord:
    """A record from its JSON.

    Raises:
        InputError: not JSON, or a field has another type; the message names the path.
    """
    try:
        return msgspec.json.decode(data, type=CallRecord)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError(f"want the record of a call, got something else: {error}") from error


def _pretty(value: Any) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"
