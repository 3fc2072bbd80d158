"""What of a session the service refuses, and what of it nothing here can do."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import UNSET

from vivavoce.wire.openai.refusals import invalid, missing, refused
from vivavoce.wire.openai.session import PCM_HZ, AudioConfig, AudioFormat, AudioInput, AudioOutput, Session, Tool

SLOWEST, FASTEST = 0.25, 1.5
MOST_OUTPUT_TOKENS = 4096


def check(session: Session, *, voices: Sequence[str] | None) -> None:
    """
    Args:
        voices: names that are taken; None takes any.

    Raises:
        EventRefused: what does not hold, and where.
    """
    if session.output_modalities not in (["audio"], ["text"]):
        raise invalid("session.output_modalities", session.output_modalities, "['text'] and ['audio']")
    most = session.max_output_tokens
    if isinstance(most, int) and not 1 <= most <= MOST_OUTPUT_TOKENS:
        raise invalid("session.max_output_tokens", most, f"1 to {MOST_OUTPUT_TOKENS}, or 'inf'")
    for index, tool in enumerate(session.tools or []):
        _check_tool(tool, f"session.tools[{index}]")
    if isinstance(session.audio, AudioConfig):
        _check_input(session.audio.input or AudioInput())
        _check_output(session.audio.output or AudioOutput(), voices)


def _check_tool(tool: Tool, place: str) -> None:
    if tool.type == "mcp":
        raise refused(f"{place}.type", "This server reaches no MCP servers; want 'function'.")
    if not tool.name:
        raise missing(f"{place}.name")


def _check_input(heard: AudioInput) -> None:
    place = "session.audio.input"
    _check_format(heard.format or AudioFormat(), f"{place}.format")
    for name in ("silence_duration_ms", "prefix_padding_ms"):
        length = getattr(heard.turn_detection or None, name, UNSET)
        if length is not UNSET and length < 0:
            raise invalid(f"{place}.turn_detection.{name}", length, "0 and above")


def _check_output(said: AudioOutput, voices: Sequence[str] | None) -> None:
    place = "session.audio.output"
    _check_format(said.format or AudioFormat(), f"{place}.format")
    if isinstance(said.voice, str) and voices is not None and said.voice not in voices:
        raise invalid(f"{place}.voice", said.voice, ", ".join(f"'{name}'" for name in voices))
    if isinstance(said.speed, float | int) and not SLOWEST <= said.speed <= FASTEST:
        raise invalid(f"{place}.speed", said.speed, f"{SLOWEST} to {FASTEST}")


def _check_format(sound: AudioFormat, place: str) -> None:
    if (sound.type or "audio/pcm") == "audio/pcm" and sound.rate not in (UNSET, PCM_HZ):
        raise invalid(f"{place}.rate", sound.rate, str(PCM_HZ))
