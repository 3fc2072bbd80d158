"""A house for calls from the command line: server, caller and results. What `viva demo` and `viva talk` share."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
from rich.console import Console

from vivavoce.agents import AgentFile
from vivavoce.app.agent_files import words_of
from vivavoce.app.api.tickets import TALK
from vivavoce.app.display import CallDisplay
from vivavoce.app.filing import replay_call
from vivavoce.app.server import serving
from vivavoce.app.services import Services, open_services
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


class House:
    """A server on a free port of this machine, with one agent."""

    def __init__(self, services: Services, agent: AgentFile, port: int, told_to_stop: asyncio.Task[None]) -> None:
        self._desk = services.desk
        self._agent = services.shelf.lay(agent)
        self._port = port
        self._told_to_stop = told_to_stop
        self.page = f"http://127.0.0.1:{port}/t/{self._agent.name}"
        """Where a person can talk to the agent, while this runs."""
        self.has_page = services.built.has_page()

    async def call(
        self, caller: Caller, folder: Path, console: Console, *, spoken: bool, pace: str | None = None
    ) -> Result:
        """Let the caller talk to the agent, write the results, replay the log.

        Args:
            spoken: the caller speaks, so somebody has to hear.
            pace: of this call; as it is set for everybody when None.
        Raises:
            VivaError: what could not be started, written or replayed.
        """
        desk = self._desk
        if spoken and desk.engines["ears"] == "none":
            raise MissingError(
                "the caller speaks, and nothing here hears",
                remedy="Install vivavoce[local]; `viva demo --typed` needs no ears.",
            )
        booking = await desk.book(self._agent, wishes=None if pace is None else {"pace": pace})
        with CallDisplay(console) as display:
            result = await caller(f"ws://127.0.0.1:{self._port}{TALK}", booking.ticket, display)
        await desk.finished(booking.call)
        record = await deliver(desk.store, desk.recordings_dir, booking.call, folder)
        replayed = await replay_call(desk.store, booking.call)
        stored = await desk.store.call(booking.call)
        reason = stored.end_reason if stored is not None and stored.end_reason else ""
        trouble = " ".join(filter(None, (desk.state.problem, desk.state.remedy)))
        return Result(record, folder, reason, replayed, result, trouble)

    async def stay_open(self) -> None:
        """Until the server is told to stop."""
        await asyncio.wait({self._told_to_stop})


@asynccontextmanager
async def open_house(settings: Settings, agent: AgentFile, console: Console) -> AsyncIterator[House]:
    """
    Raises:
        VivaError: what could not be started.
    """
    own = msgspec.structs.replace(settings, on_stop="end")  # no other server is there to go on
    with console.status("starting") as status:
        async with (
            open_services(own, words=words_of([agent]), tell=status.update) as services,
            serving(services) as (port, told_to_stop),
        ):
            status.stop()
            engines = services.desk.engines
            console.print(
                f"backend [bold]{engines['backend']}[/] · ears {engines['ears']} · mouth {engines['mouth']} · "
                f"brain {engines['brain']}",
                highlight=False,
            )
            yield House(services, agent, port, told_to_stop)
