"""What is told, to whom, and over the REST surface; the last test is a receiver and a real job."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete
from standardwebhooks import Webhook
from structlog.testing import capture_logs

from tests.app.served import SERVER_KEY, Served, served
from tests.app.webhooks.test_delivery import answer, receiving
from vivavoce.app.api import webhooks
from vivavoce.app.webhooks.delivery import JOB
from vivavoce.app.webhooks.events import OVERDUE_S
from vivavoce.errors import StoreError
from vivavoce.store.models import Call
from vivavoce.store.webhooks import Webhooks

HOOK = "https://hooks.example/viva"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Served]:
    async with served(tmp_path, api_key=SERVER_KEY, webhook_networks="127.0.0.0/8") as house:
        yield house


async def register(house: Served, url: str = HOOK, **more: Any) -> dict[str, Any]:
    made = await house.ask("POST", "/api/v1/webhooks", key=SERVER_KEY, json={"url": url, **more})
    assert made.status_code == 201, made.text
    told: dict[str, Any] = made.json()
    return told


async def call_of(house: Served) -> str:
    booking = await house.here.desk.book(await house.here.shelf.find("founder"))
    return booking.call


async def bodies(house: Served, webhook_id: str) -> list[dict[str, Any]]:
    """What was told to a webhook, the oldest first."""
    found = await house.here.announcer.webhooks.deliveries(webhook_id)
    return [json.loads(delivery.body) for delivery in found[::-1]]


async def test_a_call_is_told_from_start_to_end(house: Served) -> None:
    hook = (await register(house))["webhook"]["id"]
    call = await call_of(house)
    house.here.announcer.began(call)
    await house.here.announcer.close()
    await house.here.store.finish_call(call, ended_at=2e9, reason="agent_ended")
    await house.here.announcer.ended(call)
    begun, ended = await bodies(house, hook)
    assert (begun["type"], ended["type"]) == ("call.started", "call.ended")
    assert begun["timestamp"].endswith("Z")
    assert begun["data"].keys() == {"call", "agent", "agent_version", "started_at"}
    assert ended["data"]["call"] == call
    assert (ended["data"]["agent"], ended["data"]["reason"]) == ("founder", "agent_ended")
    jobs = [
        await house.here.jobs.status(f"{JOB}-{d.id}-1") for d in await house.here.announcer.webhooks.deliveries(hook)
    ]
    assert [(job.kind, job.call_id) for job in jobs if job is not None] == [(JOB, call)] * 2


async def test_deliveries_go_with_their_call_and_that_it_went_is_told(house: Served) -> None:
    hook = (await register(house))["webhook"]["id"]
    call = await call_of(house)
    await house.here.announcer.call(call, "call.report_ready")
    await house.here.store.database.run(delete(Call).where(Call.id == call))
    await house.here.announcer.erased_call(call, "founder")
    await house.here.announcer.erased_person("0" * 16, 3)
    await house.here.announcer.call(call, "call.ended")
    told = await bodies(house, hook)
    assert [body["type"] for body in told] == ["call.erased", "person.erased"]
    assert told[0]["data"] == {"call": call, "agent": "founder"}
    assert told[1]["data"] == {"person": "0" * 16, "calls": 3}


async def test_a_storage_that_fails_harms_nothing(house: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    call = await call_of(house)

    async def fail(*_: object, **__: object) -> None:
        raise StoreError("away")

    monkeypatch.setattr(Webhooks, "told_of", fail)
    monkeypatch.setattr(Webhooks, "overdue", fail)
    with capture_logs() as logs:
        await house.here.announcer.ended(call)
        await house.here.announcer.resume()
        monkeypatch.setattr(type(house.here.store), "call", fail)
        await house.here.announcer.ended(call)
    assert [log["log_level"] for log in logs] == ["error"] * 3


async def test_a_delivery_that_lost_its_job_gets_another(house: Served) -> None:
    hook = (await register(house))["webhook"]["id"]
    webhooks = house.here.announcer.webhooks
    lost = await webhooks.write_delivery(hook, type_="t", body="{}", call_id=None, now=1.0)
    waiting = await webhooks.write_delivery(hook, type_="t", body="{}", call_id=None, now=4e9 - OVERDUE_S)
    await house.here.announcer.resume()
    assert await house.here.jobs.status(f"{JOB}-{lost.id}-1") is not None
    assert await house.here.jobs.status(f"{JOB}-{waiting.id}-1") is None


# over REST


async def test_a_webhook_from_registration_to_removal(house: Served) -> None:
    made = await register(house, events=["call.ended"], agent="founder")
    hook, secret = made["webhook"], made["secret"]
    path = f"/api/v1/webhooks/{hook['id']}"
    assert (hook["events"], hook["agent"], hook["active"]) == (["call.ended"], "founder", True)
    shown = await house.ask("GET", path, key=SERVER_KEY)
    assert shown.json() == hook
    listed = (await house.ask("GET", "/api/v1/webhooks", key=SERVER_KEY)).json()
    assert listed == {"webhooks": [hook], "next": None}
    stored = await house.here.announcer.webhooks.get(hook["id"])
    assert stored is not None
    assert secret.encode() not in stored.secret_sealed
    assert house.here.vault.open(stored.secret_sealed).decode() == secret

    changed = await house.ask("PATCH", path, key=SERVER_KEY, json={"active": False, "events": []})
    assert (changed.json()["active"], changed.json()["events"], changed.json()["url"]) == (False, [], HOOK)
    assert (await house.ask("PATCH", path, key=SERVER_KEY, json={})).json() == changed.json()
    assert (await house.ask("POST", f"{path}/test", key=SERVER_KEY)).status_code == 409

    rotated = (await house.ask("POST", f"{path}/rotate", key=SERVER_KEY, json={"overlap_s": 60})).json()
    assert rotated["secret"] != secret
    both = await house.here.announcer.webhooks.get(hook["id"])
    assert both is not None
    assert house.here.vault.open(both.old_secret_sealed or b"").decode() == secret
    at_once = (await house.ask("POST", f"{path}/rotate", key=SERVER_KEY, json={"overlap_s": 0})).json()
    assert at_once["webhook"]["old_secret_until"] is None

    assert (await house.ask("DELETE", path, key=SERVER_KEY)).status_code == 204
    for method, end in (("GET", ""), ("DELETE", ""), ("POST", "/rotate"), ("POST", "/test"), ("GET", "/deliveries")):
        assert (await house.ask(method, path + end, key=SERVER_KEY)).status_code == 404


async def test_webhooks_have_a_number(house: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "MAX_WEBHOOKS", 1)
    for agent, status in (("founder", 201), ("founder", 409), (None, 201), (None, 409), ("ambassador", 201)):
        wanted = {"url": "https://example.com/", "agent": agent}
        answer = await house.ask("POST", "/api/v1/webhooks", key=SERVER_KEY, json=wanted)
        assert answer.status_code == status, answer.text


async def test_addresses_that_are_not_allowed(house: Served) -> None:
    for url in [
        "https://10.0.0.1/",
        "http://hooks.example@127.0.0.1/",
        "https://2130706433/",
        "ftp://hooks.example/",
        "x",
    ]:
        refused = await house.ask("POST", "/api/v1/webhooks", key=SERVER_KEY, json={"url": url})
        assert (refused.status_code, refused.json()["error"][:4]) == (400, "want")
        hook = (await register(house))["webhook"]["id"]
        refused = await house.ask("PATCH", f"/api/v1/webhooks/{hook}", key=SERVER_KEY, json={"url": url})
        assert refused.status_code == 400


async def test_a_key_for_one_agent_sees_its_webhooks_alone(house: Served) -> None:
    key = await house.key("webhooks:read", "webhooks:write", agents=["founder"])
    everybodys = (await register(house))["webhook"]["id"]
    founders = (await register(house, agent="founder"))["webhook"]["id"]
    listed = (await house.ask("GET", "/api/v1/webhooks", key=key)).json()["webhooks"]
    assert [hook["id"] for hook in listed] == [founders]
    assert (await house.ask("GET", f"/api/v1/webhooks/{everybodys}", key=key)).status_code == 404
    for agent, status in ((None, 403), ("ambassador", 403), ("founder", 201)):
        made = await house.ask("POST", "/api/v1/webhooks", key=key, json={"url": HOOK, "agent": agent})
        assert made.status_code == status
    reader = await house.key("webhooks:read")
    assert (await house.ask("POST", f"/api/v1/webhooks/{founders}/test", key=reader)).status_code == 403


async def test_a_delivery_is_replayed_when_it_is_over(house: Served) -> None:
    hook = (await register(house))["webhook"]["id"]
    path = f"/api/v1/webhooks/{hook}/deliveries"
    sent = (await house.ask("POST", f"/api/v1/webhooks/{hook}/test", key=SERVER_KEY)).json()
    assert (sent["type"], sent["state"], sent["attempts"]) == ("webhook.test", "waiting", 0)
    assert "body" not in sent
    replay = f"{path}/{sent['id']}/replay"
    assert (await house.ask("POST", replay, key=SERVER_KEY)).status_code == 409
    await house.here.announcer.webhooks.tried(sent["id"], attempt=1, state="failed", next_at=None)
    again = await house.ask("POST", replay, key=SERVER_KEY)
    assert (again.status_code, again.json()["state"], again.json()["id"]) == (202, "waiting", sent["id"])
    assert await house.here.jobs.status(f"{JOB}-{sent['id']}-2") is not None
    other = (await register(house))["webhook"]["id"]
    assert (
        await house.ask("POST", f"/api/v1/webhooks/{other}/deliveries/{sent['id']}/replay", key=SERVER_KEY)
    ).status_code == 404
    for _ in range(2):
        await house.ask("POST", f"/api/v1/webhooks/{hook}/test", key=SERVER_KEY)
    first = (await house.ask("GET", path, key=SERVER_KEY, params={"limit": 2})).json()
    rest = (await house.ask("GET", path, key=SERVER_KEY, params={"limit": 2, "after": first["next"]})).json()
    assert len({item["id"] for item in [*first["deliveries"], *rest["deliveries"]]}) == 3
    assert rest["next"] is None


async def test_the_whole_way_to_a_receiver(house: Served) -> None:
    async with receiving(answer(500), answer(200)) as receiver:
        made = await register(house, f"http://127.0.0.1:{receiver.port}/viva")
        await house.here.announcer.ended(await call_of(house))
        (waiting,) = await house.here.announcer.webhooks.deliveries(made["webhook"]["id"])
        for attempt, state in ((1, "waiting"), (2, "delivered")):
            outcome = await house.here.announcer.courier.deliver(waiting.id, attempt)
            assert outcome.state == state
        one, two = receiver.requests
    assert one[0]["webhook-id"] == two[0]["webhook-id"] == waiting.id
    assert Webhook(made["secret"]).verify(two[1], two[0])["type"] == "call.ended"
