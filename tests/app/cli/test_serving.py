"""What runs until it is told to stop, as processes: `viva serve`, and `viva worker`."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.app.cli.conftest import Shell

VIVA = [sys.executable, "-m", "vivavoce"]
WITHIN_S = 60.0


@contextmanager
def process(*args: str, cwd: Path, **environ: str) -> Iterator[subprocess.Popen[str]]:
    """A command, killed if it outlives the block or a minute."""
    with subprocess.Popen(
        [*VIVA, *args], cwd=cwd, env=os.environ | environ, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        watchdog = threading.Timer(WITHIN_S, running.kill)
        watchdog.start()
        try:
            yield running
        finally:
            watchdog.cancel()
            running.kill()


@pytest.mark.slow
def test_a_server_starts_and_stops(shell: Shell) -> None:
    remote = {"VIVA_BACKEND_URL": "ws://127.0.0.1:1", "VIVA_WORKERS": "0"}  # nothing is dialled before a call
    with process("serve", "--port", "0", cwd=shell.folder, **remote) as server:
        assert server.stdout is not None
        told = re.match(r"listening on (http://127\.0\.0\.1:\d+) ", server.stdout.readline())
        assert told is not None
        assert httpx.get(f"{told[1]}/health", trust_env=False).json()["status"] in ("ok", "failing")
        ran = shell("calls", "list", "--json")
        assert len(ran.document) == 1, "the store is open to commands while a server runs"
        server.send_signal(signal.SIGTERM)
        out, err = server.communicate()
    assert (server.returncode, out) == (0, "")
    assert "Traceback" not in err


@pytest.mark.slow
def test_a_worker_starts_and_stops(shell: Shell) -> None:
    with process("worker", cwd=shell.folder) as worker:
        assert worker.stderr is not None
        assert worker.stderr.readline() == "working; Ctrl-C to stop\n"
        with sqlite3.connect(shell.data / "viva.db") as database:
            while not database.execute("select * from workers").fetchall():
                assert worker.poll() is None
                time.sleep(0.05)
        database.close()
        worker.send_signal(signal.SIGINT)
        out, err = worker.communicate()
    assert (worker.returncode, out) == (0, "")
    assert "Traceback" not in err


def test_a_port_that_is_taken(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = shell("serve", "--port", "99999")
    assert (ran.code, ran.out) == (2, "")
    assert "want a port from 0 to 65535" in ran.err


def test_a_public_server_without_a_key(shell: Shell) -> None:
    ran = shell("serve", "--host", "0.0.0.0", "--port", "0")
    assert (ran.code, ran.out) == (2, "")
    assert "key" in ran.err
