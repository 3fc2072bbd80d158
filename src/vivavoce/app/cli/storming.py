"""`viva storm`: thousands of bad calls in virtual time, and one of them told."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vivavoce.app.cli import output
from vivavoce.app.cli.exits import Exit
from vivavoce.app.cli.options import AsJson, file, folder
from vivavoce.errors import InputError

if TYPE_CHECKING:
    from vivavoce.storm.storm import Storm

TOLD = 5
"""Failing calls that are shrunk, each for another bound; the others are mostly the same again."""


def storm(
    calls: Annotated[int, typer.Option(min=1, max=1_000_000, metavar="N", help="Calls in virtual time.")] = 2000,
    seed: Annotated[int, typer.Option(metavar="N", help="The same seed is the same calls.")] = 1,
    faults: Annotated[int, typer.Option(min=0, max=100, metavar="N", help="Random faults in each call.")] = 5,
    minutes: Annotated[
        str, typer.Option(metavar="FROM-TO", help="How long calls are: 15-45, or 30 for all.")
    ] = "15-45",
    only: Annotated[
        list[str] | None, typer.Option(metavar="FAULT", help="Only faults of this kind; may be repeated.")
    ] = None,
    jobs: Annotated[int, typer.Option(min=0, max=256, metavar="N", help="Processes; 0 for one a core.")] = 0,
    save: Annotated[Path, folder("Where scripts of calls that fail are written.")] = Path("viva-storm"),
    script: Annotated[Path | None, file("Play this one call instead, and tell its story.")] = None,
    real: Annotated[
        int, typer.Option(min=0, max=500, metavar="N", help="Real calls over sockets instead, so many at once.")
    ] = 0,
    seconds: Annotated[float, typer.Option(min=10, max=3600, metavar="S", help="How long real calls are.")] = 60.0,
    as_json: AsJson = False,
) -> None:
    """Put calls through every fault there is, in virtual time, and count what was lost.

    The conversation that decides real calls is put into a world of virtual time: a caller and their machine, a line,
    servers, a live model. Everything in it breaks at random, by seed. What was lost or repeated is counted in the
    world, not in the machine. A call that breaks a bound is shrunk to the fewest faults and the shortest time with
    which it still does, and saved as a script. Ends with 1 when a bound is broken.

    With `--real`, a server is started, and beside it a live model that fails by plan and a crowd of callers whose own
    lines are cut now and then; each is a process of its own, and both ends note what they sent and what they heard.
    """
    from vivavoce.storm.storm import Storm

    if script is not None:
        _one(script, as_json=as_json)
        return
    if real:
        _real(real, seconds, seed, as_json=as_json)
        return
    asked = Storm(calls=calls, seed=seed, faults=faults, minutes=_minutes(minutes), kinds=tuple(only or ()))
    _many(asked, jobs, save, as_json=as_json)


def _real(calls: int, seconds: float, seed: int, *, as_json: bool) -> None:
    import asyncio

    from vivavoce.app.real_storm import real_storm
    from vivavoce.storm.sockets.crowd import Manner
    from vivavoce.storm.sockets.model import Plan
    from vivavoce.storm.sockets.truth import rows

    with output.progress() as tell:
        plan, manner = Plan(seed=seed), Manner(seed=seed)
        found = asyncio.run(real_storm(calls, seconds, plan=plan, manner=manner, tell=lambda what: tell(what, None)))
    if as_json:
        output.document(found)
    else:
        output.table(["measured", "came", "may be"], rows(found), empty="")
    if found.broken():
        raise typer.Exit(Exit.FAILED)


def _minutes(text: str) -> tuple[float, float]:
    low, _, high = text.partition("-")
    try:
        found = float(low), float(high or low)
    except ValueError:
        found = 0.0, 0.0
    if not 1.0 <= found[0] <= found[1] <= 55.0:
        raise InputError(f"want minutes such as 15-45, from 1 to 55, got {text[:40]!r}")
    return found


def _many(asked: Storm, jobs: int, save: Path, *, as_json: bool) -> None:
    from vivavoce.storm.found import save_failing
    from vivavoce.storm.storm import storm as play_all
    from vivavoce.storm.table import fault_rows, rows

    with output.progress() as tell:
        found = play_all(asked, jobs=jobs, tell=tell)
        saved = save_failing(asked, found.failing, save, most=TOLD, tell=tell)
    total = found.total
    if as_json:
        output.document({"asked": asked, "total": total, "failing": found.failing, "saved": [str(s) for s in saved]})
    else:
        output.table(["measured", "came", "may be"], rows(total), empty="")
        output.table(["fault", "times", "what it is"], fault_rows(total), empty="no faults")
        for path in saved:
            output.say(f"viva storm --script {path}")
    if total.broken():
        raise typer.Exit(Exit.FAILED)


def _one(path: Path, *, as_json: bool) -> None:
    from vivavoce.conversation.story import Teller
    from vivavoce.storm.outcome import check, measured, play
    from vivavoce.storm.table import rows
    from vivavoce.storm.world.script import read_script

    world = play(check(read_script(path)))
    outcome = measured(world)
    teller = Teller()
    for seq, (at, event, effects) in enumerate(world.log):
        teller.take(seq, at, event, effects)
    if as_json:
        output.document({"story": teller.lines, "outcome": outcome})
    else:
        for line in teller.lines:
            minutes, seconds = divmod(line.at_s, 60)
            output.say(f"{minutes:02.0f}:{seconds:06.3f}  {line.who:<6}  {line.says}")
        output.table(["measured", "came", "may be"], rows(outcome), empty="")
    if outcome.broken():
        raise typer.Exit(Exit.FAILED)
