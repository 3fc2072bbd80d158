"""What is switched off, in the database."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from vivavoce.store.store import Store
from vivavoce.store.switches import StoredSwitch, SwitchRows


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    store = await Store.open(database_url)
    yield store
    await store.close()


async def test_a_switch_is_set_replaced_and_cleared(store: Store) -> None:
    rows = SwitchRows(store.database)
    assert await rows.all() == []
    await rows.set(StoredSwitch(name="voice", reason="echo", set_at=1.0))
    await rows.set(StoredSwitch(name="calls:acme", reason="", set_at=2.0))
    await rows.set(StoredSwitch(name="voice", reason="still echo'; DROP TABLE switches", set_at=3.0))
    found = await rows.all()
    assert [(switch.name, switch.set_at) for switch in found] == [("calls:acme", 2.0), ("voice", 3.0)]
    assert found[1].reason.startswith("still")
    assert await rows.clear("voice") is True
    assert await rows.clear("voice") is False
    assert [switch.name for switch in await rows.all()] == ["calls:acme"]
