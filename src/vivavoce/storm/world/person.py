"""Who calls: speaks when it is their turn and now and then when it is not, coughs, hums, asks for what needs a tool,
types when there is no voice, and says "hello?" when nobody answers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vivavoce.audio.pcm import CALLER_HZ
from vivavoce.conversation import events as ev
from vivavoce.storm.world.truth import Utterance

if TYPE_CHECKING:
    from vivavoce.storm.world.device import Device
    from vivavoce.storm.world.world import World

ASKS_AGAIN_S = 14.0
WISHES = 0.12
"""Of what they say, so much needs a tool."""
BARGES_IN = 0.03
COUGHS = 0.03
HUMS = 0.04
"""Chances in half a second of listening."""
GOES_ON = 0.15
"""Chance that a thought had a second half."""


class Person:
    def __init__(self, world: World) -> None:
        self._world = world
        self._chance = world.manner
        self.device: Device
        self.chose_text = False
        self._current: Utterance | None = None
        self._until = 0
        self._index = 0
        self._begun_at = 0
        self._spoke_at = 0.0
        self.answered_at = 0.0
        self._waits_s = 1.0
        self._goes_on = False
        self._count = 0
        self._wishes = 0

    @property
    def speaking(self) -> bool:
        return self._current is not None

    def speaks(self, position: int) -> tuple[Utterance, int] | None:
        """What is said in the frame that begins here: the utterance and which of its frames."""
        world = self._world
        if self._current is not None:
            if position < self._until:
                self._index += 1
                return self._current, self._index
            self._current.ended = True
            self._current = None
            self._spoke_at = world.clock.now
            self._goes_on = self._chance.random() < GOES_ON
            self._waits_s = self._chance.uniform(0.3, 3.0)
            return None
        kind = self._wants_to_say()
        if not kind:
            return None
        self._count += 1
        length_s = {"words": self._chance.uniform(0.6, 8.0), "noise": 0.25, "hum": 0.5}[kind]
        wish = 0
        if kind == "words" and self._chance.random() < WISHES:
            self._wishes += 1
            wish = self._wishes
        self._current = Utterance(self._count, world.clock.now, 0, kind, wish)
        world.truth.utterances[self._count] = self._current
        self._until = position + round(length_s * CALLER_HZ)
        self._index = 0
        return self._current, 0

    def _wants_to_say(self) -> str:
        world, speaker = self._world, self.device.loudspeaker
        now = world.clock.now
        if now < 1.0 or now > world.hang_up_at - 10.0:
            return ""
        if not self.device.welcome:
            return ""  # it stands on the screen that the line is down
        if self.device.mode == "text":
            self._type(now)
            return ""
        if speaker.playing:
            draw = self._chance.random()
            for kind, chance in (("words", BARGES_IN), ("noise", COUGHS), ("hum", HUMS)):
                if draw < chance:
                    return kind
                draw -= chance
            return ""
        if self._goes_on:
            self._goes_on = False
            return "words"
        heard_at = max(speaker.heard_at, self.answered_at)
        if heard_at > self._spoke_at:
            return "words" if now - heard_at > self._waits_s else ""
        return "words" if now - max(self._spoke_at, heard_at) > ASKS_AGAIN_S else ""

    def _type(self, now: float) -> None:
        if now - max(self._spoke_at, self.answered_at) < 4.0 + self._waits_s:
            return
        self._spoke_at = now
        truth = self._world.truth
        line = len(truth.lines) + 1
        if self.device.tell(ev.CallerTyped(f"typed {line}")):
            truth.lines[line] = now

    def read(self) -> None:
        """An answer stands on the screen."""
        self.answered_at = self._world.clock.now
