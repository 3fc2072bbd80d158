"""A live model's service: takes calls or refuses them, issues handles, limits how long a connection lives.

The fields without an underscore are its ailments, which faults set.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any, Protocol

from vivavoce.conversation import events as ev
from vivavoce.storm.world.clock import Clock, Lane
from vivavoce.storm.world.frame import Frame
from vivavoce.storm.world.memory import Memory, lines_in, results_in
from vivavoce.storm.world.mind import Mind
from vivavoce.storm.world.truth import Frames, Truth

HANDSHAKE_S = (0.1, 0.4)
"""TCP, TLS, upgrade and setup; live services were seen to take this long from nearby and from far away."""
WAY_S = (0.01, 0.09)
LIFE_S = 600.0
"""A connection's life, and how long before its end it is announced."""
LEAD_S = 50.0


class Dialled(Protocol):
    """Who has dialled: the server's end of a link."""

    def opened(self, connection: Connection) -> None: ...
    def happened(self, connection: Connection, event: ev.Event) -> None: ...
    def sounded(self, connection: Connection, turn: int, at: int, samples: int) -> None: ...
    def closed(self, number: int, code: int, kind: str) -> None: ...
    def handed(self, connection: Connection, memory: Memory | None) -> None: ...


class Connection:
    """One link, and both ways over it."""

    def __init__(self, service: Service, number: int, dialled: Dialled, memory: Memory) -> None:
        self.number = number
        self.open = True  # on the service's side
        self.mute = False  # nothing it sends arrives, and nobody tells
        self.opened_at = service.clock.now
        self._service = service
        self._dialled = dialled
        self._up = Lane(service.clock, service.chance.uniform(*WAY_S))
        self._down = Lane(service.clock, self._up.seconds)
        self.mind = Mind(self, service, memory)

    # ---------------------------------------------------------------------------------------------- to the model

    def send_audio(self, frame: Frame) -> None:
        self._up.send(self._heard, frame)

    def _heard(self, frame: Frame) -> None:
        if self.open and not self.mute:
            self.mind.hear(frame)

    def send_text(self, text: str) -> None:
        self._up.send(self._read, text)

    def _read(self, text: str) -> None:
        if not self.open or self.mute:
            return
        if self._service.deaf_texts > 0:
            self._service.deaf_texts -= 1
            self.mind.memory.overlook(text)
            if "<briefing>" not in text:
                self._service.truth.overlook(lines_in(text), results_in(text), self._service.clock.now)
            return
        self.mind.read(text)

    def answer(self, id: str, response: dict[str, Any]) -> None:
        self._up.send(self._answered, id, response)

    def _answered(self, id: str, response: dict[str, Any]) -> None:
        if self.open and not self.mute:
            self.mind.answered(id, response)

    def turn_over(self) -> None:
        self._up.send(lambda: self.mind.turn_over() if self.open and not self.mute else None)

    def hang_up(self) -> None:
        self._up.send(self._end)

    def stall(self, seconds: float) -> None:
        self._up.stall(seconds)
        self._down.stall(seconds)

    # ---------------------------------------------------------------------------------------------- to the server

    def post(self, event: ev.Event) -> None:
        if self.open and not self.mute:
            self._down.send(self._dialled.happened, self, event)

    def sound(self, turn: int, at: int, samples: int) -> None:
        if self.open and not self.mute:
            self._down.send(self._dialled.sounded, self, turn, at, samples)

    def hand(self) -> None:
        """A handle, or word that there is none now."""
        if self.open and not self.mute:
            ready = self.mind.at_rest and self._service.clock.now >= self._service.no_handles_until
            memory = self.mind.memory.copy() if ready else None
            if memory is not None:
                self._service.issued = [*self._service.issued[-7:], memory]
            self._down.send(self._dialled.handed, self, memory)

    def drop(self, code: int, kind: str = "transient") -> None:
        """The service closes; what is on its way to the server still arrives, what is on its way here does not."""
        if self.open:
            self._end()
            if not self.mute:
                self._down.send(self._dialled.closed, self.number, code, kind)

    def go_away(self, left_s: float, *, then: Callable[[], None]) -> None:
        self.post(ev.GoAwayReceived(self.number, left_s))
        self._service.clock.after(left_s, lambda: then() if self.open else None)

    def _end(self) -> None:
        self.open = False
        self.mind.stop()
        if self._service.connection is self:
            self._service.connection = None


class Service:
    def __init__(self, clock: Clock, chance: random.Random, truth: Truth) -> None:
        self.clock = clock
        self.chance = chance
        self.truth = truth
        self.connection: Connection | None = None  # the one that is open
        self.turns = 0
        self.calls = 0
        self.issued: list[Memory] = []  # what the newest handles stand for
        self.answers: dict[int, tuple[Frames, list[int]]] = {}  # by turn: what it answers
        self.results: dict[int, set[int]] = {}  # by turn: the wishes of whose results it speaks
        self.speaker = ""
        self.patient = chance.random() < 0.5
        """Ends a turn when it thinks it was heard, not when it has made it; generations of models differ."""
        self.refused = ""  # "fatal" or "quota": for ever
        self.away_until = 0.0
        self.quota_until = 0.0
        self.no_resume_until = 0.0
        self.no_handles_until = 0.0
        self.short_lived_until = 0.0
        self.unanswered_dials = 0
        self.deaf_texts = 0
        self.empty_turns = 0
        self.broken_turns = 0
        self.wrong_sound: list[str] = []
        self.hangs_after_interrupted = 0
        self.slow_until = 0.0
        self.bursts_until = 0.0
        self.late_words_until = 0.0
        self.repeats = 0
        self.double_calls = 0
        self.cancels = 0
        self.late_sound = 0
        self.last_sound: list[tuple[int, int, int]] = []  # the end of the newest turn: what a service may send again

    def dial(self, number: int, speaker: str, dialled: Dialled, memory: Memory | None) -> None:
        self.truth.links += 1
        self.speaker = speaker
        if self.unanswered_dials > 0:
            self.unanswered_dials -= 1
            return
        self.clock.after(self.chance.uniform(*HANDSHAKE_S), self._take, number, dialled, memory)

    def _take(self, number: int, dialled: Dialled, memory: Memory | None) -> None:
        if (refusal := self._refusal(memory)) is not None:
            dialled.closed(number, *refusal)
            return
        connection = self.connection = Connection(self, number, dialled, memory.copy() if memory else Memory())
        dialled.opened(connection)
        self.clock.after(LIFE_S - LEAD_S, self._grow_old, connection)
        if self.clock.now < self.short_lived_until:
            self.clock.after(1.0, connection.drop, 1006)
        if memory is not None and self.repeats > 0 and self.last_sound:
            self.repeats -= 1
            for turn, at, samples in self.last_sound:
                connection.sound(turn, at, samples)
            connection.post(ev.GenerationEnded(number))
            connection.post(ev.TurnEnded(number))

    def _refusal(self, memory: Memory | None) -> tuple[int, str] | None:
        """Close code and class with which a call is refused, None when it is taken."""
        now = self.clock.now
        if self.refused:
            return (1008 if self.refused == "fatal" else 1011), self.refused
        if now < self.away_until:
            return 1006, "transient"
        if now < self.quota_until:
            return 1011, "quota"
        if memory is None:
            return None
        if not memory.usable:
            return 1008, "dead_handle"
        if now < self.no_resume_until or self.connection is not None:
            return 1011, "transient"  # a session has one connection at a time
        return None

    def _grow_old(self, connection: Connection) -> None:
        if connection.open:
            connection.go_away(LEAD_S, then=lambda: connection.drop(1011))
