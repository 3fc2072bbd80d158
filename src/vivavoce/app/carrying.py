"""Carries a call that was booked: from its caller's socket to the last line of its file. Here the rooms are wired."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from typing import Any, Literal

import structlog

from vivavoce.agents import AgentSpec
from vivavoce.agents.callsettings import Pace, decided, onset_ms, pace_in_force, pause_ms
from vivavoce.app.leases import Leases
from vivavoce.app.listening import gate_for
from vivavoce.app.model import LiveModel
from vivavoce.app.switches import Switches
from vivavoce.app.takeover import Taken, conversation_of
from vivavoce.app.terms import Terms, kept_until
from vivavoce.errors import StoreError
from vivavoce.gateway.call import LOST, PASSED_ON, Call
from vivavoce.gateway.journal import StoreJournal
from vivavoce.gateway.observer import Observer
from vivavoce.gateway.outbox import CallerSocket
from vivavoce.gateway.returns import Returns
from vivavoce.live.dialler import LiveDialler
from vivavoce.live.state import State
from vivavoce.store.ownership import Ownership
from vivavoce.store.recorder import Recorder
from vivavoce.store.rows import StoredCall
from vivavoce.store.store import Store
from vivavoce.store.writer import EventWriter
from vivavoce.tools import ToolRunner
from vivavoce.wire import caller as wire

log = structlog.get_logger(__name__)

FILE_AGAIN_S = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
"""Pauses between tries to write down how a call ended: a database that is away for half a minute costs nothing. What is
not written after that, the next start of the server files; a server that stops does not wait.
"""

Watcher = Callable[[str, AgentSpec], Observer]
Ended = Callable[[str], Awaitable[None]]


class Carrier:
    """What all calls of a server share.

    Args:
        make_recorder: opens the recorder of a call.
        leave_to_erase: makes it for the caller of a call. A secret.
        state: how it stands with the live model.
        seal: makes a secret unreadable, but for servers that share its key.
        leases: which calls are carried here.
        only_one: a second window of a caller is refused.
        pause: waits between two tries to file a call.
    """

    def __init__(
        self,
        *,
        store: Store,
        writer: EventWriter,
        model: LiveModel,
        tools: ToolRunner,
        switches: Switches,
        state: State,
        make_recorder: Callable[[str], Recorder],
        leave_to_erase: Callable[[str], str],
        seal: Callable[[bytes], bytes],
        leases: Leases,
        only_one: bool,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._store = store
        self._writer = writer
        self._model = model
        self._tools = tools
        self._switches = switches
        self._state = state
        self._make_recorder = make_recorder
        self._leave_to_erase = leave_to_erase
        self._seal = seal
        self._leases = leases
        self._ownership = Ownership(store.database)
        self._only_one = only_one
        self._pause = pause
        self._stopping = self._handing_over = False
        self.watchers: list[Watcher] = []
        self.on_began: list[Callable[[str], None]] = []
        self.on_ended: list[Ended] = []
        self._live: dict[str, Call] = {}
        self._kept: set[str] = set()  # those of them that another server could go on with
        self.returns = Returns()
        switches.changed.append(self._switched)
        leases.on_lost.append(self._lose)

    async def carry(self, stored: StoredCall, terms: Terms, socket: CallerSocket, taken: Taken | None = None) -> None:
        """Carry one call to its end, and write down how it ended; or until another server goes on with it.

        Args:
            taken: the call as another server has left it.
        """
        spec, resolved = terms.spec, terms.resolved
        past = taken.past if taken is not None else None
        journal = StoreJournal(
            stored.id,
            self._writer,
            lambda: self._make_recorder(stored.id),
            epoch=stored.epoch,
            seal=self._seal,
            release=lambda: self._ownership.release(stored.id, stored.epoch),
            stored=lambda: self._store.call(stored.id),
            words=terms.settings.keep_transcript_days != 0,
            facts=terms.settings.keep_facts_days != 0,
        )
        dialler = LiveDialler(
            self._model.backend_for(terms.settings.backend_model),
            spec,
            declarations=self._tools.declarations(),
            silence_ms=pause_ms(terms.settings),
            onset_ms=onset_ms(terms.settings),
            state=self._state,
            prose=terms.prose,
        )

        def wish(wishes: dict[str, str]) -> int:
            nonlocal resolved
            resolved = decided(resolved, "caller", wishes)
            dialler.silence_ms, dialler.onset_ms = pause_ms(resolved.settings), onset_ms(resolved.settings)
            return dialler.silence_ms

        def greeted(hello: wire.Hello) -> Pace | Literal[""]:
            wish({"mode": hello.mode} | ({"pace": hello.pace} if hello.pace else {}))
            return pace_in_force(resolved.settings)

        if taken is not None and past is not None:
            for at_s, event in past.consents:
                journal.consent(event, at=taken.began_at + at_s)
            for effect in past.records:
                journal.record(effect.on, erase=effect.erase)
        call = Call(
            id=stored.id,
            spec=spec,
            socket=socket,
            conversation=taken.conversation if taken is not None else conversation_of(terms),
            returns=self.returns,
            greeted=greeted,
            patience=lambda pace: wish({"pace": pace}),
            leave_to_erase=lambda: self._leave_to_erase(stored.id),
            gate=lambda echo: gate_for(resolved.settings, echo),
            dialler=dialler,
            tools=self._tools,
            phrases=self._model.phrases,
            journal=journal,
            chance=random.Random(),  # noqa: S311  # spreads redials, guards nothing
            observers=[watch(stored.id, spec) for watch in self.watchers],
            past=past,
            only_one=self._only_one,
        )
        if past is None:
            for tell in self.on_began:
                tell(stored.id)
        known = past.switches if past is not None else (False, ())
        if known != (self._switches.text_only, self._switches.tools_off):  # off by now, or on again
            self._switch(call)
        self._live[stored.id] = call
        if terms.settings.keep_transcript_days != 0:
            self._kept.add(stored.id)
        if self._stopping:  # it arrived while the others were told
            self._stop(stored.id)
        if not self._leases.holds(stored.id, stored.epoch):
            call.lose()
        try:
            await call.run()
        finally:
            self._live.pop(stored.id, None)
            self._kept.discard(stored.id)
            if call.reason in (PASSED_ON, LOST):
                log.info("call goes on at another server", call=stored.id, reason=call.reason)
            else:
                gate = {"gate": call.gate_name, "gate_count": call.gate_count}
                about = {
                    "engines": {**self._model.engines, **gate},
                    "consent": {"decisions": journal.consents},
                    "usage": call.tokens,
                    "settings": {**stored.settings, "resolved": resolved.told()},
                }
                await self._file(stored, journal, about, terms, call.reason or "failed")
                log.info("call ended", call=stored.id, reason=call.reason, gate=call.gate_name, **call.gate_count)

    async def _file(
        self, stored: StoredCall, journal: StoreJournal, about: dict[str, Any], terms: Terms, reason: str
    ) -> None:
        """Write down how a call ended. Each part on its own: one that fails keeps none of the others back."""
        call_id, epoch = stored.id, stored.epoch
        ended_at = time.time()

        async def recordings() -> None:
            for row in await journal.close():
                await self._store.save_recording(row)

        async def events() -> None:
            if not await self._writer.flush():
                raise StoreError("events still wait to be written")

        async def columns() -> None:
            await self._store.update_call(call_id, epoch=epoch, **about, **kept_until(terms.settings, ended_at))

        async def end() -> None:
            await self._store.finish_call(call_id, epoch=epoch, ended_at=ended_at, reason=reason)

        for part in (recordings, events, columns, end):
            try:
                await self._until_taken(part)
            except StoreError as error:
                log.error("a call could not be filed", call=call_id, part=part.__name__, problem=str(error))  # noqa: TRY400
        for tell in self.on_ended:
            try:
                await tell(call_id)
            except Exception as error:  # noqa: BLE001  # what follows from a call never harms it
                log.error("what follows a call failed", call=call_id, fault=type(error).__name__)  # noqa: TRY400

    async def _until_taken(self, part: Callable[[], Awaitable[Any]]) -> None:
        """
        Raises:
            StoreError: the database is away for longer than is waited for.
        """
        for wait_s in FILE_AGAIN_S:
            try:
                await part()
            except StoreError:
                if self._stopping:
                    raise
                await self._pause(wait_s)
            else:
                return
        await part()

    def carries(self, call_id: str) -> bool:
        return call_id in self._live

    def stop(self, *, hand_over: bool) -> None:
        """End the calls that run, with a word to each caller, or hand them over where there is a log to go on from."""
        self._stopping, self._handing_over = True, hand_over
        for call_id in self._live:
            self._stop(call_id)

    def _stop(self, call_id: str) -> None:
        call = self._live[call_id]
        if self._handing_over and call_id in self._kept:
            call.drain()
        else:
            call.stop()

    def _lose(self, call_id: str) -> None:
        """Another server has it."""
        if (call := self._live.get(call_id)) is not None:
            call.lose()

    def end_to_erase(self, call_id: str) -> None:
        """End one call that is to be erased, if it runs, with a word to its caller."""
        if (call := self._live.get(call_id)) is not None:
            call.end_to_erase()

    def _switched(self) -> None:
        for call in self._live.values():
            self._switch(call)

    def _switch(self, call: Call) -> None:
        call.switch(text_only=self._switches.text_only, tools_off=self._switches.tools_off)
