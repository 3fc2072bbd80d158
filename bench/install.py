"""What an installation takes: downloads, disk, how soon its commands answer, and a server that nobody calls.

All of it is measured in an environment of its own with the package and its core alone, in the tested versions.
"""

from __future__ import annotations

import contextlib
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.results import Row, row
from vivavoce.errors import MissingError

ROOT = Path(__file__).parent.parent
CHILDREN = 10
STARTS = 3
LARGEST = 10
READY_WITHIN_S = 60.0
SETTLE_S = 3.0
"""After it is ready, until memory is looked at."""
LOOK_S = 0.01
REMEDY = "Run `viva serve` by hand to see why."


def rows(*, brief: bool = False) -> list[Row]:
    """
    Args:
        brief: look at the environment this runs in, once.
    Raises:
        MissingError: pip, or the server, does not do what it should.
    """
    if brief:
        bin_ = Path(sys.executable).parent
        return commands(bin_, children=1) + servers(bin_, starts=1, settle_s=0.0)
    with tempfile.TemporaryDirectory(prefix="viva-bench-") as folder:
        wheels, environment = Path(folder) / "wheels", Path(folder) / "environment"
        _pip("wheel", "--constraint", str(ROOT / "constraints.txt"), "--wheel-dir", str(wheels), str(ROOT))
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(environment)], check=True)
        bin_ = environment / "bin"
        began = time.perf_counter()
        _pip("--python", str(bin_ / "python"), "install", "--no-index", "--find-links", str(wheels), "vivavoce")
        install_s = time.perf_counter() - began
        return [
            *sizes(wheels, next((environment / "lib").glob("python*/site-packages"))),
            row("installed by pip once downloaded", round(install_s, 1), "s", minor=True),
            *commands(bin_),
            *servers(bin_),
        ]


def sizes(wheels: Path, site: Path) -> list[Row]:
    """Of wheels and of what became of them, compiled to bytecode as pip does."""
    by_name = {re.split(r"-", path.name)[0]: path.stat().st_size for path in wheels.glob("*.whl")}
    installed = sum(path.stat().st_size for path in site.rglob("*") if path.is_file())
    return [
        row("downloads of `pip install vivavoce`", _mb(sum(by_name.values())), "MB", most=45),
        row("packages of them", len(by_name), "packages", minor=True),
        row("installed", _mb(installed), "MB", most=180),
        *(
            row(f"download of `{name}`", _mb(by_name[name]), "MB", minor=True)
            for name in sorted(by_name, key=lambda name: -by_name[name])[:LARGEST]
        ),
    ]


def commands(bin_: Path, *, children: int = CHILDREN) -> list[Row]:
    """How soon Python has the package, and the program its help: whole processes, medians."""
    python = str(bin_ / "python")
    nothing, package, help_ = (
        statistics.median(_took(command) for _ in range(children))
        for command in ([python, "-c", "pass"], [python, "-c", "import vivavoce"], [str(bin_ / "viva"), "--help"])
    )
    than = "for Python with nothing to do"
    return [
        row("`import vivavoce`", round(package, 3), "s", beside=round(nothing, 3), than=than, most=0.15),
        row("`viva --help`", round(help_, 3), "s", beside=round(nothing, 3), than=than, most=0.4),
    ]


def servers(bin_: Path, *, starts: int = STARTS, settle_s: float = SETTLE_S) -> list[Row]:
    """A server without ears and mouth, from its start to its first answer, and what it holds of memory when idle."""
    waits, held = [], []
    for _ in range(starts):
        with _server(bin_, workers=0) as (pid, wait_s):
            waits.append(wait_s)
            time.sleep(settle_s)
            held.append(_memory_mb(pid))
    with _server(bin_, workers=1) as (pid, _):
        while not (children := _children(pid)):
            time.sleep(LOOK_S)
        time.sleep(settle_s)
        worker = max(map(_memory_mb, children))
    return [
        row("`viva serve`, from start to first answer, new database", round(statistics.median(waits), 2), "s"),
        row("memory of an idle server", statistics.median(held), "MB"),
        row("memory of its worker", worker, "MB"),
    ]


def _pip(*arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments],
        capture_output=True,
        text=True,
    )
    if done.returncode:
        # its last line says what is wrong; those before may name where this machine finds packages
        said = (done.stderr.strip().splitlines() or ["nothing"])[-1]
        raise MissingError(f"want `pip {arguments[0]}` to do its work, got: {said}", remedy="Run it by hand.")


def _took(command: list[str]) -> float:
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


@contextmanager
def _server(bin_: Path, *, workers: int) -> Iterator[tuple[int, float]]:
    """Its process and how long it took to answer."""
    with tempfile.TemporaryDirectory(prefix="viva-bench-") as folder:
        settings = {
            "VIVA_BACKEND": "studio",  # no call is made, so nobody sees the key
            "VIVA_BACKEND_KEY": "bench",
            "VIVA_WORKERS": str(workers),
            "VIVA_AGENTS_DIR": str(ROOT / "examples" / "agents"),
            "VIVA_DATA_DIR": folder,
            "VIVA_LOG_LEVEL": "warning",
        }
        clean = {name: value for name, value in os.environ.items() if not name.startswith("VIVA_")}
        began = time.perf_counter()
        with subprocess.Popen(
            [str(bin_ / "viva"), "serve", "--port", "0"], env=clean | settings, cwd=folder,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        ) as child:  # fmt: skip
            try:
                assert child.stdout is not None, "it was asked for"
                told = re.search(rb"listening on (\S+)", child.stdout.readline())
                if told is None:
                    raise MissingError("want a server that listens, got none", remedy=REMEDY)
                _wait_for(f"{told[1].decode()}/health", began + READY_WITHIN_S)
                yield child.pid, time.perf_counter() - began
            finally:
                child.terminate()
                try:
                    child.wait(15)
                except subprocess.TimeoutExpired:
                    child.kill()


def _wait_for(url: str, by: float) -> None:
    while time.perf_counter() < by:
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=5) as answer:
            if answer.status == 200:
                return
        time.sleep(LOOK_S)
    raise MissingError(f"want an answer of the server within {READY_WITHIN_S:g} s, got none", remedy=REMEDY)


def _memory_mb(pid: int) -> float:
    """Resident memory in MB, 10^6 bytes."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 1e6)


def _children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _mb(size: int) -> float:
    return round(size / 1e6, 2)
