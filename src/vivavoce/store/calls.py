"""Calls as a list: by the page, by the filter, by number; and the log of one, a piece at a time."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

import msgspec
from sqlalchemy import ColumnElement, and_, func, or_, select

from vivavoce.store.database import Database
from vivavoce.store.models import Call

CallState = Literal["booked", "live", "ended", "erasing"]
"""A ticket waits to be used; somebody talks; it is over; it is being erased, and nobody is shown it any more."""

BATCH = 500
"""Events read at a time: about 200 kB."""


class CallLine(msgspec.Struct, frozen=True, kw_only=True):
    """A call as a list shows it, without the long columns. Moments are Unix seconds."""

    id: str
    agent_name: str
    agent_version: int | None
    state: CallState
    started_at: float
    ended_at: float | None
    end_reason: str | None
    person_id: str | None


class Sizes(msgspec.Struct, frozen=True):
    """How many rows there are of one call."""

    events: int
    turns: int
    facts: int


class CallFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which calls; what is not said excludes none."""

    agents: Collection[str] = ()
    """Names; empty for all."""
    state: CallState | None = None
    person_id: str | None = None
    since: float | None = None
    """Booked at this moment or later, before `until`."""
    until: float | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = [Call.state != "erasing"]
        if self.agents:
            found.append(Call.agent_name.in_(self.agents))
        if self.state is not None:
            found.append(Call.state == self.state)
        if self.person_id is not None:
            found.append(Call.person_id == self.person_id)
        if self.since is not None:
            found.append(Call.started_at >= self.since)
        if self.until is not None:
            found.append(Call.started_at < self.until)
        return found


_LINE = tuple(getattr(Call, name) for name in CallLine.__struct_fields__)


class Calls:
    """Every method raises StoreError when the database does not answer."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(self, which: CallFilter, *, limit: int, after: tuple[float, str] | None = None) -> list[CallLine]:
        """Newest first.

        Args:
            after: `started_at` and `id` of the last line of the page before. What is booked or erased meanwhile neither
                repeats a line nor hides one.
        """
        query = select(*_LINE).where(*which.conditions()).order_by(Call.started_at.desc(), Call.id).limit(limit)
        if after is not None:
            started_at, call_id = after
            query = query.where(
                or_(Call.started_at < started_at, and_(Call.started_at == started_at, Call.id > call_id))
            )
        return msgspec.convert(await self._database.rows(query), list[CallLine])

    async def counts(self, which: CallFilter) -> dict[CallState, int]:
        """How many calls in each state; a state without calls is not there."""
        query = select(Call.state, func.count().label("calls")).where(*which.conditions()).group_by(Call.state)
        return {row["state"]: row["calls"] for row in await self._database.rows(query)}
