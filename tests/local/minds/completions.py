"""A chat endpoint of ours: it answers what the test says, byte by byte if need be, and remembers what it was asked."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

DONE = b"data: [DONE]\n\n"


@dataclass
class Reply:
    """What goes out: a status, headers, pieces of a body. `gate` holds back what stands behind the first piece."""

    pieces: Iterable[bytes] = ()
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    gate: asyncio.Event | None = None
    abort: bool = False
    """The connection is reset at the end instead of closed."""


def event(**delta: Any) -> bytes:
    return b"data: " + json.dumps({"id": "x", "choices": [{"index": 0, "delta": delta}]}).encode() + b"\n\n"


def words(*texts: str) -> Reply:
    """An answer in so many events."""
    return Reply([*(event(content=text) for text in texts), DONE])


def calls(*wanted: tuple[str, str, str], text: str = "") -> Reply:
    """Tool calls, (id, name, arguments) each, arguments in two halves as real endpoints send them."""
    events = [event(content=text)] if text else []
    for at, (id_, name, arguments) in enumerate(wanted):
        half = len(arguments) // 2
        events.append(event(tool_calls=[{"index": at, "id": id_, "function": {"name": name, "arguments": ""}}]))
        for part in (arguments[:half], arguments[half:]):
            events.append(event(tool_calls=[{"index": at, "function": {"arguments": part}}]))
    return Reply([*events, DONE])


class Completions:
    """A running endpoint."""

    def __init__(self, *replies: Reply) -> None:
        self.replies = list(replies)
        self.asked: list[dict[str, Any]] = []
        self.heads: list[str] = []
        self.gone = asyncio.Event()
        """A client went away before its answer was whole."""
        self.url = ""

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await self._exchange(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = next(int(line[15:]) for line in head.splitlines() if line.lower().startswith("content-length:"))
        self.heads.append(head)
        self.asked.append(json.loads(await reader.readexactly(length)))
        reply = self.replies.pop(0) if self.replies else Reply(status=500)
        headers = {"Content-Type": "text/event-stream", "Connection": "close"} | reply.headers
        lines = [f"HTTP/1.1 {reply.status} Reason", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
        writer.write("\r\n".join(lines).encode())
        for at, piece in enumerate(reply.pieces):
            if at and reply.gate is not None and not await self._held(reply.gate, reader):
                return False
            writer.write(piece)
            await writer.drain()
        if reply.abort:
            writer.transport.abort()
        return False

    async def _held(self, gate: asyncio.Event, reader: asyncio.StreamReader) -> bool:
        """Wait for the gate; False when the client leaves first."""
        opened, left = asyncio.create_task(gate.wait()), asyncio.create_task(reader.read(1))
        done, pending = await asyncio.wait({opened, left}, return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)
        if left in done:
            self.gone.set()
        return opened in done


@asynccontextmanager
async def completions(*replies: Reply) -> AsyncIterator[Completions]:
    served = Completions(*replies)
    server = await asyncio.start_server(served._serve, "127.0.0.1", 0)
    async with server:
        served.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        yield served
