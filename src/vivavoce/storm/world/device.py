"""The caller's machine: microphone, loudspeaker, and a line that drops and is dialled again.

It does what the browser's SDK does: the microphone's clock counts through gaps, what was sent last is kept and goes
again to who has not heard it, and nothing is played twice.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from vivavoce.audio.pcm import CALLER_HZ
from vivavoce.conversation import events as ev
from vivavoce.storm.world.frame import Frame
from vivavoce.storm.world.loudspeaker import Loudspeaker
from vivavoce.storm.world.person import Person
from vivavoce.storm.world.socket import Socket

if TYPE_CHECKING:
    from vivavoce.storm.world.world import World

SPOKEN_FRAME = 1536
"""Three frames of the real microphone. Silence comes in frames of half a second."""
SILENT_FRAME = 8000
KEPT_S = 30.0


class Device:
    def __init__(self, world: World, person: Person) -> None:
        self.world = world
        self.person = person
        self.socket: Socket | None = None
        self.welcome = False
        self.mode = "voice"
        self.loudspeaker = Loudspeaker(world.clock, world.truth, self._played)
        self._next = 0  # of the microphone's clock
        self._epoch = 0.0  # when that clock stood at 0
        self._kept: deque[Frame] = deque()
        self._back_at = 0.0
        self._loading = False

    def begin(self) -> None:
        self.socket = self._dial()
        self.socket.to_server(self._join)
        self._microphone()

    def _dial(self) -> Socket:
        return Socket(self.world, self.world.server, self._heard)

    def _join(self) -> None:
        server = self.world.server
        assert self.socket is not None
        server.socket = self.socket
        self.welcome = True
        server.step(ev.CallerJoined("voice", "en"))

    @property
    def kept_from(self) -> int:
        """Where on the microphone's clock what can go again to another server begins."""
        return self._kept[0].position if self._kept else self._next

    # ---------------------------------------------------------------------------------------------- microphone

    def _microphone(self) -> None:
        said = self.person.speaks(self._next)
        if said is None:
            frame = Frame(self._next, SILENT_FRAME)
        else:
            utterance, index = said
            frame = Frame(self._next, SPOKEN_FRAME, utterance.number, index, utterance.kind != "noise")
            self.world.truth.spoke(utterance.number, index, SPOKEN_FRAME, self._next)
        self._next += frame.samples
        self.world.clock.at(self._epoch + self._next / CALLER_HZ, self._framed, frame)

    def _framed(self, frame: Frame) -> None:
        if self._loading:  # no page, no microphone
            self.world.excuse(frame)
        else:
            self._kept.append(frame)
        while self._kept and frame.position - self._kept[0].position > KEPT_S * CALLER_HZ:
            dropped = self._kept.popleft()
            if not self.welcome and dropped.position >= self.world.server.position:
                self.world.excuse(dropped)
        if self.socket is not None and self.welcome:
            self._send(frame)
        self._microphone()

    def _send(self, frame: Frame) -> None:
        assert self.socket is not None
        self.socket.to_server(self.socket.server.take, frame)

    def _clock(self) -> int:
        return max(0, round((self.world.clock.now - self._epoch) * CALLER_HZ))

    # ---------------------------------------------------------------------------------------------- what comes

    def _heard(self, socket: Socket, what: str, args: tuple[Any, ...]) -> None:
        if socket is not self.socket:
            return
        match what, args:
            case "sound", (reply, position, turn, at, samples):
                self.loudspeaker.sound(reply, position, turn, at, samples)
            case "hold" | "resume", (reply,):
                self.loudspeaker.hold(reply, on=what == "hold")
            case "cut", (reply,):
                self.loudspeaker.cut(reply)
            case "caption", _ if self.mode == "text":
                self.person.read()
            case "mode", (mode,):
                self.mode = mode
            case "welcome", (heard,):
                self._welcomed(heard)

    def _played(self, reply: int, samples: int) -> None:
        if self.socket is not None and self.welcome:
            self.socket.to_server(self.socket.server.step, ev.Played(reply, samples, self._clock()))

    def tell(self, event: ev.Event) -> bool:
        """What the caller does by hand; False while the line is down."""
        if self.socket is None or not self.welcome:
            return False
        self.socket.to_server(self.socket.server.step, event)
        return True

    # ---------------------------------------------------------------------------------------------- coming and going

    def lose(self, away_s: float, *, noticed: bool = True, reload: bool = False) -> None:
        """The line is cut. `noticed`: the server sees it at once, and not only when they are back. `reload`: the page
        and all that it had is gone.
        """
        if self.socket is None:
            return  # they are gone already
        socket, self.socket, self.welcome = self.socket, None, False
        if reload:
            self._loading = True
            for frame in self._kept:
                if frame.position >= self.world.server.position:
                    self.world.excuse(frame)
            self._kept.clear()
            self.loudspeaker.forget()
        socket.broken = True
        if noticed:
            self.world.clock.after(0.02, socket.server.lost, socket)
        self._back_at = self.world.clock.now + away_s
        self.world.clock.at(self._back_at, self._return)

    def _return(self) -> None:
        world = self.world
        if self.socket is not None or world.over or world.clock.now < self._back_at:
            return
        world.find_server()
        self._loading = False
        self.socket = self._dial()
        self.socket.to_server(self._hello, self.socket)

    def _hello(self, socket: Socket) -> None:
        speaker, server = self.loudspeaker, socket.server
        mode = "text" if self.mode == "text" and self.person.chose_text else "voice"
        event = ev.CallerReturned(mode, speaker.reply, speaker.samples, server.position)  # type: ignore[arg-type]
        server.came_back(socket, event)

    def _welcomed(self, heard: int) -> None:
        self.welcome = True
        self.world.returned(self.kept_from)
        for frame in self._kept:
            if frame.position >= heard:
                self._send(frame)
