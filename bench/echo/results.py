"""Scores as figures, kept as JSON, and the table of the docs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import numpy as np

from bench import results
from bench.echo.score import Score

Figures = dict[str, float]


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One setting: the same conversations for all its gates."""

    about: results.Results
    """On what and when; without benches but for the load."""
    title: str
    conversations: int
    minutes: float
    turns: int
    interruptions: int
    coughs: int
    seed: int
    seconds: float
    """How long it took to run."""
    gates: dict[str, Figures]


class Results(msgspec.Struct, frozen=True, kw_only=True):
    """One run, or several together."""

    parts: list[Part]


def part(about: results.Results, title: str, scores: dict[str, Score], *, seed: int, seconds: float) -> Part:
    first = next(iter(scores.values()))
    return Part(
        about=about,
        title=title,
        conversations=first.conversations,
        minutes=round(first.seconds / 60, 1),
        turns=first.counts["turns"],
        interruptions=first.counts["interruptions"],
        coughs=first.counts["coughs"],
        seed=seed,
        seconds=round(seconds, 1),
        gates={name: figures(score) for name, score in scores.items()},
    )


def figures(score: Score) -> Figures:
    """What is told of a gate; counts are per 100 conversations, shares in percent."""
    counts, each = score.counts, 100 / max(1, score.conversations)

    def share(part: str, whole: str) -> float:
        return round(100 * counts[part] / max(1, counts[whole]), 2)

    def per_100(name: str) -> float:
        return round(counts[name] * each, 1)

    delays, clipped = np.array(score.delays_ms or [0.0]), np.array(score.clipped_ms or [0.0])
    return {
        "caught": share("interruptions caught", "interruptions"),
        "delay p50": round(float(np.percentile(delays, 50)), 0),
        "delay p90": round(float(np.percentile(delays, 90)), 0),
        "cut": share("interruptions that cut", "interruptions that go on"),
        "phantoms": per_100("phantoms"),
        "phantoms first": per_100("phantoms in the first turn"),
        "ghosts": per_100("ghosts"),
        "holds for nothing": per_100("holds for nothing"),
        "coughs heard": share("coughs heard", "coughs"),
        "coughs that cut": share("coughs that cut", "coughs"),
        "echo passed": per_100("echo frames passed"),
        "echo passed share": share("echo frames passed", "echo frames"),
        "noise passed": share("noise frames passed", "noise frames"),
        "answer lost": share("answer frames lost", "answer frames"),
        "interruption lost": share("interruption frames lost", "interruption frames"),
        "noticed": share("answers noticed", "answers"),
        "clipped": round(float(clipped.mean()), 0),
        "clipped much": round(100 * float((clipped > 100).mean()), 1),
        "us": round(score.took_us / max(1, counts["frames"]), 0),
        "client us": round(score.client_us / max(1, counts["frames"]), 0),
    }


def _percent(value: float) -> str:
    return f"{value:.1f}" if 0 < value < 10 or 90 < value < 100 else f"{value:.0f}"


COLUMNS: tuple[tuple[str, Callable[[Figures], str]], ...] = (
    ("interruptions caught %", lambda f: _percent(f["caught"])),
    ("after ms, p50/p90", lambda f: f"{f['delay p50']:.0f}/{f['delay p90']:.0f}" if f["caught"] else "–"),
    ("of those that go on, cut %", lambda f: _percent(f["cut"]) if f["caught"] else "–"),
    ("phantoms (first turn)", lambda f: f"{f['phantoms']:.0f} ({f['phantoms first']:.0f})"),
    ("ghosts", lambda f: f"{f['ghosts']:.0f}"),
    ("coughs: hold, cut %", lambda f: f"{f['coughs heard']:.0f}, {f['coughs that cut']:.0f}"),
    ("echo frames passed (%)", lambda f: f"{f['echo passed']:.0f} ({_percent(f['echo passed share'])})"),
    ("noise frames passed %", lambda f: _percent(f["noise passed"])),
    (
        "frames lost %: answers, interruptions",
        lambda f: f"{_percent(f['answer lost'])}, {_percent(f['interruption lost'])}",
    ),
    ("answers noticed %", lambda f: _percent(f["noticed"])),
    ("first word clipped: ms, over 100 ms", lambda f: f"{f['clipped']:.0f}, {f['clipped much']:.0f} %"),
    ("µs a frame (client)", lambda f: f"{f['us']:.0f}" + (f" ({own:.0f})" if (own := f.get("client us")) else "")),
)


def table(found: Results) -> str:
    """Markdown: a table for each setting, under what it was measured on."""
    lines: list[str] = []
    for each in found.parts:
        lines += [
            *([""] if lines else []),
            f"**{each.title}**: {each.conversations} conversations, {each.minutes:.0f} minutes, {each.turns} turns, "
            f"{each.interruptions} interruptions, {each.coughs} coughs; seed {each.seed}.",
            "",
            results.about(each.about),
            "",
            "| gate | " + " | ".join(name for name, _ in COLUMNS) + " |",
            "| --- |" + " --- |" * len(COLUMNS),
        ]
        lines += [
            f"| {gate} | " + " | ".join(cell(shown) for _, cell in COLUMNS) + " |" for gate, shown in each.gates.items()
        ]
    return "\n".join(lines)


def write(found: Results, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=1) + b"\n")


def read(path: Path) -> Results:
    """
    Raises:
        OSError: the file cannot be read.
        msgspec.DecodeError: it holds no results.
    """
    return msgspec.json.decode(path.read_bytes(), type=Results)


def together(paths: Sequence[Path]) -> Results:
    """Parts of several runs as of one.

    Raises:
        OSError: a file cannot be read.
        msgspec.DecodeError: one holds no results.
    """
    return Results(parts=[part for path in paths for part in read(path).parts])
