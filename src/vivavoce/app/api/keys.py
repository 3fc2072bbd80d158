"""API keys: made here, shown once, rotated and revoked. Nobody makes a key that may more than their own."""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, HTTPException
from fastapi import Path as InPath
from pydantic import BaseModel, ConfigDict, Field

from vivavoce.app.api.access import Here, Principal, needs
from vivavoce.app.api.answers import GUARDED, refused
from vivavoce.app.api.paging import After, Limit, cursor_to, place_of
from vivavoce.app.keyring import Scope
from vivavoce.app.services import Services
from vivavoce.errors import NotHereError
from vivavoce.store.keys import StoredKey

router = APIRouter(prefix="/api/v1/keys", tags=["keys"])
Keeper = Annotated[Principal, Depends(needs("keys:write"))]
KeyId = Annotated[str, InPath(pattern=r"^[0-9a-f]{16}$")]
MAX_OVERLAP_S = 30 * 86_400.0
"""Who has not changed to the new key after a month has forgotten it."""


class KeyWanted(BaseModel):
    model_config = ConfigDict(strict=True)

    name: str = Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$", description="What people call it.")
    scopes: list[Scope] = Field(min_length=1, max_length=20)
    agents: list[Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]+$")]] = Field(
        default=[], max_length=100, description="The only agents it may touch; empty for all."
    )
    expires_at: float | None = Field(default=None, gt=0, le=1e11, description="Unix seconds; null for never.")


class KeyItem(BaseModel):
    """A key without the key. Moments are Unix seconds."""

    id: str
    name: str
    prefix: str = Field(description="Its first characters, to recognise it by.")
    scopes: list[str]
    agents: list[str]
    created_at: float
    expires_at: float | None
    revoked_at: float | None
    last_used_at: float | None = Field(description="At most a minute late.")

    @classmethod
    def of(cls, key: StoredKey) -> KeyItem:
        return cls.model_validate(_fields(key))


class KeyMade(KeyItem):
    key: str = Field(description="The key itself: shown now and never again.")


class KeyPage(BaseModel):
    keys: list[KeyItem]
    next: str | None = Field(description="`after` for the next page; null on the last.")


class Rotation(BaseModel):
    model_config = ConfigDict(strict=True)

    overlap_s: float = Field(default=0.0, ge=0, le=MAX_OVERLAP_S, description="How long the old key goes on.")


@router.post("", status_code=201, responses=GUARDED)
async def make(here: Here, who: Keeper, wanted: KeyWanted) -> KeyMade:
    """Make a key. With the first one, a server of the loopback begins to want keys."""
    _may_grant(who, wanted.scopes, wanted.agents, wanted.expires_at)
    key, secret = await here.keyring.keys.add(
        wanted.name, scopes=wanted.scopes, agents=wanted.agents, expires_at=wanted.expires_at, now=time.time()
    )
    here.keyring.forget()
    return KeyMade(key=secret, **_fields(key))


@router.get("", responses=GUARDED)
async def list_keys(here: Here, who: Keeper, limit: Limit = 50, after: After = None) -> KeyPage:
    """Every key, the newest first, with those that were revoked. A key for some agents sees those for these alone."""
    place = place_of(after, tuple[float, str])
    found: list[StoredKey] = []
    while len(found) <= limit:
        batch = await here.keyring.keys.page(limit=limit + 1, after=place)
        found += [key for key in batch if who.covers(key.agents)]
        if len(batch) <= limit:
            break
        place = (batch[-1].created_at, batch[-1].id)
    rest = len(found) > limit
    last = found[limit - 1] if rest else None
    return KeyPage(
        keys=[KeyItem.of(key) for key in found[:limit]],
        next=cursor_to((last.created_at, last.id)) if last is not None else None,
    )


@router.get("/{key_id}", responses={**GUARDED, **refused(404)})
async def show(here: Here, who: Keeper, key_id: KeyId) -> KeyItem:
    """One key."""
    return KeyItem.of(await _key(here, who, key_id))


@router.post("/{key_id}/rotate", status_code=201, responses={**GUARDED, **refused(404, 409)})
async def rotate(here: Here, who: Keeper, key_id: KeyId, rotation: Rotation | None = None) -> KeyMade:
    """A new key with the rights of this one, which goes on for as long as is said. Sessions go with the old one."""
    old = await _key(here, who, key_id)
    _may_grant(who, old.scopes, old.agents, old.expires_at)
    overlap_s = rotation.overlap_s if rotation is not None else 0.0
    made = await here.keyring.keys.rotate(key_id, overlap_s=overlap_s, now=time.time())
    if made is None:
        raise HTTPException(409, "want a key that holds, got one that has expired or was revoked")
    here.keyring.forget()
    key, secret = made
    return KeyMade(key=secret, **_fields(key))


@router.delete("/{key_id}", status_code=204, responses={**GUARDED, **refused(404)})
async def revoke(here: Here, who: Keeper, key_id: KeyId) -> None:
    """End a key and its sessions: here at once, on other servers of the same database within two seconds."""
    await _key(here, who, key_id)
    await here.keyring.keys.revoke(key_id, time.time())
    here.keyring.forget()


async def _key(here: Services, who: Principal, key_id: str) -> StoredKey:
    """
    Raises:
        NotHereError: there is none, or it is for agents that they may not touch.
    """
    key = await here.keyring.keys.get(key_id)
    if key is None or not who.covers(key.agents):
        raise NotHereError("want the id of a key, got none of this server's")
    return key


def _may_grant(who: Principal, scopes: Collection[str], agents: Collection[str], expires_at: float | None) -> None:
    if not who.grants(scopes, agents, expires_at):
        raise HTTPException(403, "want scopes, agents and an end that one's own key has, got more")


def _fields(key: StoredKey) -> dict[str, Any]:
    return msgspec.structs.asdict(key)
