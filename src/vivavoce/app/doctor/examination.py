"""All checks, in the order in which a person would ask."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

from vivavoce.app.doctor import database, machine, model, server
from vivavoce.app.doctor.finding import Finding
from vivavoce.app.settings import Settings


async def examine(
    settings: Settings, *, online: bool = False, tell: Callable[[str], None] = lambda _: None
) -> AsyncIterator[Finding]:
    """Findings as they come.

    Args:
        online: dial the live model.
        tell: is told what is being tried where that takes a while.
    """
    for finding in machine_alone():
        yield finding
    for finding in machine.disk(settings):
        yield finding
    if (files := machine.open_files(settings)) is not None:
        yield files
    yield await server.port(settings)
    yield database.secret_key(settings)
    tell("asking the database")
    async for finding in database.database(settings):
        yield finding
    for finding in server.agents(settings):
        yield finding
    for finding in server.prompts(settings):
        yield finding
    async for finding in model.model(settings, online=online, tell=tell):
        yield finding


def machine_alone() -> list[Finding]:
    """What can be looked at without settings."""
    return [machine.python(), *machine.packages(), machine.clock()]
