"""Who may ask: keys, scopes, agents, and servers that want none."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from structlog.testing import capture_logs

from tests.app.served import SERVER_KEY, Served, served
from vivavoce.app.filing import open_store
from vivavoce.app.keyring import FRESH_S, Keyring, Principal, is_guarded
from vivavoce.app.server import listen
from vivavoce.app.settings import Settings
from vivavoce.errors import SettingsError, StoreError
from vivavoce.store.keys import Keys


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Served]:
    async with served(tmp_path, api_key=SERVER_KEY) as house:
        yield house


async def test_nobody_gets_in_without_a_key(house: Served) -> None:
    nobody = await house.ask("GET", "/api/v1/keys")
    assert (nobody.status_code, nobody.headers["www-authenticate"]) == (401, "Bearer")
    for header in (
        "Bearer wrong",
        "Bearer",
        "bearer vv_" + "x" * 43,
        "Basic dTpw",
        SERVER_KEY,
        "Bearer " + "x" * 9_000,
    ):
        by = f"203.0.113.{len(header) % 250}"
        assert (await house.ask("GET", "/api/v1/keys", by=by, headers={"Authorization": header})).status_code == 401
    assert (await house.ask("GET", "/api/v1/keys", key=SERVER_KEY)).status_code == 200
    assert (await house.ask("GET", "/api/v1/keys", headers={"Authorization": f"bearer  {SERVER_KEY} "})).is_success


async def test_a_key_is_made_shown_once_used_and_revoked(house: Served) -> None:
    wanted = {"name": "ci", "scopes": ["keys:write", "calls:read"], "agents": []}
    made = (await house.ask("POST", "/api/v1/keys", key=SERVER_KEY, json=wanted)).json()
    assert made["key"].startswith(made["prefix"])
    shown = (await house.ask("GET", f"/api/v1/keys/{made['id']}", key=made["key"])).json()
    assert "key" not in shown
    assert (shown["name"], shown["scopes"], shown["revoked_at"]) == ("ci", ["calls:read", "keys:write"], None)
    assert (await house.ask("GET", "/api/v1/sessions", key=made["key"])).json() == {
        "id": made["id"], "scopes": ["calls:read", "keys:write"], "agents": [],
    }  # fmt: skip
    assert (await house.ask("DELETE", f"/api/v1/keys/{made['id']}", key=SERVER_KEY)).status_code == 204
    assert (await house.ask("GET", "/api/v1/keys", key=made["key"])).status_code == 401, "at once"
    revoked = (await house.ask("GET", f"/api/v1/keys/{made['id']}", key=SERVER_KEY)).json()
    assert revoked["revoked_at"] is not None
    assert (await house.ask("DELETE", "/api/v1/keys/0000000000000000", key=SERVER_KEY)).status_code == 404


async def test_a_key_may_what_its_scopes_say(house: Served) -> None:
    key = await house.key("agents:read")
    refused = await house.ask("POST", "/api/v1/calls", key=key, json={"agent": "founder"})
    assert (refused.status_code, "calls:book" in refused.json()["error"]) == (403, True)
    assert (await house.ask("GET", "/api/v1/agents", key=key)).status_code == 200
    one = await house.key("calls:book", agents=["ambassador"])
    assert (await house.ask("POST", "/api/v1/calls", key=one, json={"agent": "ambassador"})).status_code == 201
    assert (await house.ask("POST", "/api/v1/calls", key=one, json={"agent": "founder"})).status_code == 403
    assert (await house.ask("POST", "/api/v1/tokens", key=one, json={"agent": "founder"})).status_code == 403


async def test_nobody_makes_a_key_that_may_more_than_their_own(house: Served) -> None:
    key = await house.key("keys:write", "calls:read", agents=["founder"])
    for scopes, agents, status in (
        (["calls:read"], ["founder"], 201),
        (["calls:read", "calls:book"], ["founder"], 403),
        (["calls:read"], [], 403),
        (["calls:read"], ["ambassador"], 403),
    ):
        wanted = {"name": "n", "scopes": scopes, "agents": agents}
        assert (await house.ask("POST", "/api/v1/keys", key=key, json=wanted)).status_code == status
    theirs = (await house.here.keyring.keys.add("boss", scopes=["*"], agents=["founder"], now=1.0))[0]
    assert (await house.ask("POST", f"/api/v1/keys/{theirs.id}/rotate", key=key)).status_code == 403


async def test_nobody_makes_a_key_that_outlives_their_own(house: Served) -> None:
    end = time.time() + 60
    key = await house.key("keys:write", expires_at=end)
    for expires_at, status in ((None, 403), (end + 1, 403), (end, 201)):
        wanted = {"name": "n", "scopes": ["keys:write"], "expires_at": expires_at}
        assert (await house.ask("POST", "/api/v1/keys", key=key, json=wanted)).status_code == status
    longer = (await house.here.keyring.keys.add("n", scopes=["keys:write"], now=1.0))[0]
    assert (await house.ask("POST", f"/api/v1/keys/{longer.id}/rotate", key=key)).status_code == 403


async def test_a_key_for_some_agents_sees_and_ends_no_keys_for_others(house: Served) -> None:
    key = await house.key("keys:write", agents=["founder"])
    add = house.here.keyring.keys.add
    own, _ = await add("own", scopes=["calls:read"], agents=["founder"], now=2.0)
    others = [
        (await add("all", scopes=["calls:read"], now=3.0))[0],
        (await add("both", scopes=["calls:read"], agents=["founder", "ambassador"], now=4.0))[0],
    ]
    seen, after = [], None
    while True:
        query = {"limit": 1, **({"after": after} if after else {})}
        page = (await house.ask("GET", "/api/v1/keys", key=key, params=query)).json()
        seen += [each["name"] for each in page["keys"]]
        if (after := page["next"]) is None:
            break
    assert seen == ["own", "test"]
    for each in others:
        for method, path in (("GET", ""), ("POST", "/rotate"), ("DELETE", "")):
            assert (await house.ask(method, f"/api/v1/keys/{each.id}{path}", key=key)).status_code == 404
        still = await house.here.keyring.keys.get(each.id)
        assert still is not None
        assert still.revoked_at is None
    assert (await house.ask("DELETE", f"/api/v1/keys/{own.id}", key=key)).status_code == 204


async def test_a_key_for_some_agents_switches_nothing_of_others(house: Served) -> None:
    key, why = await house.key("switches:write", agents=["founder"]), {"reason": "a drill"}
    for name in ("calls", "voice", "tool:look_up", "calls:ambassador"):
        path = f"/api/v1/switches/{name}"
        assert (await house.ask("PUT", path, key=key, json=why)).status_code == 403
        assert (await house.ask("PUT", path, key=SERVER_KEY, json=why)).status_code == 200
        assert (await house.ask("DELETE", path, key=key)).status_code == 403
    assert (await house.ask("PUT", "/api/v1/switches/calls:founder", key=key, json=why)).status_code == 200
    shown = (await house.ask("GET", "/api/v1/switches", key=key)).json()["off"]
    assert {each["name"] for each in shown} == {"calls", "voice", "tool:look_up", "calls:founder"}
    assert (await house.ask("DELETE", "/api/v1/switches/calls:founder", key=key)).status_code == 204


async def test_what_is_no_key(house: Served) -> None:
    for wanted in [
        {},
        {"name": "", "scopes": ["calls:read"]},
        {"name": "a\nb", "scopes": ["calls:read"]},
        {"name": "n", "scopes": []},
        {"name": "n", "scopes": ["everything"]},
        {"name": "n", "scopes": ["*"]},
        {"name": "n", "scopes": ["calls:read"], "expires_at": "soon"},
    ]:
        assert (await house.ask("POST", "/api/v1/keys", key=SERVER_KEY, json=wanted)).status_code == 422


async def test_a_rotated_key_goes_on_for_a_while(house: Served) -> None:
    key, old = await house.here.keyring.keys.add("ci", scopes=["agents:read"], now=time.time())
    path = f"/api/v1/keys/{key.id}/rotate"
    new = (await house.ask("POST", path, key=SERVER_KEY, json={"overlap_s": 60})).json()["key"]
    for each in (old, new):
        assert (await house.ask("GET", "/api/v1/agents", key=each)).status_code == 200
    assert (await house.ask("POST", path, key=SERVER_KEY)).status_code == 201
    assert (await house.ask("GET", "/api/v1/agents", key=old)).status_code == 401
    assert (await house.ask("POST", path, key=SERVER_KEY)).status_code == 409


async def test_keys_are_listed_by_the_page(house: Served) -> None:
    for _ in range(3):
        await house.key("calls:read")
    seen, after = [], None
    while True:
        query = {"limit": 2, **({"after": after} if after else {})}
        page = (await house.ask("GET", "/api/v1/keys", key=SERVER_KEY, params=query)).json()
        seen += [key["id"] for key in page["keys"]]
        if (after := page["next"]) is None:
            break
    assert len(seen) == len(set(seen)) == 3
    for cursor in ("rubbish", "W10", "bnVsbA"):
        answer = await house.ask("GET", "/api/v1/keys", key=SERVER_KEY, params={"after": cursor})
        assert answer.status_code in (400, 422)


async def test_guessing_is_slowed_down_and_told_how_long(house: Served) -> None:
    statuses = [(await house.ask("GET", "/api/v1/keys", key=f"vv_{n}")).status_code for n in range(12)]
    assert statuses == [401] * 10 + [429] * 2
    right = await house.ask("GET", "/api/v1/keys", key=SERVER_KEY)
    assert (right.status_code, int(right.headers["retry-after"]) <= 60) == (429, True)
    assert (await house.ask("GET", "/api/v1/keys", key=SERVER_KEY, by="203.0.113.6")).status_code == 200


async def test_keys_are_never_logged(house: Served) -> None:
    key = await house.key("keys:write", "agents:read")
    with capture_logs() as logs:
        await house.ask("GET", "/api/v1/agents", key=key)
        await house.ask("GET", "/api/v1/agents", key=key + "x")
        made = await house.ask("POST", "/api/v1/keys", key=key, json={"name": "n", "scopes": ["agents:read"]})
        await house.ask("POST", "/api/v1/sessions", json={"key": key})
    assert len(logs) >= 4
    assert key[9:] not in str(logs)
    assert made.json()["key"][9:] not in str(logs)


# servers that want none


async def test_a_server_of_the_loopback_begins_to_want_keys_with_the_first_one(tmp_path: Path) -> None:
    async with served(tmp_path) as house:
        assert (await house.ask("GET", "/api/v1/sessions")).json()["id"] == "loopback"
        assert (await house.ask("GET", "/api/v1/sessions", host="evil.example")).status_code == 421
        made = await house.ask("POST", "/api/v1/keys", json={"name": "first", "scopes": ["keys:write"]})
        assert made.status_code == 201
        assert (await house.ask("GET", "/api/v1/keys")).status_code == 401
        key = made.json()["key"]
        assert (await house.ask("GET", "/api/v1/keys", key=key)).status_code == 200
        assert (await house.ask("GET", "/api/v1/keys", key=key, host="viva.example")).status_code == 200
        await house.ask("DELETE", f"/api/v1/keys/{made.json()['id']}", key=key)
        assert (await house.ask("GET", "/api/v1/keys")).status_code == 401, "it does not fall open with its last key"


async def test_another_sites_page_cannot_use_a_server_without_keys(tmp_path: Path) -> None:
    async with served(tmp_path) as house:
        wanted = {"name": "mine", "scopes": ["keys:write"]}
        for headers in (
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Origin": "http://localhost:5173"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Origin": "http://localhost", "Sec-Fetch-Site": "cross-site"},
        ):
            assert (await house.ask("POST", "/api/v1/keys", json=wanted, headers=headers)).status_code == 403
        own = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
        assert (await house.ask("POST", "/api/v1/keys", json=wanted, headers=own)).status_code == 201


def test_a_public_server_needs_a_key() -> None:
    with pytest.raises(SettingsError, match="want api_key"):
        listen(Settings(host="0.0.0.0", port=0))


# the keyring


async def test_another_server_learns_of_a_revocation_within_two_seconds(tmp_path: Path) -> None:
    async with served(tmp_path) as house:
        now = [1_750_000_000.0]
        elsewhere = Keyring(house.here.store.database, "", lambda: now[0])
        key, secret = await house.here.keyring.keys.add("n", scopes=["calls:read"], now=now[0])
        assert await elsewhere.owner_of(secret) == Principal(key.id, frozenset({"calls:read"}))
        await house.here.keyring.keys.revoke(key.id, now[0])
        now[0] += FRESH_S - 0.1
        assert await elsewhere.owner_of(secret) is not None
        now[0] += 0.1
        assert await elsewhere.owner_of(secret) is None
        _, secret = await house.here.keyring.keys.add("n", scopes=["*"], expires_at=now[0] + 1, now=now[0])
        assert await elsewhere.owner_of(secret) is not None
        now[0] += 1
        assert await elsewhere.owner_of(secret) is None, "what expires is looked at every time"
        await elsewhere.close()


async def test_the_use_of_a_key_is_written_once_a_minute(tmp_path: Path) -> None:
    async with served(tmp_path) as house:
        now = [1_750_000_000.0]
        keyring = Keyring(house.here.store.database, "", lambda: now[0])
        key, secret = await keyring.keys.add("n", scopes=["*"], now=now[0])
        written = []
        for wait_s in (0, 59, 1, 30):
            now[0] += wait_s
            await keyring.owner_of(secret)
            await keyring.close()
            stored = await keyring.keys.get(key.id)
            assert stored is not None
            written.append((stored.last_used_at or 0) - 1_750_000_000)
        assert written == [0, 0, 60, 60]


async def test_a_storage_that_does_not_answer_opens_no_doors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with served(tmp_path) as house:

        def away(*_: object) -> object:
            raise OSError("away")

        house.here.keyring.forget()
        with monkeypatch.context() as patched:
            patched.setattr(AsyncEngine, "connect", away)
            patched.setattr(AsyncEngine, "begin", away)
            with pytest.raises(StoreError):
                await house.here.keyring.required()
            answer = await house.ask("GET", "/api/v1/keys")
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
            assert (await house.ask("GET", "/api/v1/keys", host="evil.example")).status_code == 421
            with capture_logs() as logs:
                await house.here.keyring._write_used("k", 1.0)
            assert logs[0]["event"] == "the use of a key could not be written down"


async def test_as_many_keys_as_one_likes_are_tried_at_once(house: Served) -> None:
    keys = [await house.key("agents:read") for _ in range(3)] + [SERVER_KEY]
    answers = await asyncio.gather(*(house.ask("GET", "/api/v1/agents", key=key) for key in keys * 5))
    assert {answer.status_code for answer in answers} == {200}


async def test_a_key_in_the_database_lets_a_server_be_public(tmp_path: Path) -> None:
    settings = Settings(host="0.0.0.0", port=0, data_dir=str(tmp_path / "data"))
    assert not await is_guarded(settings)
    async with open_store(settings) as store:
        await Keys(store.database).add("n", scopes=["*"], now=1.0)
    with listen(settings, guarded=await is_guarded(settings)) as listener:
        assert listener.getsockname()[0] == "0.0.0.0"
    assert await is_guarded(Settings(api_key="k"))
