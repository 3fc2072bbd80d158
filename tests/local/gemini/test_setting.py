"""What a setup comes to, by model and platform, and what is refused in the service's words."""

from __future__ import annotations

import json
import logging
import re
from typing import Any

import pytest

from vivavoce.errors import WireError
from vivavoce.local.gemini.setting import DEFAULT_SILENCE_MS, PATIENT_SILENCE_MS, Setting
from vivavoce.local.parts import Entrance, Rules
from vivavoce.wire.gemini import codec
from vivavoce.wire.gemini.closes import CloseClass, classify
from vivavoce.wire.gemini.messages import ClientMessage, ContextUpdate
from vivavoce.wire.gemini.models import MODELS, STUDIO, VERTEX, Model, Platform, find
from vivavoce.wire.gemini.wording import reason_of

M38, M31 = "models/gemini-3.8-live", "models/gemini-3.1-flash-live-preview"
DEEP = "models/gemini-3.8-live-extended-thinking"
M25 = "models/gemini-2.5-flash-native-audio-latest"
V38 = "publishers/google/models/gemini-3.8-live"
V25 = "projects/p/locations/us-central1/publishers/google/models/gemini-live-2.5-flash"
ON_VERTEX, ON_ALPHA = Entrance(platform=VERTEX, version="v1beta1"), Entrance(version="v1alpha")
INVALID = "Request contains an invalid argument."


def read(model: str = M38, *, entrance: Entrance | None = None, rules: Rules | None = None, **setup: Any) -> Setting:
    """The setting of a setup as it comes off the wire."""
    data = json.dumps({"setup": {"model": model, **setup}})
    message = codec.decode_client(data)
    assert message.setup is not None
    return Setting.read(
        message.setup,
        unknown=codec.unknown(data, ClientMessage),
        entrance=entrance or Entrance(platform=VERTEX if "publishers" in model else STUDIO),
        rules=rules or Rules(),
    )


def refused(model: str = M38, **setup: Any) -> tuple[int, str]:
    """Code and reason a setup is refused with."""
    with pytest.raises(WireError) as caught:
        read(model, **setup)
    return caught.value.code, reason_of(caught.value)


def generation(**config: Any) -> dict[str, Any]:
    return {"generationConfig": config}


def voice(name: str) -> dict[str, Any]:
    return {"speechConfig": {"voiceConfig": {"prebuiltVoiceConfig": {"voiceName": name}}}}


def functions(**behaviors: str | None) -> dict[str, Any]:
    declared = [{"name": name} | ({"behavior": kind} if kind else {}) for name, kind in behaviors.items()]
    return {"tools": [{"functionDeclarations": declared}]}


# ------------------------------------------------------------------------------------------------ defaults


def test_the_smallest_setup_has_the_models_defaults() -> None:
    setting = read()
    assert setting.row is find(M38)
    assert (setting.voice, setting.instruction, setting.tools, setting.language) == ("Puck", "", (), "")
    assert (setting.manual, setting.interrupts, setting.text_output) == (False, True, False)
    assert (setting.sensitivity, setting.silence_ms) == ("high", DEFAULT_SILENCE_MS)
    assert setting.coverage == "TURN_INCLUDES_AUDIO_ACTIVITY_AND_ALL_VIDEO"
    assert (setting.handles, setting.handle, setting.transparent) == (False, None, False)
    assert (setting.compressed, setting.trigger, setting.target) == (False, None, None)
    assert setting.frame_tokens == 256
    assert setting.proactive, "always on in 3.8"


def test_vertex_hears_less_readily_by_default() -> None:
    setting = read(V38)
    assert (setting.sensitivity, setting.silence_ms) == ("low", PATIENT_SILENCE_MS)


def test_turn_taking_as_asked() -> None:
    setting = read(
        realtimeInputConfig={
            "automaticActivityDetection": {
                "disabled": True,
                "start_of_speech_sensitivity": "start_sensitivity_low",
                "prefixPaddingMs": 20.0,
                "silenceDurationMs": "500",
            },
            "activityHandling": "NO_INTERRUPTION",
            "turnCoverage": "TURN_INCLUDES_ALL_INPUT",
        }
    )
    assert (setting.manual, setting.interrupts) == (True, False)
    assert (setting.sensitivity, setting.prefix_ms, setting.silence_ms) == ("low", 20, 500)
    assert setting.coverage == "TURN_INCLUDES_ALL_INPUT"


def test_a_patient_end_of_speech_waits_longer_unless_a_figure_is_given() -> None:
    detection: dict[str, Any] = {"endOfSpeechSensitivity": "END_SENSITIVITY_LOW"}
    assert read(realtimeInputConfig={"automaticActivityDetection": detection}).silence_ms == PATIENT_SILENCE_MS
    detection["silenceDurationMs"] = 100
    assert read(realtimeInputConfig={"automaticActivityDetection": detection}).silence_ms == 100


def test_unspecified_values_are_the_defaults() -> None:
    setting = read(
        realtimeInputConfig={
            "turnCoverage": "TURN_COVERAGE_UNSPECIFIED",
            "automaticActivityDetection": {"startOfSpeechSensitivity": "START_SENSITIVITY_UNSPECIFIED"},
        }
    )
    assert setting.coverage == setting.row.coverage
    assert setting.sensitivity == "high"


def test_speech_as_asked() -> None:
    config = {"speechConfig": {"languageCode": "de-DE", "voiceConfig": {"prebuiltVoiceConfig": {"voiceName": "Kore"}}}}
    setting = read(**generation(**config, mediaResolution="media_resolution_low"), systemInstruction="be brief")
    assert (setting.voice, setting.language, setting.instruction) == ("Kore", "de-DE", "be brief")
    assert setting.frame_tokens == 64
    assert "be brief" not in repr(setting)


def test_tools_are_told_and_count_as_prompt() -> None:
    setting = read(**functions(look=None, book="BLOCKING"), systemInstruction="ab")
    assert [function.name for function in setting.tools] == ["look", "book"]
    assert setting.prompt_chars > len("ab") + len("look") + len("book")


def test_half_cascade_answers_in_text() -> None:
    assert read(V25, **generation(responseModalities="text")).text_output
    assert not read(V25).text_output


@pytest.mark.conformance("S25")
def test_transcription_when_asked_and_of_the_caller_always_on_3_x() -> None:
    assert (read(M25).transcribe_input, read(M25).transcribe_output) == (False, False)
    assert (read(M38).transcribe_input, read(M38).transcribe_output) == (True, False)
    assert read(M25, inputAudioTranscription={}).transcribe_input
    assert read(M25, output_audio_transcription={}).transcribe_output


def test_handles_when_asked_and_always_on_3_1() -> None:
    assert not read(M38).handles
    assert read(M38, sessionResumption={}).handles
    assert read(M31).handles
    setting = read(M38, sessionResumption={"handle": "very-secret"})
    assert setting.handle == "very-secret"
    assert "very-secret" not in repr(setting)


def test_thoughts_where_the_model_gives_them() -> None:
    asked = generation(thinkingConfig={"includeThoughts": True})
    assert read(M25, **asked).thoughts
    assert not read(M38, **asked).thoughts


def test_compression_has_defaults_of_the_context_window() -> None:
    setting = read(contextWindowCompression={})
    assert (setting.compressed, setting.trigger, setting.target) == (True, 104_857, 52_428)
    setting = read(contextWindowCompression={"triggerTokens": "1000", "slidingWindow": {"targetTokens": 300}})
    assert (setting.trigger, setting.target) == (1000, 300)


def test_history_first_where_asked() -> None:
    assert read(historyConfig={"initial_history_in_client_content": True}).initial_history
    assert not read(historyConfig={}).initial_history


def test_vertex_options() -> None:
    setting = read(
        V38, sessionResumption={"transparent": True}, explicitVadSignal=True, avatarConfig={"avatarName": "a"}
    )
    assert setting.transparent
    assert setting.handles
    assert setting.vad_signals


# ------------------------------------------------------------------------------------------------ refusals

AT_SETUP = "Invalid JSON payload received. Unknown name \"{}\" at 'setup{}': Cannot find field."


@pytest.mark.conformance("S13")
@pytest.mark.parametrize(
    ("setup", "name", "at"),
    [
        ({"bogus": 1}, "bogus", ""),
        ({"generation_config": {"bogus": 1}}, "bogus", ".generation_config"),
        ({"tools": [{}, {"bogus": {}}]}, "bogus", ".tools[1]"),
        ({"tools": [{"functionDeclarations": [{"name": "f", "x": 1}]}]}, "x", ".tools[0].function_declarations[0]"),
        ({"proactivity": {"proactiveAudio": True}}, "proactivity", ""),
        ({"generationConfig": {"enableAffectiveDialog": True}}, "enable_affective_dialog", ".generation_config"),
        ({"explicitVadSignal": False}, "explicit_vad_signal", ""),
        ({"avatarConfig": {}}, "avatar_config", ""),
        ({"sessionResumption": {"transparent": True}}, "transparent", ".session_resumption"),
        ({"tools": [{"enterpriseWebSearch": {}}]}, "enterprise_web_search", ".tools[0]"),
    ],
)
def test_fields_that_do_not_exist_here_are_refused_or_left_aside_with_a_log_line(
    setup: dict[str, Any], name: str, at: str, caplog: pytest.LogCaptureFixture
) -> None:
    camel = re.sub("_(.)", lambda match: match.group(1).upper(), name)
    assert refused(M25, **setup) == (1007, AT_SETUP.format(camel, at))
    with caplog.at_level(logging.INFO):
        read(M25, rules=Rules(strict=False), **setup)
    assert caplog.messages == [f"left aside in a setup: setup{at}.{name}"]


def test_a_key_made_up_by_a_client_does_not_write_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        odd: dict[str, Any] = {"evil\nERROR pay " + "x" * 500: 1}
        read(rules=Rules(strict=False), **odd)
    assert len(caplog.messages) == 1
    assert "\n" not in caplog.messages[0]
    assert len(caplog.messages[0]) < 160


@pytest.mark.conformance("S14")
@pytest.mark.parametrize(
    ("model", "setup", "reason"),
    [
        (M38, generation(responseModalities=["TEXT"]), "Text output is not supported for native audio output model."),
        (
            M38,
            generation(responseModalities=["AUDIO", "TEXT"]),
            "The requested combination of response modalities (AUDIO, TEXT) is not supported by the model "
            "models/gemini-3.8-live.",
        ),
        (
            V25,
            generation(responseModalities="TEXT", **voice("Puck")),
            "Cannot extract voices from a non-audio request.",
        ),
        (M38, generation(**voice("Bob")), "No matching speaker voice found for name: Bob"),
        (V25, generation(**voice("Sulafat")), "No matching speaker voice found for name: Sulafat"),
        (
            M38,
            generation(speechConfig={"voiceConfig": {"replicatedVoiceConfig": {"voiceSampleAudio": "AAAA"}}}),
            "Failed to parse WAV audio.",
        ),
        (M38, generation(speechConfig={"multiSpeakerVoiceConfig": {}}), INVALID),
        (M38, generation(thinkingConfig={"thinkingLevel": "LOW"}), "Thinking level is not supported for this model."),
        (M25, generation(thinkingConfig={"thinkingLevel": "LOW"}), "Thinking level is not supported for this model."),
        (M25, generation(thinkingConfig={"thinkingBudget": -2}), INVALID),
        (M31, generation(thinkingConfig={"thinkingLevel": "XHIGH"}), INVALID),
        (M31, generation(thinkingConfig={"thinkingBudget": 0}), INVALID),
        (DEEP, {}, "Thinking level must be specified for this model."),
        (DEEP, generation(thinkingConfig={"thinkingLevel": "MINIMAL"}), INVALID),
        (
            DEEP,
            generation(thinkingConfig={"thinkingLevel": "LOW"}) | functions(f="BLOCKING"),
            "BLOCKING function calls are not supported for this model.",
        ),
        (M31, functions(f="NON_BLOCKING"), INVALID),
        (M38, functions(f="SOMETIMES"), INVALID),
        (M38, {"tools": [{"functionDeclarations": [{"name": ""}]}]}, INVALID),
        (M38, {"tools": [{"codeExecution": {}}]}, INVALID),
        (M38, {"tools": [{"urlContext": {}}]}, INVALID),
        (M25, {"tools": [{"googleSearch": {}}, {"functionDeclarations": [{"name": "f"}]}]}, INVALID),
        (M25, {"historyConfig": {"initialHistoryInClientContent": True}}, INVALID),
        (V38, {"historyConfig": {}}, AT_SETUP.format("historyConfig", "")),
        (V25, {"avatarConfig": {"avatarName": "a"}}, INVALID),
        (V38, {"tools": [{"fileSearch": {}}]}, AT_SETUP.format("fileSearch", ".tools[0]")),
        (M31, {"sessionResumption": {"handle": None}}, INVALID),
        (M38, {"realtimeInputConfig": {"activityHandling": "SOMETIMES"}}, INVALID),
        (M38, {"realtimeInputConfig": {"turnCoverage": "SOMETIMES"}}, INVALID),
        (V38, {"realtimeInputConfig": {"turnCoverage": "TURN_INCLUDES_AUDIO_ACTIVITY_AND_ALL_VIDEO"}}, INVALID),
        (M38, {"realtimeInputConfig": {"automaticActivityDetection": {"startOfSpeechSensitivity": "X"}}}, INVALID),
        (M38, {"realtimeInputConfig": {"automaticActivityDetection": {"endOfSpeechSensitivity": "X"}}}, INVALID),
        (M38, {"realtimeInputConfig": {"automaticActivityDetection": {"silenceDurationMs": -1}}}, INVALID),
        (M38, {"realtimeInputConfig": {"automaticActivityDetection": {"prefixPaddingMs": -1}}}, INVALID),
        (M38, {"contextWindowCompression": {"triggerTokens": -1}}, INVALID),
        (M38, {"contextWindowCompression": {"triggerTokens": 10, "slidingWindow": {"targetTokens": 11}}}, INVALID),
        (M38, generation(mediaResolution="HUGE"), INVALID),
        (M38, generation(responseMimeType="application/json"), INVALID),
        (M38, generation(stopSequences=["x"]), INVALID),
        (M38, generation(translationConfig={"targetLanguageCode": "de"}), INVALID),
        (M38, {"systemInstruction": "x" * 600_000}, INVALID),
    ],
)
def test_what_a_model_refuses_is_refused_in_the_services_words_strict_or_not(
    model: str, setup: dict[str, Any], reason: str
) -> None:
    assert refused(model, **setup) == (1007, reason)
    assert classify(1007, reason) is CloseClass.FATAL
    if "Unknown name" not in reason:
        assert refused(model, rules=Rules(strict=False), **setup) == (1007, reason)


@pytest.mark.conformance("S14")
@pytest.mark.parametrize(
    ("model", "entrance", "code", "reason"),
    [
        (
            "models/gemini-2.0-flash-exp",
            Entrance(),
            1008,
            "models/gemini-2.0-flash-exp is not found for API",
        ),
        ("models/local", ON_ALPHA, 1008, "models/local is not found for API version v1alpha, or is not supported for"),
        (V38, Entrance(), 1008, f"{V38} is not found for API version"),
        ("models/gemini-live-2.5-flash", Entrance(), 1008, "models/gemini-live-2.5-flash is not found"),
        (V38.replace("3.8", "2.0"), ON_VERTEX, 1007, "gemini-2.0-live is not supported in the live api."),
        (V38.replace("gemini-3.8-live", "other"), ON_VERTEX, 1008, "Publisher Model `publishers/google/models/other`"),
        (M38, ON_VERTEX, 1008, "Publisher Model `models/gemini-3.8-live` was not found"),
        (f"{V38}-extended-thinking", ON_VERTEX, 1007, "gemini-3.8-live-extended-thinking is not supported in the live"),
        ("", Entrance(), 1007, INVALID),
    ],
)
def test_models_that_are_not_served_here(model: str, entrance: Entrance, code: int, reason: str) -> None:
    came, said = refused(model, entrance=entrance)
    assert (came, said[: len(reason)]) == (code, reason)


def test_a_lenient_server_takes_a_model_it_does_not_know_for_the_usual_one(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        setting = read("models/local", rules=Rules(strict=False))
    assert setting.model == "models/local"
    assert setting.row is find(M38)
    assert caplog.messages == ["a model that is not known is taken for gemini-3.8-live"]


def test_a_bare_name_is_ai_studios() -> None:
    assert read("gemini-3.8-live").row is find(M38)


def test_voices_in_words_where_the_server_allows_them() -> None:
    assert read(rules=Rules(any_voice=True), **generation(**voice("warm-baritone"))).voice == "warm-baritone"


def test_null_for_a_handle_is_none_but_on_3_1() -> None:
    assert read(M38, sessionResumption={"handle": None}).handle is None
    assert read(M25, sessionResumption={"handle": ""}).handle is None


def test_a_real_sample_of_a_voice_is_taken() -> None:
    wav = {"mimeType": "audio/wav", "voiceSampleAudio": "UklGRiQAAABXQVZF"}
    assert read(**generation(speechConfig={"voiceConfig": {"replicatedVoiceConfig": wav}})).voice == "Puck"


@pytest.mark.parametrize(
    ("model", "entrance", "asked", "taken"),
    [
        (M25, ON_ALPHA, True, True),
        (M25, ON_ALPHA, False, False),
        (M38, ON_ALPHA, True, True),
        (M38, ON_ALPHA, False, None),
        (M31, ON_ALPHA, True, None),
        (V38, ON_VERTEX, True, True),
        (V25, ON_VERTEX, True, None),
    ],
)
def test_proactive_audio_by_model(model: str, entrance: Entrance, asked: bool, taken: bool | None) -> None:
    setup: dict[str, Any] = {"proactivity": {"proactiveAudio": asked}}
    if taken is None:
        assert refused(model, entrance=entrance, **setup) == (1007, INVALID)
    else:
        assert read(model, entrance=entrance, **setup).proactive is taken


def test_affective_dialog_by_model() -> None:
    asked = generation(enableAffectiveDialog=True)
    assert not read(M25, entrance=ON_ALPHA, **asked).affective_fails
    assert read(M38, entrance=ON_ALPHA, **asked).affective_fails, "the setup is taken, the first input is not"
    assert refused(M31, entrance=ON_ALPHA, **asked) == (1007, INVALID)


def test_a_model_that_writes_is_not_asked_to_speak() -> None:
    robotics = "models/gemini-robotics-er-2-streaming-preview"
    code, reason = refused(robotics, **generation(responseModalities=["AUDIO"]))
    assert (code, reason.partition(" (AUDIO)")[0]) == (1007, "The requested combination of response modalities")
    assert read(robotics, **generation(responseModalities=["TEXT"])).text_output
    assert read(robotics, generationConfig={}).text_output, "nothing else is possible"


@pytest.mark.parametrize(
    ("row", "platform"),
    [(row, platform) for row in MODELS for platform in (STUDIO, VERTEX) if platform.name in row.platforms],
    ids=lambda each: each.generation if isinstance(each, Model) else each.name,
)
def test_each_model_takes_a_plain_setup_where_it_is_served(row: Model, platform: Platform) -> None:
    name = next(pattern.rstrip("*") for pattern in row.patterns if platform is STUDIO or "live" in pattern)
    setup = generation(thinkingConfig={"thinkingLevel": "LOW"}) if row.thinking_levels else {}
    assert read(platform.model_prefix + name, entrance=Entrance(platform=platform), **setup).row is row


# ------------------------------------------------------------------------------------------------ context updates


def update(tree: dict[str, Any]) -> ContextUpdate:
    message = codec.decode_client(json.dumps({"contextUpdate": tree}))
    assert message.context_update is not None
    return message.context_update


@pytest.mark.conformance("S37")
def test_a_context_update_replaces_what_it_names() -> None:
    setting = read(systemInstruction="old", **functions(f=None))
    changed = setting.updated(update({"systemInstruction": {"parts": [{"text": "new and longer"}]}}))
    assert changed.instruction == "new and longer"
    assert changed.tools == setting.tools
    assert changed.prompt_chars > setting.prompt_chars
    emptied = changed.updated(update({"tools": {"tools": []}}))
    assert (emptied.tools, emptied.instruction) == ((), "new and longer")


@pytest.mark.conformance("S37")
def test_a_context_update_may_be_refused() -> None:
    with pytest.raises(WireError, match="takes no contextUpdate"):
        read(M25).updated(update({"systemInstruction": "new"}))
    deep = read(DEEP, **generation(thinkingConfig={"thinkingLevel": "LOW"}))
    with pytest.raises(WireError, match="BLOCKING function calls"):
        deep.updated(update({"tools": {"tools": [{"functionDeclarations": [{"name": "f", "behavior": "BLOCKING"}]}]}}))
    with pytest.raises(WireError, match="want at most 131072 tokens"):
        read().updated(update({"systemInstruction": "x" * 600_000}))
