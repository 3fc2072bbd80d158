"""What the caller's loudspeaker is playing, sample by sample on the microphone's clock: what an echo canceller takes
away.

The gateway knows what it sent, and every report of the caller's machine says where the loudspeaker stood. In between
playing goes on; it never goes on beyond what was sent. Held, cut and resumed is it for the microphone once the word has
gone to the caller's machine and its silence has come back.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from vivavoce.audio.pcm import AGENT_HZ, CALLER_HZ, Pcm16, from_bytes
from vivavoce.audio.resample import Resampler
from vivavoce.wire import caller as wire

TURNAROUND = CALLER_HZ // 10
"""100 ms: how long a word takes to the caller's machine and its effect back, in frames of the microphone. A guess at an
ordinary network; the next report corrects what comes of it. Not tuned."""
JITTER = CALLER_HZ * 2 // 1000
"""2 ms. A report that is nearer to what was thought changes nothing: to a canceller every step is another room. A
loudspeaker whose clock drifts by 50 in a million is followed every 40 s."""
KEPT = CALLER_HZ // 2
"""What was played lately is kept for so long: a report may say that it had not been, after all."""
LONGEST = CALLER_HZ * 60
"""Samples kept at most, 1.9 MB: the most that may be sent ahead (30 s), twice."""
MOST_REPLIES = 64
"""Twice as many as wait to be heard at most."""


class _Reply:
    """What was sent of a reply, at 16 kHz; the beginning may be gone."""

    __slots__ = ("done", "resampler", "sound", "start")

    def __init__(self, start: int) -> None:
        self.resampler = Resampler(AGENT_HZ, CALLER_HZ)
        self.sound = bytearray()
        self.start = start
        self.done = False

    @property
    def samples(self) -> int:
        """Sent so far, in all."""
        return self.start + len(self.sound) // 2

    def extend(self, pcm: Pcm16) -> None:
        self.sound += pcm.tobytes()

    def trim(self, until: int) -> None:
        gone = min(max(0, until - self.start), len(self.sound) // 2)
        del self.sound[: 2 * gone]
        self.start += gone

    def piece(self, start: int, samples: int) -> Pcm16:
        """From `start` on; zeros where nothing is kept, shorter where no more was sent."""
        samples = max(0, min(samples, self.samples - start))
        lost = min(max(0, self.start - start), samples)
        at = start + lost - self.start
        kept = np.frombuffer(bytes(self.sound[2 * at : 2 * (at + samples - lost)]), np.int16)
        return np.concatenate([np.zeros(lost, np.int16), kept]) if lost else kept


class FarEnd:
    def __init__(self) -> None:
        self._replies: dict[int, _Reply] = {}
        self._now = 0  # microphone clock up to which was read
        self._current = 0  # the reply that sounds, 0 for none
        # the loudspeaker stood at sample `_sample` of it when the microphone clock stood at `_at`
        self._at = 0
        self._sample = 0
        self._moving = False
        self._silent_until = 0
        self._stops: tuple[Literal["hold", "cut"], int] | None = None

    @property
    def samples(self) -> int:
        """Samples kept."""
        return sum(len(reply.sound) // 2 for reply in self._replies.values())

    # -------------------------------------------------------------------------------------------- what was sent

    def say(self, reply: int, position: int, pcm: bytes) -> None:
        """The next chunk of a reply, from its sample `position` on: PCM16 LE mono, 24 kHz."""
        entry = self._replies.get(reply)
        if entry is None:
            if len(self._replies) >= MOST_REPLIES:
                self._drop(min(self._replies))
            entry = self._replies[reply] = _Reply(position * CALLER_HZ // AGENT_HZ)
        if not entry.done:
            entry.extend(entry.resampler.push(from_bytes(pcm)))
            self._bound()

    def done(self, reply: int) -> None:
        """No more comes of this reply."""
        if (entry := self._replies.get(reply)) is not None and not entry.done:
            entry.done = True
            entry.extend(entry.resampler.finish())

    def obey(self, message: wire.ReplyDone | wire.Hold | wire.Resume | wire.Cut) -> None:
        """What the caller's machine was told."""
        match message:
            case wire.ReplyDone(reply=reply):
                self.done(reply)
            case wire.Hold(reply=reply):
                self.hold(reply)
            case wire.Resume(reply=reply):
                self.resume(reply)
            case wire.Cut(reply=reply):
                self.cut(reply)

    # -------------------------------------------------------------------------------------------- how it is played

    def played(self, reply: int, samples: int, at: int) -> None:
        """A report: so many samples (24 kHz) of a reply had been played when the microphone clock stood at `at`."""
        entry = self._replies.get(reply)
        sample = max(0, samples) * CALLER_HZ // AGENT_HZ
        if entry is None or sample > entry.samples + JITTER:
            return  # over, or more than was sent
        if entry.done and sample >= entry.samples - JITTER and reply != self._current:
            self._drop(reply)  # heard to its end, as was thought
            return
        held = reply == self._current and not self._moving
        thought = self._sample + (min(0, at - self._at) if held else at - self._at)
        for earlier in [number for number in self._replies if number < reply]:
            self._drop(earlier)
        entry.trim(sample - KEPT)
        heard = entry.done and sample >= entry.samples - JITTER  # at some time before `at`
        if reply == self._current and (abs(thought - sample) <= JITTER or (heard and thought > sample)):
            return
        if reply != self._current:
            self._stops = None
        self._current, self._at, self._sample = reply, at, sample
        self._moving = not held
        self._silent_until = 0

    def hold(self, reply: int) -> None:
        if reply == self._current and self._moving:
            self._stops = ("hold", self._now + TURNAROUND)

    def resume(self, reply: int) -> None:
        if reply != self._current:
            return
        if not self._moving:
            self._at = self._silent_until = self._now + TURNAROUND
            self._moving = True
        self._stops = None

    def cut(self, reply: int) -> None:
        """This reply and all before it are over."""
        for number in [number for number in self._replies if number <= reply and number != self._current]:
            self._drop(number)
        if 0 < self._current <= reply:
            if self._moving:
                self._stops = ("cut", self._now + TURNAROUND)
            else:
                self._drop(self._current)

    def lost(self) -> None:
        """The caller's machine is gone: nothing is played until it reports."""
        self._current, self._moving, self._stops = 0, False, None

    # -------------------------------------------------------------------------------------------- on the microphone

    def read(self, position: int, samples: int) -> Pcm16:
        """What was played while the microphone's clock went from `position` on, shape (samples,); positions never go
        back.
        """
        out = np.zeros(samples, np.int16)
        end = position + samples
        while position < end:
            until = end
            if self._stops is not None:
                what, stop = self._stops
                if stop <= position:
                    self._stop(what, position)
                    continue
                until = min(end, stop)
            position += self._fill(out[samples - (end - position) :][: until - position], position)
        self._now = max(self._now, end)
        return out

    def _fill(self, out: Pcm16, position: int) -> int:
        """Fill in what plays from here on; how many samples that were settled."""
        entry = self._replies.get(self._current)
        if entry is None or not self._moving:
            return len(out)
        if position < self._silent_until:
            return min(len(out), self._silent_until - position)
        sample = self._sample + position - self._at
        piece = entry.piece(sample, len(out)) if sample >= 0 else np.zeros(min(-sample, len(out)), np.int16)
        out[: len(piece)] = piece
        if not len(piece) and entry.done:
            self._current = min((number for number in self._replies if number > self._current), default=0)
            self._at, self._sample, self._moving = position, 0, self._current > 0
        elif not len(piece):  # it ran dry: it goes on when more was sent
            self._at, self._sample = position + len(out), sample
            return len(out)
        return len(piece)

    def _stop(self, what: Literal["hold", "cut"], position: int) -> None:
        self._stops = None
        self._sample += position - self._at
        self._at, self._moving = position, False
        if what == "cut":
            self._drop(self._current)

    def _drop(self, reply: int) -> None:
        self._replies.pop(reply, None)
        if reply == self._current:
            self._current, self._moving, self._stops = 0, False, None

    def _bound(self) -> None:
        over = self.samples - LONGEST
        for number in sorted(self._replies):
            if over <= 0:
                break
            entry = self._replies[number]
            before = len(entry.sound) // 2
            entry.trim(entry.start + over)
            over -= before - len(entry.sound) // 2
