"""What a model would refuse is left out before it is sent (C9), with a sentence that names model and field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import pytest

from vivavoce.errors import InputError
from vivavoce.live.dialect import Opening
from vivavoce.live.gemini.fit import fit
from vivavoce.live.gemini.profile import Profile, read_thinking, row_of
from vivavoce.live.gemini.setup import STOCK_VOICES, make_setup
from vivavoce.wire.gemini.codec import encode
from vivavoce.wire.gemini.messages import (
    AvatarConfig,
    ClientMessage,
    GenerationConfig,
    HistoryConfig,
    ProactivityConfig,
    SessionResumptionConfig,
    Setup,
    SpeechConfig,
    ThinkingConfig,
)
from vivavoce.wire.gemini.models import MODELS, STUDIO, VERTEX, Model, Platform, Thinking

NEW, THINKER, OLDER, NATIVE = (
    "gemini-3.8-live",
    "gemini-3.8-live-extended-thinking",
    "gemini-3.1-flash-live-preview",
    "gemini-2.5-flash-native-audio-latest",
)
TOOLS = (
    {"name": "note", "behavior": "NON_BLOCKING"},
    {"name": "hand_off", "behavior": "BLOCKING"},
    {"name": "plain"},
)


def opening(model: str = NEW, *, voice: str = "", cast: int = 0, tools: Sequence[Mapping[str, Any]] = ()) -> Opening:
    return Opening(model=f"models/{model}", voice=voice, cast=cast, tools=tools)


def fitted(setup: Setup, platform: Platform = STUDIO, version: str = "v1beta") -> tuple[Setup, tuple[str, ...]]:
    row, _ = row_of(setup.model)
    result = fit(setup, row, platform, version)
    return result.setup, result.notes


def generation(model: str, **fields: Any) -> Setup:
    return Setup(model=f"models/{model}", generation_config=GenerationConfig(**fields))


@pytest.mark.conformance("C9")
@pytest.mark.parametrize(
    ("model", "note", "hand_off"),
    [
        (NEW, None, "BLOCKING"),
        (THINKER, None, None),
        (OLDER, None, None),
        (NATIVE, "NON_BLOCKING", None),
    ],
)
def test_behavior_is_spelled_out_where_the_models_default_is_another(
    model: str, note: str | None, hand_off: str | None
) -> None:
    row, _ = row_of(model)
    setup, notes = fitted(make_setup(opening(model, tools=TOOLS), Profile(row=row)))
    assert setup.tools is not None
    behaviors = {function.name: function.behavior for function in setup.tools[0].function_declarations}
    assert behaviors == {"note": note, "hand_off": hand_off, "plain": hand_off}
    assert all(model in told and "behavior" in told for told in notes)
    assert bool(notes) is (model in (THINKER, OLDER))


@pytest.mark.conformance("C9")
@pytest.mark.parametrize(
    ("model", "asked", "sent"),
    [
        (NEW, ThinkingConfig(thinking_level="LOW"), None),
        (NEW, None, None),
        (THINKER, None, ThinkingConfig(thinking_level="LOW")),
        (THINKER, ThinkingConfig(thinking_level="HIGH"), ThinkingConfig(thinking_level="HIGH")),
        (THINKER, ThinkingConfig(thinking_level="MINIMAL"), ThinkingConfig(thinking_level="LOW")),
        (THINKER, ThinkingConfig(thinking_budget=100), ThinkingConfig(thinking_level="LOW")),
        (OLDER, ThinkingConfig(thinking_level="MINIMAL"), ThinkingConfig(thinking_level="MINIMAL")),
        (NATIVE, ThinkingConfig(thinking_budget=-1), ThinkingConfig(thinking_budget=-1)),
        (NATIVE, ThinkingConfig(thinking_level="LOW"), None),
    ],
)
def test_thinking(model: str, asked: ThinkingConfig | None, sent: ThinkingConfig | None) -> None:
    setup, notes = fitted(generation(model, thinking_config=asked))
    assert setup.generation_config is not None
    assert setup.generation_config.thinking_config == sent
    assert bool(notes) is (asked is not None and asked != sent)
    assert all(model in note and "thinking" in note for note in notes)


@pytest.mark.conformance("C9")
@pytest.mark.parametrize(
    ("model", "platform", "version", "kept"),
    [
        (NEW, STUDIO, "v1alpha", False),
        (OLDER, STUDIO, "v1alpha", False),
        (NATIVE, STUDIO, "v1beta", False),
        (NATIVE, STUDIO, "v1alpha", True),
        (NATIVE, VERTEX, "v1beta1", True),
    ],
)
def test_proactive_audio_and_affective_dialog(model: str, platform: Platform, version: str, kept: bool) -> None:
    wish = ProactivityConfig(proactive_audio=False)
    asked = msgspec.structs.replace(generation(model, enable_affective_dialog=True), proactivity=wish)
    setup, notes = fitted(asked, platform, version)
    assert setup.generation_config is not None
    assert (setup.proactivity == wish, setup.generation_config.enable_affective_dialog is True) == (kept, kept)
    assert len(notes) == (0 if kept else 2)


@pytest.mark.conformance("C9")
@pytest.mark.parametrize(("model", "platform"), [(NATIVE, STUDIO), (NEW, VERTEX)])
def test_history_config(model: str, platform: Platform) -> None:
    asked = msgspec.structs.replace(
        generation(model), history_config=HistoryConfig(initial_history_in_client_content=True)
    )
    assert fitted(asked)[0].history_config is (None if model == NATIVE else asked.history_config)
    assert fitted(asked, platform)[0].history_config is None


def test_what_only_the_other_platform_knows() -> None:
    asked = msgspec.structs.replace(
        generation(NEW),
        explicit_vad_signal=True,
        avatar_config=AvatarConfig(avatar_name="x"),
        session_resumption=SessionResumptionConfig(transparent=True),
    )
    setup, notes = fitted(asked)
    assert (setup.explicit_vad_signal, setup.avatar_config) == (None, None)
    assert setup.session_resumption == SessionResumptionConfig()
    assert len(notes) == 3
    assert fitted(asked, VERTEX)[0].session_resumption == asked.session_resumption


@pytest.mark.conformance("C9")
def test_a_model_that_cannot_answer_in_text_is_refused_with_its_name() -> None:
    with pytest.raises(InputError, match=r"TEXT \(responseModalities\), got gemini-3\.8-live"):
        fitted(generation(NEW, response_modalities=["TEXT"]))
    speech = SpeechConfig(language_code="de-DE")
    setup, notes = fitted(generation("gemini-live-2.5-flash", response_modalities=["TEXT"], speech_config=speech))
    assert setup.generation_config is not None
    assert setup.generation_config.speech_config is None
    assert "speechConfig" in notes[0]


@pytest.mark.conformance("C8")
@pytest.mark.parametrize("row", MODELS, ids=lambda row: row.generation)
def test_no_setup_of_ours_has_a_null_or_what_its_row_refuses(row: Model) -> None:
    if "AUDIO" not in row.modalities:
        return
    model = row.patterns[0].rstrip("*")
    for platform in (STUDIO, VERTEX):
        profile = Profile(row=row, platform=platform, thinking=ThinkingConfig(thinking_level="LOW"), proactive=False)
        setup = fit(make_setup(opening(model, tools=TOOLS), profile), row, platform, "v1beta").setup
        data = encode(ClientMessage(setup=setup))
        assert b"null" not in data
        config = setup.generation_config and setup.generation_config.thinking_config
        assert (config is not None) is (row.thinking in (Thinking.LEVEL, Thinking.LEVEL_REQUIRED))


def test_voices_by_name_or_by_place_in_the_cast() -> None:
    row, _ = row_of(NEW)
    named = make_setup(opening(voice="Sulafat", cast=3), Profile(row=row))
    described = [make_setup(opening(voice="warm baritone", cast=place), Profile(row=row)) for place in (0, 1, 8)]
    free = make_setup(opening(voice="warm baritone"), Profile(row=row, any_voice=True))

    def voice(setup: Setup) -> str:
        assert setup.generation_config is not None
        assert setup.generation_config.speech_config is not None
        assert setup.generation_config.speech_config.voice_config is not None
        assert setup.generation_config.speech_config.voice_config.prebuilt_voice_config is not None
        return setup.generation_config.speech_config.voice_config.prebuilt_voice_config.voice_name

    assert voice(named) == "Sulafat"
    assert [voice(setup) for setup in described] == [STOCK_VOICES[0], STOCK_VOICES[1], STOCK_VOICES[0]]
    assert voice(free) == "warm baritone"


def test_thinking_in_settings() -> None:
    assert read_thinking("") is None
    assert read_thinking("low") == ThinkingConfig(thinking_level="LOW")
    assert read_thinking("-1") == ThinkingConfig(thinking_budget=-1)
    assert read_thinking("0") == ThinkingConfig(thinking_budget=0)


def test_a_name_nobody_knows_is_taken_for_the_newest_kind() -> None:
    row, known = row_of("models/gemini-9-live")
    assert (row.generation, known) == ("3.8", False)
