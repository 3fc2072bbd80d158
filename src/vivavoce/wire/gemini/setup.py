"""The first message of a client. Source: reference gemini-live 3.1."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from vivavoce.wire.gemini.base import Empty, Enum, Int32, Int64, Message, Object, Schema
from vivavoce.wire.gemini.content import Content
from vivavoce.wire.gemini.tools import Tool

Instruction = Annotated[Content, msgspec.Meta(extra={"text": True})]
"""Content; a plain string is taken for its text."""
Handle = Annotated[str, msgspec.Meta(extra={"null": True})]
"""Some models refuse an explicit null here, so it is told apart: `codec.unknown` names it."""


# ------------------------------------------------------------------------------------------------ voice


class PrebuiltVoiceConfig(Message):
    voice_name: str = ""


class VoiceConsentSignature(Message):
    signature: str = ""


class ReplicatedVoiceConfig(Message):
    """A voice made after a sample; access is restricted."""

    mime_type: str | None = None
    voice_sample_audio: bytes | None = None
    consent_audio: bytes | None = None
    voice_consent_signature: VoiceConsentSignature | None = None


class VoiceConfig(Message):
    prebuilt_voice_config: PrebuiltVoiceConfig | None = None
    replicated_voice_config: ReplicatedVoiceConfig | None = None
    voice: str | None = None


class SpeechConfig(Message):
    voice_config: VoiceConfig | None = None
    language_code: str | None = None
    multi_speaker_voice_config: Object | None = None
    """Text to speech only; live models refuse it."""


# ------------------------------------------------------------------------------------------------ generation


class ThinkingConfig(Message):
    thinking_level: Enum | None = None
    thinking_budget: Int32 | None = None
    """0 is off, -1 is dynamic."""
    include_thoughts: bool | None = None


class TranslationConfig(Message):
    target_language_code: str | None = None
    echo_target_language: bool | None = None


class TranscriptionConfig(Message):
    """Switches transcription on by being there; usually empty."""

    language_codes: list[str] = []
    custom_vocabulary: list[str] = []
    word_timestamp: bool | None = None
    diarization: bool | None = None
    mode: Enum | None = None
    source_text: str | None = None
    language_auto: Empty | None = None
    language_hints: Object | None = None
    adaptation_phrases: list[str] = []


class GenerationConfig(Message):
    response_modalities: list[Enum] = []
    """AUDIO or TEXT, one of them."""
    speech_config: SpeechConfig | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: float | None = None
    max_output_tokens: Int32 | None = None
    candidate_count: Int32 | None = None
    seed: Int32 | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    media_resolution: Enum | None = None
    thinking_config: ThinkingConfig | None = None
    enable_affective_dialog: bool | None = None
    translation_config: TranslationConfig | None = None
    audio_transcription_config: TranscriptionConfig | None = None
    # known to the schema, of no use to a live model
    response_mime_type: str | None = None
    response_schema: Schema | None = None
    response_json_schema: Any | None = None
    response_format: list[Object] = []
    stop_sequences: list[str] = []
    response_logprobs: bool | None = None
    logprobs: Int32 | None = None
    routing_config: Object | None = None
    model_selection_config: Object | None = None
    audio_timestamp: bool | None = None
    enable_enhanced_civic_answers: bool | None = None


# ------------------------------------------------------------------------------------------------ the session


class AutomaticActivityDetection(Message):
    disabled: bool | None = None
    start_of_speech_sensitivity: Enum | None = None
    end_of_speech_sensitivity: Enum | None = None
    prefix_padding_ms: Int32 | None = None
    silence_duration_ms: Int32 | None = None


class RealtimeInputConfig(Message):
    automatic_activity_detection: AutomaticActivityDetection | None = None
    activity_handling: Enum | None = None
    turn_coverage: Enum | None = None
    interim_transcript_timestamp_enabled: bool | None = None


class SessionResumptionConfig(Message):
    handle: Handle | None = None
    transparent: bool | None = None


class SlidingWindow(Message):
    target_tokens: Int64 | None = None


class ContextWindowCompression(Message):
    trigger_tokens: Int64 | None = None
    sliding_window: SlidingWindow | None = None


class ProactivityConfig(Message):
    proactive_audio: bool | None = None
    proactive_video: bool | None = None


class HistoryConfig(Message):
    initial_history_in_client_content: bool | None = None


class CustomizedAvatar(Message):
    image_mime_type: str | None = None
    image_data: bytes | None = None


class AvatarConfig(Message):
    avatar_name: str | None = None
    customized_avatar: CustomizedAvatar | None = None
    audio_bitrate_bps: Int32 | None = None
    video_bitrate_bps: Int32 | None = None


class SafetySetting(Message):
    category: Enum | None = None
    threshold: Enum | None = None
    method: Enum | None = None


class Setup(Message):
    model: str
    generation_config: GenerationConfig | None = None
    system_instruction: Instruction | None = None
    tools: list[Tool] | None = None
    realtime_input_config: RealtimeInputConfig | None = None
    session_resumption: SessionResumptionConfig | None = None
    context_window_compression: ContextWindowCompression | None = None
    input_audio_transcription: TranscriptionConfig | None = None
    output_audio_transcription: TranscriptionConfig | None = None
    proactivity: ProactivityConfig | None = None
    history_config: HistoryConfig | None = None
    explicit_vad_signal: bool | None = None
    avatar_config: AvatarConfig | None = None
    safety_settings: list[SafetySetting] = []
    labels: dict[str, str] | None = None
