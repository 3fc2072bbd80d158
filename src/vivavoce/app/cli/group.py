"""How every command ends, and how the help is laid out."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from typing import Any

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

from vivavoce.app.cli.exits import Exit, exit_of
from vivavoce.errors import VivaError

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EIO)
"""What may be wrong with a file that standard output was sent to."""
MOST_CHARS = 200
"""Of a command in the list: its first sentence is wrapped, not cut."""


class Group(TyperGroup):
    """Commands under one name. Asked for none of them, it says which there are. Words they are given are text."""

    def __init__(self, **extra: Any) -> None:
        super().__init__(**extra)
        for command in self.commands.values():
            for parameter in command.params:
                parameter.callback = parameter.callback or _text

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if not args and not ctx.resilient_parsing:
            typer.echo(ctx.get_help(), err=True)
            raise typer.Exit(Exit.ASKED_WRONGLY)
        return super().parse_args(ctx, args)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """The commands under the headings they were given."""
        headings: dict[str, list[tuple[str, str]]] = {}
        longest = max(map(len, self.commands))
        for name, command in self.commands.items():
            row = name, command.get_short_help_str(MOST_CHARS)
            headings.setdefault(getattr(command, "rich_help_panel", None) or "Commands", []).append(row)
        for heading, rows in headings.items():
            with formatter.section(heading):
                # one column for all headings
                formatter.write_dl([(name.ljust(longest), text) for name, text in rows])


class Viva(Group):
    """The whole command. Errors of ours and mistakes in the command line are one line on standard error."""

    def main(self, *args: Any, **extra: Any) -> Any:
        extra["standalone_mode"] = False
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, TextIOWrapper):
                stream.reconfigure(errors="replace")  # a terminal of few letters is no reason to fail
        try:
            code = super().main(*args, **extra) or Exit.DONE
            with _quiet_pipe():
                sys.stdout.flush()
        except TyperException as error:
            tell(_with_help(error))
            code = Exit.ASKED_WRONGLY
        except VivaError as error:
            tell(str(error))
            code = exit_of(error)
        except OSError as error:
            if error.errno not in _FULL:
                raise
            tell(f"the output cannot be written: {error.strerror}")
            code = Exit.STORE
        except typer.Exit as stop:
            code = stop.exit_code
        except typer.Abort:  # Ctrl-C or Ctrl-D at a question
            code = Exit.INTERRUPTED
        sys.exit(int(code))

    def make_context(self, *args: Any, **extra: Any) -> Any:
        with _quiet_pipe():
            return super().make_context(*args, **extra)

    def invoke(self, ctx: Any) -> Any:
        with _quiet_pipe():
            return super().invoke(ctx)


def _text(ctx: Any, parameter: Any, value: Any) -> Any:
    """What was given, if it is text. Bytes that are none come as halves of letters, which no database and no page
    takes; the name of a file may have them.

    Raises:
        typer.BadParameter: it is none.
    """
    for each in value if isinstance(value, (list, tuple)) else (value,):
        if isinstance(each, str) and any("\ud800" <= sign <= "\udfff" for sign in each):
            raise typer.BadParameter("want text in UTF-8, got other bytes", ctx=ctx, param=parameter)
    return value


def tell(line: str) -> None:
    """One line on standard error that says who speaks."""
    typer.echo(f"viva: {line}", err=True)


def _with_help(error: TyperException) -> str:
    message = error.format_message().rstrip(".").replace(". Did you", "; did you").replace("Value error, ", "")
    message = message[:1].lower() + message[1:]
    ctx = getattr(error, "ctx", None)
    stop = "" if message[-1] in ".?!" else ";"
    return message if ctx is None else f"{message}{stop} `{ctx.command_path} --help` tells more"


@contextmanager
def _quiet_pipe() -> Iterator[None]:
    """Whoever reads our output may go away before its end: that is no error of ours, and nothing is said about it."""
    try:
        yield
    except BrokenPipeError:
        # what is still in the buffer is flushed when Python ends, and would complain then
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(Exit.UNREAD) from None
