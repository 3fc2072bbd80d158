"""The other ends of a relay under test, each in a process of its own: a scripted model, and a crowd."""

from __future__ import annotations

import asyncio
import math
import resource
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import picows

from vivavoce.guests.load import LoadResult, load, stamp, stamped_at
from vivavoce.storm.sockets.processes import answer, quick
from vivavoce.wire import caller as wire
from vivavoce.wire.gemini import codec

CHUNK_MS = 100
OPEN_S = 1.0
"""After a turn of the model: it has been played, and the gate is open."""
TONE = (np.sin(np.arange(24 * CHUNK_MS) * 0.1) * 3000).astype("<i2").tobytes()


def usage() -> dict[str, float]:
    """CPU seconds of this process, of them those in the kernel, and what it holds of memory in kB."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return {
        "cpu_s": used.ru_utime + used.ru_stime,
        "kernel_s": used.ru_stime,
        "rss_kb": pages * resource.getpagesize() / 1024,
        "at_s": time.monotonic(),
    }


# ------------------------------------------------------------------------------------------------- the scripted model


class _Mind(picows.WSListener):
    """A live model that talks for a while and listens for a while, in turns; it understands nothing."""

    def __init__(self, talk_s: float, listen_s: float, delays_ms: list[float]) -> None:
        self._talk_s = talk_s
        self._listen_s = listen_s
        self._delays_ms = delays_ms
        self._began = False
        self._count_from = 0.0 if not listen_s else math.inf
        self._task: asyncio.Task[None] | None = None

    def on_ws_frame(self, transport: picows.WSTransport, frame: picows.WSFrame) -> None:
        if frame.msg_type is picows.WSMsgType.CLOSE:
            transport.send_close(picows.WSCloseCode.OK)
            transport.disconnect()
            return
        if not self._began:
            self._began = True
            transport.send(picows.WSMsgType.TEXT, b'{"setupComplete":{}}')
            self._task = asyncio.create_task(self._talk(transport))
            return
        now_ns = time.monotonic_ns()
        data = frame.get_payload_as_bytes()
        if data.startswith((b'{"realtimeInput":{"audio":', b'{"realtime_input": {"audio":')):
            said = codec.decode_client(data).realtime_input
            blob = said.audio if said is not None else None
            if blob is not None and (left_ns := stamped_at(blob.data) or 0) > self._count_from * 1e9:
                self._delays_ms.append((now_ns - left_ns) / 1e6)

    def on_ws_disconnected(self, transport: picows.WSTransport) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _talk(self, transport: picows.WSTransport) -> None:
        text = picows.WSMsgType.TEXT
        due = time.monotonic()
        while True:
            if self._listen_s:
                self._count_from = math.inf
            for _ in range(int(self._talk_s * 1000 / CHUNK_MS)):
                transport.send(text, codec.encode_audio_out(stamp(TONE, time.monotonic_ns())))
                due += CHUNK_MS / 1000
                await asyncio.sleep(max(0.0, due - time.monotonic()))
            if self._listen_s:
                transport.send(text, b'{"serverContent":{"generationComplete":true}}')
                transport.send(text, b'{"serverContent":{"turnComplete":true}}')
                # what the gate held back while the model was heard comes late on purpose: it is not counted
                self._count_from = time.monotonic() + OPEN_S
                due += self._listen_s
                await asyncio.sleep(max(0.0, due - time.monotonic()))


class _Direct(picows.WSListener):
    """The other side of a caller with nothing between: a model that speaks the caller protocol."""

    def __init__(self, delays_ms: list[float]) -> None:
        self._delays_ms = delays_ms
        self._task: asyncio.Task[None] | None = None

    def on_ws_connected(self, transport: picows.WSTransport) -> None:
        self._task = asyncio.create_task(self._talk(transport))

    def on_ws_disconnected(self, transport: picows.WSTransport) -> None:
        if self._task is not None:
            self._task.cancel()

    def on_ws_frame(self, transport: picows.WSTransport, frame: picows.WSFrame) -> None:
        now_ns = time.monotonic_ns()
        if frame.msg_type is picows.WSMsgType.BINARY:
            left_ns = stamped_at(wire.decode_frame(frame.get_payload_as_bytes()).pcm)
            if left_ns is not None:
                self._delays_ms.append((now_ns - left_ns) / 1e6)
        elif frame.msg_type is picows.WSMsgType.CLOSE or b'"leave"' in frame.get_payload_as_bytes():
            transport.send(picows.WSMsgType.TEXT, wire.encode(wire.Ended(reason="caller_hung_up")))
            transport.send_close(picows.WSCloseCode.OK)
            transport.disconnect()

    async def _talk(self, transport: picows.WSTransport) -> None:
        due, position = time.monotonic(), 0
        while True:
            frame = wire.Frame(wire.FrameKind.REPLY, 1, 1, position, stamp(TONE, time.monotonic_ns()))
            transport.send(picows.WSMsgType.BINARY, wire.encode_frame(frame))
            position += len(TONE) // 2
            due += CHUNK_MS / 1000
            await asyncio.sleep(max(0.0, due - time.monotonic()))


def scripted_model(pipe: Connection, talk_s: float, listen_s: float) -> None:
    """A live model of the Gemini protocol. Requests: `ports` (of it, and of a direct peer), `delays`."""

    async def run() -> None:
        delays_ms: list[float] = []

        def mind(request: picows.WSUpgradeRequest) -> picows.WSListener:
            return _Mind(talk_s, listen_s, delays_ms)

        def direct(request: picows.WSUpgradeRequest) -> picows.WSUpgradeResponseWithListener:
            response = picows.WSUpgradeResponse.create_101_response(
                extra_headers={"Sec-WebSocket-Protocol": "vivavoce.v1"}
            )
            return picows.WSUpgradeResponseWithListener(response, _Direct(delays_ms))

        def taken() -> list[float]:
            found, delays_ms[:] = delays_ms[:], []
            return found

        servers = [await picows.ws_create_server(make, "127.0.0.1", 0) for make in (mind, direct)]
        ports = [server.sockets[0].getsockname()[1] for server in servers]
        await answer(pipe, {"ports": lambda: ports, "delays": taken})

    quick(run)


def crowd(pipe: Connection) -> None:
    """A process of callers. Request: `load` with the arguments of `vivavoce.guests.load.load`."""

    async def hold(
        url: str, tickets: list[str], seconds: float, manners: list[Any], over_s: float, settle_s: float
    ) -> dict[str, Any]:
        result: LoadResult = await load(url, tickets, seconds, manners=manners, over_s=over_s, settle_s=settle_s)
        told: dict[str, Any] = msgspec.to_builtins(result)
        return told

    quick(lambda: answer(pipe, {"load": hold}))


def percentiles(values: list[float]) -> dict[str, float]:
    if not values:
        return {"n": 0}
    found = np.percentile(values, [50, 95, 99]).round(2).tolist()
    return {"n": len(values)} | dict(zip(("p50", "p95", "p99"), found, strict=True))
