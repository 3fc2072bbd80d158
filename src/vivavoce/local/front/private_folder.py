"""A folder that is this user's alone: what somebody else has put there is not read, and one program writes at a time.

A cache folder may stand where others can write, such as `/tmp`. Whoever plants a key there knows it.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from vivavoce.errors import InputError

MAX_BYTES = 4 * 1024 * 1024
"""The largest file, the usual authorities, has 220 kB."""
OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
OTHERS = stat.S_IRWXG | stat.S_IRWXO


@contextmanager
def entered(folder: Path) -> Iterator[None]:
    """Make the folder where there is none, and keep other programs of this user out until the block ends.

    Raises:
        InputError: it is somebody else's, or others may write there.
        OSError: it cannot be made or entered.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not _ours(folder.stat(), OTHERS_WRITE):
        raise InputError(f"want a folder that is yours and that nobody else may write to, got {folder}")
    try:
        import fcntl
    except ImportError:  # Windows: two first starts at a time may end in one that says so
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # some network file systems have no locks
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def read(path: Path, *, secret: bool = False) -> bytes | None:
    """A file of the folder.

    Args:
        secret: others must not have been able to read it.
    Returns:
        None when there is none, or when this user cannot have written it like that: a link, a pipe, somebody else's.
    """
    flags = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(path, os.O_RDONLY | flags)
    except OSError:
        return None
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode) or not _ours(status, OTHERS if secret else OTHERS_WRITE):
        os.close(descriptor)
        return None
    with os.fdopen(descriptor, "rb") as file:
        data = file.read(MAX_BYTES + 1)
    return data if len(data) <= MAX_BYTES else None


def write(path: Path, data: bytes, *, secret: bool = False) -> None:
    """Write a file whole or not at all; a secret is never readable by others, not for a moment.

    Raises:
        OSError: it cannot be written; nothing is left of it.
    """
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    descriptor = os.open(fresh, flags, 0o600 if secret else 0o644)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        fresh.replace(path)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise


def _ours(status: os.stat_result, forbidden: int) -> bool:
    if not hasattr(os, "geteuid"):
        return True  # Windows has neither owners nor modes in this form
    return status.st_uid == os.geteuid() and not status.st_mode & forbidden
