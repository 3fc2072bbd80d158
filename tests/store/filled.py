"""Somebody with a row in every table that hangs off them, and a file in every folder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import JSON, Boolean, Column, Double, Integer, LargeBinary, Table, select

from vivavoce.store import Recorder, Store
from vivavoce.store.disk import Disk
from vivavoce.store.folders import Folders
from vivavoce.store.models import Base
from vivavoce.store.vault import Vault

NOW = 1_750_000_000.0
VAULT = Vault([Vault.make_key()])

QUOTING = frozenset({"panels", "answers", "studies", "ballots", "surveys", "survey_links", "survey_answers"})
"""Tables whose rows quote somebody, or are what was answered to somebody's words, and go with what they quote."""


@dataclass(frozen=True)
class Filled:
    person: str
    call: str
    ref: str
    words: str
    """Stands in every text of theirs, in rows and in files."""


def hangs_off_somebody(table: Table) -> bool:
    owners = {key.column.table for key in table.foreign_keys}
    return table.name in ("people", "calls") or any(hangs_off_somebody(owner) for owner in owners)


async def fill(store: Store, folders: Folders, who: str, *, state: str = "ended") -> Filled:
    """Rows and files of a person `who`, whose ids do not give them away; what they need of others is made, too."""
    filled = Filled(f"p{abs(hash(who))}", f"c{abs(hash(who))}", f"{who}@example.org", f"the words of {who}")
    ids = {"people": filled.person, "calls": filled.call}
    made = ("jobs", "deliveries", "insights", "panels", "studies", "surveys")
    ids |= {table: f"{table[0]}{filled.call}" for table in made}
    shared = {"agents": "demo", "webhooks": "w", "keys": "k", "corpora": "shared", "harvests": "h"}
    async with store.database.begin() as connection:
        for table in Base.metadata.sorted_tables:
            if hangs_off_somebody(table) or table.name in QUOTING:
                row = {column.name: _value(column, filled, {**shared, **ids}) for column in table.columns}
                row |= {"calls": {"state": state, "epoch": 0, "ended_at": NOW + 60 if state == "ended" else None}}.get(
                    table.name, {}
                )
                row |= {
                    "people": {"ref_hash": VAULT.hash(filled.ref), "ref_sealed": VAULT.seal(filled.ref.encode())}
                }.get(table.name, {})
                row |= {"events": {"event": msgspec.json.encode([filled.words]).decode(), "effects": "[]"}}.get(
                    table.name, {}
                )
                row |= {"reports": {"name": "report.html", "media_type": "text/html"}}.get(table.name, {})
                await connection.execute(table.insert().values(row))
            elif table.name in shared and not (await connection.execute(select(table))).first():
                row = {column.name: _value(column, Filled("", "", "", "shared"), shared) for column in table.columns}
                row |= {"webhooks": {"url": "https://hooks.example/s3cret"}}.get(table.name, {})
                await connection.execute(table.insert().values(row))
    disk = Disk()
    recorder = Recorder(folders.recordings, filled.call, disk=disk)
    recorder.caller(0, filled.words.encode().ljust(2_000, b"\0"))
    recorder.agent(0, b"\1\0" * 1_000)
    await recorder.close()
    disk.close()
    report = folders.reports_of(filled.call)
    report.mkdir(parents=True)
    (report / "report.html").write_text(filled.words)
    (report / "call.wav").write_text(filled.words)
    folders.exports.mkdir(exist_ok=True)
    folders.export_of(filled.person).write_text(filled.words)
    return filled


def _value(column: Column[Any], filled: Filled, ids: dict[str, str]) -> Any:
    for key in column.foreign_keys:
        further = key.column.foreign_keys  # a reading's corpus is that of its insight
        return _value(key.column, filled, ids) if further else ids[key.column.table.name]
    if column.name == "id":
        return ids[column.table.name]
    kind = column.type
    if isinstance(kind, JSON):
        return [filled.words] if column.name == "evidence" else {"words": filled.words}
    if isinstance(kind, Boolean):
        return False
    if isinstance(kind, LargeBinary):
        return filled.words.encode()
    if isinstance(kind, Double):
        return None if column.name.endswith("_until") else NOW
    return 1 if isinstance(kind, Integer) else filled.words


async def everything_in_tables(store: Store) -> str:
    found = []
    async with store.database.begin() as connection:
        for table in Base.metadata.sorted_tables:
            for row in (await connection.execute(select(table))).mappings():
                found.append(f"{table.name} {dict(row)}")
    return "\n".join(found)


def everything_in_files(folders: Folders) -> bytes:
    paths = [path for path in folders.data.rglob("*") if path.is_file()]
    return b"\n".join(str(path.relative_to(folders.data)).encode() + b" " + path.read_bytes() for path in paths)
