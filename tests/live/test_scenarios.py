"""One list of scenarios against every kind of backend: above `live/` nobody can tell which is in use (V2)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from tests.local.fakes import INSTANT, LoudDetector, ScriptedEars, ScriptedMind, ToneMouth, TurnedClock, silence, speech
from vivavoce.conversation import events as ev
from vivavoce.errors import LinkError
from vivavoce.live.address import BackendKind
from vivavoce.live.backend import Backend, BackendSettings, choose
from vivavoce.live.dialect import Opening, Shelf
from vivavoce.live.link import Link
from vivavoce.local.front.certificate import Certificate, self_made
from vivavoce.local.minds.acts import Act, Call, Say
from vivavoce.local.server import Server, serve
from vivavoce.local.tempo import Tempo

KEY = "a-key-for-the-test"
KINDS: tuple[BackendKind, ...] = ("local", "studio", "vertex", "openai")
SCENARIOS = yaml.safe_load((Path(__file__).parent / "scenarios" / "talks.yaml").read_text())
FRAME = 32
TOOLS = (
    {"name": "note", "behavior": "NON_BLOCKING", "parameters": {"type": "OBJECT", "properties": {}}},
    {"name": "hand_off", "behavior": "BLOCKING", "parameters": {"type": "OBJECT", "properties": {}}},
)


def acts(told: list[dict[str, Any]]) -> list[Act]:
    return [Say(act["say"]) if "say" in act else Call(act["call"], act.get("with", {})) for act in told]


def settings(kind: BackendKind, server: Server, certificate: Certificate) -> BackendSettings:
    """The backend that a server of ours is taken for."""
    plain, secure = f"http://127.0.0.1:{server.port}", f"https://localhost:{server.tls_port}/"
    ca = str(certificate.authority_file)
    match kind:
        case "local":
            return BackendSettings(kind=kind, base_url=plain, key=KEY)
        case "studio":
            return BackendSettings(kind=kind, base_url=secure, ca=ca, key=KEY)
        case "vertex":
            return BackendSettings(kind=kind, base_url=secure, ca=ca, token=KEY, project="p-1", location="eu")
        case "openai":
            return BackendSettings(kind=kind, base_url=secure, ca=ca, key=KEY)


class Talk:
    """One link, and everything that happened on it, in words."""

    def __init__(self, backend: Backend, server: Server, clock: TurnedClock) -> None:
        self.seen: list[str] = []
        self._backend = backend
        self._server = server
        self._clock = clock
        self._link: Link | None = None
        self._handles: list[str] = []
        self._calls: dict[str, str] = {}
        self._sent = 0
        self._changed = asyncio.Event()

    async def open(self, handle: str | None = None) -> None:
        shelf = Shelf(link=1, keep_chunk=lambda pcm: 1, keep_handle=self._keep_handle, position=lambda: self._sent)
        opening = Opening(
            model=self._backend.model, instruction="Be brief.", tools=TOOLS, silence_ms=300, handle=handle
        )
        try:
            self._link = await Link.open(
                await self._backend.target(), self._backend.dialects(opening, shelf), self._happened, self._closed
            )
        except LinkError as error:
            self._tell(f"refused {error.code} {error.kind}")

    def _keep_handle(self, secret: str) -> int:
        self._handles.append(secret)
        return len(self._handles)

    def _happened(self, event: ev.Event) -> None:
        match event:
            case ev.CallerTranscribed(text=text):
                self._join("heard", text)
            case ev.AgentTranscribed(text=text):
                self._join("said", text)
            case ev.ReplyArrived():
                if not self.seen or self.seen[-1] != "sound":
                    self._tell("sound")
            case ev.GenerationEnded():
                self._tell("generated")
            case ev.TurnEnded():
                self._tell("turn ended")
            case ev.Interrupted():
                self._tell("interrupted")
            case ev.ToolCalled(id=id_, name=name):
                self._calls[name] = id_
                self._tell(f"calls {name}")
            case ev.HandleIssued(resumable=True):
                self._tell("handle")
            case ev.GoAwayReceived(left_s=left_s):
                self._tell(f"going away {left_s:g}")

    def _join(self, who: str, text: str) -> None:
        """Increments of one transcript are one line, however many messages they took."""
        for index in range(len(self.seen) - 1, -1, -1):
            if self.seen[index].startswith(who):
                self.seen[index] += text
                self._changed.set()
                return
            if self.seen[index] not in ("sound", "handle"):
                break
        self._tell(f"{who} {text.strip()}")

    def _closed(self, error: LinkError) -> None:
        self._tell(f"closed {error.code} {error.kind}")

    def _tell(self, what: str) -> None:
        self.seen.append(what)
        self._changed.set()

    @property
    def link(self) -> Link:
        assert self._link is not None, "opened first"
        return self._link

    # ---------------------------------------------------------------------------------------- steps

    async def do(self, step: str | dict[str, Any]) -> None:
        name, value = (step, None) if isinstance(step, str) else next(iter(step.items()))
        done = getattr(self, f"do_{name}")(value)
        if done is not None:
            await done

    def do_write(self, text: str) -> None:
        self.link.send_text(text)

    def do_hum(self, ms: int) -> None:
        self._send(speech(ms))

    def do_speak(self, ms: int) -> None:
        self._send(speech(ms) + silence(3 * FRAME))

    def _send(self, pcm: bytes) -> None:
        for start in range(0, len(pcm), FRAME * 32):
            frame = pcm[start : start + FRAME * 32]
            self._sent += len(frame) // 2
            self.link.send_audio(frame)

    def do_quiet(self, _: None) -> None:
        self.link.microphone_off()

    def do_done(self, _: None) -> None:
        self.link.turn_over()

    def do_answer(self, answers: dict[str, dict[str, Any]]) -> None:
        for name, response in answers.items():
            self.link.answer(self._calls.pop(name), name, response, "SILENT" if name == "note" else None)

    def do_drop(self, _: None) -> None:
        self._server.drop()

    def do_hang_up(self, _: None) -> None:
        self.link.close()

    def do_refuse_handles(self, _: None) -> None:
        self._server.refuse_handles()

    async def do_pass(self, seconds: float) -> None:
        await self._clock.turn(seconds)

    async def do_go_away(self, seconds: float) -> None:
        await self._server.go_away(seconds)

    async def do_resume(self, _: None) -> None:
        await self.open(self._handles[-1])

    async def do_see(self, what: str) -> None:
        await self.until(lambda: any(seen.startswith(what) for seen in self.seen))

    async def until(self, condition: Callable[[], bool]) -> None:
        try:
            async with asyncio.timeout(10):
                while not condition():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(f"it did not come to pass after {self.seen}") from None


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return self_made(tmp_path_factory.mktemp("certificate"))


@asynccontextmanager
async def talk(kind: BackendKind, scenario: dict[str, Any], certificate: Certificate) -> AsyncIterator[Talk]:
    clock = TurnedClock()
    async with serve(
        ears=ScriptedEars(*scenario.get("hears", [])),
        mouth=ToneMouth(),
        certificate=certificate,
        keys=[KEY],
        tempo=Tempo() if scenario.get("paced") else INSTANT,
        clock=clock,
        make_mind=ScriptedMind({heard: acts(told) for heard, told in scenario.get("mind", {}).items()}),
        make_detector=LoudDetector,
    ) as server:
        made = Talk(choose(settings(kind, server, certificate)), server, clock)
        await made.open()
        yield made
        made.link.close()


@pytest.mark.slow
@pytest.mark.conformance("C55", "C56", "C57")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario["name"])
async def test_the_same_happens_on_every_backend(
    kind: BackendKind, scenario: dict[str, Any], certificate: Certificate
) -> None:
    if (why := scenario.get("not_on", {}).get(kind)) is not None:
        pytest.skip(why)
    async with talk(kind, scenario, certificate) as held:
        for step in scenario["steps"]:
            await held.do(step)
        apart = ("handle", *scenario.get("without", []))
        seen = [what for what in held.seen if not what.startswith(tuple(apart))]
        runs = [what for index, what in enumerate(seen) if what != "sound" or seen[index - 1 : index] != ["sound"]]
    assert runs == scenario["events"]


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
async def test_a_wrong_credential_is_refused_on_every_backend(kind: BackendKind, certificate: Certificate) -> None:
    async with talk(kind, {}, certificate) as held:
        right = settings(kind, held._server, certificate)
        wrong = choose(
            msgspec.structs.replace(right, key="wrong-key" if right.key else "", token="wrong" if right.token else "")
        )
        refused = Talk(wrong, held._server, held._clock)
        await refused.open()
    assert refused.seen[0].endswith("fatal"), "the same credential would fail again"
