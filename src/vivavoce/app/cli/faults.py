"""`viva faults`: what has gone wrong in the wild, to be played to a program of yours."""

from __future__ import annotations

from typing import Annotated

import typer

from vivavoce.app.cli import output
from vivavoce.app.cli.group import Group
from vivavoce.app.cli.options import AsJson

app = typer.Typer(cls=Group, help="What goes wrong in the wild: scenarios for `viva live --faults`.")


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """All scenarios, where they happen, and what happens."""
    from vivavoce.local.faults.library import names, scenario

    found = [(name, scenario(name)) for name in names()]
    if as_json:
        output.document([{"name": name, "at": script.at, "story": script.story} for name, script in found])
        return
    output.table(["name", "at", "story"], [(name, script.at, script.story) for name, script in found], empty="none")


@app.command()
def show(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Of a scenario, as `viva faults list` shows it.")],
    as_json: AsJson = False,
) -> None:
    """The file of a scenario: its faults, what must come of it, and where it was met.

    Written to a file it can be changed, and given to `viva live --faults`.
    """
    import msgspec

    from vivavoce.local.faults.library import scenario, source

    if as_json:
        output.document({"name": name, **msgspec.to_builtins(scenario(name))})
    else:
        typer.echo(source(name), nl=False)
