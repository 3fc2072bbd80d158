"""A server that carries the call: the pure conversation with small shells around it, as `gateway` has them.

What a server has in its hands (ring, sound, tools, links) is gone when it dies; what it has written down is not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from vivavoce.conversation import Conversation
from vivavoce.conversation import effects as fx
from vivavoce.conversation import events as ev
from vivavoce.gateway.known import KnownSound
from vivavoce.gateway.takeover import retrace
from vivavoce.storm.world.frame import Frame
from vivavoce.storm.world.gate import Gate
from vivavoce.storm.world.log import Log, done, written
from vivavoce.storm.world.memory import Memory, wish_of
from vivavoce.storm.world.ring import Ring
from vivavoce.storm.world.service import Connection
from vivavoce.storm.world.socket import Socket
from vivavoce.storm.world.truth import Errand

if TYPE_CHECKING:
    from vivavoce.storm.world.world import World

MAX_WAKES = 200
TOOL_S = (0.1, 9.0)
MAX_TURN_SAMPLES = 1 << 30
"""Of the model's sound; tells where one turn ends in fingerprints and the next begins."""


class Server:
    def __init__(self, world: World, conversation: Conversation) -> None:
        self.world = world
        self.conversation = conversation
        self.dead = False
        self.socket: Socket | None = None
        self.position = 0  # the microphone's clock, as far as it has come
        self.never_had = 0
        """What lies before this was gone when the call came here: with the server before, and from what the caller's
        machine keeps."""
        self._gate = Gate(self._gate_changed)
        self._ring = Ring(world.settings.ring_s)
        self._send: Callable[[Frame], None] | None = None
        self._muted = False
        self._links: dict[int, Connection] = {}
        self._dialling: set[int] = set()
        self._chunks: dict[int, tuple[int, int, int]] = {}
        self._said: dict[int, list[tuple[int, int, int, int]]] = {}  # by reply: (position, turn, at, samples)
        self._sounds = KnownSound()
        self._abandoned: set[int] = set()
        self._cuts = False  # this step cuts
        self._armed: float | None = None
        self._wakes = (0.0, 0)
        self._does: dict[type, Callable[[Any], None]] = {
            fx.Say: self._say, fx.SayAgain: self._say_again, fx.WelcomeBack: self._welcome_back,
            fx.FinishReply: lambda e: self._tell("done", e.reply, e.samples),
            fx.Hold: lambda e: self._tell("hold", e.reply), fx.Resume: lambda e: self._tell("resume", e.reply),
            fx.Cut: self._cut, fx.Forget: self._forget, fx.Caption: self._caption, fx.UseMode: self._use_mode,
            fx.EndTurn: self._end_turn, fx.End: self._end, fx.Dial: self._dial, fx.HangUp: self._hang_up,
            fx.Resend: self._resend, fx.Inject: self._inject, fx.Answer: self._answer, fx.Run: self._run,
            fx.Abandon: lambda e: self._abandoned.add(e.errand), fx.Fill: self._fill, fx.PassOn: self._pass_on,
        }  # fmt: skip

    # ---------------------------------------------------------------------------------------------- the one task

    def step(self, event: ev.Event) -> None:
        world = self.world
        now = world.clock.now
        if self.dead:
            return
        if self.conversation.ended:
            world.truth.after_end += len(self.conversation.step(event, now))
            return
        effects = self.conversation.step(event, now)
        world.log.append((now, event, tuple(effects)))
        if isinstance(event, ev.ToolCalled):
            self._called(event, effects)
        elif isinstance(event, ev.TurnEnded):
            self._sounds.turn_ended()
        elif isinstance(event, ev.Played) and event.reply in self._said:  # those before it are over
            self._said = {reply: pieces for reply, pieces in self._said.items() if reply >= event.reply}
        self._cuts = any(isinstance(effect, fx.Cut) for effect in effects)
        for effect in effects:
            if (do := self._does.get(type(effect))) is not None:
                do(effect)
        if isinstance(event, ev.LinkOpened | ev.LinkDropped):
            self._attach(self._links.get(event.link))
        self._arm()

    def _arm(self) -> None:
        due = self.conversation.wake_at()
        if due is not None and due != self._armed:
            self.world.clock.at(due, self._wake, due)
        self._armed = due

    def _wake(self, due: float) -> None:
        if due != self._armed:
            return
        self._armed = None
        now, count = self._wakes
        self._wakes = (self.world.clock.now, count + 1 if now == self.world.clock.now else 1)
        if self._wakes[1] > MAX_WAKES:
            self.world.broke("it wakes without end")
        self.step(ev.Woke())

    def take_over(self, log: Log, epoch: int, handle: int) -> None:
        """Come to where the server before was, as far as that was written down, by the gateway's own way; then go on.

        Args:
            handle: the newest that is stored, 0 for none.
        """
        past = done(retrace(self.conversation, written(log)))
        self.position, self._muted, self._sounds = past.heard, past.muted, past.sounds
        self.step(ev.TakenOver(epoch, handle))

    def die(self) -> None:
        self.dead = True
        for link in self._links.values():
            link.hang_up()

    # ---------------------------------------------------------------------------------------------- the caller

    def take(self, frame: Frame) -> None:
        if self.dead or frame.position < self.position:
            return  # sent twice
        self.position = frame.position + frame.samples
        if self._muted:
            self.world.excuse(frame)
            return
        self._gate.take(frame)
        self._ring.keep(frame)
        if self._send is not None:
            self._send(frame)

    def _gate_changed(self, speaking: bool, position: int) -> None:
        self.step(ev.SpeechStarted(position, 0.1) if speaking else ev.SpeechEnded(position))

    def came_back(self, socket: Socket, event: ev.CallerReturned) -> None:
        if self.socket is not None:
            self.lost(self.socket)
        self.socket = socket
        self.step(event)

    def lost(self, socket: Socket) -> None:
        if socket is self.socket and not self.dead:
            self.socket = None
            self._gate.end(self.position)
            self.step(ev.CallerDropped(1006))

    def _welcome_back(self, effect: fx.WelcomeBack) -> None:
        self._tell("welcome", self.position)

    def _tell(self, what: str, *args: Any) -> None:
        if self.socket is not None:
            self.socket.to_caller(what, *args)

    def _use_mode(self, effect: fx.UseMode) -> None:
        if effect.locked and not self._muted:
            self._gate.end(self.position)
        self._muted = effect.locked
        self._tell("mode", effect.mode)

    def _caption(self, effect: fx.Caption) -> None:
        if effect.who != "caller":
            self._tell("caption", effect.turn)

    def _end_turn(self, effect: fx.EndTurn) -> None:
        self._gate.end(self.position)
        for link in self._links.values():
            link.turn_over()

    def _end(self, effect: fx.End) -> None:
        self.world.ended(effect.reason)

    def _pass_on(self, effect: fx.PassOn) -> None:
        self.world.clock.after(0.0, self.world.pass_on, self)

    # ---------------------------------------------------------------------------------------------- the agent's sound

    def sounded(self, link: Connection, turn: int, at: int, samples: int) -> None:
        if self.dead or self._links.get(link.number) is not link:
            return
        truth, service = self.world.truth, self.world.service
        truth.arrived(turn, at, samples, self.world.clock.now)
        if at == 0 and turn in service.answers:
            self.world.answer_began(link.mind.memory, *service.answers.pop(turn))
            truth.spoken_of |= service.results.pop(turn, set())
        sound = 1 + turn * MAX_TURN_SAMPLES + at
        chunk = self.world.chunks = self.world.chunks + 1
        self._chunks[chunk] = (turn, at, samples)
        self.step(ev.ReplyArrived(link.number, chunk, samples, self._sounds.heard(sound), sound))

    def _say(self, effect: fx.Say) -> None:
        turn, at, samples = self._chunks.pop(effect.chunk)
        self._said.setdefault(effect.reply, []).append((effect.position, turn, at, samples))
        self._tell("sound", effect.reply, effect.position, turn, at, samples)

    def _say_again(self, effect: fx.SayAgain) -> None:
        for position, turn, at, samples in self._said.get(effect.reply, ()):
            before = min(samples, max(0, effect.position - position))
            if before < samples:
                self._tell("sound", effect.reply, position + before, turn, at + before, samples - before)

    def _cut(self, effect: fx.Cut) -> None:
        for reply in [reply for reply in self._said if reply <= effect.reply]:
            for _, turn, _, _ in self._said.pop(reply):
                self.world.truth.cut(turn, self.world.clock.now)
        self._tell("cut", effect.reply)

    def _forget(self, effect: fx.Forget) -> None:
        for chunk in effect.chunks:
            turn, _, _ = self._chunks.pop(chunk, (0, 0, 0))
            if self._cuts:  # it belongs to what is cut, and was not sent yet
                self.world.truth.cut(turn, self.world.clock.now)

    def _fill(self, effect: fx.Fill) -> None:
        self.world.clock.after(0.05, self._filled, effect.phrase)

    def _filled(self, phrase: str) -> None:
        if not self.dead:
            chunk = self.world.chunks = self.world.chunks + 1
            self._chunks[chunk] = (0, 0, 36_000)
            self.step(ev.FillerArrived(phrase, chunk, 36_000))

    # ---------------------------------------------------------------------------------------------- links

    def _dial(self, effect: fx.Dial) -> None:
        wait_s = effect.after_s + self.world.chance.uniform(0.0, effect.jitter_s)
        self._dialling.add(effect.link)
        memory = self.world.handles.get(effect.handle) if effect.handle is not None else None
        self.world.clock.after(wait_s, self._dial_now, effect.link, effect.speaker, memory)

    def _dial_now(self, number: int, speaker: str, memory: Memory | None) -> None:
        if not self.dead and number in self._dialling:
            self._sounds.next_link()
            self.world.service.dial(number, speaker, self, memory)

    def opened(self, link: Connection) -> None:
        if self.dead or link.number not in self._dialling:
            link.hang_up()
            return
        self._dialling.discard(link.number)
        self._links[link.number] = link
        self.world.usable()
        self.step(ev.LinkOpened(link.number))

    def happened(self, link: Connection, event: ev.Event) -> None:
        if self.dead or self._links.get(link.number) is not link:
            return
        if isinstance(event, ev.ToolsCancelled):
            for id in event.ids:
                if (errand := self.world.truth.errands.get((link.number, id))) is not None:
                    errand.cancelled = True
        elif isinstance(event, ev.Interrupted):
            self.world.interrupted()
        self.step(event)

    def handed(self, link: Connection, memory: Memory | None) -> None:
        if self.dead or self._links.get(link.number) is not link:
            return
        number = 0
        if memory is not None:
            number = len(self.world.handles) + 1
            self.world.handles[number] = memory
            self.world.handled_at[number] = self.world.clock.now
        self.step(ev.HandleIssued(link.number, number, memory is not None, self.position))

    def closed(self, number: int, code: int, kind: str) -> None:
        known = self._links.pop(number, None) is not None or number in self._dialling
        self._dialling.discard(number)
        if known and not self.dead:
            self.world.unusable()
            self.step(ev.LinkDropped(number, code, kind))

    def _hang_up(self, effect: fx.HangUp) -> None:
        self._dialling.discard(effect.link)
        self._send = None
        if (link := self._links.pop(effect.link, None)) is not None:
            link.hang_up()
            self.world.unusable()

    def _attach(self, link: Connection | None) -> None:
        """Frames go to this link from now on; first what is too young for the gate to be sure of, as in `Uplink`."""
        if link is not None:
            for frame in self._ring.young():
                link.send_audio(frame)
        self._send = link.send_audio if link is not None else None

    def _resend(self, effect: fx.Resend) -> None:
        link = self._links.get(effect.link)
        if link is None:
            return
        again = self._ring.again(effect.at)
        for frame in again:
            link.send_audio(frame)
        self.world.truth.gone(effect.at, max(self._ring.dropped_to, self.never_had))
        first = again[0].position if again else self.position
        self._post(
            ev.SoundResent(effect.link, sum(frame.samples for frame in again), max(0, first - max(0, effect.at)))
        )

    def _post(self, event: ev.Event) -> None:
        self.world.clock.after(0.0, self.step, event)

    def _inject(self, effect: fx.Inject) -> None:
        if (link := self._links.get(effect.link)) is not None:
            link.send_text(effect.text)

    # ---------------------------------------------------------------------------------------------- tools

    def _called(self, event: ev.ToolCalled, effects: Sequence[fx.Effect]) -> None:
        errands = self.world.truth.errands
        key = (event.link, event.id)
        errands.setdefault(key, Errand(event.name, wish_of(event.args), self.world.clock.now))
        errands[key].run |= any(isinstance(effect, fx.Run) for effect in effects)

    def _run(self, effect: fx.Run) -> None:
        self.world.clock.after(
            self.world.chance.uniform(*TOOL_S) if self.world.chance.random() < 0.9 else 30.0,
            self._ran, effect.errand, {"output": {"found": effect.args.get("wish")}},
        )  # fmt: skip

    def _ran(self, errand: int, response: dict[str, Any]) -> None:
        if not self.dead and errand not in self._abandoned:
            self.step(ev.ErrandReturned(errand, response))

    def _answer(self, effect: fx.Answer) -> None:
        if (errand := self.world.truth.errands.get((effect.link, effect.id))) is not None:
            errand.answers += 1
            errand.after_cancel += errand.cancelled
        if (link := self._links.get(effect.link)) is not None:
            link.answer(effect.id, effect.response)
