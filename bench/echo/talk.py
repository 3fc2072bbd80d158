"""One conversation in a simulated room: written by a seed, changed only when somebody is taken to interrupt.

Five turns of the agent; the caller answers each 0.15 to 1.5 s after it was heard, or, in four of ten, speaks into it
1 to 2.5 s after it began. Over some of the turns that nobody interrupts the caller coughs. Every gate hears the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.echo.levels import BLOCK, activity, block_levels, speech_level
from bench.echo.rooms import Sound, convolve, cough, make_room, radiate, room_noise
from bench.echo.voices import AGENT_SAYS, AGENTS, CALLERS, LONG, SHORT, Voices
from vivavoce.audio.pcm import CALLER_HZ, FRAME_SAMPLES, Pcm16

ECHO_LEVELS = (0.02, 0.05, 0.1)
CALLER_LEVELS = (0.03, 0.06, 0.12)
NOISE = (0.01, 0.02)
QUIET = (0.002, 0.004)
TURNS = 5
LEAD_S = 2.0
"""Before the agent's first word. The microphone is open before the call is connected; ticket, link and the model's
first sound take about as long."""
INTERRUPTED, COUGHED = 0.4, 0.25
RAMP = CALLER_HZ * 5 // 1000
"""The loudspeaker fades in 5 ms when it is cut, as the playback processor does."""


@dataclass(frozen=True)
class Setting:
    """What a run is about.

    Attributes:
        noise: RMS of room noise, from and to.
        cancelled_db: so much of the echo is taken away by the caller's machine.
    """

    noise: tuple[float, float] = NOISE
    cancelled_db: float = 0.0


@dataclass(frozen=True)
class Burst:
    """One sound of the caller.

    Attributes:
        first, last: blocks of 10 ms where it begins and one past its end, as it arrives at the microphone.
        kind: "answer", "interruption" or "cough".
    """

    first: int
    last: int
    kind: str


class _Turn:
    """One thing that the agent says, and what of it arrives at the microphone."""

    def __init__(self, start: int, said: Sound, heard: Callable[[Sound], Sound]) -> None:
        self.start = start
        self.said = said
        self.ends = start + said.size
        self._heard = heard
        self._loud = np.ones(said.size)
        self.played = said
        self.echo = heard(said)

    def fade(self, sample: int, *, out: bool) -> None:
        """From this sample on it is silent, or sounds again."""
        at = sample - self.start
        self._loud[at:] = 0.0 if out else 1.0
        ramp = self._loud[at : at + RAMP]
        ramp[:] = np.linspace(1, 0, ramp.size) if out else np.linspace(0, 1, ramp.size)
        self.played = self.said * self._loud
        self.echo = self._heard(self.played)


class Talk:
    """Use `write`. What everybody hears, and what the loudspeaker does when it is held or cut."""

    def __init__(
        self,
        *,
        levels: tuple[float, float],
        bursts: list[Burst],
        near: Sound,
        active: NDArray[np.bool_],
        noise_level: float,
        delay: int,
        says: list[tuple[int, Sound]],
        heard: Callable[[Sound], Sound],
    ) -> None:
        """
        Args:
            levels: of the echo before anything is cancelled and of the caller, RMS where there is speech.
            near: the caller and the room's noise at the microphone.
            active: whether the caller speaks, of each block of 10 ms.
            delay: of the echo, in samples.
            says: what the agent says and from which sample on.
            heard: what arrives at the microphone, `delay` later, of something that is played.
        """
        self.levels, self.bursts, self.active, self.noise_level, self.delay = levels, bursts, active, noise_level, delay
        self._near, self._says, self._heard = near, says, heard
        self.frames = near.size // FRAME_SAMPLES
        samples = self.frames * FRAME_SAMPLES
        self.far = np.zeros(samples)
        self.echo = np.zeros(samples)
        self.playing = np.zeros(-(-samples // BLOCK), bool)
        """Whether the loudspeaker is busy, held or not, of each block."""
        self._turns = [_Turn(start, said, heard) for start, said in says]
        self.first_turn_ends = self._turns[0].ends
        for turn in self._turns:
            self._lay(turn, 1.0)
            self.playing[turn.start // BLOCK : turn.ends // BLOCK] = True

    def fresh(self) -> Talk:
        """The same conversation from its beginning."""
        return Talk(
            levels=self.levels, bursts=self.bursts, near=self._near, active=self.active, noise_level=self.noise_level,
            delay=self.delay, says=self._says, heard=self._heard,
        )  # fmt: skip

    def microphone(self, frame: int) -> Pcm16:
        here = slice(frame * FRAME_SAMPLES, (frame + 1) * FRAME_SAMPLES)
        return _pcm(self.echo[here] + self._near[here])

    def loudspeaker(self, frame: int) -> Pcm16:
        return _pcm(self.far[frame * FRAME_SAMPLES : (frame + 1) * FRAME_SAMPLES])

    def agent_plays(self, frame: int) -> bool:
        """Whether the loudspeaker is busy, held or not, when this frame ends."""
        return bool(self.playing[((frame + 1) * FRAME_SAMPLES - 1) // BLOCK])

    def hold(self, sample: int, *, on: bool) -> None:
        """The loudspeaker is silent from here on, or goes on where it would be by now."""
        if (turn := self._at(sample)) is not None:
            self._lay(turn, -1.0)
            turn.fade(sample, out=on)
            self._lay(turn, 1.0)

    def cut(self, sample: int) -> None:
        """The agent says no more of what it was saying."""
        if (turn := self._at(sample)) is not None:
            self.hold(sample, on=True)
            self.playing[-(-sample // BLOCK) : turn.ends // BLOCK] = False
            turn.ends = sample

    def _at(self, sample: int) -> _Turn | None:
        return next((turn for turn in self._turns if turn.start < sample < turn.ends), None)

    def _lay(self, turn: _Turn, sign: float) -> None:
        _lay_at(self.far, turn.start, sign * turn.played)
        _lay_at(self.echo, turn.start + self.delay, sign * turn.echo)


def write(seed: int, voices: Voices, setting: Setting) -> Talk:
    """A conversation from a seed."""
    rng = np.random.default_rng(seed)
    echo_level, caller_level = float(rng.choice(ECHO_LEVELS)), float(rng.choice(CALLER_LEVELS))
    noise_level = float(rng.uniform(*setting.noise))
    delay = int(rng.uniform(0.04, 0.3) * CALLER_HZ)
    room = make_room(rng)
    agent, caller, rate = str(rng.choice(AGENTS)), str(rng.choice(CALLERS)), int(rng.integers(150, 190))
    at, says, sounds = int(LEAD_S * CALLER_HZ), [], []
    for text in rng.choice(AGENT_SAYS, TURNS, replace=False):
        said = voices.agent(str(text), agent)
        says.append((at, said))
        ends = at + said.size
        if rng.random() < INTERRUPTED:
            word = str(rng.choice(SHORT if rng.random() < 0.5 else LONG))
            begins = at + int(rng.uniform(1.0, 2.5) * CALLER_HZ)
            kind = "interruption"
        else:
            word = str(rng.choice(LONG))
            begins = ends + delay + int(rng.uniform(0.15, 1.5) * CALLER_HZ)
            kind = "answer"
            if rng.random() < COUGHED:
                sounds.append((at + int(rng.uniform(1.0, 3.0) * CALLER_HZ), cough(caller_level, rng), "cough"))
        spoken = voices.caller(word, caller, rate)
        sounds.append((begins, spoken, kind))
        at = max(ends, begins + spoken.size) + int(rng.uniform(0.8, 1.4) * CALLER_HZ)
    samples = at + CALLER_HZ
    near = room_noise(samples, noise_level, rng)
    active = np.zeros(samples // BLOCK, bool)
    bursts = []
    for begins, sound, kind in sounds:
        wet = convolve(sound, room.caller)[: sound.size + CALLER_HZ // 4]
        speaks = activity(sound) if kind != "cough" else np.ones(sound.size // BLOCK, bool)
        wet *= caller_level / (speech_level(wet) if kind != "cough" else block_levels(wet, 5 * BLOCK).max())
        _lay_at(near, begins, wet)
        first = (begins + int(np.argmax(np.abs(room.caller)))) // BLOCK
        where = np.flatnonzero(speaks)
        bursts.append(Burst(first + int(where[0]), first + int(where[-1]) + 1, kind))
        if kind != "cough":
            active[first : first + speaks.size] |= speaks[: max(0, active.size - first)]
    gain = echo_level / speech_level(convolve(radiate(says[0][1]), room.loudspeaker)[: says[0][1].size])
    impulse = room.loudspeaker * gain * 10 ** (-setting.cancelled_db / 20)
    return Talk(
        levels=(echo_level, caller_level), bursts=bursts, near=near, active=active, noise_level=noise_level,
        delay=delay, says=says, heard=lambda played: convolve(radiate(played), impulse),
    )  # fmt: skip


def _lay_at(track: Sound, start: int, sound: Sound) -> None:
    fits = sound[: max(0, track.size - start)]
    track[start : start + fits.size] += fits


def _pcm(sound: Sound) -> Pcm16:
    whole: Pcm16 = np.clip(np.rint(sound * 32_767), -32_768, 32_767).astype(np.int16)
    return whole
