"""Items of a conversation and responses, which both sides speak of.

Source: the item and response types of the official Python SDK. One struct for all kinds of items, and no closed lists
in what a service writes: what is not known here still lets the event around it be read.
"""

from __future__ import annotations

from typing import Any

import msgspec

from vivavoce.wire.openai.session import AudioConfig, Modality, Reasoning, Tool


class Part(msgspec.Struct, kw_only=True, omit_defaults=True, frozen=True):
    """Content of a message: `input_text`, `input_audio`, `input_image`, `output_text` or `output_audio`."""

    type: str
    text: str | None = None
    audio: bytes | None = None
    transcript: str | None = None
    image_url: str | None = None
    detail: str | None = None


class Item(msgspec.Struct, kw_only=True, omit_defaults=True, frozen=True):
    """`message`, `function_call`, `function_call_output`, or a kind of MCP."""

    type: str
    id: str | None = None
    object: str | None = None
    status: str | None = None
    role: str | None = None
    """Of a message: user, assistant or system."""
    content: list[Part] | None = None
    call_id: str | None = None
    """Of a function call and of its output."""
    name: str | None = None
    arguments: str | None = None
    """JSON, as the model wrote it."""
    output: str | None = None


class CachedTokens(msgspec.Struct, kw_only=True, omit_defaults=True, frozen=True):
    text_tokens: int = 0
    audio_tokens: int = 0
    image_tokens: int = 0


class InputTokens(msgspec.Struct, kw_only=True, frozen=True):
    text_tokens: int = 0
    audio_tokens: int = 0
    image_tokens: int = 0
    cached_tokens: int = 0
    cached_tokens_details: CachedTokens | None = None


class OutputTokens(msgspec.Struct, kw_only=True, frozen=True):
    text_tokens: int = 0
    audio_tokens: int = 0


class ResponseUsage(msgspec.Struct, kw_only=True, omit_defaults=True, frozen=True):
    total_tokens: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    input_token_details: InputTokens | None = None
    output_token_details: OutputTokens | None = None


class StatusError(msgspec.Struct, kw_only=True, omit_defaults=True, frozen=True):
    type: str | None = None
    code: str | None = None
    message: str | None = None
    param: str | None = None


class StatusDetails(msgspec.Struct, kw_only=True, omit_defaults=True, frozen=True):
    """Why a response did not complete."""

    type: str | None = None
    reason: str | None = None
    """turn_detected, client_cancelled, max_output_tokens or content_filter."""
    error: StatusError | None = None


class Response(msgspec.Struct, kw_only=True, omit_defaults=True, frozen=True):
    id: str | None = None
    object: str | None = None
    status: str | None = None
    """in_progress, completed, cancelled, incomplete or failed."""
    status_details: StatusDetails | None = None
    output: list[Item] | None = None
    conversation_id: str | None = None
    output_modalities: list[str] | None = None
    audio: dict[str, Any] | None = None
    max_output_tokens: int | str | None = None
    metadata: dict[str, Any] | None = None
    usage: ResponseUsage | None = None


class ResponseParams(msgspec.Struct, kw_only=True, omit_defaults=True, frozen=True):
    """What one response is asked for with; what it leaves out is the session's."""

    conversation: str | None = None
    """ "auto", or "none" for a response beside the conversation."""
    input: list[Item] | None = None
    instructions: str | None = None
    output_modalities: list[Modality] | None = None
    audio: AudioConfig | None = None
    tools: list[Tool] | None = None
    tool_choice: str | dict[str, Any] | None = None
    parallel_tool_calls: bool | None = None
    max_output_tokens: int | str | None = None
    metadata: dict[str, Any] | None = None
    prompt: dict[str, Any] | None = None
    reasoning: Reasoning | None = None
