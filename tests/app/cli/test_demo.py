"""`viva demo`: a guest is interviewed, and a person may talk to the same agent, meanwhile and afterwards."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

pytestmark = pytest.mark.slow

AGENT = """\
spec: 1
name: one-question
title: One question
speakers:
  alex: {voice: warm-baritone, role: Asks one question}
objectives:
  first:
    by: alex
    ask: How bad is it, from zero to ten?
    collect: {severity: 0..10!}
limits: {minutes: 5, idle: 30s}
consent: {disclose: spoken, record: never, keep: 1d}
"""
GUEST = """\
guest: 1
name: Kim
knows:
  severity: {when: [how bad], say: about nine out of ten}
"""
WITHIN_S = 120.0
INVITED = re.compile(r"talk to it yourself: (http://127\.0\.0\.1:\d+)/t/one-question\b")


@dataclass
class Terminal:
    """What somebody at a terminal reads."""

    process: subprocess.Popen[bytes]
    master: int
    text: str = field(default="")

    def read_until(self, wanted: str) -> re.Match[str]:
        while (found := re.search(wanted, self.text)) is None:
            assert select.select([self.master], [], [], WITHIN_S)[0], f"want {wanted}, got {self.text}"
            try:
                chunk = os.read(self.master, 65_536)
            except OSError:  # nobody writes there any more
                chunk = b""
            assert chunk, f"want {wanted}, got {self.text}"
            self.text += re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", chunk.decode(errors="replace"))
        return found


@contextmanager
def terminal(folder: Path) -> Iterator[Terminal]:
    master, slave = pty.openpty()
    with subprocess.Popen(command(folder), cwd=folder, stdin=slave, stdout=slave, stderr=slave, env=environ()) as demo:
        os.close(slave)
        watchdog = threading.Timer(WITHIN_S, demo.kill)
        watchdog.start()
        try:
            yield Terminal(demo, master)
        finally:
            watchdog.cancel()
            demo.kill()
            os.close(master)


def command(folder: Path) -> list[str]:
    (folder / "agent.yaml").write_text(AGENT)
    (folder / "guest.yaml").write_text(GUEST)
    files = ["--agent", "agent.yaml", "--guest", "guest.yaml", "--out", "out"]
    return [sys.executable, "-m", "vivavoce", "demo", "--typed", *files]


def environ() -> dict[str, str]:
    """A machine that is set up for a server behind a key and TLS; the demo is for whoever sits at it."""
    return os.environ | {
        "VIVA_API_KEY": "a-key-of-32-characters-or-more-00",
        "VIVA_HTTPS": "true",
        "VIVA_PUBLIC_URL": "https://talk.example",
        "TERM": "xterm",
    }


def test_on_a_terminal_it_is_the_persons_turn_until_they_stop_it(tmp_path: Path) -> None:
    with terminal(tmp_path) as demo:
        server = demo.read_until(INVITED.pattern)[1]
        with httpx.Client(base_url=server, trust_env=False) as person:
            demo.read_until("How bad is it")
            booked = person.post("/api/v1/calls", json={"agent": "one-question"})
            assert booked.status_code == 201, "there is room beside the guest"
            demo.read_until(r"now you: http://\S+/t/one-question")
            assert person.get("/t/one-question").status_code == 200
        assert "1 of 1 facts known" in demo.text
        demo.read_until(r"viva report CALL --data out/data")
        demo.process.send_signal(signal.SIGINT)
        assert demo.process.wait(WITHIN_S) == 0
    assert "Traceback" not in demo.text
    assert (tmp_path / "out/report.html").exists()


def test_in_a_pipe_it_ends_with_the_interview(tmp_path: Path) -> None:
    ran = subprocess.run(
        command(tmp_path), cwd=tmp_path, env=environ(), capture_output=True, text=True, timeout=WITHIN_S, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert INVITED.search(ran.stdout)
    assert "1 of 1 facts known" in ran.stdout
    assert "now you" not in ran.stdout
