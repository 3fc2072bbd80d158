"""The peers of a call, in memory: a caller's socket, a live model that a test plays, a journal that remembers."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from tests.conversation.talk import TOOLS, founder
from vivavoce.agents import PROSE
from vivavoce.agents.callsettings import SILENCE_MS
from vivavoce.audio.gates import make_gate
from vivavoce.conversation import Conversation
from vivavoce.conversation import effects as fx
from vivavoce.conversation import events as ev
from vivavoce.conversation.log import Entry, Stamp, replay
from vivavoce.conversation.settings import ConversationSettings
from vivavoce.errors import LinkError
from vivavoce.gateway.call import Call
from vivavoce.gateway.returns import Returns
from vivavoce.live.dialect import Shelf
from vivavoce.wire import caller as wire
from vivavoce.wire.gemini.closes import classify

M = TypeVar("M")
WITHIN_S = 10.0
"""A condition that does not come true in this time never will; it is no measure of speed."""


async def until(condition: Callable[[], object]) -> None:
    """Let the loop run until something is so."""
    async with asyncio.timeout(WITHIN_S):
        while not condition():  # noqa: ASYNC110  # nothing to wait on: the condition is about both peers
            await asyncio.sleep(0)


class FakeSocket:
    """The caller's machine: `say` puts a message on the wire, `got` finds what came."""

    def __init__(self) -> None:
        self.close_code = 1006
        self.closed: tuple[int, str] | None = None
        self.sent: list[str | bytes] = []
        self.unsent = 0
        self.reading = asyncio.Event()
        self.reading.set()
        self._heard: Callable[[str | bytes], None] | None = None
        self._gone: Callable[[], None] | None = None
        self._incoming: deque[str | bytes | None] = deque()
        self.paused = True

    def listen(self, heard: Callable[[str | bytes], None], gone: Callable[[], None]) -> None:
        self._heard, self._gone = heard, gone
        self.resume()

    def pause(self) -> None:
        self.paused = True

    def resume(self) -> None:
        self.paused = False
        asyncio.get_running_loop().call_soon(self._hand_over)

    def _hand_over(self) -> None:
        assert self._heard is not None
        assert self._gone is not None
        while self._incoming and not self.paused:
            data = self._incoming.popleft()
            if data is None:
                self._gone()
            else:
                self._heard(data)

    def send(self, data: str | bytes) -> None:
        if self.reading.is_set():
            self.sent.append(data)
        else:
            self.unsent += len(data)

    async def close(self, code: int, reason: str) -> None:
        if self.closed is None:
            self.closed = (code, reason)
        if self._gone is not None:
            self._gone()

    def say(self, message: wire.CallerMessage | str | bytes | None) -> None:
        raw = message if message is None or isinstance(message, str | bytes) else wire.encode(message)
        self._incoming.append(raw)
        if not self.paused:
            asyncio.get_running_loop().call_soon(self._hand_over)

    def speak(self, position: int, *, level: int = 6000, frames: int = 1) -> int:
        """Microphone frames from a position on; returns the position after them."""
        for index in range(frames):
            pcm = (level).to_bytes(2, "little", signed=True) * 512
            self.say(wire.encode_frame(wire.Frame(wire.FrameKind.MIC, 0, 0, position + index * 512, pcm)))
        return position + frames * 512

    def got(self, kind: type[M]) -> list[M]:
        messages = [wire.decode_gateway(data) for data in self.sent if isinstance(data, str)]
        return [message for message in messages if isinstance(message, kind)]

    def frames(self) -> list[wire.Frame]:
        return [wire.decode_frame(data) for data in self.sent if isinstance(data, bytes)]


class FakeLink:
    """One connection to a model that the test plays."""

    def __init__(
        self,
        speaker: str,
        handle: str | None,
        shelf: Shelf,
        on_event: Callable[[ev.Event], None],
        on_close: Callable[[LinkError], None],
    ) -> None:
        self.speaker, self.handle = speaker, handle
        self.shelf, self.happens, self._on_close = shelf, on_event, on_close
        self.audio: list[bytes] = []
        self.texts: list[str] = []
        self.answers: list[tuple[str, dict[str, Any]]] = []
        self.microphones_off = 0
        self.turns_over = 0
        self.patiences: list[int] = []
        self.hung_up = False
        self.rubbish = 0

    def send_audio(self, pcm: bytes) -> None:
        self.audio.append(pcm)

    def send_text(self, text: str) -> None:
        self.texts.append(text)

    def answer(self, call: str, name: str, response: dict[str, Any], scheduling: str | None) -> None:
        self.answers.append((call, response))

    def turn_over(self) -> None:
        self.turns_over += 1

    def patience(self, silence_ms: int) -> None:
        self.patiences.append(silence_ms)

    def microphone_off(self) -> None:
        self.microphones_off += 1

    def close(self) -> None:
        self.hung_up = True

    # what the model does

    def speaks(self, text: str, *, chunks: int = 5) -> None:
        self.happens(ev.AgentTranscribed(self.shelf.link, text))
        for index in range(chunks):
            chunk = self.shelf.keep_chunk(bytes([index % 255 + 1, len(text) % 128]) * 4800)
            self.happens(ev.ReplyArrived(self.shelf.link, chunk, 4800))

    def ends_turn(self) -> None:
        self.happens(ev.GenerationEnded(self.shelf.link))
        self.happens(ev.TurnEnded(self.shelf.link))

    def heard(self, text: str) -> None:
        self.happens(ev.CallerTranscribed(self.shelf.link, text))

    def calls(self, id_: str, name: str, args: dict[str, Any]) -> None:
        self.happens(ev.ToolCalled(self.shelf.link, id_, name, args))

    def hands(self, handle: str) -> None:
        number = self.shelf.keep_handle(handle)
        self.happens(ev.HandleIssued(self.shelf.link, number, True, self.shelf.position()))

    def drops(self, code: int = 1006, reason: str = "") -> None:
        self._on_close(_closed(code, reason))


def _closed(code: int, reason: str) -> LinkError:
    return LinkError("closed", code=code, reason=reason, kind=classify(code, reason).value)


class FakeModel:
    """Opens links; `refuse` are the closes that the next dials meet."""

    def __init__(self) -> None:
        self.links: list[FakeLink] = []
        self.refuse: list[tuple[int, str]] = []
        self.greets_with: Callable[[FakeLink], None] | None = None

    async def dial(
        self,
        speaker: str,
        handle: str | None,
        shelf: Shelf,
        on_event: Callable[[ev.Event], None],
        on_close: Callable[[LinkError], None],
    ) -> Any:
        await asyncio.sleep(0)
        if self.refuse:
            raise _closed(*self.refuse.pop(0))
        link = FakeLink(speaker, handle, shelf, on_event, on_close)
        if self.greets_with is not None:
            self.greets_with(link)
        self.links.append(link)
        return link


class MemoryJournal:
    def __init__(self) -> None:
        self.problem = ""
        self.consents: list[ev.ConsentDecided] = []
        self.entries: list[Entry] = []
        self.turns: dict[int, fx.RecordTurn] = {}
        self.facts: dict[str, fx.Note] = {}
        self.recording = False
        self.caller_samples = 0
        self.agent_runs: list[tuple[int, int]] = []
        self.handles: list[tuple[int, str, int]] = []
        self.hashes: tuple[str, ...] = ()
        self.passed_on = False
        self.goes_on = True
        """Elsewhere, once it is lost."""
        self.writes = asyncio.Event()
        """Cleared, the database does not answer."""
        self.writes.set()

    def event(self, seq: int, at_s: float, event: bytes, effects: bytes) -> None:
        self.entries.append(Entry(seq, at_s, event, effects))

    def turn(self, effect: fx.RecordTurn) -> None:
        self.turns[effect.turn] = effect

    def fact(self, effect: fx.Note, seq: int) -> None:
        self.facts[effect.field] = effect

    def consent(self, event: ev.ConsentDecided) -> None:
        self.consents.append(event)

    def handle(self, number: int, secret: str, at: int) -> None:
        self.handles.append((number, secret, at))

    def returns(self, hashes: tuple[str, ...]) -> None:
        self.hashes = hashes

    async def written(self) -> None:
        await self.writes.wait()

    async def pass_on(self) -> None:
        self.passed_on = True

    async def lost(self) -> bool:
        return self.goes_on

    def record(self, on: bool, *, erase: bool) -> None:
        self.recording = on

    def caller_audio(self, position: int, pcm: bytes) -> None:
        self.caller_samples += len(pcm) // 2

    def agent_audio(self, position: int, pcm: bytes) -> None:
        self.agent_runs.append((position, len(pcm) // 2))


class FakeTools:
    def __init__(self) -> None:
        self.hang = asyncio.Event()
        self.cancelled = 0

    async def run(self, name: str, args: Mapping[str, Any], timeout_s: float) -> dict[str, Any]:
        if args.get("hang"):
            try:
                await self.hang.wait()
            except asyncio.CancelledError:
                self.cancelled += 1
                raise
        if args.get("break"):
            raise RuntimeError("a fault of ours")
        return {"output": {"say": "done", "show": {"what": "table", "title": name, "data": []}}}


class FakePhrases:
    async def sound(self, phrase: str, voice: str) -> bytes | None:
        return b"\x01\x00" * 2400


class Watcher:
    """Keeps what an observer is told."""

    def __init__(self) -> None:
        self.steps: list[tuple[ev.Event, list[fx.Effect], float]] = []
        self.counts: dict[str, float] = {}
        self.reason = ""

    def stepped(self, event: ev.Event, effects: Sequence[fx.Effect], now: float) -> None:
        assert not self.reason, "the end is the last it is told"
        self.steps.append((event, list(effects), now))

    def ended(self, reason: str, counts: Mapping[str, float]) -> None:
        self.reason, self.counts = reason, dict(counts)


class Scene:
    """A call with its peers, running."""

    def __init__(
        self, *, settings: ConversationSettings | None = None, gate: str = "duplex", only_one: bool = False
    ) -> None:
        self.spec = founder()
        self.settings = settings or ConversationSettings()
        self.socket = FakeSocket()
        self.model = FakeModel()
        self.journal = MemoryJournal()
        self.tools = FakeTools()
        self.watcher = Watcher()
        self.returns = Returns()
        self.call = Call(
            id="call1",
            spec=self.spec,
            socket=self.socket,
            conversation=Conversation(self.spec, tools=TOOLS, settings=self.settings),
            returns=self.returns,
            greeted=lambda hello: hello.pace or "interview",
            patience=lambda pace: SILENCE_MS[pace],
            leave_to_erase=lambda: "leave to erase",
            gate=lambda echo: make_gate(("duplex" if echo == "good" else "two-tier") if gate == "auto" else gate),
            dialler=self.model,
            tools=self.tools,
            phrases=FakePhrases(),
            journal=self.journal,
            chance=random.Random(1),
            observers=[self.watcher],
            only_one=only_one,
        )
        self.is_there = True
        self.visits: set[asyncio.Task[None]] = set()
        self.task = asyncio.create_task(self.call.run())

    # -------------------------------------------------------------------------------- a caller who comes and goes

    @property
    def dropped(self) -> int:
        """How often the conversation was told that they are gone."""
        return sum(isinstance(event, ev.CallerDropped) for event, _, _ in self.watcher.steps)

    async def drop(self) -> None:
        """The caller's socket is lost."""
        seen = self.dropped
        self.socket.say(None)
        await until(lambda: self.dropped > seen)
        self.is_there = False

    def secret_of(self, socket: FakeSocket) -> str:
        return socket.got(wire.Welcome)[-1].resume

    def knock(self, secret: str) -> FakeSocket:
        """A socket arrives with a secret, as at the desk; nothing has been said over it."""
        socket = FakeSocket()
        call = self.returns.find(secret)
        assert call is not None, "the secret is good"
        task = asyncio.create_task(call.come_back(socket, secret))
        self.visits.add(task)
        task.add_done_callback(self.visits.discard)
        return socket

    async def come_back(self, *, secret: str = "", **hello: Any) -> FakeSocket:
        """The caller comes back, by default with the newest secret; returns their new socket, which is welcomed."""
        socket = self.knock(secret or self.secret_of(self.socket))
        socket.say(wire.Hello(**hello))
        await until(lambda: bool(socket.got(wire.Welcome)))
        self.socket = socket
        self.is_there = True
        return socket

    async def settled(self) -> None:
        """Nothing waits to be taken."""
        await until(lambda: not self.call._inbox)

    @property
    def link(self) -> FakeLink:
        return self.model.links[-1]

    async def join(self, **hello: Any) -> Scene:
        self.socket.say(wire.Hello(**hello))
        await until(lambda: bool(self.model.links) and bool(self.link.texts))
        return self

    async def end(self) -> None:
        """The caller hangs up; the log is replayed."""
        self.socket.say(wire.Leave())
        await self.over()

    async def over(self) -> None:
        async with asyncio.timeout(WITHIN_S):
            await self.task
            await asyncio.gather(*self.visits)
        stamp = Stamp(
            code_version="test", spec_hash="test", tools=TOOLS, settings=self.settings, briefing=PROSE.briefing
        )
        assert replay(self.spec, stamp, self.journal.entries) == len(self.journal.entries)
        leftover = [task.get_name() for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        assert leftover == [], "nothing outlives its call"

    async def hears(self, samples: int, *, reply: int = 1, at: int = 0) -> None:
        self.socket.say(wire.Played(reply=reply, samples=samples, at=at))
        seen = len(self.journal.entries)
        await until(lambda: len(self.journal.entries) > seen)
