"""What the jobs of this house do, with an engine in memory: reports, exports, webhooks, sweeps."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.app.conftest import House
from tests.conversation.talk import ROOT
from tests.jobs.engines import Memory
from vivavoce.app import handlers as module
from vivavoce.app.filing import open_store
from vivavoce.app.handlers import FILES, Handlers
from vivavoce.app.settings import Settings
from vivavoce.app.webhooks.events import open_announcer
from vivavoce.jobs.ledger import Ledger
from vivavoce.jobs.port import OVER, JobStatus
from vivavoce.jobs.worker import Worker
from vivavoce.store.people import People
from vivavoce.store.recorder import Recorder
from vivavoce.store.reports import Reports
from vivavoce.store.rows import StoredTurn
from vivavoce.store.store import Store
from vivavoce.store.vault import Vault


class Workshop:
    def __init__(self, settings: Settings, store: Store) -> None:
        self.settings = settings
        self.store = store
        self.folder = Path(settings.data_dir)
        self.ledger = Ledger(store.database)
        self.vault = Vault.of("", settings.data_dir)
        self.announcer = open_announcer(settings, store, self.vault, self.ledger)
        self.handlers = Handlers(settings, store, self.vault, self.ledger, self.announcer)
        self.memory = Memory()
        self.worker = Worker(self.ledger, self.handlers.kinds(), worker_id="w", version="1")

    async def do(self, kind: str, /, call_id: str | None = None, **args: object) -> JobStatus:
        """Ask for a job and wait until it is over."""
        job = await self.ledger.enqueue(kind, args, call_id=call_id)
        clock = asyncio.get_running_loop().time
        async with asyncio.timeout(20):
            while True:
                await self.worker.beat(clock())
                await self.worker.tick(clock())
                status = await self.ledger.status(job)
                if status is None or status.state in OVER:
                    assert status is not None, "nobody erased it"
                    return status
                await asyncio.sleep(0.005)

    async def a_call(self, *, sound: bool = False) -> str:
        source = (ROOT / "examples/agents/founder.yaml").read_text()
        call = await self.store.create_call(
            agent_name="founder", agent_source=source, spec_hash="", code_version="", started_at=time.time() - 60
        )
        turn = StoredTurn(call_id=call, turn=1, who="caller", start_ms=0, end_ms=900, text="An eight.", complete=True)
        await self.store.save_turn(turn)
        if sound:
            recorder = Recorder(self.folder / "recordings", call)
            recorder.caller(0, b"\1\0" * 16_000)
            for row in await recorder.close():
                await self.store.save_recording(row)
        await self.store.finish_call(call, ended_at=time.time(), reason="agent_ended")
        return call


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Workshop]:
    settings = Settings(data_dir=str(tmp_path))
    async with open_store(settings) as store:
        shop = Workshop(settings, store)
        await shop.worker.begin(shop.memory.open)
        yield shop
        await shop.worker.close()


async def test_a_report_lies_in_its_folder_and_has_its_rows(shop: Workshop) -> None:
    call = await shop.a_call(sound=True)
    assert (await shop.do("report", call)).state == "done"
    folder = shop.folder / "reports" / call
    assert {path.name for path in folder.iterdir()} == set(FILES)
    page = (folder / "report.html").read_text()
    assert "An eight." in page
    assert 'src="recording"' in page
    rows = await Reports(shop.store.database).of_call(call)
    assert {row.name: row.media_type for row in rows} == FILES
    assert {row.name: row.bytes for row in rows} == {path.name: path.stat().st_size for path in folder.iterdir()}
    assert list((shop.folder / "reports").glob(".making-*")) == []


async def test_a_report_made_again_takes_the_place_of_the_old_one(shop: Workshop) -> None:
    call = await shop.a_call()
    await shop.do("report", call)
    page = shop.folder / "reports" / call / "report.html"
    page.write_text("old")
    assert (await shop.do("report", call)).state == "done"
    assert "An eight." in page.read_text()


async def test_who_waits_for_a_report_is_told(shop: Workshop) -> None:
    call = await shop.a_call()
    await shop.announcer.webhooks.add(
        url="https://example.org/", events=["call.report_ready"], agent=None, secret_sealed=b"", now=time.time()
    )
    await shop.do("report", call)
    waiting = [job for job in await shop.ledger.list(kind="webhook") if job.call_id == call]
    assert len(waiting) == 1


async def test_what_is_not_kept_any_more_is_not_reported_on(shop: Workshop) -> None:
    call = await shop.a_call()
    await shop.store.update_call(call, transcript_until=time.time() - 1)
    assert (await shop.do("report", call)).state == "done"
    assert not (shop.folder / "reports" / call).exists()
    assert await Reports(shop.store.database).of_call(call) == []


async def test_a_report_without_room_fails_with_a_sentence(shop: Workshop) -> None:
    call = await shop.a_call()
    (shop.folder / "reports").write_text("a file is in the way")
    shop.worker._pause = lambda _: asyncio.sleep(0)
    status = await shop.do("report", call)
    assert status.state == "failed"
    assert status.problem.startswith("step write failed: the report cannot be written: ")


async def test_a_call_erased_during_its_report_leaves_nothing(shop: Workshop) -> None:
    call = await shop.a_call()
    await shop.handlers._write_report(call)
    async with shop.store.database.begin() as connection:
        await connection.exec_driver_sql("DELETE FROM calls")
    with pytest.raises(Exception, match="refused the rows"):
        await shop.handlers._list_report(call)
    assert not (shop.folder / "reports" / call).exists()


async def test_a_call_erased_before_its_report_leaves_no_folder(shop: Workshop) -> None:
    call = await shop.a_call()
    async with shop.store.database.begin() as connection:
        await connection.exec_driver_sql("UPDATE calls SET state = 'erasing'")
    assert not await shop.handlers._write_report(call)
    async with shop.store.database.begin() as connection:
        await connection.exec_driver_sql("DELETE FROM calls")
    assert not await shop.handlers._write_report(call)
    assert not (shop.folder / "reports" / call).exists()


async def test_an_export(shop: Workshop) -> None:
    person = await People(shop.store.database, shop.vault).find_or_make("anna@example.org", now=time.time())
    status = await shop.do("export", person=person.id)
    assert status.state == "done"
    assert status.result == {"bytes": (shop.folder / "exports" / f"{person.id}.zip").stat().st_size}


async def test_a_sweep_does_all_that_is_due(shop: Workshop) -> None:
    call = await shop.a_call(sound=True)
    await shop.do("report", call)
    await shop.store.update_call(call, audio_until=1.0, transcript_until=1.0, facts_until=1.0)
    status = await shop.do("sweep")
    assert status.state == "done"
    assert (status.result["audio"], status.result["transcript"]) == (1, 1)
    assert await shop.store.turns(call) == []
    assert not (shop.folder / "reports" / call).exists()
    assert {"tickets", "sessions", "deliveries", "jobs"} <= status.result.keys()


async def test_a_part_of_a_sweep_that_fails_keeps_no_other_back(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = await shop.a_call()
    await shop.store.update_call(call, transcript_until=1.0)

    async def broken(*_: object, **__: object) -> int:
        raise ValueError

    monkeypatch.setattr(module, "sweep_leftovers", broken)
    shop.worker._pause = lambda _: asyncio.sleep(0)
    status = await shop.do("sweep")
    assert (status.state, status.problem) == ("failed", "step access failed: ValueError")
    assert await shop.store.turns(call) == []


async def test_a_delivery_that_is_gone(shop: Workshop) -> None:
    status = await shop.do("webhook", delivery="nothing", attempt=1)
    assert (status.state, status.result["state"]) == ("done", "gone")


async def test_a_call_that_ends_asks_for_its_report(house: House) -> None:
    call, _ = await house.ticket()
    for tell in house.desk.on_ended:
        await tell(call)
        await tell(call)
    asked = [job for job in await house.services.jobs.list(call_id=call) if job.kind == "report"]
    assert [(job.id, job.state) for job in asked] == [(f"report-{call}", "waiting")]
