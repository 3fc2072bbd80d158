"""What a gate did in one conversation, as counts that add up.

A *phantom* opened the gate over the agent while the caller was silent: it would have cut the agent off. A *ghost*
opened it for 200 ms and more while nobody spoke at all: an empty turn. To be *open* is to take the caller to be
speaking. Coughs are counted apart: each makes the agent pause. To *cut* is to be taken for speech still after
`confirm_speech_s`: from then on it is words that decide (decision 29), of which a gate knows nothing.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bench.echo.gates import Contender, Holds, timed
from bench.echo.levels import BLOCK, block_levels, runs
from bench.echo.talk import Burst, Talk
from vivavoce.audio.pcm import CALLER_HZ, FRAME_SAMPLES
from vivavoce.conversation.settings import ConversationSettings

CONFIRM_S = ConversationSettings().confirm_speech_s
CUT_AFTER = CALLER_HZ * 120 // 1000
"""From the gate's decision until the loudspeaker falls silent, the way back over the network included."""
EARLY_S, LATE_S = 0.03, 0.25
"""A gate may open so much before a sound of the caller (one frame) and after its end and still mean it."""
NEAR_S = 0.3
"""So close to the caller's speech nothing counts as echo, noise or ghost: gates hold open over pauses."""
REFRACTORY_S = 1.0
"""One phantom a second: it would have cut the agent off already."""
GHOST_S = 0.2
FIRST_S = 0.4
"""The first word of an answer."""


@dataclass
class Score:
    """Sums of conversations. `counts` are frames or events by name, lists are in milliseconds."""

    conversations: int = 0
    seconds: float = 0.0
    counts: Counter[str] = field(default_factory=Counter)
    delays_ms: list[float] = field(default_factory=list)
    clipped_ms: list[float] = field(default_factory=list)
    took_us: float = 0.0
    client_us: float = 0.0
    """The same of what runs on the caller's machine."""

    def add(self, other: Score) -> None:
        self.conversations += other.conversations
        self.seconds += other.seconds
        self.counts += other.counts
        self.delays_ms += other.delays_ms
        self.clipped_ms += other.clipped_ms
        self.took_us += other.took_us
        self.client_us += other.client_us


def play(talk: Talk, gate: Contender) -> Score:
    """Let a gate hear a conversation; close it."""
    course = _Course(talk, gate)
    for frame in range(talk.frames):
        course.step(frame)
    gate.close()
    return course.score()


class _Course:
    def __init__(self, talk: Talk, gate: Contender) -> None:
        self._talk, self._gate = talk, gate
        self.passed = np.zeros(talk.frames, bool)
        self.open = np.zeros(talk.frames, bool)
        self._preroll = round(gate.preroll_samples / FRAME_SAMPLES)
        self._cut_at: int | None = None
        self._deaf_until = -1.0
        self._held = False
        self._opened_for: Burst | None = None
        self._heard: dict[Burst, float] = {}
        self._took_us = 0.0
        self.events: Counter[str] = Counter()

    def step(self, frame: int) -> None:
        talk, ends = self._talk, (frame + 1) * FRAME_SAMPLES
        if self._cut_at is not None and self._cut_at < ends:
            talk.cut(self._cut_at)
            self._cut_at = None
        playing = talk.agent_plays(frame)
        decision, took_us = timed(self._gate, talk.microphone(frame), talk.loudspeaker(frame), playing)
        self._took_us += took_us
        if decision.passes and frame and not self.passed[frame - 1]:
            self.passed[max(0, frame - self._preroll) : frame] = True
        self.passed[frame], self.open[frame] = decision
        now = ends / CALLER_HZ
        held = isinstance(self._gate, Holds) and self._gate.holds
        if held and not self._held:
            self.events["holds"] += 1
            self.events["holds for nothing"] += self._burst(now) is None
        if held is not self._held:
            self._held = held
            if self._cut_at is None:
                talk.hold(ends, on=held)
        if not decision.speaking:
            self._opened_for = None
        elif not self.open[frame - 1]:
            self._opened_for = self._burst(now)
        if decision.speaking and playing:
            self._over_agent(now, ends)

    def _over_agent(self, now: float, sample: int) -> None:
        """The gate is open while the agent speaks: for the sound at hand, or still for the one that opened it."""
        burst = self._burst(now)
        if burst is None and self._opened_for is None and now > self._deaf_until:
            self.events["phantoms"] += 1
            self.events["phantoms in the first turn"] += sample < self._talk.first_turn_ends
            self._deaf_until = now + REFRACTORY_S
        elif burst is not None and burst not in self._heard:
            self._heard[burst] = now
            self._opened_for = burst
            if burst.kind == "interruption":
                self._cut_at = sample + CUT_AFTER

    def _burst(self, now: float) -> Burst | None:
        blocks = now * CALLER_HZ / BLOCK
        early, late = EARLY_S * 100, LATE_S * 100
        return next((b for b in self._talk.bursts if b.first - early <= blocks <= b.last + late), None)

    def score(self) -> Score:
        talk = self._talk
        active = _frames(talk.active, talk.frames)
        agent = _frames(talk.playing, talk.frames)
        around = round(NEAR_S * CALLER_HZ / FRAME_SAMPLES)
        caller = active.copy()
        for burst in talk.bursts:  # a cough is nobody's word, but it is no noise of the room either
            caller[_frame(burst.first) : _frame(burst.last) + 1] = True
        near = np.convolve(caller, np.ones(2 * around + 1), "same") > 0
        echo = block_levels(talk.echo, FRAME_SAMPLES)
        echoes = (echo > max(0.003, 0.3 * talk.noise_level)) & ~near
        noise = (echo < 0.002) & ~near & ~agent
        barge = np.zeros(talk.frames, bool)
        clipped, counts = [], self.events
        for burst in talk.bursts:
            here = slice(_frame(burst.first), _frame(burst.last) + 1)
            counts[burst.kind + "s"] += 1
            heard = self._heard.get(burst)
            if burst.kind == "interruption":
                barge[here] = True
                counts["interruptions caught"] += heard is not None
                if heard is not None and burst.last * BLOCK / CALLER_HZ > heard + CONFIRM_S:
                    counts["interruptions that go on"] += 1
                    counts["interruptions that cut"] += self._open_at(heard + CONFIRM_S)
            elif burst.kind == "answer":
                counts["answers noticed"] += bool(self.open[here].any())
                first = slice(here.start, min(here.stop, here.start + round(FIRST_S * CALLER_HZ / FRAME_SAMPLES)))
                clipped.append(1000 * FRAME_SAMPLES / CALLER_HZ * float((active[first] & ~self.passed[first]).sum()))
            elif heard is not None:
                counts["coughs heard"] += 1
                counts["coughs that cut"] += self._open_at(heard + CONFIRM_S)
        counts["echo frames"] += int(echoes.sum())
        counts["echo frames passed"] += int((echoes & self.passed).sum())
        counts["noise frames"] += int(noise.sum())
        counts["noise frames passed"] += int((noise & self.passed).sum())
        for name, part in (("answer", active & ~barge), ("interruption", active & barge)):
            counts[f"{name} frames"] += int(part.sum())
            counts[f"{name} frames lost"] += int((part & ~self.passed).sum())
        counts["ghosts"] += self._ghosts(near, agent)
        counts["frames"] += talk.frames
        counts["turns"] += len(talk.bursts) - counts["coughs"]
        delays = [
            1000 * (at - burst.first * BLOCK / CALLER_HZ)
            for burst, at in self._heard.items()
            if burst.kind == "interruption"
        ]
        seconds = talk.frames * FRAME_SAMPLES / CALLER_HZ
        return Score(
            1,
            seconds,
            counts,
            delays,
            clipped,
            self._took_us,
            self._gate.took_us if isinstance(self._gate, Holds) else 0.0,
        )

    def _open_at(self, second: float) -> bool:
        return bool(self.open[min(int(second * CALLER_HZ / FRAME_SAMPLES), self.open.size - 1)])

    def _ghosts(self, near: NDArray[np.bool_], agent: NDArray[np.bool_]) -> int:
        least = GHOST_S * CALLER_HZ / FRAME_SAMPLES
        return sum(
            last - first >= least and not near[first:last].any() and not agent[first] for first, last in runs(self.open)
        )


def _frame(block: int) -> int:
    return block * BLOCK // FRAME_SAMPLES


def _frames(blocks: NDArray[np.bool_], frames: int) -> NDArray[np.bool_]:
    """Of each frame what most of it is, from what each block is."""
    samples = np.repeat(blocks, BLOCK)[: frames * FRAME_SAMPLES]
    samples = np.concatenate([samples, np.zeros(frames * FRAME_SAMPLES - samples.size, bool)])
    most: NDArray[np.bool_] = samples.reshape(frames, FRAME_SAMPLES).mean(1) > 0.5
    return most
