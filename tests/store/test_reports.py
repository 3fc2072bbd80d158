from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from vivavoce.store import RowsRefused, Store
from vivavoce.store.reports import Reports, StoredReport


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    store = await Store.open(database_url)
    await store.create_call(
        call_id="one", agent_name="a", agent_source="", spec_hash="", code_version="", started_at=0.0
    )
    yield store
    await store.close()


def report(**other: Any) -> StoredReport:
    given = {"name": "report.html", "media_type": "text/html", "bytes": 9, "made_at": 1.0, "code_version": "1"}
    return StoredReport(**{"call_id": "one", **given, **other})


async def test_a_report_that_is_made_again_replaces_the_one_before(store: Store) -> None:
    reports = Reports(store.database)
    await reports.save([report(), report(name="facts.json")])
    await reports.save([report(bytes=5 * 2**30, made_at=2.0)])
    await reports.save([])
    assert await reports.of_call("one") == [report(name="facts.json"), report(bytes=5 * 2**30, made_at=2.0)]
    assert await reports.of_call("two") == []


async def test_a_report_of_a_call_that_is_gone_is_refused(store: Store) -> None:
    with pytest.raises(RowsRefused):
        await Reports(store.database).save([report(), report(call_id="erased")])
    assert await Reports(store.database).of_call("one") == []
