"""Options that many commands share."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from vivavoce.app.cli.exits import Exit
from vivavoce.errors import InputError


def given_path(text: str | Path) -> Path:
    """A path that was given. An empty one comes of a variable that is not set, and would mean the working directory."""
    if not str(text).strip():
        raise typer.BadParameter("want a path, got an empty one")
    return Path(text)


def file(help_: str, *names: str) -> Any:
    return typer.Option(*names, help=help_, parser=given_path, metavar="FILE")


def folder(help_: str, *names: str) -> Any:
    return typer.Option(*names, help=help_, parser=given_path, metavar="DIR")


Out = Annotated[Path, folder("Where the results go.")]
Data = Annotated[Path | None, folder("Folder of the database; that of the settings by default.")]
Config = Annotated[Path | None, file("Settings file; viva.toml here by default.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask whether you mean it.")]
CallId = Annotated[str, typer.Argument(metavar="CALL", help="Id of a call.")]


def known_niche(niche: str, *also: str) -> None:
    """
    Args:
        also: what else may stand there.
    Raises:
        InputError: there is no such niche.
    """
    from vivavoce.panel.reading import NICHES

    known = (*NICHES, *also)
    if niche and niche not in known:
        raise InputError(f"want one of {', '.join(known)} as a niche, got {niche[:64]!r}")


def confirm(question: str, *, yes: bool) -> None:
    """Ask before something is lost for good.

    Raises:
        InputError: nobody can be asked.
        typer.Exit: they said no.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise InputError("want --yes where nobody can be asked, got no terminal to ask at")
    if not typer.confirm(question, err=True):
        typer.echo("viva: nothing was done", err=True)
        raise typer.Exit(Exit.FAILED)
