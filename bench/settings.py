"""Settings of a bench that works on a database: one at head that is given, or SQLite in a folder of its own."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from vivavoce.app import logs
from vivavoce.app.settings import Settings


def parser(about: str | None) -> argparse.ArgumentParser:
    """One that takes `--url`."""
    made = argparse.ArgumentParser(description=about)
    made.add_argument("--url", default="", help="a database at head; SQLite in a folder of its own by default")
    return made


@contextmanager
def own_settings(url: str = "") -> Iterator[Settings]:
    """As long as the folder is there. That a worker dies is what is measured: logs tell errors alone."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=folder, database_url=url, log_level="error")
        logs.configure(settings.log_level)
        yield settings
