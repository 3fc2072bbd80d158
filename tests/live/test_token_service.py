"""Token services that are slow, broken or hostile: who has a token that holds waits for none of them."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from google.auth.credentials import TokenState
from google.auth.exceptions import TransportError

from tests.live.test_credentials import FakeAccount, account_file, key
from vivavoce.errors import LinkError
from vivavoce.live import http
from vivavoce.live.backend import BackendSettings, choose
from vivavoce.live.credentials import GoogleAccount, account_of_file
from vivavoce.live.dialect import Opening
from vivavoce.live.http import GoogleTransport
from vivavoce.live.network import trust

__all__ = ["key"]  # the fixture


@asynccontextmanager
async def service(body: bytes, *, endless: bool = False) -> AsyncIterator[str]:
    """Answers every request with 200 and this; `endless`: again and again."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        try:
            writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + body)
            while endless:
                writer.write(body)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/token"


class Held(FakeAccount):
    """Its refreshes wait until the test lets them go; counted."""

    def __init__(self, state: Any) -> None:
        super().__init__(state)
        self.go = threading.Event()
        self.asked = 0

    def refresh(self, request: object) -> None:
        self.asked += 1
        assert self.go.wait(10)
        self.token, self.token_state = "new", TokenState.FRESH


async def until(condition: Any) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110  # about a thread
            await asyncio.sleep(0)


async def test_while_a_token_holds_nobody_waits_for_the_next() -> None:
    held = Held(TokenState.STALE)
    account = GoogleAccount(lambda: held, lambda: None)
    for _ in range(3):
        assert (await account.headers())["Authorization"] == "Bearer old"
    held.go.set()
    await until(lambda: held.token == "new")
    assert (await account.headers())["Authorization"] == "Bearer new"
    assert held.asked == 1


async def test_callers_that_give_up_leave_one_refresh_and_not_many() -> None:
    held = Held(TokenState.INVALID)
    account = GoogleAccount(lambda: held, lambda: None)
    for _ in range(3):
        caller = asyncio.create_task(account.headers())
        await until(lambda: held.asked)
        caller.cancel()
        with pytest.raises(asyncio.CancelledError):
            await caller
    last = asyncio.create_task(account.headers())
    held.go.set()
    assert (await last)["Authorization"] == "Bearer new"
    assert held.asked == 1


@pytest.mark.parametrize(
    "body",
    [
        b"<html>very-secret</html>",
        b"[]",
        b"7",
        b"\xff",
        b'{"access_token": "t", "expires_in": "soon"}',
        b'{"access_token": "t", "expires_in": 1e300}',
    ],
)
async def test_an_answer_that_is_none_is_a_sentence(tmp_path: Path, key: str, body: bytes) -> None:
    async with service(body) as url:
        account = account_of_file(str(account_file(tmp_path, key, url)), GoogleTransport(trust()))
        with pytest.raises(LinkError, match="no access token") as caught:
            await account.headers()
    assert caught.value.kind == "transient"
    assert caught.value.remedy
    assert "very-secret" not in str(caught.value)


async def test_an_answer_without_an_end_is_cut_off() -> None:
    async with service(bytes(65_536), endless=True) as url:
        with pytest.raises(TransportError):
            await asyncio.to_thread(GoogleTransport(trust()), url)
        with pytest.raises(LinkError, match="no short-lived token"):
            await issue(url)


async def test_an_answer_that_drips_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "WITHIN_S", 0.05)

    async with service(b" ", endless=True) as url:
        with pytest.raises(LinkError, match="no short-lived token"):
            await issue(url)


async def issue(base: str) -> object:
    passes = choose(BackendSettings(kind="studio", key="k", base_url=base)).passes
    assert passes is not None
    return await passes.issue(Opening(model="models/m"), start_within_s=60, life_s=60, now=datetime.now(UTC))


async def test_a_proxy_that_only_sockets_can_take_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("all_proxy", "socks5://proxy.example:1080")
    monkeypatch.setenv("https_proxy", "")
    monkeypatch.setitem(sys.modules, "socksio", None)
    with pytest.raises(TransportError):
        GoogleTransport(trust())("https://token.example/token")


def test_the_addresses_of_a_file_may_be_nonsense() -> None:
    for url in ("htp:/x", "https://[", "//", "https://a:b"):
        with pytest.raises(TransportError):
            GoogleTransport(trust())(url)
