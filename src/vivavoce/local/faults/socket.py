"""Faults between a session and its client's socket. The session knows nothing of them."""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import replace
from types import TracebackType
from typing import Any, Protocol

import msgspec

from vivavoce.local.faults import network
from vivavoce.local.faults import script as fault
from vivavoce.local.faults.effects import Effect, Silence, effect_of
from vivavoce.local.faults.links import Link, Links
from vivavoce.local.faults.messages import Outgoing, client_kinds, handle_of
from vivavoce.local.faults.network import Way
from vivavoce.local.faults.triggers import Triggers
from vivavoce.local.parts import PeerGone, Socket
from vivavoce.local.tempo import Clock


class Line(Socket, Protocol):
    """A client's socket, with what a network may do to it."""

    def reset(self) -> None:
        """Cut the connection with a reset of TCP."""
        ...

    def delay_pongs(self, delay_s: float | None) -> None:
        """From now on answer pings so many seconds late; None for never, 0 at once."""
        ...

    def break_off(self, data: bytes | str) -> None:
        """Send the first half of a message, and end the connection there."""
        ...

    def freeze(self) -> None:
        """From now on read nothing, so that the peer's end is not noticed either."""
        ...


class FaultySocket:
    """One connection's socket, as the session sees it. Enter it to start, leave it to end what it began."""

    def __init__(
        self,
        line: Line,
        triggers: Triggers,
        link: Link,
        links: Links,
        clock: Clock,
        chance: random.Random,
        tell: Callable[[int, fault.AnyFault], None],
    ) -> None:
        self._line = line
        self._triggers = triggers
        self._link = link
        self._links = links
        self._clock = clock
        self._inbox: asyncio.Queue[bytes | str | None] = asyncio.Queue(maxsize=1)  # the client waits in its own socket
        self._order = asyncio.Lock()
        self._effects: list[Effect] = []
        self._last_sound: Outgoing | None = None
        self._stalled_until = 0.0
        self._tell = tell
        self._before: Link | None = None  # the connection that this one goes on from
        self._repeats = False  # what was said last over it
        self._down: Way[Outgoing] = Way(clock, chance, self._deliver)
        self._up: Way[bytes | str] = Way(clock, chance, self._arrive)
        self._slow = False  # the network has a say: everything goes by these two ways
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> FaultySocket:
        self._spawn(self._read())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._link.ended_at = self._clock.now()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # ------------------------------------------------------------------------------------ as a socket

    async def send(self, data: bytes | str) -> None:
        async with self._order:
            message = Outgoing.read(data)
            happens = self._triggers.by("server", message.kinds)
            rest = [what for what in happens if not self._begin_effect(what)]
            batch = [message]
            for effect in self._effects:
                batch = [out for each in batch for out in effect.take(each)]
            self._effects = [effect for effect in self._effects if not effect.over]
            self._remember(message)
            for out in batch:
                await self._out(out)
            if self._repeats and "setupComplete" in message.kinds and self._before is not None:
                for out in [replace(said, delay_s=0.0) for said in self._before.said]:
                    await self._out(out)
            for what in rest:
                await self._do(what, message)

    async def receive(self) -> bytes | str:
        data = await self._inbox.get()
        if data is None:
            self._inbox.put_nowait(None)
            raise PeerGone
        return data

    async def close(self, code: int, reason: str) -> None:
        if self._slow:
            await self._down.empty()  # a close frame stands behind what was sent before it
        await self._line.close(code, reason)

    # ------------------------------------------------------------------------------------ what comes

    async def _read(self) -> None:
        try:
            while True:
                data = await self._line.receive()
                if self._slow:
                    await self._up.send(data, len(data))
                else:
                    await self._arrive(data)
        except PeerGone:
            if self._slow:
                await self._up.empty()
            await self._inbox.put(None)

    async def _arrive(self, data: bytes | str) -> None:
        await self._clock.sleep_until(self._stalled_until)
        if await self._passes(data):
            await self._inbox.put(data)

    async def _passes(self, data: bytes | str) -> bool:
        """Whether a message of the client reaches the session."""
        passes = True
        kinds = client_kinds(data)
        for what in self._triggers.by("client", kinds):
            self._tell(self._link.number, what)
            if isinstance(what, fault.Lose):
                passes = False
            elif (effect := effect_of(what, self._sound)) is not None:
                self._effects.append(effect)
            else:
                async with self._order:
                    await self._do(what, None)
        handle = handle_of(data) if "setup" in kinds else None
        if handle is not None:
            self._before = self._links.owner(handle)
        if handle is not None and (refusal := self._links.refusal(handle)) is not None:
            await self.close(*refusal)
            passes = False
        return passes

    # ------------------------------------------------------------------------------------ what goes out

    async def _out(self, message: Outgoing) -> None:
        if message.delay_s:
            await self._clock.sleep_until(self._clock.now() + message.delay_s)
        if self._slow:
            await self._down.send(message, len(message.data))
        else:
            await self._deliver(message)

    async def _deliver(self, message: Outgoing) -> None:
        await self._clock.sleep_until(self._stalled_until)
        if message.cut:
            self._line.break_off(message.data)
        else:
            await self._line.send(message.data)

    def _begin_effect(self, what: fault.AnyFault) -> bool:
        """Begin what a fault does to messages; False when it does nothing to them."""
        self._tell(self._link.number, what)
        effect = effect_of(what, self._sound)
        if effect is not None:
            self._effects.append(effect)
        return effect is not None

    def _sound(self) -> Outgoing | None:
        return self._last_sound

    def _remember(self, message: Outgoing) -> None:
        self._link.remember(message)
        if "audio" in message.kinds:
            self._last_sound = message
        if "setupComplete" in message.kinds:
            for after_s, what in self._triggers.timed():
                self._spawn(self._later(self._clock.now() + after_s, what))
        handle = (message.tree.get("sessionResumptionUpdate") or {}).get("newHandle")
        if handle:
            self._links.owns(self._link, handle)

    # ------------------------------------------------------------------------------------ what happens

    async def _later(self, at: float, what: fault.AnyFault) -> None:
        await self._clock.sleep_until(at)
        async with self._order:
            if not self._begin_effect(what):
                await self._do(what, None)

    async def _do(self, what: fault.AnyFault, message: Outgoing | None) -> None:
        """Carry out a fault of the connection. `message` set it off, or none did."""
        match what:
            case fault.Close():
                await self.close(what.code, what.reason)
            case fault.Reset():
                self._line.reset()
            case fault.Silence():
                until = None if what.for_s is None else self._clock.now() + what.for_s
                self._effects.append(Silence(until, self._clock.now))
            case fault.Stall():
                self._stalled_until = self._clock.now() + what.for_s
                self._line.delay_pongs(what.for_s)
                self._spawn(self._end_stall(self._stalled_until))
            case fault.SlowPong():
                self._line.delay_pongs(what.delay_s)
            case network.HalfOpen():
                self._stalled_until = math.inf
                self._line.delay_pongs(None)
                self._line.freeze()
            case network.Latency() | network.Loss() | network.Throttle():
                self._down.arm(what)
                self._up.arm(what)
                if not self._slow:
                    self._slow = True
                    self._spawn(self._down.run())
                    self._spawn(self._up.run())
            case fault.DeadHandles() | fault.RefuseResume():
                self._links.arm(what)
            case fault.OversizedMessage():
                await self._out(Outgoing.make(_oversized(what.bytes)))
            case fault.RepeatedTurn():
                self._repeats = True
            case fault.Rubbish():
                await self._out(Outgoing.read(what.text))
            case fault.Inject():
                await self._out(Outgoing.make(what.message))
            case fault.GoAway():
                await self._out(Outgoing.make({"goAway": {"timeLeft": f"{what.lead_s:g}s"}}))
                self._spawn(self._end(self._clock.now() + what.lead_s, what))
            case fault.CancelledToolCall() if message is not None:
                self._spawn(self._take_back(self._clock.now() + what.after_s, message))

    async def _end_stall(self, until: float) -> None:
        await self._clock.sleep_until(until)
        self._line.delay_pongs(0)

    async def _end(self, at: float, away: fault.GoAway) -> None:
        await self._clock.sleep_until(at)
        match away.then:
            case "close":
                await self.close(away.code, away.reason)
            case "reset":
                self._line.reset()
            case "silence":
                self._effects.append(Silence(None, self._clock.now))

    async def _take_back(self, at: float, message: Outgoing) -> None:
        """Cancel the calls of a message, and answer the session for a client that will not."""
        await self._clock.sleep_until(at)
        calls = message.tree["toolCall"].get("functionCalls", [])
        ids = [call["id"] for call in calls]
        async with self._order:
            await self._out(Outgoing.make({"toolCallCancellation": {"ids": ids}}))
        answers = [
            {"id": call["id"], "name": call["name"], "response": {"error": "the call was cancelled"}} for call in calls
        ]
        await self._inbox.put(msgspec.json.encode({"toolResponse": {"functionResponses": answers}}))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(self._guarded(work))
        self._tasks.add(task)
        task.add_done_callback(lambda _: work.close())  # a task cancelled before its first step never awaits its work
        task.add_done_callback(self._tasks.discard)

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        with suppress(PeerGone):  # whoever reads learns of it
            await work


def _oversized(size: int) -> dict[str, Any]:
    """A message of at least that many bytes; an increment of words that nobody has to understand."""
    return {"serverContent": {"outputTranscription": {"text": " " * size}}}
