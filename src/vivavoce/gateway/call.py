"""One call: take the next event, step, carry out the effects. Nothing else touches the conversation.

Events come from the caller's socket, the links, finished errands and the timer into one bounded inbox, which is emptied
on the next turn of the event loop: no event waits for another task to be woken, and none is taken inside another. What
a call starts lives in its own group and ends with it. When something of ours breaks, this call ends with `FAILED` after
saving what it has; others do not notice.

A call may begin here, or be gone on with where another server left it (`takeover`); it may end here, or be let go for
another server to go on with. Who has lost it to another says and writes nothing more.
"""

from __future__ import annotations

import asyncio
import random
import traceback
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import PurePath
from typing import Literal

import structlog

from vivavoce.agents import AgentSpec
from vivavoce.agents.callsettings import Pace as CallerPace
from vivavoce.audio.gates import Gate
from vivavoce.conversation import Conversation
from vivavoce.conversation import events as ev
from vivavoce.gateway import notices
from vivavoce.gateway.delivery import Delivery
from vivavoce.gateway.downlink import Downlink
from vivavoce.gateway.duties import Duties
from vivavoce.gateway.errands import Errands, Tools
from vivavoce.gateway.group import Group
from vivavoce.gateway.hearing import Hearing
from vivavoce.gateway.inbox import Inbox
from vivavoce.gateway.links import Dialler, Links
from vivavoce.gateway.observer import Observer
from vivavoce.gateway.outbox import CallerSocket, Outbox
from vivavoce.gateway.pace import Pace
from vivavoce.gateway.phrases import Phrases, Prompter
from vivavoce.gateway.presence import Presence
from vivavoce.gateway.reports import EchoState
from vivavoce.gateway.returns import Returns
from vivavoce.gateway.session_clock import SessionClock
from vivavoce.gateway.steps import Journal, Steps
from vivavoce.gateway.takeover import Past
from vivavoce.wire import caller as wire

log = structlog.get_logger(__name__)

PASSED_ON, LOST = "passed_on", "lost"
"""Reasons of a call that is over here and not over: another server goes on with it."""


class Call:
    """
    Args:
        id: of the call, only for messages and logs.
        socket: the accepted caller.
        conversation: fresh, or as the log has left it.
        past: what there was of the call at another server.
        returns: where callers find back to their calls.
        greeted: told every hello; says which pace is in force by it, if one is.
        patience: takes another pace; says how long a pause may be by it, in milliseconds.
        leave_to_erase: makes it for this call. A secret.
        gate: makes the gate for a caller's machine with such an echo.
        only_one: a second window of the caller is refused while the first is there; otherwise it has the call.
    """

    def __init__(
        self,
        *,
        id: str,
        spec: AgentSpec,
        socket: CallerSocket,
        conversation: Conversation,
        returns: Returns,
        greeted: Callable[[wire.Hello], CallerPace | Literal[""]],
        patience: Callable[[CallerPace], int],
        leave_to_erase: Callable[[], str],
        gate: Callable[[EchoState], Gate],
        dialler: Dialler,
        tools: Tools,
        phrases: Phrases,
        journal: Journal,
        chance: random.Random,
        observers: Sequence[Observer] = (),
        past: Past | None = None,
        only_one: bool = False,
    ) -> None:
        self.id = id
        self._socket = socket
        self._past = past
        self._ordered: list[ev.Event] | None = None if past is None else []
        """What is ordered before the conversation knows that it is here, where it would be taken for another server's;
        None once it knows."""
        start = past or Past()
        self._greeted = greeted
        self._journal = journal
        self._inbox = Inbox(self._take, self._fail, self._turned)
        self._over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._outbox = Outbox(lambda: self._inbox.put(ev.CallerLeft(wire.CloseCode.SLOW_PEER)))
        self._clock = SessionClock(conversation.wake_at, lambda: self._post(ev.Woke()), begun_s=start.now)
        self._steps = Steps(
            conversation,
            now=self._clock.now,
            journal=journal,
            carry_out=lambda effect: self._duties.do(effect),
            observers=observers,
            ledger=start.ledger,
            seq=start.seq,
        )
        self._presence = Presence(
            id,
            spec,
            self._outbox,
            returns,
            gate=self._gate_for,
            leave_to_erase=leave_to_erase,
            happened=self._inbox.put,
            clock=self._clock.elapsed,
            screen=start.screen,
            kept=journal.returns,
            only_one=only_one,
        )
        self._presence.return_within_s = conversation.settings.return_within_s
        self._tell = self._presence.tell
        self._pace = Pace(self._clock.elapsed, self._inbox.__len__, self._presence.pause, self._presence.resume)
        self._hearing = Hearing(
            id,
            make_gate=gate,
            tell=self._tell,
            post=self._post,
            happened=self._caller_did,
            broke=self._fail,
            recorded=journal.caller_audio,
            clock=self._clock.elapsed,
            ring_s=conversation.settings.ring_s,
        )
        self._downlink = Downlink(start.chunks)
        self._group = Group(self._fail)
        self._links = Links(
            dialler,
            self._post,
            self._keep_chunk,
            lambda: self._hearing.position,
            chance,
            self._group.own,
            journal.handle,
            start.sounds,
        )
        self._delivery = Delivery(
            list(spec.speakers),
            self._downlink,
            self._outbox,
            tell=self._tell,
            recorded=journal.agent_audio,
            far_end=lambda: self._hearing.far_end,
        )
        self._duties = Duties(
            id,
            presence=self._presence,
            hearing=self._hearing,
            delivery=self._delivery,
            downlink=self._downlink,
            links=self._links,
            errands=Errands(tools, self._post, self._group.own),
            prompter=Prompter(spec, phrases, self._downlink.keep, self._post, self._group.own),
            journal=journal,
            step=lambda: self._steps.seq,
            patience=patience,
            pass_on=lambda: self._leave(PASSED_ON),
            end=self._end,
        )
        self._warned = False
        self.reason = ""
        """Why the call ended; set when `run` returns."""

    @property
    def tokens(self) -> dict[str, int]:
        return self._steps.tokens

    @property
    def gate_name(self) -> str:
        return self._hearing.gate_name

    @property
    def gate_count(self) -> dict[str, float]:
        """What the gate did with the caller's frames."""
        return self._hearing.gate_count

    def _counts(self) -> dict[str, float]:
        problem = {self._journal.problem: 1.0} if self._journal.problem else {}
        left_out = self._hearing.left_out
        return {**self.gate_count, **problem, "mute_turns": self._links.mute_turns, "reports_left_out": left_out}

    def stop(self) -> None:
        """The server stops: the caller is told, and everything is written."""
        self._post(ev.ServerStopping())

    def drain(self) -> None:
        """The server stops, and another goes on with the call."""
        self._order(ev.DrainOrdered())

    def lose(self) -> None:
        """Another server has the call: here nothing more is said or written."""
        self._leave(LOST)
        self._finish()

    def end_to_erase(self) -> None:
        """The call is to be erased: it ends, with a word to the caller."""
        self._post(ev.ErasureOrdered())

    def switch(self, *, text_only: bool, tools_off: tuple[str, ...]) -> None:
        """An operator has switched something off, or on again."""
        self._order(ev.SwitchesChanged(text_only, tools_off))

    def _order(self, event: ev.Event) -> None:
        if self._ordered is None:
            self._post(event)
        else:
            self._ordered.append(event)

    # -------------------------------------------------------------------------------------------- the one task

    async def run(self) -> None:
        """Carry the call from hello to end. Never raises for what a peer, a tool or the disk did."""
        code, reason = wire.CloseCode.FAILED, "failed"
        try:
            if self._past is None:
                if not await self._begin():
                    code, reason = wire.CloseCode.NO_HELLO, "no_hello"
                    return
            else:
                self._go_on(self._past)
            await self._over
            code, reason = self._close_code(), self.reason
        except Exception as fault:  # noqa: BLE001  # whatever it is: this call ends with words, the others go on
            # the message of an error may repeat what a caller said: where it happened is enough
            log.error("call failed", call=self.id, fault=type(fault).__name__, where=_where(fault))  # noqa: TRY400
            self._tell(notices.ended("failed"))
        finally:
            self.reason = reason
            self._steps.ended(reason, self._counts())
            await self._wind_up(code, reason)

    async def _begin(self) -> bool:
        """Whether somebody says hello."""
        hello = await self._presence.arrive(self._socket)
        if hello is None:
            return False
        uplink, reader = self._hearing.begin(self._gate_for(hello))
        self._inbox.open()
        self._presence.begin(uplink, reader)
        return True

    def _go_on(self, past: Past) -> None:
        """As if the caller had just been lost; then they come back by the socket that they came with."""
        gate = self._gate_for(past.hello)
        if past.consent:
            self._presence.decided(past.consent)
        uplink, reader = self._hearing.begin(gate, position=past.heard, heard_at=past.heard_at, taken=past.taken)
        uplink.mute(past.muted)
        if past.handle is not None:
            self._links.know(*past.handle)
        ended = [ev.SpeechEnded(past.position)] if past.speaking else []
        taken = ev.TakenOver(past.epoch, past.handle[0] if past.handle else 0)
        self._presence.go_on(uplink, reader, past.secret, (*ended, taken))
        self._inbox.open()
        self._group.own(asyncio.create_task(self._presence.come_back(self._socket, past.secret), name="first-visit"))

    def _take(self, event: ev.Event) -> None:
        if isinstance(event, ev.Played | ev.CallerReturned):
            self._delivery.heard(event)
        elif isinstance(event, ev.ConsentDecided):
            self._journal.consent(event)
            self._presence.decided(event.decision)
        self._steps.take(event)
        if isinstance(event, ev.TakenOver) and self._ordered is not None:
            ordered, self._ordered = self._ordered, None
            for order in ordered:
                self._inbox.put(order)
        if isinstance(event, ev.CallerJoined | ev.CallerReturned):
            self._group.own(asyncio.create_task(self._promise(self._outbox.held), name="promise"))
        if isinstance(event, ev.LinkOpened | ev.LinkDropped):
            # after `Resend`, so that what goes again goes before what comes next
            self._hearing.attach(self._links.audio(event.link))
        if not self._warned and (problem := self._journal.problem):
            self._warned = True
            self._tell(notices.notice(problem))
        if self._steps.over or self.reason:
            self._finish()

    async def _promise(self, held: deque[str | bytes] | None) -> None:
        """A welcome goes out once what it promises is written: the caller finds back also if this server dies now. Of a
        call that turns out to be lost nothing was written, so the secret they came with stays the good one.
        """
        await self._journal.written()
        if self.reason != LOST:
            self._outbox.release(held)

    def _turned(self) -> None:
        self._clock.arm()
        self._pace.go_on()

    def _leave(self, reason: str) -> None:
        """The call goes on elsewhere, unless it ends with this very step."""
        self.reason = reason

    def _finish(self) -> None:
        self._inbox.close()
        if not self._over.done():
            self._over.set_result(None)

    def _fail(self, fault: BaseException) -> None:
        self._inbox.close()
        if not self._over.done():
            self._over.set_exception(fault)

    def _post(self, event: ev.Event) -> None:
        if self._inbox.full:
            self._cut_off("inbox full, links cut")
        else:
            self._inbox.put(event)

    def _cut_off(self, why: str) -> None:
        """The conversation is told of the cut ahead of what still waits; what comes meanwhile of that link is lost."""
        if cut := self._links.close():
            log.warning(why, call=self.id, links=cut)
            for link in reversed(cut):
                self._inbox.put_first(ev.LinkDropped(link, wire.CloseCode.TOO_BIG, "transient"))

    # -------------------------------------------------------------------------------------------- the caller

    def _caller_did(self, event: ev.Event) -> None:
        if isinstance(event, ev.Played):
            self._delivery.reported(event)
        elif isinstance(event, ev.CallerDoubted):
            self._hearing.doubt()
        self._inbox.put(event)
        self._pace.heard()

    def _close_code(self) -> wire.CloseCode:
        if self._outbox.full:
            return wire.CloseCode.SLOW_PEER
        if self._hearing.gave_up:
            return wire.CloseCode.PROTOCOL
        if self.reason in (PASSED_ON, LOST):
            return wire.CloseCode.MOVED
        if self.reason == "server_stopping":
            return wire.CloseCode.GOING_AWAY
        return wire.CloseCode.NORMAL

    # -------------------------------------------------------------------------------------------- sound

    def _gate_for(self, hello: wire.Hello) -> Gate:
        self._presence.pace = self._greeted(hello)
        return self._hearing.gate_for(hello)

    def _keep_chunk(self, pcm: bytes) -> int:
        chunk = self._downlink.keep(pcm)
        if self._downlink.full:
            self._cut_off("sound without an end, links cut")
        return chunk

    # -------------------------------------------------------------------------------------------- the end

    def _end(self, reason: str) -> None:
        self.reason = "slow_peer" if self._outbox.full else reason
        self._tell(notices.ended(self.reason))

    async def _wind_up(self, code: int, reason: str) -> None:
        """Nothing of the call outlives it: timer, links, tasks; then the socket, behind the last words to it."""
        self._inbox.close()
        self._clock.stop()
        self._pace.stop()
        self._presence.shut()
        self._links.close()
        await self._group.end()
        if not self._over.cancel() and not self._over.cancelled():
            self._over.exception()  # a second fault, behind the one that ended the call
        if reason == PASSED_ON:
            await self._journal.pass_on()  # first, so that whoever the caller comes back to finds all of it
        if reason == LOST:
            if await self._journal.lost() and self._outbox.socket is not None and self._outbox.held is None:
                # the other server has the caller by another socket: one that was welcomed here is a second window, or
                # dead. One that still waits for its welcome is sent on, with the secret it has.
                await self._outbox.socket.close(wire.CloseCode.REPLACED, "replaced")
        else:
            self._outbox.release(self._outbox.held)
        await self._presence.close(code, reason)


def _where(fault: BaseException) -> list[str]:
    frames = traceback.extract_tb(fault.__traceback__)
    return [f"{PurePath(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
