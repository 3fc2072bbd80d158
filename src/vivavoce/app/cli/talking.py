"""`viva demo` and `viva talk`: a call on this machine, from first word to report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vivavoce.app.cli.exits import Exit
from vivavoce.app.cli.group import tell
from vivavoce.app.cli.options import Out, file, given_path
from vivavoce.app.cli.running import read_agent, run, settings_of

if TYPE_CHECKING:
    from rich.console import Console

    from vivavoce.agents import AgentFile
    from vivavoce.app.oneoff import Caller, House, Result


def demo(
    out: Out = Path("viva-demo"),
    agent: Annotated[Path | None, file("Agent file; the founder interview by default.")] = None,
    guest: Annotated[Path | None, file("Guest file; the founder Dana by default.")] = None,
    typed: Annotated[bool, typer.Option("--typed", help="The guest types instead of speaking.")] = False,
) -> None:
    """Hold a spoken interview from first word to report, offline.

    What the founder told is then put to a panel (`viva study demo`). It prints an address where you can talk to the
    same agent; on a terminal that goes on until Ctrl-C.
    """
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
        invites=True,
        studies=agent is None and guest is None,  # of other talks there are no people to ask
    )


def talk(
    agent: Annotated[Path, typer.Argument(metavar="AGENT", help="Agent file.", parser=given_path)],
    wav: Annotated[Path, file("A recording of the caller: any WAV file.")],
    out: Out = Path("viva-talk"),
) -> None:
    """Let a recording talk to an agent, and keep what comes of it."""
    from vivavoce.guests.run import run_wav

    _one_call(read_agent(agent), lambda url, ticket, display: run_wav(url, ticket, wav, display), out)


def _one_call(
    agent: AgentFile,
    caller: Caller,
    out: Path,
    *,
    pace: str | None = None,
    spoken: bool = True,
    invites: bool = False,
    studies: bool = False,
) -> None:
    from rich.console import Console

    from vivavoce.app import logs
    from vivavoce.app.oneoff import open_house

    logs.configure("error")  # what a person should know is printed in words
    # whoever sits at this machine may talk, whatever guards the servers it is set up for
    settings = settings_of(
        out / "data", port=0, host="127.0.0.1", api_key="", https=False, public_url="", max_calls=2 if invites else 1
    )
    console = Console()

    async def hold() -> Result:
        async with open_house(settings, agent, console) as house:
            if invites:
                _invite("with a microphone, talk to it yourself:", house, console)
            result = await house.call(caller, out, console, spoken=spoken, pace=pace)
            _tell(result, console)
            if studies and not result.trouble:
                await _study(out)
            if invites and console.is_terminal and house.has_page and not result.trouble:
                _invite("now you:", house, console)
                console.print(
                    f"Ctrl-C ends it. What you say is kept in {out / 'data'}: "
                    f"`viva calls list --data {out / 'data'}`, then `viva report CALL --data {out / 'data'}`.",
                    highlight=False,
                    soft_wrap=True,
                )
                await house.stay_open()
            return result

    result = run(hold())
    if result.trouble:
        raise typer.Exit(Exit.MODEL)
    if result.reason not in ("agent_ended", "caller_hung_up", "caller_left"):
        tell(f"the call did not come to its end: {result.reason or 'it was not begun'}")
        raise typer.Exit(Exit.FAILED)


async def _study(out: Path) -> None:
    """A study of what was told. In a thread: the house goes on, for whoever is talking meanwhile."""
    import asyncio

    from vivavoce.app.cli.study_demo import demonstrate
    from vivavoce.errors import VivaError

    try:
        await asyncio.to_thread(demonstrate, out / "data", out / "study.html")
    except VivaError as error:  # the interview was held, and its report is there
        tell(f"the study could not be held: {error}")


def _invite(words: str, house: House, console: Console) -> None:
    """In one line, so that a terminal can open the address, and a pipe can read it."""
    where = f"[bold]{house.page}[/]" if house.has_page else "its page is not built; `make web` builds it"
    console.print(f"{words} {where}", highlight=False, soft_wrap=True)


def _tell(result: Result, console: Console) -> None:
    from vivavoce.app.summary import summarise

    if result.trouble:
        tell(result.trouble)
    else:
        summarise(result, console)
