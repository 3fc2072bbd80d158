"""The front desk: books calls, hands out tickets, lets in who comes with one."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import structlog

from vivavoce.agents.callsettings import onset_ms, pause_ms
from vivavoce.app.agent_shelf import Shelved
from vivavoce.app.carrying import Carrier
from vivavoce.app.filing import OWNER
from vivavoce.app.leases import Leases
from vivavoce.app.leaves import leave_to_erase
from vivavoce.app.model import LiveModel
from vivavoce.app.passes import Passes
from vivavoce.app.prompts import Prompts
from vivavoce.app.settings import LOOPBACK, Settings, hands_over
from vivavoce.app.spending import Spending
from vivavoce.app.switches import Switches
from vivavoce.app.takeover import Kept, Takeover
from vivavoce.app.terms import Terms, make_terms, read_terms
from vivavoce.errors import BusyError, LinkError, StoreError
from vivavoce.gateway.outbox import CallerSocket
from vivavoce.gateway.returns import PREFIX as RETURN
from vivavoce.live.dialler import make_opening
from vivavoce.live.direct import Pass
from vivavoce.live.state import State
from vivavoce.store.recorder import Recorder
from vivavoce.store.rows import StoredCall
from vivavoce.store.store import Store
from vivavoce.store.vault import Vault
from vivavoce.store.writer import EventWriter
from vivavoce.tools import ToolRunner, builtins
from vivavoce.wire import caller as wire

log = structlog.get_logger(__name__)

_SWITCHED_OFF = "no new calls are taken at the moment"
_STOPPING = "want a server that goes on, got one that is stopping"
_KEPT: dict[Kept, tuple[str, wire.CloseCode, str]] = {
    "open": ("elsewhere", wire.CloseCode.ELSEWHERE, "the call is open in another window"),
    "unwritten": ("elsewhere", wire.CloseCode.BUSY, "the call goes on at another server only"),
    "gone": ("ticket", wire.CloseCode.NOT_AUTHORISED, "the call went with its server"),
}
"""Why a call is not taken over: for the metrics, and for its caller."""


class Booking(msgspec.Struct, frozen=True):
    """A call that may begin: its id and the ticket that opens its socket once. Never log the ticket."""

    call: str
    ticket: str


class Desk:
    """Made by `open_services`."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        writer: EventWriter,
        model: LiveModel,
        prompts: Prompts,
        switches: Switches,
        spending: Spending,
        vault: Vault,
        leases: Leases,
    ) -> None:
        self._leases = leases
        self.settings = settings
        self.store = store
        self.writer = writer
        self.engines = model.engines
        """Which ears, mouth, brain and backend are in use, for health and reports."""
        self.recordings_dir = Path(settings.data_dir) / "recordings"
        self.state = State()
        """How it stands with the live model."""
        self.prompts = prompts
        self.switches = switches
        self._spending = spending
        self._model = model
        office = model.backend.passes if not model.embedded or settings.host in LOOPBACK else None
        self._passes = Passes(office, settings.max_calls) if office is not None else None
        self._tools = ToolRunner(builtins())
        self._carrier = Carrier(
            store=store,
            writer=writer,
            model=model,
            tools=self._tools,
            switches=switches,
            state=self.state,
            make_recorder=lambda call_id: Recorder(self.recordings_dir, call_id),
            leave_to_erase=lambda call_id: leave_to_erase(vault, call_id, time.time()),
            seal=vault.seal,
            leases=leases,
            only_one=settings.second_tab == "refused",
        )
        self._takeover = Takeover(store, leases, prompts, vault, only_one=settings.second_tab == "refused")
        self.watchers = self._carrier.watchers
        """Each is asked for an observer of every call, by its id."""
        self.on_began = self._carrier.on_began
        """Each is told the id of every call that begins; not of those that another server has begun."""
        self.on_ended = self._carrier.on_ended
        """Each is told the id of every call that has ended and been written down; what fails there harms nothing."""
        self.on_refused: list[Callable[[str], None]] = []
        """Each is told why a socket was not let in, in a word."""
        self._done: dict[str, asyncio.Event] = {}
        self._arriving = 0  # sockets whose ticket is being looked up
        self._stopping = False

    @property
    def calls(self) -> int:
        """Calls running now."""
        return len(self._done)

    @property
    def stopping(self) -> bool:
        return self._stopping

    def is_running(self, call_id: str) -> bool:
        return call_id in self._done

    async def book(
        self,
        agent: Shelved,
        *,
        wishes: Mapping[str, Any] | None = None,
        person_id: str | None = None,
        booked_by: str = "",
    ) -> Booking:
        """Write down a call that is about to begin.

        Args:
            wishes: settings of this call, by `callsettings`.
            person_id: who calls, where the booking knows.
            booked_by: the id of the key that may have fresh tickets for it.
        Raises:
            InputError: a wish that is none, or that may not be granted.
            BusyError: no room for another call, new calls are switched off, or the agent's budget is used up.
            StoreError: the database did not take it.
        """
        await self._take_new(agent)
        if self.calls >= self.settings.max_calls:
            raise BusyError(f"want fewer than {self.settings.max_calls} calls at a time, got another one")
        call_id = secrets.token_hex(8)
        return await self._write(agent, call_id, self._terms(agent, call_id, wishes), person_id, booked_by)

    async def _take_new(self, agent: Shelved) -> None:
        if self._stopping:
            raise BusyError(_STOPPING, why="stopping")
        self.switches.check(agent.name)
        await self._spending.check(agent.name, agent.file.spec)

    def _terms(self, agent: Shelved, call_id: str, wishes: Mapping[str, Any] | None) -> Terms:
        tools = self._tools.declarations()
        terms = make_terms(agent.file, self.settings, self.prompts, tools=tools, call_id=call_id, wishes=wishes or {})
        self._model.backend_for(terms.settings.backend_model)  # one that cannot be used is told now
        return terms

    async def _write(
        self, agent: Shelved, call_id: str, terms: Terms, person_id: str | None, booked_by: str
    ) -> Booking:
        await self._model.phrases.prepare(agent.file.spec)
        now = time.time()
        await self.store.create_call(
            call_id=call_id,
            agent_name=agent.name,
            agent_version=agent.version,
            agent_source=agent.file.source,
            spec_hash=terms.stamp.spec_hash,
            code_version=terms.stamp.code_version,
            person_id=person_id,
            started_at=now,
            settings={**terms.stored(), "booked_by": booked_by},
            engines=self.engines,
            owner=OWNER,
        )
        return Booking(call_id, await self.store.issue_ticket(call_id, self.settings.ticket_s, now))

    async def admit(
        self, agent: Shelved, *, wishes: Mapping[str, Any] | None = None, booked_by: str = ""
    ) -> Pass | Booking:
        """Let a client in that talks by itself: with a pass to the live model, or with a ticket to our relay where the
        service makes none for browsers, where its address is only known to this machine, and where nobody may be heard.

        Args:
            wishes, booked_by: as `book`.
        Raises:
            InputError: as `book`.
            LinkError: the service makes no pass.
            BusyError: also when too many passes hold.
            StoreError: as `book`.
        """
        await self._take_new(agent)
        terms = self._terms(agent, secrets.token_hex(8), wishes)
        if self._passes is None or self.switches.text_only or terms.settings.mode == "text":
            return await self.book(agent, wishes=wishes, booked_by=booked_by)
        spec = terms.spec
        opening = make_opening(
            self._model.backend_for(terms.settings.backend_model).model,
            spec,
            spec.first_speaker,
            declarations=self._tools.declarations(),
            silence_ms=pause_ms(terms.settings),
            onset_ms=onset_ms(terms.settings),
            prose=terms.prose,
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

    async def talk(self, socket: CallerSocket, ticket: str) -> None:
        """Carry one call to its end, or, for a caller who comes back to theirs, until this socket is done with. Closes
        the socket with 4401 when the ticket opens nothing.
        """
        if self._stopping:
            await self._refuse(socket, "stopping", wire.CloseCode.GOING_AWAY, "the server is stopping")
            return
        if (call := self._carrier.returns.find(ticket)) is not None:  # it has its place, whatever is full or off
            await call.come_back(socket, ticket)
            return
        if ticket.startswith(RETURN):  # so does one of another server, or of this one before it was started again
            await self._take_over(socket, ticket)
            return
        if self.calls + self._arriving >= self.settings.max_calls:  # before the ticket is used up: it stays good
            await self._refuse(socket, "full", wire.CloseCode.BUSY, "no room for another call")
            return
        if self.switches.stopped():  # likewise
            await self._refuse(socket, "switched_off", wire.CloseCode.BUSY, _SWITCHED_OFF)
            return
        self._arriving += 1
        try:
            call_id = await self._redeem(ticket) if ticket else None
            stored = await self.store.call(call_id) if call_id is not None else None
        except StoreError as error:
            log.error("a ticket could not be looked up", problem=str(error))  # noqa: TRY400
            await self._refuse(socket, "storage", wire.CloseCode.FAILED, "the server's storage does not answer")
            return
        finally:
            self._arriving -= 1
        if call_id is None or stored is None:
            await self._refuse(socket, "ticket", wire.CloseCode.NOT_AUTHORISED, "no valid ticket")
            return
        if self.switches.stopped(stored.agent_name):
            with suppress(StoreError):  # its ticket is used up: it would stand among the live ones for a day
                await self.store.finish_call(call_id, ended_at=time.time(), reason="switched_off")
            await self._refuse(socket, "switched_off", wire.CloseCode.BUSY, _SWITCHED_OFF)
            return
        self._leases.hold(call_id, stored.epoch)
        with self._seat(call_id), structlog.contextvars.bound_contextvars(call=call_id):
            await self._carrier.carry(stored, read_terms(stored, self.prompts), socket)

    async def _take_over(self, socket: CallerSocket, secret: str) -> None:
        """Go on with a call that is not carried here, until it ends or goes on elsewhere. What fails at this moment may
        succeed at the next: who is told to come again keeps their secret.
        """
        try:
            call = await self._takeover.call_of(secret)
        except StoreError as error:
            await self._put_off(socket, error)
            return
        if call is not None and self._leases.outdated(call.id, call.epoch):
            await self.finished(call.id)  # another had it meanwhile, which is news here: what is left of it is closed
        if call is None or (self._carrier.carries(call.id) and self._leases.holds(call.id, call.epoch)):
            # whoever carries a call knows which secrets are good, and this is none
            await self._refuse(socket, "ticket", wire.CloseCode.NOT_AUTHORISED, "no call to come back to")
        elif call.id in self._done:  # somebody came with it a moment ago, or it is just being handed on
            await self._refuse(socket, "taken", wire.CloseCode.BUSY, "the call is just being taken over")
        else:
            with self._seat(call.id), structlog.contextvars.bound_contextvars(call=call.id):
                await self._go_on(socket, call, secret)

    async def _go_on(self, socket: CallerSocket, call: StoredCall, secret: str) -> None:
        try:
            kept = await self._takeover.kept(call)
            taken = await self._takeover.take(call.id, secret) if kept is None else None
        except StoreError as error:
            await self._put_off(socket, error)
        except Exception as fault:  # noqa: BLE001  # ours: its log stays, and whoever files it does so
            log.error("a call could not be taken over", call=call.id, fault=type(fault).__name__)  # noqa: TRY400
            await self._refuse(socket, "failed", wire.CloseCode.FAILED, "the call cannot be gone on with")
        else:
            if kept is not None:
                await self._refuse(socket, *_KEPT[kept])
            elif taken is None:
                await self._refuse(socket, "ticket", wire.CloseCode.NOT_AUTHORISED, "the call is over")
            else:
                await self._carrier.carry(taken.stored, taken.terms, socket, taken)

    async def _put_off(self, socket: CallerSocket, error: StoreError) -> None:
        log.error("a call could not be looked up", problem=str(error))
        await self._refuse(socket, "storage", wire.CloseCode.BUSY, "the server's storage does not answer")

    @contextmanager
    def _seat(self, call_id: str) -> Iterator[None]:
        """A call is carried here for as long."""
        self._done[call_id] = asyncio.Event()
        try:
            yield
        finally:
            self._leases.drop(call_id)
            self._done.pop(call_id).set()

    async def _redeem(self, ticket: str) -> str | None:
        leases = self._leases
        return await self.store.redeem_ticket(ticket, time.time(), owner=leases.owner, lease_until=leases.until())

    async def _refuse(self, socket: CallerSocket, why: str, code: wire.CloseCode, told: str) -> None:
        for tell in self.on_refused:
            tell(why)
        await socket.close(code, told)

    async def end_to_erase(self, call_id: str) -> None:
        """End a call that is to be erased, and wait until everything of it is written: with a word to its caller where
        it is carried here; elsewhere, and where its server is gone, without.

        Raises:
            StoreError: the database does not answer.
        """
        self._carrier.end_to_erase(call_id)
        await self.finished(call_id)
        await self._takeover.end(call_id, "erased")

    async def finished(self, call_id: str) -> None:
        """Wait until a call has ended and everything of it is written."""
        if (event := self._done.get(call_id)) is not None:
            await event.wait()

    def stop(self) -> None:
        """Take no more calls, and end those that run with a word to each caller, or hand them over."""
        self._stopping = True
        self._carrier.stop(hand_over=hands_over(self.settings))

    async def close(self) -> None:
        await self._tools.close()
