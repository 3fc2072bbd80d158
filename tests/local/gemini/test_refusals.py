"""Both sides of the wire agree: a setup that our client has fitted to a model is one that our server takes."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vivavoce.errors import InputError
from vivavoce.live.gemini.fit import fit
from vivavoce.local.gemini.refusals import refusals
from vivavoce.wire.gemini.messages import (
    AvatarConfig,
    FunctionDeclaration,
    GenerationConfig,
    HistoryConfig,
    PrebuiltVoiceConfig,
    ProactivityConfig,
    SessionResumptionConfig,
    Setup,
    SpeechConfig,
    ThinkingConfig,
    Tool,
    VoiceConfig,
)
from vivavoce.wire.gemini.models import MODELS, STUDIO, VERTEX, Model, Platform

FLAGS = st.none() | st.booleans()
LEVELS = st.none() | st.sampled_from(["MINIMAL", "LOW", "MEDIUM", "HIGH", "XHIGH"])
BEHAVIORS = st.none() | st.sampled_from(["BLOCKING", "NON_BLOCKING"])
FUNCTIONS = st.lists(st.builds(FunctionDeclaration, name=st.just("f"), behavior=BEHAVIORS), max_size=2)
KORE = SpeechConfig(voice_config=VoiceConfig(prebuilt_voice_config=PrebuiltVoiceConfig(voice_name="Kore")))
WISHES = st.builds(
    Setup,
    model=st.just("models/m"),
    generation_config=st.none()
    | st.builds(
        GenerationConfig,
        response_modalities=st.sampled_from([[], ["AUDIO"], ["TEXT"]]),
        speech_config=st.none() | st.just(KORE),
        thinking_config=st.none()
        | st.builds(
            ThinkingConfig,
            thinking_level=LEVELS,
            thinking_budget=st.none() | st.integers(-1, 9),
            include_thoughts=FLAGS,
        ),
        enable_affective_dialog=FLAGS,
    ),
    tools=st.none() | st.lists(st.builds(Tool, function_declarations=FUNCTIONS), max_size=2),
    session_resumption=st.none()
    | st.builds(SessionResumptionConfig, handle=st.none() | st.just("h"), transparent=FLAGS),
    proactivity=st.none() | st.builds(ProactivityConfig, proactive_audio=FLAGS),
    history_config=st.none() | st.builds(HistoryConfig, initial_history_in_client_content=FLAGS),
    explicit_vad_signal=FLAGS,
)
SERVED = [(row, platform) for row in MODELS for platform in (STUDIO, VERTEX) if platform.name in row.platforms]


@pytest.mark.conformance("C9")
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(WISHES, st.sampled_from(SERVED), st.sampled_from(["v1", "v1alpha", "v1beta"]))
def test_a_fitted_setup_is_taken(setup: Setup, served: tuple[Model, Platform], version: str) -> None:
    row, platform = served
    with contextlib.suppress(InputError):  # the model cannot answer in the modality that is wished
        fitted = fit(setup, row, platform, version)
        assert refusals(fitted.setup, row, platform, version) == []


def test_an_avatar_is_of_one_model_on_one_platform() -> None:
    wish = Setup(model="models/m", avatar_config=AvatarConfig(avatar_name="a"))
    takers = {(row.generation, platform.name) for row, platform in SERVED if not refusals(wish, row, platform, "v1")}
    assert takers == {("3.8", "vertex")}
