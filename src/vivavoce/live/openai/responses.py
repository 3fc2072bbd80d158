"""When a response is to be asked for.

The service makes one response at a time and refuses a second. It answers speech by itself; typed words and the outputs
of calls it answers only when asked. So what is to be answered waits for the running response to end, and for all calls
that were made together. A response that only made calls, or made one that the model waits for, is not the end of a
turn: the next one is. A response that was cut always is one.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from vivavoce.errors import WireError
from vivavoce.wire.openai.client import CancelResponse, CreateResponse
from vivavoce.wire.openai.codec import encode

ASK_ID = "ask"
"""Event id of our asking, so that an error can be told to be about it."""
MOST_CALLS = 256
"""Calls nobody has answered. A talk has a handful."""

_ASK = encode(CreateResponse(event_id=ASK_ID))
_CANCEL = encode(CancelResponse())


@dataclass(slots=True)
class _Batch:
    """The calls of one response."""

    waiting: set[str] = field(default_factory=set)
    called: bool = False
    spoke: bool = False
    holds: bool = False
    """One of the calls is waited for by the model."""
    over: bool = False
    goes_on: bool = False
    """The turn is not over without another response."""
    tell: bool = False
    """An output is to be spoken of."""


class Responses:
    def __init__(self) -> None:
        self._batch = _Batch()
        self._of: dict[str, _Batch] = {}
        self._wanted = False
        self._running = False
        self._unwanted = False  # the response asked for, before it began
        self.active = False
        """Whether a response runs, or was asked for."""
        self.muted = False
        """Whether nothing of the running response is wanted any more."""
        self.hearing = False
        """Whether the caller is speaking: the service will answer that by itself."""

    @property
    def sounds(self) -> bool:
        """Whether the running response has been heard of."""
        return self.active and self._batch.spoke and not self.muted

    def ask(self) -> list[bytes]:
        """Ask for a response, now or when the running one is over."""
        if self.active:
            self._wanted = True
            return []
        self.active, self._wanted = True, False
        return [_ASK]

    def cancel(self) -> list[bytes]:
        """Stop the running response, if any. Its end is told all the same."""
        if not self.active or self.muted or self._unwanted:
            return []
        self.muted, self._unwanted = self._running, not self._running
        return [_CANCEL]

    def interrupted(self) -> None:
        """The caller speaks: the service stops the running response by itself."""
        self.hearing = True
        self.muted = self._running

    def refused(self) -> None:
        """Our asking was not taken."""
        self.active = self._unwanted = False

    def begun(self) -> None:
        self._batch = _Batch()
        self.active = self._running = True
        self.muted, self._unwanted = self._unwanted, False

    def spoke(self) -> None:
        self._batch.spoke = True

    def called(self, call: str, *, holds: bool) -> None:
        """The running response makes a call; `holds`: the model waits for its output."""
        if len(self._of) >= MOST_CALLS:
            raise WireError(f"want at most {MOST_CALLS} calls without an output, got one more")
        self._batch.waiting.add(call)
        self._batch.called = True
        self._batch.holds |= holds
        self._of[call] = self._batch

    def answered(self, call: str, *, silent: bool) -> list[bytes]:
        """A call's output has been sent; `silent`: the model need not speak of it."""
        batch = self._of.pop(call, None)
        if batch is None:
            return []
        batch.waiting.discard(call)
        batch.tell |= not silent
        return self._go_on(batch)

    def done(self, *, completed: bool) -> tuple[bool, list[bytes]]:
        """The running response is over. Whether the turn is over with it, and what is to be sent."""
        batch, cut = self._batch, self.muted
        batch.over = True
        batch.goes_on = completed and batch.called and (batch.holds or not batch.spoke)
        self.active = self._running = self.muted = False
        messages = self._go_on(batch)
        if self._wanted:
            messages += self.ask()
        # whoever had a response cut waits for its end before the next one is listened to
        return cut or not (batch.goes_on or self.active), messages

    def _go_on(self, batch: _Batch) -> list[bytes]:
        finished = batch.over and not batch.waiting and batch.called
        if not finished or self.hearing or not (batch.goes_on or batch.tell):
            return []
        return self.ask()
