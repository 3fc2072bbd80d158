"""A service on this machine that answers as a test says, down to the bytes; and a clock that nobody waits for."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeVar
from urllib.parse import parse_qsl, urlsplit

from vivavoce.studies.port import Page, Source

Made = TypeVar("Made", bound=Source)


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    """By their names in lower case."""
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode()))

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Reply:
    data: Any = None
    """Bytes as they are, anything else as JSON."""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    packed: bool = False
    """In gzip, as Stack Exchange always does."""
    length: int | None = None
    """What is said of its length; the truth unless told."""
    again: bool = False
    """The body without end."""
    mute: bool = False
    """No answer at all: the connection is closed."""

    def head_and_body(self) -> tuple[bytes, bytes]:
        body = self.data if isinstance(self.data, bytes) else json.dumps(self.data).encode()
        headers = {"content-type": "application/json; charset=utf-8", "connection": "close", **self.headers}
        if self.packed:
            body = gzip.compress(body)
            headers["content-encoding"] = "gzip"
        if not self.again:
            headers["content-length"] = str(len(body) if self.length is None else self.length)
        lines = [f"HTTP/1.1 {self.status} X", *(f"{name}: {value}" for name, value in headers.items())]
        return "\r\n".join(lines).encode() + b"\r\n\r\n", body


Answering: TypeAlias = Callable[[Request], Reply]


class Fake:
    """Answers one request after the other, each on a connection of its own."""

    def __init__(self, answer: Answering) -> None:
        self.answer = answer
        self.requests: list[Request] = []
        self.url = ""
        self.problem: Exception | None = None
        """What the test's own answer raised: its words are better than those of who was not answered."""

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            method, target, _ = lines[0].split(" ")
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:] if line)}
            body = await reader.readexactly(int(headers.get("content-length", 0)))
            parts = urlsplit(target)
            query = dict(parse_qsl(parts.query, keep_blank_values=True))
            self.requests.append(Request(method, parts.path, query, headers, body))
            try:
                reply = self.answer(self.requests[-1])
            except Exception as error:  # noqa: BLE001  # raised again where the test ends
                self.problem, reply = error, Reply(mute=True)
            if not reply.mute:
                head, data = reply.head_and_body()
                writer.write(head + data)
                await writer.drain()
                while reply.again:
                    writer.write(data)
                    await writer.drain()
                    await asyncio.sleep(0)  # the other end lives on the same loop
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def service(answer: Answering | Reply) -> AsyncIterator[Fake]:
    """
    Args:
        answer: to every request, or what makes the answer to each.
    """
    fake = Fake(answer if callable(answer) else lambda _: answer)
    server = await asyncio.start_server(fake._serve, "127.0.0.1", 0)
    async with server:
        fake.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield fake
        finally:
            if fake.problem is not None:
                raise fake.problem


def in_turn(*replies: Reply) -> Answering:
    """One after the other; the last again and again."""
    left = list(replies)
    return lambda _: left.pop(0) if len(left) > 1 else left[0]


class Time:
    """A clock that goes on only while somebody pauses."""

    def __init__(self, now: float = 1_790_000_000.0) -> None:
        self.now = now
        self.pauses: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def pause(self, wait_s: float) -> None:
        self.pauses.append(wait_s)
        self.now += wait_s


def pseudonym(handle: str) -> str:
    """Of a test: anybody sees whose it is."""
    return f"p-{handle}" if handle else ""


@asynccontextmanager
async def opened(
    make: Callable[..., Made], answer: Answering | Reply, time: Time | None = None, **kinds: Any
) -> AsyncIterator[tuple[Made, Fake]]:
    """A source that asks a service of ours, and that service."""
    time = time or Time()
    async with service(answer) as fake:
        made = make(pseudonym=pseudonym, base_url=fake.url, clock=time, pause=time.pause, **kinds)
        try:
            yield made, fake
        finally:
            await made.close()


async def first_page(make: Callable[..., Source], answer: Answering | Reply, query: str) -> Page:
    async with opened(make, answer) as (made, _):
        return await made.page(query, None)
