"""What stands around the routes: security headers, HEAD, requests that fail, too many of one address."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import HTMLResponse, StreamingResponse
from starlette.types import Message, Scope
from structlog.testing import capture_logs

from vivavoce.app.api.document import Api
from vivavoce.app.headers import HSTS, SecurityHeaders, page_policy
from vivavoce.app.limits import Limits, Seats, Windows
from vivavoce.app.metrics import Metrics, parse_prices
from vivavoce.app.refusals import add_refusals
from vivavoce.app.settings import Settings
from vivavoce.app.throttle import HeadAsGet, Throttle, Unexpected
from vivavoce.errors import LimitError, StoreError


def app(*, https: bool = False) -> FastAPI:
    routes = APIRouter()

    @routes.get("/here")
    async def here(request: Request) -> dict[str, str]:
        return {"method": request.method}

    @routes.get("/page")
    async def page() -> HTMLResponse:
        policy, nonce = page_policy()
        return HTMLResponse(f'<style nonce="{nonce}"></style>', headers={"Content-Security-Policy": policy})

    @routes.get("/endless")
    async def endless() -> StreamingResponse:
        async def drops() -> object:
            while True:
                yield b"drop"

        return StreamingResponse(drops())  # type: ignore[arg-type]

    @routes.get("/broken")
    async def broken() -> None:
        raise RuntimeError("what the caller said")

    @routes.get("/half")
    async def half() -> StreamingResponse:
        async def drops() -> object:
            yield b"drop"
            raise RuntimeError("what the caller said")

        return StreamingResponse(drops())  # type: ignore[arg-type]

    @routes.get("/limited")
    async def limited() -> None:
        raise LimitError("want less, got more", wait_s=3)

    @routes.post("/body")
    async def body(given: dict[str, int]) -> dict[str, int]:
        return given

    made = Api()
    made.state.services = SimpleNamespace(metrics=Metrics(parse_prices("")))
    made.add(routes)
    add_refusals(made)
    made.add_middleware(Unexpected)
    made.add_middleware(HeadAsGet)
    made.add_middleware(SecurityHeaders, https=https)
    return made


async def ask(method: str, path: str, *, https: bool = False, **more: Any) -> httpx.Response:
    transport = httpx.ASGITransport(app=app(https=https))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as http:
        return await http.request(method, path, **more)


@pytest.mark.parametrize("path", ["/here", "/nowhere", "/broken", "/limited"])
async def test_every_answer_tells_browsers_what_to_leave_alone(path: str) -> None:
    headers = (await ask("GET", path)).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "strict-transport-security" not in headers
    assert (await ask("GET", path, https=True)).headers["strict-transport-security"] == HSTS


async def test_a_page_has_a_nonce_of_its_own() -> None:
    one, other = await ask("GET", "/page"), await ask("GET", "/page")
    policy = one.headers["content-security-policy"]
    nonce = one.text.partition('nonce="')[2].partition('"')[0]
    assert f"'nonce-{nonce}'" in policy
    assert "unsafe" not in policy
    assert other.headers["content-security-policy"] != policy


async def test_head_is_get_without_its_body() -> None:
    head = await ask("HEAD", "/here")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(b'{"method":"GET"}'))
    assert (await ask("HEAD", "/nowhere")).status_code == 404


async def test_what_nobody_expected_is_told_by_its_place_and_not_by_its_words() -> None:
    with capture_logs() as logs:
        answer = await ask("GET", "/broken")
    assert (answer.status_code, set(answer.json())) == (500, {"error"})
    assert [(log["kind"], log["route"], log["method"]) for log in logs] == [("RuntimeError", "/broken", "GET")]
    assert logs[0]["at"].startswith("test_guards.py:")
    assert "/" not in logs[0]["where"]
    assert "said" not in answer.text + str(logs)


async def test_an_answer_that_breaks_off_is_not_begun_again() -> None:
    sent: list[Message] = []

    async def receive() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: Message) -> None:
        sent.append(message)

    scope: Scope = {"type": "http", "method": "GET", "path": "/half", "headers": [], "query_string": b"", "app": None}
    with capture_logs() as logs:
        await app()(scope, receive, send)
    assert [message.get("body") for message in sent] == [None, b"drop"], "it does not end: the server hangs up"
    assert len(logs) == 1


@pytest.mark.parametrize(
    ("method", "path", "more", "status"),
    [
        ("GET", "/nowhere", {}, 404),
        ("DELETE", "/here", {}, 405),
        ("OPTIONS", "/here", {}, 405),
        ("GET", "/limited", {}, 429),
        ("GET", "/here/", {}, 404),
        ("POST", "/body", {"content": b"{}", "headers": {"transfer-encoding": "chunked", "content-length": "2"}}, 400),
        ("POST", "/body", {"content": b"{}", "headers": {"content-type": "text/plain"}}, 415),
        ("POST", "/body", {"content": b"{}"}, 415),
        ("POST", "/body", {}, 422),
        ("POST", "/body", {"content": b"{", "headers": {"content-type": "application/json"}}, 422),
        ("POST", "/body", {"content": b" " * 70_000, "headers": {"content-type": "application/json"}}, 413),
        ("POST", "/body", {"json": {"a": 1}}, 200),
    ],
)
async def test_every_refusal_is_json_with_an_error(method: str, path: str, more: dict[str, Any], status: int) -> None:
    answer = await ask(method, path, **more)
    assert answer.status_code == status
    assert status == 200 or answer.json()["error"].startswith("want")
    if status == 405:
        assert answer.headers["allow"] == "GET"
    if status == 429:
        assert answer.headers["retry-after"] == "3"


async def test_an_address_that_asks_too_often_is_refused_before_anybody_works() -> None:
    limits = Limits(Settings(requests_per_s=1), Seats(lambda _: False), Windows())
    guarded: list[bool | None] = [False]

    async def is_guarded() -> bool:
        if guarded[0] is None:
            raise StoreError("away")
        return guarded[0]

    throttled = Throttle(app(), limits=limits, guarded=is_guarded, trusted_proxies=0)

    async def statuses(address: str) -> set[int]:
        transport = httpx.ASGITransport(app=throttled, client=(address, 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as http:
            answers = [await http.get("/here") for _ in range(11)]
        assert all("retry-after" in answer.headers for answer in answers if answer.status_code == 429)
        return {answer.status_code for answer in answers}

    assert await statuses("203.0.113.5") == {200}, "a developer's own server counts nobody"
    guarded[0] = True
    assert await statuses("203.0.113.5") == {200, 429}
    assert await statuses("203.0.113.6") == {200, 429}
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    socket = {"type": "websocket", "client": ("203.0.113.6", 1), "headers": [], "path": "/api/v1/talk"}
    await throttled(socket, receive, send)
    assert [(message["type"], message["code"]) for message in sent] == [("websocket.close", 1013)]
    guarded[0] = None
    assert await statuses("203.0.113.7") == {200, 429}, "a storage that does not answer opens no doors"
