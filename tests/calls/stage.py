"""Plays a scripted call (calls/README.md) against the real gateway: a caller's sockets and a live model in memory, on a
clock that the script turns.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import yaml

from tests.calls.turned_loop import TurnedLoop
from tests.gateway.peers import FakeLink, FakeModel, FakePhrases, FakeSocket, MemoryJournal
from vivavoce.agents import PROSE, load
from vivavoce.agents.callsettings import SILENCE_MS
from vivavoce.audio.gates import Gate, make_gate
from vivavoce.conversation import Conversation, ConversationSettings
from vivavoce.conversation import events as ev
from vivavoce.conversation.log import Stamp, replay
from vivavoce.gateway.call import Call
from vivavoce.gateway.reports import EchoState
from vivavoce.gateway.returns import Returns
from vivavoce.wire import caller as wire

FOLDER = Path(__file__).parent.parent.parent / "calls"
FRAME_SAMPLES = 512
KEPT_FRAMES = 30 * wire.CALLER_HZ // FRAME_SAMPLES
CLOSE = 0.001
"""How near numbers have to be, in seconds or whatever they count."""
CHUNK_SAMPLES = wire.REPLY_HZ // 5
TICKET = "t1"
LEAVE = "leave to erase"
TOOLS = ("unit_economics",)
CLIENT_STEPS = frozenset({"page", "capture", "audible", "playback", "view", "asks_ticket", "stray", "sends"})
"""What happens on the caller's machine, which only its own suite knows."""


class Script(msgspec.Struct, forbid_unknown_fields=True):
    story: str
    steps: list[dict[str, Any]]
    settings: dict[str, Any] = {}
    gate: str = "auto"
    only_one: bool = False


def scripts() -> list[Path]:
    return sorted(path for path in FOLDER.glob("*.yaml") if path.name != "agent.yaml")


def read(path: Path) -> Script:
    return msgspec.convert(yaml.safe_load(path.read_text(encoding="utf-8")), Script)


class StagedTools:
    """A tool takes as long as it is told, and hands back what it is told."""

    async def run(self, name: str, args: Mapping[str, Any], timeout_s: float) -> dict[str, Any]:
        await asyncio.sleep(float(args.get("takes_s", 0.0)))
        return {"output": {"say": "done", "show": args.get("show")}}


class Stage:
    """One call. Everything a step wants and does not find is an AssertionError that names the step."""

    def __init__(self, script: Script, loop: TurnedLoop) -> None:
        self._script = script
        self._loop = loop
        self._spec = load((FOLDER / "agent.yaml").read_text(encoding="utf-8")).spec
        self._settings = ConversationSettings(**script.settings)
        self._model = FakeModel()
        self._journal = MemoryJournal()
        self._secrets = 0
        self._returns = Returns(self._secret)
        self._call: Call | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._sockets: list[FakeSocket] = []
        self._socket: FakeSocket | None = None  # the present one
        self._position = 0
        self._voice = False
        self._kept: deque[tuple[int, bytes]] = deque(maxlen=KEPT_FRAMES)  # as the browser's worker keeps them
        self._sent_to: int | None = None  # over the present socket; None before its welcome
        self._stalls = False
        self._started_at = loop.time()
        self._found = {"caller": 0, "gateway": 0, "logged": 0}
        self._sound_found: dict[int, int] = {}  # by reply: frames of the present socket that were found
        self._closed_found: set[int] = set()
        self._do: dict[str, Callable[[Any], Any]] = {
            "link": self._link,
            "caller": self._caller,
            "gateway": self._gateway,
            "sound": self._sound,
            "speaks": self._speaks,
            "played": self._played,
            "model": self._play_model,
            "server": self._server,
            "bytes": lambda text: self._present.say(text),
            "logged": self._logged,
            "never": self._never,
            "microphone": self._microphone,
        }

    async def play(self) -> None:
        for number, step in enumerate(self._script.steps, 1):
            assert len(step) == 1, f"step {number}: want one key, got {', '.join(step)}"
            ((kind, about),) = step.items()
            try:
                if kind == "at":
                    await self._pass(self._started_at + about - self._loop.time())
                elif kind == "ends":
                    await self._ends(about)
                elif kind not in CLIENT_STEPS:
                    assert kind in self._do, f"no step is called {kind}"
                    if (waited := self._do[kind](about)) is not None:
                        await waited
            except AssertionError as error:
                raise AssertionError(f"step {number} ({kind}: {about}): {error}") from error
            await self._loop.settle()
            await self._speak_up()

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # ------------------------------------------------------------------------------------------------ both clocks

    async def _pass(self, seconds: float, level: float = 0.0) -> None:
        """Time passes; who is connected by voice sends a frame each 32 ms."""
        assert seconds >= -CLOSE, f"time does not go back, and it is {self._loop.time() - self._started_at:.3f} s"
        end = self._loop.time() + seconds
        pcm = round(level * 32_767).to_bytes(2, "little", signed=True) * FRAME_SAMPLES
        while (due := self._started_at + (self._position + FRAME_SAMPLES) / wire.CALLER_HZ) <= end + 1e-9:
            await self._loop.turn_to(due)
            if self._voice:
                self._kept.append((self._position, pcm))
            self._position += FRAME_SAMPLES  # the microphone's clock goes on, whoever is there
            await self._speak_up()
        await self._loop.turn_to(end)

    async def _speak_up(self) -> None:
        """What the present socket still has to be sent of the microphone: from where the gateway has heard it."""
        if self._socket is None or not self._voice:
            return
        if self._sent_to is None:
            welcomes = self._socket.got(wire.Welcome)
            if not welcomes:
                return
            self._sent_to = welcomes[-1].heard
        for position, pcm in self._kept:
            if position >= self._sent_to and not self._stalls:
                self._socket.say(wire.encode_frame(wire.Frame(wire.FrameKind.MIC, 0, 0, position, pcm)))
        self._sent_to = max(self._sent_to, self._position)
        await self._loop.settle()

    def _microphone(self, step: Mapping[str, Any]) -> None:
        to = step["to"] * wire.CALLER_HZ
        heard = self._journal.caller_samples  # those that come twice are not counted
        assert to - FRAME_SAMPLES < heard <= to, f"{heard} samples were heard, {self._position} were said"

    def _speaks(self, step: Mapping[str, Any]) -> Any:
        return self._pass(step["seconds"], step["level"])

    # ------------------------------------------------------------------------------------------------ the caller

    @property
    def _running(self) -> Call:
        assert self._call is not None, "the call has not begun"
        return self._call

    @property
    def _present(self) -> FakeSocket:
        assert self._socket is not None, "no socket is open"
        return self._socket

    def _secret(self) -> str:
        self._secrets += 1
        return f"r{self._secrets}"

    def _link(self, step: Mapping[str, Any]) -> None:
        if step.get("opens"):
            self._opens(step["ticket"])
        elif "drops" in step:
            socket, self._socket = self._present, None
            self._stalls = False
            socket.close_code = step["drops"]
            if not step.get("unnoticed"):
                socket.say(None)
        elif step.get("stalls"):
            self._stalls = True
        else:
            self._closes(step["closes"])

    def _server(self, step: Mapping[str, Any]) -> None:
        if "rival" in step:
            self._opens(step["rival"])
            self._caller({"kind": "hello"})
        elif "refuses" in step:
            self._knocks(step["refuses"])
        elif step.get("erases"):
            self._running.end_to_erase()
        elif step.get("drains"):
            self._running.drain()
        else:
            self._running.stop()

    def _knocks(self, ticket: str) -> None:
        """Another window of the caller, which is not let in."""
        known = self._returns.find(ticket)
        assert known is not None, f"nobody comes back with {ticket}"
        window = FakeSocket()
        window.say(wire.Hello())
        self._sockets.insert(0, window)
        self._tasks.append(asyncio.create_task(known.come_back(window, ticket)))

    def _opens(self, ticket: str) -> None:
        """As the desk does it."""
        self._socket = FakeSocket()
        self._sockets.append(self._socket)
        self._voice = False
        self._sent_to = None
        self._found["gateway"] = 0
        self._sound_found.clear()
        if (known := self._returns.find(ticket)) is not None:
            self._tasks.append(asyncio.create_task(known.come_back(self._socket, ticket)))
        elif ticket == TICKET and self._call is None:
            self._call = self._make_call(self._socket)
            self._tasks.append(asyncio.create_task(self._call.run()))
        else:
            self._tasks.append(asyncio.create_task(self._socket.close(wire.CloseCode.NOT_AUTHORISED, "no ticket")))

    def _closes(self, code: int) -> None:
        for socket in self._sockets:
            if id(socket) not in self._closed_found and socket.closed is not None and socket.closed[0] == code:
                self._closed_found.add(id(socket))
                if socket is self._socket:
                    self._socket = None
                return
        raise AssertionError(f"want it closed, got {[socket.closed for socket in self._sockets]}")

    def _caller(self, message: Mapping[str, Any]) -> None:
        if message["kind"] == "hello":
            self._voice = message.get("mode", "voice") == "voice"
        elif message["kind"] == "mode":
            self._voice = message["mode"] == "voice"
        self._present.say(msgspec.json.encode(message).decode())

    def _played(self, step: Mapping[str, Any]) -> None:
        if self._socket is not None:
            samples = round(step["seconds"] * wire.REPLY_HZ)
            self._socket.say(wire.Played(reply=step["reply"], samples=samples, at=self._position))

    # ------------------------------------------------------------------------------------------------ the gateway

    def _make_call(self, socket: FakeSocket) -> Call:
        def gate(echo: EchoState) -> Gate:
            name = self._script.gate
            return make_gate(("duplex" if echo == "good" else "detector") if name == "auto" else name)

        return Call(
            id="call1",
            spec=self._spec,
            socket=socket,
            conversation=Conversation(self._spec, tools=TOOLS, settings=self._settings),
            returns=self._returns,
            greeted=lambda hello: hello.pace or "interview",
            patience=lambda pace: SILENCE_MS[pace],
            leave_to_erase=lambda: LEAVE,
            gate=gate,
            dialler=self._model,
            tools=StagedTools(),
            phrases=FakePhrases(),
            journal=self._journal,
            chance=random.Random(1),
            only_one=self._script.only_one,
        )

    @property
    def _newest(self) -> FakeSocket:
        assert self._sockets, "no socket was opened"
        return self._sockets[-1]

    def _gateway(self, wanted: Mapping[str, Any]) -> None:
        self._find("gateway", wanted, list(_messages(self._newest)))

    def _logged(self, wanted: Mapping[str, Any]) -> None:
        self._find("logged", wanted, self._events)

    @property
    def _events(self) -> list[dict[str, Any]]:
        return [msgspec.json.decode(entry.event) for entry in self._journal.entries]

    def _find(self, kind: str, wanted: Mapping[str, Any], all_: list[dict[str, Any]]) -> None:
        for index in range(self._found[kind], len(all_)):
            if agrees(all_[index], wanted):
                self._found[kind] = index + 1
                return
        got = "\n  ".join(str(message)[:160] for message in all_[self._found[kind] :])
        raise AssertionError(f"not among\n  {got or 'nothing'}")

    def _sound(self, wanted: Mapping[str, Any]) -> None:
        number = wanted["reply"]
        frames = [frame for frame in self._newest.frames() if frame.reply == number]
        found = self._sound_found.get(number, 0)
        at = round(wanted["from"] * wire.REPLY_HZ)
        end = round(wanted["to"] * wire.REPLY_HZ)
        for frame in frames[found:]:
            assert abs(frame.position - at) <= 1, f"want sample {at} next, got {frame.position}"
            assert frame.speaker == wanted.get("speaker", 1), f"speaker {frame.speaker}"
            found += 1
            at = frame.position + len(frame.pcm) // 2
            if at >= end - 1:
                self._sound_found[number] = found
                return
        raise AssertionError(f"it goes only to {at / wire.REPLY_HZ:.3f} s")

    def _never(self, wanted: Mapping[str, Any]) -> None:
        ((kind, about),) = wanted.items()
        if kind == "sound":
            came = any(frame.reply == about["reply"] for socket in self._sockets for frame in socket.frames())
            assert not came, "it came"
        elif kind in ("gateway", "logged"):
            all_ = self._events if kind == "logged" else [m for socket in self._sockets for m in _messages(socket)]
            assert not any(agrees(message, about) for message in all_), "it came"

    async def _ends(self, reason: str) -> None:
        await self._loop.settle()
        assert all(task.done() for task in self._tasks), "it goes on"
        for task in self._tasks:
            task.result()
        assert self._running.reason == reason, f"it ended as {self._running.reason}"
        stamp = Stamp(
            code_version="test", spec_hash="test", tools=TOOLS, settings=self._settings, briefing=PROSE.briefing
        )
        assert replay(self._spec, stamp, self._journal.entries) == len(self._journal.entries)
        assert len(self._returns) == 0, "a secret outlived the call"
        left = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        assert left == [], "nothing outlives its call"

    # ------------------------------------------------------------------------------------------------ the model

    @property
    def _line(self) -> FakeLink:
        assert self._model.links, "no link was dialled"
        return self._model.links[-1]

    async def _play_model(self, does: Mapping[str, Any]) -> None:
        unknown = does.keys() - _MODEL_DOES
        assert not unknown, f"a model does none of {', '.join(sorted(unknown))}"
        if "refuses" in does:
            self._model.refuse += [(does["refuses"], "")] * does.get("times", 1)
            return
        await self._loop.settle()
        link = self._line
        if "drops" in does:
            link.drops(does["drops"])
            return
        if "hears" in does:
            link.heard(does["hears"])
        if does.get("interrupted"):
            link.happens(ev.Interrupted(link.shelf.link))
        if (call := does.get("calls")) is not None:
            link.calls(call["id"], call["name"], call.get("args", {}))
        if "says" in does:
            self._say(link, does["says"], round(does.get("seconds", 0.0) * wire.REPLY_HZ))
        if does.get("ends_turn"):
            link.ends_turn()

    def _say(self, link: FakeLink, text: str, samples: int) -> None:
        if text:
            link.happens(ev.AgentTranscribed(link.shelf.link, text))
        while samples > 0:
            size = min(samples, CHUNK_SAMPLES)
            chunk = link.shelf.keep_chunk(b"\x40\x00" * size)
            link.happens(ev.ReplyArrived(link.shelf.link, chunk, size))
            samples -= size


_MODEL_DOES = {"refuses", "times", "drops", "hears", "interrupted", "calls", "says", "seconds", "ends_turn"}


def _messages(socket: FakeSocket) -> Iterator[dict[str, Any]]:
    """What a socket got, with every field that was left out at its default."""
    for data in socket.sent:
        if isinstance(data, str):
            message = wire.decode_gateway(data)
            yield {"kind": message.__struct_config__.tag, **_builtins(message)}


def _builtins(message: wire.GatewayMessage) -> dict[str, Any]:
    return {field.name: msgspec.to_builtins(getattr(message, field.name)) for field in msgspec.structs.fields(message)}


def agrees(got: Any, wanted: Any) -> bool:
    """Whether all that is wanted is there."""
    if isinstance(wanted, Mapping):
        return isinstance(got, Mapping) and all(
            name in got and agrees(got[name], value) for name, value in wanted.items()
        )
    if isinstance(wanted, list):
        return (
            isinstance(got, list | tuple)
            and len(got) == len(wanted)
            and all(agrees(one, other) for one, other in zip(got, wanted, strict=True))
        )
    if isinstance(wanted, int | float) and not isinstance(wanted, bool):
        return isinstance(got, int | float) and not isinstance(got, bool) and abs(got - wanted) <= CLOSE
    return bool(got == wanted)


async def stage(path: Path) -> None:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, TurnedLoop), "the script turns the clock"
    play = Stage(read(path), loop)
    try:
        await play.play()
    finally:
        await play.close()
