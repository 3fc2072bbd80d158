"""A loudspeaker in software: plays the agent's replies by counted samples and knows how much of each has been heard.

No clock: `play(samples)` moves the playhead, so whoever calls it once per frame of a steady clock plays in real time.
Replies are played in the order of their numbers. What is cut is never played again, and late frames of it are dropped
at the door.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import numpy as np

from vivavoce.audio.pcm import AGENT_HZ, Pcm16, from_bytes
from vivavoce.errors import WireError
from vivavoce.wire.caller import Frame, FrameKind

MAX_QUEUED_SAMPLES = 120 * AGENT_HZ
"""A gateway sends about two seconds ahead; what comes beyond two minutes is dropped and counted, so that memory is
bounded."""

MAX_GAP_SAMPLES = 10 * AGENT_HZ
"""A hole in a reply is played as silence; a longer one is no audio of a sane peer."""


@dataclass(frozen=True)
class Playing:
    """A piece of a reply came out of the loudspeaker. `first` marks the reply's first piece."""

    reply: int
    speaker: int
    pcm: Pcm16
    first: bool


@dataclass(frozen=True)
class Finished:
    """A reply is over: heard to its end, or cut after `samples`."""

    reply: int
    samples: int
    whole: bool


@dataclass
class _Reply:
    number: int
    speaker: int
    chunks: deque[Pcm16] = field(default_factory=deque)
    received: int = 0
    played: int = 0
    total: int | None = None
    starved: bool = False


class Loudspeaker:
    """What is queued is bounded by `MAX_QUEUED_SAMPLES`; `dropped`, `late`, and `underruns` count what went wrong."""

    def __init__(self) -> None:
        self.late = 0
        """Frames of replies that were cut or over."""
        self.dropped = 0
        """Frames that found the queue full."""
        self.underruns = 0
        """Times that a reply ran dry before its end."""
        self.played_samples = 0
        self._replies: dict[int, _Reply] = {}
        self._over = 0  # every reply up to this number is over
        self._cut: set[int] = set()  # cut while an earlier one was still to be played
        self._held = 0
        self._queued = 0

    @property
    def current(self) -> int:
        """Number of the reply that is being played or comes next, 0 for none."""
        return min(self._replies, default=0)

    @property
    def held(self) -> bool:
        return self._held > 0 and self._held == self.current

    def heard(self, reply: int) -> int:
        """Samples of a reply that have been played; 0 once it is over."""
        return self._replies[reply].played if reply in self._replies else 0

    def receive(self, frame: Frame) -> None:
        """Queue a frame.

        Raises:
            WireError: not a reply's frame, or at a position that cannot be.
        """
        if frame.kind is not FrameKind.REPLY or frame.reply < 1:
            raise WireError(f"want a frame of a reply, got kind {frame.kind} of reply {frame.reply}")
        if self._is_over(frame.reply):
            self.late += 1
            return
        entry = self._replies.get(frame.reply) or _Reply(frame.reply, frame.speaker)
        gap = frame.position - entry.received
        if gap > MAX_GAP_SAMPLES:
            raise WireError(f"want a frame at sample {entry.received} of the reply, got one {gap} samples further")
        pcm = from_bytes(frame.pcm)[max(0, -gap) :]  # what is already here is not played twice
        if self._queued + len(pcm) + max(0, gap) > MAX_QUEUED_SAMPLES:
            self.dropped += 1
            return
        self._replies[frame.reply] = entry
        if gap > 0:
            self._push(entry, np.zeros(gap, np.int16))
        self._push(entry, pcm)

    def hold(self, reply: int) -> None:
        if not self._is_over(reply):
            self._held = reply

    def resume(self, reply: int) -> None:
        if reply == self._held:
            self._held = 0

    def cut(self, reply: int) -> Finished | None:
        """Throw the reply away; None when it was over already."""
        if self._is_over(reply):
            return None
        entry = self._replies.pop(reply, None) or _Reply(reply, 0)
        self._queued -= entry.received - entry.played
        self._end(reply)
        return Finished(reply, entry.played, whole=False)

    def done(self, reply: int, total: int) -> None:
        """The reply has `total` samples in all."""
        if not self._is_over(reply):
            entry = self._replies.setdefault(reply, _Reply(reply, 0))
            entry.total = max(0, total)

    def play(self, samples: int) -> list[Playing | Finished]:
        """Move the playhead by `samples`; silence is played where a reply is held, dry, or none is there."""
        out: list[Playing | Finished] = []
        while self._replies and not self.held:
            entry = self._replies[self.current]
            end = entry.received if entry.total is None else min(entry.total, entry.received)
            piece = self._pull(entry, min(samples, end - entry.played))
            if len(piece):
                out.append(Playing(entry.number, entry.speaker, piece, first=entry.played == len(piece)))
                samples -= len(piece)
                entry.starved = False
            if entry.total is not None and entry.played >= entry.total:
                self._queued -= entry.received - entry.played
                del self._replies[entry.number]
                self._end(entry.number)
                out.append(Finished(entry.number, entry.played, whole=True))
                continue
            if samples > 0 and not entry.starved:
                entry.starved = True
                self.underruns += entry.played > 0
            break
        return out

    def _push(self, entry: _Reply, pcm: Pcm16) -> None:
        if len(pcm):
            entry.chunks.append(pcm)
            entry.received += len(pcm)
            self._queued += len(pcm)

    def _pull(self, entry: _Reply, samples: int) -> Pcm16:
        pieces: list[Pcm16] = []
        wanted = samples
        while wanted > 0:
            chunk = entry.chunks.popleft()
            if len(chunk) > wanted:
                entry.chunks.appendleft(chunk[wanted:])
                chunk = chunk[:wanted]
            pieces.append(chunk)
            wanted -= len(chunk)
        samples = max(0, samples)
        entry.played += samples
        self.played_samples += samples
        self._queued -= samples
        return np.concatenate(pieces) if pieces else np.zeros(0, np.int16)

    def _is_over(self, reply: int) -> bool:
        return reply <= self._over or reply in self._cut

    def _end(self, reply: int) -> None:
        if reply == self._held:
            self._held = 0
        self._cut.add(reply)
        if not self._replies or reply < self.current:
            self._over = max(self._over, reply)
            self._cut = {cut for cut in self._cut if cut > self._over}
