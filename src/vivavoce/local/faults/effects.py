"""What faults do to the messages of a server: each takes one and gives what is sent in its place.

Those of one message act on the one that set them off, or else on the next; those of a turn last until `turnComplete`.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from vivavoce.audio.pcm import AGENT_HZ
from vivavoce.local.faults import script as fault
from vivavoce.local.faults.messages import Outgoing

TONE_LEVEL = 0.3
"""Of full scale: as loud as speech that is well recorded, so that it is heard for what it is."""


class Effect(Protocol):
    """Something that is wrong for a while."""

    over: bool

    def take(self, message: Outgoing) -> list[Outgoing]: ...


class Once:
    """A fault of one message."""

    def __init__(self, change: Callable[[Outgoing], list[Outgoing]]) -> None:
        self._change = change
        self.over = False

    def take(self, message: Outgoing) -> list[Outgoing]:
        if self.over:
            return [message]
        self.over = True
        return self._change(message)


class OfTurn:
    """A fault that lasts until the turn is complete."""

    over = False

    def take(self, message: Outgoing) -> list[Outgoing]:
        self.over = self.over or "turnComplete" in message.kinds
        return self._change(message)

    def _change(self, message: Outgoing) -> list[Outgoing]:
        raise NotImplementedError


class Silence:
    """Nothing is sent until a time; None for ever."""

    def __init__(self, until: float | None, now: Callable[[], float]) -> None:
        self._until = until
        self._now = now
        self.over = False

    def take(self, message: Outgoing) -> list[Outgoing]:
        self.over = self._until is not None and self._now() >= self._until
        return [message] if self.over else []


class Empty(OfTurn):
    def _change(self, message: Outgoing) -> list[Outgoing]:
        return message.without("modelTurn", "outputTranscription")


class Premature(OfTurn):
    """The first message passes, then the turn is complete; what is left of it is its usage."""

    def __init__(self) -> None:
        self._begun = False

    def _change(self, message: Outgoing) -> list[Outgoing]:
        if self._begun:
            return message.without(*message.content)
        self._begun = True
        return [message, Outgoing.make({"serverContent": {"turnComplete": True}})]


class Unordered(OfTurn):
    _NAMES = ("inputTranscription", "outputTranscription")

    def __init__(self) -> None:
        self._held: list[Outgoing] = []

    def _change(self, message: Outgoing) -> list[Outgoing]:
        words = {name: message.content[name] for name in self._NAMES if name in message.content}
        if words:
            self._held.append(Outgoing.make({"serverContent": words}))
        rest = message.without(*words)
        return [*reversed(self._held), *rest] if self.over else rest


class Wordless(OfTurn):
    """The agent's words wait until the turn is complete."""

    def __init__(self) -> None:
        self._held: list[Outgoing] = []

    def _change(self, message: Outgoing) -> list[Outgoing]:
        words = message.content.get("outputTranscription")
        if words:
            self._held.append(Outgoing.make({"serverContent": {"outputTranscription": words}}))
        rest = message.without("outputTranscription")
        return [*rest, *self._held] if self.over else rest


class Slow(OfTurn):
    def __init__(self, delay_s: float) -> None:
        self._delay_s = delay_s

    def _change(self, message: Outgoing) -> list[Outgoing]:
        return [message.later(self._delay_s) if "audio" in message.kinds else message]


class Bursts(OfTurn):
    """Sound and its words wait until there is enough of it, or until something comes that must not overtake it."""

    _WAITS = frozenset({"message", "audio", "text", "outputTranscription", "inputTranscription", "usageMetadata"})

    def __init__(self, messages: int) -> None:
        self._messages = messages
        self._held: list[Outgoing] = []

    def _change(self, message: Outgoing) -> list[Outgoing]:
        self._held.append(message)
        sounds = sum("audio" in held.kinds for held in self._held)
        if sounds < self._messages and message.kinds <= self._WAITS:
            return []
        out, self._held = self._held, []
        return out


class Steady(OfTurn):
    """A tone of so many hertz in the place of sound, without a seam between messages."""

    def __init__(self, hz: int) -> None:
        self._hz = hz
        self._samples = 0

    def _change(self, message: Outgoing) -> list[Outgoing]:
        if "audio" not in message.kinds:
            return [message]
        turn = message.content["modelTurn"]
        parts = [self._part(part) for part in turn["parts"]]
        content = message.content | {"modelTurn": turn | {"parts": parts}}
        return [Outgoing.make(message.tree | {"serverContent": content}).later(message.delay_s)]

    def _part(self, part: dict[str, Any]) -> dict[str, Any]:
        if "inlineData" not in part:
            return part
        try:
            samples = len(base64.b64decode(part["inlineData"].get("data", ""))) // 2
        except (binascii.Error, ValueError, TypeError):
            return part
        times = (self._samples + np.arange(samples)) / AGENT_HZ
        self._samples += samples
        pcm = np.rint(np.sin(2 * np.pi * self._hz * times) * TONE_LEVEL * 32767).astype("<i2").tobytes()
        return part | {"inlineData": part["inlineData"] | {"data": base64.b64encode(pcm).decode()}}


class Late:
    """After the next interruption the last sound comes again."""

    def __init__(self, messages: int, last_sound: Callable[[], Outgoing | None]) -> None:
        self._messages = messages
        self._last_sound = last_sound
        self.over = False

    def take(self, message: Outgoing) -> list[Outgoing]:
        if "interrupted" not in message.kinds or self.over:
            return [message]
        self.over = True
        sound = self._last_sound()
        return [message] if sound is None else [message, *[sound] * self._messages]


def effect_of(what: fault.AnyFault, last_sound: Callable[[], Outgoing | None]) -> Effect | None:
    """The effect of a fault on messages; None for a fault of the connection.

    Args:
        last_sound: the newest message with sound.
    """
    match what:
        case fault.Lose():
            return Once(lambda message: [])
        case fault.Repeat():
            return Once(lambda message: [message] * (what.times + 1))
        case fault.TruncatedJson():
            return Once(lambda message: [message.with_data(message.data[: len(message.data) // 2])])
        case fault.CutMessage():
            return Once(lambda message: [message.cut_off()])
        case fault.EmptyTurn():
            return Empty()
        case fault.PrematureTurnComplete():
            return Premature()
        case fault.UnorderedTranscripts():
            return Unordered()
        case fault.LateWords():
            return Wordless()
        case fault.SlowAudio():
            return Slow(what.delay_s)
        case fault.Burst():
            return Bursts(what.messages)
        case fault.Tone():
            return Steady(what.hz)
        case fault.LateAudio():
            return Late(what.messages, last_sound)
        case _:
            return None
