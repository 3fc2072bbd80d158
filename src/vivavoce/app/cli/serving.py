"""What runs until it is told to stop: the server, its workers, and the live model alone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vivavoce.app.cli import output
from vivavoce.app.cli.options import Config, Data, file, folder
from vivavoce.app.cli.running import run, settings_of

if TYPE_CHECKING:
    from vivavoce.app.settings import Settings


def serve(
    host: Annotated[str | None, typer.Option(metavar="HOST", help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(metavar="PORT", help="Port to listen on, 0 for a free one.")] = None,
    agents: Annotated[Path | None, folder("Folder of agent files.")] = None,
    data: Annotated[Path | None, folder("Folder for database and recordings.")] = None,
    config: Config = None,
) -> None:
    """Run the server."""
    run(_serve(settings_of(data, config, host=host, port=port, agents_dir=agents and str(agents))))


def worker(data: Data = None, config: Config = None) -> None:
    """Do background work until told to stop; as many of them as you like.

    A server has workers of its own (the setting `workers`). More of them, on other machines, need Postgres.
    """
    from vivavoce.app import logs
    from vivavoce.app.work import run_worker

    settings = settings_of(data, config)
    logs.configure(settings.log_level, settings.log_format)
    output.note("working; Ctrl-C to stop")
    run(run_worker(settings))


def live(
    host: Annotated[str, typer.Option(metavar="HOST", help="Name or address to listen on.")] = "localhost",
    port: Annotated[int, typer.Option(metavar="PORT", help="Plain port, 0 for a free one.")] = 8643,
    tls_port: Annotated[int, typer.Option(metavar="PORT", help="Port with TLS, 0 for a free one.")] = 8644,
    key: Annotated[
        list[str] | None, typer.Option(metavar="KEY", help="An API key clients must show; may be repeated.")
    ] = None,
    strict: Annotated[bool, typer.Option("--strict/--lenient", help="Refuse what the service would refuse.")] = True,
    text_frames: Annotated[
        bool, typer.Option("--text-frames", help="Send JSON in text frames; the service's are binary.")
    ] = False,
    brain: Annotated[
        str, typer.Option(metavar="NAME", help="agent, echo, script:FILE, or the URL of a chat endpoint.")
    ] = "agent",
    faults: Annotated[
        str | None, typer.Option(metavar="NAME|FILE", help="What goes wrong, and when: `viva faults list`, or a file.")
    ] = None,
    ears: Annotated[Path | None, folder("Folder with a recogniser's model.")] = None,
    voices: Annotated[Path | None, folder("Folder with a synthesiser's voices.")] = None,
    life: Annotated[
        float | None, typer.Option(min=1, metavar="S", help="Seconds a connection lives; goAway comes before.")
    ] = None,
    speed: Annotated[
        float | None, typer.Option(min=0.1, metavar="X", help="Times real time that sound is sent at.")
    ] = None,
    at_once: Annotated[bool, typer.Option("--at-once", help="Do not wait while sound would be playing.")] = False,
    seed: Annotated[int, typer.Option(metavar="N", help="The same seed and input give the same talk.")] = 0,
    cert: Annotated[Path | None, file("A certificate of your own, PEM.")] = None,
    cert_key: Annotated[Path | None, file("Its key, PEM.")] = None,
    print_env: Annotated[bool, typer.Option("--print-env", help="Print the variables for SDKs, then stop.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print addresses and variables as one line of JSON.")] = False,
) -> None:
    """Run the live model alone, for programs of your own.

    A keyless stand-in for the Gemini Live API and for OpenAI Realtime.
    """
    import logging

    from vivavoce.app import live as stand_in

    options = stand_in.LiveOptions(
        host=host, port=port, tls_port=tls_port, keys=tuple(key or ()), strict=strict, text_frames=text_frames,
        brain=brain, faults=faults, ears=ears, voices=voices, life_s=life, speed=speed, at_once=at_once, seed=seed,
        certificate_file=cert, key_file=cert_key,
    )  # fmt: skip
    if print_env:
        found = stand_in.known(options)
        typer.echo(stand_in.json_of(found) if as_json else "\n".join(stand_in.exports(found)))
        return
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)  # it writes URLs, and a brain's may hold a key

    def tell(server: stand_in.Running) -> None:
        for line in [server.as_json()] if as_json else server.lines(options):
            typer.echo(line)

    run(stand_in.run(options, tell))


async def _serve(settings: Settings) -> None:
    from vivavoce.app import logs
    from vivavoce.app.agent_files import agents_in, words_of
    from vivavoce.app.keyring import is_guarded
    from vivavoce.app.server import listen, make_server
    from vivavoce.app.services import open_services
    from vivavoce.app.workforce import keep_workers

    logs.configure(settings.log_level, settings.log_format)
    listener = listen(settings, guarded=await is_guarded(settings))
    async with open_services(settings, words=words_of(agents_in(settings))) as services:
        engines = ", ".join(f"{part} {name}" for part, name in services.desk.engines.items())
        typer.echo(f"listening on http://{settings.host}:{listener.getsockname()[1]} ({engines})")
        async with keep_workers(settings):
            await make_server(services).serve(sockets=[listener])
