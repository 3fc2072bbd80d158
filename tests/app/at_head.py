"""A database that is at head before its server is: to copy one costs a fifth of making it."""

from __future__ import annotations

import shutil
import tempfile
from functools import cache
from pathlib import Path

from tests.postgres import in_thread
from vivavoce.store import migrate


@cache
def _made() -> tempfile.TemporaryDirectory[str]:
    """Once a process, and gone with it."""
    folder = tempfile.TemporaryDirectory(prefix="viva-head-")
    in_thread(migrate, f"sqlite:///{folder.name}/viva.db")
    return folder


def begin_at_head(data: Path) -> None:
    """Put one into the folder of a server, unless it was begun already."""
    if not data.exists():
        data.mkdir(mode=0o700)
        shutil.copyfile(f"{_made().name}/viva.db", data / "viva.db")
