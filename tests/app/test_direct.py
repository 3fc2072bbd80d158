"""Direct clients: a short-lived token where the service makes one, a ticket to our relay elsewhere, never a key."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tests.app.conftest import House
from tests.local.fakes import LoudDetector, ScriptedEars, ToneMouth
from vivavoce.app.desk import Desk
from vivavoce.app.server import running
from vivavoce.app.services import open_services
from vivavoce.live.direct import ALWAYS_FIXED, fixed_paths
from vivavoce.local.server import serve
from vivavoce.wire.gemini.codec import decode_server, encode
from vivavoce.wire.gemini.messages import ClientMessage, GenerationConfig, SessionResumptionConfig, Setup

pytestmark = pytest.mark.slow
KEY = "the-houses-key"


@asynccontextmanager
async def another(house: House, tmp_path: Path, **changes: Any) -> AsyncIterator[tuple[Desk, str]]:
    """A server beside the house with other settings, and its URL."""
    settings = msgspec.structs.replace(house.desk.settings, data_dir=str(tmp_path / "other"), **changes)
    async with open_services(settings) as services, running(services) as port:
        desk = services.desk
        yield desk, f"http://127.0.0.1:{port}"


async def ask(url: str, agent: str = "founder") -> httpx.Response:
    async with httpx.AsyncClient(base_url=url) as http:
        return await http.post("/api/v1/tokens", json={"agent": agent})


async def first_answer(url: str, token: str, setup: Setup) -> tuple[int | None, bool]:
    """What the model says to a setup: (close code, whether it was taken)."""
    async with connect(f"{url}?access_token={token}", compression=None, proxy=None) as socket:
        await socket.send(encode(ClientMessage(setup=setup)))
        try:
            return None, decode_server(await socket.recv()).setup_complete is not None
        except ConnectionClosed:
            return socket.close_code, False


async def test_a_token_opens_one_session_with_this_agent_and_nothing_else(house: House, tmp_path: Path) -> None:
    async with another(house, tmp_path, backend_key=KEY) as (_, url):
        given = (await ask(url)).raise_for_status().json()
    assert given["kind"] == "direct"
    assert given["token"].startswith("auth_tokens/")
    assert given["url"].startswith("ws://127.0.0.1:")
    assert given["url"].endswith("BidiGenerateContentConstrained")
    assert KEY not in str(given)
    start_by, expires_at = (datetime.fromisoformat(given[name]) for name in ("start_by", "expires_at"))
    assert timedelta(minutes=5) < expires_at - start_by < timedelta(hours=1)
    assert await first_answer(given["url"], given["token"], Setup(model=given["model"])) == (None, True)
    again = await first_answer(given["url"], given["token"], Setup(model=given["model"]))
    assert again == (1008, False), "it is good for one session"


async def test_where_the_service_has_no_tokens_our_relay_takes_them(house: House, tmp_path: Path) -> None:
    changes = {"backend": "vertex", "backend_token": "cloud-token", "backend_project": "p"}
    async with another(house, tmp_path, **changes) as (desk, url):
        given = (await ask(url)).raise_for_status().json()
        assert given["kind"] == "relay"
        assert set(given) == {"kind", "call", "ticket", "socket", "subprotocol", "expires_in_s"}
        assert "cloud-token" not in str(given)
        assert await desk.store.call(given["call"]) is not None


async def test_a_service_that_makes_no_token_is_told_with_what_to_do(house: House, tmp_path: Path) -> None:
    nowhere = {"backend": "studio", "backend_key": KEY, "backend_url": "http://127.0.0.1:1"}
    async with another(house, tmp_path, **nowhere) as (desk, url):
        answer = await ask(url)
        assert answer.status_code == 503
        assert "VIVA_BACKEND_URL" in answer.json()["remedy"]
        assert KEY not in answer.text
        assert desk.state.as_dict()["status"] == "failing"
        assert (await ask(url, "nobody")).status_code == 404


async def test_a_wrong_key_is_told_as_a_wrong_key(house: House, tmp_path: Path) -> None:
    async with serve(
        ears=ScriptedEars(), mouth=ToneMouth(), keys=("the-right-one",), make_detector=LoudDetector
    ) as model:
        wrong = {"backend": "studio", "backend_key": KEY, "backend_url": f"http://127.0.0.1:{model.port}"}
        async with another(house, tmp_path, **wrong) as (_, url):
            answer = await ask(url)
    assert answer.status_code == 502
    assert "VIVA_BACKEND_KEY" in answer.json()["remedy"]
    assert KEY not in answer.text


async def test_there_are_as_many_direct_clients_as_calls(house: House, tmp_path: Path) -> None:
    async with another(house, tmp_path, max_calls=1) as (desk, url):
        (await ask(url)).raise_for_status()
        refused = await ask(url)
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "30")
        desk.stop()
        assert "stopping" in (await ask(url)).json()["error"]


async def test_a_key_guards_the_tokens(house: House, tmp_path: Path) -> None:
    async with another(house, tmp_path, api_key="very-secret") as (_, url):
        assert (await ask(url)).status_code == 401


def test_everything_that_is_set_is_fixed_two_levels_deep() -> None:
    setup = Setup(model="m", session_resumption=SessionResumptionConfig(), tools=[])
    assert fixed_paths(setup)[:3] == ["model", "tools", "sessionResumption"]


def test_what_is_not_set_is_fixed_too_and_each_path_is_named_once() -> None:
    setup = Setup(model="m", generation_config=GenerationConfig(response_modalities=["AUDIO"], temperature=1.0))
    paths = fixed_paths(setup)
    assert set(ALWAYS_FIXED) <= set(paths)
    assert len(paths) == len(set(paths))
