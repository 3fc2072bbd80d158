"""Everything there is in one call: a person and their machine, the server that carries it, a model; and the truth.

Chance is drawn from several sources of one seed, so that a fault more or less does not change who the person is.
"""

from __future__ import annotations

import random
from functools import cache

from vivavoce.agents import AgentSpec, load
from vivavoce.conversation import Conversation, ConversationSettings
from vivavoce.conversation import events as ev
from vivavoce.storm.world.clock import Clock
from vivavoce.storm.world.device import Device
from vivavoce.storm.world.frame import Frame
from vivavoce.storm.world.log import WRITTEN_AFTER_S, Log
from vivavoce.storm.world.memory import TOOLS, Memory
from vivavoce.storm.world.person import Person
from vivavoce.storm.world.script import Script
from vivavoce.storm.world.server import Server
from vivavoce.storm.world.service import Service
from vivavoce.storm.world.truth import Frames, Truth

AGENT = """
spec: 1
name: storm
title: A long talk
speakers:
  alex: {voice: warm-baritone, role: Asks}
  sam: {voice: bright-alto, role: Asks on}
objectives:
  talk: {by: alex, ask: "What is it?", collect: {who: text, what: text}}
  more: {by: sam, ask: "And then?", collect: {then: text}}
limits: {minutes: 59}
consent: {disclose: spoken, record: never, keep: 1d}
"""
SETTINGS = ConversationSettings()
WAITS_S = 30.0
"""Sound of the agent's does not wait longer to be heard: the longest reply is 7 s, and a hold takes 2."""
STUCK_S = 150.0
"""A caller who is there and has heard nothing for so long is in a call that is stuck. Longer than the time for which a
link may be gone (`ConversationSettings`)."""


@cache
def agent() -> AgentSpec:
    return load(AGENT).spec


class World:
    def __init__(self, script: Script) -> None:
        self.script = script
        self.settings = SETTINGS
        self.clock = Clock()
        self.truth = Truth()
        self.log: Log = []
        self.handles: dict[int, Memory] = {}
        self.handled_at: dict[int, float] = {}
        self.chunks = 0
        self.over = False
        self.expected = {"caller_hung_up", "agent_ended"}
        """Ends that are no failure."""
        self.chance = random.Random(f"{script.seed} line")  # noqa: S311  # repeatable, guards nothing
        self.manner = random.Random(f"{script.seed} person")  # noqa: S311  # repeatable, guards nothing
        self.hang_up_at = script.minutes * 60
        self.service = Service(self.clock, random.Random(f"{script.seed} model"), self.truth)  # noqa: S311  # repeatable, guards nothing
        self.server = Server(self, self.conversation())
        self.person = Person(self)
        self.device = self.person.device = Device(self, self.person)
        self._lost_at: float | None = None
        self._epoch = 1
        self._written = 0.0  # what was known by then is stored
        self._alive_at = 0.0
        self._taken = False  # another server has the call, and the caller has not been welcomed there

    def conversation(self) -> Conversation:
        return Conversation(agent(), tools=TOOLS, settings=self.settings)

    # ---------------------------------------------------------------------------------------------- the truth

    def broke(self, what: str) -> None:
        self.truth.broken.append(what)
        self.over = True

    def ended(self, reason: str) -> None:
        self.truth.end = reason
        self.over = True
        self._excuse_sound()
        if reason not in self.expected:
            self.truth.broken.append(f"ended: {reason}")

    def excuse(self, frame: Frame) -> None:
        if frame.utterance:
            self.truth.utterances[frame.utterance].excused.add(frame.part)

    def interrupted(self) -> None:
        """The model stopped its turn by itself: what still comes of it need not be heard."""
        if (turn := self.truth.turns.get(self.service.turns)) is not None:
            turn.excused = True

    def answer_began(self, memory: Memory, frames: Frames, lines: list[int]) -> None:
        truth = self.truth
        truth.uninformed += not memory.informed
        heard = frames.keys() | {-line for line in lines}
        newest = next((number for number in reversed(truth.recent) if number not in heard), None)
        truth.forgotten += newest is not None and newest not in memory.knows
        truth.answered(frames, lines)
        # so long nobody could take the model for silent: it had an answer, or a tool to wait for
        truth.passed_over(self.clock.now - self.settings.answer_within_s - self.settings.tool_timeout_s)

    def unusable(self) -> None:
        if self._lost_at is None:
            self._lost_at = self.clock.now

    def usable(self) -> None:
        if self._lost_at is not None:
            self.truth.gaps.append(self.clock.now - self._lost_at)
            self._lost_at = None

    # ---------------------------------------------------------------------------------------------- servers

    def find_server(self) -> None:
        """Lead a caller who comes back to the server that has the call; another takes it over where the first is
        gone.
        """
        if not self.server.dead:
            return
        self._epoch += 1
        self.truth.servers += 1
        stored = [number for number, at in self.handled_at.items() if at <= self._written]
        self.server = Server(self, self.conversation())
        self._taken = True
        self.server.take_over(self.log, self._epoch, max(stored, default=0))

    def returned(self, kept_from: int) -> None:
        """The caller is welcome; their machine can send again what it has from this position on."""
        if self._taken:
            self._taken = False
            self.server.never_had = kept_from

    def kill(self, back_s: float) -> None:
        """The server dies, with what it has in its hands and what was not written yet."""
        server = self.server
        if server.dead:
            return
        server.die()
        self._written = self.clock.now - WRITTEN_AFTER_S
        self.log = [entry for entry in self.log if entry[0] <= self._written]
        self._excuse_sound()
        self.unusable()
        self.device.lose(back_s, noticed=False)

    def pass_on(self, server: Server) -> None:
        """The server lets go; everything is written."""
        if server.dead:
            return
        server.die()
        self._written = self.clock.now
        self._excuse_sound()
        self.unusable()
        self.device.lose(0.05, noticed=False)

    def _excuse_sound(self) -> None:
        """What waits to be heard is gone, and nobody's fault. What came longer ago should have been heard by now."""
        for turn in self.truth.turns.values():
            if turn.came_at > self.clock.now - WAITS_S:
                turn.excused = True

    # ---------------------------------------------------------------------------------------------- the call

    def run(self) -> Truth:
        """The whole call."""
        self.device.begin()
        self.clock.at(self.hang_up_at, self._hang_up)
        self.clock.at(10.0, self._watch)
        while not self.over and self.clock.turn(self.hang_up_at + 120.0):
            pass
        if not self.over:
            self.broke("it does not end")
        self.truth.events = len(self.log)
        return self.truth

    def _hang_up(self) -> None:
        if not self.device.tell(ev.CallerHungUp()):
            self.clock.after(1.0, self._hang_up)

    def _watch(self) -> None:
        now = self.clock.now
        if not self.device.welcome:
            self._alive_at = now
        heard_at = max(self.device.loudspeaker.heard_at, self.person.answered_at, self._alive_at)
        if now - heard_at > STUCK_S:
            self.broke("stuck: the caller is there and hears nothing")
        self.clock.after(10.0, self._watch)
