"""`viva bench`: what this machine, or a server, takes."""

from __future__ import annotations

from typing import Annotated

import typer

from vivavoce.app.cli import output
from vivavoce.app.cli.exits import Exit
from vivavoce.app.cli.options import AsJson
from vivavoce.app.cli.running import run


def bench(
    url: Annotated[
        str, typer.Argument(metavar="URL", help="A server, such as http://localhost:8642; one is started without.")
    ] = "",
    calls: Annotated[int, typer.Option(min=1, max=5_000, metavar="N", help="Calls at a time.")] = 10,
    seconds: Annotated[float, typer.Option(min=1, max=3_600, metavar="S", help="How long it is measured.")] = 10.0,
    agent: Annotated[str, typer.Option(metavar="NAME", help="Agent to call.")] = "founder",
    key: Annotated[
        str, typer.Option(envvar="VIVA_API_KEY", metavar="KEY", help="API key; better in the environment.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Let many callers talk to a server at once, and measure it.

    They say nothing, in a quiet room, at real pace, and hear what the agent says. CPU is that of the server's process
    alone; its own live model runs in another. A server that is running needs a key that may `calls:book` and
    `metrics:read`. What `make bench` measures, against a model that never stops talking, costs more.
    """
    import msgspec

    from vivavoce.app.bench import bench as measured

    with output.progress() as tell:
        found = run(
            measured(calls, seconds, url=url.rstrip("/"), agent=agent, key=key, tell=lambda doing: tell(doing, None))
        )
    if as_json:
        output.document(found)
    else:
        rows = [
            (name.replace("_", " "), value)
            for name, value in msgspec.structs.asdict(found).items()
            if value not in (None, {})
        ]
        output.table(["measured", "value"], rows, empty="")
    if found.finished < found.calls:
        raise typer.Exit(Exit.FAILED)
