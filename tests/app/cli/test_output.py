"""What commands print, on a terminal and in a pipe."""

from __future__ import annotations

import io
import sys

import pytest
from rich.cells import cell_len

from vivavoce.app.cli import output


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("sign", ["\x1b", "\x00", "\x07", "\x7f", "\x9b", "\r", "\x08"])
def test_nothing_that_moves_a_terminal_gets_through(sign: str) -> None:
    assert output.printable(f"a{sign}b") == "a\ufffdb"


def test_other_text_is_left_alone() -> None:
    assert output.printable("naïve 日本\n\ttext") == "naïve 日本\n\ttext"


def test_a_table_in_a_pipe_is_as_wide_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    output.table(["a", "b"], [["x" * 300, None], [True, ("z", "y")]], empty="")
    _, _, first, second = capsys.readouterr().out.splitlines()
    assert first == "x" * 300
    assert second.split(maxsplit=1) == ["yes", "y, z"]


def test_a_table_in_a_pipe_is_wrapped_between_words_and_cuts_none(capsys: pytest.CaptureFixture[str]) -> None:
    link = "https://example.com/" + "x" * 60
    output.table(["id", "text", "link"], [["a4480702f2627210", "many words " * 30, link]], empty="")
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= output.PIPED
    assert len(lines) > 5
    assert lines[2].startswith("a4480702f2627210 ")
    assert lines[2].endswith(link)


def test_a_table_of_wide_letters_is_as_wide_as_others(capsys: pytest.CaptureFixture[str]) -> None:
    output.table(["text", "link"], [["照合 " * 100, "支払" * 20]], empty="")
    assert max(map(cell_len, capsys.readouterr().out.splitlines())) <= output.PIPED


def test_square_brackets_are_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    output.table(["a"], [["[red]x[/red] [nonsense"]], empty="")
    assert "[red]x[/red] [nonsense" in capsys.readouterr().out


def test_a_document_is_one_line_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    output.document({"a": [1, "ä"]})
    assert capsys.readouterr().out == '{"a":[1,"ä"]}\n'


def test_a_document_is_laid_out_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", terminal := Terminal())
    output.document({"a": 1})
    assert terminal.getvalue() == '{\n  "a": 1\n}\n'


def test_progress_in_a_pipe_says_each_thing_once(capsys: pytest.CaptureFixture[str]) -> None:
    with output.progress() as tell:
        for part in (0.0, 0.5, 1.0):
            tell("counting", part)
        tell("writing", None)
    assert capsys.readouterr() == ("", "counting\nwriting\n")


def test_progress_on_a_terminal_is_a_bar_that_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    monkeypatch.setenv("TERM", "xterm")
    with output.progress() as tell:
        tell("counting [x]", 0.5)
    assert "counting [x]" in terminal.getvalue()


def test_moments() -> None:
    assert output.moment(None) == ""
    assert output.moment(1_780_000_000.0).startswith("2026-05-")
