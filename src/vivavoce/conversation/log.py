"""The log of a call, and running it again.

A log is (sequence, session time, event, effects), stamped with what it was made with. `replay` feeds the events to a
fresh conversation and raises at the first differing effect, so that any recorded call is a test.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from vivavoce.agents import PACKAGED, AgentSpec
from vivavoce.conversation.conversation import Conversation
from vivavoce.conversation.effects import AnyEffect, Effect
from vivavoce.conversation.events import AnyEvent, Event
from vivavoce.conversation.settings import ConversationSettings
from vivavoce.errors import ReplayMismatch, WireError

_encoder = msgspec.json.Encoder()
_event = msgspec.json.Decoder(AnyEvent)
_effects = msgspec.json.Decoder(list[AnyEffect])


class Stamp(msgspec.Struct, frozen=True, kw_only=True):
    """What a log was made with. Another version may decide otherwise, and then says so."""

    code_version: str
    spec_hash: str
    tools: tuple[str, ...]
    settings: ConversationSettings
    prompt: int = 1
    """Version of the prompt, and the SHA-256 of its wording."""
    prompt_hash: str = ""
    briefing: dict[str, str] = msgspec.field(default_factory=lambda: dict(PACKAGED[1].briefing))
    """What of the prompt stands in the log itself, word for word: a file may change or go."""


class Entry(msgspec.Struct, frozen=True):
    """One step. `event` and `effects` are JSON as logged."""

    seq: int
    at: float
    event: bytes
    effects: bytes


def encode_event(event: Event) -> bytes:
    return _encoder.encode(event)


def encode_effects(effects: Sequence[Effect]) -> bytes:
    return _encoder.encode(effects)


def decode_event(data: bytes) -> Event:
    try:
        event: Event = _event.decode(data)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise WireError(f"want a logged event, got something else: {error}") from error
    return event


def decode_effects(data: bytes) -> list[Effect]:
    try:
        return list(_effects.decode(data))
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise WireError(f"want logged effects, got something else: {error}") from error


def replay(spec: AgentSpec, stamp: Stamp, entries: Iterable[Entry]) -> int:
    """Run a log again.

    Returns:
        How many events were replayed.
    Raises:
        ReplayMismatch: at the first event whose effects differ, or whose number is not the next.
        WireError: an entry is not one of ours.
    """
    conversation = Conversation(spec, tools=stamp.tools, settings=stamp.settings, briefing=stamp.briefing)
    count = 0
    for entry in entries:
        if entry.seq != count:
            raise ReplayMismatch(f"want event {count}, got {entry.seq}: the log has a gap", seq=count)
        effects = encode_effects(conversation.step(decode_event(entry.event), entry.at))
        if effects != entry.effects:
            raise ReplayMismatch(
                f"event {entry.seq} at {entry.at:.3f} s ({_kind(entry.event)}): "
                f"recorded {_kinds(entry.effects)}, now {_kinds(effects)}",
                seq=entry.seq,
            )
        count += 1
    return count


def _kind(event: bytes) -> str:
    return type(decode_event(event)).__name__


def _kinds(effects: bytes) -> str:
    names = [type(effect).__name__ for effect in decode_effects(effects)]
    return ", ".join(names) or "nothing"
