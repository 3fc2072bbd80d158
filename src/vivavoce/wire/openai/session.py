"""What a session is made of, as it stands in `session.update`, `session.created` and `session.updated`.

A field that is left out is `UNSET`: an update changes only what it names, and `null` has a meaning of its own (no turn
detection, no transcription).

Source: the session types of the official Python SDK.
"""

from __future__ import annotations

from typing import Any, Literal, TypeVar

import msgspec
from msgspec import UNSET, UnsetType

Modality = Literal["text", "audio"]
FormatType = Literal["audio/pcm", "audio/pcmu", "audio/pcma"]
PCM_HZ = 24_000
"""The one rate of `audio/pcm`, both ways: PCM16 LE mono."""


class AudioFormat(msgspec.Struct, kw_only=True, frozen=True):
    type: FormatType | UnsetType = UNSET
    rate: int | UnsetType = UNSET


class NoiseReduction(msgspec.Struct, kw_only=True, frozen=True):
    type: Literal["near_field", "far_field"] | UnsetType = UNSET
    strength: float | UnsetType = UNSET


class TranscriptionConfig(msgspec.Struct, kw_only=True, frozen=True):
    """Who writes down what the caller says."""

    model: str | UnsetType = UNSET
    language: str | UnsetType | None = UNSET
    languages: list[str] | UnsetType | None = UNSET
    prompt: str | UnsetType | None = UNSET
    keywords: list[str] | UnsetType | None = UNSET
    delay: str | UnsetType | None = UNSET


class TurnDetection(msgspec.Struct, kw_only=True, frozen=True):
    """Who ends a turn, and when: silence (`server_vad`) or what was said (`semantic_vad`)."""

    type: Literal["server_vad", "semantic_vad"] | UnsetType = UNSET
    create_response: bool | UnsetType = UNSET
    interrupt_response: bool | UnsetType = UNSET
    # server_vad
    threshold: float | UnsetType = UNSET
    prefix_padding_ms: int | UnsetType = UNSET
    silence_duration_ms: int | UnsetType = UNSET
    idle_timeout_ms: int | UnsetType | None = UNSET
    # semantic_vad
    eagerness: Literal["low", "medium", "high", "auto"] | UnsetType = UNSET


class AudioInput(msgspec.Struct, kw_only=True, frozen=True):
    format: AudioFormat | UnsetType = UNSET
    noise_reduction: NoiseReduction | UnsetType | None = UNSET
    transcription: TranscriptionConfig | UnsetType | None = UNSET
    turn_detection: TurnDetection | UnsetType | None = UNSET
    """None: the client commits its sound and asks for responses itself."""


class CustomVoice(msgspec.Struct, kw_only=True, frozen=True):
    id: str


class AudioOutput(msgspec.Struct, kw_only=True, frozen=True):
    format: AudioFormat | UnsetType = UNSET
    voice: str | CustomVoice | UnsetType = UNSET
    speed: float | UnsetType = UNSET


class AudioConfig(msgspec.Struct, kw_only=True, frozen=True):
    input: AudioInput | UnsetType = UNSET
    output: AudioOutput | UnsetType = UNSET


class Tool(msgspec.Struct, kw_only=True, frozen=True):
    """A function; of an MCP server only what tells that it is one."""

    type: Literal["function", "mcp"] | UnsetType = UNSET
    name: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    parameters: dict[str, Any] | UnsetType | None = UNSET
    """JSON schema."""
    server_label: str | UnsetType = UNSET


class Reasoning(msgspec.Struct, kw_only=True, frozen=True):
    effort: Literal["minimal", "low", "medium", "high", "xhigh"] | UnsetType | None = UNSET


class Session(msgspec.Struct, kw_only=True, frozen=True):
    type: Literal["realtime", "transcription"] | UnsetType = UNSET
    model: str | UnsetType = UNSET
    output_modalities: list[Modality] | UnsetType = UNSET
    instructions: str | UnsetType = UNSET
    audio: AudioConfig | UnsetType = UNSET
    tools: list[Tool] | UnsetType = UNSET
    tool_choice: str | dict[str, Any] | UnsetType = UNSET
    parallel_tool_calls: bool | UnsetType = UNSET
    max_output_tokens: int | Literal["inf"] | UnsetType = UNSET
    reasoning: Reasoning | UnsetType | None = UNSET
    truncation: str | dict[str, Any] | UnsetType = UNSET
    include: list[str] | UnsetType | None = UNSET
    prompt: dict[str, Any] | UnsetType | None = UNSET
    tracing: str | dict[str, Any] | UnsetType | None = UNSET
    # written by the server only
    object: Literal["realtime.session"] | UnsetType = UNSET
    id: str | UnsetType = UNSET
    expires_at: int | UnsetType = UNSET


S = TypeVar("S", bound=msgspec.Struct)


def updated(present: S, change: S) -> S:
    """`present` with every field that `change` names; structs are changed field by field, all else is replaced."""
    fields: dict[str, Any] = {}
    for name in change.__struct_fields__:
        new, old = getattr(change, name), getattr(present, name)
        if new is UNSET:
            continue
        nested = isinstance(new, msgspec.Struct) and type(new) is type(old)
        fields[name] = updated(old, new) if nested else new
    return msgspec.structs.replace(present, **fields)
