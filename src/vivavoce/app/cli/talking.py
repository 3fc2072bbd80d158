"""`viva demo` and `viva talk`: one call on this machine, from first word to report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vivavoce.app.cli.exits import Exit
from vivavoce.app.cli.group import tell
from vivavoce.app.cli.options import Out, file, given_path
from vivavoce.app.cli.running import read_agent, run, settings_of

if TYPE_CHECKING:
    from vivavoce.agents import AgentFile
    from vivavoce.app.oneoff import Caller


def demo(
    out: Out = Path("viva-demo"),
    agent: Annotated[Path | None, file("Agent file; the founder interview by default.")] = None,
    guest: Annotated[Path | None, file("Guest file; the founder Dana by default.")] = None,
    typed: Annotated[bool, typer.Option("--typed", help="The guest types instead of speaking.")] = False,
) -> None:
    """Hold a spoken interview from first word to report, offline."""
    from vivavoce.app import samples
    from vivavoce.guests.guest import read as read_guest
    from vivavoce.guests.run import run_guest

    loaded = read_guest(guest or samples.DANA)
    _one_call(
        read_agent(agent or samples.FOUNDER),
        lambda url, ticket, display: run_guest(url, ticket, loaded, display, typed=typed),
        out,
        pace="casual",  # guests do not pause to think in the middle of a sentence
        spoken=not typed,
    )


def talk(
    agent: Annotated[Path, typer.Argument(metavar="AGENT", help="Agent file.", parser=given_path)],
    wav: Annotated[Path, file("A recording of the caller: any WAV file.")],
    out: Out = Path("viva-talk"),
) -> None:
    """Let a recording talk to an agent, and keep what comes of it."""
    from vivavoce.guests.run import run_wav

    _one_call(read_agent(agent), lambda url, ticket, display: run_wav(url, ticket, wav, display), out)


def _one_call(agent: AgentFile, caller: Caller, out: Path, *, pace: str | None = None, spoken: bool = True) -> None:

    from rich.console import Console

    from vivavoce.app import logs
    from vivavoce.app.oneoff import one_call
    from vivavoce.app.summary import summarise

    logs.configure("error")  # what a person should know is printed in words
    settings = settings_of(out / "data", port=0, host="127.0.0.1", pace=pace, max_calls=1)
    console = Console()
    result = run(one_call(settings, agent, caller, out, console, spoken=spoken))
    if result.trouble:
        tell(result.trouble)
        raise typer.Exit(Exit.MODEL)
    summarise(result, console)
    if result.reason not in ("agent_ended", "caller_hung_up", "caller_left"):
        raise typer.Exit(Exit.FAILED)
