"""The shipped detector, TypeScript run by Node: bundled once, one process for each conversation."""

from __future__ import annotations

import shutil
import struct
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import NamedTuple

from vivavoce.audio.pcm import Pcm16, to_bytes
from vivavoce.errors import MissingError

WEB = Path(__file__).parents[2] / "web"
PROGRAM = Path(__file__).with_name("detector.mjs")
DOUBT = 1
STATES = ("unknown", "good", "poor", "raw")
MOST_UNREAD = 500
"""Answers that wait in the pipe, which holds twice as many."""
_SAID = struct.Struct("=7d")


class Said(NamedTuple):
    """What came of one frame.

    Attributes:
        doubt: somebody is heard over the agent.
        ago_ms: how long before the end of the frame that sound began.
        echo: how well the machine keeps the agent out of the microphone.
        return_loss_db, delay_ms, noise_dbfs: NaN while unknown.
    """

    doubt: bool
    ago_ms: float
    echo: str
    return_loss_db: float
    delay_ms: float
    noise_dbfs: float


class Detector:
    """One conversation. Close it.

    Attributes:
        took_us: how long it has taken so far, envelopes of both sides included.
    """

    def __init__(self) -> None:
        self.took_us = 0.0
        self._unread = 0
        self._process = subprocess.Popen(
            [_node(), str(_bundle())], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._in, self._out = self._process.stdin, self._process.stdout

    def step(self, mic: Pcm16, far: Pcm16) -> Said:
        """Take one frame of 512 samples of both sides.

        Raises:
            EOFError: the process has ended.
        """
        self.send(mic, far)
        while self._unread > 1:
            self._receive()
        return self._receive()

    def send(self, mic: Pcm16, far: Pcm16) -> None:
        """The same without waiting for what comes of it."""
        self._in.write(to_bytes(mic) + to_bytes(far))
        self._unread += 1
        if self._unread > MOST_UNREAD:
            self._receive()

    def _receive(self) -> Said:
        answer = b""
        while len(answer) < _SAID.size:
            more = self._out.read(_SAID.size - len(answer))
            if not more:
                raise EOFError(f"the detector ended with {self._process.wait()}")
            answer += more
        self._unread -= 1
        flags, ago_ms, took_us, echo, loss, delay, noise = _SAID.unpack(answer)
        self.took_us += took_us
        return Said(bool(int(flags) & DOUBT), ago_ms, STATES[int(echo)], loss, delay, noise)

    def close(self) -> None:
        while self._unread and not self._out.closed:
            self._receive()
        self._in.close()
        self._out.close()
        self._process.wait()


def missing() -> str:
    """Why the detector cannot run here; empty when it can."""
    if shutil.which("node") is None:
        return "there is no node"
    return "" if (WEB / "node_modules" / "esbuild").is_dir() else "there is no esbuild in web/node_modules"


def discard() -> None:
    """Take away what was made to run it; a process of a pool does not do so by itself."""
    if _folder.cache_info().currsize:
        _folder().cleanup()
        _folder.cache_clear()
        _bundle.cache_clear()


def _node() -> str:
    if why := missing():
        raise MissingError(why, remedy="Install Node 20 or newer and run `npm ci` in web.")
    return "node"


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="viva-detector-")


@cache
def _bundle() -> Path:
    """One file without types that Node runs."""
    into = Path(_folder().name) / "detector.mjs"
    subprocess.run(
        ["node", str(WEB / "node_modules" / "esbuild" / "bin" / "esbuild"), str(PROGRAM), "--bundle", "--platform=node",
         "--format=esm", "--log-level=error", f"--outfile={into}"],
        check=True,
    )  # fmt: skip
    return into
