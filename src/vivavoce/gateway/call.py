"""One call: take the next event, step, carry out the effects. Nothing else touches the conversation.

Events come from the caller's socket, the links, finished errands and the timer into one bounded inbox, which is emptied
on the next turn of the event loop: no event waits for another task to be woken, and none is taken inside another. What
a call starts lives in its own group and ends with it. When something of ours breaks, this call ends with `FAILED` after
saving what it has; others do not notice.
"""

from __future__ import annotations

import asyncio
import random
import traceback
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import PurePath
from typing import Any, Literal, Protocol

import structlog
from msgspec.structs import asdict

from vivavoce.agents import AgentSpec
from vivavoce.agents.callsettings import Pace as CallerPace
from vivavoce.audio.gates import Gate
from vivavoce.conversation import Conversation
from vivavoce.conversation import effects as fx
from vivavoce.conversation import events as ev
from vivavoce.conversation.ledger import Ledger
from vivavoce.conversation.log import encode_effects, encode_event
from vivavoce.gateway import notices
from vivavoce.gateway.delivery import Delivery
from vivavoce.gateway.downlink import Downlink
from vivavoce.gateway.echo import Echo
from vivavoce.gateway.errands import Errands, Tools
from vivavoce.gateway.inbox import Inbox
from vivavoce.gateway.links import Dialler, Links
from vivavoce.gateway.observer import Observer
from vivavoce.gateway.outbox import CallerSocket, Outbox
from vivavoce.gateway.pace import Pace
from vivavoce.gateway.presence import Presence
from vivavoce.gateway.reader import Reader
from vivavoce.gateway.reports import EchoState
from vivavoce.gateway.returns import Returns
from vivavoce.gateway.session_clock import SessionClock
from vivavoce.gateway.uplink import Uplink
from vivavoce.wire import caller as wire

log = structlog.get_logger(__name__)


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
        returns: where callers find back to their calls.
        greeted: told every hello; says which pace is in force by it, if one is.
        patience: takes another pace; says how long a pause may be by it, in milliseconds.
        leave_to_erase: makes it for this call. A secret.
        gate: makes the gate for a caller's machine with such an echo.
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
    ) -> None:
        self.id = id
        self._spec = spec
        self._socket = socket
        self._conversation = conversation
        self._greeted = greeted
        self._patience = patience
        self._echo = Echo(gate)
        self._phrases = phrases
        self._journal = journal
        self._observers = observers
        self._inbox = Inbox(self._take, self._fail, self._turned)
        self._over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._outbox = Outbox(lambda: self._inbox.put(ev.CallerLeft(wire.CloseCode.SLOW_PEER)))
        self._clock = SessionClock(conversation.wake_at, lambda: self._post(ev.Woke()))
        self._presence = Presence(
            id,
            spec,
            self._outbox,
            returns,
            gate=self._gate_for,
            leave_to_erase=leave_to_erase,
            happened=self._inbox.put,
            clock=self._clock.elapsed,
        )
        self._tell = self._presence.tell
        self._pace = Pace(self._clock.elapsed, self._inbox.__len__, self._presence.pause, self._presence.resume)
        self._reader: Reader | None = None
        self._downlink = Downlink()
        self._uplink: Uplink | None = None
        self._links = Links(dialler, self._post, self._keep_chunk, lambda: self._position, chance, self._own)
        self._tasks: set[asyncio.Task[None]] = set()
        self._errands = Errands(tools, self._post, self._own)
        self._ledger = Ledger()
        self._delivery = Delivery(
            list(spec.speakers),
            self._downlink,
            self._outbox,
            tell=self._tell,
            recorded=lambda position, pcm: self._journal.agent_audio(position, pcm),
            far_end=lambda: self._uplink.far_end if self._uplink is not None else None,
        )
        self._seq = 0
        self._warned = False
        self._carry_out: dict[type[fx.Effect], Callable[[Any], None]] = {
            fx.Say: self._delivery.say,
            fx.WelcomeBack: lambda _: self._presence.welcome_back(),
            fx.SayAgain: self._delivery.say_again,
            fx.FinishReply: self._delivery.finish,
            fx.Hold: self._delivery.hold,
            fx.Resume: self._delivery.resume,
            fx.Cut: self._delivery.cut,
            fx.Forget: lambda e: self._downlink.forget(e.chunks),
            fx.Caption: lambda e: self._tell(wire.Caption(who=e.who, turn=e.turn, text=e.text, final=e.final)),
            fx.ShowFloor: lambda e: self._tell(wire.Floor(turn=e.turn, holder=e.holder)),
            fx.ShowFact: self._show_fact,
            fx.Show: lambda e: self._tell(wire.Show(what=e.what, title=e.title, data=e.data)),
            fx.Notify: lambda e: self._tell(notices.notice(e.code)),
            fx.UseMode: self._use_mode,
            fx.UsePace: lambda e: self._links.patience(self._patience(e.pace)),
            fx.End: self._end,
            fx.Listen: self._listen,
            fx.EndTurn: self._end_turn,
            fx.Record: lambda e: self._journal.record(e.on, erase=e.erase),
            fx.RecordTurn: self._journal.turn,
            fx.Note: self._note,
            fx.Dial: self._links.dial,
            fx.HangUp: self._hang_up,
            fx.Resend: self._resend,
            fx.Inject: lambda e: self._links.tell(e.link, e.text),
            fx.Answer: self._links.answer,
            fx.Run: self._errands.run,
            fx.Abandon: self._errands.abandon,
            fx.Fill: self._fill,
            fx.Remark: self._remark,
            fx.PassOn: lambda _: None,
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

    def _counts(self) -> dict[str, float]:
        problem = {self._journal.problem: 1.0} if self._journal.problem else {}
        left_out = self._reader.left_out if self._reader is not None else 0
        return {**self.gate_count, **problem, "mute_turns": self._links.mute_turns, "reports_left_out": left_out}

    def stop(self) -> None:
        """The server stops: the caller is told, and everything is written."""
        self._post(ev.ServerStopping())

    def end_to_erase(self) -> None:
        """The call is to be erased: it ends, with a word to the caller."""
        self._post(ev.ErasureOrdered())

    def switch(self, *, text_only: bool, tools_off: tuple[str, ...]) -> None:
        """An operator has switched something off, or on again."""
        self._post(ev.SwitchesChanged(text_only, tools_off))

    # -------------------------------------------------------------------------------------------- the one task

    async def run(self) -> None:
        """Carry the call from hello to end. Never raises for what a peer, a tool or the disk did."""
        code, reason = wire.CloseCode.FAILED, "failed"
        try:
            hello = await self._presence.arrive(self._socket)
            if hello is None:
                code, reason = wire.CloseCode.NO_HELLO, "no_hello"
                return
            self._uplink = Uplink(self._gate_for(hello), self._gate_changed, self._journal.caller_audio)
            self._reader = Reader(
                self.id,
                self._uplink,
                tell=self._tell,
                happened=self._caller_did,
                broke=self._fail,
                judged=partial(self._echo.judge, uplink=self._uplink),
                clock=self._clock.elapsed,
            )
            self._inbox.open()
            self._presence.begin(self._uplink, self._reader)
            await self._over
            code, reason = self._close_code(), self.reason
        except Exception as fault:  # noqa: BLE001  # whatever it is: this call ends with words, the others go on
            # the message of an error may repeat what a caller said: where it happened is enough
            log.error("call failed", call=self.id, fault=type(fault).__name__, where=_where(fault))  # noqa: TRY400
            self.reason = "failed"
            self._tell(notices.ended("failed"))
        finally:
            self.reason = reason
            for observer in self._observers:
                observer.ended(reason, self._counts())
            await self._wind_up(code, reason)

    def _take(self, event: ev.Event) -> None:
        self._step(event)
        if self._conversation.ended:
            self._finish()

    def _turned(self) -> None:
        self._clock.arm()
        self._pace.go_on()

    def _finish(self) -> None:
        self._inbox.close()
        if not self._over.done():
            self._over.set_result(None)

    def _fail(self, fault: BaseException) -> None:
        self._inbox.close()
        if not self._over.done():
            self._over.set_exception(fault)

    def _step(self, event: ev.Event) -> None:
        now = self._clock.now()
        if isinstance(event, ev.Played | ev.CallerReturned):
            self._delivery.heard(event)
        elif isinstance(event, ev.ConsentDecided):
            self._journal.consent(event)
            self._presence.decided(event.decision)
        self._ledger.observe(event)
        effects = self._conversation.step(event, now)
        self._journal.event(self._seq, now, encode_event(event), encode_effects(effects))
        for effect in effects:
            self._carry_out[type(effect)](effect)
        for observer in self._observers:
            observer.stepped(event, effects, now)
        self._seq += 1
        if isinstance(event, ev.LinkOpened | ev.LinkDropped) and self._uplink is not None:
            # after `Resend`, so that what goes again goes before what comes next
            self._uplink.attach(self._links.audio(event.link))
        if not self._warned and (problem := self._journal.problem):
            self._warned = True
            self._tell(notices.notice(problem))

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

    def _own(self, task: asyncio.Task[None]) -> None:
        """The task ends with the call at the latest; when it breaks, so does the call."""
        self._tasks.add(task)
        task.add_done_callback(self._disown)

    def _disown(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (fault := task.exception()) is not None:
            self._fail(fault)

    # -------------------------------------------------------------------------------------------- the caller

    def _caller_did(self, event: ev.Event) -> None:
        if isinstance(event, ev.Played):
            self._delivery.reported(event)
        elif isinstance(event, ev.CallerDoubted) and self._uplink is not None:
            self._uplink.doubt()
        self._inbox.put(event)
        self._pace.heard()

    def _close_code(self) -> wire.CloseCode:
        if self._outbox.full:
            return wire.CloseCode.SLOW_PEER
        if self._reader is not None and self._reader.gave_up:
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
        self._tell(wire.Gate(open=speaking, level=level))
        self._post(ev.SpeechStarted(position, level) if speaking else ev.SpeechEnded(position, level))

    def _gate_for(self, hello: wire.Hello) -> Gate:
        self._presence.pace = self._greeted(hello)
        return self._echo.gate_for(hello)

    def _use_mode(self, effect: fx.UseMode) -> None:
        if effect.mode == "text":
            self._links.microphone_off()
        if self._uplink is not None:
            self._uplink.mute(effect.locked)

    def _listen(self, effect: fx.Listen) -> None:
        assert self._uplink is not None, "nothing is audible before the caller has joined"
        self._uplink.agent_audible = effect.agent_audible

    def _end_turn(self, effect: fx.EndTurn) -> None:
        if self._uplink is not None:
            self._uplink.end_turn()
        self._links.turn_over()

    def _keep_chunk(self, pcm: bytes) -> int:
        chunk = self._downlink.keep(pcm)
        if self._downlink.full:
            self._cut_off("sound without an end, links cut")
        return chunk

    # -------------------------------------------------------------------------------------------- links

    def _hang_up(self, effect: fx.HangUp) -> None:
        if self._uplink is not None:
            self._uplink.attach(None)
        self._links.hang_up(effect.link)

    def _resend(self, effect: fx.Resend) -> None:
        send = self._links.audio(effect.link)
        if self._uplink is not None and send is not None:
            self._uplink.resend(send, effect.at)

    # -------------------------------------------------------------------------------------------- phrases

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
        self._show_fact(effect)

    def _show_fact(self, effect: fx.Note | fx.ShowFact) -> None:
        self._tell(
            wire.Fact(field=effect.field, state=effect.state, value=effect.value, evidence=list(effect.evidence))
        )

    def _remark(self, effect: fx.Remark) -> None:
        log.info("decided", call=self.id, **{name: value for name, value in asdict(effect).items() if value})

    # -------------------------------------------------------------------------------------------- the end

    def _end(self, effect: fx.End) -> None:
        self.reason = "slow_peer" if self._outbox.full else effect.reason
        self._tell(notices.ended(self.reason))

    async def _wind_up(self, code: int, reason: str) -> None:
        """Nothing of the call outlives it: timer, links, tasks; then the socket, behind the last words to it."""
        self._inbox.close()
        self._clock.stop()
        self._pace.stop()
        self._presence.shut()
        self._links.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if not self._over.cancel() and not self._over.cancelled():
            self._over.exception()  # a second fault, behind the one that ended the call
        await self._presence.close(code, reason)


def _where(fault: BaseException) -> list[str]:
    frames = traceback.extract_tb(fault.__traceback__)
    return [f"{PurePath(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
