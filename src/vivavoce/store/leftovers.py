"""Rows that nobody needs any more, or may keep no longer: tickets, sessions, what was delivered long ago, people's
answers whose time has run out, and studies that somebody died over deleting.
"""

from __future__ import annotations

from vivavoce.store.database import Database
from vivavoce.store.sessions import Sessions
from vivavoce.store.studies import Studies
from vivavoce.store.surveys import Surveys
from vivavoce.store.tickets import Tickets
from vivavoce.store.webhooks import Webhooks

DELIVERIES_KEPT_S = 30 * 86_400.0
"""Time to find out that a receiver has missed something, and to have it delivered again."""


async def sweep_leftovers(database: Database, *, now: float) -> dict[str, int]:
    """Delete them; how many of each.

    Args:
        now: Unix seconds.
    Raises:
        StoreError: the database does not answer.
    """
    return {
        "tickets": await Tickets(database).sweep(now),
        "sessions": await Sessions(database, "").sweep(now),
        "deliveries": await Webhooks(database).sweep(now - DELIVERIES_KEPT_S),
        "survey_answers": await Surveys(database).sweep(now),
        "studies": await Studies(database).finish_deleting(),
    }
