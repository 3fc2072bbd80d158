"""Who may ask for studies and surveys: whoever may ask for those of all agents."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, HTTPException

from vivavoce.app.api.access import Principal, needs


async def _everywhere(who: Principal) -> Principal:
    if who.agents:  # a panel may quote callers of any agent, and a study rests on one
        raise HTTPException(403, "want a key for all agents, got one for some")
    return who


async def _reader(who: Annotated[Principal, Depends(needs("studies:read"))]) -> Principal:
    return await _everywhere(who)


async def _writer(who: Annotated[Principal, Depends(needs("studies:write"))]) -> Principal:
    return await _everywhere(who)


Reader = Annotated[Principal, Depends(_reader)]
Writer = Annotated[Principal, Depends(_writer)]
