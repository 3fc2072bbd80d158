"""The front desk: books calls, hands out tickets, sees each call through. Here the rooms are wired."""

from __future__ import annotations

import asyncio
import hashlib
import os
import platform
import random
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import structlog

from vivavoce import __version__
from vivavoce.agents import AgentFile, load
from vivavoce.app.phrases import PreparedPhrases, Voice
from vivavoce.app.settings import Settings
from vivavoce.audio.gates import Gate, make_gate
from vivavoce.conversation import Conversation, ConversationSettings
from vivavoce.conversation.log import Entry, Stamp, replay
from vivavoce.errors import BusyError, InputError, StoreError
from vivavoce.gateway.call import Call
from vivavoce.gateway.journal import StoreJournal
from vivavoce.gateway.outbox import CallerSocket
from vivavoce.live.backend import BackendSettings, choose
from vivavoce.live.dialler import LiveDialler
from vivavoce.live.setup import SILENCE_MS
from vivavoce.store.recorder import Recorder
from vivavoce.store.recordings import found_recordings
from vivavoce.store.store import Store
from vivavoce.store.writer import EventWriter
from vivavoce.tools import ToolRunner, builtins
from vivavoce.wire import caller as wire

log = structlog.get_logger(__name__)

MAX_AGENT_BYTES = 256 * 1024
"""What the loader takes; an agent file has 2 kB."""


OWNER = f"{platform.node()}:{os.getpid()}"
"""Who carries a call: this process. What it leaves behind when it is killed is filed by the next one on this machine.
"""


class Booking(msgspec.Struct, frozen=True):
    """A call that may begin: its id and the ticket that opens its socket once. Never log the ticket."""

    call: str
    ticket: str


class Desk:
    """Made by `open_desk`."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        writer: EventWriter,
        backend: BackendSettings,
        phrases: PreparedPhrases,
        engines: dict[str, str],
    ) -> None:
        self.settings = settings
        self.store = store
        self.writer = writer
        self.engines = engines
        """Which ears, mouth, brain and backend are in use, for health and reports."""
        self.recordings_dir = Path(settings.data_dir) / "recordings"
        self._backend = backend
        self._phrases = phrases
        self._tools = ToolRunner(builtins())
        self._live: dict[str, Call] = {}
        self._done: dict[str, asyncio.Event] = {}
        self._stopping = False

    @property
    def calls(self) -> int:
        """Calls running now."""
        return len(self._done)

    def find_agent(self, name: str) -> AgentFile:
        """An agent file by its name in the agents folder.

        Raises:
            InputError: no such file, or it does not hold (AgentFileError).
        """
        folder = Path(self.settings.agents_dir)
        path = folder / f"{name}.yaml"
        if path.name != f"{name}.yaml" or "\0" in name or not path.is_file():
            known = ", ".join(sorted(found.stem for found in folder.glob("*.yaml"))) or "none"
            raise InputError(f"want one of the agents {known}, got {name[:64]!a}")
        return read_agent(path)

    async def book(self, agent: AgentFile) -> Booking:
        """Write down a call that is about to begin.

        Raises:
            BusyError: no room for another call.
            StoreError: the database did not take it.
        """
        if self._stopping:
            raise BusyError("want a server that goes on, got one that is stopping")
        if self.calls >= self.settings.max_calls:
            raise BusyError(f"want fewer than {self.settings.max_calls} calls at a time, got another one")
        await self._phrases.prepare(agent.spec)
        stamp = Stamp(
            code_version=__version__,
            spec_hash=hashlib.sha256(agent.source.encode()).hexdigest(),
            tools=tuple(self._tools.declarations()),
            settings=ConversationSettings(),
        )
        now = time.time()
        call_id = await self.store.create_call(
            agent_name=agent.spec.name,
            agent_source=agent.source,
            spec_hash=stamp.spec_hash,
            code_version=stamp.code_version,
            started_at=now,
            settings={"stamp": msgspec.to_builtins(stamp)},
            engines=self.engines,
            owner=OWNER,
        )
        return Booking(call_id, await self.store.issue_ticket(call_id, self.settings.ticket_s, now))

    async def talk(self, socket: CallerSocket, ticket: str) -> None:
        """Carry one call to its end. Closes the socket with 4401 when the ticket opens nothing."""
        if self._stopping:
            await socket.close(wire.CloseCode.GOING_AWAY, "the server is stopping")
            return
        if self.calls >= self.settings.max_calls:  # before the ticket is used up: it is good for another try
            await socket.close(wire.CloseCode.BUSY, "no room for another call")
            return
        try:
            call_id = await self.store.redeem_ticket(ticket, time.time()) if ticket else None
            stored = await self.store.call(call_id) if call_id is not None else None
        except StoreError as error:
            log.error("a ticket could not be looked up", problem=str(error))  # noqa: TRY400
            await socket.close(wire.CloseCode.FAILED, "the server's storage does not answer")
            return
        if call_id is None or stored is None:
            await socket.close(wire.CloseCode.NOT_AUTHORISED, "no valid ticket")
            return
        self._done[call_id] = asyncio.Event()
        try:
            await self._carry(call_id, load(stored.agent_source), socket, _stamp(stored.settings))
        finally:
            self._live.pop(call_id, None)
            self._done.pop(call_id).set()

    async def _carry(self, call_id: str, agent: AgentFile, socket: CallerSocket, stamp: Stamp) -> None:
        spec = agent.spec
        journal = StoreJournal(call_id, self.writer, lambda: Recorder(self.recordings_dir, call_id))
        silence_ms = self.settings.silence_ms or SILENCE_MS[self.settings.pace]
        declarations = self._tools.declarations()
        call = Call(
            id=call_id,
            spec=spec,
            socket=socket,
            conversation=Conversation(spec, tools=stamp.tools, settings=stamp.settings),
            gate=self._gate,
            dialler=LiveDialler(self._backend, spec, declarations=declarations, silence_ms=silence_ms),
            tools=self._tools,
            phrases=self._phrases,
            journal=journal,
            chance=random.Random(),  # noqa: S311  # spreads redials, guards nothing
        )
        self._live[call_id] = call
        try:
            await call.run()
        finally:
            engines = {**self.engines, "gate": call.gate_name, "gate_count": call.gate_count}
            await self._file(call_id, journal, engines, call.reason or "failed")
            log.info("call ended", call=call_id, reason=call.reason, gate=call.gate_name, **call.gate_count)

    async def _file(self, call_id: str, journal: StoreJournal, engines: dict[str, Any], reason: str) -> None:
        """Write down how a call ended. Each part on its own: one that fails keeps none of the others back."""

        async def recordings() -> None:
            for row in await journal.close():
                await self.store.save_recording(row)

        async def about() -> None:
            await self.store.update_call(call_id, engines=engines, consent={"decisions": journal.consents})

        async def end() -> None:
            await self.store.finish_call(call_id, ended_at=time.time(), reason=reason)

        for part in (recordings, self.writer.flush, about, end):
            try:
                await part()
            except StoreError as error:
                log.error("a call could not be filed", call=call_id, part=part.__name__, problem=str(error))  # noqa: TRY400

    def _gate(self, hello: wire.Hello) -> Gate:
        name = self.settings.gate
        return make_gate(("duplex" if hello.echo_cancelled else "two-tier") if name == "auto" else name)

    async def finished(self, call_id: str) -> None:
        """Wait until a call has ended and everything of it is written."""
        if (event := self._done.get(call_id)) is not None:
            await event.wait()

    def stop(self) -> None:
        """Take no more calls and end those that run, with a word to each caller."""
        self._stopping = True
        for call in self._live.values():
            call.stop()

    async def close(self) -> None:
        await self._tools.close()


async def file_orphans(store: Store, recordings_dir: Path) -> None:
    """File the calls that a killed server of this machine left open: they have ended, their sound is on the disk."""
    node = platform.node()
    for call in await store.open_calls():
        host, _, pid = (call.owner or "").rpartition(":")
        if host != node or not pid.isdigit() or _alive(int(pid)):
            continue
        if not await store.events(call.id):
            await store.finish_call(call.id, ended_at=call.started_at, reason="never_began")
            continue
        turns = await store.turns(call.id)
        ended_at = call.started_at + max((turn.end_ms for turn in turns), default=0) / 1000
        for row in await asyncio.to_thread(found_recordings, recordings_dir, call.id):
            await store.save_recording(row)
        await store.finish_call(call.id, ended_at=ended_at, reason="server_died")
        log.warning("a call of a killed server was filed", call=call.id)


def _alive(pid: int) -> bool:
    if pid == os.getpid():
        return False  # a process of old with our number: we have just begun
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


async def replay_call(store: Store, call_id: str) -> int:
    """Feed a recorded call to the machine again; how many events agreed.

    Raises:
        InputError: there is no such call.
        ReplayMismatch: at the first differing effect.
    """
    stored = await store.call(call_id)
    if stored is None:
        raise InputError(f"want the id of a call, got {call_id[:64]!r}")
    entries = [Entry(row.seq, row.at_s, row.event, row.effects) for row in await store.events(call_id)]
    return replay(load(stored.agent_source).spec, _stamp(stored.settings), entries)


def _stamp(settings: dict[str, object]) -> Stamp:
    return msgspec.convert(settings["stamp"], Stamp)


def read_agent(path: Path) -> AgentFile:
    """An agent file from the disk.

    Raises:
        InputError: it cannot be read, or does not hold (AgentFileError).
    """
    try:
        with path.open("rb") as file:
            source = file.read(MAX_AGENT_BYTES + 1).decode()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise InputError(f"want an agent file, got {path}: {why}") from error
    return load(source, name=str(path))


def agents_in(settings: Settings) -> list[AgentFile]:
    """The agent files of the agents folder that hold; the others are told in the log and when somebody books them."""
    found = []
    for path in sorted(Path(settings.agents_dir).glob("*.yaml")):
        try:
            if path.is_file():
                found.append(read_agent(path))
        except InputError as error:
            log.warning("an agent file does not hold", file=path.name, problem=str(error))
    return found


def words_of(agents: Iterable[AgentFile]) -> tuple[str, ...]:
    """What the local ears should expect to hear: the words of the agent files."""
    texts: list[str] = []
    for spec in (agent.spec for agent in agents):
        texts.append(spec.title)
        for objective in spec.objectives.values():
            texts += [objective.ask, *objective.probe]
            texts += [f"{field.id.replace('_', ' ')} {field.type.words}" for field in objective.collect.values()]
    return tuple(text for text in texts if text)


def database_url(settings: Settings) -> str:
    return settings.database_url or f"sqlite+aiosqlite:///{settings.data_dir}/viva.db"


@asynccontextmanager
async def open_store(settings: Settings, *, must_exist: bool = False) -> AsyncIterator[Store]:
    """The store of these settings.

    Raises:
        InputError: it must exist and does not.
        StoreError: it cannot be opened.
    """
    database = Path(settings.data_dir) / "viva.db"
    if must_exist and not settings.database_url and not await asyncio.to_thread(database.is_file):
        raise InputError(f"want a folder with a database, got {settings.data_dir}; name it with --data")
    try:
        await asyncio.to_thread(Path(settings.data_dir).mkdir, parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"want a folder for data, got {settings.data_dir}: {error.strerror}") from error
    store = await Store.open(database_url(settings))
    try:
        yield store
    finally:
        await store.close()


@asynccontextmanager
async def open_desk(
    settings: Settings, *, words: tuple[str, ...] = (), tell: Callable[[str], None] = lambda _: None
) -> AsyncIterator[Desk]:
    """Everything a server needs, started and stopped in order.

    Args:
        words: of the agent files; they help the local ears.
        tell: is told what is being started.

    Raises:
        SettingsError, StoreError, MissingError: what cannot be had.
    """
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(open_store(settings))
        writer = await stack.enter_async_context(EventWriter(store))
        engines = {"backend": settings.backend, "ears": "model", "mouth": "model", "brain": settings.backend_model}
        mouth: Voice | None = None
        url = settings.backend_url
        if settings.backend == "local" and not settings.backend_url:
            # only where they are used: a server that dials another model needs none of their engines
            from vivavoce.local.ears.ears import Ears
            from vivavoce.local.mouth.mouth import Mouth
            from vivavoce.local.server import serve as serve_local

            tell("starting the local ears and mouth")
            mouth = await Mouth.start()
            stack.push_async_callback(mouth.close)
            ears = await Ears.start(words, callers=min(settings.max_calls, 2 * (os.cpu_count() or 1)))
            stack.push_async_callback(ears.close)
            server = await stack.enter_async_context(serve_local(ears=ears, mouth=mouth))
            url = f"ws://127.0.0.1:{server.port}"
            engines |= {"ears": ears.engine, "mouth": mouth.engine, "brain": "agent file"}
        backend = BackendSettings(
            kind=settings.backend, base_url=url, model=settings.backend_model, key=settings.backend_key
        )
        await file_orphans(store, Path(settings.data_dir) / "recordings")
        choose(backend)  # what does not hold is told now, not to the first caller
        desk = Desk(settings, store, writer, backend, PreparedPhrases(mouth), engines)
        stack.push_async_callback(desk.close)
        yield desk
