from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.store.filled import VAULT, everything_in_tables
from vivavoce.errors import InputError, NotHereError
from vivavoce.store import Store
from vivavoce.store.people import People

NOW = 1_750_000_000.0
REF = "anna@example.org"


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    store = await Store.open(database_url)
    yield store
    await store.close()


async def test_one_reference_is_one_person(store: Store) -> None:
    people = People(store.database, VAULT)
    assert await people.find(REF) is None
    made = await asyncio.gather(*(people.find_or_make(REF, now=NOW + n) for n in range(6)))
    assert len({person.id for person in made}) == 1
    assert await people.find(REF) == await people.get(made[0].id) == made[0]
    assert await people.ref_of(made[0].id) == REF
    other = await people.find_or_make(REF + " ", now=NOW)
    assert other.id != made[0].id
    assert await people.get("nobody") is None


async def test_the_tables_do_not_hold_the_reference(store: Store) -> None:
    await People(store.database, VAULT).find_or_make(REF, now=NOW)
    held = await everything_in_tables(store)
    assert "people" in held
    assert "anna" not in held


@pytest.mark.parametrize("ref", ["", "x" * 513, "line\nbreak", "\0", "\ud800"])
async def test_what_is_no_reference_is_refused_without_quoting_it(store: Store, ref: str) -> None:
    with pytest.raises(InputError, match="want a reference of 1 to 512 printable characters, got something else"):
        await People(store.database, VAULT).find_or_make(ref, now=NOW)


async def test_a_reference_of_nobody_is_not_here(store: Store) -> None:
    with pytest.raises(NotHereError):
        await People(store.database, VAULT).ref_of("nobody")
