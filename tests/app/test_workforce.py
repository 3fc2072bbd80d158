"""Worker processes of a server, with small programs in their place."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from structlog.testing import capture_logs

from vivavoce.app.settings import Settings
from vivavoce.app.workforce import AGAIN_S, keep_workers

SETTINGS = Settings(workers=2, api_key="never shown")
# Writes down what it was given and how it was started, then lives until its input ends.
FAITHFUL = """
import os, pathlib, sys
given = sys.stdin.readline()
at = pathlib.Path(sys.argv[1]) / str(os.getpid())
at.write_text(given)
sys.stdin.read()
at.with_suffix(".ended").write_text(" ".join(sys.argv) + " ".join(os.environ.values()))
"""
DYING = "import os, pathlib, sys; (pathlib.Path(sys.argv[1]) / str(os.getpid())).touch(); sys.exit(7)"
STUBBORN = """
import os, pathlib, sys, time
sys.stdin.readline()
(pathlib.Path(sys.argv[1]) / str(os.getpid())).touch()
while True: time.sleep(60)
"""


def program(text: str, folder: Path) -> tuple[str, ...]:
    return (sys.executable, "-c", text, str(folder))


def texts(folder: Path, pattern: str = "*") -> list[str]:
    return [path.read_text() for path in folder.glob(pattern)]


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110  other processes make it true
            await asyncio.sleep(0.005)


async def test_workers_get_the_settings_and_are_told_to_stop(tmp_path: Path) -> None:
    async with keep_workers(SETTINGS, program=program(FAITHFUL, tmp_path)):
        await until(lambda: len([text for text in texts(tmp_path) if text]) == 2)
        assert [msgspec.json.decode(text, type=Settings) for text in texts(tmp_path)] == [SETTINGS, SETTINGS]
    started_with = texts(tmp_path, "*.ended")
    assert len(started_with) == 2
    assert "never shown" not in "".join(started_with)


def test_the_loop_that_servers_run_on_starts_them_too(tmp_path: Path) -> None:
    uvloop = pytest.importorskip("uvloop")

    async def keep() -> None:
        async with keep_workers(Settings(workers=1), program=program(FAITHFUL, tmp_path)):
            await until(lambda: any(texts(tmp_path)))

    uvloop.run(keep())


async def test_none_are_kept_where_none_are_wanted(tmp_path: Path) -> None:
    async with keep_workers(Settings(workers=0), program=program(DYING, tmp_path)):
        await asyncio.sleep(0)
    assert texts(tmp_path) == []


async def test_one_that_dies_is_started_again_ever_more_slowly(tmp_path: Path) -> None:
    waits: list[float] = []
    enough = asyncio.Event()

    async def pause(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == len(AGAIN_S) + 1:
            enough.set()
            await asyncio.Event().wait()

    with capture_logs() as logs:
        async with keep_workers(Settings(workers=1), program=program(DYING, tmp_path), pause=pause):
            await enough.wait()
    assert waits == [*AGAIN_S, AGAIN_S[-1]]
    assert {line["code"] for line in logs} == {7}
    assert len(texts(tmp_path)) == len(AGAIN_S) + 1


async def test_one_that_cannot_be_started_is_tried_again(tmp_path: Path) -> None:
    tried = asyncio.Event()
    waits: list[float] = []

    async def pause(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 2:
            tried.set()
            await asyncio.Event().wait()

    with capture_logs() as logs:
        async with keep_workers(Settings(workers=1), program=(str(tmp_path / "no such program"),), pause=pause):
            async with asyncio.timeout(30):
                await tried.wait()
    assert waits == [*AGAIN_S[:2]]
    assert {line["problem"] for line in logs} == {"No such file or directory"}


async def test_one_that_does_not_stop_is_killed(tmp_path: Path) -> None:
    with capture_logs() as logs:
        async with keep_workers(Settings(workers=1), program=program(STUBBORN, tmp_path), stop_within_s=0.1):
            await until(lambda: bool(texts(tmp_path)))
    assert [line["event"] for line in logs] == ["a worker did not stop in time and was killed"]


@pytest.mark.parametrize("workers", [-1, 65])
def test_how_many_there_may_be(workers: int) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"workers": workers}, Settings)


def test_a_server_does_not_pay_for_the_engine() -> None:
    """Importing it takes seconds and 90 MB, in a process that carries voice."""
    code = "import sys, vivavoce.app.server, vivavoce.app.workforce; sys.exit('dbos' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
