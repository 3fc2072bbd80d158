"""Insights and calls for the tests of corpora."""

from __future__ import annotations

from typing import Any

from vivavoce.panel.insights import Insight, insight_id
from vivavoce.store import Store

NOW = 1_750_000_000.0


def insight(number: int, *, source: str = "reddit", **columns: Any) -> Insight:
    text = f"Invoice {number} is late again, and nobody tells me when it will be paid."
    return Insight(
        **{"id": insight_id(source, str(number)), "source": source, "ref": str(number), "text": text, **columns}
    )


async def some_call(store: Store, call_id: str, *, state: str = "ended") -> None:
    made = {"agent_name": "demo", "agent_source": "", "spec_hash": "", "code_version": "", "started_at": NOW}
    await store.create_call(call_id=call_id, **made)  # type: ignore[arg-type]
    await store.update_call(call_id, state=state)
