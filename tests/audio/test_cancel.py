"""The echo canceller in simulated rooms: modest floors, since the sounds are short; the bench has the figures."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.audio.rooms import Sound, heard, noise, pcm, room, voice
from vivavoce.audio.cancel import Canceller, Cleaned, KalmanCanceller
from vivavoce.audio.kalman import BLOCK, KalmanFilter
from vivavoce.audio.pcm import CALLER_HZ, Pcm16
from vivavoce.errors import AudioShapeError

FRAME = 512
LATE = KalmanCanceller.latency_samples


def run(canceller: Canceller, mic: Pcm16, far: Pcm16, *, missing: bool = False) -> list[Cleaned]:
    frames = [slice(at, at + FRAME) for at in range(0, mic.size - FRAME + 1, FRAME)]
    return [canceller.process(mic[frame], far[frame], missing=missing) for frame in frames]


def sound_of(frames: list[Cleaned]) -> Sound:
    return np.concatenate([frame.pcm for frame in frames]).astype(float)[LATE:] / 32_768


def loss_db(before: Sound, after: Sound) -> float:
    size = min(before.size, after.size)
    return float(10 * np.log10(np.sum(before[:size] ** 2) / np.sum(after[:size] ** 2)))


@pytest.fixture(scope="module")
def taught() -> tuple[Sound, Sound]:
    """Eight seconds of the agent, and the echo of it in a room."""
    far = voice(8.0, seed=1)
    return far, heard(far, room(seed=2))


def test_the_agent_is_taken_out_of_the_microphone(taught: tuple[Sound, Sound]) -> None:
    far, echo = taught
    canceller = KalmanCanceller()
    out = sound_of(run(canceller, pcm(echo + noise(echo.size, 0.001, seed=3)), pcm(far)))
    assert canceller.warm
    assert canceller.resets == {}
    assert loss_db(echo[4 * CALLER_HZ :], out[4 * CALLER_HZ :]) > 20


@pytest.mark.parametrize("delay_s", [0.0, 0.04, 0.15, 0.3])
def test_the_delay_is_found(delay_s: float) -> None:
    far = voice(4.0, seed=4)
    canceller = KalmanCanceller()
    run(canceller, pcm(heard(far, room(seed=5, delay_s=delay_s)) + noise(far.size, 0.005, seed=6)), pcm(far))
    assert canceller.delay_samples == pytest.approx(delay_s * CALLER_HZ, abs=16)


def test_who_speaks_over_the_agent_is_kept(taught: tuple[Sound, Sound]) -> None:
    far, echo = taught
    near = np.zeros(far.size)
    near[5 * CALLER_HZ :] = voice(3.0, seed=7, level=0.05, pitch_hz=210.0)
    canceller = KalmanCanceller()
    frames = run(canceller, pcm(echo + near + noise(far.size, 0.002, seed=8)), pcm(far))
    out = sound_of(frames)
    begin = 5 * CALLER_HZ
    kept = near[begin : out.size]
    assert loss_db(kept, out[begin:] - kept) > 6, "what came out is the caller, with little else"
    assert abs(loss_db(kept, out[begin:])) < 2, "at about their level"
    levels = np.array([frame.level for frame in frames])
    alone, together = levels[3 * CALLER_HZ // FRAME : 5 * CALLER_HZ // FRAME], levels[-2 * CALLER_HZ // FRAME :]
    assert np.percentile(alone, 95) < 0.012 < np.percentile(together, 50), "the level tells one from the other"
    assert canceller.resets == {}, "a caller is no change of the room"


def test_another_path_is_learnt_after_a_reset_with_a_reason(taught: tuple[Sound, Sound]) -> None:
    far, echo = taught
    moved = heard(far, room(seed=9, delay_s=0.11))
    canceller = KalmanCanceller()
    run(canceller, pcm(echo), pcm(far))
    run(canceller, pcm(moved), pcm(far))
    assert set(canceller.resets) <= {"path changed", "diverged"}
    assert canceller.resets
    out = sound_of(run(canceller, pcm(moved), pcm(far)))
    assert loss_db(moved[CALLER_HZ:], out[CALLER_HZ:]) > 15


def test_while_it_learns_anew_it_is_not_warm(taught: tuple[Sound, Sound]) -> None:
    far, echo = taught
    canceller = KalmanCanceller()
    run(canceller, pcm(echo), pcm(far))
    moved = pcm(heard(far, room(seed=9, delay_s=0.11)))
    for at in range(0, moved.size, FRAME):
        canceller.process(moved[at : at + FRAME], pcm(far)[at : at + FRAME])
        if canceller.resets:
            break
    assert not canceller.warm


def test_a_muted_or_missing_microphone_teaches_nothing(taught: tuple[Sound, Sound]) -> None:
    far, echo = taught
    canceller = KalmanCanceller()
    run(canceller, pcm(echo), pcm(far))
    run(canceller, np.zeros(4 * CALLER_HZ, np.int16), pcm(far)[: 4 * CALLER_HZ])
    run(canceller, np.zeros(4 * CALLER_HZ, np.int16), pcm(far)[: 4 * CALLER_HZ], missing=True)
    again = sound_of(run(canceller, pcm(echo)[: 2 * CALLER_HZ], pcm(far)[: 2 * CALLER_HZ]))
    assert loss_db(echo[CALLER_HZ : again.size], again[CALLER_HZ:]) > 15


def test_without_an_agent_the_microphone_comes_out_as_it_went_in() -> None:
    mic = pcm(voice(1.0, seed=10))
    frames = run(KalmanCanceller(), mic, np.zeros_like(mic))
    out = np.concatenate([frame.pcm for frame in frames])
    np.testing.assert_allclose(out[LATE:], mic[: out.size - LATE], atol=1)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(0, 3_000), min_size=1, max_size=12))
def test_it_does_not_matter_how_the_sound_is_cut(lengths: list[int]) -> None:
    far, mic = pcm(voice(1.0, seed=11)), pcm(voice(1.0, seed=12))
    whole = KalmanCanceller().process(mic, far).pcm
    pieces = KalmanCanceller()
    at, out = 0, []
    for length in [*lengths, mic.size]:
        piece = slice(at, at + length)
        cleaned = pieces.process(mic[piece], far[piece])
        assert cleaned.pcm.size == mic[piece].size
        out.append(cleaned.pcm)
        at += length
    np.testing.assert_array_equal(np.concatenate(out), whole)


RUBBISH: dict[str, tuple[Sound, Sound]] = {
    "silence": (np.zeros(CALLER_HZ), np.zeros(CALLER_HZ)),
    "both clipped": (np.sign(voice(1.0, seed=13)) * 2, np.sign(voice(1.0, seed=14)) * 2),
    "loud against nothing": (np.zeros(CALLER_HZ), noise(CALLER_HZ, 1.0, seed=15)),
    "nothing against loud": (noise(CALLER_HZ, 1.0, seed=16), np.zeros(CALLER_HZ)),
    "one sample": (np.eye(1, CALLER_HZ, 5)[0], np.eye(1, CALLER_HZ)[0]),
    "constant": (np.full(CALLER_HZ, -1.0), np.full(CALLER_HZ, 1.0)),
    "a tone": (0.5 * np.sin(np.arange(CALLER_HZ)), 0.5 * np.sin(np.arange(CALLER_HZ))),
}


@pytest.mark.parametrize("kind", RUBBISH)
def test_after_rubbish_it_learns_like_a_new_one(kind: str, taught: tuple[Sound, Sound]) -> None:
    mic, far = RUBBISH[kind]
    canceller = KalmanCanceller()
    for frame in run(canceller, pcm(mic), pcm(far)):
        assert frame.pcm.shape == (FRAME,)
        assert np.isfinite(frame.level)
        assert 0 <= frame.level <= 2
    played, echo = taught
    out = sound_of(run(canceller, pcm(echo), pcm(played)))
    assert loss_db(echo[5 * CALLER_HZ :], out[5 * CALLER_HZ :]) > 12


def test_a_filter_that_overflows_starts_anew() -> None:
    canceller = KalmanCanceller()
    far = pcm(voice(2.0, seed=17))
    run(canceller, far, far)
    canceller._filter._weights[:] = np.nan
    run(canceller, far, far)
    assert canceller.resets["not finite"] == 1
    assert np.isfinite(canceller._filter._weights).all()


def test_a_filter_that_makes_things_worse_starts_anew(taught: tuple[Sound, Sound]) -> None:
    far, echo = taught
    canceller = KalmanCanceller()
    run(canceller, pcm(echo)[:CALLER_HZ], pcm(far)[:CALLER_HZ])
    canceller._filter._weights *= 50
    canceller._filter._variance[:] = 0  # and is sure of itself
    run(canceller, pcm(echo), pcm(far))
    assert canceller.resets


def test_what_was_learnt_moves_with_the_window() -> None:
    learnt = KalmanFilter()
    learnt._weights[:] = np.arange(16)[:, None]
    learnt.look_from(3)
    assert learnt._weights[:, 0].real.tolist() == [*range(3, 16), 0, 0, 0]
    learnt.look_from(1)
    assert learnt._weights[:, 0].real.tolist() == [0, 0, *range(3, 16), 0]
    learnt.look_from(999)
    assert not learnt._weights.any()
    assert BLOCK == 256


@pytest.mark.parametrize(
    ("mic", "far"),
    [
        (np.zeros(512, np.int16), np.zeros(511, np.int16)),
        (np.zeros((2, 512), np.int16), np.zeros((2, 512), np.int16)),
        (np.zeros(512, np.float32), np.zeros(512, np.int16)),
    ],
)
def test_other_shapes_are_refused(mic: Pcm16, far: Pcm16) -> None:
    with pytest.raises(AudioShapeError, match=r"want microphone and far end of the same shape \(n,\) int16, got"):
        KalmanCanceller().process(mic, far)
