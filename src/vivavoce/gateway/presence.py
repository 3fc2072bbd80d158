"""The caller who comes and goes: over which socket they are reached now, and how they get back to their call.

A call outlives its caller's socket. Whoever is welcomed gets a secret; who comes with it goes on where they were, over
the new socket, also when we have not noticed yet that the old one is dead. A secret is good once: it is spent by the
first words that follow the hello it came with. Not earlier, since the welcome with the next secret may be lost as well,
and the caller with it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from typing import Literal

import structlog

from vivavoce.agents import AgentSpec
from vivavoce.agents.callsettings import Pace
from vivavoce.audio.gates import Gate
from vivavoce.conversation import events as ev
from vivavoce.gateway import notices
from vivavoce.gateway.greeting import Greeting
from vivavoce.gateway.outbox import CallerSocket, Outbox
from vivavoce.gateway.page import taken
from vivavoce.gateway.pulse import Pulse
from vivavoce.gateway.ration import Ration
from vivavoce.gateway.reader import Reader
from vivavoce.gateway.reports import counted
from vivavoce.gateway.returns import Returns
from vivavoce.gateway.screen import Screen
from vivavoce.gateway.uplink import Uplink
from vivavoce.store.keys import hash_of
from vivavoce.wire import caller as wire

log = structlog.get_logger(__name__)

RETURNS_PER_S = 1.0
RETURNS_AT_ONCE = 20
"""Returns to a call that are taken, so many at once and then so many a second: the browser's SDK tries no oftener for
long. Whoever comes more often is told to try again later and keeps their secret.
"""

SILENT_S = 3.0
"""A caller by voice of whom nothing came for so long is not there: a phone between two networks, a page that hangs. Who
types may be silent for long, and counts as there until their socket is closed. Not tuned.
"""


class Visit:
    """One socket of the caller, from hello until it is gone, replaced or closed with the call.

    Args:
        secret: they came back with it; empty for who came with a ticket.
        spoke: called once, when something of them follows the hello.
        left: called when the socket is gone.
    """

    def __init__(
        self,
        socket: CallerSocket,
        hello: wire.Hello,
        secret: str,
        spoke: Callable[[Visit], None],
        left: Callable[[Visit], None],
    ) -> None:
        self.socket = socket
        self.hello = hello
        self.secret = secret
        self.over = asyncio.Event()
        self._spoke: Callable[[Visit], None] | None = spoke
        self._left = left

    def listen(self, take: Callable[[str | bytes], None]) -> None:
        self._take = take
        self.socket.listen(self._heard, self._gone)

    def _heard(self, data: str | bytes) -> None:
        if self.over.is_set():
            return
        if self._spoke is not None:
            spoke, self._spoke = self._spoke, None
            spoke(self)
        self._take(data)

    def _gone(self) -> None:
        if not self.over.is_set():
            self._left(self)


class Presence:
    """A `Returnable`.

    Args:
        call: its id.
        gate: the speech gate for who says this hello.
        leave_to_erase: makes it for this call. A secret.
        happened: takes the events; none may be lost.
        clock: seconds since the call began.
        screen: what the caller's screen shows by now.
        kept: takes what the caller may come back with (`hash_of`), whenever that changes.
        only_one: a second window is refused while the first is there; otherwise it has the call.
    """

    def __init__(
        self,
        call: str,
        spec: AgentSpec,
        outbox: Outbox,
        returns: Returns,
        *,
        gate: Callable[[wire.Hello], Gate],
        leave_to_erase: Callable[[], str],
        happened: Callable[[ev.Event], None],
        clock: Callable[[], float],
        screen: Screen,
        kept: Callable[[tuple[str, ...]], None],
        only_one: bool,
    ) -> None:
        self._call = call
        self._spec = spec
        self._outbox = outbox
        self._returns = returns
        self._gate = gate
        self._leave_to_erase = leave_to_erase
        self._happened = happened
        self._clock = clock
        self._pulse = Pulse(outbox)
        self._comings = Ration(clock, per_s=RETURNS_PER_S, burst=RETURNS_AT_ONCE)
        self._screen = screen
        self._kept = kept
        self._only_one = only_one
        self._visit: Visit | None = None  # None before they come and while they are away
        self._welcomes: deque[Visit] = deque()  # that the conversation still has to order
        self._open: dict[CallerSocket, Greeting] = {}
        self._secrets: list[str] = []  # that are good: what this visit came with, until it is spent, and what it got
        self._first: tuple[ev.Event, ...] = ()
        self._closing = False
        self._closed = asyncio.Event()
        self.consent: str = spec.consent.record
        """What the next welcome says about recording."""
        self.pace: Pace | Literal[""] = ""
        """And about pauses."""
        self.return_within_s = 0.0
        """And about how long the call waits for who is lost."""

    def tell(self, message: wire.GatewayMessage) -> None:
        """Tell the caller's machine, now or when they are back."""
        self._screen.take(message)
        self._outbox.tell(message)

    def decided(self, decision: str) -> None:
        """The caller has decided about recording. Where nothing is recorded, and once it was withdrawn, it stays so."""
        if self.consent not in ("never", "withdrawn"):
            self.consent = decision

    def pause(self) -> None:
        """Read nothing of the caller's machine until `resume`."""
        if self._visit is not None:
            self._visit.socket.pause()

    def resume(self) -> None:
        if self._visit is not None and self._visit not in self._welcomes:
            self._visit.socket.resume()

    # -------------------------------------------------------------------------------------------- coming

    async def arrive(self, socket: CallerSocket) -> wire.Hello | None:
        """The hello of who comes first, with a ticket; None when none comes."""
        self._outbox.socket = socket
        hello = await self._greet(socket)
        if hello is not None:
            self._visit = Visit(socket, hello, "", self._spoke, self._left)
        return hello

    def begin(self, uplink: Uplink, reader: Reader) -> None:
        """Welcome them, and from now on hear what they say."""
        assert self._visit is not None, "somebody has arrived"
        self._uplink, self._reader = uplink, reader
        visit = self._visit
        self._outbox.hold()
        self._outbox.tell(self._welcome(visit))
        hello = visit.hello
        self._happened(ev.CallerJoined(hello.mode, hello.lang, self.pace, taken(self._spec.context, hello.context)))
        visit.listen(reader.take)
        self._pulse.start()

    def go_on(self, uplink: Uplink, reader: Reader, secret: str, first: Iterable[ev.Event]) -> None:
        """The call was another server's, whose caller comes back with this secret.

        Args:
            first: told to the conversation once the caller has said what they have heard, or says nothing.
        """
        self._uplink, self._reader = uplink, reader
        self._first = tuple(first)
        self._returns.keep(secret, self)
        self._secrets = [secret]
        self._pulse.start()

    async def come_back(self, socket: CallerSocket, secret: str) -> None:
        """Go on over this socket until it is gone, replaced, or closed with the call."""
        if not self._comings.take():  # each is sent again what the screen shows and what was not heard
            await socket.close(wire.CloseCode.BUSY, "want fewer returns to a call")
            return
        hello = await self._greet(socket)
        for event in self._first:
            self._happened(event)
        self._first = ()
        if self._closing:
            await self._closed.wait()
        elif hello is None:
            await self._refuse(socket, wire.CloseCode.NO_HELLO, "no_hello")
        elif secret not in self._secrets:  # somebody else came with it meanwhile
            await self._refuse(socket, wire.CloseCode.NOT_AUTHORISED, "no valid ticket")
        elif self._only_one and self._is_there():
            await self._refuse(socket, wire.CloseCode.ELSEWHERE, "the call is open in another window")
        else:
            before = self._visit
            if before is not None:
                self._leave(before, wire.CloseCode.REPLACED)
            visit = Visit(socket, hello, secret, self._spoke, self._left)
            self._visit = visit
            self._welcomes.append(visit)
            self._happened(
                ev.CallerReturned(
                    hello.mode,
                    counted(hello.reply),
                    counted(hello.samples),
                    self._uplink.position,
                    hello.pace,
                    taken(self._spec.context, hello.context),
                )
            )
            if before is not None:
                await before.socket.close(wire.CloseCode.REPLACED, "replaced")
                before.over.set()
            await visit.over.wait()

    def _is_there(self) -> bool:
        """Whether the present visit is somebody's and no socket that died unnoticed: a microphone is never silent."""
        return self._visit is not None and (
            self._visit.hello.mode == "text" or self._clock() - self._reader.heard_at < SILENT_S
        )

    def welcome_back(self) -> None:
        """The conversation has them back: show what their screen should show, and hear them again."""
        visit = self._welcomes.popleft()
        if visit is not self._visit:
            return  # replaced since, which the conversation is about to learn
        self._outbox.socket = visit.socket
        self._outbox.hold()
        self._uplink.listen_with(self._gate(visit.hello))
        away_s = self._clock() - self._reader.heard_at
        log.info("caller is back", call=self._call, after_s=round(away_s, 1))
        at = self._uplink.position + round(away_s * wire.CALLER_HZ)
        # what the old socket still brings is behind this position too: of what comes twice the uplink takes the first
        self._outbox.tell(self._welcome(visit, returned=True, at=at, heard=self._uplink.position))
        for message in self._screen.messages():
            self._outbox.tell(message)
        visit.listen(self._reader.take)

    def _welcome(self, visit: Visit, *, returned: bool = False, at: int = 0, heard: int = 0) -> wire.Welcome:
        return notices.welcome(
            self._call,
            self._spec,
            consent=self.consent,
            resume=self._issue(visit),
            pace=self.pace,
            erase=self._leave_to_erase(),
            returned=returned,
            at=at,
            heard=heard,
            taken=self._reader.taken,
            return_within_s=self.return_within_s,
        )

    async def _greet(self, socket: CallerSocket) -> wire.Hello | None:
        greeting = self._open[socket] = Greeting(socket)
        return await greeting.hello()

    async def _refuse(self, socket: CallerSocket, code: wire.CloseCode, why: str) -> None:
        del self._open[socket]
        await socket.close(code, why)

    # -------------------------------------------------------------------------------------------- secrets

    def _issue(self, visit: Visit) -> str:
        """The secret of a welcome. Others than the one this visit came with never reached anybody."""
        for secret in self._secrets:
            if secret != visit.secret:
                self._returns.forget(secret)
        secret = self._returns.issue(self)
        self._secrets = [visit.secret, secret] if visit.secret else [secret]
        self._keep()
        return secret

    def _keep(self) -> None:
        self._kept(tuple(hash_of(secret) for secret in self._secrets))

    def _spoke(self, visit: Visit) -> None:
        """They have been welcomed, so they have the next one."""
        if visit.secret in self._secrets:  # none is good any more once the call is about to end
            self._returns.forget(visit.secret)
            self._secrets.remove(visit.secret)
            self._keep()

    # -------------------------------------------------------------------------------------------- going

    def _left(self, visit: Visit) -> None:
        if visit is self._visit and not self._closing:
            log.info("caller dropped", call=self._call, code=visit.socket.close_code)
            self._leave(visit, visit.socket.close_code)
            visit.over.set()

    def _leave(self, visit: Visit, code: int) -> None:
        self._visit = None
        self._outbox.socket = None
        self._open.pop(visit.socket, None)
        self._uplink.break_off()
        self._happened(ev.CallerDropped(code))

    def shut(self) -> None:
        """Nobody comes back to a call that is over."""
        self._closing = True
        self._pulse.stop()
        for secret in self._secrets:
            self._returns.forget(secret)
        self._secrets.clear()

    async def close(self, code: int, reason: str) -> None:
        """Every socket that is still there, behind the last words to it."""
        self.shut()
        for socket, greeting in list(self._open.items()):
            greeting.give_up()
            await socket.close(code, reason)
        if self._visit is not None:
            self._visit.over.set()
        self._closed.set()
