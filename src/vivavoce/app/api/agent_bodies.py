"""Agent files as they are sent, and what their authors expect to change."""

from __future__ import annotations

import asyncio
from collections.abc import Collection

from fastapi import HTTPException, Request
from pydantic import BaseModel, Field, ValidationError

from vivavoce.agents import AgentFile, AgentFileError
from vivavoce.app.agent_files import MAX_AGENT_BYTES
from vivavoce.app.agent_shelf import read
from vivavoce.app.refusals import NotHeldError
from vivavoce.app.services import Services
from vivavoce.store.agents import hash_of

YAML = "application/yaml"
YAML_TYPES = (YAML, "text/yaml", "application/x-yaml", "text/x-yaml", "text/plain")
"""RFC 9512 names the first; the others are seen."""


class SourceBody(BaseModel):
    source: str = Field(min_length=1, max_length=MAX_AGENT_BYTES, description="The agent file as text.")


async def file_in(request: Request, name: str) -> AgentFile:
    """The agent file in a body.

    Raises:
        HTTPException: a body of another kind, or too long a text.
        InputError: not text (AgentFileError: it does not hold).
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = await request.body()
    if kind in YAML_TYPES:
        text = body
    elif kind == "application/json":
        try:
            text = SourceBody.model_validate_json(body).source.encode()
        except (ValidationError, UnicodeError):
            raise HTTPException(422, 'want {"source": "the agent file"}') from None
    else:
        raise HTTPException(415, f"want an agent file as {YAML} or as application/json")
    if len(text) > MAX_AGENT_BYTES:
        raise HTTPException(413, f"want an agent file of at most {MAX_AGENT_BYTES} bytes")
    try:
        source = text.decode()
    except UnicodeDecodeError:
        raise HTTPException(422, "want an agent file in UTF-8") from None
    try:
        return await asyncio.to_thread(read, source, name)  # the longest take seconds
    except AgentFileError as error:
        raise NotHeldError(422, error) from None


async def expected_drafts(here: Services, request: Request, name: str) -> Collection[str] | None:
    """Hashes of the drafts that the request's author has seen (RFC 9110, 13.1); None where they do not say.

    Raises:
        NotHereError: `If-Match: *` and there is none.
    """
    if request.headers.get("if-none-match", "").strip() == "*":
        return ()
    seen = request.headers.get("if-match")
    if seen is None:
        return None
    if seen.strip() == "*":
        stored = await here.agents.get(name)
        return (hash_of(stored.draft),) if stored is not None else ("none",)
    return [tag.strip().removeprefix("W/").strip('"') for tag in seen.split(",")]
