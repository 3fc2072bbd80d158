"""What a live model is told first: voice, prompt, tools, turn taking, resumption."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from vivavoce.agents import AgentSpec
from vivavoce.agents.prompt import system_instruction, tool_declarations
from vivavoce.wire.gemini.messages import (
    AutomaticActivityDetection,
    ClientMessage,
    Content,
    ContextWindowCompression,
    Empty,
    FunctionDeclaration,
    GenerationConfig,
    Part,
    PrebuiltVoiceConfig,
    RealtimeInputConfig,
    SessionResumptionConfig,
    Setup,
    SlidingWindow,
    SpeechConfig,
    Tool,
    VoiceConfig,
)

Pace = Literal["interview", "casual"]
# V5: silence after which the model takes the turn to be over. Interviews leave room for thought.
SILENCE_MS: dict[Pace, int] = {"interview": 2500, "casual": 1000}
# V9: sliding window, so that a session has no fixed length.
TRIGGER_TOKENS = 40_000
# Voices a service has by name; anything else in an agent file describes a voice and gets one of these, the same for the
# same words.
PREBUILT = (
    "Puck", "Charon", "Kore", "Fenrir", "Aoede", "Leda", "Orus", "Zephyr",
)  # fmt: skip


def make_setup(
    spec: AgentSpec,
    speaker: str,
    *,
    model: str,
    handle: str | None,
    declarations: Mapping[str, dict[str, Any]],
    silence_ms: int,
    prebuilt_voices: bool,
) -> ClientMessage:
    """The first message of a link.

    Args:
        handle: the secret of a resumption handle, None for a fresh start; never sent as null.
        declarations: the runnable tools' declarations by name.
        silence_ms: pause that ends the caller's turn.
        prebuilt_voices: the backend knows only its own voice names; otherwise the agent file's words are sent as they
            are.
    """
    voice = spec.speakers[speaker].voice
    if prebuilt_voices and voice not in PREBUILT:
        voice = PREBUILT[list(spec.speakers).index(speaker) % len(PREBUILT)]
    tools = [
        Tool(
            function_declarations=[
                msgspec.convert(declaration, FunctionDeclaration, strict=False)
                for declaration in tool_declarations(spec, speaker, declarations)
            ]
        )
    ]
    return ClientMessage(
        setup=Setup(
            model=model,
            generation_config=GenerationConfig(
                response_modalities=["AUDIO"],
                speech_config=SpeechConfig(
                    voice_config=VoiceConfig(prebuilt_voice_config=PrebuiltVoiceConfig(voice_name=voice))
                ),
            ),
            system_instruction=Content(parts=[Part(text=system_instruction(spec, speaker))]),
            tools=tools,
            realtime_input_config=RealtimeInputConfig(
                automatic_activity_detection=AutomaticActivityDetection(silence_duration_ms=silence_ms)
            ),
            session_resumption=SessionResumptionConfig(handle=handle),
            context_window_compression=ContextWindowCompression(
                trigger_tokens=TRIGGER_TOKENS, sliding_window=SlidingWindow(target_tokens=TRIGGER_TOKENS // 2)
            ),
            input_audio_transcription=Empty(),
            output_audio_transcription=Empty(),
        )
    )
