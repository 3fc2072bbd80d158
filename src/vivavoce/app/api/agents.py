"""Agents: files of the server, which are only read here, and agents of the database with a draft and versions."""

from __future__ import annotations

import asyncio
import time
from typing import Annotated, Literal

from fastapi import APIRouter, Body, Depends, HTTPException, Query, Request, Response
from fastapi import Path as InPath
from pydantic import BeforeValidator, Field, Strict

from vivavoce.agents import AgentFileError
from vivavoce.app.agent_files import NAME, file_names
from vivavoce.app.agent_shelf import Shelved, UnknownAgentError, read
from vivavoce.app.api.access import Here, Principal, needs
from vivavoce.app.api.agent_bodies import YAML, YAML_TYPES, SourceBody, expected_drafts, file_in
from vivavoce.app.api.agent_views import (
    AgentPage,
    AgentText,
    Saved,
    VersionItem,
    VersionPage,
    item_of,
    text_of,
    version_of,
)
from vivavoce.app.api.answers import GUARDED, accepted, as_whole, refused
from vivavoce.app.api.paging import After, Limit, cursor_to, place_of
from vivavoce.app.refusals import NotHeldError
from vivavoce.app.services import Services
from vivavoce.errors import NotHereError
from vivavoce.store.agents import hash_of

router = APIRouter(prefix="/api/v1/agents", tags=["agents"])
Reader = Annotated[Principal, Depends(needs("agents:read"))]
Writer = Annotated[Principal, Depends(needs("agents:write"))]
Name = Annotated[str, InPath(pattern=NAME, description="What the agent is found and booked by.")]
Version = Annotated[int, Field(ge=1, le=1_000_000)]
Note = Annotated[str, Field(max_length=500, pattern=r"^[^\x00]*$", description="Why, for those who read the versions.")]


def may_touch(who: Principal, name: str) -> None:
    """
    Raises:
        HTTPException: this key is for other agents.
    """
    if who.agents and name not in who.agents:
        raise HTTPException(403, "want a key that may touch this agent")


async def find_for(here: Services, who: Principal, name: str) -> Shelved:
    """The agent that somebody names, as callers meet it.

    Raises:
        NotHereError: there is none; who may read agents is told which there are.
        HTTPException: this key is for other agents.
        InputError, StoreError: as `AgentShelf.find`.
    """
    may_touch(who, name)
    try:
        return await here.shelf.find(name)
    except UnknownAgentError as error:
        if not who.may("agents:read"):
            raise
        known = ", ".join(each for each in error.known if not who.agents or each in who.agents) or "none"
        raise NotHereError(f"want one of the agents {known}, got {name[:64]!a}") from None


@router.get("", responses=GUARDED)
async def list_agents(here: Here, who: Reader, limit: Limit = 50, after: After = None) -> AgentPage:
    """Every agent, by name: those of the database and the files of the agents folder."""
    start = place_of(after, str) or ""
    stored = {agent.name: agent for agent in await here.agents.page(limit=limit + 1, after=start, only=who.agents)}
    files = set(await asyncio.to_thread(file_names, here.settings))
    shown = {name for name in files if name > start and (not who.agents or name in who.agents)}
    names = sorted({*stored, *shown})[: limit + 1]
    items = await asyncio.to_thread(
        lambda: [item_of(here, name, stored.get(name), has_file=name in files) for name in names[:limit]]
    )
    return AgentPage(agents=items, next=cursor_to(names[limit - 1]) if len(names) > limit else None)


@router.get(
    "/{name}",
    responses={200: {"content": {YAML: {"schema": {"type": "string"}}}}, **GUARDED, **refused(404, 406, 409)},
    response_model=AgentText,
)
async def show_agent(
    here: Here,
    who: Reader,
    request: Request,
    response: Response,
    name: Name,
    version: Annotated[
        Literal["published", "draft"] | Version, Query(description="What callers meet, the draft, or a version.")
    ] = "published",
) -> AgentText | Response:
    """The text of an agent, as JSON or (`Accept: application/yaml`) as it is. Without a published version, `published`
    is the file of that name, and else the draft.
    """
    may_touch(who, name)
    found = await _text(here, name, version)
    etag = f'"{found.hash}"'
    if accepted(request, "application/json", *YAML_TYPES) != "application/json":
        return Response(found.source, media_type=YAML, headers={"ETag": etag})
    response.headers["ETag"] = etag
    return found


@router.put(
    "/{name}",
    status_code=200,
    responses={201: {"model": Saved, "description": "The agent is new."}, **GUARDED, **refused(412, 413, 415)},
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": SourceBody.model_json_schema()},
                YAML: {"schema": {"type": "string", "format": "agent-file"}},
            },
        },
        "parameters": [
            {"name": "If-Match", "in": "header", "schema": {"type": "string"}, "description": "The draft as seen."},
            {
                "name": "If-None-Match",
                "in": "header",
                "schema": {"type": "string"},
                "description": "`*`: only where there is no agent of that name in the database.",
            },
        ],
    },
)
async def save_draft(here: Here, who: Writer, request: Request, response: Response, name: Name) -> Saved:
    """Keep an agent file as the draft of an agent of the database; callers meet it once it is published."""
    may_touch(who, name)
    file = await file_in(request, name)
    if await here.agents.save_draft(
        name, file.source, time.time(), expected=await expected_drafts(here, request, name)
    ):
        response.status_code = 201
    response.headers["ETag"] = f'"{hash_of(file.source)}"'
    return Saved(name=name, draft=hash_of(file.source))


@router.post("/{name}/publish", responses={**GUARDED, **refused(404, 412)})
async def publish(
    here: Here, who: Writer, request: Request, name: Name, note: Annotated[Note, Body(embed=True)] = ""
) -> VersionItem:
    """Have callers meet the draft, within a second. Publishing what is published already makes no version."""
    may_touch(who, name)
    made = await here.agents.publish(name, time.time(), note=note, expected=await expected_drafts(here, request, name))
    here.shelf.forget(name)
    return version_of(made)


@router.get("/{name}/versions", responses={**GUARDED, **refused(404)})
async def list_versions(here: Here, who: Reader, name: Name, limit: Limit = 50, after: After = None) -> VersionPage:
    """Versions of an agent of the database, newest first."""
    may_touch(who, name)
    if await here.agents.get(name) is None:
        raise NotHereError(f"want an agent of the database, got {name}")
    found = await here.agents.versions(name, limit=limit + 1, before=place_of(after, int))
    next_ = cursor_to(found[limit - 1].version) if len(found) > limit else None
    return VersionPage(versions=[version_of(each) for each in found[:limit]], next=next_)


@router.post("/{name}/restore", responses={**GUARDED, **refused(404, 412)})
async def restore(
    here: Here,
    who: Writer,
    request: Request,
    name: Name,
    version: Annotated[Version, Strict(), BeforeValidator(as_whole), Body(embed=True)],
    note: Annotated[Note, Body(embed=True)] = "",
) -> VersionItem:
    """Have callers meet an old version again: its text becomes the newest version. A draft with changes that were never
    published stays as it is.
    """
    may_touch(who, name)
    expected = await expected_drafts(here, request, name)
    made = await here.agents.restore(name, version, time.time(), note=note, expected=expected)
    here.shelf.forget(name)
    return version_of(made)


@router.delete("/{name}", status_code=204, responses={**GUARDED, **refused(404, 412)})
async def delete_agent(here: Here, who: Writer, request: Request, name: Name) -> None:
    """Delete an agent of the database with its versions. Calls keep the text they ran with; a file of the same name is
    met again.
    """
    may_touch(who, name)
    await here.agents.delete(name, time.time(), expected=await expected_drafts(here, request, name))
    here.shelf.forget(name)


async def _text(here: Services, name: str, version: Literal["published", "draft"] | int) -> AgentText:
    if isinstance(version, int):
        source = await here.agents.source(name, version)
        if source is None:
            raise NotHereError(f"want a version of the agent {name}, got {version}")
        return text_of(Shelved(name, read(source, name), "database", version))
    if version == "published":
        try:
            return text_of(await here.shelf.find(name))
        except AgentFileError as error:
            raise NotHeldError(409, error) from None
        except UnknownAgentError:
            pass  # a draft may be there
    stored = await here.agents.get(name)
    if stored is None:
        raise NotHereError(f"want the name of an agent, got {name}")
    return text_of(Shelved(name, read(stored.draft, name), "database", None))
