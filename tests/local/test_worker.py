"""Programs behind pipes that end, hang and talk nonsense."""

from __future__ import annotations

from pathlib import Path

import pytest

from vivavoce.local.worker import Worker, WorkerGone

HELLO = """
import struct, sys
HEAD = struct.Struct("<cI")
def emit(kind, payload):
    sys.stdout.buffer.write(HEAD.pack(kind, len(payload)) + payload)
    sys.stdout.buffer.flush()
emit(b"R", b"ready")
"""
ECHO = """
while head := sys.stdin.buffer.read(5):
    kind, length = HEAD.unpack(head)
    emit(kind, sys.stdin.buffer.read(length))
"""


def program(folder: Path, *parts: str) -> Worker:
    path = folder / "program.py"
    path.write_text("".join(parts))
    return Worker(path)


@pytest.mark.slow
async def test_frames_come_back(tmp_path: Path) -> None:
    worker = program(tmp_path, HELLO, ECHO)
    assert await worker.start() == b"ready"
    worker.send(b"P", b"x" * 200_000)
    worker.send(b"E")
    assert await worker.receive(5) == (b"P", b"x" * 200_000)
    assert await worker.receive(5) == (b"E", b"")
    await worker.kill()
    assert not worker.running


@pytest.mark.slow
@pytest.mark.parametrize(
    ("rest", "trouble"),
    [
        ("", "ended"),
        ("sys.stdin.read()", "want an answer within"),
        ("sys.stdout.write('Hello, I am a log message')", "at most"),
    ],
)
async def test_trouble_kills_it_and_says_why(tmp_path: Path, rest: str, trouble: str) -> None:
    worker = program(tmp_path, HELLO, rest)
    await worker.start()
    worker.send(b"P", b"sound")
    with pytest.raises(WorkerGone, match=trouble):
        await worker.receive(0.5)
    assert not worker.running
    with pytest.raises(WorkerGone, match="not running"):
        await worker.receive(0.5)
    assert await worker.start() == b"ready"
    await worker.kill()


@pytest.mark.slow
async def test_a_program_that_breaks_at_once_does_not_start(tmp_path: Path) -> None:
    with pytest.raises(WorkerGone):
        await program(tmp_path, "import nothing_of_that_name").start()


async def test_without_a_process_nothing_is_sent(tmp_path: Path) -> None:
    worker = program(tmp_path)
    worker.send(b"P", b"sound")
    await worker.kill()
    assert not worker.running


@pytest.mark.slow
async def test_a_program_may_say_why_it_cannot_start(tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    refusal = 'emit(b"N", " ".join(sys.argv[1:]).encode() + b"\\xff" * 999)'
    path.write_text(HELLO.replace('emit(b"R", b"ready")', refusal))
    with pytest.raises(WorkerGone, match="cannot start: no model") as raised:
        await Worker(path, ("no", "model")).start(within_s=20)
    assert len(str(raised.value)) < 400
