"""Everything of a person as one ZIP that they can read: JSON for every table, sound as WAV, reports as they were made.

person.json                         who, by which reference, since when; what is left out, and why
calls/<id>/call.json                the call: when, how it ended, consent, settings, engines, usage
calls/<id>/agent.yaml               the agent they talked to, as it was
calls/<id>/transcript.json          what was said, as heard
calls/<id>/facts.json               what was understood, with its evidence
calls/<id>/insights.json            what a focus group took from it, and how it was read
calls/<id>/events.jsonl             what happened, in order
calls/<id>/deliveries.json          which hosts were told of the call, and when
calls/<id>/recording.wav            stereo: the person left, the agent right
calls/<id>/reports/…                files that were made from the call
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
from sqlalchemy import and_, select

from vivavoce.errors import NotHereError, StoreError
from vivavoce.store.database import Database, table_of
from vivavoce.store.folders import Folders
from vivavoce.store.logs import Logs
from vivavoce.store.models import Base, Call, Delivery, Fact, Insight, Reading, Recording, Report, Turn, Webhook
from vivavoce.store.people import People
from vivavoce.store.recorder import RecordingFiles
from vivavoce.store.recordings import export_wav
from vivavoce.store.rows import StoredEvent

EXPORTED = frozenset(
    {"people", "calls", "turns", "facts", "events", "recordings", "reports", "deliveries", "insights", "readings"}
)
LEFT_OUT = {
    "tickets": "hashes of passes that open nothing any more",
    "handles": "what a live talk is gone on with elsewhere; none is left when it has ended",
    "returns": "hashes of what a live talk is come back to with; none is left when it has ended",
    "jobs": "that a report was made, and by which process",
    "job_events": "how far a report was",
    "corpora": "names of collections; what was taken from calls stands in insights.json",
    "harvests": "when and where was collected",
    "panels": "personas made of many; what they quote of a call stands in its insights.json",
    "panel_calls": "which personas rest on which call; they go when it is erased",
    "answers": "what models made up for personas; they go with those",
    "studies": "what panels were asked and what came of it; it goes with the panel",
    "ballots": "what personas answered; it goes with the panel",
    "surveys": "what people were asked, and what was predicted of them",
    "survey_calls": "which surveys rest on which call; they go when it is erased",
    "survey_links": "hashes of links; which answer came by one is not written down",
    "survey_answers": "nobody knows whose they are; whoever gave one has the code that deletes it",
    "agents": "about agents",
    "agent_versions": "about agents",
    "erasures": "about those who are not here any more",
    "keys": "about the server's operators",
    "sessions": "about the server's operators",
    "webhooks": "about the server's operators; where calls were told of stands in deliveries.json",
    "switches": "about the server",
    "schedules": "about the server",
    "workers": "about the server",
}
"""Every table is in one of the two: a test holds that, so that a new one is decided about."""


_TABLES = (("transcript", "turns"), ("facts", "facts"), ("insights", "insights"), ("deliveries", "deliveries"))
"""Files of a call, and what is in them."""


class Exporting:
    """Every method raises StoreError when the database or the disk fails."""

    def __init__(self, database: Database, people: People, folders: Folders) -> None:
        self._database = database
        self._people = people
        self._folders = folders
        self._logs = Logs(database)

    async def person(self, person_id: str, *, now: float) -> Path:
        """Write the export of a person to `Folders.export_of(person_id)`, where it appears when it is whole.

        What is erased meanwhile is missing. The words and facts of one call are held in memory at a time, and ten
        seconds of its sound.

        Raises:
            NotHereError: there is no such person.
        """
        person = await self._people.get(person_id)
        if person is None:
            raise NotHereError("want the id of a person, got another")
        about = {
            "id": person.id,
            "reference": await self._people.ref_of(person_id),
            "created_at": person.created_at,
            "exported_at": now,
            "left_out": LEFT_OUT,
        }
        query = select(Call.id).where(Call.person_id == person_id, Call.state != "erasing")
        ids = [row["id"] for row in await self._database.rows(query.order_by(Call.started_at, Call.id))]
        target = self._folders.export_of(person_id)
        part = target.with_name(f"{target.name}.{secrets.token_hex(4)}.part")
        wav = part.with_suffix(".wav")
        try:
            with await asyncio.to_thread(_begin, part, about) as archive:
                for call_id in ids:
                    rows = await self._rows_of(call_id)
                    if rows["calls"]:
                        await asyncio.to_thread(_add_call, archive, self._folders, call_id, rows, wav)
                        await self._add_events(archive, call_id)
            await asyncio.to_thread(part.replace, target)
        except OSError as error:
            await self._stays(person_id)
            raise StoreError(f"an export cannot be written: {error.strerror}") from None
        finally:
            await asyncio.to_thread(_unlink, part, wav)
        await self._stays(person_id)
        return target

    async def _add_events(self, archive: zipfile.ZipFile, call_id: str) -> None:
        """The log of a day is a gigabyte: it goes in a piece at a time."""
        with archive.open(f"calls/{call_id}/events.jsonl", "w", force_zip64=True) as lines:
            async for events in self._logs.all_events(call_id):
                await asyncio.to_thread(lines.write, b"".join(_line(event) for event in events))

    async def _stays(self, person_id: str) -> None:
        """
        Raises:
            NotHereError: the person was erased meanwhile; nothing of the export is left.
        """
        if await self._people.get(person_id) is None:
            await asyncio.to_thread(self._folders.remove_export, person_id)
            raise NotHereError("want a person who stays, got one who was just erased")

    async def _rows_of(self, call_id: str) -> dict[str, list[dict[str, Any]]]:
        """Rows of every table that is exported but the log, by the table's name."""
        found: dict[str, list[dict[str, Any]]] = {}
        models: Sequence[type[Base]] = (Call, Turn, Fact, Recording, Report)
        for model in models:
            table = table_of(model)
            of_call = table.c.id if model is Call else table.c.call_id
            found[table.name] = await self._database.rows(
                select(table).where(of_call == call_id).order_by(*table.primary_key)
            )
        # the body of a delivery holds ids and numbers; where it went is what the person may want to know
        told = (
            select(Webhook.url, Delivery.type, Delivery.state, Delivery.created_at, Delivery.delivered_at)
            .join(Webhook, Webhook.id == Delivery.webhook_id)
            .where(Delivery.call_id == call_id)
            .order_by(Delivery.created_at, Delivery.id)
        )
        # the host alone: a whole URL is often a secret of the operator's
        found["deliveries"] = [
            {"host": urlsplit(row.pop("url")).hostname, **row} for row in await self._database.rows(told)
        ]
        query = select(*(table_of(Insight).c), *(Reading.niche, Reading.kind, Reading.sentiment, Reading.flags))
        said = and_(Reading.corpus == Insight.corpus, Reading.insight == Insight.id)
        query = query.outerjoin(Reading, said).where(Insight.call_id == call_id)
        found["insights"] = await self._database.rows(query.order_by(Insight.corpus, Insight.id))
        return found


def _begin(part: Path, about: dict[str, Any]) -> zipfile.ZipFile:
    part.parent.mkdir(parents=True, exist_ok=True)
    archive = zipfile.ZipFile(part, "x", zipfile.ZIP_DEFLATED)
    archive.writestr("person.json", _json(about))
    return archive


def _add_call(
    archive: zipfile.ZipFile, folders: Folders, call_id: str, rows: dict[str, list[dict[str, Any]]], wav: Path
) -> None:
    at = f"calls/{call_id}"
    (call,) = rows["calls"]
    call["recordings"] = rows["recordings"]
    archive.writestr(f"{at}/agent.yaml", call.pop("agent_source"))
    archive.writestr(f"{at}/call.json", _json(call))
    for name, table in _TABLES:
        archive.writestr(f"{at}/{name}.json", _json(rows[table]))
    if _has_sound(folders, call_id, wav):
        # deflate would save a tenth, for minutes of work
        archive.write(wav, f"{at}/recording.wav", zipfile.ZIP_STORED)
        wav.unlink(missing_ok=True)
    for report in rows["reports"]:
        if not report["media_type"].startswith("audio/"):  # the sound is there already
            with contextlib.suppress(FileNotFoundError):
                path = folders.reports_of(call_id) / report["name"]
                archive.write(path, f"{at}/reports/{report['name']}")


def _has_sound(folders: Folders, call_id: str, wav: Path) -> bool:
    """Whether the call's sound now stands in `wav`."""
    index = RecordingFiles(folders.recordings, call_id).index
    try:
        if index.exists():
            export_wav(folders.recordings, call_id, wav)
    except StoreError:
        if index.exists():  # not erased meanwhile: it cannot be read
            raise
    return wav.exists()


def _line(event: StoredEvent) -> bytes:
    """The log's own JSON as it stands, not as text inside of text."""
    entry = {"seq": event.seq, "at_s": event.at_s}
    parts = {"event": msgspec.Raw(event.event), "effects": msgspec.Raw(event.effects)}
    return msgspec.json.encode({**entry, **parts}) + b"\n"


def _unlink(*paths: Path) -> None:
    for path in paths:
        path.unlink(missing_ok=True)


def _json(value: object) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value), indent=2)
