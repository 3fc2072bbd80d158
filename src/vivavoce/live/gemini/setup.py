"""The first message of a Gemini link: voice, prompt, tools, turn taking, resumption, compression, transcripts."""

from __future__ import annotations

import msgspec

from vivavoce.live.dialect import Opening
from vivavoce.live.gemini.profile import Profile
from vivavoce.wire.gemini.messages import (
    AutomaticActivityDetection,
    Content,
    ContextWindowCompression,
    FunctionDeclaration,
    GenerationConfig,
    Part,
    PrebuiltVoiceConfig,
    ProactivityConfig,
    RealtimeInputConfig,
    SessionResumptionConfig,
    Setup,
    SlidingWindow,
    SpeechConfig,
    Tool,
    TranscriptionConfig,
    VoiceConfig,
)
from vivavoce.wire.gemini.models import HALF_CASCADE_VOICES

# V9: sliding window, so that a session has no fixed length. A small model slides where the service itself would, at
# 80 %.
TRIGGER_TOKENS = 40_000
FULLEST = 0.8
# Who has no voice of a known name gets one of these: every model has them.
STOCK_VOICES = HALF_CASCADE_VOICES


def make_setup(opening: Opening, profile: Profile) -> Setup:
    """All that is wanted of a connection, before it is fitted to its model. Nothing in it is null: the service refuses
    `handle: null`.
    """
    voice = opening.voice
    if not profile.any_voice and voice not in profile.row.voices:
        voice = STOCK_VOICES[opening.cast % len(STOCK_VOICES)]
    trigger = min(TRIGGER_TOKENS, round(profile.row.input_tokens * FULLEST))
    declarations = [msgspec.convert(dict(tool), FunctionDeclaration, strict=False) for tool in opening.tools]
    return Setup(
        model=opening.model,
        generation_config=GenerationConfig(
            response_modalities=["AUDIO"],
            speech_config=SpeechConfig(
                voice_config=VoiceConfig(prebuilt_voice_config=PrebuiltVoiceConfig(voice_name=voice))
            ),
            thinking_config=profile.thinking,
            enable_affective_dialog=profile.affective,
        ),
        system_instruction=Content(parts=[Part(text=opening.instruction)]),
        tools=[Tool(function_declarations=declarations)] if declarations else None,
        realtime_input_config=RealtimeInputConfig(
            automatic_activity_detection=AutomaticActivityDetection(
                prefix_padding_ms=opening.onset_ms, silence_duration_ms=opening.silence_ms
            )
        ),
        session_resumption=SessionResumptionConfig(handle=opening.handle),
        context_window_compression=ContextWindowCompression(
            trigger_tokens=trigger, sliding_window=SlidingWindow(target_tokens=trigger // 2)
        ),
        input_audio_transcription=TranscriptionConfig(),
        output_audio_transcription=TranscriptionConfig(),
        proactivity=None if profile.proactive is None else ProactivityConfig(proactive_audio=profile.proactive),
    )
