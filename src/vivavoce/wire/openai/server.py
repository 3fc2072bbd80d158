"""Events a server sends.

Source: `RealtimeServerEvent` of the official Python SDK. Left out, since nothing here asks for them: the events of MCP
tools, of WebRTC and SIP (`output_audio_buffer.*`, keypad tones), of speaker labels, of the idle timeout, and
`conversation.item.created`, the older name of `conversation.item.added`.
"""

from __future__ import annotations

from typing import Any

import msgspec

from vivavoce.wire.openai.conversation import Item, Part, Response, StatusError


class ServerEvent(msgspec.Struct, kw_only=True, omit_defaults=True, frozen=True, tag_field="type"):
    """Base of all."""

    event_id: str


class ErrorDetail(msgspec.Struct, kw_only=True, frozen=True):
    message: str
    type: str
    code: str | None = None
    param: str | None = None
    event_id: str | None = None
    """Of the client's event that caused it."""


class ErrorSent(ServerEvent, frozen=True, tag="error"):
    """Something did not hold. Most errors leave the session as it was."""

    error: ErrorDetail


class SessionCreated(ServerEvent, frozen=True, tag="session.created"):
    session: dict[str, Any]
    """The whole session as it is in effect. Untyped: what a newer service adds must not make it unreadable."""


class SessionUpdated(ServerEvent, frozen=True, tag="session.updated"):
    session: dict[str, Any]


class Conversation(msgspec.Struct, kw_only=True, omit_defaults=True, frozen=True):
    id: str | None = None
    object: str | None = None


class ConversationCreated(ServerEvent, frozen=True, tag="conversation.created"):
    conversation: Conversation


# ------------------------------------------------------------------------------------------------ the caller's sound


class SpeechStarted(ServerEvent, frozen=True, tag="input_audio_buffer.speech_started"):
    item_id: str
    """Of the item that will hold the speech."""
    audio_start_ms: int


class SpeechStopped(ServerEvent, frozen=True, tag="input_audio_buffer.speech_stopped"):
    item_id: str
    audio_end_ms: int


class AudioCommitted(ServerEvent, frozen=True, tag="input_audio_buffer.committed"):
    item_id: str
    previous_item_id: str | None = None


class AudioCleared(ServerEvent, frozen=True, tag="input_audio_buffer.cleared"):
    pass


class TranscriptionUsage(msgspec.Struct, kw_only=True, omit_defaults=True, frozen=True):
    """Billed to the transcriber: by tokens or by duration."""

    type: str
    seconds: float | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    total_tokens: int | None = None
    input_token_details: dict[str, Any] | None = None


class CallerTextDelta(ServerEvent, frozen=True, tag="conversation.item.input_audio_transcription.delta"):
    item_id: str
    content_index: int = 0
    delta: str | None = None
    logprobs: list[Any] | None = None


class CallerTextCompleted(ServerEvent, frozen=True, tag="conversation.item.input_audio_transcription.completed"):
    item_id: str
    content_index: int
    transcript: str
    usage: TranscriptionUsage | None = None
    languages: list[Any] | None = None
    logprobs: list[Any] | None = None


class CallerTextFailed(ServerEvent, frozen=True, tag="conversation.item.input_audio_transcription.failed"):
    item_id: str
    content_index: int
    error: StatusError


# ------------------------------------------------------------------------------------------------ items


class ItemAdded(ServerEvent, frozen=True, tag="conversation.item.added"):
    item: Item
    previous_item_id: str | None = None


class ItemDone(ServerEvent, frozen=True, tag="conversation.item.done"):
    item: Item
    previous_item_id: str | None = None


class ItemRetrieved(ServerEvent, frozen=True, tag="conversation.item.retrieved"):
    item: Item


class ItemDeleted(ServerEvent, frozen=True, tag="conversation.item.deleted"):
    item_id: str


class ItemTruncated(ServerEvent, frozen=True, tag="conversation.item.truncated"):
    item_id: str
    content_index: int
    audio_end_ms: int


# ------------------------------------------------------------------------------------------------ responses


class RateLimit(msgspec.Struct, kw_only=True, omit_defaults=True, frozen=True):
    name: str | None = None
    limit: int | None = None
    remaining: int | None = None
    reset_seconds: float | None = None


class RateLimitsUpdated(ServerEvent, frozen=True, tag="rate_limits.updated"):
    rate_limits: list[RateLimit]


class ResponseCreated(ServerEvent, frozen=True, tag="response.created"):
    response: Response


class ResponseDone(ServerEvent, frozen=True, tag="response.done"):
    response: Response


class OutputItemAdded(ServerEvent, frozen=True, tag="response.output_item.added"):
    response_id: str
    output_index: int
    item: Item


class OutputItemDone(ServerEvent, frozen=True, tag="response.output_item.done"):
    response_id: str
    output_index: int
    item: Item


class _InPart(ServerEvent, frozen=True):
    """Base of what happens within one part of one item of a response."""

    response_id: str
    item_id: str
    output_index: int
    content_index: int


class PartAdded(_InPart, frozen=True, tag="response.content_part.added"):
    part: Part


class PartDone(_InPart, frozen=True, tag="response.content_part.done"):
    part: Part


class AudioDelta(_InPart, frozen=True, tag="response.output_audio.delta"):
    delta: bytes
    """PCM16 LE mono at 24 kHz, unless the session says otherwise."""


class AudioDone(_InPart, frozen=True, tag="response.output_audio.done"):
    pass


class TranscriptDelta(_InPart, frozen=True, tag="response.output_audio_transcript.delta"):
    delta: str


class TranscriptDone(_InPart, frozen=True, tag="response.output_audio_transcript.done"):
    transcript: str


class TextDelta(_InPart, frozen=True, tag="response.output_text.delta"):
    delta: str


class TextDone(_InPart, frozen=True, tag="response.output_text.done"):
    text: str


class _InCall(ServerEvent, frozen=True):
    response_id: str
    item_id: str
    output_index: int
    call_id: str


class ArgumentsDelta(_InCall, frozen=True, tag="response.function_call_arguments.delta"):
    delta: str


class ArgumentsDone(_InCall, frozen=True, tag="response.function_call_arguments.done"):
    arguments: str
    name: str | None = None


AnyServerEvent = (
    ErrorSent
    | SessionCreated
    | SessionUpdated
    | ConversationCreated
    | SpeechStarted
    | SpeechStopped
    | AudioCommitted
    | AudioCleared
    | CallerTextDelta
    | CallerTextCompleted
    | CallerTextFailed
    | ItemAdded
    | ItemDone
    | ItemRetrieved
    | ItemDeleted
    | ItemTruncated
    | RateLimitsUpdated
    | ResponseCreated
    | ResponseDone
    | OutputItemAdded
    | OutputItemDone
    | PartAdded
    | PartDone
    | AudioDelta
    | AudioDone
    | TranscriptDelta
    | TranscriptDone
    | TextDelta
    | TextDone
    | ArgumentsDelta
    | ArgumentsDone
)
SERVER_EVENTS: tuple[type[ServerEvent], ...] = AnyServerEvent.__args__
