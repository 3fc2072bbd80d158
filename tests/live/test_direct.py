"""Passes for direct clients: what is asked of the service, and what is made of its answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from vivavoce.errors import LinkError
from vivavoce.live.backend import BackendSettings, choose
from vivavoce.live.dialect import Opening
from vivavoce.live.direct import Pass

KEY = "very-secret"
CONSTRAINED = "BidiGenerateContentConstrained"
NOW = datetime(2026, 10, 1, 12, tzinfo=UTC)
OPENING = Opening(
    model="models/gemini-3.8-live",
    instruction="Be brief.",
    voice="Kore",
    tools=({"name": "note", "behavior": "NON_BLOCKING"},),
)


@asynccontextmanager
async def service(status: int, body: bytes, asked: list[tuple[bytes, bytes]]) -> AsyncIterator[str]:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        asked.append((head, await reader.readexactly(length)))
        writer.write(b"HTTP/1.1 %d X\r\ncontent-length: %d\r\nconnection: close\r\n\r\n" % (status, len(body)) + body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/prefix/"


async def issue(base: str, **settings: Any) -> Pass:
    backend = choose(BackendSettings(kind="studio", key=KEY, base_url=base, **settings))
    assert backend.passes is not None
    assert KEY not in repr(backend.passes)
    return await backend.passes.issue(OPENING, start_within_s=60, life_s=1800, now=NOW)


async def test_a_pass_fixes_all_but_the_handle() -> None:
    asked: list[tuple[bytes, bytes]] = []
    async with service(200, b'{"name": "auth_tokens/abc", "newer": 1}', asked) as base:
        given = await issue(base, api_version="v1alpha")
    ((head, body),) = asked
    assert head.startswith(b"POST /prefix/v1alpha/auth_tokens HTTP/1.1\r\n")
    assert b"x-goog-api-key: very-secret" in head.lower()
    request = msgspec.json.decode(body)
    setup = request["bidiGenerateContentSetup"]
    assert (request["uses"], request["expireTime"], request["newSessionExpireTime"]) == (
        1, "2026-10-01T12:30:00Z", "2026-10-01T12:01:00Z",
    )  # fmt: skip
    assert setup["systemInstruction"]["parts"][0]["text"] == "Be brief."
    assert "sessionResumption" not in setup
    fixed = request["fieldMask"].split(",")
    assert {"model", "generationConfig.speechConfig", "systemInstruction.parts", "tools"} <= set(fixed)
    assert not any(path.startswith("sessionResumption") for path in fixed)
    assert given.token == "auth_tokens/abc"
    assert "auth_tokens/abc" not in repr(given)
    assert given.url.endswith(
        "/prefix/ws/google.ai.generativelanguage.v1alpha.GenerativeService.BidiGenerateContentConstrained"
    )
    assert given.model == "models/gemini-3.8-live"


async def test_a_key_in_the_query_stays_between_us_and_the_service() -> None:
    asked: list[tuple[bytes, bytes]] = []
    async with service(200, b'{"name": "auth_tokens/abc"}', asked) as base:
        given = await issue(base, key_in="query")
    assert b"?key=very-secret" in asked[0][0]
    assert KEY not in given.url


@pytest.mark.parametrize(
    ("status", "kind", "word"),
    [(400, "fatal", "API version"), (503, "transient", ""), (401, "fatal", "credential"), (429, "quota", "quota")],
)
async def test_a_service_that_refuses(status: int, kind: str, word: str) -> None:
    async with service(status, b'{"error": "very-secret"}', []) as base:
        with pytest.raises(LinkError) as caught:
            await issue(base)
    assert (caught.value.code, caught.value.kind) == (status, kind)
    assert word in caught.value.remedy
    assert KEY not in str(caught.value) + caught.value.reason


@pytest.mark.parametrize("body", [b"", b"[]", b'{"name": 1}', b"<html>", b"\xff"])
async def test_a_service_that_answers_with_something_else(body: bytes) -> None:
    async with service(200, body, []) as base:
        with pytest.raises(LinkError, match="something else"):
            await issue(base)


async def test_a_service_that_is_not_there() -> None:
    with pytest.raises(LinkError, match="cannot be reached") as caught:
        await issue("http://127.0.0.1:1")
    assert KEY not in str(caught.value)


def test_a_token_makes_no_tokens() -> None:
    assert choose(BackendSettings(kind="studio", key="auth_tokens/x")).passes is None
