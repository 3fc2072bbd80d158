"""Kill switches: what is turned off for the moment, on every server of the database within a second."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import APIRouter, Body, Depends, HTTPException, Response
from fastapi import Path as InPath
from pydantic import BaseModel, Field

from vivavoce.app.api.access import Here, Principal, needs
from vivavoce.app.api.answers import GUARDED, refused
from vivavoce.app.switches import MAX_REASON_CHARS, NAME
from vivavoce.errors import NotHereError
from vivavoce.store.switches import StoredSwitch

router = APIRouter(prefix="/api/v1/switches", tags=["switches"])
_AGENT = "calls:"
"""Begins the switches that are of one agent."""
Operator = Annotated[Principal, Depends(needs("switches:write"))]
SwitchName = Annotated[
    str, InPath(pattern=NAME, description="`calls`, `calls:AGENT`, `voice` or `tool:NAME`: what is to be off.")
]


class SwitchItem(BaseModel):
    """One thing that is off."""

    name: str
    reason: str
    set_at: float = Field(description="Unix seconds.")

    @classmethod
    def of(cls, switch: StoredSwitch) -> SwitchItem:
        return cls(**msgspec.structs.asdict(switch))


class SwitchList(BaseModel):
    off: list[SwitchItem]
    problem: str = Field(description="Why this may be out of date; empty while the database answers.")


@router.get("", responses=GUARDED)
async def off(here: Here, who: Operator) -> SwitchList:
    """What is off now, without other agents than those that the key may touch."""
    switches = here.desk.switches
    await switches.look()
    shown = [each for each in switches.off if not each.name.startswith(_AGENT) or _is_theirs(who, each.name)]
    return SwitchList(off=[SwitchItem.of(switch) for switch in shown], problem=switches.problem)


@router.put("/{name}", responses={**GUARDED})
async def switch_off(
    here: Here,
    who: Operator,
    name: SwitchName,
    reason: Annotated[str, Body(embed=True, min_length=1, max_length=MAX_REASON_CHARS)],
) -> SwitchItem:
    """Turn something off: new calls, new calls with one agent, voice (talks go on in text), or a tool. Calls that run
    are told at once here, within a second elsewhere.
    """
    _may_turn(who, name)
    return SwitchItem.of(await here.desk.switches.set(name, reason))


@router.delete("/{name}", status_code=204, responses={**GUARDED, **refused(404)})
async def switch_on(here: Here, who: Operator, name: SwitchName) -> Response:
    """Turn it on again."""
    _may_turn(who, name)
    if not await here.desk.switches.clear(name):
        raise NotHereError(f"want a switch that is off, got {name}, which is on")
    return Response(status_code=204)


def _is_theirs(who: Principal, name: str) -> bool:
    """Whether a switch is of nobody but agents that this key may touch."""
    return who.covers([name.removeprefix(_AGENT)] if name.startswith(_AGENT) else [])


def _may_turn(who: Principal, name: str) -> None:
    """
    Raises:
        HTTPException: what it turns off is others', too.
    """
    if not _is_theirs(who, name):
        raise HTTPException(403, f"want the switch {_AGENT}NAME of an agent that this key may touch, got {name}")
