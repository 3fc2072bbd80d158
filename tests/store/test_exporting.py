from __future__ import annotations

import io
import wave
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.store.filled import NOW, VAULT, Filled, fill
from vivavoce.errors import NotHereError, StoreError
from vivavoce.store import Store, StoredEvent
from vivavoce.store.erasing import Erasing
from vivavoce.store.exporting import EXPORTED, LEFT_OUT, Exporting
from vivavoce.store.folders import Folders
from vivavoce.store.models import Base
from vivavoce.store.people import People


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    store = await Store.open(database_url)
    yield store
    await store.close()


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders.of(tmp_path)


def exporting(store: Store, folders: Folders) -> Exporting:
    return Exporting(store.database, People(store.database, VAULT), folders)


def read(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def test_every_table_is_decided_about() -> None:
    tables = {table.name for table in Base.metadata.sorted_tables}
    assert EXPORTED | LEFT_OUT.keys() == tables
    assert not EXPORTED & LEFT_OUT.keys()


async def test_everything_of_a_person_is_in_it_and_nothing_of_others(store: Store, folders: Folders) -> None:
    anna, bert = await fill(store, folders, "anna"), await fill(store, folders, "bert")
    path = await exporting(store, folders).person(anna.person, now=NOW + 5)
    assert path == folders.export_of(anna.person)
    found = read(path)
    at = f"calls/{anna.call}"
    parts = ["agent.yaml", "call.json", "transcript.json", "facts.json", "deliveries.json", "events.jsonl"]
    parts += ["insights.json", "recording.wav", "reports/report.html"]
    assert set(found) == {"person.json", *(f"{at}/{part}" for part in parts)}
    person = msgspec.json.decode(found["person.json"])
    assert (person["id"], person["reference"], person["exported_at"]) == (anna.person, anna.ref, NOW + 5)
    call = msgspec.json.decode(found[f"{at}/call.json"])
    assert call["consent"] == {"words": anna.words}
    assert [row["track"] for row in call["recordings"]] == [anna.words]
    assert found[f"{at}/agent.yaml"].decode() == anna.words
    (fact,) = msgspec.json.decode(found[f"{at}/facts.json"])
    assert (fact["value"], fact["evidence"]) == ({"words": anna.words}, [anna.words])
    (turn,) = msgspec.json.decode(found[f"{at}/transcript.json"])
    assert turn["text"] == anna.words
    (insight,) = msgspec.json.decode(found[f"{at}/insights.json"])
    assert (insight["text"], insight["niche"]) == (anna.words, anna.words)
    (event,) = found[f"{at}/events.jsonl"].splitlines()
    assert msgspec.json.decode(event)["event"] == [anna.words]
    (delivery,) = msgspec.json.decode(found[f"{at}/deliveries.json"])
    assert (delivery["host"], "body" in delivery) == ("hooks.example", False)
    assert b"s3cret" not in b"".join(found.values()), "addresses of receivers are often keys to them"
    with wave.open(io.BytesIO(found[f"{at}/recording.wav"])) as sound:
        assert (sound.getnchannels(), sound.getframerate(), sound.getnframes() > 0) == (2, 24_000, True)
    assert bert.words.encode() not in b"".join(found.values())


async def test_a_long_log_is_whole(store: Store, folders: Folders) -> None:
    anna = await fill(store, folders, "anna")
    await store.write([StoredEvent(anna.call, seq, 1.0, b"{}", b"[]") for seq in range(2, 1_300)])
    found = read(await exporting(store, folders).person(anna.person, now=NOW))
    lines = found[f"calls/{anna.call}/events.jsonl"].splitlines()
    assert [msgspec.json.decode(line)["seq"] for line in lines] == list(range(1, 1_300))


async def test_somebody_without_calls_has_an_export(store: Store, folders: Folders) -> None:
    person = await People(store.database, VAULT).find_or_make("carl", now=NOW)
    assert set(read(await exporting(store, folders).person(person.id, now=NOW))) == {"person.json"}
    with pytest.raises(NotHereError):
        await exporting(store, folders).person("nobody", now=NOW)


async def test_sound_and_files_that_are_gone_are_left_out(store: Store, folders: Folders) -> None:
    anna = await fill(store, folders, "anna")
    folders.remove_call(anna.call)
    found = read(await exporting(store, folders).person(anna.person, now=NOW))
    assert not [name for name in found if "reports/" in name or name.endswith(".wav")]


async def test_a_call_erased_meanwhile_is_missing(
    store: Store, folders: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = await fill(store, folders, "anna")
    await _erase_during(Erasing(store.database, folders).call, anna.call, monkeypatch)
    assert set(read(await exporting(store, folders).person(anna.person, now=NOW))) == {"person.json"}


async def test_a_person_erased_meanwhile_leaves_no_export(
    store: Store, folders: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = await fill(store, folders, "anna")
    await _erase_during(Erasing(store.database, folders).person, anna.person, monkeypatch)
    with pytest.raises(NotHereError, match="just erased"):
        await exporting(store, folders).person(anna.person, now=NOW)
    assert list(folders.exports.iterdir()) == []


async def _erase_during(erase: Any, id_: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rows_of = Exporting._rows_of

    async def slow(self: Exporting, call_id: str) -> Any:
        await erase(id_, now=NOW)
        return await rows_of(self, call_id)

    monkeypatch.setattr(Exporting, "_rows_of", slow)


async def test_a_full_disk_leaves_the_export_of_before_and_no_part(
    store: Store, folders: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna: Filled = await fill(store, folders, "anna")
    before = (await exporting(store, folders).person(anna.person, now=NOW)).read_bytes()

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(zipfile.ZipFile, "write", full)
    with pytest.raises(StoreError, match="an export cannot be written: No space left on device"):
        await exporting(store, folders).person(anna.person, now=NOW)
    assert [path.read_bytes() for path in folders.exports.iterdir()] == [before]
