"""`viva doctor --settings`: every setting, its value, and who decided it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vivavoce.app.cli import output
from vivavoce.app.cli.running import with_store

if TYPE_CHECKING:
    from vivavoce.agents import AgentSpec
    from vivavoce.app.settings import Settings, SettingsWithSources
    from vivavoce.store.store import Store


def explain(found: SettingsWithSources, agent: str | None, *, as_json: bool) -> None:
    """Print the settings of this server, or those that a call with an agent would be run with.

    Raises:
        InputError: there is no such agent, or its file does not hold.
        StoreError: the database does not answer.
    """
    from vivavoce.app.terms import explained

    told = found.explained() if agent is None else explained(found, _spec(found.settings, agent))
    if as_json:
        output.document({each.name: {"value": each.value, "source": each.source} for each in told})
        return
    for each in told:
        output.say(str(each))


def _spec(settings: Settings, name: str) -> AgentSpec:
    from pathlib import Path

    from vivavoce.app.agent_files import find_agent
    from vivavoce.app.agent_shelf import AgentShelf
    from vivavoce.store.agents import Agents

    async def look(store: Store) -> AgentSpec:
        return (await AgentShelf(settings, Agents(store.database)).find(name)).file.spec

    if settings.database_url or (Path(settings.data_dir) / "viva.db").is_file():
        return with_store(settings, look)
    return find_agent(settings, name).spec  # nothing is made for a look
