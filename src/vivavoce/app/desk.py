"""The front desk: books calls, hands out tickets, sees each call through. Here the rooms are wired."""

from __future__ import annotations

import asyncio
import hashlib
import random
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import structlog

from vivavoce import __version__
from vivavoce.agents import AgentFile, load
from vivavoce.app.agent_files import find_agent
from vivavoce.app.filing import OWNER, file_orphans, open_store, stamp_of
from vivavoce.app.model import LiveModel, open_model
from vivavoce.app.passes import Passes
from vivavoce.app.settings import LOOPBACK, SILENCE_MS, Settings
from vivavoce.audio.gates import Gate, make_gate
from vivavoce.conversation import Conversation, ConversationSettings
from vivavoce.conversation.log import Stamp
from vivavoce.errors import BusyError, LinkError, StoreError
from vivavoce.gateway.call import Call
from vivavoce.gateway.journal import StoreJournal
from vivavoce.gateway.outbox import CallerSocket
from vivavoce.live.dialler import LiveDialler, make_opening
from vivavoce.live.direct import Pass
from vivavoce.live.state import State
from vivavoce.store.recorder import Recorder
from vivavoce.store.store import Store
from vivavoce.store.writer import EventWriter
from vivavoce.tools import ToolRunner, builtins
from vivavoce.wire import caller as wire

log = structlog.get_logger(__name__)

_STOPPING = "want a server that goes on, got one that is stopping"


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
        model: LiveModel,
    ) -> None:
        self.settings = settings
        self.store = store
        self.writer = writer
        self.engines = model.engines
        """Which ears, mouth, brain and backend are in use, for health and reports."""
        self.recordings_dir = Path(settings.data_dir) / "recordings"
        self.state = State()
        """How it stands with the live model."""
        self._backend = model.backend
        self._phrases = model.phrases
        office = model.backend.passes if not model.embedded or settings.host in LOOPBACK else None
        self._passes = Passes(office, settings.max_calls) if office is not None else None
        self._tools = ToolRunner(builtins())
        self._live: dict[str, Call] = {}
        self._done: dict[str, asyncio.Event] = {}
        self._arriving = 0  # sockets whose ticket is being looked up
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
        return find_agent(self.settings, name)

    async def book(self, agent: AgentFile) -> Booking:
        """Write down a call that is about to begin.

        Raises:
            BusyError: no room for another call.
            StoreError: the database did not take it.
        """
        if self._stopping:
            raise BusyError(_STOPPING)
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

    async def admit(self, agent: AgentFile) -> Pass | Booking:
        """Let a client in that talks by itself: with a pass to the live model, or with a ticket to our relay where the
        service makes none for browsers, or where its address is only known to this machine.

        Raises:
            LinkError: the service makes no pass.
            BusyError: also when too many passes hold.
            StoreError: as `book`.
        """
        if self._passes is None:
            return await self.book(agent)
        if self._stopping:
            raise BusyError(_STOPPING)
        spec = agent.spec
        opening = make_opening(
            self._backend.model,
            spec,
            spec.first_speaker,
            declarations=self._tools.declarations(),
            silence_ms=self._silence_ms,
        )
        try:
            given = await self._passes.give(
                opening,
                start_within_s=self.settings.ticket_s,
                life_s=self.settings.ticket_s + spec.limits.minutes * 60,
                now=datetime.now(UTC),
            )
        except LinkError as error:
            self.state.failed(error)
            raise
        self.state.opened()
        return given

    @property
    def _silence_ms(self) -> int:
        return self.settings.silence_ms or SILENCE_MS[self.settings.pace]

    async def talk(self, socket: CallerSocket, ticket: str) -> None:
        """Carry one call to its end. Closes the socket with 4401 when the ticket opens nothing."""
        if self._stopping:
            await socket.close(wire.CloseCode.GOING_AWAY, "the server is stopping")
            return
        if self.calls + self._arriving >= self.settings.max_calls:  # before the ticket is used up: it stays good
            await socket.close(wire.CloseCode.BUSY, "no room for another call")
            return
        self._arriving += 1
        try:
            call_id = await self.store.redeem_ticket(ticket, time.time()) if ticket else None
            stored = await self.store.call(call_id) if call_id is not None else None
        except StoreError as error:
            log.error("a ticket could not be looked up", problem=str(error))  # noqa: TRY400
            await socket.close(wire.CloseCode.FAILED, "the server's storage does not answer")
            return
        finally:
            self._arriving -= 1
        if call_id is None or stored is None:
            await socket.close(wire.CloseCode.NOT_AUTHORISED, "no valid ticket")
            return
        self._done[call_id] = asyncio.Event()
        try:
            await self._carry(call_id, load(stored.agent_source), socket, stamp_of(stored.settings))
        finally:
            self._live.pop(call_id, None)
            self._done.pop(call_id).set()

    async def _carry(self, call_id: str, agent: AgentFile, socket: CallerSocket, stamp: Stamp) -> None:
        spec = agent.spec
        journal = StoreJournal(call_id, self.writer, lambda: Recorder(self.recordings_dir, call_id))
        declarations = self._tools.declarations()
        call = Call(
            id=call_id,
            spec=spec,
            socket=socket,
            conversation=Conversation(spec, tools=stamp.tools, settings=stamp.settings),
            gate=self._gate,
            dialler=LiveDialler(
                self._backend, spec, declarations=declarations, silence_ms=self._silence_ms, state=self.state
            ),
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
        model = await stack.enter_async_context(open_model(settings, words=words, tell=tell))
        await file_orphans(store, Path(settings.data_dir) / "recordings")
        desk = Desk(settings, store, writer, model)
        stack.push_async_callback(desk.close)
        yield desk
