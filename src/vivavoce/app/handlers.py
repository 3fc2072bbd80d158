"""The jobs of this house: reports, exports, webhooks, harvests, studies, and what is swept. Here their handlers are
wired to the rooms."""

from __future__ import annotations

import asyncio
import math
import os
import tempfile
import time
from pathlib import Path
from typing import Any

import msgspec

from vivavoce import __version__
from vivavoce.app.respondents import Respondents
from vivavoce.app.settings import Settings
from vivavoce.app.webhooks.delivery import JOB as WEBHOOK
from vivavoce.app.webhooks.events import Announcer
from vivavoce.errors import StoreError
from vivavoce.findings.deliver import deliver
from vivavoce.jobs.claims import forget_old
from vivavoce.jobs.kinds import Job, Kind, StepFailed
from vivavoce.jobs.ledger import Ledger
from vivavoce.store.exporting import Exporting
from vivavoce.store.folders import Folders
from vivavoce.store.leftovers import sweep_leftovers
from vivavoce.store.people import People
from vivavoce.store.reports import Reports, StoredReport
from vivavoce.store.retention import Retention
from vivavoce.store.store import Store
from vivavoce.store.vault import Vault
from vivavoce.studies.harvest import HARVEST, Harvesting
from vivavoce.studies.port import Source
from vivavoce.studies.running import STUDY, Studying
from vivavoce.studies.sources.open import open_source

REPORT = "report"
EXPORT = "export"
SWEEP = "sweep"
HOUR_S = 3600.0
FILES = {"report.html": "text/html", "transcript.json": "application/json", "facts.json": "application/json"}
"""What a report consists of. The sound is rendered when somebody asks for it."""
SOUND_AT = "recording"
"""Of a report's page: where the REST surface has the sound of the same call."""


class Handlers:
    """What jobs do. Each step may be done twice and does no harm then."""

    def __init__(self, settings: Settings, store: Store, vault: Vault, ledger: Ledger, announcer: Announcer) -> None:
        self._settings = settings
        self._store = store
        self._ledger = ledger
        self._announcer = announcer
        self._folders = Folders.of(settings.data_dir)
        self._reports = Reports(store.database)
        self._exporting = Exporting(store.database, People(store.database, vault), self._folders)
        self._retention = Retention(store.database, self._folders)
        self._vault = vault
        self._harvesting = Harvesting(store.database, ledger, self._open_source)
        self._studying = Studying(store.database, Respondents(settings), announcer.tell)

    def kinds(self) -> list[Kind]:
        return [
            Kind(name=REPORT, handler=self.report),
            # a person may have hundreds of calls, each with minutes of sound to copy
            Kind(name=EXPORT, handler=self.export, step_s=HOUR_S),
            # a receiver that does not answer has a timetable of its own
            Kind(name=WEBHOOK, handler=self.webhook, step_s=60.0),
            Kind(name=SWEEP, handler=self.sweep, step_s=HOUR_S),
            # one page of a slow source takes minutes, and so does finding the copies in a large corpus
            Kind(name=HARVEST, handler=self._harvesting.run, step_s=HOUR_S),
            # a model takes minutes over a ballot, and so does making sense of a hundred thousand
            Kind(name=STUDY, handler=self._studying.run, step_s=HOUR_S),
        ]

    def _open_source(self, name: str) -> Source:
        return open_source(name, self._settings, hashed=self._vault.hash, database=self._store.database)

    async def report(self, job: Job) -> None:
        """The report of a call that has ended, with transcript and facts, in the reports folder."""
        assert job.call_id is not None, "a report is about a call"
        if not await job.step("write", self._write_report, job.call_id):
            return
        await job.progress(0.8, "written")
        await job.step("list", self._list_report, job.call_id)
        await job.step("announce", self._announcer.call, job.call_id, "call.report_ready")

    async def _write_report(self, call_id: str) -> bool:
        """Made aside and moved when it is whole: somebody may be reading the one before. False when what it would be
        made of is not kept any more.
        """
        call = await self._store.call(call_id)
        if call is None or call.state == "erasing":
            return False
        ends = [until for until in (call.transcript_until, call.facts_until) if until is not None]
        if min(ends, default=math.inf) <= time.time():
            return False
        folder = self._folders.reports_of(call_id)
        recordings = Path(self._settings.data_dir) / "recordings"
        try:
            await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=self._folders.reports, prefix=".making-") as made:
                await deliver(self._store, recordings, call_id, Path(made), sound_at=SOUND_AT)
                for name in FILES:
                    await asyncio.to_thread(os.replace, Path(made) / name, folder / name)
        except OSError as error:
            raise StoreError(f"the report cannot be written: {error.strerror}") from error
        return True

    async def _list_report(self, call_id: str) -> None:
        folder = self._folders.reports_of(call_id)
        now = time.time()
        try:
            rows = [
                StoredReport(
                    call_id=call_id,
                    name=name,
                    media_type=media_type,
                    bytes=(await asyncio.to_thread((folder / name).stat)).st_size,
                    made_at=now,
                    code_version=__version__,
                )
                for name, media_type in FILES.items()
            ]
        except OSError as error:
            raise StoreError(f"the report cannot be read: {error.strerror}") from error
        try:
            await self._reports.save(rows)
        except StoreError:
            if await self._store.call(call_id) is None:  # erased meanwhile; what no row speaks of, nobody would erase
                await asyncio.to_thread(self._folders.remove_reports, call_id)
            raise

    async def export(self, job: Job) -> dict[str, Any]:
        """Everything of a person as one ZIP, in the exports folder."""
        return {"bytes": await job.step("write", self._export, job.args["person"])}

    async def _export(self, person_id: str) -> int:
        path = await self._exporting.person(person_id, now=time.time())
        return path.stat().st_size

    async def webhook(self, job: Job) -> Any:
        """One attempt to deliver one message; a further one is a further job."""
        return await job.step("deliver", self._deliver, job.args["delivery"], job.args["attempt"])

    async def _deliver(self, delivery_id: str, attempt: int) -> Any:
        return msgspec.to_builtins(await self._announcer.courier.deliver(delivery_id, attempt))

    async def sweep(self, job: Job) -> dict[str, Any]:
        """What is due to be erased: by the rules of retention, of access, and of jobs themselves. A part that fails
        keeps none of the others back.
        """
        done: dict[str, Any] = {}
        failed: list[StepFailed] = []
        for name, part in (
            ("retention", self._sweep_retention),
            ("access", self._sweep_access),
            ("jobs", self._sweep_jobs),
        ):
            try:
                done |= await job.step(name, part)
            except StepFailed as error:
                failed.append(error)
        if failed:
            raise failed[0]
        return done

    async def _sweep_retention(self) -> dict[str, int]:
        return await self._retention.sweep(now=time.time())

    async def _sweep_access(self) -> dict[str, int]:
        left = await sweep_leftovers(self._store.database, now=time.time())
        await self._announcer.resume()
        return left

    async def _sweep_jobs(self) -> dict[str, int]:
        return {"jobs": await forget_old(self._ledger, older_than_s=self._settings.keep_jobs_days * 24 * HOUR_S)}
