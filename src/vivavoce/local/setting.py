"""What a client asked for in its setup, with the service's defaults filled in."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from vivavoce.errors import WireError
from vivavoce.wire.gemini.messages import GenerationConfig, RealtimeInputConfig, Setup, SpeechConfig

DEFAULT_VOICE = "Puck"
DEFAULT_SILENCE_MS = 800
"""The service does not publish its own; 0.8 s answers quickly and keeps a breath inside a sentence."""
DEFAULT_PREFIX_MS = 96
INVALID = "Request contains an invalid argument."
NO_TEXT = "Text output is not supported for native audio output model."

_WORDINGS = (
    INVALID,
    NO_TEXT,
    "Invalid JSON payload received.",
    "Requested entity was not found.",
    "Deadline expired before operation could complete.",
)


def wording(error: WireError) -> str:
    """The close reason for an error: the service's own words, without ours behind them."""
    return next((words for words in _WORDINGS if str(error).startswith(words)), INVALID)


@dataclass(frozen=True, slots=True)
class Setting:
    """One session's settings."""

    model: str
    instruction: str
    prompt_chars: int
    """Characters of instruction and tools: the part of the context that is there before anybody speaks."""
    voice: str
    manual: bool
    """The client marks speech itself."""
    interrupts: bool
    silence_ms: int
    prefix_ms: int
    sensitivity: str
    """ "high" or "low", how readily a start of speech is believed."""
    transcribe_input: bool
    transcribe_output: bool
    handles: bool
    trigger: int | None
    target: int | None

    @classmethod
    def read(cls, setup: Setup) -> Setting:
        """Settings of a setup.

        Raises:
            WireError: a combination the service refuses.
        """
        if not setup.model:
            raise WireError(INVALID)
        _check_modalities(setup.generation_config)
        listening = setup.realtime_input_config or RealtimeInputConfig()
        detection = listening.automatic_activity_detection
        silence = detection.silence_duration_ms if detection is not None else None
        prefix = detection.prefix_padding_ms if detection is not None else None
        if (silence or 0) < 0 or (prefix or 0) < 0:
            raise WireError(INVALID)
        start = (detection.start_of_speech_sensitivity or "") if detection is not None else ""
        instruction = _instruction(setup)
        compression = setup.context_window_compression
        window = compression.sliding_window if compression is not None else None
        return cls(
            model=setup.model,
            instruction=instruction,
            prompt_chars=len(instruction) + len(msgspec.json.encode(setup.tools or [])),
            voice=_voice(setup.generation_config),
            manual=bool(detection is not None and detection.disabled),
            interrupts=listening.activity_handling != "NO_INTERRUPTION",
            silence_ms=DEFAULT_SILENCE_MS if silence is None else silence,
            prefix_ms=DEFAULT_PREFIX_MS if prefix is None else prefix,
            sensitivity="low" if start.upper().endswith("LOW") else "high",
            transcribe_input=setup.input_audio_transcription is not None,
            transcribe_output=setup.output_audio_transcription is not None,
            handles=setup.session_resumption is not None,
            trigger=compression.trigger_tokens if compression is not None else None,
            target=window.target_tokens if window is not None else None,
        )


def _check_modalities(config: GenerationConfig | None) -> None:
    wanted = [name.upper() for name in config.response_modalities] if config is not None else []
    if wanted == ["TEXT"]:
        raise WireError(NO_TEXT)
    if wanted not in ([], ["AUDIO"]):
        raise WireError(INVALID)


def _instruction(setup: Setup) -> str:
    content = setup.system_instruction
    return "\n".join(part.text for part in content.parts if part.text) if content is not None else ""


def _voice(config: GenerationConfig | None) -> str:
    speech = (config.speech_config if config is not None else None) or SpeechConfig()
    prebuilt = speech.voice_config.prebuilt_voice_config if speech.voice_config is not None else None
    return (prebuilt.voice_name if prebuilt is not None else "") or DEFAULT_VOICE
