"""A server's data as one archive, taken while calls run: a tar with the database, the recordings, the reports, and a
manifest that says what is in it.

    viva.db            a copy of the SQLite database as it stood at one moment
    recordings/…       sound
    reports/…          reports
    manifest.json      versions, numbers, size and SHA-256 of each file; the last member

It is restored by unpacking it into an empty data folder (`tar -xf`). Never in it: `secret.key`, without which what is
sealed stays sealed (keep it elsewhere); exports and the worker's own steps, which are made anew. A Postgres database is
backed up by its own means (`pg_dump`); the archive then holds the files, and the manifest says so.

All of this blocks: from a loop, use a thread.
"""

from __future__ import annotations

import hashlib
import io
import os
import secrets
import sqlite3
import tarfile
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import IO, Any

import msgspec

from vivavoce import __version__
from vivavoce.errors import InputError, StoreError
from vivavoce.store.folders import Folders
from vivavoce.store.models import Base

DATABASE = "viva.db"
MANIFEST = "manifest.json"
_CHUNK = 1024 * 1024


class FileInfo(msgspec.Struct, frozen=True):
    name: str
    bytes: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    version: str
    """Of Viva Voce."""
    revision: str | None
    """Of the database; None where it is not in the archive."""
    made_at: float
    """Unix seconds."""
    rows: dict[str, int]
    """By table."""
    files: list[FileInfo]


def back_up(folders: Folders, target: Path, *, database: Path | None) -> Manifest:
    """Write an archive; it appears under its name when it is whole, readable by its owner only.

    Args:
        database: the SQLite file; None where the data lies elsewhere.
    Raises:
        InputError: there is a file of that name already.
        StoreError: something cannot be read or written.
    """
    if target.exists():
        raise InputError(f"want the name of a new file, got {target}, which is there already")
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as archive:
                manifest = _fill(archive, folders, database, target.parent)
            file.flush()
            os.fsync(file.fileno())
        part.rename(target)
    except OSError as error:
        raise StoreError(f"the backup {target} cannot be written: {error.strerror}") from None
    except sqlite3.Error as error:
        raise StoreError(f"the database cannot be copied: {error.sqlite_errorname or 'error'}") from None
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    return manifest


def verify(archive: Path) -> Manifest:
    """Read an archive from end to end: every file is what the manifest says, and the database is sound.

    Raises:
        InputError: it is not there, no backup, or not a whole one; says what is wrong.
        StoreError: it cannot be read.
    """
    found: dict[str, FileInfo] = {}
    text = None
    if not archive.is_file():
        raise InputError(f"want a backup, got {archive}, which is no file")
    try:
        with tarfile.open(archive, "r:") as tar, tempfile.TemporaryDirectory() as scratch:
            for member in tar:
                file = tar.extractfile(member)
                if file is None or text is not None:
                    raise InputError(f"want files and the manifest last in a backup, got {member.name[:64]!r}")
                if member.name == MANIFEST:
                    text = file.read()
                    continue
                copy = Path(scratch) / DATABASE if member.name == DATABASE else None
                found[member.name] = _digest(member.name, file, copy)
            manifest = _read(text)
            _compare(manifest, found)
            if manifest.revision is not None:
                _check(Path(scratch) / DATABASE, manifest)
    except tarfile.TarError:
        raise InputError("want a whole backup, got something else, or a part of one") from None
    except OSError as error:
        raise StoreError(f"the backup {archive} cannot be read: {error.strerror}") from None
    return manifest


def _fill(archive: tarfile.TarFile, folders: Folders, database: Path | None, scratch_at: Path) -> Manifest:
    files: list[FileInfo] = []
    rows: dict[str, int] = {}
    revision = None
    if database is not None:
        # beside the archive, where there has to be room anyway
        with tempfile.TemporaryDirectory(dir=scratch_at, prefix=".backup-") as scratch:
            copy = Path(scratch) / DATABASE
            _copy(database, copy)
            revision, rows = _look(copy)
            files.append(_add(archive, DATABASE, copy))
    # after the database, so that whatever its rows speak of is there unless it was erased meanwhile
    for path in _files(folders):
        with suppress(FileNotFoundError):  # erased a moment ago
            files.append(_add(archive, path.relative_to(folders.data).as_posix(), path))
    manifest = Manifest(version=__version__, revision=revision, made_at=time.time(), rows=rows, files=files)
    text = msgspec.json.format(msgspec.json.encode(manifest), indent=2)
    archive.addfile(_member(MANIFEST, len(text)), io.BytesIO(text))
    return manifest


def _copy(database: Path, copy: Path) -> None:
    """The database as it stands at one moment. Writers go on meanwhile, and what was deleted is not copied."""
    if not database.is_file():
        raise InputError(f"want a database to back up, got none at {database}")
    with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        connection.execute("VACUUM INTO ?", (str(copy),))


def _look(database: Path) -> tuple[str | None, dict[str, int]]:
    """The revision of a database and the rows of each of its tables that we know."""
    with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        there = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        tables = [table.name for table in Base.metadata.sorted_tables if table.name in there]
        # names of our own models, not input
        rows = {name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in tables}  # noqa: S608
        found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return (found[0] if found else None), rows


def _files(folders: Folders) -> Iterator[Path]:
    """The index of a recording before its sound: what an index says is there was written before it."""
    index = sorted(folders.recordings.glob("*.index.jsonl"))
    sound = sorted(set(folders.recordings.glob("*.*")).difference(index))
    for path in (*index, *sound, *sorted(folders.reports.rglob("*"))):
        if path.is_file() and not path.is_symlink():
            yield path


class _Hashing:
    """A file that is read through, as far as it went when it was opened, and hashed on the way."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.sha256 = hashlib.sha256()

    def read(self, size: int) -> bytes:
        data = self._file.read(size)
        self.sha256.update(data)
        return data


def _add(archive: tarfile.TarFile, name: str, path: Path) -> FileInfo:
    with path.open("rb") as file:
        about = os.fstat(file.fileno())
        hashing = _Hashing(file)
        archive.addfile(_member(name, about.st_size, about.st_mtime), hashing)  # type: ignore[arg-type]
    return FileInfo(name, about.st_size, hashing.sha256.hexdigest())


def _member(name: str, size: int, mtime: float | None = None) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size = size
    member.mtime = int(time.time() if mtime is None else mtime)
    member.mode = 0o600
    return member


def _digest(name: str, file: IO[bytes], copy: Path | None) -> FileInfo:
    sha256, size = hashlib.sha256(), 0
    with (copy or Path(os.devnull)).open("wb") as out:
        while data := file.read(_CHUNK):
            sha256.update(data)
            size += len(data)
            out.write(data)
    return FileInfo(name, size, sha256.hexdigest())


def _read(text: bytes | None) -> Manifest:
    if text is None:
        raise InputError("want a backup with a manifest at its end, got none: it is not whole")
    try:
        return msgspec.json.decode(text, type=Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise InputError("want the manifest of a backup, got something else") from None


def _compare(manifest: Manifest, found: dict[str, FileInfo]) -> None:
    said = {file.name: file for file in manifest.files}
    for name in sorted(said.keys() | found.keys()):
        if said.get(name) != found.get(name):
            raise InputError(f"want {name[:128]} as the manifest says, got {'another' if name in found else 'none'}")


def _check(database: Path, manifest: Manifest) -> None:
    try:
        with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as connection:
            answer: Any = connection.execute("PRAGMA integrity_check").fetchone()
        sound = answer == ("ok",) and _look(database) == (manifest.revision, manifest.rows)
    except sqlite3.Error:
        sound = False
    if not sound:
        raise InputError("want a database that is sound, got a damaged one")
