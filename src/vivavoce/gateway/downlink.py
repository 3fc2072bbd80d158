"""The agent's audio between the live model and the caller's ear: chunks by number until they are said, replies until
they are heard.
"""

from __future__ import annotations

from collections.abc import Iterator

from vivavoce.audio.pcm import AGENT_HZ, CALLER_HZ

MAX_HELD_BYTES = 32 * 1024 * 1024
"""Sound that waits to be said: eleven minutes of it. Models make it several times faster than it plays; one that is
this far ahead does not stop.
"""

PIECE_SAMPLES = AGENT_HZ // 5
"""What is said again goes in pieces of 200 ms, as live models send it."""


class Downlink:
    """
    Args:
        count: number of the newest chunk of another server, where the call was one's.
    """

    def __init__(self, count: int = 0) -> None:
        self._chunks: dict[int, bytes] = {}
        self._held_bytes = 0
        self._count = count
        self._said: dict[int, bytearray] = {}  # by reply: sent, not yet heard
        self._heard: dict[int, int] = {}  # samples of the reply that were heard

    def keep(self, pcm: bytes) -> int:
        """Store a chunk (PCM16 LE mono, 24 kHz); returns its number."""
        self._count += 1
        self._chunks[self._count] = pcm
        self._held_bytes += len(pcm)
        return self._count

    @property
    def full(self) -> bool:
        return self._held_bytes > MAX_HELD_BYTES

    def forget(self, chunks: tuple[int, ...]) -> None:
        for chunk in chunks:
            self._held_bytes -= len(self._chunks.pop(chunk, b""))

    def say(self, reply: int, chunk: int) -> bytes:
        """The chunk, which from now on belongs to the reply until it is heard or cut."""
        pcm = self._chunks.pop(chunk)
        self._held_bytes -= len(pcm)
        self._said.setdefault(reply, bytearray()).extend(pcm)
        return pcm

    def heard(self, reply: int, samples: int, at: int) -> tuple[int, bytes] | None:
        """What was newly heard when the microphone clock stood at `at`: (where it began on that clock, its PCM), None
        if nothing.
        """
        said = self._said.get(reply)
        before = self._heard.get(reply, 0)
        if said is None or samples <= before:
            return None
        pcm = bytes(said[: 2 * (samples - before)])
        del said[: len(pcm)]
        new = len(pcm) // 2
        if not new:
            return None
        self._heard[reply] = before + new
        return max(0, at - new * CALLER_HZ // AGENT_HZ), pcm

    def unheard(self, reply: int, position: int) -> Iterator[tuple[int, bytes]]:
        """What was said of a reply from `position` on, in pieces: (where each begins, its PCM)."""
        heard = self._heard.get(reply, 0)
        said = self._said.get(reply, bytearray())
        for at in range(max(0, position - heard), len(said) // 2, PIECE_SAMPLES):
            yield heard + at, bytes(said[2 * at : 2 * (at + PIECE_SAMPLES)])

    def over(self, reply: int) -> None:
        """This reply and all before it are over."""
        for number in [number for number in self._said if number <= reply]:
            del self._said[number]
            self._heard.pop(number, None)
