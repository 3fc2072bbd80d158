"""How the server is: for people and monitors, and for orchestrators."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Depends, HTTPException, Request, Response
from pydantic import BaseModel, Field

from vivavoce import __version__
from vivavoce.app.api.access import Here, Principal, identify
from vivavoce.errors import StoreError

router = APIRouter(tags=["health"])


class DatabaseHealth(BaseModel):
    kind: Literal["sqlite", "postgres"]
    answers: bool


class DiskHealth(BaseModel):
    """Of the folder for data."""

    free_bytes: int
    total_bytes: int


class Health(BaseModel):
    """What a stranger may know."""

    status: Literal["ok", "degraded", "stopping"]
    version: str


class FullHealth(Health):
    """What somebody with the scope metrics:read may know."""

    calls: int = Field(description="That run now.")
    max_calls: int
    engines: dict[str, Any] = Field(description="Which ears, mouth, brain and backend are in use.")
    model: dict[str, Any] = Field(description="How it stands with the live model.")
    database: DatabaseHealth
    disk: DiskHealth | None
    workers: int = Field(description="Worker processes whose lease holds, of all servers of this database.")
    off: list[str] = Field(description="What is switched off.")
    problems: list[str] = Field(description="What somebody should look at, in words.")


class Probe(BaseModel):
    status: Literal["ok", "stopping", "no database"]


async def watcher(request: Request) -> Principal | None:
    """A dependency: who may see everything; None for a stranger.

    Raises:
        HTTPException: 401, a key that does not hold.
    """
    try:
        who = await identify(request)
    except HTTPException as error:
        if error.status_code == 401 and "authorization" not in request.headers:
            return None
        raise
    except StoreError:
        return None  # nobody knows who it is, and that the database is away is what they came to learn
    return who if who.may("metrics:read") else None


@router.get("/health")
async def health(here: Here, who: Annotated[Principal | None, Depends(watcher)]) -> FullHealth | Health:
    """Which ears, mouth and backend are in use, how it stands with the live model, the database, the disk and the
    workers, and how many calls run. A stranger learns whether the server is well.
    """
    answers = await here.pulse.database_answers()
    problems = [*here.desk.prompts.problems, *filter(None, [here.desk.switches.problem])]
    status: Literal["ok", "degraded", "stopping"] = "ok" if answers and not problems else "degraded"
    if here.desk.stopping:
        status = "stopping"
    if who is None:
        return Health(status=status, version=__version__)
    disk = await here.pulse.disk()
    return FullHealth(
        status=status,
        version=__version__,
        calls=here.desk.calls,
        max_calls=here.settings.max_calls,
        engines=here.desk.engines,
        model=here.desk.state.as_dict(),
        database=DatabaseHealth(kind="sqlite" if here.store.database.is_sqlite else "postgres", answers=answers),
        disk=DiskHealth(**msgspec.structs.asdict(disk)) if disk is not None else None,
        workers=len(await here.jobs.workers()) if answers else 0,
        off=[switch.name for switch in here.desk.switches.off],
        problems=problems if answers else [*problems, "the database does not answer"],
    )


@router.get("/healthz/live")
async def live() -> Probe:
    """The process answers: restart it when it does not."""
    return Probe(status="ok")


@router.get("/healthz/ready", responses={503: {"model": Probe, "description": "Send no calls here for now."}})
async def ready(here: Here, response: Response) -> Probe:
    """The server takes calls: it is not stopping, and its database answers."""
    if here.desk.stopping:
        response.status_code = 503
        return Probe(status="stopping")
    if not await here.pulse.database_answers():
        response.status_code = 503
        return Probe(status="no database")
    return Probe(status="ok")
