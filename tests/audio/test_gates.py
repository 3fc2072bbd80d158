from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vivavoce.audio.gates import DetectorGate, DuplexGate, Gate, GateDecision, TwoTierGate, make_gate
from vivavoce.errors import InputError

FRAME = 512
TAIL = 24_000
Heard = tuple[float, int, bool]

LEVELS = st.one_of(st.floats(0.0, 0.1), st.sampled_from([0.0, 0.01, 0.0100001, 0.03, 0.0300001, 1.0]))
FRAMES: st.SearchStrategy[list[Heard]] = st.lists(
    st.tuples(LEVELS, st.sampled_from([320, FRAME, 640, 4_000]), st.booleans()), max_size=150
)


def feed(gate: Gate, *stretches: tuple[float, float, bool]) -> list[GateDecision]:
    """Steps of whole frames for stretches of (level, seconds, agent audible)."""
    return [
        gate.step(level, FRAME, agent_audible=audible)
        for level, seconds, audible in stretches
        for _ in range(round(seconds * 16_000 / FRAME))
    ]


@given(FRAMES)
def test_two_tier_passes_exactly_what_v3_says(frames: list[Heard]) -> None:
    gate = TwoTierGate()
    since_agent: int | None = None
    for level, samples, audible in frames:
        decision = gate.step(level, samples, agent_audible=audible)
        if audible:
            assert decision == (False, False), "the agent never hears itself"
            since_agent = 0
            continue
        in_tail = since_agent is not None and since_agent < TAIL
        assert decision.passes == (level > (0.03 if in_tail else 0.01))
        since_agent = None if since_agent is None else since_agent + samples


def test_two_tier_hears_a_caller_of_ordinary_level_and_not_the_room() -> None:
    gate = TwoTierGate()
    assert all(d == (False, False) for d in feed(gate, (0.009, 2.0, False)))
    spoken = feed(gate, (0.06, 0.32, False))
    assert [d.speaking for d in spoken] == [False, False] + [True] * 8
    assert all(d.passes for d in spoken)


def test_two_tier_holds_the_decay_of_the_agents_voice_back_for_a_second_and_a_half() -> None:
    gate = TwoTierGate()
    feed(gate, (0.06, 1.0, True))
    after = feed(gate, (0.02, 2.0, False))
    assert sum(not d.passes for d in after) == 47, "46.9 frames of 32 ms make 1.5 s"
    assert after[-1].speaking


@given(FRAMES)
def test_duplex_passes_all_when_the_agent_is_silent_and_only_speech_over_it(frames: list[Heard]) -> None:
    gate = DuplexGate()
    for level, samples, audible in frames:
        decision = gate.step(level, samples, agent_audible=audible)
        assert decision.passes == (decision.speaking if audible else True)


@given(FRAMES)
def test_duplex_speech_over_the_agent_takes_190_ms_above_003(frames: list[Heard]) -> None:
    gate = DuplexGate()
    loud_over_agent = 0
    was_speaking = False
    for level, samples, audible in frames:
        decision = gate.step(level, samples, agent_audible=audible)
        loud_over_agent = loud_over_agent + samples * (level > 0.03) if audible else 0
        if audible and decision.speaking and not was_speaking:
            assert loud_over_agent >= 3_040
        was_speaking = decision.speaking


@given(st.lists(st.tuples(st.floats(0.0, 0.01), st.sampled_from([320, FRAME, 640, 4_000]), st.booleans()), max_size=50))
def test_duplex_speech_ends_after_half_a_second_below_and_not_before(frames: list[Heard]) -> None:
    gate = DuplexGate()
    feed(gate, (0.002, 1.0, False), (0.08, 0.5, False))
    quiet = 0
    for level, samples, audible in frames:
        quiet += samples
        assert gate.step(level, samples, agent_audible=audible).speaking == (quiet < 8_000)


def test_duplex_hears_a_barge_in_and_not_what_is_left_of_the_echo() -> None:
    gate = DuplexGate()
    assert not any(d.speaking for d in feed(gate, (0.004, 3.0, False), (0.02, 3.0, True)))
    barge = feed(gate, (0.08, 0.32, True))
    assert [d.passes for d in barge] == [False] * 5 + [True] * 5
    assert feed(gate, (0.004, 0.192, False))[-1].speaking
    assert not feed(gate, (0.004, 0.032, False))[-1].speaking, "short as a cough: over after 200 ms of quiet"


def test_duplex_gives_an_interruption_that_goes_on_its_pauses() -> None:
    gate = DuplexGate()
    feed(gate, (0.004, 3.0, False), (0.02, 3.0, True), (0.08, 0.32, True), (0.08, 0.6, False))
    assert feed(gate, (0.004, 0.48, False))[-1].speaking, "15 frames are 480 ms"
    assert not feed(gate, (0.004, 0.032, False))[-1].speaking


def test_duplex_takes_neither_steady_noise_nor_clicks_for_speech() -> None:
    noisy = DuplexGate()
    feed(noisy, (0.025, 3.5, False))
    assert not feed(noisy, (0.04, 1.0, False))[-1].speaking, "less than twice the floor"
    assert feed(noisy, (0.08, 0.2, False))[-1].speaking
    clicks = DuplexGate()
    assert not any(d.speaking for d in feed(clicks, *[(0.3, 0.032, False), (0.002, 0.064, False)] * 30))


def test_duplex_speech_survives_the_closures_inside_words() -> None:
    gate = DuplexGate()
    feed(gate, (0.003, 1.0, False))
    assert feed(gate, (0.08, 0.064, False), (0.003, 0.032, False), (0.08, 0.064, False))[-1].speaking


def test_what_was_loud_before_the_agent_does_not_count_over_it() -> None:
    gate = DuplexGate()
    feed(gate, (0.002, 1.0, False), (0.05, 0.064, False))
    assert not feed(gate, (0.05, 0.16, True))[-1].speaking


def test_a_caller_who_was_speaking_is_not_cut_off_by_the_agent_starting() -> None:
    gate = DuplexGate()
    feed(gate, (0.002, 1.0, False), (0.08, 0.5, False))
    assert all(d.passes for d in feed(gate, (0.08, 0.5, True)))


def test_duplex_takes_a_doubt_and_one_frame_that_agrees_for_speech() -> None:
    gate = DuplexGate()
    feed(gate, (0.015, 3.0, False), (0.015, 1.0, True))
    assert not any(d.speaking for d in feed(gate, (0.028, 1.0, True))), "too soft over the agent for the gate alone"
    gate.doubt()
    assert not feed(gate, (0.018, 0.064, True))[-1].speaking, "no more than the room"
    assert feed(gate, (0.028, 0.032, True))[-1] == (True, True)


def test_a_doubt_that_nothing_agrees_with_passes() -> None:
    gate = DuplexGate()
    feed(gate, (0.015, 3.0, False), (0.015, 1.0, True))
    gate.doubt()
    assert not any(d.speaking for d in feed(gate, (0.015, 0.352, True), (0.028, 1.0, True)))


def test_duplex_a_cough_for_which_the_agent_was_held_is_over_as_soon() -> None:
    gate = DuplexGate()
    feed(gate, (0.004, 3.0, False), (0.02, 3.0, True))
    gate.doubt()
    assert feed(gate, (0.08, 0.032, True))[-1].speaking
    assert feed(gate, (0.08, 0.256, False), (0.004, 0.192, False))[-1].speaking, "held: the agent is silent"
    assert not feed(gate, (0.004, 0.032, False))[-1].speaking, "within 450 ms, or the reply would be cut"


@given(FRAMES)
def test_detector_opens_over_the_agent_for_a_doubt_and_nothing_else(frames: list[Heard]) -> None:
    gate = DetectorGate()
    since_agent = DetectorGate.TAIL_SAMPLES
    was_speaking = False
    for level, samples, audible in frames:
        before = since_agent
        decision = gate.step(level, samples, agent_audible=audible)
        since_agent = 0 if audible else since_agent + samples
        if since_agent >= DetectorGate.TAIL_SAMPLES:
            assert decision.passes
        elif not decision.speaking:
            assert not decision.passes
        elif before == 0 and audible:
            assert was_speaking, "nothing has said that it is the caller"
        was_speaking = decision.speaking


def test_detector_hears_an_interruption_and_withholds_what_rings_on() -> None:
    gate = DetectorGate()
    feed(gate, (0.004, 3.0, False))
    assert not any(d.passes for d in feed(gate, (0.1, 3.0, True), (0.08, 0.576, False)))
    assert feed(gate, (0.004, 0.064, False))[-1] == (True, False)
    feed(gate, (0.1, 2.0, True))
    gate.doubt()
    assert all(d == (True, True) for d in feed(gate, (0.1, 0.032, True), (0.08, 1.0, False)))


def test_two_tier_hears_nobody_over_the_agent_whoever_doubts() -> None:
    gate = TwoTierGate()
    feed(gate, (0.004, 1.0, True))
    gate.doubt()
    assert not any(d.passes for d in feed(gate, (0.2, 1.0, True)))


def test_gates_are_made_by_name() -> None:
    assert isinstance(make_gate("detector"), DetectorGate)
    assert isinstance(make_gate("two-tier"), TwoTierGate)
    assert isinstance(make_gate("duplex"), DuplexGate)
    with pytest.raises(InputError, match=r"got 'two-teir'; did you mean two-tier\?"):
        make_gate("two-teir")
