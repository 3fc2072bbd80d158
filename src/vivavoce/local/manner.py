"""How one talk is held: what its client asked for, and what the model it asked for does.

Protocol-free: each protocol's session makes one of its own setup, and another when the client changes it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from vivavoce.local.microphone import LEAD_MS
from vivavoce.wire.gemini.messages import FunctionDeclaration

CHUNK_BYTES = 4800
"""100 ms of sound at 24 kHz in a message: the service's lie between 40 and 240 ms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """One talk's settings."""

    model: str = ""
    """As the client named it: a handle is good for the same model only."""
    instruction: str = field(default="", repr=False)
    tools: tuple[FunctionDeclaration, ...] = ()
    prompt_chars: int = 0
    """Characters of instruction and tools: what is in every prompt."""
    # what is heard
    manual: bool = False
    """The client marks speech itself."""
    interrupts: bool = True
    """Speech, and whatever else may cut, cuts the running reply; otherwise everything waits for it."""
    answers_speech: bool = True
    """What the caller said is answered by itself; otherwise when the client says so, by `Talk.go`."""
    whole_input: bool = False
    """With `manual`: sound outside the marks belongs to the next utterance instead of being thrown away."""
    silence_ms: int = 800
    prefix_ms: int = 96
    """Speech without a gap before a start is believed."""
    lead_ms: int = LEAD_MS
    """Sound from before that speech that belongs to the utterance."""
    sensitivity: str = "high"
    """ "high" or "low", how readily a start of speech is believed."""
    # what is said
    spoken: bool = True
    """Answers are sound; otherwise text."""
    voice: str = ""
    chunk_bytes: tuple[int, int] = (CHUNK_BYTES, CHUNK_BYTES)
    """The first piece of a turn's sound and the others; a turn's last one is shorter."""
    words_first: bool = False
    """All words of what is said in one go precede its sound."""
    # tools
    ends_at_answer: bool = False
    """A turn whose call was waited for ends with the answer; what follows is another turn."""
    blocking: bool = True
    """A call can hold the reply at all."""
    blocking_by_default: bool = True
    """A call holds the reply when its declaration does not say."""
    call_id: Callable[[int], str] = "function-call-{:019d}".format
    answers_cut: bool = False
    """An answer that names no scheduling cuts the running reply."""
    interrupt_waits_for_caller: bool = False
    """An answer that interrupts waits while the caller speaks, instead of talking over."""
    # how long it lasts
    handles: bool = False
    """Handles to resume with are given out."""
    handle_in_turn: bool = False
    """The state can be resumed within a turn, as long as no tool runs."""
    trigger: int | None = None
    """Prompt tokens above which the oldest turns are forgotten; None never does."""
    target: int | None = None
    """Tokens left after that."""

    @property
    def listening(self) -> tuple[object, ...]:
        """What a change of makes the ear begin anew."""
        return self.manual, self.whole_input, self.silence_ms, self.prefix_ms, self.lead_ms, self.sensitivity
