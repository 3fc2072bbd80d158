"""What each Realtime model takes: one table, read by our client and by the local server.

Source: model and voice names, defaults and limits of the session types of the official Python SDK. What is said of a
model ages fast; a row is data and may be replaced.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase

_EARLIER_VOICES = ("alloy", "ash", "ballad", "coral", "echo", "sage", "shimmer", "verse")
VOICES = ("marin", "cedar", *_EARLIER_VOICES)
"""The two that the service recommends stand first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RealtimeModel:
    patterns: tuple[str, ...]
    """In the shell's pattern language; the first row that fits wins."""
    voices: tuple[str, ...] = VOICES
    transcriber: str = "gpt-transcribe"
    """Writes down what the caller says."""
    reasoning: bool = False
    """Takes `reasoning` and `parallel_tool_calls`."""


MODELS: tuple[RealtimeModel, ...] = (
    RealtimeModel(patterns=("gpt-realtime-2*",), reasoning=True),
    RealtimeModel(patterns=("gpt-realtime*", "gpt-audio*")),
    RealtimeModel(
        patterns=("gpt-4o-realtime-preview*", "gpt-4o-mini-realtime-preview*"),
        voices=_EARLIER_VOICES,
        transcriber="gpt-4o-mini-transcribe",
    ),
)
DEFAULT_MODEL = "gpt-realtime-2.1"
UNKNOWN = RealtimeModel(patterns=())
"""What a service behind another base URL is taken for."""


def find(model: str) -> RealtimeModel | None:
    """The row of a model; None for one that is no Realtime model."""
    return next((row for row in MODELS if any(fnmatchcase(model, pattern) for pattern in row.patterns)), None)
