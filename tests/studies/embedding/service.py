"""A service that speaks OpenAI's embeddings, on this machine, as good or bad as a test wants it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

Answering = Callable[[dict[str, Any]], tuple[int, Any]]
"""What came in, and what goes out: a status, and JSON or bytes."""


def vector(text: str) -> list[float]:
    """Not of length 1, and another one for each text."""
    return [float(len(text)), float(sum(map(ord, text)) % 97 + 1), 2.0]


def well(asked: dict[str, Any]) -> tuple[int, Any]:
    items = [{"object": "embedding", "index": at, "embedding": vector(text)} for at, text in enumerate(asked["input"])]
    return 200, {"object": "list", "data": items[::-1], "model": asked["model"], "usage": {"total_tokens": 1}}


class Service:
    """Keeps what it was asked: bodies, paths and headers."""

    def __init__(self, answering: Answering) -> None:
        self._answering = answering
        self.asked: list[dict[str, Any]] = []
        self.heads: list[str] = []
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = int(next(line for line in head.lower().splitlines() if line.startswith("content-length:")).split()[1])
        self.heads.append(head)
        self.asked.append(json.loads(await reader.readexactly(length)))
        status, answer = self._answering(self.asked[-1])
        body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        kind = "content-type: application/json\r\nconnection: close"
        writer.write(f"HTTP/1.1 {status} x\r\n{kind}\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body)
        await writer.drain()
        writer.close()


@asynccontextmanager
async def service(answering: Answering = well) -> AsyncIterator[Service]:
    stub = Service(answering)
    server = await asyncio.start_server(stub.serve, "127.0.0.1", 0)
    stub.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    async with server:
        yield stub
