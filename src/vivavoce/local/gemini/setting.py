"""What a client asked for in its setup, with the defaults of its model and platform filled in.

Source: reference gemini-live 3; the conformance items S11 to S14 in its 7.2.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import msgspec

from vivavoce.local.gemini.refusals import NULL_HANDLE, Refusal, refusals, tool_refusals
from vivavoce.local.gemini.served import row_of
from vivavoce.local.parts import Entrance, Rules
from vivavoce.wire.gemini.messages import (
    AutomaticActivityDetection,
    Content,
    ContextUpdate,
    FunctionDeclaration,
    GenerationConfig,
    RealtimeInputConfig,
    SessionResumptionConfig,
    Setup,
    SpeechConfig,
    Tool,
)
from vivavoce.wire.gemini.models import DEFAULT_VOICE, Model, Platform
from vivavoce.wire.gemini.wording import INVALID, Refused, unknown_name

log = logging.getLogger(__name__)

DEFAULT_SILENCE_MS = 800
"""The service does not publish its own; 0.8 s answers quickly and keeps a breath inside a sentence."""
PATIENT_SILENCE_MS = 1200
"""With a low sensitivity for the end of speech and no figure: half as long again, our choice."""
DEFAULT_PREFIX_MS = 96
TRIGGER_SHARE = 0.8
"""Part of the context window that is full when compression begins, if the setup does not say."""
FRAME_TOKENS = {"MEDIA_RESOLUTION_LOW": 64}
FRAME_TOKENS_USUALLY = 256
CHARS_PER_TOKEN = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One session's settings."""

    model: str
    """As the client named it."""
    row: Model
    platform: Platform
    version: str
    # what is said
    instruction: str = field(repr=False)
    tools: tuple[FunctionDeclaration, ...]
    prompt_chars: int
    """Characters of instruction and tools: the part of the context that is there before anybody speaks."""
    voice: str
    language: str
    """BCP-47, empty when the client left it to the model."""
    text_output: bool
    """Answers are text instead of sound."""
    thoughts: bool
    """Thought summaries were asked for, and this model gives them."""
    proactive: bool
    """Speech that needs no answer may stay without one."""
    affective_fails: bool
    """Affective dialog was asked for where the first input is refused for it."""
    # what is heard
    manual: bool
    """The client marks speech itself."""
    interrupts: bool
    silence_ms: int
    prefix_ms: int
    sensitivity: str
    """ "high" or "low", how readily a start of speech is believed."""
    coverage: str
    """`turnCoverage`, with the model's own when the client named none."""
    transcribe_input: bool
    """Asked for, or given by this model unasked."""
    transcribe_output: bool
    vad_signals: bool
    """The older voice-activity messages were asked for (Vertex)."""
    frame_tokens: int
    """What one video frame costs."""
    # how long it lasts
    initial_history: bool
    """The first `clientContent` is history and is not answered."""
    handles: bool
    """Handles are sent: asked for, or given by this model unasked."""
    handle: str | None = field(repr=False)
    """The handle to resume from, a secret."""
    transparent: bool
    """Handles come with the index of the last client message that the state holds."""
    compressed: bool
    """The context is a sliding window, so the session has no fixed length."""
    trigger: int | None
    """Prompt tokens above which the window slides; None when nothing is compressed."""
    target: int | None
    """Tokens left after that; half of the trigger when not said."""

    @classmethod
    def read(cls, setup: Setup, *, unknown: Sequence[str], entrance: Entrance, rules: Rules) -> Setting:
        """Settings of a setup that the client's credential has admitted.

        Args:
            unknown: paths of what no struct knows in the message, as `codec.unknown` gives them.
            entrance: platform and version the client came in by.
            rules: how strict the server is. A lenient one leaves aside fields and models the service does not know;
                what a model refuses is refused by both.
        Raises:
            Refused: with the code and the wording the service closes with.
        """
        row = row_of(setup.model, entrance, strict=rules.strict)
        _check(setup, row, unknown, entrance, rules)
        config = setup.generation_config or GenerationConfig()
        listening = setup.realtime_input_config or RealtimeInputConfig()
        detection = listening.automatic_activity_detection or AutomaticActivityDetection()
        resumption = setup.session_resumption or SessionResumptionConfig()
        instruction, tools = instruction_of(setup.system_instruction), functions_of(setup.tools or [])
        trigger, target = _window(setup, row)
        thinking = config.thinking_config
        setting = cls(
            model=setup.model,
            row=row,
            platform=entrance.platform,
            version=entrance.version,
            instruction=instruction,
            tools=tools,
            prompt_chars=_prompt_chars(instruction, tools),
            voice=_voice(config),
            language=(config.speech_config or SpeechConfig()).language_code or "",
            text_output=config.response_modalities == ["TEXT"] or "AUDIO" not in row.modalities,
            thoughts=row.thought_summaries and thinking is not None and bool(thinking.include_thoughts),
            proactive=_proactive(setup, row),
            affective_fails=bool(config.enable_affective_dialog) and row.affective_fails_later,
            manual=bool(detection.disabled),
            interrupts=listening.activity_handling != "NO_INTERRUPTION",
            silence_ms=_silence_ms(detection, entrance.platform),
            prefix_ms=DEFAULT_PREFIX_MS if detection.prefix_padding_ms is None else detection.prefix_padding_ms,
            sensitivity=_sensitivity(detection.start_of_speech_sensitivity, entrance.platform),
            coverage=_said(listening.turn_coverage) or row.coverage,
            transcribe_input=row.hears_aloud or setup.input_audio_transcription is not None,
            transcribe_output=setup.output_audio_transcription is not None,
            vad_signals=bool(setup.explicit_vad_signal),
            frame_tokens=FRAME_TOKENS.get(config.media_resolution or "", FRAME_TOKENS_USUALLY),
            initial_history=bool(setup.history_config and setup.history_config.initial_history_in_client_content),
            handles=row.handles_unasked or setup.session_resumption is not None,
            handle=resumption.handle or None,
            transparent=bool(resumption.transparent),
            compressed=setup.context_window_compression is not None,
            trigger=trigger,
            target=target,
        )
        setting._check_size()
        return setting

    def updated(self, update: ContextUpdate) -> Setting:
        """These settings after a `contextUpdate`: what it leaves out stays.

        Raises:
            Refused: the model knows no such message, or refuses its tools.
        """
        if not self.row.context_update:
            raise Refused(INVALID, detail="this model takes no contextUpdate.")
        instruction, tools = self.instruction, self.tools
        if update.system_instruction is not None:
            instruction = instruction_of(update.system_instruction)
        if update.tools is not None:
            _refuse(list(tool_refusals(update.tools.tools, self.row, self.platform, "context_update.tools.tools")))
            tools = functions_of(update.tools.tools)
        return self._with(instruction, tools)

    def instructed(self, instruction: str) -> Setting:
        """These settings with another instruction.

        Raises:
            Refused: it is too long.
        """
        return self._with(instruction, self.tools)

    def _with(self, instruction: str, tools: tuple[FunctionDeclaration, ...]) -> Setting:
        setting = replace(self, instruction=instruction, tools=tools, prompt_chars=_prompt_chars(instruction, tools))
        setting._check_size()
        return setting

    def _check_size(self) -> None:
        if self.prompt_chars // CHARS_PER_TOKEN > self.row.input_tokens:
            raise Refused(INVALID, detail=f"want at most {self.row.input_tokens} tokens of instruction and tools.")


def instruction_of(content: Content | None) -> str:
    """The text of an instruction; empty when there is none."""
    return "\n".join(part.text for part in content.parts if part.text) if content is not None else ""


def functions_of(tools: Sequence[Tool]) -> tuple[FunctionDeclaration, ...]:
    """All functions declared in a list of tools."""
    return tuple(function for tool in tools for function in tool.function_declarations)


def _check(setup: Setup, row: Model, unknown: Sequence[str], entrance: Entrance, rules: Rules) -> None:
    if NULL_HANDLE in unknown and not row.null_handle:
        raise Refused(INVALID, detail="want a handle or none, got null.")
    strange = [path for path in unknown if path != NULL_HANDLE]
    found = refusals(setup, row, entrance.platform, entrance.version, any_voice=rules.any_voice)
    if rules.strict:
        _refuse([Refusal(path, unknown_name(path)) for path in strange] + found)
    strange += [each.path for each in found if each.unknown]
    _refuse([each for each in found if not any(_within(each.path, path) for path in strange)])
    if strange:
        log.info("left aside in a setup: %s", ", ".join(_loggable(path) for path in strange))


def _within(path: str, outer: str) -> bool:
    return f"{path}.".startswith(f"{outer}.")


def _refuse(found: Sequence[Refusal]) -> None:
    if found:
        first = found[0]
        raise Refused(first.reason, detail=f"Field: {_loggable(first.path)}." if first.reason == INVALID else "")


def _loggable(path: str) -> str:
    """A path whose last name a client may have made up, short and without surprises."""
    return re.sub(r"[^\w.\[\]]", "?", path)[:120]


def _said(value: str | None) -> str | None:
    """An enum's value, None where the unspecified one stands for it."""
    return None if value is None or value.endswith("UNSPECIFIED") else value


def _window(setup: Setup, row: Model) -> tuple[int | None, int | None]:
    asked = setup.context_window_compression
    if asked is None:
        return None, None
    trigger = asked.trigger_tokens or int(row.input_tokens * TRIGGER_SHARE)
    window = asked.sliding_window
    return trigger, (window.target_tokens if window is not None else None) or trigger // 2


def _silence_ms(detection: AutomaticActivityDetection, platform: Platform) -> int:
    if detection.silence_duration_ms is not None:
        return detection.silence_duration_ms
    patient = _sensitivity(detection.end_of_speech_sensitivity, platform) == "low"
    return PATIENT_SILENCE_MS if patient else DEFAULT_SILENCE_MS


def _sensitivity(asked: str | None, platform: Platform) -> str:
    if _said(asked) is None:
        return "high" if platform.sensitive else "low"
    return "low" if str(asked).endswith("LOW") else "high"


def _proactive(setup: Setup, row: Model) -> bool:
    if row.proactive is not None:
        return row.proactive
    return bool(setup.proactivity is not None and setup.proactivity.proactive_audio)


def _prompt_chars(instruction: str, tools: Sequence[FunctionDeclaration]) -> int:
    return len(instruction) + len(msgspec.json.encode(tools))


def _voice(config: GenerationConfig) -> str:
    speech = config.speech_config or SpeechConfig()
    prebuilt = speech.voice_config.prebuilt_voice_config if speech.voice_config is not None else None
    return (prebuilt.voice_name if prebuilt is not None else "") or DEFAULT_VOICE


__all__ = ["Setting", "functions_of", "instruction_of"]
