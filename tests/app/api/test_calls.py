from __future__ import annotations

import asyncio
import io
import json
import sys
import threading
import time
import tracemalloc
import wave
from typing import Any
from urllib.parse import quote

import msgspec
import pytest
from fastapi import Request
from fastapi.responses import StreamingResponse

from tests.app.api.conftest import Home
from vivavoce.app import sounds
from vivavoce.app.api.files import send_file
from vivavoce.app.api.paging import cursor_to
from vivavoce.app.handlers import Handlers
from vivavoce.conversation.log import decode_event
from vivavoce.store import encoders
from vivavoce.store.recorder import Recorder
from vivavoce.store.rows import StoredEvent

CALLS = "/api/v1/calls"
PARTS = ("events", "transcript", "facts", "recording", "report")


async def test_a_call_and_what_there_is_of_it(home: Home) -> None:
    call = (await home.ask("GET", f"{CALLS}/{home.names['call_id']}")).json()
    assert (call["agent"], call["state"], call["end_reason"]) == ("founder", "ended", "caller_hung_up")
    assert call["title"] == "Startup idea interview"
    assert call["person"] == home.names["person_id"]
    assert {track["track"]: track["seconds"] for track in call["recording"]["tracks"]} == {"caller": 2.0, "agent": 1.0}
    assert [call[part]["state"] for part in ("recording", "transcript", "events", "facts")] == ["kept"] * 4
    assert (call["transcript"]["count"], call["facts"]["count"], call["events"]["count"]) == (2, 1, 1)
    assert call["settings"]["pace"] == {"value": "interview", "source": "package"}
    booked = (await home.ask("GET", f"{CALLS}/{home.names['booked']}")).json()
    assert (booked["state"], booked["recording"]["state"]) == ("booked", "growing")
    old = (await home.ask("GET", f"{CALLS}/{home.names['old']}")).json()
    assert [old[part]["state"] for part in ("recording", "transcript", "events", "facts")] == ["erased"] * 4


@pytest.mark.parametrize("part", PARTS)
async def test_what_was_erased_says_when(home: Home, part: str) -> None:
    answer = await home.ask("GET", f"{CALLS}/{home.names['old']}/{part}")
    assert answer.status_code == 410
    assert "erased at 20" in answer.json()["error"]


async def test_transcript_for_programs_people_and_players(home: Home) -> None:
    path = f"{CALLS}/{home.names['call_id']}/transcript"
    as_json = (await home.ask("GET", path)).json()
    assert [turn["who"] for turn in as_json["turns"]] == ["alex", "caller"]
    assert as_json["speakers"][0] == {"id": "alex", "name": "Alex", "role": as_json["speakers"][0]["role"]}
    text = await home.ask("GET", path, headers={"Accept": "text/plain"})
    assert text.text == "[00:00] Alex: Who hit <this> & that?\n[00:01] Caller: Eight of ten. Äh.\n"
    captions = await home.ask("GET", path, headers={"Accept": "text/vtt"})
    assert captions.headers["content-type"].startswith("text/vtt")
    assert "<v Alex>Who hit &lt;this&gt; &amp; that?" in captions.text
    assert (await home.ask("GET", path, headers={"Accept": "image/png"})).status_code == 406


async def test_facts_with_their_evidence(home: Home) -> None:
    facts = (await home.ask("GET", f"{CALLS}/{home.names['call_id']}/facts")).json()["facts"]
    severity = next(fact for fact in facts if fact["field"] == "severity")
    assert (severity["state"], severity["value"]) == ("answered", 8)
    assert severity["evidence"] == [{"turn": "1", "start_ms": 1000, "end_ms": 1900, "quote": "Eight of ten.\nÄh."}]
    assert {fact["state"] for fact in facts if fact["field"] != "severity"} == {"unasked"}


async def test_events_by_the_page_and_as_lines(home: Home) -> None:
    call = home.names["call_id"]
    event, effects = b'{"kind":"Tick"}', b"[]"
    rows = [StoredEvent(call, seq, seq / 10, event, effects) for seq in range(1, 1_101)]
    await home.here.store.write(rows)
    seqs: list[int] = []
    after = ""
    while True:
        page = (await home.ask("GET", f"{CALLS}/{call}/events?limit=200{after}")).json()
        seqs += [each["seq"] for each in page["events"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert seqs == list(range(1_101))
    lines = await home.ask("GET", f"{CALLS}/{call}/events", headers={"Accept": "application/x-ndjson"})
    read = [json.loads(line) for line in lines.text.splitlines()]
    assert [each["seq"] for each in read] == seqs
    assert decode_event(msgspec.json.encode(read[0]["event"])).mode == "text"  # type: ignore[attr-defined]


async def test_a_list_holds_still_while_calls_come_and_go(home: Home) -> None:
    store, agent = home.here.store, await home.here.shelf.find("founder")
    ids = [
        await store.create_call(
            agent_name="founder",
            agent_source=agent.file.source,
            spec_hash="",
            code_version="",
            started_at=1_000.0 + n // 3,
        )
        for n in range(12)
    ]
    wanted = set(ids)
    seen: list[str] = []
    after = ""
    for _ in range(20):
        page = (await home.ask("GET", f"{CALLS}?limit=2&until=2000{after}")).json()
        seen += [each["id"] for each in page["calls"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
        # one comes that is newer than all, and one that was seen goes
        await store.create_call(
            agent_name="founder", agent_source=agent.file.source, spec_hash="", code_version="", started_at=1_900.0
        )
        await home.here.erasing.call(page["calls"][0]["id"], now=time.time())
    assert len(seen) == len(set(seen))
    assert wanted == set(seen)


async def test_filters(home: Home) -> None:
    names = home.names

    async def ids(query: str) -> set[str]:
        return {each["id"] for each in (await home.ask("GET", f"{CALLS}?{query}")).json()["calls"]}

    assert await ids("state=booked") == {names["booked"]}
    assert await ids(f"person={names['person_id']}") == {names["call_id"]}
    assert await ids("agent=ada") == set()
    assert len(await ids("agent=founder")) == 5
    assert await ids("until=1000") == set()
    assert len(await ids("since=1000")) == 5
    for bad in ("limit=0", "limit=201", "state=gone", "person=x", "since=nan", "since=-1", "after=%00", "agent='"):
        assert (await home.ask("GET", f"{CALLS}?{bad}")).status_code == 422, bad
    for cursor in ("AAAA", "W10", "bnVsbA", "x" * 200):
        assert (await home.ask("GET", f"{CALLS}?after={cursor}")).status_code == 400, cursor


@pytest.mark.parametrize("kind", ["wav", "flac", "opus"])
async def test_the_recording(home: Home, kind: str) -> None:
    path = f"{CALLS}/{home.names['call_id']}/recording?format={kind}"
    whole = await home.ask("GET", path)
    assert whole.headers["content-type"] == encoders.MEDIA_TYPES[kind]  # type: ignore[index]
    assert whole.headers["content-length"] == str(len(whole.content))
    assert whole.content[:4] == {"wav": b"RIFF", "flac": b"fLaC", "opus": b"OggS"}[kind]
    if kind == "wav":
        with wave.open(io.BytesIO(whole.content)) as wav:
            assert (wav.getnchannels(), wav.getframerate(), wav.getnframes()) == (2, 24_000, 48_000)
    again = await home.ask("GET", path)
    assert again.content == whole.content
    assert [row.name for row in await home.here.reports.of_call(home.names["call_id"])] == [f"call.{kind}"]


async def test_ranges(home: Home) -> None:
    path = f"{CALLS}/{home.names['call_id']}/recording"
    whole = await home.ask("GET", path)
    size = len(whole.content)
    for asked, start, end in (
        ("bytes=0-43", 0, 44),
        ("bytes=44-", 44, size),
        ("bytes=-10", size - 10, size),
        (f"bytes=10-{size * 2}", 10, size),
        ("BYTES = 1-1", 1, 2),
        (f"bytes=-{size * 2}", 0, size),
    ):
        part = await home.ask("GET", path, headers={"Range": asked})
        assert part.status_code == 206
        assert part.content == whole.content[start:end]
        assert part.headers["content-range"] == f"bytes {start}-{end - 1}/{size}"
    for asked in ("bytes=9-2", "bytes=-", "lines=1-2", "bytes=1-2,4-5", "x", "bytes=" + "9" * 40 + "-"):
        assert (await home.ask("GET", path, headers={"Range": asked})).status_code == 200, asked
    for asked in (f"bytes={size}-", "bytes=-0"):
        beyond = await home.ask("GET", path, headers={"Range": asked})
        assert beyond.status_code == 416
        assert beyond.headers["content-range"] == f"bytes */{size}"
    changed = await home.ask("GET", path, headers={"Range": "bytes=0-1", "If-Range": '"old"'})
    assert changed.status_code == 200
    same = await home.ask("GET", path, headers={"Range": "bytes=0-1", "If-Range": whole.headers["etag"]})
    assert same.status_code == 206


async def test_a_call_that_was_not_recorded_or_goes_on(home: Home) -> None:
    assert (await home.ask("GET", f"{CALLS}/{home.names['booked']}/recording")).status_code == 409
    assert (await home.ask("GET", f"{CALLS}/{home.names['booked']}/report")).status_code == 409
    silent = await home.here.store.create_call(
        agent_name="founder", agent_source="", spec_hash="", code_version="", started_at=1.0
    )
    await home.here.store.finish_call(silent, ended_at=2.0, reason="x")
    answer = await home.ask("GET", f"{CALLS}/{silent}/recording")
    assert answer.status_code == 404
    assert "not to be kept" in answer.json()["error"]


async def test_without_an_encoder_there_is_wav(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "soundfile", None)
    path = f"{CALLS}/{home.names['call_id']}/recording"
    answer = await home.ask("GET", path, headers={"Accept": "audio/flac"})
    assert answer.status_code == 406
    assert "vivavoce[audio]" in answer.json()["error"]
    assert not encoders.has_encoders()
    assert (await home.ask("GET", path, headers={"Accept": "audio/*"})).headers["content-type"] == "audio/wav"


async def test_many_who_ask_at_once_have_it_made_once(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    make = encoders.export_sound

    def counted(*arguments: object) -> None:
        made.append(threading.current_thread().name)
        make(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(sounds, "export_sound", counted)
    path = f"{CALLS}/{home.names['call_id']}/recording"
    answers = await asyncio.gather(*(home.ask("GET", path) for _ in range(5)))
    assert len({answer.content for answer in answers}) == 1
    assert len(made) == 1
    assert made[0] != threading.main_thread().name  # the loop goes on meanwhile


async def test_a_call_that_is_erased_while_its_sound_is_made(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    call = home.names["call_id"]
    begun, go_on = threading.Event(), threading.Event()
    make = encoders.export_sound

    def slow(*arguments: object) -> None:
        begun.set()
        go_on.wait(10)
        make(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(sounds, "export_sound", slow)
    asked = asyncio.create_task(home.ask("GET", f"{CALLS}/{call}/recording"))
    await asyncio.to_thread(begun.wait, 10)
    assert (await home.ask("DELETE", f"{CALLS}/{call}")).status_code == 200
    go_on.set()
    assert (await asked).status_code == 404
    assert not home.here.folders.reports_of(call).exists()


async def test_what_is_fetched_is_whole_though_it_is_erased_meanwhile(home: Home) -> None:
    call = home.names["call_id"]
    whole = (await home.ask("GET", f"{CALLS}/{call}/recording")).content
    path = await home.here.sounds.file_of(call, "wav")

    request = Request({"type": "http", "headers": []})
    answer = await send_file(request, path, "audio/wav", filename="x.wav")
    await home.here.erasing.call(call, now=time.time())
    assert not path.exists()
    assert isinstance(answer, StreamingResponse)
    assert b"".join([bytes(chunk) async for chunk in answer.body_iterator]) == whole  # type: ignore[arg-type]


async def test_the_report_is_a_job_until_it_is_there(home: Home) -> None:
    call = home.names["call_id"]
    first = await home.ask("GET", f"{CALLS}/{call}/report")
    assert first.status_code == 202
    job = first.json()
    assert first.headers["location"] == f"/api/v1/jobs/{job['id']}"
    assert (await home.ask("GET", f"{CALLS}/{call}/report")).json()["id"] == job["id"]
    await home.here.jobs.cancel(job["id"])
    assert (await home.ask("GET", f"{CALLS}/{call}/report")).json()["id"] != job["id"]
    handlers = Handlers(home.here.settings, home.here.store, home.here.vault, home.here.jobs, home.here.announcer)
    await handlers._write_report(call)
    await handlers._list_report(call)
    page = await home.ask("GET", f"{CALLS}/{call}/report")
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert "default-src" not in page.headers["content-security-policy"]  # the page has its own
    summary = (await home.ask("GET", f"{CALLS}/{call}")).json()
    assert {each["name"] for each in summary["reports"]} == {"facts.json", "report.html", "transcript.json"}


async def test_erased_with_a_receipt(home: Home) -> None:
    call = home.names["call_id"]
    receipt = (await home.ask("DELETE", f"{CALLS}/{call}")).json()
    assert (receipt["id"], receipt["done"], receipt["rows"]["turns"]) == (call, True, 2)
    assert receipt["files"] == 3
    assert (await home.ask("DELETE", f"{CALLS}/{call}")).json() == receipt
    for path in ("", *(f"/{part}" for part in PARTS)):
        assert (await home.ask("GET", f"{CALLS}/{call}{path}")).status_code == 404
    assert (await home.ask("DELETE", f"{CALLS}/{'0' * 16}")).status_code == 404


async def test_calls_of_other_agents_are_not_there(home: Home) -> None:
    key = await home.key("calls:read", "calls:delete", "jobs:read", agents=["ada"])
    home.here.keyring.forget()
    call = home.names["call_id"]
    assert (await home.ask("GET", CALLS, key=key)).json()["calls"] == []
    assert (await home.ask("GET", f"{CALLS}?agent=founder", key=key)).json()["calls"] == []
    for path in ("", *(f"/{part}" for part in PARTS)):
        assert (await home.ask("GET", f"{CALLS}/{call}{path}", key=key)).status_code == 404, path
    assert (await home.ask("DELETE", f"{CALLS}/{call}", key=key)).status_code == 404
    assert (await home.ask("GET", f"/api/v1/jobs/{home.names['job_id']}", key=key)).status_code == 403
    assert (await home.ask("GET", "/api/v1/jobs", key=key)).status_code == 403


async def test_a_booking_with_wishes_and_a_person(home: Home) -> None:
    wanted = {"agent": "founder", "settings": {"pace": "casual"}, "person": "someone@example.org"}
    booked = await home.ask("POST", CALLS, json=wanted)
    assert booked.status_code == 201
    call = (await home.ask("GET", f"{CALLS}/{booked.json()['call']}")).json()
    assert call["settings"]["pace"] == {"value": "casual", "source": "call"}
    found = await home.ask("POST", "/api/v1/people-lookup", json={"ref": "someone@example.org"})
    assert found.json()["id"] == call["person"]
    for wish in ({"nonsense": 1}, {"pace": "hasty"}):
        answer = await home.ask("POST", CALLS, json={"agent": "founder", "settings": wish})
        assert answer.status_code == 400


RUBBISH = (
    "' OR '1'='1", "1; DROP TABLE calls--", "../../etc/passwd", "..%2f..%2fetc%2fpasswd", "%00", "%ff%fe", "{{7*7}}",
    "a" * 5_000, "%0d%0aX: y", "\u202e", "０" * 16, "0" * 16 + "\n", "0x0000000000000000!",
)  # fmt: skip
PATHS = (
    *(f"{CALLS}/{{}}{part}" for part in ("", *(f"/{part}" for part in PARTS))), "/api/v1/people/{}",
    "/api/v1/people/{}/export", "/api/v1/jobs/{}", "/api/v1/jobs/{}/events", "/api/v1/agents/{}",
    "/api/v1/agents/{}/versions", "/api/v1/keys/{}", "/api/v1/webhooks/{}", "/api/v1/webhooks/{}/deliveries",
    "/api/v1/switches/{}",
)  # fmt: skip


async def test_rubbish_in_every_place(home: Home) -> None:
    call = home.names["call_id"]
    queries = {
        CALLS: ("after", "agent", "state", "person", "since", "until", "limit"),
        "/api/v1/jobs": ("after", "state", "kind", "call", "limit"),
        "/api/v1/agents": ("after", "limit"),
        "/api/v1/agents/founder": ("version",),
        f"{CALLS}/{call}/events": ("after", "limit"),
        f"{CALLS}/{call}/recording": ("format",),
    }
    for number in (2**31, 2**63, 2**80, -1):  # more than a database's column takes
        answer = await home.ask("GET", f"{CALLS}/{call}/events", params={"after": cursor_to(number)})
        assert answer.status_code == 400, number
    answer = await home.ask("GET", CALLS, params={"after": cursor_to((1.0, "\0"))})
    assert answer.status_code == 400
    for rubbish in RUBBISH:
        quoted = rubbish if "%" in rubbish else quote(rubbish, safe="")
        for path in PATHS:
            answer = await home.ask("GET", path.format(quoted))
            assert answer.status_code in (404, 405, 422), (path, rubbish)
            assert answer.headers["content-type"] == "application/json"
        for path, names in queries.items():
            for name in names:
                answer = await home.ask("GET", f"{path}?{name}={quoted}")
                blank = name in ("since", "until") and rubbish.endswith("\n")  # a number may have some around it
                assert answer.status_code in (400, 422) or blank, (path, name, rubbish)
        bodies: tuple[tuple[str, dict[str, Any]], ...] = (
            (CALLS, {"agent": rubbish}),
            (CALLS, {"agent": "founder", "settings": {rubbish: rubbish}}),
            ("/api/v1/people-lookup", {"ref": rubbish}),
            ("/api/v1/tickets", {"ticket": rubbish}),
            ("/api/v1/tickets", {"call": rubbish}),
        )
        for path, body in bodies:
            answer = await home.ask("POST", path, json=body)
            assert answer.status_code in (400, 401, 404, 422), (path, body)
    assert len((await home.ask("GET", CALLS)).json()["calls"]) == 5


async def test_a_long_call_is_exported_off_the_loop_and_in_pieces(home: Home) -> None:
    """35 minutes are 201 MB; what is held is blocks of ten seconds."""
    call = await home.here.store.create_call(
        agent_name="founder", agent_source="", spec_hash="", code_version="", started_at=1.0
    )
    recorder = Recorder(home.here.desk.recordings_dir, call)
    minute = bytes(2 * 16_000 * 60)
    for n in range(5):
        recorder.caller(n * 16_000 * 60, minute)
    for row in await recorder.close():
        await home.here.store.save_recording(row)
    await home.here.store.finish_call(call, ended_at=2.0, reason="x")
    tracemalloc.start()
    path = await home.here.sounds.file_of(call, "wav")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    size = path.stat().st_size
    assert size == 44 + 5 * 60 * 24_000 * 4
    assert peak < size / 3
