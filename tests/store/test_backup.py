from __future__ import annotations

import sqlite3
import tarfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.store.filled import NOW, Filled, everything_in_tables, fill
from vivavoce.errors import InputError, StoreError
from vivavoce.store import Store, StoredEvent, backup, read_index, schema
from vivavoce.store.erasing import Erasing
from vivavoce.store.folders import Folders


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders.of(tmp_path / "data")


@pytest.fixture
async def store(folders: Folders) -> AsyncIterator[Store]:
    folders.data.mkdir()
    store = await Store.open(f"sqlite:///{folders.data / 'viva.db'}")
    yield store
    await store.close()


@pytest.fixture
async def anna(store: Store, folders: Folders) -> Filled:
    (folders.data / "secret.key").write_text("the key")
    (folders.data / "jobs.db").write_text("steps")
    return await fill(store, folders, "anna")


def back_up(folders: Folders, target: Path) -> backup.Manifest:
    return backup.back_up(folders, target, database=folders.data / "viva.db")


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def damaged(archive: Path, *, drop: str = "", change: str = "") -> Path:
    """A copy of an archive without a member, or with one that differs in one byte."""
    other = archive.with_name("damaged.tar")
    with tarfile.open(archive) as old, tarfile.open(other, "w") as new:
        for member in old:
            file = old.extractfile(member)
            assert file is not None
            data = file.read()
            if member.name == drop:
                continue
            if member.name == change:
                data = bytes([data[0] ^ 1]) + data[1:]
            copy = archive.with_name("member")
            copy.write_bytes(data)
            with copy.open("rb") as part:
                new.addfile(member, part)
    return other


async def test_what_is_unpacked_is_what_was_there(store: Store, folders: Folders, anna: Filled, tmp_path: Path) -> None:
    manifest = back_up(folders, tmp_path / "backup.tar")
    assert manifest == backup.verify(tmp_path / "backup.tar")
    assert (manifest.revision, manifest.rows["calls"], manifest.rows["events"]) == (schema.head(), 1, 1)
    assert (tmp_path / "backup.tar").stat().st_mode & 0o777 == 0o600
    restored = Folders.of(tmp_path / "restored")
    with tarfile.open(tmp_path / "backup.tar") as archive:
        archive.extractall(restored.data, filter="data")
    other = await Store.open(f"sqlite:///{restored.data / 'viva.db'}")
    assert await everything_in_tables(other) == await everything_in_tables(store)
    await other.close()
    assert read_index(restored.recordings, anna.call) == read_index(folders.recordings, anna.call)
    assert (restored.reports_of(anna.call) / "report.html").read_text() == anna.words
    assert not [path.name for path in restored.data.rglob("*") if path.name in ("secret.key", "jobs.db")]
    assert not restored.exports.exists()


async def test_it_is_taken_while_calls_write(store: Store, folders: Folders, anna: Filled, tmp_path: Path) -> None:
    """And while another holds the write lock: the copy is of one moment, and nobody waits."""
    await store.write([StoredEvent(anna.call, n, 0.0, b"{}", b"[]") for n in range(10, 500)])
    writing = sqlite3.connect(folders.data / "viva.db", check_same_thread=False)
    writing.execute("BEGIN IMMEDIATE")
    writing.execute("DELETE FROM events WHERE seq < 100")
    with (folders.recordings / f"{anna.call}.caller.pcm").open("ab") as sound:
        sound.write(b"more of a call that runs")
    manifest = back_up(folders, tmp_path / "backup.tar")
    writing.commit()
    writing.close()
    assert manifest.rows["events"] == 491
    assert backup.verify(tmp_path / "backup.tar") == manifest


async def test_what_was_erased_is_not_in_it(store: Store, folders: Folders, anna: Filled, tmp_path: Path) -> None:
    await Erasing(store.database, folders).person(anna.person, now=NOW)
    back_up(folders, tmp_path / "backup.tar")
    assert anna.words.encode() not in (tmp_path / "backup.tar").read_bytes()


async def test_a_file_that_goes_meanwhile_is_missing(
    store: Store, folders: Folders, anna: Filled, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = list(backup._files(folders))
    monkeypatch.setattr(backup, "_files", lambda _: files)
    folders.remove_recording(anna.call)
    manifest = back_up(folders, tmp_path / "backup.tar")
    assert {file.name.partition("/")[0] for file in manifest.files} == {"viva.db", "reports"}


async def test_files_alone_where_the_data_lies_elsewhere(folders: Folders, anna: Filled, tmp_path: Path) -> None:
    manifest = backup.back_up(folders, tmp_path / "backup.tar", database=None)
    assert (manifest.revision, manifest.rows) == (None, {})
    assert backup.verify(tmp_path / "backup.tar") == manifest


async def test_a_file_that_is_there_is_not_overwritten(folders: Folders, anna: Filled, tmp_path: Path) -> None:
    (tmp_path / "backup.tar").write_text("of yesterday")
    with pytest.raises(InputError, match="want the name of a new file"):
        back_up(folders, tmp_path / "backup.tar")
    assert (tmp_path / "backup.tar").read_text() == "of yesterday"


async def test_what_fails_leaves_nothing_behind(
    folders: Folders, anna: Filled, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("vivavoce.store.backup.os.fsync", full)
        with pytest.raises(StoreError, match=r"the backup .+ cannot be written: No space left on device"):
            back_up(folders, tmp_path / "backup.tar")
    (folders.data / "other.db").write_bytes(b"no database" * 100)
    with pytest.raises(StoreError, match="the database cannot be copied: SQLITE_NOTADB"):
        backup.back_up(folders, tmp_path / "backup.tar", database=folders.data / "other.db")
    with pytest.raises(InputError, match="want a database to back up, got none"):
        backup.back_up(folders, tmp_path / "backup.tar", database=tmp_path / "no.db")
    assert names(tmp_path) == ["data"]


@pytest.mark.parametrize(
    ("drop", "change", "expected"),
    [
        ("manifest.json", "", "got none: it is not whole"),
        ("viva.db", "", "want viva.db as the manifest says, got none"),
        ("", "viva.db", "want viva.db as the manifest says, got another"),
        ("", "manifest.json", "want the manifest of a backup, got something else"),
    ],
)
async def test_damage_is_told(
    folders: Folders, anna: Filled, tmp_path: Path, drop: str, change: str, expected: str
) -> None:
    back_up(folders, tmp_path / "backup.tar")
    with pytest.raises(InputError, match=expected):
        backup.verify(damaged(tmp_path / "backup.tar", drop=drop, change=change))


async def test_a_torn_archive_is_told(folders: Folders, anna: Filled, tmp_path: Path) -> None:
    back_up(folders, tmp_path / "backup.tar")
    whole = (tmp_path / "backup.tar").read_bytes()
    for size in (0, 100, 5_000, len(whole) // 2):
        (tmp_path / "torn.tar").write_bytes(whole[:size])
        with pytest.raises(InputError):
            backup.verify(tmp_path / "torn.tar")
    (tmp_path / "torn.tar").write_bytes(b"something else" * 999)
    with pytest.raises(InputError, match="want a whole backup, got something else"):
        backup.verify(tmp_path / "torn.tar")
    with pytest.raises(InputError, match=r"none\.tar, which is no file"):
        backup.verify(tmp_path / "none.tar")
