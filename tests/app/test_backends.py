"""Whole calls on every kind of backend: what the conversation does is the same, and what goes wrong is told."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection

from tests.app.conftest import House, receive_until
from tests.conversation.talk import ROOT
from tests.local.fakes import INSTANT, LoudDetector, ScriptedEars, ToneMouth
from vivavoce.app.server import running
from vivavoce.app.services import open_services
from vivavoce.app.settings import Settings
from vivavoce.conversation import effects as fx
from vivavoce.conversation.log import decode_effects
from vivavoce.local.front.certificate import Certificate, self_made
from vivavoce.local.server import Server, serve
from vivavoce.wire import caller as wire

pytestmark = pytest.mark.slow
KEY = "a-key-for-the-test"
KINDS = ("local", "studio", "vertex", "openai")
STUDIO_MODELS = ("gemini-3.8-live", "gemini-3.1-flash-live-preview", "gemini-2.5-flash-native-audio-latest")
TOLD = (fx.RecordTurn, fx.Note, fx.Show, fx.Run, fx.Answer, fx.Notify, fx.End)
"""What a call leaves behind; chunks, floors and captions come and go with the pace of the wire."""


@dataclass
class Model:
    server: Server
    certificate: Certificate

    def settings(self, kind: str) -> dict[str, Any]:
        plain, secure = f"http://127.0.0.1:{self.server.port}", f"https://localhost:{self.server.tls_port}"
        tls = {"backend_url": secure, "backend_ca": str(self.certificate.authority_file)}
        return {
            "local": {"backend_url": plain, "backend_key": KEY},
            "studio": {**tls, "backend_key": KEY},
            "vertex": {**tls, "backend_token": KEY, "backend_project": "p-1"},
            "openai": {**tls, "backend_key": KEY},
        }[kind] | {"backend": kind}


@pytest.fixture
async def model(tmp_path: Path) -> AsyncIterator[Model]:
    certificate = self_made(tmp_path / "certificate")
    async with serve(
        ears=ScriptedEars(),
        mouth=ToneMouth(),
        certificate=certificate,
        keys=[KEY],
        tempo=INSTANT,
        make_detector=LoudDetector,
    ) as server:
        yield Model(server, certificate)


@asynccontextmanager
async def house(model: Model, tmp_path: Path, **settings: Any) -> AsyncIterator[House]:
    agents = tmp_path / "agents"
    agents.mkdir(exist_ok=True)
    shutil.copy(ROOT / "examples/agents/founder.yaml", agents)
    chosen = Settings(data_dir=str(tmp_path / "data"), agents_dir=str(agents), port=0, **settings)
    async with open_services(chosen) as services, running(services) as port:
        desk = services.desk
        yield House(desk, model.server, port, services)


async def said(socket: ClientConnection) -> None:
    """Until a turn of the agent is over."""
    while True:
        caption = (await receive_until(socket, wire.Caption))[-1]
        if isinstance(caption, wire.Caption) and caption.final and caption.who != "caller":
            return


async def call(house: House) -> list[fx.Effect]:
    """A typed call: the agent's greeting, one answer, one fact, goodbye."""
    id_, ticket = await house.ticket()
    async with house.connect(ticket) as socket:
        await socket.send(wire.encode(wire.Hello(mode="text")))
        await said(socket)
        await socket.send(wire.encode(wire.Typed(text="We lost two days of work on March 3rd 2026.")))
        await said(socket)
        await socket.send(wire.encode(wire.Leave()))
        await receive_until(socket, wire.Ended)
    await house.desk.finished(id_)
    rows = await house.desk.store.events(id_)
    return [effect for row in rows for effect in decode_effects(row.effects) if isinstance(effect, TOLD)]


def told(effects: list[fx.Effect]) -> list[tuple[object, ...]]:
    """Without what belongs to one connection: ids and times."""
    lines: list[tuple[object, ...]] = []
    for effect in effects:
        match effect:
            case fx.RecordTurn(turn=turn, who=who, text=text):
                lines.append(("turn", turn, who, text))
            case fx.Note(field=field, state=state, value=value):
                lines.append(("note", field, state, value))
            case fx.Answer(name=name, response=response, scheduling=scheduling):
                lines.append(("answer", name, response, scheduling))
            case fx.End(reason=reason):
                lines.append(("end", reason))
            case _:
                lines.append((effect,))
    return lines


async def test_a_call_is_the_same_call_whatever_the_backend(model: Model, tmp_path: Path) -> None:
    calls = {}
    for kind in KINDS:
        folder = tmp_path / kind
        folder.mkdir()
        async with house(model, folder, **model.settings(kind)) as held:
            assert held.desk.engines["backend"] == kind
            calls[kind] = told(await call(held))
    assert len(calls["local"]) >= 5
    for kind in KINDS:
        assert calls[kind] == calls["local"], kind


@pytest.mark.conformance("C9")
@pytest.mark.parametrize(
    ("kind", "version", "names"),
    [
        ("studio", "v1beta", (*STUDIO_MODELS, "gemini-3.8-live-extended-thinking")),
        ("studio", "v1alpha", STUDIO_MODELS),
        ("vertex", "", ("gemini-3.8-live", "gemini-live-2.5-flash-native-audio", "gemini-live-2.5-flash")),
    ],
)
async def test_every_generation_takes_what_it_is_sent(
    model: Model, tmp_path: Path, kind: str, version: str, names: tuple[str, ...]
) -> None:
    """The stand-in refuses what each generation would refuse, and every wish is made of all of them."""
    wishes = {"backend_thinking": "low", "backend_proactive": "off", "backend_affective": "on"}
    wishes |= {"backend_version": version, "backend_location": "us-central1"}
    calls = {}
    for name in names:
        folder = tmp_path / name
        folder.mkdir()
        async with house(model, folder, **model.settings(kind), **wishes, backend_model=name) as held:
            calls[name] = told(await call(held))
            assert held.desk.state.as_dict() == {"status": "ok"}
    first, *others = calls.values()
    assert all(other == first for other in others)
    assert len(first) >= 5


async def failing(model: Model, tmp_path: Path, **settings: Any) -> tuple[dict[str, Any], str, str, int]:
    """A call to a model that cannot be talked to: /health, reason and words of its end, or code and words of the notice
    that it goes on by text, and bytes of the sound that says so.
    """
    async with house(model, tmp_path, **settings) as held:
        _, ticket = await held.ticket()
        heard, code, text = 0, "", ""
        async with held.connect(ticket) as socket, asyncio.timeout(30):
            await socket.send(wire.encode(wire.Hello()))
            async for data in socket:
                if isinstance(data, bytes):
                    frame = wire.decode_frame(data)
                    heard += len(frame.pcm)
                    report = wire.Played(reply=frame.reply, samples=frame.position + len(frame.pcm) // 2, at=0)
                    await socket.send(wire.encode(report))
                    if code and heard > 24_000:
                        break
                    continue
                match wire.decode_gateway(data):
                    case wire.Ended() as ended:
                        code, text = ended.reason, ended.text
                        break
                    case wire.Notice(code="voice_lost") as notice:
                        code, text = notice.code, notice.text
        async with httpx.AsyncClient(base_url=held.url) as http:
            health = (await http.get("/health")).json()
    assert KEY not in str(health)
    return health["model"], code, text, heard


@pytest.mark.parametrize(
    ("kind", "changes", "wanted", "remedy"),
    [
        ("studio", {"backend_key": "wrong"}, "link_refused", "VIVA_BACKEND_KEY"),
        ("vertex", {"backend_token": "wrong"}, "link_refused", "credential"),
        ("openai", {"backend_key": "wrong"}, "link_refused", ""),
        ("studio", {"backend_ca": ""}, "link_refused", "VIVA_BACKEND_CA"),
        ("studio", {"backend_model": "models/of-yesterday"}, "link_refused", "VIVA_BACKEND_MODEL"),
        ("local", {"backend_url": "http://127.0.0.1:1"}, "voice_lost", "VIVA_BACKEND_URL"),
    ],
)
async def test_a_model_that_cannot_be_talked_to_is_never_a_mute_call(
    model: Model,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    kind: str,
    changes: dict[str, str],
    wanted: str,
    remedy: str,
) -> None:
    health, code, text, heard = await failing(model, tmp_path, **(model.settings(kind) | changes))
    assert health["status"] == "failing"
    assert health["problem"]
    assert remedy in health.get("remedy", "")
    assert code == wanted
    assert text
    assert heard > 24_000, "half a second at least of a voice that says so"
    assert capsys.readouterr().out.count("cannot be talked to") == 1
