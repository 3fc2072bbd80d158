"""How a process logs: one line an event on stderr, JSON for machines or text for people. What a caller said, keys,
tickets and handles are never among the fields.

Three things see to that where care alone would not:
- Libraries are heard from `warning` on, whatever the level: below it some of them log whole frames and addresses.
- Of an exception the log keeps its type and where it happened. Its message and the values in its frames may repeat what
  a caller said, and stay out.
- What looks like a ticket, a key or the query of an address is blacked out in every text, last of all.

A line that comes over and over is logged a hundred times a minute, then counted; the count comes with the next one.
"""

from __future__ import annotations

import logging
import re
import sys
import time
import traceback
from collections.abc import Callable, MutableMapping
from pathlib import PurePath
from types import TracebackType
from typing import Any, Literal, TextIO

import structlog

Form = Literal["auto", "json", "text"]

MOST_A_MINUTE = 100
"""Of one event. Two hundred calls that end in a minute are news; the thousandth line of one fault is not."""
MOST_EVENTS = 1_000
"""Events whose lines are counted; ours are about a hundred, those of libraries may hold numbers."""
MOST_CHARS = 500
"""Of the text of a library: nobody else bounds it."""
UNCOUNTED = frozenset({"request", "call began", "call ended"})
"""One line for each is what they are for."""
_SECRETS = re.compile(
    r"(?:ticket\.|vv_|whsec_|Bearer |AIza|sk-|ya29\.|auth_tokens/|projects/[^/\s]+/sessions/)[A-Za-z0-9_.~+/=-]{8,}"
    r"|(?<=://)[^/\s@]+@|(?<=[?&])[^=&\s]+=[^&\s'\"]+"
)

Line = MutableMapping[str, Any]


def configure(level: str = "info", form: Form = "auto", *, stream: TextIO | None = None) -> None:
    """Set up the logs of this process; what was set up before is replaced.

    Args:
        level: of our own lines.
        form: `auto` is text on a terminal.
    """
    out = sys.stderr if stream is None else stream
    from_level = logging.getLevelNamesMapping()[level.upper()]
    text = form == "text" or (form == "auto" and out.isatty())
    repeats = Repeats()
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        fault,
        black_out,
    ]
    render = (
        structlog.dev.ConsoleRenderer(colors=out.isatty(), sort_keys=False)
        if text
        else structlog.processors.JSONRenderer(default=str)
    )
    structlog.configure(
        processors=[repeats, *shared, render],
        wrapper_class=structlog.make_filtering_bound_logger(from_level),
        logger_factory=structlog.PrintLoggerFactory(out),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[
                bounded,
                structlog.stdlib.add_logger_name,
                structlog.stdlib.ExtraAdder({"left_out"}),
                *shared,
            ],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, render],
        )
    )
    handler.setLevel(max(logging.WARNING, from_level))  # also where a library sets the level of its own logger
    handler.addFilter(repeats)
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    for name, logger in logging.root.manager.loggerDict.items():
        if isinstance(logger, logging.Logger) and not name.startswith("vivavoce"):
            adopt(logger)


def adopt(logger: logging.Logger) -> None:
    """Have the lines of a library that set up logs of its own go our way."""
    logger.handlers.clear()
    logger.propagate = True
    if (
        logger.level < logging.WARNING
    ):  # one that was made quieter than the rest has a reason, such as keys in its lines
        logger.setLevel(logging.NOTSET)


def fault(_: Any, __: str, line: Line) -> Line:
    """Of an exception: its type and the places, without a word of its message."""
    found = line.pop("exc_info", None)
    line.pop("exc_text", None)
    if found is True:
        found = sys.exc_info()
    error = found[1] if isinstance(found, tuple) else found
    if isinstance(error, BaseException):
        line["fault"] = type(error).__name__
        line["where"] = places(error.__traceback__)
    return line


def places(trace: TracebackType | None) -> list[str]:
    """Where an exception was: the innermost twelve frames, outermost first."""
    frames = traceback.extract_tb(trace)[-12:]
    return [f"{PurePath(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]


def bounded(_: Any, __: str, line: Line) -> Line:
    """The text of a library: its first line, no longer than needed, and nothing that a terminal would obey."""
    lines = str(line.get("event", "")).splitlines() or [""]
    line["event"] = "".join(sign if sign.isprintable() else "�" for sign in lines[0][:MOST_CHARS])
    return line


def black_out(_: Any, __: str, line: Line) -> Line:
    """What looks like a secret is not shown, wherever it stands."""
    for name, value in line.items():
        line[name] = _blacked(value)
    return line


def _blacked(value: Any) -> Any:
    if isinstance(value, str):
        return _SECRETS.sub("…", value)
    if isinstance(value, dict):
        return {name: _blacked(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_blacked(inner) for inner in value]
    return value


class Repeats:
    """Leaves out lines of an event that came too often within a minute.

    Args:
        clock: seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seen: dict[str, tuple[float, int]] = {}  # by event: when its minute began, lines since

    def admit(self, event: str) -> int | None:
        """How many lines like this one were left out before it; None when it is to be left out itself."""
        if event in UNCOUNTED:
            return 0
        now = self._clock()
        since, count = self._seen.get(event, (now, 0))
        left_out = 0
        if now - since >= 60.0:
            left_out, since, count = max(0, count - MOST_A_MINUTE), now, 0
        if event not in self._seen and len(self._seen) >= MOST_EVENTS:
            self._seen.clear()
        self._seen[event] = (since, count + 1)
        return left_out if count < MOST_A_MINUTE else None

    def __call__(self, _: Any, __: str, line: Line) -> Line:
        left_out = self.admit(str(line.get("event", "")))
        if left_out is None:
            raise structlog.DropEvent
        if left_out:
            line["left_out"] = left_out
        return line

    def filter(self, record: logging.LogRecord) -> bool:
        """The same for a line of a library, by its unfilled text."""
        left_out = self.admit(f"{record.name}: {record.msg}"[:MOST_CHARS])
        if left_out:
            record.left_out = left_out
        return left_out is not None
