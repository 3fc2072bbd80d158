"""The timeline as a page of HTML: lanes to look along, a table that says where the time went, the transcript beside.

It needs nothing from anywhere: style and script are inline, named in the content security policy by a nonce that the
server's headers gave, or by their hashes where the page is a file. It can be read without script, which only adds zoom,
the readout under the pointer and the player.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import msgspec
from jinja2 import Environment
from markupsafe import Markup

from vivavoce.agents import load
from vivavoce.audio.gates import DetectorGate, DuplexGate, TwoTierGate
from vivavoce.audio.levels import dbfs
from vivavoce.audio.timeline import Track
from vivavoce.conversation.log import Entry
from vivavoce.errors import StoreError
from vivavoce.findings import wording
from vivavoce.findings.callers_machine import FAULT_WORDS, HEARD, Measure
from vivavoce.findings.levels import FRAME_S, levels
from vivavoce.findings.report import digest, environment, part
from vivavoce.findings.timeline import AFTER_WORDS, FINEST, STAGE_WORDS, Timeline, build
from vivavoce.store.calls import CallLine
from vivavoce.store.rows import StoredCall, StoredEvent, StoredTurn

HEIGHT = 60
"""Units of a level lane: decibels above the quietest that is drawn."""
QUIETEST_DBFS = -60.0
TICKS_S = (0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600)


class Echo(msgspec.Struct, frozen=True):
    """Path data of what the caller's machine measured, in thousandths of the call."""

    mic: str
    far: str
    return_loss_db: float | None
    """The last that was estimated."""
    noise_dbfs: float | None


class Levels(msgspec.Struct, frozen=True):
    """Path data of both sides, in columns of equal width."""

    columns: int
    caller: str
    bar: str
    """What the caller's level had to reach at least to be let through."""
    agents: tuple[tuple[int, str], ...]
    """Colour of a speaker and the path of what was heard of them."""


def draw(
    call: StoredCall,
    events: Iterable[StoredEvent],
    turns: Sequence[StoredTurn],
    recordings: Path | str,
    *,
    audio: str | None,
    nonce: str | None = None,
    back: str = "",
) -> str:
    """The page of a stored call. Blocks: a call of half an hour takes a second.

    Args:
        recordings: the folder in which its recording lies, if there is one.
        audio, nonce, back: as `render_timeline`.
    Raises:
        InputError: its agent file does not hold.
    """
    entries = (Entry(row.seq, row.at_s, row.event, row.effects) for row in events)
    timeline = build(call, load(call.agent_source).spec, entries, turns)
    sound: dict[Track, list[float]] | None = None
    if audio is not None:
        seconds = timeline.seconds - timeline.offset_s
        with suppress(StoreError):  # what lies there cannot be read; all else can
            sound = levels(recordings, call.id, max(1, min(FINEST, int(seconds / FRAME_S))), seconds)
    return render_timeline(timeline, audio=audio, sound=sound, nonce=nonce, back=back)


def render_timeline(
    timeline: Timeline,
    *,
    audio: str | None,
    sound: Mapping[Track, Sequence[float]] | None = None,
    nonce: str | None = None,
    back: str = "",
) -> str:
    """A whole HTML document.

    Args:
        audio: address of the recording, None when there is none.
        sound: RMS 0..1 of both sides in equal columns over the recording from `offset_s` to the end.
        nonce: of the policy in the answer's headers; None writes a policy of hashes into the page.
        back: address of the list of calls, "" for none.
    """
    style, script = part("palette.css") + part("timeline.css"), part("timeline.js")
    return (
        _environment()
        .get_template("timeline.html.j2")
        .render(
            t=timeline,
            levels=_levels(timeline, sound) if sound else None,
            echo=_echo(timeline.measures, timeline.seconds),
            fault_words=FAULT_WORDS,
            heard=HEARD,
            ticks=_ticks(timeline.seconds),
            x=_percent(timeline.seconds),
            audio=audio,
            back=back,
            started=datetime.fromtimestamp(timeline.started_at, UTC).isoformat(timespec="seconds"),
            stage_words=STAGE_WORDS,
            after_words=AFTER_WORDS,
            longest=max((row.total_s for row in timeline.rows), default=0.0),
            **_policy(style, script, nonce),
        )
    )


def render_calls(calls: Sequence[CallLine], *, nonce: str | None, more: str = "") -> str:
    """A list of calls, newest first.

    Args:
        more: address of the next page, "" when this is the last.
    """
    style = part("palette.css") + part("timeline.css")
    rows = [
        {
            "call": call,
            "started": datetime.fromtimestamp(call.started_at, UTC).isoformat(timespec="seconds"),
            "ms": 1000 * (call.ended_at - call.started_at) if call.ended_at is not None else None,
        }
        for call in calls
    ]
    return _environment().get_template("calls.html.j2").render(rows=rows, more=more, **_policy(style, "", nonce))


def _policy(style: str, script: str, nonce: str | None) -> dict[str, object]:
    policy = (
        "default-src 'none'; base-uri 'none'; form-action 'none'; media-src 'self' file:; "
        f"style-src 'sha256-{digest(style)}'; script-src 'sha256-{digest(script)}'"
    )
    # both are packaged files, not input
    return {
        "style": Markup(style),  # noqa: S704
        "script": Markup(script),  # noqa: S704
        "nonce": nonce or "",
        "policy": "" if nonce else policy,
    }


def _environment() -> Environment:
    made = environment().overlay()
    made.filters |= {"t": _clock, "secs": lambda seconds: f"{seconds:.2f}", "wall": wording.day}
    return made


def _clock(seconds: float) -> str:
    """71.4 -> "1:11.4"."""
    minutes, rest = divmod(round(max(0.0, seconds) * 10), 600)
    hours, minutes = divmod(minutes, 60)
    tail = f"{rest // 10:02}.{rest % 10}"
    return f"{hours}:{minutes:02}:{tail}" if hours else f"{minutes}:{tail}"


def _percent(whole: float) -> Callable[[float], str]:
    """A place on the axis as CSS and SVG take it, to a hundredth of a pixel on any screen."""

    def percent(seconds: float) -> str:
        return f"{100 * min(1.0, max(0.0, seconds / whole)):.3f}".rstrip("0").rstrip(".") + "%"

    return percent


def _ticks(seconds: float) -> list[float]:
    """Round times, at most a dozen."""
    step = next((tick for tick in TICKS_S if seconds / tick <= 12), 1800)
    return [number * step for number in range(int(seconds / step) + 1)]


def _levels(timeline: Timeline, sound: Mapping[Track, Sequence[float]]) -> Levels:
    columns = max((len(column) for column in sound.values()), default=0)
    heard_s = timeline.seconds - timeline.offset_s

    def column(at_s: float) -> int:
        return min(columns, max(0, round((at_s - timeline.offset_s) / heard_s * columns))) if heard_s > 0 else 0

    agents: dict[int, list[tuple[int, int]]] = {}
    for reply in timeline.replies:
        if reply.heard_s is not None and reply.heard_until_s is not None and reply.speaker in timeline.people:
            places = (column(reply.heard_s), column(reply.heard_until_s) + 1)
            agents.setdefault(timeline.people[reply.speaker].colour, []).append(places)
    strict, open_ = _bars(timeline.engines.get("gate", ""))
    turns = [*timeline.audible, (timeline.seconds, False)]
    bar = "".join(
        f"M{column(start)} {_y(strict if audible else open_)}H{column(end)}"
        for (start, audible), (end, _) in pairwise(turns)
    )
    return Levels(
        columns=columns,
        caller=_area(sound.get("caller", ()), [(0, columns)]),
        bar=bar,
        agents=tuple((colour, _area(sound.get("agent", ()), places)) for colour, places in sorted(agents.items())),
    )


def _echo(measures: Sequence[Measure], seconds: float) -> Echo | None:
    if not measures:
        return None

    def line(points: Iterable[tuple[float, float, float]]) -> str:
        """Steps; a new one begins where nothing was measured."""
        parts: list[str] = []
        until = -1.0
        for start_s, end_s, level in points:
            y = f"{HEIGHT - min(HEIGHT, max(0.0, level - QUIETEST_DBFS)):.0f}"
            at, end = (f"{1000 * place / seconds:.1f}" for place in (start_s, end_s))
            parts.append(f"L{at} {y}H{end}" if start_s - until < 0.01 else f"M{at} {y}H{end}")
            until = end_s
        return "".join(parts)

    losses = [one.return_loss_db for one in measures if one.return_loss_db is not None]
    noises = [one.noise_dbfs for one in measures if one.noise_dbfs is not None]
    return Echo(
        mic=line((one.start_s, one.end_s, one.mic) for one in measures),
        far=line((one.start_s, one.end_s, one.far) for one in measures if one.far is not None),
        return_loss_db=losses[-1] if losses else None,
        noise_dbfs=noises[-1] if noises else None,
    )


def _bars(gate: str) -> tuple[float, float]:
    """Levels that a gate wants at least: while the agent is audible, and otherwise."""
    if gate == TwoTierGate.name:
        return 1.0, TwoTierGate.OPEN_LEVEL  # nothing passes
    if gate == DetectorGate.name:
        return DetectorGate.LEVEL, DetectorGate.LEVEL
    return DuplexGate.OVER_AGENT_LEVEL, DuplexGate.LEVEL


def _y(level: float) -> int:
    return round(HEIGHT - max(0.0, dbfs(level) - QUIETEST_DBFS))


def _area(levels: Sequence[float], places: Sequence[tuple[int, int]]) -> str:
    """What is louder than the quietest, as filled steps from the bottom up; equal neighbours are one step."""
    parts: list[str] = []
    for start, end in places:
        height, since = 0, start
        for index in range(start, min(end, len(levels)) + 1):
            now = HEIGHT - _y(levels[index]) if index < min(end, len(levels)) else 0
            if now != height:
                if height:
                    parts.append(f"M{since} {HEIGHT}v-{height}h{index - since}v{height}z")
                height, since = now, index
    return "".join(parts)
