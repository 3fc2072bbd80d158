"""The steps of one call: what happened is decided on, written down, carried out and shown to who watches, in this order
and one after the other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from vivavoce.conversation import Conversation
from vivavoce.conversation import effects as fx
from vivavoce.conversation import events as ev
from vivavoce.conversation.ledger import Ledger
from vivavoce.conversation.log import encode_effects, encode_event
from vivavoce.gateway.observer import Observer


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
    def handle(self, number: int, secret: str, at: int) -> None: ...
    def returns(self, hashes: tuple[str, ...]) -> None: ...
    def record(self, on: bool, *, erase: bool) -> None: ...
    def caller_audio(self, position: int, pcm: bytes) -> None: ...
    def agent_audio(self, position: int, pcm: bytes) -> None: ...

    async def written(self) -> None:
        """Wait until what was handed in so far would outlive this process, or cannot be written now. Waits shortly."""
        ...

    async def pass_on(self) -> None:
        """Bring all of it to where another server finds it, and let go of the call."""
        ...

    async def lost(self) -> bool:
        """Whether the call goes on at another server, which has taken it; False also where that cannot be known."""
        ...


class Steps:
    """
    Args:
        conversation: fresh, or as its log has left it.
        now: the session's time.
        carry_out: does one effect.
        ledger, seq: what was counted, and the number of the next step, where the call was another server's.
    """

    def __init__(
        self,
        conversation: Conversation,
        *,
        now: Callable[[], float],
        journal: Journal,
        carry_out: Callable[[fx.Effect], None],
        observers: Sequence[Observer],
        ledger: Ledger,
        seq: int,
    ) -> None:
        self._conversation = conversation
        self._now = now
        self._journal = journal
        self._carry_out = carry_out
        self.observers = observers
        self._ledger = ledger
        self.seq = seq
        """Number of the step that is being taken, or comes next."""

    @property
    def over(self) -> bool:
        """Whether the conversation has ended."""
        return self._conversation.ended

    @property
    def tokens(self) -> dict[str, int]:
        return self._ledger.as_dict()

    def take(self, event: ev.Event) -> None:
        now = self._now()
        self._ledger.observe(event)
        effects = self._conversation.step(event, now)
        self._journal.event(self.seq, now, encode_event(event), encode_effects(effects))
        for effect in effects:
            self._carry_out(effect)
        for observer in self.observers:
            observer.stepped(event, effects, now)
        self.seq += 1

    def ended(self, reason: str, counts: Mapping[str, float]) -> None:
        """The last that who watches is told."""
        for observer in self.observers:
            observer.ended(reason, counts)
