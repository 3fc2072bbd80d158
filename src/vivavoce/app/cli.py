"""The command `viva`. Exit codes: 0 done, 1 the thing itself failed (a call, a check, a replay), 2 it was asked
wrongly.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from vivavoce import __version__
from vivavoce.errors import InputError, VivaError

app = typer.Typer(
    name="viva",
    help="Live voice agents, and the decisions that come out of the talk.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)

# Parts of the grammar whose rooms are not built yet: `check` says so instead of letting a file promise them.
NOT_ACTED_ON = (
    "knowledge", "materials", "stage", "offers", "embed", "kiosk", "measure", "experiment", "frustration", "coach",
    "tests", "floor", "result.deliver", "consent.keep_days",
)  # fmt: skip

Out = Annotated[Path, typer.Option(help="Where the results go.")]


def main() -> None:
    """Run a command. Errors of ours are one line with what was wanted and what came."""
    try:
        app()
    except VivaError as error:
        sys.stderr.write(f"viva: {error}\n")
        raise SystemExit(2 if isinstance(error, InputError) else 1) from None


@app.callback(invoke_without_command=True)
def version(show: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    if show:
        typer.echo(__version__)
        raise typer.Exit


@app.command()
def demo(
    out: Out = Path("viva-demo"),
    agent: Annotated[Path | None, typer.Option(help="Agent file; the founder interview by default.")] = None,
    guest: Annotated[Path | None, typer.Option(help="Guest file; the founder Dana by default.")] = None,
    typed: Annotated[bool, typer.Option(help="The guest types instead of speaking.")] = False,
) -> None:
    """A spoken interview from first word to report, offline, with no key."""
    from vivavoce.app import samples
    from vivavoce.guests.guest import read as read_guest
    from vivavoce.guests.run import run_guest

    loaded = read_guest(guest or samples.DANA)
    _one_call(
        _read_agent(agent or samples.FOUNDER),
        lambda url, ticket, display: run_guest(url, ticket, loaded, display, typed=typed),
        out,
        pace="casual",  # guests do not pause to think in the middle of a sentence
        spoken=not typed,
    )


@app.command()
def talk(
    agent: Annotated[Path, typer.Argument(help="Agent file.")],
    wav: Annotated[Path, typer.Option(help="A recording of the caller: any WAV file.")],
    out: Out = Path("viva-talk"),
) -> None:
    """Let a recording talk to an agent, in real time, and keep what comes of it."""
    from vivavoce.guests.run import run_wav

    _one_call(_read_agent(agent), lambda url, ticket, display: run_wav(url, ticket, wav, display), out)


@app.command()
def check(files: Annotated[list[Path], typer.Argument(help="Agent files.")]) -> None:
    """Check agent files; every problem with its line, what was wanted and what came."""
    from vivavoce.agents import describe
    from vivavoce.tools import ToolRunner, builtins

    runner = ToolRunner(builtins())
    failed = False
    for path in files:
        try:
            spec = _read_agent(path).spec
        except InputError as error:
            failed = True
            typer.echo(str(error), err=True)
            continue
        typer.echo(f"{path}: holds")
        for line in describe(spec):
            typer.echo(f"  {line}")
        if idle := [name for name in NOT_ACTED_ON if _given(spec, name)]:
            typer.echo(f"  understood, but nothing acts on it in this version: {', '.join(idle)}")
        if missing := runner.unavailable(spec.tools):
            typer.echo(f"  not on this server, left out of calls: {', '.join(missing)}")
    if failed:
        raise typer.Exit(1)


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on, 0 for a free one.")] = None,
    agents: Annotated[str | None, typer.Option(help="Folder of agent files.")] = None,
    data: Annotated[str | None, typer.Option(help="Folder for database and recordings.")] = None,
    config: Annotated[Path | None, typer.Option(help="Settings file; viva.toml here by default.")] = None,
    settings: Annotated[bool, typer.Option("--settings", help="Print settings and their sources, then stop.")] = False,
) -> None:
    """Run the server."""
    from vivavoce.app.settings import load_settings

    found = load_settings(file=config, overrides={"host": host, "port": port, "agents_dir": agents, "data_dir": data})
    if settings:
        for line in found.lines():
            typer.echo(line)
        return
    _run(_serve(found.settings))


@app.command()
def live(
    host: Annotated[str, typer.Option(help="Name or address to listen on.")] = "localhost",
    port: Annotated[int, typer.Option(help="Plain port, 0 for a free one.")] = 8643,
    tls_port: Annotated[int, typer.Option(help="Port with TLS, 0 for a free one.")] = 8644,
    key: Annotated[list[str] | None, typer.Option(help="An API key clients must show; may be repeated.")] = None,
    strict: Annotated[bool, typer.Option("--strict/--lenient", help="Refuse what the service would refuse.")] = True,
    text_frames: Annotated[bool, typer.Option(help="Send JSON in text frames; the service's are binary.")] = False,
    brain: Annotated[str, typer.Option(help="agent, echo, script:FILE, or the URL of a chat endpoint.")] = "agent",
    faults: Annotated[Path | None, typer.Option(help="File of what goes wrong, and when.")] = None,
    ears: Annotated[Path | None, typer.Option(help="Folder with a recogniser's model.")] = None,
    voices: Annotated[Path | None, typer.Option(help="Folder with a synthesiser's voices.")] = None,
    life: Annotated[float | None, typer.Option(min=1, help="Seconds a connection lives; goAway comes before.")] = None,
    speed: Annotated[float | None, typer.Option(min=0.1, help="Times real time that sound is sent at.")] = None,
    at_once: Annotated[bool, typer.Option("--at-once", help="Do not wait while sound would be playing.")] = False,
    seed: Annotated[int, typer.Option(help="The same seed and input give the same talk.")] = 0,
    cert: Annotated[Path | None, typer.Option(help="A certificate of your own, PEM.")] = None,
    cert_key: Annotated[Path | None, typer.Option(help="Its key, PEM.")] = None,
    print_env: Annotated[bool, typer.Option("--print-env", help="Print the variables for SDKs, then stop.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print addresses and variables as one line of JSON.")] = False,
) -> None:
    """Run the live model alone: a keyless stand-in for the Gemini Live API."""
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

    _run(stand_in.run(options, tell))


@app.command()
def replay(
    call: Annotated[str, typer.Argument(help="Id of a call.")],
    data: Annotated[str | None, typer.Option(help="Folder of the database, such as viva-demo/data.")] = None,
) -> None:
    """Feed a recorded call to the machine again; fails at the first differing effect."""
    from vivavoce.app.filing import open_store, replay_call
    from vivavoce.app.settings import load_settings

    settings = load_settings(overrides={"data_dir": data}).settings

    async def run() -> int:
        async with open_store(settings, must_exist=True) as store:
            return await replay_call(store, call)

    typer.echo(f"{_run(run())} events, the same effects")


@app.command()
def report(
    call: Annotated[str, typer.Argument(help="Id of a call.")],
    data: Annotated[str | None, typer.Option(help="Folder of the database, such as viva-data.")] = None,
    out: Out = Path("viva-report"),
) -> None:
    """Write the report of a call, with transcript, facts and recording."""
    from vivavoce.app.filing import open_store
    from vivavoce.app.settings import load_settings
    from vivavoce.findings.deliver import deliver

    settings = load_settings(overrides={"data_dir": data}).settings

    async def run() -> None:
        async with open_store(settings, must_exist=True) as store:
            await deliver(store, Path(settings.data_dir) / "recordings", call, out)

    _run(run())
    typer.echo(str(out / "report.html"))


def _given(spec: Any, path: str) -> bool:
    import msgspec

    value = spec
    for name in path.split("."):
        value = getattr(value, name)
    return any(msgspec.structs.astuple(value)) if isinstance(value, msgspec.Struct) else bool(value)


def _one_call(agent: Any, caller: Any, out: Path, *, pace: str | None = None, spoken: bool = True) -> None:
    import logging

    from rich.console import Console

    from vivavoce.app import logs
    from vivavoce.app.oneoff import one_call
    from vivavoce.app.settings import load_settings
    from vivavoce.app.summary import summarise

    logs.configure(logging.ERROR)  # what a person should know is printed in words
    settings = load_settings(
        overrides={"data_dir": str(out / "data"), "port": 0, "host": "127.0.0.1", "pace": pace, "max_calls": 1}
    ).settings
    console = Console()
    result = _run(one_call(settings, agent, caller, out, console, spoken=spoken))
    if result.trouble:
        sys.stderr.write(f"viva: {result.trouble}\n")
        raise typer.Exit(1)
    summarise(result, console)
    if result.reason not in ("agent_ended", "caller_hung_up", "caller_left"):
        raise typer.Exit(1)


async def _serve(settings: Any) -> None:
    from vivavoce.app import logs
    from vivavoce.app.agent_files import agents_in, words_of
    from vivavoce.app.desk import open_desk
    from vivavoce.app.server import listen, make_server

    logs.configure()
    listener = listen(settings)
    async with open_desk(settings, words=words_of(agents_in(settings))) as desk:
        engines = ", ".join(f"{part} {name}" for part, name in desk.engines.items())
        typer.echo(f"listening on http://{settings.host}:{listener.getsockname()[1]} ({engines})")
        await make_server(desk).serve(sockets=[listener])


def _read_agent(path: Path) -> Any:
    from vivavoce.app.agent_files import read_agent

    return read_agent(path)


def _run(work: Any) -> Any:
    import asyncio

    try:
        import uvloop
    except ImportError:
        return asyncio.run(work)
    return uvloop.run(work)
