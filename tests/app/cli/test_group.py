"""How commands end: exit codes, one-line errors, closed pipes, Ctrl-C; and what a start costs."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.app.cli.conftest import CALL, Shell
from vivavoce import __version__, errors
from vivavoce.app import cli
from vivavoce.app.cli.exits import MEANING, Exit, exit_of

GROUPS = [name for groups in cli.GROUPS.values() for name in groups]
VIVA = [sys.executable, "-m", "vivavoce"]


def test_version(shell: Shell) -> None:
    assert shell("--version").out == __version__ + "\n"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.InputError(""), Exit.ASKED_WRONGLY),
        (errors.SettingsError(""), Exit.ASKED_WRONGLY),
        (errors.MissingError("", remedy=""), Exit.MISSING),
        (errors.StoreError(""), Exit.STORE),
        (errors.LinkError(""), Exit.MODEL),
        (errors.BusyError(""), Exit.FAILED),
        (errors.ReplayMismatch("", seq=0), Exit.FAILED),
    ],
)
def test_codes(error: errors.VivaError, code: Exit) -> None:
    assert exit_of(error) is code


def test_every_code_is_explained() -> None:
    assert set(MEANING) == set(Exit)


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("teleport",), "viva: no such command 'teleport'"),
        (("doctr",), "did you mean 'doctor'?"),
        (("calls", "list", "--colour"), "viva: no such option: --colour"),
        (("calls", "show"), "viva: missing argument 'CALL'"),
        (("serve", "--port", "x"), "viva: invalid value for '--port'"),
        (("live", "--ears", ""), "viva: invalid value for '--ears': want a path, got an empty one"),
        (("live", "--voices", " "), "want a path, got an empty one"),
        (("calls", "list", "--data", ""), "want a path, got an empty one"),
        (("personas", "show", "\udcff"), "invalid value for 'PANEL': want text in UTF-8, got other bytes"),
        (
            ("personas", "build", "x", "--audience", "a\udcff"),
            "'--audience': want text in UTF-8, got",
        ),
        (("insights", "collect", "x", "calls:a", "calls:\udcff"), "want text in UTF-8, got other bytes"),
    ],
)
def test_a_mistake_in_the_command_line_is_one_line(args: tuple[str, ...], says: str, shell: Shell) -> None:
    ran = shell(*args)
    assert (ran.code, ran.out) == (2, "")
    assert says in ran.err
    assert ran.err.count("\n") == 1
    assert re.search(r"`viva.* --help` tells more", ran.err)


@pytest.mark.parametrize("group", [(), *((name,) for name in GROUPS)])
def test_nothing_asked_says_what_there_is(group: tuple[str, ...], shell: Shell) -> None:
    ran = shell(*group)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("Usage: ")


def test_help_fits_a_terminal(shell: Shell) -> None:
    for args in (("--help",), ("live", "-h"), ("serve", "--help"), ("calls", "list", "--help")):
        ran = shell(*args)
        assert ran.code == 0
        assert max(map(len, ran.out.splitlines())) <= 80


@pytest.mark.parametrize("group", [(), *((name,) for name in GROUPS)])
def test_no_short_help_is_cut(group: tuple[str, ...], shell: Shell) -> None:
    assert "..." not in shell(*group, "--help").out.replace("[ARGS]...", "")


def test_the_help_of_every_command_is_light() -> None:
    """What takes long to import is imported by the commands that need it."""
    heavy = {"numpy", "sqlalchemy", "fastapi", "dbos", "rich", "msgspec", "structlog", "uvicorn", "httpx", "yaml"}
    code = (
        "import sys; import vivavoce; from vivavoce.app.cli import app\n"
        "try: app(['--help'])\n"
        "except SystemExit: pass\n"
        f"sys.exit(' '.join(sorted({heavy!r} & set(sys.modules))) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_reader_that_goes_away_is_no_error(shell: Shell) -> None:
    """As with `viva calls events CALL --json | head -c 1`, where there is more than the pipe holds."""
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as closed:
        args = [*VIVA, "calls", "events", CALL, "--json", "--data", str(shell.data)]
        done = subprocess.run(args, stdout=closed, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (Exit.UNREAD, "")


def test_help_into_a_closed_pipe() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as closed:
        done = subprocess.run([*VIVA, "--help"], stdout=closed, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (Exit.UNREAD, "")


def test_ctrl_c_is_clean(tmp_path: Path) -> None:
    """A command that waits: the reference of a person is read from a pipe that nobody writes to."""
    with subprocess.Popen(
        [*VIVA, "people", "find"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path,
        env=os.environ | {"PYTHONUNBUFFERED": "1", "PYTHONVERBOSE": "1"},
    ) as waiting:  # fmt: skip
        assert waiting.stderr is not None
        for line in waiting.stderr:  # the last thing it imports before it reads
            if b"import 'vivavoce.app.settings'" in line:
                break
        waiting.send_signal(signal.SIGINT)
        _, told = waiting.communicate(timeout=20)
    assert waiting.returncode == Exit.INTERRUPTED
    assert b"Traceback" not in told


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full disk at hand")
def test_a_full_disk_behind_the_output(shell: Shell) -> None:
    with Path("/dev/full").open("wb") as full:
        args = [*VIVA, "calls", "list", "--data", str(shell.data)]
        done = subprocess.run(args, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (
        Exit.STORE,
        "viva: the output cannot be written: No space left on device\n",
    )


def test_a_terminal_of_few_letters(shell: Shell) -> None:
    (shell.folder / "agents/founder.yaml").write_text("title: Ünicode – 日本")
    done = subprocess.run(
        [*VIVA, "check", "agents/founder.yaml", "--json"], capture_output=True, check=False, cwd=shell.folder,
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
    )  # fmt: skip
    assert done.returncode == Exit.FAILED
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_stream_that_is_closed(number: int, shell: Shell) -> None:
    command = ["calls", "list", "--data", str(shell.data)]
    code = f"import os, sys; os.close({number}); os.execv(sys.executable, {[*VIVA, *command]!r})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert (CALL in done.stdout) is (number != 1)
