from __future__ import annotations

import asyncio
import io
import zipfile

import pytest

from tests.app.api.conftest import Home
from tests.jobs.engines import Memory
from vivavoce.app.api import people
from vivavoce.app.handlers import Handlers
from vivavoce.jobs.worker import Worker

REF = "user-7@example.org"
PEOPLE = "/api/v1/people"


async def test_a_person_is_found_by_a_reference_that_stands_in_no_address(home: Home) -> None:
    found = (await home.ask("POST", "/api/v1/people-lookup", json={"ref": REF})).json()
    assert found["id"] == home.names["person_id"]
    assert found["calls"] == 1
    assert (await home.ask("GET", f"{PEOPLE}/{found['id']}")).json() == found
    unknown = await home.ask("POST", "/api/v1/people-lookup", json={"ref": "somebody.else@example.org"})
    assert unknown.status_code == 404
    assert "somebody" not in unknown.text
    for bad in ("", "a\nb", "x" * 513):
        answer = await home.ask("POST", "/api/v1/people-lookup", json={"ref": bad})
        assert answer.status_code in (400, 422)


async def test_erased_in_one_request(home: Home) -> None:
    person, call = home.names["person_id"], home.names["call_id"]
    receipt = (await home.ask("POST", f"{PEOPLE}/{person}/erase")).json()
    assert receipt["done"]
    assert receipt["rows"]["people"] == 1
    assert (await home.ask("POST", f"{PEOPLE}/{person}/erase")).json() == receipt
    assert (await home.ask("GET", f"{PEOPLE}/{person}")).status_code == 404
    assert (await home.ask("POST", "/api/v1/people-lookup", json={"ref": REF})).status_code == 404
    assert (await home.ask("GET", f"/api/v1/calls/{call}")).status_code == 404
    assert (await home.ask("POST", f"{PEOPLE}/{'0' * 16}/erase")).status_code == 404


async def test_exported_in_one_request_where_somebody_works(home: Home) -> None:
    here = home.here
    handlers = Handlers(here.settings, here.store, here.vault, here.jobs, here.announcer)
    worker = Worker(here.jobs, handlers.kinds(), worker_id="w", version="1")
    await worker.begin(Memory().open)
    clock = asyncio.get_running_loop().time

    async def work() -> None:
        while True:
            await worker.tick(clock())
            await asyncio.sleep(0.01)

    working = asyncio.create_task(work())
    try:
        answer = await home.ask("POST", f"{PEOPLE}/{home.names['person_id']}/export")
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "application/zip"
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            names = set(archive.namelist())
            assert REF in archive.read("person.json").decode()
        call = home.names["call_id"]
        assert {f"calls/{call}/transcript.json", f"calls/{call}/recording.wav"} <= names
        fetched = await home.ask("GET", f"{PEOPLE}/{home.names['person_id']}/export")
        assert fetched.content == answer.content
        await home.ask("POST", f"{PEOPLE}/{home.names['person_id']}/erase")
        assert (await home.ask("GET", f"{PEOPLE}/{home.names['person_id']}/export")).status_code == 404
    finally:
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
        await worker.close()


async def test_without_a_worker_the_answer_is_the_job(home: Home) -> None:
    person = home.names["person_id"]
    answer = await home.ask("POST", f"{PEOPLE}/{person}/export")
    assert answer.status_code == 202
    job = answer.json()
    assert (job["kind"], job["state"]) == ("export", "waiting")
    assert REF not in answer.text
    assert (await home.ask("POST", f"{PEOPLE}/{person}/export")).json()["id"] == job["id"]  # still the same one
    await home.here.jobs.cancel(job["id"])
    assert (await home.ask("POST", f"{PEOPLE}/{person}/export")).json()["id"] != job["id"]
    assert (await home.ask("GET", f"{PEOPLE}/{person}/export")).status_code == 404


async def test_a_slow_export_is_not_waited_for(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    async def workers() -> list[object]:
        return [object()]

    monkeypatch.setattr(home.here.jobs, "workers", workers)
    monkeypatch.setattr(people, "WAIT_S", 0.3)
    monkeypatch.setattr(people, "LOOK_S", 0.01)
    assert (await home.ask("POST", f"{PEOPLE}/{home.names['person_id']}/export")).status_code == 202


async def test_a_key_for_some_agents_sees_nobody(home: Home) -> None:
    key = await home.key("people:read", "people:erase", agents=["founder"])
    person = home.names["person_id"]
    for verb, path in (("GET", f"{PEOPLE}/{person}"), ("POST", f"{PEOPLE}/{person}/erase")):
        assert (await home.ask(verb, path, key=key)).status_code == 403
    reader = await home.key("people:read")
    assert (await home.ask("GET", f"{PEOPLE}/{person}", key=reader)).status_code == 200
    assert (await home.ask("POST", f"{PEOPLE}/{person}/erase", key=reader)).status_code == 403
