"""The conversation: machines in one fixed order, and nothing else.

`step` hands an event to every machine that listens to it, then the signals they leave, first come first served, each to
the machines in the same order. Effects come out in the order in which they were decided. The object changes in place
and is as deterministic as its
machines: same spec, settings and events, same effects.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Collection, Mapping, Sequence

from vivavoce.agents import PROSE, AgentSpec
from vivavoce.conversation.apology import Apology
from vivavoce.conversation.backchannel import Backchannel
from vivavoce.conversation.cast import Cast
from vivavoce.conversation.closing import Closing
from vivavoce.conversation.consent import Consent
from vivavoce.conversation.context import Context
from vivavoce.conversation.drain import Drain
from vivavoce.conversation.effects import Effect, End
from vivavoce.conversation.errands import Errands
from vivavoce.conversation.events import Event
from vivavoce.conversation.facts import Facts
from vivavoce.conversation.fillers import Fillers
from vivavoce.conversation.floor import Floor
from vivavoce.conversation.lifeline import Lifeline
from vivavoce.conversation.machine import Handler, Machine, Out, earliest
from vivavoce.conversation.medium import Medium
from vivavoce.conversation.patience import Patience
from vivavoce.conversation.playout import Playout
from vivavoce.conversation.presence import Presence
from vivavoce.conversation.settings import ConversationSettings
from vivavoce.conversation.signals import Signal
from vivavoce.conversation.turns import Turns
from vivavoce.conversation.watchdogs import Watchdogs

# Signals follow from each other only a few deep; a thousand in one step is two machines answering each other for ever.
MAX_SIGNALS = 1000


class Conversation:
    """One call's decisions.

    Args:
        spec: the checked agent file.
        tools: names of the tools that can be run, beside the generic ones.
        settings: the numbers it is run with.
        briefing: sentences of the prompt that the model is told when its turn begins, by reason.
    """

    def __init__(
        self,
        spec: AgentSpec,
        *,
        tools: Collection[str] = (),
        settings: ConversationSettings | None = None,
        briefing: Mapping[str, str] = PROSE.briefing,
    ) -> None:
        self.settings = settings = settings or ConversationSettings()
        first = spec.first_speaker
        self._lifeline = Lifeline(settings, first)
        self._closing = Closing(settings, spec.limits)
        # May we record, is the caller there, is there a link, then what is heard, then who has the floor, then what
        # follows from it, the end last.
        self._machines: tuple[Machine, ...] = (
            Consent(spec.consent.record),
            Medium(settings),
            Patience(settings),
            Presence(settings),
            self._lifeline,
            Errands(settings, tools),
            Playout(settings, first),
            Floor(settings),
            Backchannel(settings, spec.languages),
            Turns(settings),
            Watchdogs(),
            Facts(spec.fields()),
            Cast(settings, tuple(spec.speakers)),
            Context(settings, spec, briefing),
            Fillers(settings, first),
            Apology(),
            Drain(settings),
            self._closing,
        )
        self._handlers: dict[type, list[Handler]] = {}
        for machine in self._machines:
            for kind, handler in machine.handlers().items():
                self._handlers.setdefault(kind, []).append(handler)
        self._now = -math.inf

    @property
    def ended(self) -> bool:
        """Whether `End` has come out; from then on nothing does."""
        return self._closing.ended

    @property
    def unheard_since(self) -> int | None:
        """From where on, by the microphone's clock, the caller is to be heard again if all that was not answered is
        lost; None for nowhere.
        """
        return self._lifeline.unheard_since

    def step(self, event: Event, now: float) -> Sequence[Effect]:
        """Take one event at session time `now` (seconds, never going back) and return what to do, in order.

        Raises:
            ValueError: `now` went back, or is not a number: our own shell's mistake.
        """
        if not now >= self._now:
            raise ValueError(f"want session time from {self._now} on, got {now}")
        self._now = now
        if self.ended:
            return ()
        out = Out()
        queue: deque[Event | Signal] = deque((event,))
        delivered = 0
        while queue:
            item = queue.popleft()
            for handler in self._handlers.get(type(item), ()):
                handler(item, now, out)
            queue.extend(out.signals)
            out.signals.clear()
            delivered += 1
            assert delivered <= MAX_SIGNALS, "machines answer each other for ever"
        if self._closing.ended:
            out.effects.sort(key=lambda effect: isinstance(effect, End))  # what the same step decided comes before it
        return out.effects

    def wake_at(self) -> float | None:
        """Session time at which a `Woke` is due, None when nothing is waited for."""
        return None if self.ended else earliest(*(machine.wake_at() for machine in self._machines))
