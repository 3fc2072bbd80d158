"""What a model, on a platform, refuses in a setup or in a change of tools, with the service's wording for each.

Source: reference gemini-live 1.1, 3.1 to 3.3 and 4.9. Where the wording for a refusal is not known, it is the one the
service has for anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from msgspec.structs import fields

from vivavoce.wire.gemini.models import Model, Platform, Thinking
from vivavoce.wire.gemini.setup import (
    GenerationConfig,
    RealtimeInputConfig,
    SessionResumptionConfig,
    Setup,
    SpeechConfig,
    ThinkingConfig,
)
from vivavoce.wire.gemini.tools import FunctionDeclaration, Tool
from vivavoce.wire.gemini.wording import (
    BAD_SAMPLE,
    INVALID,
    NEED_THINKING_LEVEL,
    NO_BLOCKING,
    NO_MODALITIES,
    NO_TEXT,
    NO_THINKING_LEVEL,
    NO_VOICE,
    NO_VOICE_IN_TEXT,
    unknown_name,
)

EXPERIMENTAL = "v1alpha"
"""The only version of AI Studio that knows the experimental fields."""
NULL_HANDLE = "setup.session_resumption.handle"
"""How `codec.unknown` names an explicit null there."""

_HANDLING = {"START_OF_ACTIVITY_INTERRUPTS", "NO_INTERRUPTION", "ACTIVITY_HANDLING_UNSPECIFIED"}
ALL_VIDEO = "TURN_INCLUDES_AUDIO_ACTIVITY_AND_ALL_VIDEO"
_COVERAGE = {"TURN_INCLUDES_ONLY_ACTIVITY", "TURN_INCLUDES_ALL_INPUT", ALL_VIDEO, "TURN_COVERAGE_UNSPECIFIED"}
_START = {"START_SENSITIVITY_HIGH", "START_SENSITIVITY_LOW", "START_SENSITIVITY_UNSPECIFIED"}
_END = {"END_SENSITIVITY_HIGH", "END_SENSITIVITY_LOW", "END_SENSITIVITY_UNSPECIFIED"}
_RESOLUTIONS = {f"MEDIA_RESOLUTION_{name}" for name in ("LOW", "MEDIUM", "HIGH", "UNSPECIFIED")}
_BEHAVIORS = {"BLOCKING", "NON_BLOCKING", "UNSPECIFIED"}
_NOT_LIVE = (
    "response_mime_type", "response_schema", "response_json_schema", "stop_sequences", "response_logprobs", "logprobs",
    "routing_config", "audio_timestamp",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Refusal:
    """A field that is refused.

    Attributes:
        path: its path in the message, as `codec.unknown` writes one.
        reason: the service's wording, for the close.
        unknown: the field does not exist here at all, as opposed to one whose value does not suit.
    """

    path: str
    reason: str = INVALID
    unknown: bool = False


def refusals(setup: Setup, row: Model, platform: Platform, version: str, *, any_voice: bool = False) -> list[Refusal]:
    """Every field of a setup that this model refuses here.

    Args:
        any_voice: voices are not looked up.
    """
    config = setup.generation_config or GenerationConfig()
    return [
        *_places(setup, platform, version),
        *_modalities(setup.model, config, row),
        *_voice(config, row, any_voice=any_voice),
        *_generation(config, row),
        *_thinking(config.thinking_config or ThinkingConfig(), row),
        *_model_options(setup, row),
        *_turns(setup.realtime_input_config or RealtimeInputConfig(), platform),
        *_window(setup),
        *tool_refusals(setup.tools or [], row, platform, "setup.tools"),
    ]


def tool_refusals(tools: Sequence[Tool], row: Model, platform: Platform, at: str) -> Iterator[Refusal]:
    """What is refused in a list of tools that stands at a path."""
    for place, tool in enumerate(tools):
        here = f"{at}[{place}]"
        for kind in kinds(tool):
            if kind in platform.refused_tools:
                yield _no_field(f"{here}.{kind}")
            elif kind in row.refused_tools:
                yield Refusal(f"{here}.{kind}")
        for number, function in enumerate(tool.function_declarations):
            yield from _function(function, row, f"{here}.function_declarations[{number}]")
    if not row.google_search_with_functions and any(tool.function_declarations for tool in tools):
        yield from (
            Refusal(f"{at}[{n}].google_search") for n, tool in enumerate(tools) if tool.google_search is not None
        )


def kinds(tool: Tool) -> list[str]:
    """Which kinds of tool an entry holds, by their names in the protocol."""
    return [name for name in tool.__struct_fields__ if getattr(tool, name) not in (None, [])]


def _no_field(path: str) -> Refusal:
    """Refuses a field that exists only elsewhere; in camelCase, for how the client spelled it is not known any more."""
    place, _, name = path.rpartition(".")
    first, *others = name.split("_")
    return Refusal(path, unknown_name(f"{place}.{first}{''.join(map(str.title, others))}"), unknown=True)


def _places(setup: Setup, platform: Platform, version: str) -> Iterator[Refusal]:
    """Fields that exist only elsewhere."""
    for each in fields(Setup):
        if each.encode_name in platform.refused_setup and getattr(setup, each.name) is not None:
            yield _no_field(f"setup.{each.name}")
    resumption = setup.session_resumption or SessionResumptionConfig()
    if resumption.transparent is not None and not platform.transparent:
        yield _no_field("setup.session_resumption.transparent")
    if platform.experimental_version_only and version != EXPERIMENTAL:
        if setup.proactivity is not None:
            yield _no_field("setup.proactivity")
        if setup.generation_config is not None and setup.generation_config.enable_affective_dialog is not None:
            yield _no_field("setup.generation_config.enable_affective_dialog")


def _modalities(model: str, config: GenerationConfig, row: Model) -> Iterator[Refusal]:
    asked = config.response_modalities
    if not asked or (len(asked) == 1 and asked[0] in row.modalities):
        return
    combination = NO_MODALITIES.format(modalities=", ".join(asked), model=model)
    yield Refusal("setup.generation_config.response_modalities", NO_TEXT if asked == ["TEXT"] else combination)


def _voice(config: GenerationConfig, row: Model, *, any_voice: bool) -> Iterator[Refusal]:
    speech = config.speech_config or SpeechConfig()
    at = "setup.generation_config.speech_config"
    if speech.multi_speaker_voice_config is not None:
        yield Refusal(f"{at}.multi_speaker_voice_config")
    voice = speech.voice_config
    if voice is None:
        return
    if config.response_modalities == ["TEXT"]:
        yield Refusal(at, NO_VOICE_IN_TEXT)
    name = voice.prebuilt_voice_config.voice_name if voice.prebuilt_voice_config is not None else ""
    if name and not any_voice and name not in row.voices:
        yield Refusal(f"{at}.voice_config.prebuilt_voice_config.voice_name", NO_VOICE.format(voice=name))
    sample = voice.replicated_voice_config.voice_sample_audio if voice.replicated_voice_config is not None else None
    if sample is not None and (sample[:4], sample[8:12]) != (b"RIFF", b"WAVE"):
        yield Refusal(f"{at}.voice_config.replicated_voice_config.voice_sample_audio", BAD_SAMPLE)


def _generation(config: GenerationConfig, row: Model) -> Iterator[Refusal]:
    at = "setup.generation_config"
    for name in _NOT_LIVE:
        if getattr(config, name) not in (None, []):
            yield Refusal(f"{at}.{name}")
    if config.media_resolution not in (None, *_RESOLUTIONS):
        yield Refusal(f"{at}.media_resolution")
    if config.translation_config is not None:
        yield Refusal(f"{at}.translation_config")
    if config.enable_affective_dialog and not (row.affective or row.affective_fails_later):
        yield Refusal(f"{at}.enable_affective_dialog")


def _thinking(asked: ThinkingConfig, row: Model) -> Iterator[Refusal]:
    at = "setup.generation_config.thinking_config"
    level, budget = asked.thinking_level, asked.thinking_budget
    if row.thinking is Thinking.LEVEL_REQUIRED and level is None:
        yield Refusal(f"{at}.thinking_level", NEED_THINKING_LEVEL)
    elif level is not None and level not in row.thinking_levels:
        yield Refusal(f"{at}.thinking_level", INVALID if row.thinking_levels else NO_THINKING_LEVEL)
    if budget is not None and (row.thinking is not Thinking.BUDGET or budget < -1):
        yield Refusal(f"{at}.thinking_budget")


def _model_options(setup: Setup, row: Model) -> Iterator[Refusal]:
    asked = setup.proactivity.proactive_audio if setup.proactivity is not None else None
    if asked is not None and row.proactive is not None and asked is not row.proactive:
        yield Refusal("setup.proactivity.proactive_audio")
    if setup.history_config is not None and not row.history_config:
        yield Refusal("setup.history_config")
    if setup.avatar_config is not None and not row.avatar:
        yield Refusal("setup.avatar_config")


def _turns(asked: RealtimeInputConfig, platform: Platform) -> Iterator[Refusal]:
    at = "setup.realtime_input_config"
    if asked.activity_handling not in (None, *_HANDLING):
        yield Refusal(f"{at}.activity_handling")
    if asked.turn_coverage not in (None, *_COVERAGE - platform.refused_coverage):
        yield Refusal(f"{at}.turn_coverage")
    detection = asked.automatic_activity_detection
    if detection is None:
        return
    at += ".automatic_activity_detection"
    if detection.start_of_speech_sensitivity not in (None, *_START):
        yield Refusal(f"{at}.start_of_speech_sensitivity")
    if detection.end_of_speech_sensitivity not in (None, *_END):
        yield Refusal(f"{at}.end_of_speech_sensitivity")
    for name in ("prefix_padding_ms", "silence_duration_ms"):
        if (getattr(detection, name) or 0) < 0:
            yield Refusal(f"{at}.{name}")


def _window(setup: Setup) -> Iterator[Refusal]:
    at = "setup.context_window_compression"
    asked = setup.context_window_compression
    if asked is None:
        return
    trigger = asked.trigger_tokens
    target = asked.sliding_window.target_tokens if asked.sliding_window is not None else None
    if trigger is not None and trigger < 0:
        yield Refusal(f"{at}.trigger_tokens")
    if target is not None and (target < 0 or (trigger is not None and target > trigger)):
        yield Refusal(f"{at}.sliding_window.target_tokens")


def _function(function: FunctionDeclaration, row: Model, at: str) -> Iterator[Refusal]:
    if not function.name:
        yield Refusal(f"{at}.name")
    behavior = function.behavior
    if behavior == "BLOCKING" and not row.blocking:
        yield Refusal(f"{at}.behavior", NO_BLOCKING)
    elif (behavior == "NON_BLOCKING" and not row.non_blocking) or behavior not in (None, *_BEHAVIORS):
        yield Refusal(f"{at}.behavior")
