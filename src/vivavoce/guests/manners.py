"""When a guest speaks: pure, the time is an argument.

A guest hears a turn out before answering, thinks for a moment, and keeps the answer to themselves when the agent goes
on after all. They interrupt where their file says so, and say "hello?" into a long silence. What they answer is decided
by `Mind`.
"""

from __future__ import annotations

from dataclasses import dataclass

from vivavoce.guests.guest import Interrupt
from vivavoce.guests.mind import Answer, Mind, holds, words_of

NUDGE_S = 8.0
"""Silence after which a guest says "hello?". Above the 2.5 s of thinking time that an interview grants, plus
recognition, plus a slow first word of a live model (2 to 4 s)."""

SETTLE_S = 0.3
"""Calm before a turn counts as heard out: a second reply of the same breath (a hand-over) begins within this."""

LATE_CAPTION_S = 1.5
"""How long to wait for the final caption of what has been heard; without one the last partial caption counts."""

FLOOR_TRUST_S = 3.0
"""How long the guest waits for an agent that holds the floor in silence."""

LEAVE_S = 4.0
"""After the goodbyes, how long the agent has to end the call before the guest hangs up."""


@dataclass(frozen=True)
class Ear:
    """What a guest hears at one moment."""

    audible: bool
    """Sound comes out of the loudspeaker."""
    busy: bool
    """A reply is being played, held or awaited."""
    heard_s: float = 0.0
    """Seconds heard of the current reply."""
    talking: bool = False
    """The guest speaks, or is about to and cannot take it back."""


@dataclass
class _Turn:
    text: str
    final: bool


class Manners:
    """Fed with captions as they come and with what is heard once per frame; says when to begin to say what."""

    def __init__(self, mind: Mind, *, now: float, nudge_s: float = NUDGE_S) -> None:
        self.leaving_at: float | None = None
        """When the guest hangs up, once goodbyes were said."""
        self._mind = mind
        self._nudge_s = nudge_s
        self._turns: dict[int, _Turn] = {}
        self._answered = -1  # the last turn of the agent that needs no answer any more
        self._before_interrupt = -1
        self._considered = ""
        self._plan: tuple[Answer, float] | None = None
        self._quiet_since = now
        self._news_at = now
        self._agents_floor = False
        self._interrupts: list[Interrupt] = list(mind.guest.interrupts)

    def caption(self, turn: int, text: str, final: bool, now: float) -> None:
        """Words of the agent; those of a turn that was answered already only change what is on the screen."""
        if turn <= self._answered:
            return
        known = self._turns.get(turn)
        if known is None or known.text != text:
            self._news_at = now
        self._turns[turn] = _Turn(text, final or (known is not None and known.final))

    def floor(self, turn: str) -> None:
        self._agents_floor = turn in ("agent", "waiting", "held")

    def resumed(self) -> None:
        """The agent took an interruption for a cough and goes on: what it asks still wants an answer."""
        self._answered = min(self._answered, self._before_interrupt)

    def step(self, now: float, ear: Ear) -> Answer | None:
        """What to begin to say now, if anything."""
        if ear.talking:
            self._quiet_since = now
            if self.leaving_at is not None:
                self.leaving_at = now + LEAVE_S
            return None
        if self.leaving_at is not None:
            return None
        if ear.audible or ear.busy:
            if ear.audible:
                self._quiet_since = now
            self._wait()
            interrupt = self._interruption(ear) if ear.audible else None
            if interrupt is not None:
                self._before_interrupt = self._answered
                self._spoken()
                return self._say(Answer(interrupt.say, 0.0, "interrupt"), now)
            if ear.busy and now - self._quiet_since < self._nudge_s:
                return None
        if self._plan is None:
            self._consider(now)
        elif self._text() != self._considered:
            self._wait()
        if self._plan is not None and now >= self._plan[1]:
            answer = self._plan[0]
            self._spoken()
            return self._say(answer, now)
        if self._plan is None and now - self._quiet_since >= self._nudge_s:
            return self._say(self._mind.on_silence(), now)
        return None

    def _say(self, answer: Answer, now: float) -> Answer:
        self._quiet_since = now
        if answer.ends:
            self.leaving_at = now + LEAVE_S
        return answer

    def _consider(self, now: float) -> None:
        text = self._text()
        quiet_s = now - max(self._quiet_since, self._news_at)
        if not text or text == self._considered or quiet_s < SETTLE_S:
            return
        if not all(turn.final for turn in self._turns.values()) and quiet_s < LATE_CAPTION_S:
            return
        if self._agents_floor and quiet_s < FLOOR_TRUST_S:
            return
        self._considered = text
        answer = self._mind.on_agent_turn(text)
        if answer is not None:
            self._plan = (answer, now + max(0.0, answer.after_s - SETTLE_S))

    def _wait(self) -> None:
        if self._plan is not None:
            self._mind.take_back()
            self._plan = None
            self._considered = ""

    def _interruption(self, ear: Ear) -> Interrupt | None:
        newest = words_of(self._turns[max(self._turns)].text) if self._turns else ()
        for interrupt in self._interrupts:
            if ear.heard_s >= interrupt.after_s and holds(newest, interrupt.when):
                self._interrupts.remove(interrupt)
                return interrupt
        return None

    def _text(self) -> str:
        return " ".join(self._turns[turn].text for turn in sorted(self._turns)).strip()

    def _spoken(self) -> None:
        self._answered = max(self._turns, default=self._answered)
        self._turns.clear()
        self._plan = None
        self._considered = ""
