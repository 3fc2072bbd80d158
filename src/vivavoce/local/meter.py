"""Token counts as the service reports them: per turn, with the whole context billed again in every prompt.

Source: reference gemini-live 6: 25 tokens per second of audio either way (silence counts), 64 or 256 per video frame, a
quarter token per character. What a text prompt costs apart from its characters is hidden by the service and left out.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec

AUDIO_TOKENS_PER_SECOND = 25
CHARS_PER_TOKEN = 4
MOST_STRETCHES = 1_000
"""Stretches kept apart; beyond that the two oldest become one. Compression then cuts a little coarser."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens by modality."""

    text: int = 0
    audio: int = 0
    video: int = 0

    @property
    def total(self) -> int:
        return self.text + self.audio + self.video


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What one turn cost."""

    prompt: Tokens = field(default_factory=Tokens)
    """The whole context as it was when the turn began, tool results of this turn excepted."""
    reply: Tokens = field(default_factory=Tokens)
    """What the turn said."""
    tool_results: int = 0
    """Text tokens of the tool results that came for this turn."""
    thoughts: int = 0

    @property
    def total(self) -> int:
        return self.prompt.total + self.reply.total + self.tool_results + self.thoughts


class Stretch(msgspec.Struct):
    """A piece of the context, from the end of one turn to the end of the next."""

    chars: int = 0
    audio_ms: float = 0.0
    video_tokens: int = 0

    def tokens(self) -> Tokens:
        return Tokens(_text_tokens(self.chars), _audio_tokens(self.audio_ms), self.video_tokens)

    def take(self, other: Stretch) -> None:
        """Become one with another."""
        self.chars += other.chars
        self.audio_ms += other.audio_ms
        self.video_tokens += other.video_tokens


class Meter(msgspec.Struct):
    """Context of one session; kept with the handle, so that a resumed session bills on."""

    prompt_chars: int = 0
    """Instruction and tools: always in the prompt, never forgotten."""
    past: list[Stretch] = []
    now: Stretch = msgspec.field(default_factory=Stretch)
    result_chars: int = 0
    """Tool results since the last turn."""
    thought_chars: int = 0
    """Thoughts of this turn: billed once, not remembered."""

    def add_text(self, text: str) -> None:
        """Words that came in."""
        self.now.chars += len(text)

    def add_audio(self, milliseconds: float) -> None:
        """Sound that came in."""
        self.now.audio_ms += milliseconds

    def add_video(self, tokens: int) -> None:
        """A frame that came in."""
        self.now.video_tokens += tokens

    def add_result(self, text: str) -> None:
        """A tool's result."""
        self.result_chars += len(text)

    def add_thought(self, text: str) -> None:
        """A thought of the running turn."""
        self.thought_chars += len(text)

    @property
    def context(self) -> Tokens:
        """Everything in the window now, tool results of the running turn excepted."""
        whole = Stretch(chars=self.prompt_chars)
        for stretch in (*self.past, self.now):
            whole.take(stretch)
        return whole.tokens()

    def turn(
        self, *, spoken_ms: float = 0.0, text: str = "", trigger: int | None = None, target: int | None = None
    ) -> Usage:
        """Usage of a turn that has just ended; what it said becomes context.

        Args:
            spoken_ms: audio sent in this turn.
            text: words sent instead of audio.
            trigger: prompt tokens above which the sliding window drops the oldest turns; None never does.
            target: tokens left after that at most, half of the trigger when not given. What was said last stays.
        """
        if trigger is not None and self.context.total > trigger:
            self._forget(trigger // 2 if target is None else target)
        said = Stretch(chars=len(text), audio_ms=spoken_ms)
        usage = Usage(
            prompt=self.context,
            reply=said.tokens(),
            tool_results=_text_tokens(self.result_chars),
            thoughts=_text_tokens(self.thought_chars),
        )
        said.chars += self.result_chars
        self.result_chars = self.thought_chars = 0
        self.now.take(said)
        self.past.append(self.now)
        self.now = Stretch()
        if len(self.past) > MOST_STRETCHES:
            self.past[1].take(self.past.pop(0))
        return usage

    def _forget(self, target: int) -> None:
        """Drop whole stretches from the oldest on: a window begins with the caller's part of a turn."""
        total, gone = self.context.total, 0
        while gone < len(self.past) and total > target:
            total -= self.past[gone].tokens().total
            gone += 1
        del self.past[:gone]


def _text_tokens(chars: int) -> int:
    return chars // CHARS_PER_TOKEN


def _audio_tokens(milliseconds: float) -> int:
    return round(milliseconds * AUDIO_TOKENS_PER_SECOND / 1000)
