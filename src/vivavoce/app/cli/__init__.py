"""The command `viva`. Every module here is cheap to import: what a command needs, it imports when it runs."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Annotated

import typer

from vivavoce import __version__
from vivavoce.app.cli import (
    agents,
    benching,
    calibrating,
    calls,
    checking,
    doctoring,
    embedding,
    faults,
    insights,
    jobs,
    keys,
    people,
    personas,
    serving,
    storage,
    storming,
    studies,
    switches,
    talking,
    webhooks,
)
from vivavoce.app.cli.group import Viva

app = typer.Typer(
    name="viva",
    cls=Viva,
    help="Live voice agents, and the decisions that come out of the talk.",
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # the help would import rich, which takes as long as everything else together
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def main_options(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", is_eager=True, callback=lambda show: _version(show))
    ] = False,
) -> None: ...


def _version(show: bool) -> None:
    if show:
        typer.echo(__version__)
        raise typer.Exit


COMMANDS: dict[str, tuple[Callable[..., None], ...]] = {
    "Talk": (talking.demo, talking.talk, checking.check),
    "Run a server": (serving.serve, serving.worker, serving.live, embedding.embed),
    "What came of it": (calls.report, calls.export, calls.replay),
    "The focus group": (calibrating.calibrate,),
    "Keep it in order": (doctoring.doctor, benching.bench, storming.storm, storage.migrate, storage.backup),
}
GROUPS: dict[str, dict[str, typer.Typer]] = {
    "Run a server": {"faults": faults.app},
    "What came of it": {"calls": calls.app},
    "The focus group": {"insights": insights.app, "personas": personas.app, "study": studies.app},
    "What a server knows": {
        "agents": agents.app,
        "jobs": jobs.app,
        "keys": keys.app,
        "people": people.app,
        "switches": switches.app,
        "webhooks": webhooks.app,
    },
}
"""By the headings they stand under."""

for heading, commands in COMMANDS.items():
    for command in commands:
        app.command(rich_help_panel=heading)(command)
for heading, groups in GROUPS.items():
    for name, group in groups.items():
        app.add_typer(group, name=name, rich_help_panel=heading)


def main() -> None:
    """Run a command and end with its code (`exits.py`)."""
    _open_standard_streams()
    # Before numpy is there. A second thread of its arithmetic spins while it waits, and takes the core from calls.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    app()


def _open_standard_streams() -> None:
    """A stream that was closed (`>&-`) leads nowhere, so that no socket of ours takes its number."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free
    sys.stdin = sys.stdin or os.fdopen(0)
    sys.stdout = sys.stdout or os.fdopen(1, "w")
    sys.stderr = sys.stderr or os.fdopen(2, "w")
