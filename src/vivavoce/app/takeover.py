"""A call of another server, taken from the database: who comes back to it comes back to this one."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

import msgspec
import structlog

from vivavoce.agents.callsettings import read_resolved
from vivavoce.app.leases import Leases
from vivavoce.app.prompts import Prompts
from vivavoce.app.terms import Terms, read_terms
from vivavoce.conversation import Conversation
from vivavoce.conversation import events as ev
from vivavoce.conversation.log import Entry, decode_event
from vivavoce.errors import StoreError
from vivavoce.gateway.takeover import Past, retrace
from vivavoce.store.logs import Logs
from vivavoce.store.ownership import Ownership
from vivavoce.store.rows import StoredCall
from vivavoce.store.store import Store
from vivavoce.store.tickets import Tickets
from vivavoce.store.vault import Vault

log = structlog.get_logger(__name__)

_CAME = (ev.CallerJoined, ev.CallerReturned)
_WENT = (ev.CallerDropped, ev.TakenOver)

Kept: TypeAlias = Literal["open", "unwritten", "gone"]
"""Why a call stays where it is: its caller is there by another socket, and may have one only; it has no log to go on
from; nor has it a server any more.
"""


@dataclass(frozen=True, slots=True)
class Taken:
    """A call that is ours now."""

    stored: StoredCall
    terms: Terms
    conversation: Conversation
    past: Past | None
    """None where nothing of it is known: it begins anew."""
    began_at: float
    """Unix seconds."""


class Takeover:
    """
    Args:
        only_one: a call is not taken from a server that lives and has its caller.
        clock: Unix seconds.
    """

    def __init__(
        self,
        store: Store,
        leases: Leases,
        prompts: Prompts,
        vault: Vault,
        *,
        only_one: bool,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._logs = Logs(store.database)
        self._only_one = only_one
        self._ownership = Ownership(store.database)
        self._tickets = Tickets(store.database)
        self._leases = leases
        self._prompts = prompts
        self._vault = vault
        self._clock = clock

    async def call_of(self, secret: str) -> StoredCall | None:
        """The live call that somebody may come back to with this.

        Raises:
            StoreError: the database does not answer.
        """
        return await self._ownership.call_of_return(secret)

    async def kept(self, call: StoredCall) -> Kept | None:
        """Why a live call is not to be taken now; None where it is.

        Raises:
            StoreError: the database does not answer.
        """
        carried = call.owner is not None and call.lease_until is not None and self._clock() < call.lease_until
        if read_resolved(call.settings.get("resolved", {})).settings.keep_transcript_days == 0:
            return "unwritten" if carried else "gone"
        return "open" if carried and self._only_one and await self._is_there(call.id) else None

    async def _is_there(self, call_id: str) -> bool:
        """Whether the caller has a socket at the server that carries the call, by its log. A socket that died unnoticed
        counts until that server's ping goes unanswered.
        """
        names = (ev.snake(kind.__name__) for kind in (*_CAME, *_WENT))
        newest = await self._logs.newest(call_id, names)
        return newest is not None and isinstance(decode_event(newest.event), _CAME)

    async def end(self, call_id: str, reason: str) -> None:
        """End a live call wherever it is carried. Whoever has it loses it with that, and closes what it has of it.

        Raises:
            StoreError: the database does not answer.
        """
        if await self._ownership.end(call_id, ended_at=self._clock(), reason=reason):
            log.info("call ended for another server", call=call_id, reason=reason)

    async def take(self, call_id: str, secret: str) -> Taken | None:
        """Take a call from whichever server has it, or had it: from now on nothing of that one's is written any more,
        so its log is all there is. None when the call is over.

        Raises:
            StoreError: the database does not answer.
        """
        now = self._clock()
        epoch = await self._ownership.take(call_id, owner=self._leases.owner, lease_until=self._leases.until(), now=now)
        stored = await self._store.call(call_id) if epoch is not None else None
        if epoch is None or stored is None:
            return None
        self._leases.hold(call_id, epoch)
        stored = msgspec.structs.replace(stored, epoch=epoch)
        terms = read_terms(stored, self._prompts)
        began_at = await self._tickets.used_at(call_id) or stored.started_at
        conversation = conversation_of(terms)
        entries = [Entry(row.seq, row.at_s, row.event, row.effects) for row in await self._store.events(call_id)]
        past = await retrace(conversation, entries)
        if past.ended:
            log.warning("a call that was over was not filed", call=call_id, reason=past.ended)
            await self.let_go(stored)
            return None
        log.info("call taken over", call=call_id, epoch=epoch, events=len(entries))
        if not past.joined:
            return Taken(stored, terms, conversation_of(terms), None, began_at)
        past.epoch, past.secret = epoch, secret
        past.handle = await self._handle(call_id)
        past.now = max(past.now, self._clock() - began_at)
        return Taken(stored, terms, conversation, past, began_at)

    async def let_go(self, stored: StoredCall) -> None:
        """Carry it no longer; it stays for its caller for a while, and is filed then.

        Raises:
            StoreError: the database does not answer.
        """
        self._leases.drop(stored.id)
        await self._ownership.release(stored.id, stored.epoch)

    async def _handle(self, call_id: str) -> tuple[int, str] | None:
        """The newest handle and its secret; None where there is none, or the key is not here."""
        if (found := await self._ownership.newest_handle(call_id)) is None:
            return None
        try:
            return found[0], self._vault.open(found[1]).decode()
        except StoreError as error:
            log.warning("a handle cannot be opened, so the model is told anew", call=call_id, problem=str(error))
            return None


def conversation_of(terms: Terms) -> Conversation:
    """A fresh conversation by these terms."""
    stamp = terms.stamp
    return Conversation(terms.spec, tools=stamp.tools, settings=stamp.settings, briefing=stamp.briefing)
