"""Layers of settings: whatever each layer says, result and sources are those of a plain reading of the rules."""

from __future__ import annotations

from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.agents.samples import SAMPLES
from vivavoce.agents import AgentFileError, load
from vivavoce.agents.callsettings import (
    IN_AGENT_FILE,
    LAYERS,
    RULES,
    CallSettings,
    Layer,
    as_run,
    checked,
    choices_of,
    decided,
    onset_ms,
    pace_in_force,
    pause_ms,
    read_resolved,
    resolve,
    wanted,
    wishes_of,
)
from vivavoce.errors import InputError

VALUES: dict[str, st.SearchStrategy[Any]] = {
    "pace": st.sampled_from(["interview", "casual"]),
    "silence_ms": st.integers(0, 10_000),
    "sensitivity": st.sampled_from(["", "low", "medium", "high"]),
    "gate": st.sampled_from(["auto", "two-tier", "duplex"]),
    "canceller": st.sampled_from(["off", "kalman", "aec3"]),
    "mode": st.sampled_from(["voice", "text"]),
    "language": st.sampled_from(["", "de", "pt-BR"]),
    "record": st.sampled_from(["always", "ask", "never"]),
    "minutes": st.floats(0.5, 240),
    "idle_s": st.floats(5, 600),
    "turns": st.integers(1, 500),
    "tokens": st.integers(100, 10**9),
    "keep_audio_days": st.floats(0, 900),
    "keep_transcript_days": st.floats(0, 900),
    "keep_facts_days": st.floats(0, 900),
    "fillers": st.sampled_from(["on", "off"]),
    "filler_after_s": st.floats(0.2, 30),
    "tool_timeout_s": st.floats(0.5, 300),
    "ahead_s": st.floats(0.2, 30),
    "ring_s": st.floats(5, 120),
    "backend_model": st.sampled_from(["", "some-model"]),
    "prompt": st.sampled_from(["", "2", "1:50 2:50"]),
}


def said_by(layer: Layer) -> st.SearchStrategy[dict[str, Any]]:
    names = [name for name, rule in RULES.items() if layer == "server" or layer in rule.layers]
    return st.fixed_dictionaries({}, optional={name: VALUES[name] for name in names})


def rank(name: str, value: Any) -> float:
    """How strict a value is, higher being stricter."""
    if RULES[name].strictness:
        return RULES[name].strictness.index(value)
    return float("-inf") if value is None else -float(value)


# The booking's layer is left out: it may not say everything, which has a test of its own.
@given(st.fixed_dictionaries({layer: said_by(layer) for layer in ("server", "agent", "caller")}))
def test_the_result_and_its_sources(layers: dict[Layer, dict[str, Any]]) -> None:
    resolved = resolve(layers)
    for name, rule in RULES.items():
        value, source = getattr(resolved.settings, name), resolved.sources[name]
        said: list[tuple[Layer, Any]] = [("package", getattr(CallSettings(), name))]
        for layer in LAYERS:
            found = layers.get(layer, {})
            if name in found:
                said.append((layer, found[name]))
            elif any(name in RULES[other].resets for other in found):
                said.append((layer, getattr(CallSettings(), name)))
        if rule.tightens:
            strictest = max(rank(name, each) for _, each in said)
            first = next(layer for layer, each in said if rank(name, each) == strictest)
            assert (rank(name, value), source) == (strictest, first)
        else:
            assert (source, value) == said[-1]
    assert read_resolved(msgspec.json.decode(msgspec.json.encode(resolved.told()))) == resolved


@given(said_by("server"), said_by("agent"), said_by("call"))
def test_a_booking_gets_what_it_wishes_or_is_told(
    server: dict[str, Any], agent: dict[str, Any], call: dict[str, Any]
) -> None:
    above = resolve({"server": server, "agent": agent})
    loosens = [
        name
        for name, value in call.items()
        if RULES[name].tightens and rank(name, value) < rank(name, getattr(above.settings, name))
    ]
    if loosens:
        with pytest.raises(InputError, match=f"^({'|'.join(loosens)}): want .*decided by the"):
            decided(above, "call", call)
    else:
        got = decided(above, "call", call).settings
        assert {name: getattr(got, name) for name in call} == call


def test_a_caller_does_not_loosen() -> None:
    booked = resolve({"call": {"mode": "text"}})
    assert decided(booked, "caller", {"mode": "voice"}) == booked


def test_a_pace_brings_its_own_silence() -> None:
    layers: dict[Layer, dict[str, Any]] = {"server": {"silence_ms": 700}, "agent": {"pace": "casual"}}
    assert pause_ms(resolve(layers).settings) == 1000
    layers["agent"]["silence_ms"] = 900
    assert pause_ms(resolve(layers).settings) == 900
    assert pause_ms(resolve({"server": {"silence_ms": 700}}).settings) == 700


@pytest.mark.parametrize(("preset", "onset", "pause"), [("low", 75, 350), ("medium", 50, 330), ("high", 40, 300)])
def test_a_sensitivity_is_an_onset_and_a_pause(preset: str, onset: int, pause: int) -> None:
    settings = resolve({"agent": {"sensitivity": preset}}).settings
    assert (onset_ms(settings), pause_ms(settings)) == (onset, pause)
    assert pace_in_force(settings) == "", "that is not how long an interview waits"
    assert pause_ms(resolve({"agent": {"sensitivity": preset, "silence_ms": 900}}).settings) == 900
    casual = resolve({"agent": {"sensitivity": preset, "pace": "casual"}})
    assert pace_in_force(casual.settings) == "casual"
    patient = decided(casual, "caller", {"pace": "interview"}).settings
    assert (onset_ms(patient), pause_ms(patient)) == (None, 2500), "who takes their time gets it"


def test_without_a_preset_speech_begins_where_the_model_says() -> None:
    settings = resolve({}).settings
    assert onset_ms(settings) is None
    assert pace_in_force(settings) == settings.pace
    assert pace_in_force(resolve({"agent": {"silence_ms": 900}}).settings) == ""


@pytest.mark.parametrize(
    ("name", "value", "layer", "problem"),
    [
        ("pase", "casual", "call", "want a setting of a call, got 'pase'; did you mean pace"),
        ("pace", "casul", "call", "pace: want one of interview, casual, got 'casul'; did you mean casual"),
        ("pace", ["casual"], "call", "pace: want one of"),
        ("minutes", "ten", "call", "minutes: want a number above 0 to 1,440, got 'ten'"),
        ("minutes", float("nan"), "call", "minutes: want a number"),
        ("minutes", True, "call", "minutes: want a number"),
        ("turns", 10**40, "call", "turns: want a whole number"),
        ("silence_ms", 10_001, "agent", "silence_ms: want a whole number from 0 to 10,000"),
        ("language", "../etc", "call", "language: want a language tag"),
        ("prompt", "1 2:50", "call", "prompt: want a version such as 2, or a split"),
        ("backend_model", "dear", "call", "want it from the server or agent, got it from the call"),
        ("record", "never", "caller", "want it from the server or agent or call, got it from the caller"),
    ],
)
def test_what_does_not_hold_is_told(name: str, value: Any, layer: Layer, problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        checked(name, value, layer)


def test_a_version_may_be_a_number() -> None:
    assert checked("prompt", 2, "call") == "2"


def test_a_call_of_an_older_version_is_read() -> None:
    old = read_resolved({"pace": {"value": "casual", "source": "agent"}, "gone": {"value": 1, "source": "agent"}})
    assert (old.settings.pace, old.sources["pace"], old.sources["prompt"]) == ("casual", "agent", "package")


def test_the_table_knows_every_setting() -> None:
    assert set(RULES) == set(CallSettings.__struct_fields__) == set(VALUES)
    for name, rule in RULES.items():
        assert all(layer in get_args(Layer)[2:] for layer in rule.layers)
        assert set(rule.resets) <= set(RULES)
        assert not rule.strictness or set(rule.strictness) == set(choices_of(name))
        assert wanted(name)


def test_an_agent_file_says_what_it_decides() -> None:
    source = SAMPLES["founder"] + "settings: {pace: casual, prompt: 2, fillers: off, ahead_s: 1.5}\n"
    file = load(source)
    assert file.spec.settings == {"pace": "casual", "prompt": "2", "fillers": "off", "ahead_s": 1.5}
    assert file.dump() == source
    assert wishes_of(file.spec)["minutes"] == 35
    assert wishes_of(file.spec)["keep_audio_days"] == 30
    assert set(wishes_of(file.spec)) <= set(RULES)
    with pytest.raises(AgentFileError, match=r"settings\.pase: want one of pace, .* did you mean pace"):
        load(SAMPLES["founder"] + "settings: {pase: casual}\n")
    with pytest.raises(AgentFileError, match=r"settings\.pace: want one of interview, casual, got a list"):
        load(SAMPLES["founder"] + "settings: {pace: [casual]}\n")
    assert "minutes" not in IN_AGENT_FILE, "`limits` says it"


def test_the_agent_as_it_is_run() -> None:
    spec = load(SAMPLES["founder"]).spec
    chosen = resolve(
        {"server": {"minutes": 10, "record": "never"}, "agent": wishes_of(spec), "call": {"language": "en"}}
    )
    run = as_run(spec, chosen.settings)
    assert (run.limits.minutes, run.limits.turns, run.consent.record, run.languages) == (10, 140, "never", ("en",))
    assert run.objectives is spec.objectives
    listed = msgspec.structs.replace(spec, languages=("en", "de"))
    with pytest.raises(InputError, match="language: want one of en, de, got 'fr'"):
        as_run(listed, resolve({"call": {"language": "fr"}}).settings)
    assert as_run(spec, resolve({"agent": wishes_of(spec)}).settings) == spec


def test_literal_defaults_are_among_the_choices() -> None:
    for name in RULES:
        if choices := choices_of(name):
            assert getattr(CallSettings(), name) in choices


def test_sound_that_is_kept_for_no_day_is_not_asked_for() -> None:
    spec = load(SAMPLES["founder"]).spec
    assert spec.consent.record == "ask"
    chosen = resolve({"server": {"keep_audio_days": 0}, "agent": wishes_of(spec)})
    assert (chosen.settings.keep_audio_days, chosen.sources["keep_audio_days"]) == (0, "server")
    assert as_run(spec, chosen.settings).consent.record == "never"
