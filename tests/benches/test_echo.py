"""The bench of gates in simulated rooms: its rooms, its levels, its scores, and a brief run of all of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from bench.echo import __main__ as command
from bench.echo import detector, results, rooms
from bench.echo.gates import CONTENDERS, Detected
from bench.echo.levels import activity, block_levels, runs, speech_level
from bench.echo.score import Score, play
from bench.echo.talk import QUIET, Burst, Setting, Talk, write
from bench.echo.voices import AGENT_SAYS, AGENTS, CALLERS, SHORT, Voices

from vivavoce.audio.gates import GateDecision
from vivavoce.audio.pcm import CALLER_HZ, FRAME_SAMPLES, Pcm16
from vivavoce.errors import MissingError

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "echo.md"
FRAMES_A_SECOND = CALLER_HZ / FRAME_SAMPLES

needs_node = pytest.mark.skipif(bool(detector.missing()), reason=detector.missing() or "it is there")


# ------------------------------------------------------------------------------------------------------------ rooms


@pytest.mark.parametrize("seed", range(6))
def test_a_room_decays_as_eyring_says(seed: int) -> None:
    room = rooms.make_room(np.random.default_rng(seed))
    assert rooms.decay_time(room.loudspeaker) == pytest.approx(room.decay_s, rel=0.2)
    assert rooms.decay_time(room.caller) == pytest.approx(room.decay_s, rel=0.2)


def test_the_first_sound_of_a_room_comes_when_its_distance_says() -> None:
    rng = np.random.default_rng(0)
    size = np.array([4.0, 3.0, 2.5])
    impulse = rooms.response(size, 0.4, np.array([1.0, 1.0, 1.0]), np.array([2.715, 1.0, 1.0]), rng)
    assert np.argmax(np.abs(impulse)) == pytest.approx(1.715 / 343.0 * CALLER_HZ, abs=1)
    assert np.abs(impulse).max() == pytest.approx(1 / 1.715, rel=0.1)


def test_walls_of_a_room_that_decays_sooner_give_less_back() -> None:
    size = np.array([4.0, 3.0, 2.5])
    # by hand: 24 ln 10 / 343 · 30 m³ / (59 m² · 0.4 s) = 0.2048 nepers of power at each wall
    assert rooms.reflectance(size, 0.4) == pytest.approx(np.exp(-0.2048 / 2), abs=1e-4)
    assert rooms.reflectance(size, 0.2) == pytest.approx(rooms.reflectance(size, 0.4) ** 2)


def test_noise_is_as_loud_as_asked_and_pink() -> None:
    noise = rooms.room_noise(10 * CALLER_HZ, 0.015, np.random.default_rng(1))
    assert noise.std() == pytest.approx(0.015, rel=0.01)
    power = np.abs(np.fft.rfft(noise)) ** 2
    hz = np.fft.rfftfreq(noise.size, 1 / CALLER_HZ)
    octaves = [power[(hz >= low) & (hz < 2 * low)].sum() for low in (300, 600, 1200, 2400)]
    assert max(octaves) / min(octaves) < 1.5


def test_a_loudspeaker_compresses_and_has_no_bass() -> None:
    seconds = np.arange(CALLER_HZ) / CALLER_HZ
    mid, low = (np.sin(2 * np.pi * hz * seconds) for hz in (1000, 40))
    assert rooms.radiate(0.01 * mid).std() == pytest.approx(0.01 / np.sqrt(2), rel=0.1)
    assert rooms.radiate(mid).std() < 0.6 * mid.std()
    assert rooms.radiate(0.1 * low).std() < 0.1 * (0.1 * low).std()


# ----------------------------------------------------------------------------------------------------------- levels


def test_activity_is_where_the_sound_is_with_short_gaps_closed() -> None:
    tone = 0.1 * np.sin(2 * np.pi * 300 * np.arange(CALLER_HZ) / CALLER_HZ)
    sound = np.zeros(3 * CALLER_HZ)
    sound[8_000:16_000] = tone[:8_000]
    sound[17_600:24_000] = tone[:6_400]  # 100 ms later
    sound[32_000:32_160] = 0.1  # a click
    assert runs(activity(sound)) == [(50, 150)]
    assert speech_level(sound) == pytest.approx(0.1 / np.sqrt(2) * np.sqrt(0.9), rel=0.02)
    assert speech_level(np.zeros(0)) == 0.0


@pytest.fixture(scope="module")
def voices() -> Iterator[Voices]:
    try:
        made = Voices()
    except MissingError as error:
        pytest.skip(str(error))
    yield made
    made.close()


@pytest.fixture(scope="module")
def talk(voices: Voices) -> Talk:
    return write(20_000, voices, Setting())


def test_a_conversation_has_the_levels_it_says(talk: Talk, voices: Voices) -> None:
    echo_level, caller_level = talk.levels
    first = slice(0, talk.first_turn_ends + CALLER_HZ)
    assert speech_level(talk.echo[first]) == pytest.approx(echo_level, rel=0.25)
    spoken = np.repeat(talk.active, 160)[: talk.echo.size]
    near = talk._near[: spoken.size][spoken[: talk._near.size]]
    assert np.sqrt((near**2).mean()) == pytest.approx(np.hypot(caller_level, talk.noise_level), rel=0.35)
    cancelled = write(20_000, voices, Setting(cancelled_db=25.0))
    assert np.abs(cancelled.echo).max() == pytest.approx(np.abs(talk.echo).max() * 10 ** (-25 / 20), rel=0.01)
    assert np.array_equal(cancelled._near, talk._near), "the same conversation but for the echo"
    quiet = write(20_000, voices, Setting(noise=QUIET))
    assert QUIET[0] <= quiet.noise_level <= QUIET[1]


def test_one_seed_is_one_conversation(talk: Talk, voices: Voices) -> None:
    again = write(20_000, voices, Setting())
    assert np.array_equal(again.echo, talk.echo)
    assert again.bursts == talk.bursts
    assert write(20_001, voices, Setting()).bursts != talk.bursts


def test_a_cut_silences_the_agent_and_its_echo_and_nothing_else(talk: Talk) -> None:
    cut = talk.fresh()
    at = cut._turns[0].start + 2 * CALLER_HZ
    ends = cut.first_turn_ends
    cut.cut(at)
    assert not cut.far[at + 100 : ends].any()
    assert np.allclose(cut.far[: at - 1], talk.far[: at - 1])
    gone = slice(at + cut.delay + CALLER_HZ // 2, ends)
    assert np.abs(cut.echo[gone]).max() < 1e-3 * np.abs(talk.echo).max()
    assert np.allclose(cut.echo[ends + CALLER_HZ :], talk.echo[ends + CALLER_HZ :], atol=1e-9)
    assert cut.agent_plays(at // FRAME_SAMPLES - 1)
    assert not cut.agent_plays(at // FRAME_SAMPLES + 1)
    assert np.array_equal(talk.fresh().far, talk.far), "the other gates hear it whole"


def test_a_hold_ends(talk: Talk) -> None:
    held = talk.fresh()
    at = held._turns[0].start + 2 * CALLER_HZ
    held.hold(at, on=True)
    assert not held.far[at + 100 : at + 8_000].any()
    held.hold(at + 8_000, on=False)
    assert not held.far[at + 100 : at + 7_999].any()
    assert np.array_equal(held.far[at + 8_200 :], talk.far[at + 8_200 :])


def test_callers_are_heard_in_every_voice(voices: Voices) -> None:
    for voice in CALLERS:
        assert all(activity(voices.caller(text, voice, 170)).sum() >= 15 for text in SHORT)
    assert min(voices.agent(AGENT_SAYS[0], agent).size for agent in AGENTS) > 3.5 * CALLER_HZ


# ------------------------------------------------------------------------------------------------------------ scores


class Scripted:
    """A gate that is open in these seconds."""

    preroll_samples = 2 * FRAME_SAMPLES

    def __init__(self, *spans: tuple[float, float]) -> None:
        self._spans = spans
        self._frame = 0

    def step(self, mic: Pcm16, far: Pcm16, agent_playing: bool) -> GateDecision:
        self._frame += 1
        now = self._frame / FRAMES_A_SECOND
        open_ = any(begins <= now < ends for begins, ends in self._spans)
        return GateDecision(open_, open_)

    def close(self) -> None:
        pass


def made(*bursts: Burst, says: tuple[float, float] = (2.0, 6.0)) -> Talk:
    """Twelve seconds: the agent speaks in some, echoes 100 ms later at a third; the caller as the bursts say."""
    near = np.full(12 * CALLER_HZ, 1e-4)
    active = np.zeros(1200, bool)
    for burst in bursts:
        near[burst.first * 160 : burst.last * 160] = 0.05
        if burst.kind != "cough":
            active[burst.first : burst.last] = True
    said = np.full(round((says[1] - says[0]) * CALLER_HZ), 0.1)
    return Talk(
        levels=(0.03, 0.05), bursts=list(bursts), near=near, active=active, noise_level=1e-4, delay=1600,
        says=[(round(says[0] * CALLER_HZ), said)], heard=lambda played: 0.3 * played,
    )  # fmt: skip


def counted(talk: Talk, *spans: tuple[float, float]) -> Score:
    return play(talk, Scripted(*spans))


def test_a_gate_that_opens_over_the_agent_alone_is_a_phantom() -> None:
    score = counted(made(), (3.0, 3.5), (3.6, 3.8), (5.0, 5.2))
    assert score.counts["phantoms"] == 2, "one within a second of another is the same"
    assert score.counts["phantoms in the first turn"] == 2
    assert score.counts["ghosts"] == 0


def test_a_gate_that_opens_in_silence_is_a_ghost() -> None:
    score = counted(made(), (8.0, 8.1), (9.0, 9.3), (11.0, 11.5))
    assert score.counts["ghosts"] == 2, "one of 100 ms is no turn"
    assert score.counts["phantoms"] == 0


def test_an_interruption_that_is_caught_cuts_the_agent() -> None:
    talk = made(Burst(300, 400, "interruption"))
    score = counted(talk, (3.2, 4.1))
    assert score.counts["interruptions caught"] == score.counts["interruptions"] == 1
    assert score.delays_ms == [pytest.approx(200, abs=33)]
    assert score.counts["interruptions that cut"] == score.counts["interruptions that go on"] == 1
    assert not talk.agent_plays(round(3.6 * FRAMES_A_SECOND)), "120 ms after it was heard"
    assert score.counts["phantoms"] == 0
    assert score.counts["interruption frames lost"] <= 5, "200 ms less the pre-roll"


def test_an_interruption_that_nobody_hears_is_none() -> None:
    talk = made(Burst(300, 400, "interruption"))
    score = counted(talk)
    assert score.counts["interruptions caught"] == 0
    assert score.counts["interruption frames lost"] == score.counts["interruption frames"] > 25
    assert talk.agent_plays(round(5.5 * FRAMES_A_SECOND))


def test_a_cough_that_ends_soon_cuts_nobody_off() -> None:
    cough = Burst(300, 330, "cough")
    assert counted(made(cough), (3.2, 3.5)).counts["coughs that cut"] == 0
    lasting = counted(made(cough), (3.2, 4.0))
    assert lasting.counts["coughs that cut"] == lasting.counts["coughs heard"] == lasting.counts["coughs"] == 1
    assert lasting.counts["phantoms"] == 0, "the same sound, whatever becomes of it"


def test_what_is_lost_of_an_answer_is_told() -> None:
    score = counted(made(Burst(700, 800, "answer")), (7.3, 8.5))
    assert score.counts["answers noticed"] == 1
    assert score.clipped_ms == [pytest.approx(300 - 2 * 32, abs=33)]
    assert counted(made(Burst(700, 800, "answer")), (7.0, 8.5)).clipped_ms == [0]


def test_echo_and_noise_that_pass_are_counted() -> None:
    score = counted(made(), (2.0, 3.0), (9.0, 10.0))
    assert score.counts["echo frames passed"] == pytest.approx(0.9 * FRAMES_A_SECOND + 2, abs=3)
    assert score.counts["echo frames"] == pytest.approx(4 * FRAMES_A_SECOND, abs=2)
    assert score.counts["noise frames passed"] == pytest.approx(FRAMES_A_SECOND + 4, abs=2), "and two pre-rolls"


# ------------------------------------------------------------------------------------------------------- end to end


@needs_node
def test_the_shipped_detector_runs_in_node(talk: Talk) -> None:
    gate = Detected(Setting())
    score = play(talk.fresh(), gate)
    assert score.counts["frames"] == talk.frames
    assert gate.took_us > 0
    assert gate.said is not None
    assert gate.said.delay_ms == pytest.approx(talk.delay / 16, abs=25)
    assert gate.said.echo in {"raw", "poor"}
    gate.close()  # twice does no harm


@needs_node
def test_a_brief_run_makes_a_table(tmp_path: Path, capsys: pytest.CaptureFixture[str], voices: Voices) -> None:
    path = tmp_path / "echo.json"
    assert command.main(["--brief", "--settings", "cancelled", "--gates", "duplex,detector", "--json", str(path)]) == 0
    made = capsys.readouterr().out
    assert made.strip() == results.table(results.read(path))
    assert "2 conversations" in made
    assert "| detector | " in made


@pytest.mark.parametrize("wrong", [["--gates", "tripple"], ["--settings", "loud"], ["--conversations", "0"]])
def test_what_it_does_not_know_is_refused(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        command.main(wrong)
    assert "got" in capsys.readouterr().err


def test_the_page_shows_its_results() -> None:
    """`python -m bench.echo --table RESULTS --into docs/explanation/echo.md` makes both."""
    found = results.read(PAGE.with_suffix(".json"))
    assert results.table(found) in PAGE.read_text("utf-8")
    assert set(found.parts[0].gates) <= set(CONTENDERS)
    assert block_levels(np.full(320, 0.5)).tolist() == [0.5, 0.5]
