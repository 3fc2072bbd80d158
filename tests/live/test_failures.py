"""A handshake that fails is one sentence with what to do, without a secret in it, and never a hang."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import msgspec
import pytest
from python_socks import ProxyError
from websockets.asyncio.server import ServerConnection, serve

from tests.live.test_link import Heard, ready
from vivavoce.errors import LinkError
from vivavoce.live.backend import BackendSettings, Target, choose
from vivavoce.live.dialect import Opening
from vivavoce.live.failures import explained, without
from vivavoce.live.network import trust
from vivavoce.live.state import State
from vivavoce.local.front.certificate import self_made

SECRET = "very-secret"
HEADERS = {"x-goog-api-key": SECRET}
Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def raw(handler: Handler) -> AsyncIterator[int]:
    """A TCP server that does with each connection as the test says."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, EOFError):
            await handler(reader, writer)
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


def answering(head: str) -> Handler:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)  # a client that greets in another language sends no end of a request
        writer.write(head.encode() + b"\r\ncontent-length: 11\r\nconnection: close\r\n\r\nvery-secret")
        await writer.drain()

    return handle


async def refused(target: Target) -> LinkError:
    with pytest.raises(LinkError) as caught:
        await Heard().open(target, within_s=5.0)
    text = f"{caught.value} {caught.value.reason} {caught.value.remedy}"
    assert SECRET not in text
    return caught.value


@pytest.mark.conformance("C4", "C54")
@pytest.mark.parametrize(
    ("status", "kind", "word"),
    [
        (401, "fatal", "credential"),
        (403, "fatal", "project"),
        (404, "fatal", "VIVA_BACKEND_URL"),
        (429, "quota", "quota"),
        (503, "transient", ""),
        (302, "transient", ""),
    ],
)
async def test_an_upgrade_that_is_refused(status: int, kind: str, word: str) -> None:
    async with raw(answering(f"HTTP/1.1 {status} No\r\nlocation: http://127.0.0.1:1/")) as port:
        error = await refused(Target(url=f"ws://127.0.0.1:{port}/x", headers=HEADERS))
    assert (error.code, error.kind) == (status, kind)
    assert str(status) in str(error)
    assert word in error.remedy


@pytest.mark.parametrize("head", ["HTTP/1.1 200 OK", "SSH-2.0-x", ""])
async def test_somebody_else_at_the_address(head: str) -> None:
    async with raw(answering(head)) as port:
        error = await refused(Target(url=f"ws://127.0.0.1:{port}/x", headers=HEADERS))
    assert error.kind in ("fatal", "transient")


async def test_a_certificate_that_nobody_vouches_for(tmp_path: Path) -> None:
    own = self_made(tmp_path)

    async def script(connection: ServerConnection) -> None:
        await ready(connection)
        await connection.wait_closed()

    async with serve(script, "127.0.0.1", 0, ssl=own.context()) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        url = f"wss://localhost:{port}/x"
        error = await refused(Target(url=url, headers=HEADERS, tls=trust()))
        assert error.kind == "fatal"
        assert "VIVA_BACKEND_CA" in error.remedy
        link = await Heard().open(Target(url=url, headers=HEADERS, tls=trust(str(own.authority_file))))
        link.close()
        plain = await refused(Target(url=f"ws://127.0.0.1:{port}/x", headers=HEADERS))
        assert "wss://" in plain.remedy


async def test_tls_to_a_plain_port() -> None:
    async with raw(answering("HTTP/1.1 400 Bad Request")) as port:
        error = await refused(Target(url=f"wss://127.0.0.1:{port}/x", headers=HEADERS, tls=trust()))
    assert error.kind == "fatal"
    assert "TLS" in error.remedy


async def test_a_server_that_hangs_up_at_once() -> None:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)

    async with raw(handle) as port:
        error = await refused(Target(url=f"ws://127.0.0.1:{port}/x", headers=HEADERS))
    assert "hangs up" in str(error)


async def test_nobody_listens() -> None:
    error = await refused(Target(url="ws://127.0.0.1:1/x", headers=HEADERS))
    assert (error.code, error.kind) == (1006, "transient")
    assert "VIVA_BACKEND_URL" in error.remedy


def test_what_cannot_be_tried_here() -> None:
    dialect = Heard().dialect()
    assert "host name" in str(explained(socket.gaierror(-2, "very-secret.example"), dialect))
    assert "very-secret" not in str(explained(OSError("very-secret"), dialect))
    assert explained(ProxyError("407 Proxy Authentication Required"), dialect).kind == "fatal"


async def test_through_a_proxy_and_past_one_that_refuses() -> None:
    asked: list[bytes] = []

    async def script(connection: ServerConnection) -> None:
        await ready(connection)
        await connection.wait_closed()

    async with serve(script, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]

        async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            asked.append(await reader.readuntil(b"\r\n\r\n"))
            inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")

            async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
                while data := await source.read(4096):
                    sink.write(data)
                sink.close()

            await asyncio.gather(pump(reader, inner_writer), pump(inner_reader, writer), return_exceptions=True)

        async with raw(proxy) as proxy_port:
            target = Target(
                url="ws://model.example/x", headers=HEADERS, proxy=f"http://user:pass@127.0.0.1:{proxy_port}"
            )
            link = await Heard().open(target)
            link.close()
    assert asked[0].startswith(b"CONNECT model.example:80 ")
    assert b"Proxy-Authorization: Basic" in asked[0]
    async with raw(answering("HTTP/1.1 407 Proxy Authentication Required")) as proxy_port:
        error = await refused(
            Target(url="ws://model.example/x", headers=HEADERS, proxy=f"http://user:very-secret@127.0.0.1:{proxy_port}")
        )
    assert error.kind == "fatal"
    assert "https_proxy" in error.remedy


@pytest.mark.conformance("C4")
def test_a_reason_that_repeats_a_secret_is_cleaned() -> None:
    error = LinkError("closed", reason=f"bad key {SECRET} for v1")
    assert without(error, [SECRET, "", "v1"]).reason == "bad key … for v1"


def test_one_problem_is_one_line_in_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    state = State()
    bad_key = LinkError("closed with 1007", code=1007, reason="API key not valid.", kind="fatal", remedy="Set a key.")
    for _ in range(5):
        state.failed(bad_key)
    assert capsys.readouterr().out.count("cannot be talked to") == 1
    assert state.as_dict() == {"status": "failing", "problem": "closed with 1007", "remedy": "Set a key."}
    state.failed(LinkError("gone", kind="dead_handle"))
    assert state.problem == "closed with 1007"
    state.opened()
    assert state.as_dict() == {"status": "ok"}
    state.dropped(LinkError("the usual ten minutes", kind="transient"))
    assert state.as_dict() == {"status": "ok"}
    state.dropped(LinkError("no money", kind="quota"))
    assert state.as_dict() == {"status": "failing", "problem": "no money"}


@pytest.mark.conformance("C4")
async def test_no_library_of_ours_writes_a_key_down(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(1)

    async def script(connection: ServerConnection) -> None:
        await ready(connection)
        await connection.wait_closed()

    quiet = logging.getLogger("tests.server")
    quiet.setLevel(logging.CRITICAL)
    places: tuple[Literal["header", "query"], ...] = ("header", "query")
    async with serve(script, "127.0.0.1", 0, logger=quiet) as server, raw(answering("HTTP/1.1 403 No")) as pages:
        base = f"http://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}"
        for key_in in places:
            settings = BackendSettings(kind="studio", key=SECRET, key_in=key_in, base_url=base)
            (await Heard().open(await choose(settings).target())).close()
            passes = choose(msgspec.structs.replace(settings, base_url=f"http://127.0.0.1:{pages}")).passes
            assert passes is not None
            with pytest.raises(LinkError, match="403"):
                await passes.issue(Opening(model="models/x"), start_within_s=1, life_s=2, now=datetime.now(UTC))
    assert SECRET not in caplog.text
