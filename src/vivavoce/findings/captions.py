"""A transcript for people: as plain text, and as captions beside the recording."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from vivavoce.findings.record import CALLER, TurnRecord

SHORTEST_MS = 500
"""A caption stays at least this long: a turn that was typed takes no time at all. Not tuned."""


def plain_text(turns: Iterable[TurnRecord], names: Mapping[str, str]) -> str:
    """One turn a line, `[MM:SS] Name: words`.

    Args:
        names: of the speakers, by id.
    """
    return "".join(
        f"[{_minutes(turn.start_ms)}] {_name(turn, names)}: {' '.join(turn.text.split())}\n"
        for turn in turns
        if turn.text.strip()
    )


def web_vtt(turns: Iterable[TurnRecord], names: Mapping[str, str]) -> str:
    """Captions of the recording (WebVTT, W3C), on its clock.

    Args:
        names: of the speakers, by id.
    """
    cues = ["WEBVTT\n"]
    for turn in turns:
        if words := " ".join(turn.text.split()):
            end_ms = max(turn.end_ms, turn.start_ms + SHORTEST_MS)
            name = _escaped(_name(turn, names)).replace("\n", " ")
            cues.append(f"{_clock(turn.start_ms)} --> {_clock(end_ms)}\n<v {name}>{_escaped(words)}\n")
    return "\n".join(cues)


def _name(turn: TurnRecord, names: Mapping[str, str]) -> str:
    return "Caller" if turn.who == CALLER else names.get(turn.who) or turn.who


def _minutes(ms: int) -> str:
    return f"{ms // 60_000:02}:{ms // 1000 % 60:02}"


def _clock(ms: int) -> str:
    return f"{ms // 3_600_000:02}:{ms // 60_000 % 60:02}:{ms // 1000 % 60:02}.{ms % 1000:03}"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
