"""Keys, sessions and tickets, on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select

from vivavoce.errors import StoreError
from vivavoce.store import Store
from vivavoce.store.database import table_of
from vivavoce.store.keys import Keys, hash_of
from vivavoce.store.leftovers import sweep_leftovers
from vivavoce.store.models import Key, Session, Ticket
from vivavoce.store.sessions import IDLE_S, LIFE_S, Sessions
from vivavoce.store.tickets import CHAIN_S, KEEP_S, Tickets

NOW = 1_750_000_000.0


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    store = await Store.open(database_url)
    yield store
    await store.close()


async def book(store: Store) -> str:
    return await store.create_call(
        agent_name="a", agent_source="", spec_hash="", code_version="1", started_at=NOW, settings={}
    )


# keys


async def test_a_key_is_shown_once_and_not_kept(store: Store) -> None:
    keys = Keys(store.database)
    assert not await keys.any()
    key, secret = await keys.add("ci", scopes=["calls:read", "calls:book", "calls:read"], agents=["a"], now=NOW)
    assert (secret[:3], len(secret)) == ("vv_", 46)
    assert secret.startswith(key.prefix)
    assert key.scopes == ("calls:book", "calls:read")
    assert await keys.any()
    assert await keys.find(secret) == await keys.get(key.id) == key
    assert await keys.find(secret[:-1]) is None
    assert await keys.find(hash_of(secret)) is None
    rows = await store.database.rows(select(table_of(Key)))
    assert secret not in str(rows)
    assert secret[9:] not in str(rows)


async def test_a_key_ends_with_its_time_or_when_it_is_revoked(store: Store) -> None:
    keys = Keys(store.database)
    key, _ = await keys.add("short", scopes=["*"], expires_at=NOW + 10, now=NOW)
    assert key.holds(NOW + 9.9)
    assert not key.holds(NOW + 10)
    other, _ = await keys.add("long", scopes=["*"], now=NOW)
    assert [await keys.revoke(other.id, NOW + 1), await keys.revoke(other.id, NOW + 2)] == [True, False]
    revoked = await keys.get(other.id)
    assert revoked is not None
    assert (revoked.revoked_at, revoked.holds(NOW + 1)) == (NOW + 1, False)
    assert not await keys.revoke("nobody", NOW)
    assert await keys.any(), "a server does not fall open with its last key"


async def test_a_rotated_key_overlaps_with_its_successor(store: Store) -> None:
    keys = Keys(store.database)
    old, _ = await keys.add("ci", scopes=["calls:read"], agents=["a"], expires_at=NOW + 1_000, now=NOW)
    made = await keys.rotate(old.id, overlap_s=60, now=NOW + 10)
    assert made is not None
    new, secret = made
    assert (new.name, new.scopes, new.agents, new.expires_at) == (old.name, old.scopes, old.agents, old.expires_at)
    assert await keys.find(secret) == new
    fading = await keys.get(old.id)
    assert fading is not None
    assert (fading.holds(NOW + 69), fading.holds(NOW + 70)) == (True, False)
    assert await keys.rotate(old.id, overlap_s=9_999, now=NOW + 71) is None, "it does not come back to life"
    assert await keys.rotate("nobody", now=NOW) is None
    last, _ = await keys.add("x", scopes=["*"], expires_at=NOW + 50, now=NOW)
    await keys.rotate(last.id, overlap_s=9_999, now=NOW)
    short = await keys.get(last.id)
    assert short is not None
    assert short.expires_at == NOW + 50, "no rotation prolongs a key"


async def test_keys_are_listed_by_the_page(store: Store) -> None:
    keys = Keys(store.database)
    made = [(await keys.add(str(n), scopes=["*"], now=NOW + n // 2))[0] for n in range(5)]
    seen, after = [], None
    while page := await keys.page(limit=2, after=after):
        seen += page
        after = (page[-1].created_at, page[-1].id)
    assert sorted(key.name for key in seen) == [key.name for key in made]
    assert [key.created_at for key in seen] == sorted((key.created_at for key in made), reverse=True)
    await keys.used(made[0].id, NOW + 99)
    used = await keys.get(made[0].id)
    assert used is not None
    assert used.last_used_at == NOW + 99


# sessions


async def test_a_session_slides_and_ends(store: Store) -> None:
    sessions = Sessions(store.database, "")
    key, _ = await Keys(store.database).add("me", scopes=["*"], now=NOW)
    cookie = await sessions.begin(key.id, NOW)
    assert cookie not in str(await store.database.rows(select(table_of(Session))))
    begun = await sessions.find(cookie, NOW + 1)
    assert begun is not None
    assert (begun.key_id, begun.expires_at) == (key.id, NOW + IDLE_S)
    at = NOW
    while at + IDLE_S / 2 < NOW + LIFE_S:
        at += IDLE_S / 2
        assert await sessions.find(cookie, at) is not None, "who uses it keeps it"
    assert await sessions.find(cookie, NOW + LIFE_S) is None, "a week is a week"
    other = await sessions.begin(key.id, NOW)
    assert await sessions.find(other, NOW + IDLE_S) is None
    assert await sessions.find("made up", NOW) is None
    await sessions.end(begun)
    assert await sessions.find(cookie, NOW + 1) is None


async def test_the_servers_own_session_ends_when_its_key_is_changed(store: Store) -> None:
    cookie = await Sessions(store.database, "old key").begin(None, NOW)
    assert await Sessions(store.database, "old key").find(cookie, NOW) is not None
    assert await Sessions(store.database, "new key").find(cookie, NOW) is None
    assert await Sessions(store.database, "").find(cookie, NOW) is None


async def test_a_session_of_no_key_is_refused(store: Store) -> None:
    with pytest.raises(StoreError):
        await Sessions(store.database, "").begin("nobody", NOW)


# tickets


async def test_a_chain_of_tickets_has_an_end(store: Store) -> None:
    tickets, call = Tickets(store.database), await book(store)
    ticket, at = await store.issue_ticket(call, 60, NOW), NOW
    while (fresh := await tickets.exchange(ticket, ttl_s=60, now=at + 59)) is not None:
        assert await tickets.call_of(ticket, at + 59) is None, "the old one is used up"
        ticket, at = fresh.ticket, at + 59
        assert await tickets.call_of(ticket, at) == call
    assert NOW + CHAIN_S - 60 < at < NOW + CHAIN_S
    assert await store.redeem_ticket(ticket, NOW + CHAIN_S) is None


async def test_of_two_who_exchange_one_ticket_one_gets_a_new_one(store: Store) -> None:
    tickets, call = Tickets(store.database), await book(store)
    ticket = await store.issue_ticket(call, 60, NOW)
    fresh = await asyncio.gather(*(tickets.exchange(ticket, ttl_s=60, now=NOW) for _ in range(4)))
    assert len([each for each in fresh if each is not None]) == 1
    assert await store.redeem_ticket(ticket, NOW) is None


async def test_a_ticket_that_opens_nothing_is_worth_nothing(store: Store) -> None:
    tickets, call = Tickets(store.database), await book(store)
    late, used = await store.issue_ticket(call, 60, NOW), await store.issue_ticket(call, 60, NOW)
    assert await store.redeem_ticket(used, NOW) == call
    for ticket, at in ((late, NOW + 60), (used, NOW), ("made up", NOW), ("", NOW), ("\ud800\0", NOW)):
        assert await tickets.call_of(ticket, at) is None
        assert await tickets.exchange(ticket, ttl_s=60, now=at) is None


async def test_a_call_is_renewed_until_it_begins(store: Store) -> None:
    tickets, call = Tickets(store.database), await book(store)
    old = await store.issue_ticket(call, 600, NOW)
    new = await tickets.renew(call, ttl_s=60, now=NOW + 1)
    assert new is not None
    assert await store.redeem_ticket(old, NOW + 2) is None
    assert await tickets.renew(call, ttl_s=60, now=NOW + CHAIN_S) is None
    assert await tickets.renew("nobody", ttl_s=60, now=NOW) is None
    assert await store.redeem_ticket(new.ticket, NOW + 2) == call
    assert await tickets.renew(call, ttl_s=60, now=NOW + 3) is None, "it has begun"
    ended = await book(store)
    await store.finish_call(ended, ended_at=NOW, reason="x")
    assert await tickets.renew(ended, ttl_s=60, now=NOW + 3) is None


async def test_what_is_over_is_swept(store: Store) -> None:
    call = await book(store)
    await store.issue_ticket(call, 60, NOW)
    fresh = await store.issue_ticket(call, 60, NOW + KEEP_S)
    key, _ = await Keys(store.database).add("me", scopes=["*"], now=NOW)
    await Sessions(store.database, "").begin(key.id, NOW)
    swept = await sweep_leftovers(store.database, now=NOW + KEEP_S + 60)
    assert swept == {"tickets": 1, "sessions": 1, "deliveries": 0, "survey_answers": 0, "studies": 0}
    left = await store.database.rows(select(Ticket.hash))
    assert [row["hash"] for row in left] == [hash_of(fresh)]
