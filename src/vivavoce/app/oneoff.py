"""A call from the command line: server, caller and results in one go. What `viva demo` and `viva talk` share."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
from rich.console import Console

from vivavoce.agents import AgentFile
from vivavoce.app.agent_files import words_of
from vivavoce.app.agent_shelf import Shelved
from vivavoce.app.api.tickets import TALK
from vivavoce.app.display import CallDisplay
from vivavoce.app.filing import replay_call
from vivavoce.app.server import running
from vivavoce.app.services import open_services
from vivavoce.app.settings import Settings
from vivavoce.errors import MissingError
from vivavoce.findings.deliver import deliver
from vivavoce.findings.record import CallRecord
from vivavoce.guests.run import GuestResult

Caller = Callable[[str, str, CallDisplay], Awaitable[GuestResult]]
"""Talks over the socket at this URL with this ticket, telling the display."""


class Result(msgspec.Struct, frozen=True):
    record: CallRecord
    folder: Path
    reason: str
    replayed: int
    caller: GuestResult
    trouble: str
    """Why the live model could not be talked to, and what to do; empty when it could."""


async def one_call(
    settings: Settings, agent: AgentFile, caller: Caller, folder: Path, console: Console, *, spoken: bool
) -> Result:
    """Start a server on a free port, let the caller talk to the agent, write the results, replay the log.

    Args:
        spoken: the caller speaks, so somebody has to hear.
    Raises:
        VivaError: what could not be started, written or replayed.
    """
    with console.status("starting") as status:
        async with (
            open_services(settings, words=words_of([agent]), tell=status.update) as services,
            running(services) as port,
        ):
            status.stop()
            desk = services.desk
            engines = desk.engines
            console.print(
                f"backend [bold]{engines['backend']}[/] · ears {engines['ears']} · mouth {engines['mouth']} · "
                f"brain {engines['brain']}",
                highlight=False,
            )
            if spoken and engines["ears"] == "none":
                raise MissingError(
                    "the caller speaks, and nothing here hears",
                    remedy="Install vivavoce[local]; `viva demo --typed` needs no ears.",
                )
            booking = await desk.book(Shelved.of(agent))
            with CallDisplay(console) as display:
                result = await caller(f"ws://127.0.0.1:{port}{TALK}", booking.ticket, display)
            await desk.finished(booking.call)
            record = await deliver(desk.store, desk.recordings_dir, booking.call, folder)
            replayed = await replay_call(desk.store, booking.call)
            stored = await desk.store.call(booking.call)
            reason = stored.end_reason if stored is not None and stored.end_reason else ""
            trouble = " ".join(filter(None, (desk.state.problem, desk.state.remedy)))
            return Result(record, folder, reason, replayed, result, trouble)
