"""What is known and wanted of the model at the other end, besides what each connection is opened with."""

from __future__ import annotations

from dataclasses import dataclass

from vivavoce.errors import SettingsError
from vivavoce.wire.gemini.messages import ThinkingConfig
from vivavoce.wire.gemini.models import STUDIO, Model, Platform, find

NEWEST = "gemini-3.8-live"


def row_of(model: str) -> tuple[Model, bool]:
    """The row of a model, and whether the table knows it; a name it does not know is taken for the newest kind."""
    row, newest = find(model), find(NEWEST)
    assert newest is not None, "the newest model has a row"
    return row or newest, row is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    row: Model
    platform: Platform = STUDIO
    version: str = "v1beta"
    any_voice: bool = False
    """Voices may be described in words; the embedded model takes that."""
    thinking: ThinkingConfig | None = None
    proactive: bool | None = None
    affective: bool | None = None
    hold_audio: bool | None = None
    """Whether the caller's sound is held back while a tool is waited for; None for the model's own need."""

    @property
    def holds_audio(self) -> bool:
        return not self.row.audio_while_blocked if self.hold_audio is None else self.hold_audio

    def schedules(self, scheduling: str) -> bool:
        """Whether the model takes this scheduling of an answer."""
        return self.platform.scheduling and scheduling in self.row.scheduling


def read_thinking(text: str) -> ThinkingConfig | None:
    """A level (`low`) or a budget in tokens (`0` is off, `-1` dynamic); None for the model's own.

    Raises:
        SettingsError: it is neither.
    """
    if not text:
        return None
    if text.removeprefix("-").isdecimal():
        return ThinkingConfig(thinking_budget=int(text))
    if not text.isalpha():
        raise SettingsError(f"want a level of thinking or a budget in tokens, got {text!r}")
    return ThinkingConfig(thinking_level=text.upper())
