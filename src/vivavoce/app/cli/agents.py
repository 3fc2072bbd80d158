"""`viva agents`: agents kept in the database, and those of the agents folder."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vivavoce.app.cli import output
from vivavoce.app.cli.group import Group
from vivavoce.app.cli.options import AsJson, Config, Data, Yes, confirm, given_path
from vivavoce.app.cli.running import settings_of, with_store
from vivavoce.errors import InputError, NotHereError

if TYPE_CHECKING:
    from vivavoce.app.settings import Settings
    from vivavoce.store.agents import StoredVersion
    from vivavoce.store.store import Store

app = typer.Typer(cls=Group, help="Agents: drafts, published versions, files of the agents folder.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of an agent.")]
Note = Annotated[str, typer.Option(metavar="TEXT", help="A word about this version, for those who read the list.")]
MOST = 10_000
"""Agents or versions in one list."""


@app.command("list")
def list_(as_json: AsJson = False, data: Data = None, config: Config = None) -> None:
    """Every agent, where it is kept, and the version that callers meet."""
    settings = settings_of(data, config)
    found = with_store(settings, lambda store: _all(settings, store), must_exist=False)
    if as_json:
        output.document(found)
        return
    rows = [(a["name"], a["origin"], a["published"], _state(a), a["title"]) for a in found]
    output.table(["name", "kept in", "version", "state", "title"], rows, empty="no agents")


@app.command()
def show(
    name: Name,
    version: Annotated[int | None, typer.Option(metavar="N", help="A published version.")] = None,
    draft: Annotated[bool, typer.Option("--draft", help="The draft instead of what callers meet.")] = False,
    as_json: AsJson = False,
    data: Data = None,
    config: Config = None,
) -> None:
    """Print the text of an agent: what callers meet unless told otherwise."""
    settings = settings_of(data, config)
    found = with_store(settings, lambda store: _text(settings, store, name, version, draft=draft), must_exist=False)
    if as_json:
        output.document(found)
    else:
        typer.echo(found["source"], nl=not found["source"].endswith("\n"))


@app.command()
def push(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="Agent file; - for standard input.", parser=given_path)],
    name: Annotated[str, typer.Option(metavar="NAME", help="Under another name than the file's own.")] = "",
    publish_: Annotated[bool, typer.Option("--publish", help="Callers meet it from now on.")] = False,
    note: Note = "",
    data: Data = None,
    config: Config = None,
) -> None:
    """Keep an agent file in the database as the draft of its agent."""
    from vivavoce.agents import load
    from vivavoce.app.agent_files import is_name, read_agent
    from vivavoce.store.agents import Agents

    file = load(sys.stdin.read(), name="standard input") if str(path) == "-" else read_agent(path)
    as_name = name or file.spec.name
    if not is_name(as_name):
        raise InputError(f"want a name of letters, digits, - and _, got {as_name[:64]!a}; --name gives another")

    async def keep(store: Store) -> tuple[bool, StoredVersion | None]:
        agents = Agents(store.database)
        made = await agents.save_draft(as_name, file.source, time.time())
        return made, await agents.publish(as_name, time.time(), note=note) if publish_ else None

    made, version = with_store(settings_of(data, config), keep, must_exist=False)
    output.say(f"{as_name}: {'a new agent' if made else 'the draft was changed'}" + _published(version))


@app.command()
def publish(name: Name, note: Note = "", data: Data = None, config: Config = None) -> None:
    """Make the draft the version that callers meet."""
    from vivavoce.app.agent_shelf import read
    from vivavoce.store.agents import Agents

    async def work(store: Store) -> StoredVersion:
        agents = Agents(store.database)
        agent = await agents.get(name)
        if agent is None:
            raise NotHereError(f"want an agent of the database, got {name[:64]!a}")
        read(agent.draft, name)
        return await agents.publish(name, time.time(), note=note)

    output.say(name + _published(with_store(settings_of(data, config), work)))


@app.command()
def versions(name: Name, as_json: AsJson = False, data: Data = None, config: Config = None) -> None:
    """Every version that was published, newest first."""
    from vivavoce.store.agents import Agents

    async def work(store: Store) -> tuple[int | None, list[StoredVersion]]:
        agents = Agents(store.database)
        agent = await agents.get(name)
        if agent is None:
            raise NotHereError(f"want an agent of the database, got {name[:64]!a}")
        return agent.published, await agents.versions(name, limit=MOST)

    current, found = with_store(settings_of(data, config), work)
    if as_json:
        output.document(found)
        return
    rows = [(v.version, output.moment(v.made_at), v.version == current, v.spec_hash[:12], v.note) for v in found]
    output.table(["version", "published", "met", "hash", "note"], rows, empty="nothing was published yet")


@app.command()
def restore(
    name: Name,
    version: Annotated[int, typer.Argument(metavar="VERSION", help="Number of a version.")],
    note: Note = "",
    data: Data = None,
    config: Config = None,
) -> None:
    """Publish the text of an old version anew."""
    from vivavoce.store.agents import Agents

    made = with_store(
        settings_of(data, config),
        lambda store: Agents(store.database).restore(name, version, time.time(), note=note),
    )
    output.say(name + _published(made))


@app.command()
def delete(name: Name, yes: Yes = False, data: Data = None, config: Config = None) -> None:
    """Delete an agent of the database with its versions; calls keep the text they ran with."""
    from vivavoce.store.agents import Agents

    confirm(f"Delete the agent {name} and all its versions?", yes=yes)
    with_store(settings_of(data, config), lambda store: Agents(store.database).delete(name, time.time()))
    output.say(f"{name}: deleted")


async def _all(settings: Settings, store: Store) -> list[dict[str, Any]]:
    from vivavoce.app.agent_files import file_names, find_agent
    from vivavoce.store.agents import Agents

    agents = Agents(store.database)
    found = []
    for agent in await agents.page(limit=MOST):
        published = await agents.published(agent.name)
        about: dict[str, Any] = {"name": agent.name, "origin": "database", "published": agent.published}
        about["changed"] = published is None or published[1] != agent.draft
        found.append(about | _about(agent.name, published[1] if published else agent.draft))
    taken = {about["name"] for about in found if about["published"] is not None}
    for name in file_names(settings):
        try:
            title, problem = find_agent(settings, name).spec.title, ""
        except InputError as error:
            title, problem = "", str(error)
        about = {"name": name, "origin": "file", "published": None, "changed": False, "title": title}
        found.append(about | {"problem": problem, "hidden": name in taken})
    return sorted(found, key=lambda about: (about["name"], about["origin"]))


def _about(name: str, source: str) -> dict[str, Any]:
    from vivavoce.app.agent_shelf import read

    try:
        return {"title": read(source, name).spec.title, "problem": "", "hidden": False}
    except InputError as error:
        return {"title": "", "problem": str(error), "hidden": False}


async def _text(settings: Settings, store: Store, name: str, version: int | None, *, draft: bool) -> dict[str, Any]:
    from vivavoce.app.agent_shelf import AgentShelf
    from vivavoce.store.agents import Agents

    agents = Agents(store.database)
    if draft:
        agent = await agents.get(name)
        if agent is None:
            raise NotHereError(f"want an agent of the database, got {name[:64]!a}")
        return {"name": name, "origin": "database", "version": None, "source": agent.draft}
    if version is not None:
        source = await agents.source(name, version)
        if source is None:
            raise NotHereError(f"want a version of the agent {name[:64]}, got {version}")
        return {"name": name, "origin": "database", "version": version, "source": source}
    met = await AgentShelf(settings, agents).find(name)
    return {"name": name, "origin": met.origin, "version": met.version, "source": met.file.source}


def _state(about: dict[str, Any]) -> str:
    if about["problem"]:
        return "does not hold"
    if about["hidden"]:
        return "hidden by the database's"
    if about["origin"] == "file":
        return "met by callers"
    if about["published"] is None:
        return "draft"
    return "draft has changes" if about["changed"] else "met by callers"


def _published(version: StoredVersion | None) -> str:
    return "" if version is None else f"; callers meet version {version.version}"
