"""CPU of the whole relay per call-second: caller's WebSocket, gate, recording, conversation, log, live link.

The server runs in this process; callers and a live model that talks all the time run in another, so that only the
relay's CPU is counted. Both directions are busy all the time, which no real call is. For scale, the same process also
carries the bare minimum: frames up and audio down between the same two sockets libraries with `json` and `base64`,
without gate, recording, conversation or log.
"""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import multiprocessing
import multiprocessing.connection
import resource
import tempfile
import time
from pathlib import Path

import numpy as np
from tests.conversation.talk import ROOT
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.typing import Subprotocol

from vivavoce.app import logs
from vivavoce.app.desk import open_desk
from vivavoce.app.server import TALK, running
from vivavoce.app.settings import Settings
from vivavoce.wire import caller as wire
from vivavoce.wire.gemini import codec
from vivavoce.wire.gemini.messages import AUDIO_IN_MIME

CALLS = 10
SECONDS = 15.0
FRAME = 0.032
MIC = (np.sin(np.arange(512) * 0.2) * 3000).astype("<i2").tobytes()
CHUNK = codec.encode_audio_out((np.sin(np.arange(2400) * 0.1) * 3000).astype("<i2").tobytes())  # 100 ms


async def model(socket: ServerConnection) -> None:
    """A live model that speaks without a pause and listens to everything."""
    await socket.recv()
    await socket.send(b'{"setupComplete":{}}')

    async def listen() -> None:
        async for _ in socket:
            pass

    listening = asyncio.create_task(listen())
    clock = asyncio.get_running_loop().time
    due = clock()
    while not listening.done():
        await socket.send(CHUNK)
        due += 0.1
        await asyncio.sleep(max(0.0, due - clock()))


async def one_caller(url: str, ticket: str, seconds: float) -> None:
    offered = [Subprotocol(wire.SUBPROTOCOL), Subprotocol(wire.TICKET_PREFIX + ticket)]
    async with connect(url, subprotocols=offered, compression=None, max_queue=None) as socket:
        await socket.send(wire.encode(wire.Hello(echo_cancelled=True)))
        await socket.send(wire.encode(wire.Consent(decision="given")))
        heard: dict[int, int] = {}

        async def listen() -> None:
            async for data in socket:
                if isinstance(data, bytes):
                    frame = wire.decode_frame(data)
                    heard[frame.reply] = frame.position + len(frame.pcm) // 2

        listening = asyncio.create_task(listen())
        clock = asyncio.get_running_loop().time
        began = clock()
        for index in range(int(seconds / FRAME)):
            frame = wire.Frame(wire.FrameKind.MIC, 0, 0, index * 512, MIC)
            await socket.send(wire.encode_frame(frame))
            if index % 3 == 0 and heard:
                reply = max(heard)
                await socket.send(wire.encode(wire.Played(reply=reply, samples=heard[reply], at=index * 512)))
            await asyncio.sleep(max(0.0, began + (index + 1) * FRAME - clock()))
        await socket.send(wire.encode(wire.Leave()))
        await asyncio.wait({listening}, timeout=5)
        listening.cancel()


def peers(pipe: multiprocessing.connection.Connection) -> None:
    async def run() -> None:
        async with serve(model, "127.0.0.1", 0, compression=None, max_queue=None) as server:
            pipe.send(next(iter(server.sockets)).getsockname()[1])
            url, tickets = await asyncio.to_thread(pipe.recv)
            await asyncio.gather(*(one_caller(url, ticket, SECONDS) for ticket in tickets))
            pipe.send("done")
            url = await asyncio.to_thread(pipe.recv)
            await asyncio.gather(*(bare_caller(url, SECONDS) for _ in range(CALLS)))
            pipe.send("done")

    asyncio.run(run())


async def bare_caller(url: str, seconds: float) -> None:
    async with connect(url, compression=None, max_queue=None) as socket:

        async def listen() -> None:
            async for _ in socket:
                pass

        listening = asyncio.create_task(listen())
        clock = asyncio.get_running_loop().time
        began = clock()
        for index in range(int(seconds / FRAME)):
            await socket.send(MIC)
            await asyncio.sleep(max(0.0, began + (index + 1) * FRAME - clock()))
        listening.cancel()


async def bare(model_url: str, socket: ServerConnection) -> None:
    """The bare minimum of a relay in the plain way."""
    async with connect(model_url, compression=None, max_queue=None) as link:
        await link.send('{"setup":{"model":"m"}}')
        await link.recv()

        async def down() -> None:
            async for data in link:
                parts = json.loads(data)["serverContent"]["modelTurn"]["parts"]
                await socket.send(base64.b64decode(parts[0]["inlineData"]["data"]))

        downward = asyncio.create_task(down())
        async for pcm in socket:
            assert isinstance(pcm, bytes), "the bare caller sends only frames"
            data = base64.b64encode(pcm).decode()
            await link.send(json.dumps({"realtimeInput": {"audio": {"mimeType": AUDIO_IN_MIME, "data": data}}}))
        downward.cancel()
        await asyncio.gather(downward, return_exceptions=True)


def cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


async def measure(pipe: multiprocessing.connection.Connection, folder: Path) -> None:
    model_url = f"ws://127.0.0.1:{await asyncio.to_thread(pipe.recv)}"
    agents = ROOT / "examples" / "agents"
    settings = Settings(data_dir=str(folder), agents_dir=str(agents), port=0, backend_url=model_url, max_calls=CALLS)
    async with open_desk(settings) as desk, running(desk) as port:
        tickets = [(await desk.book(desk.find_agent("founder"))).ticket for _ in range(CALLS)]
        before, began = cpu(), time.perf_counter()
        pipe.send((f"ws://127.0.0.1:{port}{TALK}", tickets))
        await asyncio.to_thread(pipe.recv)
        ours, wall = cpu() - before, time.perf_counter() - began
    async with serve(lambda socket: bare(model_url, socket), "127.0.0.1", 0, compression=None) as server:
        before = cpu()
        pipe.send(f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}")
        await asyncio.to_thread(pipe.recv)
        plain = cpu() - before
    seconds = CALLS * SECONDS
    print(f"{CALLS} calls of {SECONDS:.0f} s (took {wall:.1f} s), both directions busy, recording and log on:")
    print(f"  whole relay   {ours / seconds * 1000:.2f} ms of CPU per call-second")
    print(f"  bare minimum  {plain / seconds * 1000:.2f} ms with json, base64 and websockets; ratio {ours / plain:.2f}")


def main() -> None:
    logs.configure(logging.WARNING)
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=peers, args=(there,), daemon=True)
    process.start()
    with tempfile.TemporaryDirectory() as folder:
        try:
            import uvloop
        except ImportError:
            asyncio.run(measure(here, Path(folder)))
        else:
            uvloop.run(measure(here, Path(folder)))
    process.join()


if __name__ == "__main__":
    main()
