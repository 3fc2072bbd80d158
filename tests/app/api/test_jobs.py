from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.app.api.conftest import Home
from tests.app.api.inhabited import Inhabited, inhabited
from vivavoce.app.api import jobs
from vivavoce.app.api.jobs import SSE, job_stream

JOBS = "/api/v1/jobs"


async def test_lists_by_the_page_and_by_what_is_asked(home: Home) -> None:
    seen: list[str] = []
    after = ""
    while True:
        page = (await home.ask("GET", f"{JOBS}?limit=1{after}")).json()
        seen += [each["id"] for each in page["jobs"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert set(seen) == {home.names["job_id"], home.names["jobs_cancel_job.job_id"], home.names["over"]}
    assert len(seen) == 3
    over = (await home.ask("GET", f"{JOBS}?state=cancelled")).json()["jobs"]
    assert [each["id"] for each in over] == [home.names["over"]]
    assert (await home.ask("GET", f"{JOBS}?kind=nothing")).json()["jobs"] == []
    assert len((await home.ask("GET", f"{JOBS}?call={home.names['call_id']}")).json()["jobs"]) == 3


async def test_cancelled_once(home: Home) -> None:
    job = home.names["job_id"]
    answer = await home.ask("POST", f"{JOBS}/{job}/cancel")
    assert (answer.status_code, answer.json()["state"]) == (202, "cancelled")
    assert (await home.ask("POST", f"{JOBS}/{job}/cancel")).status_code == 409
    assert (await home.ask("POST", f"{JOBS}/nothing/cancel")).status_code == 404
    events = (await home.ask("GET", f"{JOBS}/{job}/events")).json()
    assert events["over"]
    assert [each["data"]["state"] for each in events["events"]] == ["waiting", "cancelled"]
    later = (await home.ask("GET", f"{JOBS}/{job}/events?after=1")).json()
    assert [each["seq"] for each in later["events"]] == [2]


async def test_a_stream_tells_what_happens_until_it_is_over(home: Home) -> None:
    job = home.names["job_id"]
    stream = job_stream(home.here, job, 0, Counter(), "k")
    assert await anext(stream) == b"retry: 2000\n\n"
    assert (await anext(stream)).startswith(b'id: 1\nevent: state\ndata: {"seq":1,')
    rest = asyncio.create_task(_all(stream))
    await home.here.jobs.cancel(job)
    assert b'"state":"cancelled"' in (await rest)[-1]


async def test_a_quiet_stream_beats_and_ends_with_the_server(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "HEARTBEAT_S", 0.02)
    monkeypatch.setattr(jobs, "LOOK_S", 0.01)
    opened: Counter[str] = Counter()
    stream = job_stream(home.here, home.names["job_id"], 1, opened, "k")
    await anext(stream)
    assert await anext(stream) == b": still here\n\n"
    assert opened == {"k": 1}
    home.here.desk.stop()
    await _all(stream)
    assert opened == {}


async def test_streams_have_an_end(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "MAX_STREAMS", 0)
    answer = await home.ask("GET", f"{JOBS}/{home.names['job_id']}/events", headers={"Accept": SSE})
    assert answer.status_code == 503
    monkeypatch.setattr(jobs, "STREAM_S", 0.0)
    opened: Counter[str] = Counter()
    assert await _all(job_stream(home.here, home.names["job_id"], 0, opened, "k")) == [b"retry: 2000\n\n"]
    assert opened == {}


async def test_one_key_does_not_take_all_streams(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "STREAM_S", 0.0)
    path, asked = f"{JOBS}/{home.names['job_id']}/events", {"Accept": SSE}
    home.app.state.streams["server"] = jobs.MAX_STREAMS_EACH
    answer = await home.ask("GET", path, headers=asked)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "60")
    assert (await home.ask("GET", path, key=await home.key("jobs:read"), headers=asked)).status_code == 200


async def test_an_event_source_that_comes_again(home: Home) -> None:
    path = f"{JOBS}/{home.names['over']}/events"
    again = await home.ask("GET", path, headers={"Accept": SSE, "Last-Event-ID": "1"})
    assert again.status_code == 200
    assert again.text.count("event: state") == 1
    assert (await home.ask("GET", path, headers={"Accept": SSE, "Last-Event-ID": "2"})).status_code == 204
    for rubbish in ("x", "-1", "9" * 90, "٣"):
        answer = await home.ask("GET", path, headers={"Accept": SSE, "Last-Event-ID": rubbish.encode()})
        assert answer.text.count("event: state") == 2


@pytest.mark.slow
def test_over_a_socket(tmp_path: Path) -> None:
    with inhabited(tmp_path) as home:
        job = home.names["job_id"]
        url = f"{home.url}{JOBS}/{job}/events"
        with httpx.stream("GET", url, headers={"Accept": SSE}, timeout=10) as answer:
            lines = answer.iter_lines()
            assert next(lines) == "retry: 2000"
            _cancel(home, job)
            assert any("cancelled" in line for line in lines)  # and it ends


def _cancel(home: Inhabited, job: str) -> None:
    assert home.ask(lambda: home.services.jobs.cancel(job))


async def _all(stream: AsyncIterator[bytes]) -> list[bytes]:
    return [each async for each in stream]
