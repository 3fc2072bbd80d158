from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conversation.talk import ROOT
from vivavoce.agents import AgentFileError, load
from vivavoce.app import agent_shelf
from vivavoce.app.agent_shelf import FRESH_S, AgentShelf, UnknownAgentError
from vivavoce.app.settings import Settings
from vivavoce.store import Store
from vivavoce.store.agents import Agents

FILE = ROOT / "examples/agents/founder.yaml"
TEXT = FILE.read_text()


@dataclass
class Clock:
    now: float = 0.0


@dataclass
class Shelf:
    shelf: AgentShelf
    agents: Agents
    folder: Path
    clock: Clock


@pytest.fixture
async def on(tmp_path: Path) -> AsyncIterator[Shelf]:
    folder = tmp_path / "agents"
    folder.mkdir()
    shutil.copy(FILE, folder)
    store = await Store.open(f"sqlite:///{tmp_path / 'viva.db'}")
    agents = Agents(store.database)
    clock = Clock()
    shelf = AgentShelf(Settings(agents_dir=str(folder)), agents, clock=lambda: clock.now)
    yield Shelf(shelf, agents, folder, clock)
    await store.close()


async def test_a_published_agent_is_met_in_place_of_the_file(on: Shelf) -> None:
    assert (await on.shelf.find("founder")).origin == "file"
    await on.agents.save_draft("founder", TEXT.replace("Startup idea", "Another"), 0.0)
    on.shelf.forget("founder")
    assert (await on.shelf.find("founder")).origin == "file"  # a draft is met by nobody
    await on.agents.publish("founder", 0.0)
    on.shelf.forget("founder")
    met = await on.shelf.find("founder")
    assert (met.origin, met.version, met.file.spec.title) == ("database", 1, "Another interview")
    await on.agents.delete("founder", 0.0)
    on.shelf.forget("founder")
    assert (await on.shelf.find("founder")).version is None


async def test_an_answer_is_at_most_a_second_old(on: Shelf) -> None:
    first = await on.shelf.find("founder")
    await on.agents.save_draft("founder", TEXT, 0.0)
    await on.agents.publish("founder", 0.0)
    on.clock.now = FRESH_S - 0.01
    assert await on.shelf.find("founder") is first
    on.clock.now = FRESH_S
    assert (await on.shelf.find("founder")).version == 1


async def test_what_is_kept_has_an_end(on: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agent_shelf, "MAX_CACHED", 2)
    for name in ("a", "b", "c"):
        shutil.copy(FILE, on.folder / f"{name}.yaml")
        await on.shelf.find(name)
    first = await on.shelf.find("c")
    (on.folder / "a.yaml").unlink()
    assert await on.shelf.find("c") is first
    with pytest.raises(UnknownAgentError):
        await on.shelf.find("a")


@pytest.mark.parametrize(
    "name", ["nobody", "", "../founder", "founder.yaml", "a\0b", "\ud800", "-x", "x" * 300, "founder\n", "%2e", "*"]
)
async def test_an_unknown_name_is_told_with_those_there_are(on: Shelf, name: str) -> None:
    with pytest.raises(UnknownAgentError) as error:
        await on.shelf.find(name)
    assert error.value.known == ["founder"]
    assert "founder'" not in str(error.value) or name.startswith(("founder", "../"))


async def test_a_file_that_does_not_hold_is_told(on: Shelf) -> None:
    (on.folder / "broken.yaml").write_text("spec: 1\n")
    with pytest.raises(AgentFileError):
        await on.shelf.find("broken")
    assert await on.shelf.names() == ["broken", "founder"]


async def test_an_agent_that_was_laid_there_is_met_before_any_other(on: Shelf) -> None:
    await on.agents.save_draft("founder", TEXT.replace("Startup idea", "Published"), 0.0)
    await on.agents.publish("founder", 0.0)
    laid = on.shelf.lay(load(TEXT.replace("name: founder-validation", "name: founder"), name="mine.yaml"))
    assert await on.shelf.find("founder") is laid
    on.shelf.lay(load(TEXT.replace("name: founder-validation", "name: elsewhere"), name="mine.yaml"))
    assert (await on.shelf.find("elsewhere")).origin == "file"
    assert await on.shelf.names() == ["elsewhere", "founder"]
