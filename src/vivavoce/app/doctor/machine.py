"""Checks of the machine: Python, packages, disk, clock, how many files may be open."""

from __future__ import annotations

import os
import platform
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from vivavoce import __version__
from vivavoce.app.doctor.finding import Finding, fail, ok, warn
from vivavoce.app.settings import Settings

PYTHON = (3, 11)
CALL_HOUR_BYTES = 3600 * 2 * (16_000 + 24_000)
"""Both tracks of a recording, PCM16."""
LOW_HOURS, EMPTY_HOURS = 20, 1
"""Room for so many hours of recorded calls is little, or none to speak of. Not tuned: a day's calls, and the next one.
"""
FILES_PER_CALL = 8
"""The caller's socket, the model's, three files of the recording, and some to spare."""
BUILT = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
"""A clock that stands before that is wrong."""
FOR_PEOPLE = ("local", "postgres", "audio", "otel", "vertex", "whisper", "sherpa", "vosk", "moonshine", "piper")
"""Extras that somebody who runs a server may want; the others are for those who work on the code."""
_REQUIREMENT = re.compile(r"([A-Za-z0-9._-]+)[^;]*(?:;.*extra == ['\"](\w+)['\"])?")


def python() -> Finding:
    found = ".".join(map(str, sys.version_info[:3]))
    says = f"{found} ({platform.system()} {platform.machine()})"
    if sys.version_info[:2] < PYTHON:
        return fail("python", says, f"Install Python {'.'.join(map(str, PYTHON))} or newer.")
    return ok("python", says)


def packages() -> Iterator[Finding]:
    """Whether everything this package needs is there, and which extras are."""
    missing, extras = [], dict[str, bool]()
    for requirement in metadata.requires("vivavoce") or ():
        if (match := _REQUIREMENT.match(requirement)) is None:
            continue
        name, extra = match.groups()
        here = _is_installed(name) or "sys_platform" in requirement
        if extra is None and not here:
            missing.append(name)
        elif extra is not None:
            extras[extra] = extras.get(extra, True) and here
    if missing:
        yield fail("packages", f"vivavoce {__version__}, without {', '.join(missing)}", "Run `pip install vivavoce`.")
    else:
        yield ok("packages", f"vivavoce {__version__} and all it needs")
    there = [name for name in FOR_PEOPLE if extras.get(name)]
    others = [name for name in FOR_PEOPLE if name in extras and not extras[name]]
    yield ok("extras", f"{', '.join(there) or 'none'}" + (f"; to be had: {', '.join(others)}" if others else ""))


def disk(settings: Settings) -> Iterator[Finding]:
    """Whether the data folder takes files, and for how many calls there is room."""
    folder = Path(settings.data_dir)
    nearest = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    remedy = "Give this user a folder it may write to, in data_dir or with --data."
    try:
        with tempfile.TemporaryFile(dir=nearest) as file:
            file.write(b"\0" * 4096)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        yield fail("data folder", f"{folder}: {error.strerror}", remedy)
        return
    yield ok("data folder", f"{folder} takes files" if folder.exists() else f"{folder} is made when it is needed")
    hours = shutil.disk_usage(nearest).free / CALL_HOUR_BYTES
    says = f"room for {hours:,.0f} hours of recorded calls"
    more = "Make room, move data_dir, or let recordings be erased sooner."
    if hours < EMPTY_HOURS:
        yield fail("disk", says, more)
    elif hours < LOW_HOURS:
        yield warn("disk", says, more)
    else:
        yield ok("disk", says)


def clock() -> Finding:
    now = time.time()
    says = datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    if now < BUILT:
        return fail("clock", says, "Set this machine's clock: tickets, leases and certificates go by it.")
    return ok("clock", says)


def open_files(settings: Settings) -> Finding | None:
    """Whether so many calls can have their sockets and files; None where the system has no such limit."""
    try:
        import resource
    except ImportError:
        return None
    most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 100 + FILES_PER_CALL * settings.max_calls
    if most != resource.RLIM_INFINITY and most < wanted:
        return warn(
            "open files",
            f"{most} for up to {settings.max_calls} calls",
            f"Let the server open {wanted} files (`ulimit -n {wanted}`), or lower max_calls.",
        )
    return ok("open files", f"enough for {settings.max_calls} calls")


def _is_installed(name: str) -> bool:
    try:
        metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return False
    return True
