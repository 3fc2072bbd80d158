"""A Postgres server of the tests' own: one throw-away cluster a run, a database without rows a test.

`$TEST_DATABASE_URL` names a server to use instead; its user must be allowed to make databases.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy.engine import URL, make_url

from vivavoce.store import migrate
from vivavoce.store.models import Base

WANTED = "want Debian's package postgresql (initdb and postgres), or a server in $TEST_DATABASE_URL, got neither"
_SHAPE = """
SELECT n.nspname, c.relname, c.relkind, a.attname, a.atttypid, a.attnotnull
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE n.nspname !~ '^(pg_|information_schema$)' ORDER BY 1, 2, 4
"""
# A crash of the machine may eat it; nothing waits for a disk.
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=60", "shared_buffers=32MB")


class Postgres:
    """A running server, in which tests make databases.

    Attributes:
        url: of its maintenance database, as psycopg takes it.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._head = ""
        """A database at head that nobody touches: others are copies of it."""
        self._free: list[str] = []
        """Databases at head that tests have left as they found them."""

    def execute(self, statement: str, *, database: str = "") -> list[tuple[Any, ...]]:
        with psycopg.connect(self._url_of(database) if database else self.url, autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    @contextmanager
    def database(self, *, migrated: bool = True) -> Iterator[str]:
        """The URL of a database of its own, empty or at head."""
        name = self._at_head() if migrated else self._make()
        try:
            yield self._url_of(name)
        finally:
            if not migrated or not self._emptied(name):
                self.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def close(self) -> None:
        for name in filter(None, (*self._free, self._head)):
            self.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def _make(self, template: str = "template1") -> str:
        name = f"viva_{uuid.uuid4().hex[:12]}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def _at_head(self) -> str:
        if self._free:
            return self._free.pop()
        if not self._head:
            self._head = self._make()
            in_thread(migrate, self._url_of(self._head))
        return self._make(self._head)

    def _emptied(self, name: str) -> bool:
        """Make a database ready for the next test: a quarter of what a new one costs. False where its tables are not
        what they were, or somebody holds on to it.
        """
        if self.execute(_SHAPE, database=name) != self.execute(_SHAPE, database=self._head):
            return False
        gone = f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{name}'"
        if not all(ended for (ended,) in self.execute(gone)):
            return False
        tables = [table.name for table in reversed(Base.metadata.sorted_tables)]
        self.execute("; ".join(f"DELETE FROM {table}" for table in tables), database=name)
        # whoever still knows the old name finds nothing under it
        renamed = f"viva_{uuid.uuid4().hex[:12]}"
        try:
            self.execute(f"ALTER DATABASE {name} RENAME TO {renamed}")
        except psycopg.errors.ObjectInUse:
            return False
        self._free.append(renamed)
        return True

    def _url_of(self, database: str) -> str:
        url: URL = make_url(self.url).set(drivername="postgresql", database=database)
        return url.render_as_string(hide_password=False)


class Cluster(Postgres):
    """A server that is ours to stop and start.

    Raises:
        RuntimeError: Postgres is not installed, or does not start.
    """

    def __init__(self) -> None:
        self._bin = _bin()
        self._folder = Path(tempfile.mkdtemp(prefix="viva-postgres-"))
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        super().__init__(f"postgresql://postgres@127.0.0.1:{self._port}/postgres")
        if os.geteuid() == 0:  # the server refuses to be root
            shutil.chown(self._folder, "postgres", "postgres")
        how = ("-U", "postgres", "-A", "trust", "-N", "-E", "UTF8", "--locale=C.UTF-8")
        made = subprocess.run(
            [*_AS, str(self._bin / "initdb"), "-D", str(self._data), *how],
            cwd=self._folder,
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode:
            raise RuntimeError(f"initdb failed: {made.stderr.strip()}")
        self.start()

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    def start(self) -> None:
        """Start, and wait until it answers."""
        options = [f"port={self._port}", "listen_addresses=127.0.0.1", f"unix_socket_directories={self._folder}", *FAST]
        log = (self._folder / "log").open("ab")
        with log:
            self._process = subprocess.Popen(
                [*_AS, str(self._bin / "postgres"), "-D", str(self._data)]
                + [part for o in options for part in ("-c", o)],
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        for _ in range(3_000):
            try:
                self.execute("SELECT 1")
            except psycopg.OperationalError:
                if self._process.poll() is not None:
                    raise RuntimeError(f"postgres ended: {(self._folder / 'log').read_text()[-500:]}") from None
                threading.Event().wait(0.01)
            else:
                return
        raise RuntimeError("postgres does not answer after 30 s")

    def stop(self) -> None:
        """Stop at once: who is connected is cut off."""
        self._process.send_signal(signal.SIGINT)
        self._process.wait(30)

    def close(self) -> None:
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait(30)
        shutil.rmtree(self._folder)


# The server dies with the tests, however those die.
_AS = ["setpriv", "--pdeathsig", "QUIT"]
if os.geteuid() == 0:
    _AS += ["--reuid=postgres", "--regid=postgres", "--clear-groups"]


def _bin() -> Path:
    """Where initdb lies: Debian keeps it out of the path, one folder a version."""
    versions = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if versions:
        return max(versions, key=lambda path: float(path.parent.name))
    if (initdb := shutil.which("initdb")) is not None:
        return Path(initdb).resolve().parent
    raise RuntimeError(WANTED)


def open_postgres() -> Postgres:
    """The server of `$TEST_DATABASE_URL`, or one of our own.

    Raises:
        RuntimeError: there is none.
    """
    if url := os.environ.get("TEST_DATABASE_URL"):
        return Postgres(make_url(url).set(drivername="postgresql").render_as_string(hide_password=False))
    return Cluster()


def in_thread(function: Any, *args: Any) -> None:
    """Run a coroutine to its end in a loop of its own: fixtures may be asked for inside one."""
    problems: list[BaseException] = []

    def run() -> None:
        try:
            asyncio.run(function(*args))
        except BaseException as error:  # noqa: BLE001  handed to the one who waits
            problems.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if problems:
        raise problems[0]
