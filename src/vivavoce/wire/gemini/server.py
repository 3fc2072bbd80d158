"""What a server sends. Source: reference gemini-live 2.6 to 2.12."""

from __future__ import annotations

from vivavoce.wire.gemini.base import Enum, Int32, Int64Text, Message
from vivavoce.wire.gemini.content import Content, FunctionCall, ModalityTokens, Transcription
from vivavoce.wire.gemini.grounding import GroundingMetadata, UrlContextMetadata
from vivavoce.wire.gemini.setup import VoiceConsentSignature


class SetupComplete(Message):
    session_id: str | None = None
    voice_consent_signature: VoiceConsentSignature | None = None


class ServerContent(Message):
    """Any of its fields, together or alone, or none."""

    model_turn: Content | None = None
    generation_complete: bool = False
    turn_complete: bool = False
    interrupted: bool = False
    turn_complete_reason: Enum | None = None
    """Why a turn ended abnormally; a name we do not know is abnormal too."""
    waiting_for_input: bool = False
    interaction_status: Enum | None = None
    """IN_PROGRESS: more turns follow without input."""
    input_transcription: Transcription | None = None
    interim_input_transcription: Transcription | None = None
    """Unstable; replaced by later ones."""
    output_transcription: Transcription | None = None
    grounding_metadata: GroundingMetadata | None = None
    url_context_metadata: UrlContextMetadata | None = None


class ToolCall(Message):
    function_calls: list[FunctionCall] = []


class ToolCallCancellation(Message):
    ids: list[str] = []


class UsageMetadata(Message):
    """Tokens of one turn, not of the session. Details may omit a modality and need not add up to the total."""

    prompt_token_count: Int32 = 0
    response_token_count: Int32 = 0
    total_token_count: Int32 = 0
    thoughts_token_count: Int32 = 0
    cached_content_token_count: Int32 = 0
    tool_use_prompt_token_count: Int32 = 0
    prompt_tokens_details: list[ModalityTokens] = []
    response_tokens_details: list[ModalityTokens] = []
    cache_tokens_details: list[ModalityTokens] = []
    tool_use_prompt_tokens_details: list[ModalityTokens] = []
    service_tier: str | None = None
    # Vertex's names
    candidates_token_count: Int32 = 0
    """`response_token_count` elsewhere."""
    candidates_tokens_details: list[ModalityTokens] = []
    traffic_type: Enum | None = None


class GoAway(Message):
    time_left: str = "0s"


class SessionResumptionUpdate(Message):
    new_handle: str = ""
    resumable: bool = False
    last_consumed_client_message_index: Int64Text | None = None
    """Transparent mode (Vertex): the last client message that the saved state holds; each connection counts from 1."""


class VoiceActivity(Message):
    type: Enum | None = None
    """ACTIVITY_START or ACTIVITY_END."""
    audio_offset: str | None = None
    """Place in the caller's sound, a duration."""


class VoiceActivityDetectionSignal(Message):
    """The older form, for those who set `explicitVadSignal`."""

    vad_signal_type: Enum | None = None


class ServerMessage(Message):
    """What a server sends. Several fields may be set at once; read each on its own."""

    setup_complete: SetupComplete | None = None
    server_content: ServerContent | None = None
    tool_call: ToolCall | None = None
    tool_call_cancellation: ToolCallCancellation | None = None
    usage_metadata: UsageMetadata | None = None
    go_away: GoAway | None = None
    session_resumption_update: SessionResumptionUpdate | None = None
    voice_activity: VoiceActivity | None = None
    voice_activity_detection_signal: VoiceActivityDetectionSignal | None = None
