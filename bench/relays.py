"""Relays under test, each run in a process of its own: ours, and one written the plain way.

The naive relay does the same for a call's sound: takes frames of our caller protocol, measures their level, appends
them to a file, sends them to the live model by the official SDK, and brings the model's sound back. It has no gate, no
conversation, no log, no consent and no second try.
"""

from __future__ import annotations

import asyncio
import contextlib
import struct
import tempfile
import uuid
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from fastapi import FastAPI, WebSocket, WebSocketDisconnect

from bench.processes import usage
from vivavoce.storm.sockets.processes import answer

ROOT = Path(__file__).parent.parent


def ours(pipe: Connection, model_port: int, calls: int, loop: str) -> None:
    """Requests: `url`, `tickets` (of so many calls), `usage`."""

    async def run() -> None:
        from vivavoce.app import logs
        from vivavoce.app.api.tickets import TALK
        from vivavoce.app.server import running
        from vivavoce.app.services import open_services
        from vivavoce.app.settings import Settings

        logs.configure("warning")
        with tempfile.TemporaryDirectory() as folder:
            settings = Settings(
                data_dir=folder,
                agents_dir=str(ROOT / "examples" / "agents"),
                port=0,
                backend_url=f"ws://127.0.0.1:{model_port}",
                max_calls=calls + 1,
            )
            async with open_services(settings) as services, running(services) as port:

                async def tickets(count: int) -> list[str]:
                    agent = await services.shelf.find("founder")
                    return [(await services.desk.book(agent)).ticket for _ in range(count)]

                url = f"ws://127.0.0.1:{port}{TALK}"
                await answer(pipe, {"url": lambda: url, "tickets": tickets, "usage": usage})

    _run(run(), loop)


def naive(pipe: Connection, model_port: int, calls: int, loop: str) -> None:
    """Requests: as of `ours`."""

    async def run() -> None:
        import numpy as np
        import uvicorn
        from google import genai
        from google.genai import types

        holder = tempfile.TemporaryDirectory()
        folder = Path(holder.name)
        app = FastAPI()
        client = genai.Client(api_key="bench")
        # the SDK would go by TLS, as nothing else does here
        inner: Any = client._api_client
        inner._websocket_base_url, inner._websocket_ssl_ctx = lambda _=None: f"ws://127.0.0.1:{model_port}", {}

        @app.websocket("/talk")
        async def talk(websocket: WebSocket) -> None:
            await websocket.accept(subprotocol="vivavoce.v1")
            config = types.LiveConnectConfig(response_modalities=[types.Modality.AUDIO])
            async with client.aio.live.connect(model="gemini-live", config=config) as session:

                async def down() -> None:
                    position = 0
                    while True:
                        async for message in session.receive():
                            if message.data:
                                header = struct.pack("<BBHIQ", 1, 2, 1, 1, position)
                                position += len(message.data) // 2
                                await websocket.send_bytes(header + message.data)

                downward = asyncio.create_task(down())
                try:
                    with (folder / uuid.uuid4().hex).open("ab") as recording:
                        await _up(websocket, session, recording, np, types)
                except WebSocketDisconnect:
                    pass
                finally:
                    downward.cancel()
                    await asyncio.gather(downward, return_exceptions=True)

        server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="critical", lifespan="off"))
        serving = asyncio.create_task(server.serve())
        while not server.started:  # noqa: ASYNC110  # uvicorn has no event for it
            await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        url = f"ws://127.0.0.1:{port}/talk"
        await answer(pipe, {"url": lambda: url, "tickets": lambda count: ["-"] * count, "usage": usage})
        server.should_exit = True
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(serving, 5)
        holder.cleanup()

    import warnings

    warnings.simplefilter("ignore")  # the SDK calls half of this experimental
    _run(run(), loop)


async def _up(websocket: Any, session: Any, recording: Any, np: Any, types: Any) -> None:
    import json

    levels = []
    while True:
        message = await websocket.receive()
        if message["type"] == "websocket.disconnect":
            return
        if (frame := message.get("bytes")) is not None:
            pcm = frame[16:]
            levels.append(float(np.sqrt(np.mean(np.frombuffer(pcm, np.int16).astype(np.float64) ** 2))))
            recording.write(pcm)
            await session.send_realtime_input(audio=types.Blob(data=pcm, mime_type="audio/pcm;rate=16000"))
        elif json.loads(message["text"])["kind"] == "leave":
            await websocket.send_text(json.dumps({"kind": "ended", "reason": "caller_hung_up"}))
            await websocket.close()
            return


def _run(main: Any, loop: str) -> None:
    if loop == "uvloop":
        import uvloop

        uvloop.run(main)
    else:
        asyncio.run(main)
