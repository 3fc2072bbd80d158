"""A worker program behind pipes: started, asked, killed and started again.

Frames both ways: kind (1 byte), length (4 bytes, little-endian), payload. The programs stand in `workers/`.
"""

from __future__ import annotations

import asyncio
import contextlib
import struct
import sys
from collections.abc import Sequence
from pathlib import Path

from vivavoce.errors import VivaError
from vivavoce.local.starting import started

PROGRAMS = Path(__file__).parent / "workers"
_HEAD = struct.Struct("<cI")
MOST_BYTES = 8 << 20
"""No frame of ours comes near; a larger one means that the other end writes something else."""
START_WITHIN_S = 30.0
"""The recogniser loads in 0.3 to 1.2 s on two shared cores; a cold disk and a busy machine take several times that."""


MOST_REASON = 300
"""Characters of a worker's own words on why it cannot start."""


class WorkerGone(VivaError):
    """The worker ended, hung or wrote nonsense. It is dead when this is raised."""


class Worker:
    """One process of a worker program. Not safe for two tasks at a time on the same side of the pipe."""

    def __init__(self, program: Path, arguments: Sequence[str] = ()) -> None:
        """`program` is a file of Python, such as one in `PROGRAMS`; `arguments` are given to it each time."""
        self._path = program
        self._arguments = tuple(arguments)
        self._process: asyncio.subprocess.Process | None = None

    @property
    def running(self) -> bool:
        """Started and, as far as is known, not ended."""
        return self._process is not None and self._process.returncode is None

    async def start(self, within_s: float = START_WITHIN_S) -> bytes:
        """Start the program (again) and wait for its first frame, `R`, whose payload is returned.

        Raises:
            WorkerGone: it did not start in time, said why it cannot (frame `N`), or said something else.
        """
        await self.kill()
        self._process = await started(
            sys.executable,
            "-I",
            str(self._path),
            *self._arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        kind, payload = await self.receive(within_s)
        if kind != b"R":
            await self.kill()
            if kind == b"N":
                raise WorkerGone(f"the worker cannot start: {payload.decode('utf-8', 'replace')[:MOST_REASON]}")
            raise WorkerGone(f"want the frame R first, got {kind!r}")
        return payload

    def send(self, kind: bytes, payload: bytes = b"") -> None:
        """Queue a frame; what the pipe does not take at once waits in memory. A dead worker shows in `receive`."""
        if self._process is not None and self._process.stdin is not None and not self._process.stdin.is_closing():
            self._process.stdin.write(_HEAD.pack(kind, len(payload)) + payload)

    async def receive(self, within_s: float | None = None) -> tuple[bytes, bytes]:
        """The next frame: kind and payload.

        Raises:
            WorkerGone: it ended, took longer than `within_s`, or wrote nonsense.
        """
        if self._process is None or self._process.stdout is None:
            raise WorkerGone("the worker is not running")
        stdout = self._process.stdout
        try:
            async with asyncio.timeout(within_s):
                kind, length = _HEAD.unpack(await stdout.readexactly(_HEAD.size))
                if length <= MOST_BYTES:
                    return kind, await stdout.readexactly(length)
                trouble = f"want frames of at most {MOST_BYTES} bytes, got {length}"
        except asyncio.IncompleteReadError:
            trouble = "the worker ended"
        except TimeoutError:
            trouble = f"want an answer within {within_s:g} s, got none"
        await self.kill()
        raise WorkerGone(trouble)

    async def kill(self) -> None:
        """End the process, however it is. Nothing happens when there is none."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
