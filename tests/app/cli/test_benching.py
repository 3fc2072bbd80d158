"""`viva bench`: against a server of this process, and what it says when there is none."""

from __future__ import annotations

import asyncio

import pytest

from tests.app.cli.conftest import Shell
from tests.app.conftest import House
from vivavoce.app.bench import bench
from vivavoce.errors import BusyError, LinkError
from vivavoce.wire import caller as wire


def nothing(_: str) -> None: ...


@pytest.mark.slow
async def test_a_server_is_measured(house: House) -> None:
    most = house.services.settings.max_calls
    found = await bench(most + 1, 1.0, url=house.url, tell=nothing)
    assert (found.calls, found.finished, found.refused) == (most + 1, most, {wire.CloseCode.BUSY: 1})
    assert found.frames_sent > most * 30 * 1.0
    assert found.cpu_ms_per_call_second is not None
    assert found.cpu_ms_per_call_second > 0
    assert found.rss_mb


async def test_an_agent_that_is_not_there(house: House) -> None:
    with pytest.raises(LinkError, match="HTTP 404 for /api/v1/calls"):
        await bench(1, 1.0, url=house.url, agent="nobody", tell=nothing)


def test_nobody_there(shell: Shell) -> None:
    ran = shell("bench", "http://127.0.0.1:1")
    assert (ran.code, ran.out) == (5, "")
    assert "does not answer" in ran.err


def test_what_is_no_address(shell: Shell) -> None:
    for url in ("nonsense", "ftp://x", "http://"):
        ran = shell("bench", url)
        assert (ran.code, ran.out) == (2, "")
        assert "want a URL" in ran.err


@pytest.mark.parametrize(
    ("status", "kind"), [("200 OK", LinkError), ("401 Unauthorized", LinkError), ("503 Service Unavailable", BusyError)]
)
async def test_answers_of_another_server(status: str, kind: type[Exception]) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"HTTP/1.1 {status}\r\ncontent-length: 4\r\nconnection: close\r\n\r\n<p/>".encode())
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as other:
        port = other.sockets[0].getsockname()[1]
        with pytest.raises(kind):
            await bench(1, 1.0, url=f"http://127.0.0.1:{port}", tell=nothing)
