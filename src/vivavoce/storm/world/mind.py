"""How a model takes its turns over one connection: listens, thinks, calls a tool, talks, is interrupted."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from vivavoce.audio.pcm import AGENT_HZ, CALLER_HZ
from vivavoce.conversation import events as ev
from vivavoce.storm.world.frame import Frame
from vivavoce.storm.world.memory import Memory, tool_of

if TYPE_CHECKING:
    from vivavoce.storm.world.service import Connection, Service

PAUSE_SAMPLES = CALLER_HZ
"""Silence that ends the caller's turn (V5, casual)."""
NOTICED_FRAMES = 3
"""Speech over the model's own that it takes for an interruption: a quarter of a second."""
TAKES_BACK_FRAMES = 6
PIECE = AGENT_HZ // 2
SPEED = 3.0
"""Live models make sound about three times faster than it plays."""
SPEAKERS = ("alex", "sam")
JUDGED_SAMPLES = 2 * AGENT_HZ
"""So much of a wrong sound the judge of sound needs (`gateway.tally`); silence that is shorter it knows at its end. A
tone that is shorter nobody knows, so there is none here."""


class Mind:
    def __init__(self, connection: Connection, service: Service, memory: Memory) -> None:
        self.memory = memory
        self._link = connection
        self._service = service
        self._chance = service.chance
        self._state = "rest"  # thinking, talking, tool
        self._plan = 0  # what was planned under an older number does not happen
        self._quiet = 0
        self._loud = 0
        self._calls: dict[str, int] = {}  # ids that are not answered, with their wish
        self._hung = False
        self._turn = 0
        self._begun = False  # something of a turn was heard, and it has not ended
        self._made = 0
        self._whole = True  # all of the turn is made
        self._late: list[str] = []
        self._wrong = ""  # what is not judged yet of the turn: that it is silence, or a tone

    @property
    def at_rest(self) -> bool:
        return self._state == "rest"

    @property
    def talking(self) -> bool:
        return self._state == "talking"

    def stop(self) -> None:
        self._plan += 1

    def _later(self, seconds: float, do: Callable[..., None], *args: Any) -> None:
        self._service.clock.after(seconds, self._if_planned, self._plan, do, args)

    def _if_planned(self, plan: int, do: Callable[..., None], args: tuple[Any, ...]) -> None:
        if plan == self._plan:
            do(*args)

    def _rest(self) -> None:
        self._plan += 1
        self._state = "rest"

    # ---------------------------------------------------------------------------------------------- listening

    def hear(self, frame: Frame) -> None:
        if not frame.utterance:
            self._loud = 0
            self._quiet += frame.samples
            if self._quiet >= PAUSE_SAMPLES and self.memory.pending and self._state == "rest" and not self._hung:
                self._think()
            return
        self._quiet = 0
        self._loud += 1
        if frame.loud:
            self.memory.hear(frame.utterance, frame.part)
        if self._state == "thinking":
            self._rest()  # they went on
            if self._begun:  # and over the rest of a turn that had begun
                self._link.post(ev.Interrupted(self._link.number))
                self._over()
        elif self._state == "talking" and self._loud >= NOTICED_FRAMES:
            self.interrupt()
        elif self._state == "tool" and self._loud >= TAKES_BACK_FRAMES:
            self.take_back()

    def read(self, text: str) -> None:
        if not self.memory.read(text):
            return
        if self._state == "talking":
            self.interrupt()
        if self._hung:
            self._hung = False
            self._over()
        if self._state != "tool":
            self._rest()
            self._think()

    def turn_over(self) -> None:
        if self.memory.pending and self._state == "rest":
            self._think()

    def interrupt(self) -> None:
        """The model was heard over."""
        if self._state != "talking":
            return
        self._rest()
        self._wrong = ""  # what was cut is not judged
        self._link.post(ev.Interrupted(self._link.number))
        service = self._service
        if service.hangs_after_interrupted > 0:
            service.hangs_after_interrupted -= 1
            self._hung = True
            return
        if service.late_sound > 0 and not self._whole:
            service.late_sound -= 1
            for _ in range(3):
                self._piece()
        self._over()

    # ---------------------------------------------------------------------------------------------- tools

    def _ask(self, wish: int) -> None:
        self._state = "tool"
        self._call(tool_of(wish), {"wish": f"wish {wish}"}, wish)
        if self._service.cancels > 0:
            self._service.cancels -= 1
            self._later(self._chance.uniform(0.0, 1.0), self.take_back)

    def _call(self, name: str, args: dict[str, Any], wish: int = 0) -> None:
        self._service.calls += 1
        id = f"call-{self._service.calls}"
        self._calls[id] = wish
        for _ in range(2 if self._service.double_calls > 0 else 1):
            self._link.post(ev.ToolCalled(self._link.number, id, name, args))
        self._service.double_calls -= self._service.double_calls > 0

    def answered(self, id: str, response: dict[str, Any]) -> None:
        wish = self._calls.pop(id, None)
        if wish is None:
            return
        if wish:
            self.memory.learn(wish)
        if self._state == "tool" and not any(self._calls.values()):
            self._rest()
            self._think()

    def take_back(self) -> None:
        """The calls that run are not wanted any more."""
        ids = tuple(id for id, wish in self._calls.items() if wish)
        if self._state != "tool" or not ids:
            return
        for id in ids:
            self.memory.wishes.pop(self._calls.pop(id), None)
        self._rest()
        self._link.post(ev.ToolsCancelled(self._link.number, ids))
        self._over()

    # ---------------------------------------------------------------------------------------------- talking

    def _think(self) -> None:
        self._plan += 1
        self._state = "thinking"
        self._later(self._chance.uniform(0.3, 1.2), self._act)

    def _act(self) -> None:
        service, memory = self._service, self.memory
        for number in memory.pending:
            said = service.truth.utterances[number]
            if len(memory.pending[number]) * 2 > len(said.frames):
                self._link.post(ev.CallerTranscribed(self._link.number, f" u{number} is what I said"))
                if said.wish and said.wish not in memory.results:
                    memory.wishes[said.wish] = number
        if service.empty_turns > 0:
            service.empty_turns -= 1
            self._rest()
            self._over()
            return
        open_wish = next((wish for wish in memory.wishes if wish not in memory.results), None)
        if open_wish is not None and self._chance.random() < 0.5:
            self._ask(open_wish)
        else:
            self._talk(open_wish)

    def _talk(self, then_ask: int | None) -> None:
        service = self._service
        service.turns += 1
        self._state = "talking"
        self._turn, self._made, self._late = service.turns, 0, []
        self._whole = False
        self._begun = True
        kind = service.wrong_sound.pop() if service.wrong_sound else ""
        if not kind:
            service.answers[self._turn] = self.memory.take()
            service.results[self._turn] = set(self.memory.untold)
            self.memory.untold.clear()
            for wish in [wish for wish in self.memory.wishes if wish in self.memory.results]:
                del self.memory.wishes[wish]
        if self._chance.random() < 0.2:
            self._call("note", {"facts": {"who": "a founder"}})
        hands_over = then_ask is None and self._chance.random() < 0.03
        if hands_over:
            self._call("hand_off", {"to": SPEAKERS[service.speaker == SPEAKERS[0]]})
        pieces = self._chance.randint(2, 14)
        if kind == "tone":
            pieces = max(pieces, JUDGED_SAMPLES // PIECE)
        elif service.broken_turns > 0:
            service.broken_turns -= 1
            pieces = 2
        self._wrong = kind
        self._next(pieces, then_ask)

    def _next(self, left: int, then_ask: int | None) -> None:
        if left == 0:
            self._said(then_ask)
            return
        now, service = self._service.clock.now, self._service
        self._piece()
        word = f" a{self._turn}"
        if now < service.late_words_until:
            self._late.append(word)
        else:
            self._link.post(ev.AgentTranscribed(self._link.number, word))
        pause = PIECE / AGENT_HZ / SPEED
        if now < service.slow_until:
            pause = PIECE / AGENT_HZ * 1.4
        elif now < service.bursts_until:
            pause = 2.0 if left % 4 == 0 else 0.0
        self._later(pause, self._next, left - 1, then_ask)

    def _judge(self) -> None:
        """The shell of the server does, but what it tells comes to the same place."""
        if self._wrong:
            self._link.post(ev.SoundJudged(self._link.number, "silence" if self._wrong == "silence" else "tone"))
            self._wrong = ""

    def _piece(self) -> None:
        if self._made + PIECE >= JUDGED_SAMPLES:
            self._judge()
        self._link.sound(self._turn, self._made, PIECE)
        before = [piece for piece in self._service.last_sound[-2:] if piece[0] == self._turn]
        self._service.last_sound = [*before, (self._turn, self._made, PIECE)]
        self._made += PIECE

    def _said(self, then_ask: int | None) -> None:
        number = self._link.number
        for word in reversed(self._late):
            self._link.post(ev.AgentTranscribed(number, word))
        if then_ask is not None:
            self._rest()
            self._ask(then_ask)
            return
        self._whole = True
        self._link.post(ev.GenerationEnded(number))
        rest = self._made / AGENT_HZ * (1 - 1 / SPEED) if self._service.patient else 0.0
        self._later(rest, self._close)

    def _close(self) -> None:
        self._rest()
        self._judge()
        self._over()

    def _over(self) -> None:
        self._begun = False
        number = self._link.number
        self._link.post(ev.TurnEnded(number))
        self._link.post(ev.UsageReported(number, 900, 120, 1020))
        self._service.clock.after(self._chance.uniform(0.02, 0.25), self._link.hand)
