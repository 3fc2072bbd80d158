"""A server without a key answers only those who name the machine itself."""

from __future__ import annotations

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from tests.app.conftest import House
from vivavoce.app.hosts import LoopbackOnly


async def here(request: object) -> PlainTextResponse:
    return PlainTextResponse("here")


async def talk(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.close(1000)


def client() -> TestClient:
    return TestClient(LoopbackOnly(Starlette(routes=[Route("/", here), WebSocketRoute("/talk", talk)])))


@pytest.mark.parametrize("host", ["localhost", "localhost:8642", "127.0.0.1:8642", "[::1]:8642", "[::1]", "LOCALHOST"])
def test_the_machines_own_names(host: str) -> None:
    assert client().get("/", headers={"Host": host}).text == "here"


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8642", "127.0.0.1.evil.example", "localhost.evil.example", "", "[", "10.1.1.1"],
)
def test_any_other_name(host: str) -> None:
    refused = client().get("/", headers={"Host": host})
    assert (refused.status_code, "api_key" in refused.json()["error"]) == (421, True)


def test_a_socket_of_another_name() -> None:
    with pytest.raises(WebSocketDisconnect), client().websocket_connect("/talk", headers={"Host": "evil.example"}):
        pytest.fail("it opened")
    with client().websocket_connect("/talk", headers={"Host": "localhost:1"}) as socket:
        assert socket.receive() == {"type": "websocket.close", "code": 1000, "reason": ""}


async def test_the_server_looks_at_the_name(house: House) -> None:
    async with httpx.AsyncClient(base_url=house.url) as http:
        assert (await http.get("/health")).status_code == 200
        assert (await http.get("/health", headers={"Host": "evil.example"})).status_code == 421
