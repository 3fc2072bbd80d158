"""The messages of the Gemini Live protocol that we send and understand, as typed structs.

Field names are snake_case here and lowerCamelCase on the wire (protobuf JSON). An absent field is None or its default
and is never written: the service refuses some explicit nulls (`handle: null`) and the official SDKs omit them too.
Every message has exactly one kind set, server messages may carry `usage_metadata` beside it.
"""

from __future__ import annotations

from typing import Any

import msgspec

AUDIO_IN_HZ = 16_000
AUDIO_OUT_HZ = 24_000
AUDIO_IN_MIME = f"audio/pcm;rate={AUDIO_IN_HZ}"
AUDIO_OUT_MIME = f"audio/pcm;rate={AUDIO_OUT_HZ}"


class Message(msgspec.Struct, rename="camel", omit_defaults=True, kw_only=True):
    """Base of all structs of this protocol."""


class Empty(Message):
    """An object whose presence is the message."""


# ------------------------------------------------------------------------------------------------ shared pieces


class Blob(Message):
    mime_type: str = ""
    data: bytes = b""


class FunctionCall(Message):
    id: str = ""
    name: str = ""
    args: dict[str, Any] | None = None


class FunctionResponse(Message):
    id: str = ""
    name: str = ""
    response: dict[str, Any] = {}
    scheduling: str | None = None
    """INTERRUPT, WHEN_IDLE or SILENT; only for functions declared NON_BLOCKING."""
    will_continue: bool | None = None


class Part(Message):
    text: str | None = None
    inline_data: Blob | None = None
    thought: bool = False
    function_call: FunctionCall | None = None
    function_response: FunctionResponse | None = None


class Content(Message):
    role: str | None = None
    parts: list[Part] = []


class FunctionDeclaration(Message):
    name: str
    description: str = ""
    parameters: dict[str, Any] | None = None
    """OpenAPI-like schema; its property names are the user's and are never re-cased."""
    behavior: str | None = None
    """BLOCKING or NON_BLOCKING."""


class Tool(Message):
    function_declarations: list[FunctionDeclaration] = []
    google_search: Empty | None = None


# ------------------------------------------------------------------------------------------------ client to server


class PrebuiltVoiceConfig(Message):
    voice_name: str = ""


class VoiceConfig(Message):
    prebuilt_voice_config: PrebuiltVoiceConfig | None = None


class SpeechConfig(Message):
    voice_config: VoiceConfig | None = None
    language_code: str | None = None


class GenerationConfig(Message):
    response_modalities: list[str] = []
    speech_config: SpeechConfig | None = None
    temperature: float | None = None


class AutomaticActivityDetection(Message):
    disabled: bool | None = None
    start_of_speech_sensitivity: str | None = None
    end_of_speech_sensitivity: str | None = None
    prefix_padding_ms: int | None = None
    silence_duration_ms: int | None = None


class RealtimeInputConfig(Message):
    automatic_activity_detection: AutomaticActivityDetection | None = None
    activity_handling: str | None = None
    turn_coverage: str | None = None


class SessionResumptionConfig(Message):
    handle: str | None = None


class SlidingWindow(Message):
    target_tokens: int | None = None


class ContextWindowCompression(Message):
    trigger_tokens: int | None = None
    sliding_window: SlidingWindow | None = None


class Setup(Message):
    model: str
    generation_config: GenerationConfig | None = None
    system_instruction: Content | None = None
    tools: list[Tool] | None = None
    realtime_input_config: RealtimeInputConfig | None = None
    session_resumption: SessionResumptionConfig | None = None
    context_window_compression: ContextWindowCompression | None = None
    input_audio_transcription: Empty | None = None
    output_audio_transcription: Empty | None = None


class ClientContent(Message):
    turns: list[Content] = []
    turn_complete: bool = False


class RealtimeInput(Message):
    """Exactly one field is set."""

    audio: Blob | None = None
    text: str | None = None
    audio_stream_end: bool | None = None
    activity_start: Empty | None = None
    activity_end: Empty | None = None


class ToolResponse(Message):
    function_responses: list[FunctionResponse] = []


class ClientMessage(Message):
    """What a client sends: exactly one field is set, `setup` first and once."""

    setup: Setup | None = None
    client_content: ClientContent | None = None
    realtime_input: RealtimeInput | None = None
    tool_response: ToolResponse | None = None


# ------------------------------------------------------------------------------------------------ server to client


class SetupComplete(Message):
    session_id: str | None = None


class Transcription(Message):
    text: str = ""
    """An increment with its own leading space; concatenate, add nothing."""
    finished: bool = False


class ServerContent(Message):
    model_turn: Content | None = None
    generation_complete: bool = False
    turn_complete: bool = False
    interrupted: bool = False
    turn_complete_reason: str | None = None
    waiting_for_input: bool = False
    interaction_status: str | None = None
    input_transcription: Transcription | None = None
    output_transcription: Transcription | None = None


class ToolCall(Message):
    function_calls: list[FunctionCall] = []


class ToolCallCancellation(Message):
    ids: list[str] = []


class ModalityTokens(Message):
    modality: str = ""
    token_count: int = 0


class UsageMetadata(Message):
    """Tokens of one turn, not of the session. Details may omit a modality and need not add up to the total."""

    prompt_token_count: int = 0
    response_token_count: int = 0
    total_token_count: int = 0
    thoughts_token_count: int = 0
    cached_content_token_count: int = 0
    prompt_tokens_details: list[ModalityTokens] = []
    response_tokens_details: list[ModalityTokens] = []
    candidates_token_count: int = 0
    """Vertex's name for `response_token_count`."""
    candidates_tokens_details: list[ModalityTokens] = []


class GoAway(Message):
    time_left: str = "0s"


class SessionResumptionUpdate(Message):
    new_handle: str = ""
    resumable: bool = False


class ServerMessage(Message):
    """What a server sends. Several fields may be set at once; read each on its own."""

    setup_complete: SetupComplete | None = None
    server_content: ServerContent | None = None
    tool_call: ToolCall | None = None
    tool_call_cancellation: ToolCallCancellation | None = None
    usage_metadata: UsageMetadata | None = None
    go_away: GoAway | None = None
    session_resumption_update: SessionResumptionUpdate | None = None
