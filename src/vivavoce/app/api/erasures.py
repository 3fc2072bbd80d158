"""Erasing by the caller: whoever was in a call may have it erased, without a key, from whatever page they were on."""

from __future__ import annotations

import time

from fastapi import APIRouter, HTTPException, Request, Response
from pydantic import BaseModel, Field

from vivavoce.app.api.access import Here, address_of
from vivavoce.app.api.answers import refused
from vivavoce.app.leaves import call_to_erase
from vivavoce.errors import BusyError, NotHereError

router = APIRouter(prefix="/api/v1/erasures", tags=["calls"])
OPEN_TO_ALL = {"Access-Control-Allow-Origin": "*"}
"""The leave says all that is to be known, and no cookie is looked at: it does not matter which page sends it."""
PREFLIGHT = {
    **OPEN_TO_ALL,
    "Access-Control-Allow-Methods": "POST",
    "Access-Control-Allow-Headers": "content-type",
    "Access-Control-Max-Age": "600",
}
NO_LEAVE = HTTPException(401, "want leave to erase a call that still holds, got none", headers=OPEN_TO_ALL)


class ErasureWanted(BaseModel):
    token: str = Field(min_length=1, max_length=200, description="The `erase` of the call's `welcome`. A secret.")


@router.options("", include_in_schema=False)
async def preflight() -> Response:
    return Response(status_code=204, headers=PREFLIGHT)


@router.post("", status_code=204, responses={**refused(401, 409), 204: {"description": "Nothing of it is left."}})
async def erase(here: Here, wanted: ErasureWanted, request: Request) -> Response:
    """Erase the call that one was in: one that goes on is ended first. A second time there is nothing left to do, and
    that is no failure. The leave holds for 30 days.
    """
    address, now = address_of(request), time.time()
    here.limits.failing(address)
    call_id = call_to_erase(here.vault, wanted.token, now)
    if call_id is None:
        here.limits.failed(address)
        raise NO_LEAVE
    call = await here.store.call(call_id)
    await here.desk.end_to_erase(call_id)
    try:
        await here.erasing.call(call_id, now=now)
    except BusyError as error:
        raise HTTPException(409, str(error), headers=OPEN_TO_ALL) from None
    except NotHereError:  # it went with all that there was of its person
        call = None
    if call is not None:
        await here.announcer.erased_call(call_id, call.agent_name)
    return Response(status_code=204, headers=OPEN_TO_ALL)
