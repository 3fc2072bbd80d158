"""Options that many commands share, and the question before something is lost."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest
import typer

from vivavoce.app.cli.exits import Exit
from vivavoce.app.cli.options import confirm, given_path
from vivavoce.errors import InputError


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_paths() -> None:
    assert given_path("a/b") == given_path(Path("a/b")) == Path("a/b")
    for nothing in ("", " "):
        with pytest.raises(typer.BadParameter, match="got an empty one"):
            given_path(nothing)


def test_who_says_yes_beforehand_is_not_asked() -> None:
    confirm("Lose it all?", yes=True)


def test_yes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal("y\n"))
    confirm("Lose it all?", yes=False)


@pytest.mark.parametrize("answer", ["n\n", "\n"])
def test_no(answer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(answer))
    with pytest.raises(typer.Exit) as stop:
        confirm("Lose it all?", yes=False)
    assert stop.value.exit_code == Exit.FAILED


def test_nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(""))
    with pytest.raises(typer.Abort):
        confirm("Lose it all?", yes=False)
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    with pytest.raises(InputError, match="--yes"):
        confirm("Lose it all?", yes=False)
