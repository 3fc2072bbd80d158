"""A Postgres server of the tests' own: one throw-away cluster a run, a fresh database a test.

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

WANTED = "want Debian's package postgresql (initdb and postgres), or a server in $TEST_DATABASE_URL, got neither"
# A crash of the machine may eat it; nothing waits for a disk.
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=60", "shared_buffers=32MB")


class Postgres:
    """A running server, in which tests make databases.

    Attributes:
        url: of its maintenance database, as psycopg takes it.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._head = f"viva_head_{uuid.uuid4().hex[:12]}"
        self._has_head = False

    def execute(self, statement: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url, autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    @contextmanager
    def database(self, *, migrated: bool = True) -> Iterator[str]:
        """The URL of a database of its own, empty or at head; it is dropped in the end."""
        if migrated and not self._has_head:
            self.execute(f"CREATE DATABASE {self._head}")
            _in_thread(migrate, self._url_of(self._head))
            self._has_head = True
        name = f"viva_{uuid.uuid4().hex[:12]}"
        self.execute(f"CREATE DATABASE {name}" + (f" TEMPLATE {self._head}" if migrated else ""))
        try:
            yield self._url_of(name)
        finally:
            self.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def close(self) -> None:
        if self._has_head:
            self.execute(f"DROP DATABASE {self._head} WITH (FORCE)")

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


def _in_thread(function: Any, *args: Any) -> None:
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
