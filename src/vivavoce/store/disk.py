"""One thread writes the sound of all calls, so that no disk is ever waited for on the loop.

The queue holds 64 MB: what 80 calls hand over at once after ten seconds of both sides talking. Full means *refused*:
the recorder counts the loss; the place in the file stays silent.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import BinaryIO, TypeAlias, cast

QUEUE_BYTES = 64 * 1024 * 1024

OpenFile: TypeAlias = Callable[[Path, str], BinaryIO]
"""Open a file in a binary mode; may raise OSError."""


def open_file(path: Path, mode: str) -> BinaryIO:
    return cast("BinaryIO", path.open(mode))


class Disk:
    """A queue of jobs and the thread that does them in order. The thread starts with the first job."""

    def __init__(self, *, queue_bytes: int = QUEUE_BYTES) -> None:
        self._queue_bytes = queue_bytes
        self._waiting_bytes = 0
        self._jobs: queue.SimpleQueue[tuple[Callable[[], None], int] | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def put(self, job: Callable[[], None], size: int) -> bool:
        """Have a job done that holds `size` bytes; False when there is no room. A job of size 0 always finds room.

        The job must not raise.
        """
        with self._lock:
            if size and self._waiting_bytes + size > self._queue_bytes:
                return False
            self._waiting_bytes += size
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="recordings", daemon=True)
                self._thread.start()
        self._jobs.put((job, size))
        return True

    def close(self) -> None:
        """Do what waits, then stop; blocks until then."""
        with self._lock:
            thread, self._thread = self._thread, None
        if thread is not None:
            self._jobs.put(None)
            thread.join()

    def _work(self) -> None:
        while (item := self._jobs.get()) is not None:
            job, size = item
            job()
            with self._lock:
                self._waiting_bytes -= size


@cache
def shared_disk() -> Disk:
    """The process's one disk, for recorders that were given none."""
    return Disk()
