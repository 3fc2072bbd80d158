"""Agents as the REST surface shows them."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from vivavoce.agents import AgentFileError
from vivavoce.app.agent_files import find_agent
from vivavoce.app.agent_shelf import Shelved, read
from vivavoce.app.services import Services
from vivavoce.errors import InputError
from vivavoce.store.agents import StoredAgent, StoredVersion, hash_of


class AgentItem(BaseModel):
    """An agent in a list. Moments are Unix seconds."""

    name: str
    origin: Literal["file", "database"]
    title: str = Field(description="Empty when the file does not hold.")
    published: int | None = Field(description="The version that callers meet; null for a file, and before the first.")
    changed: bool = Field(description="The draft is not what was published.")
    hides_file: bool = Field(description="It is met in place of a file of the same name.")
    draft: str | None = Field(description="The draft's hash, which is its entity tag; null for a file.")
    updated_at: float | None
    problems: int = Field(description="What does not hold in a file; nobody can book it before it is mended.")


class AgentPage(BaseModel):
    agents: list[AgentItem]
    next: str | None = Field(description="`after` for the next page; null on the last.")


class SpeakerItem(BaseModel):
    id: str
    name: str
    role: str


class AgentText(BaseModel):
    """One text of an agent, byte for byte, and a little of what it says."""

    name: str
    origin: Literal["file", "database"]
    version: int | None = Field(description="Null for a draft and for a file.")
    source: str
    hash: str = Field(description="SHA-256 of the text: its entity tag.")
    title: str
    languages: list[str]
    speakers: list[SpeakerItem]
    objectives: list[str]


class VersionItem(BaseModel):
    agent: str
    version: int
    hash: str
    note: str
    made_at: float = Field(description="Unix seconds.")


class VersionPage(BaseModel):
    versions: list[VersionItem]
    next: str | None


class Saved(BaseModel):
    name: str
    draft: str = Field(description="The draft's hash, which is its entity tag.")


def item_of(here: Services, name: str, stored: StoredAgent | None, *, has_file: bool) -> AgentItem:
    """Reads files: for a thread."""
    met_as_file = has_file and (stored is None or stored.published is None)
    title, problems = "", 0
    try:
        title = (find_agent(here.settings, name) if stored is None else read(stored.draft, name)).spec.title
    except AgentFileError as error:
        problems = len(error.problems)
    except InputError:
        problems = 1
    return AgentItem(
        name=name,
        origin="file" if stored is None else "database",
        title=title,
        published=stored.published if stored is not None else None,
        changed=stored is not None and stored.changed,
        hides_file=has_file and not met_as_file,
        draft=hash_of(stored.draft) if stored is not None else None,
        updated_at=stored.updated_at if stored is not None else None,
        problems=problems,
    )


def text_of(agent: Shelved) -> AgentText:
    spec = agent.file.spec
    return AgentText(
        name=agent.name,
        origin=agent.origin,
        version=agent.version,
        source=agent.file.source,
        hash=hash_of(agent.file.source),
        title=spec.title,
        languages=list(spec.languages),
        speakers=[SpeakerItem(id=id_, name=each.name, role=each.role) for id_, each in spec.speakers.items()],
        objectives=list(spec.objectives),
    )


def version_of(version: StoredVersion) -> VersionItem:
    return VersionItem(
        agent=version.agent,
        version=version.version,
        hash=version.spec_hash,
        note=version.note,
        made_at=version.made_at,
    )
