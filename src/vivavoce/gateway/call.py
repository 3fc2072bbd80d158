"""One call in one task: take the next event, step, carry out the effects. Nothing else touches the conversation.

Events come from the caller's socket, the links, finished errands and the timer into one bounded inbox. What a call
starts lives in its own group and ends with it. When something of ours breaks, this call ends with `FAILED` after saving
what it has; others do not notice.
"""

from __future__ import annotations

import asyncio
import random
import traceback
from collections.abc import Callable, Mapping
from pathlib import PurePath
from typing import Any, Protocol

import structlog

from vivavoce.agents import AgentSpec
from vivavoce.audio.gates import Gate
from vivavoce.conversation import Conversation
from vivavoce.conversation import effects as fx
from vivavoce.conversation import events as ev
from vivavoce.conversation.ledger import Ledger
from vivavoce.conversation.log import encode_effects, encode_event
from vivavoce.gateway import notices
from vivavoce.gateway.downlink import Downlink
from vivavoce.gateway.links import Dialler, Links
from vivavoce.gateway.outbox import CallerSocket, Outbox
from vivavoce.gateway.reader import Reader
from vivavoce.gateway.uplink import Uplink
from vivavoce.wire import caller as wire

log = structlog.get_logger(__name__)

INBOX = 4096
"""Events that may wait: a demo call makes 14 a second, so this is minutes behind. Beyond it the link is cut, since it
floods or the machine is far too slow.
"""


class Tools(Protocol):
    async def run(self, name: str, args: Mapping[str, Any], timeout_s: float) -> dict[str, Any]: ...


class Phrases(Protocol):
    """Prepared sentences in a speaker's voice, PCM16 LE mono at 24 kHz; None when there is no voice."""

    async def sound(self, phrase: str, voice: str) -> bytes | None: ...


class Journal(Protocol):
    """Where a call is written down. Cheap, never waits, never raises into the call."""

    @property
    def problem(self) -> str:
        """Code of the notice about what could not be written, "" while all is well."""
        ...

    def event(self, seq: int, at_s: float, event: bytes, effects: bytes) -> None: ...
    def turn(self, effect: fx.RecordTurn) -> None: ...
    def fact(self, effect: fx.Note, seq: int) -> None: ...
    def consent(self, event: ev.ConsentDecided) -> None: ...
    def record(self, on: bool, *, erase: bool) -> None: ...
    def caller_audio(self, position: int, pcm: bytes) -> None: ...
    def agent_audio(self, position: int, pcm: bytes) -> None: ...


class Call:
    """
    Args:
        id: of the call, only for messages and logs.
        socket: the accepted caller.
        conversation: fresh.
        gate: fresh.
    """

    def __init__(
        self,
        *,
        id: str,
        spec: AgentSpec,
        socket: CallerSocket,
        conversation: Conversation,
        gate: Callable[[wire.Hello], Gate],
        dialler: Dialler,
        tools: Tools,
        phrases: Phrases,
        journal: Journal,
        chance: random.Random,
    ) -> None:
        self.id = id
        self._spec = spec
        self._socket = socket
        self._conversation = conversation
        self._make_gate = gate
        self._tools = tools
        self._phrases = phrases
        self._journal = journal
        self._inbox: asyncio.Queue[ev.Event] = asyncio.Queue(INBOX)
        self._outbox = Outbox(socket)
        self._reader = Reader(id, socket, self._outbox, self._inbox.put, self._clock)
        self._downlink = Downlink()
        self._uplink: Uplink | None = None
        self._links = Links(dialler, self._post, self._keep_chunk, lambda: self._position, chance, self._own)
        self._tasks: set[asyncio.Task[None]] = set()
        self._errands: dict[int, asyncio.Task[None]] = {}
        self._ledger = Ledger()
        self._speakers = list(spec.speakers)
        self._seq = 0
        self._now = 0.0
        self._reached = 0.0  # the last deadline whose timer has fired
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at: float | None = None
        self._fault: BaseException | None = None
        self._cut_links: list[int] = []
        self._warned = False
        self._started_at = asyncio.get_running_loop().time()
        self._carry_out: dict[type[fx.Effect], Callable[[Any], None]] = {
            fx.Say: self._say,
            fx.FinishReply: lambda e: self._outbox.tell(wire.ReplyDone(reply=e.reply, samples=e.samples)),
            fx.Hold: lambda e: self._outbox.tell(wire.Hold(reply=e.reply)),
            fx.Resume: lambda e: self._outbox.tell(wire.Resume(reply=e.reply)),
            fx.Cut: self._cut,
            fx.Forget: lambda e: self._downlink.forget(e.chunks),
            fx.Caption: lambda e: self._outbox.tell(wire.Caption(who=e.who, turn=e.turn, text=e.text, final=e.final)),
            fx.ShowFloor: lambda e: self._outbox.tell(wire.Floor(turn=e.turn, holder=e.holder)),
            fx.Show: lambda e: self._outbox.tell(wire.Show(what=e.what, title=e.title, data=e.data)),
            fx.Notify: lambda e: self._outbox.tell(notices.notice(e.code)),
            fx.End: self._end,
            fx.Listen: self._listen,
            fx.Record: lambda e: self._journal.record(e.on, erase=e.erase),
            fx.RecordTurn: self._journal.turn,
            fx.Note: self._note,
            fx.Dial: self._links.dial,
            fx.HangUp: self._hang_up,
            fx.Resend: self._resend,
            fx.Inject: lambda e: self._links.tell(e.link, e.text),
            fx.Answer: self._links.answer,
            fx.Run: self._run_tool,
            fx.Abandon: self._abandon,
            fx.Fill: self._fill,
            fx.Escalate: lambda e: log.info("escalated", call=self.id),
        }
        self.reason = ""
        """Why the call ended; set when `run` returns."""

    @property
    def tokens(self) -> dict[str, int]:
        return self._ledger.as_dict()

    @property
    def gate_name(self) -> str:
        return self._uplink.gate_name if self._uplink is not None else ""

    @property
    def gate_count(self) -> dict[str, float]:
        """What the gate did with the caller's frames."""
        if self._uplink is None:
            return {}
        count = self._uplink.count
        return {name: getattr(count, name) for name in count.__slots__}

    def stop(self) -> None:
        """The server stops: the caller is told, and everything is written."""
        self._post(ev.ServerStopping())

    # -------------------------------------------------------------------------------------------- the one task

    async def run(self) -> None:
        """Carry the call from hello to end. Never raises for what a peer, a tool or the disk did."""
        code, reason = wire.CloseCode.FAILED, "failed"
        writer = asyncio.create_task(self._outbox.run(), name="outbox")
        self._tasks.add(writer)
        try:
            hello = await self._reader.hello()
            if hello is None:
                code, reason = wire.CloseCode.NO_HELLO, "no_hello"
                return
            self._uplink = Uplink(self._make_gate(hello), self._gate_changed, self._journal.caller_audio)
            self._outbox.tell(notices.welcome(self.id, self._spec))
            self._own(asyncio.create_task(self._reader.read(self._uplink), name="caller"))
            self._own(asyncio.create_task(self._watch_outbox(), name="outbox-full"))
            self._post(ev.CallerJoined(hello.mode, hello.lang))
            await self._carry()
            code, reason = self._close_code(), self.reason
        except Exception as fault:  # noqa: BLE001  # whatever it is: this call ends with words, the others go on
            # the message of an error may repeat what a caller said: where it happened is enough
            log.error("call failed", call=self.id, fault=type(fault).__name__, where=_where(fault))  # noqa: TRY400
            self.reason = "failed"
            self._outbox.tell(notices.ended("failed"))
        finally:
            self.reason = reason
            await self._wind_up(writer, code, reason)

    async def _carry(self) -> None:
        while not self._conversation.ended:
            event = await self._inbox.get()
            if self._fault is not None:
                raise self._fault
            cut, self._cut_links = self._cut_links, []
            for link in cut:
                self._step(ev.LinkDropped(link, wire.CloseCode.TOO_BIG, "transient"))
            self._step(event)
            self._arm()

    def _step(self, event: ev.Event) -> None:
        # the loop's clock never goes back; a timer may fire a hair early, but what it was set for has come
        now = self._now = max(self._now, self._clock(), self._reached)
        if isinstance(event, ev.Played):
            self._hear(event)
        elif isinstance(event, ev.ConsentDecided):
            self._journal.consent(event)
        elif isinstance(event, ev.ModeChanged) and event.mode == "text":
            self._links.microphone_off()
        self._ledger.observe(event)
        effects = self._conversation.step(event, now)
        self._journal.event(self._seq, now, encode_event(event), encode_effects(effects))
        for effect in effects:
            self._carry_out[type(effect)](effect)
        self._seq += 1
        if isinstance(event, ev.LinkOpened | ev.LinkDropped) and self._uplink is not None:
            # after `Resend`, so that what goes again goes before what comes next
            self._uplink.attach(self._links.audio(event.link))
        if not self._warned and (problem := self._journal.problem):
            self._warned = True
            self._outbox.tell(notices.notice(problem))

    def _clock(self) -> float:
        return asyncio.get_running_loop().time() - self._started_at

    def _arm(self) -> None:
        due = self._conversation.wake_at()
        if due == self._timer_at and self._timer is not None:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer_at = due
        self._timer = None
        if due is not None:
            self._timer = asyncio.get_running_loop().call_at(self._started_at + due, self._wake, due)

    def _wake(self, due: float) -> None:
        self._timer = None
        self._reached = due
        self._post(ev.Woke())

    def _post(self, event: ev.Event) -> None:
        try:
            self._inbox.put_nowait(event)
        except asyncio.QueueFull:
            self._cut_off("inbox full, links cut")

    def _cut_off(self, why: str) -> None:
        """The conversation is told of the cut ahead of what still waits; what comes meanwhile of that link is lost."""
        if cut := self._links.close():
            log.warning(why, call=self.id, links=cut)
            self._cut_links += cut

    def _own(self, task: asyncio.Task[None]) -> None:
        """The task ends with the call at the latest; when it breaks, so does the call."""
        self._tasks.add(task)
        task.add_done_callback(self._disown)

    def _disown(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (fault := task.exception()) is not None:
            self._fault = fault
            self._post(ev.Woke())

    # -------------------------------------------------------------------------------------------- the caller

    async def _watch_outbox(self) -> None:
        await self._outbox.overflowed.wait()
        await self._inbox.put(ev.CallerLeft(wire.CloseCode.SLOW_PEER))

    def _close_code(self) -> wire.CloseCode:
        if self._outbox.overflowed.is_set():
            return wire.CloseCode.SLOW_PEER
        if self._reader.gave_up:
            return wire.CloseCode.PROTOCOL
        if self.reason == "server_stopping":
            return wire.CloseCode.GOING_AWAY
        return wire.CloseCode.NORMAL

    # -------------------------------------------------------------------------------------------- sound

    @property
    def _position(self) -> int:
        return self._uplink.position if self._uplink is not None else 0

    def _gate_changed(self, speaking: bool, position: int, level: float) -> None:
        level = round(level, 4)
        self._outbox.tell(wire.Gate(open=speaking, level=level))
        self._post(ev.SpeechStarted(position, level) if speaking else ev.SpeechEnded(position, level))

    def _listen(self, effect: fx.Listen) -> None:
        assert self._uplink is not None, "nothing is audible before the caller has joined"
        self._uplink.agent_audible = effect.agent_audible

    def _keep_chunk(self, pcm: bytes) -> int:
        chunk = self._downlink.keep(pcm)
        if self._downlink.full:
            self._cut_off("sound without an end, links cut")
        return chunk

    def _say(self, effect: fx.Say) -> None:
        pcm = self._downlink.say(effect.reply, effect.chunk)
        speaker = self._speakers.index(effect.speaker) + 1
        self._outbox.put(
            wire.encode_frame(wire.Frame(wire.FrameKind.REPLY, speaker, effect.reply, effect.position, pcm))
        )

    def _hear(self, event: ev.Played) -> None:
        if (heard := self._downlink.heard(event.reply, event.samples, event.at)) is not None:
            self._journal.agent_audio(*heard)

    def _cut(self, effect: fx.Cut) -> None:
        self._downlink.over(effect.reply)
        self._outbox.tell(wire.Cut(reply=effect.reply))

    # -------------------------------------------------------------------------------------------- links

    def _hang_up(self, effect: fx.HangUp) -> None:
        if self._uplink is not None:
            self._uplink.attach(None)
        self._links.hang_up(effect.link)

    def _resend(self, effect: fx.Resend) -> None:
        send = self._links.audio(effect.link)
        if self._uplink is not None and send is not None:
            self._uplink.resend(send, effect.at)

    # -------------------------------------------------------------------------------------------- tools and phrases

    def _run_tool(self, effect: fx.Run) -> None:
        async def run() -> None:
            response = await self._tools.run(effect.name, effect.args, effect.timeout_s)
            self._post(ev.ErrandReturned(effect.errand, response))

        task = asyncio.create_task(run(), name=f"tool-{effect.name}")
        self._errands[effect.errand] = task
        task.add_done_callback(lambda _: self._errands.pop(effect.errand, None))
        self._own(task)

    def _abandon(self, effect: fx.Abandon) -> None:
        if (task := self._errands.get(effect.errand)) is not None:
            task.cancel()

    def _fill(self, effect: fx.Fill) -> None:
        async def bring() -> None:
            speaker = self._spec.speakers[effect.speaker or self._spec.first_speaker]
            pcm = await self._phrases.sound(effect.phrase, speaker.voice)
            if pcm:
                self._post(ev.FillerArrived(effect.phrase, self._downlink.keep(pcm), len(pcm) // 2))

        self._own(asyncio.create_task(bring(), name=f"phrase-{effect.phrase}"))

    # --------------------------------------------------------------------------------- what is kept and shown

    def _note(self, effect: fx.Note) -> None:
        self._journal.fact(effect, self._seq)
        self._outbox.tell(
            wire.Fact(field=effect.field, state=effect.state, value=effect.value, evidence=list(effect.evidence))
        )

    # -------------------------------------------------------------------------------------------- the end

    def _end(self, effect: fx.End) -> None:
        self.reason = "slow_peer" if self._outbox.overflowed.is_set() else effect.reason
        self._outbox.tell(notices.ended(self.reason))

    async def _wind_up(self, writer: asyncio.Task[None], code: int, reason: str) -> None:
        """Nothing of the call outlives it: timer, links, tasks, then the last words to the caller, then the socket."""
        if self._timer is not None:
            self._timer.cancel()
        self._links.close()
        if self._outbox.overflowed.is_set():
            writer.cancel()  # a machine that does not read will not read the goodbye either
        else:
            self._outbox.finish()
        for task in self._tasks - {writer}:
            task.cancel()
        await asyncio.gather(*(self._tasks - {writer}), return_exceptions=True)
        await asyncio.wait({writer}, timeout=5.0)  # a machine that reads takes milliseconds
        writer.cancel()
        await asyncio.gather(writer, return_exceptions=True)
        await self._socket.close(code, reason)


def _where(fault: BaseException) -> list[str]:
    frames = traceback.extract_tb(fault.__traceback__)
    return [f"{PurePath(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
