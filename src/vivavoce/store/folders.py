"""Where the files lie that belong to rows: sound, reports, exports. This blocks: from a loop, use a thread."""

from __future__ import annotations

import contextlib
import re
import shutil
from pathlib import Path
from typing import NamedTuple

import msgspec

from vivavoce.errors import InputError, StoreError
from vivavoce.store.recorder import parts_of

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Removed(NamedTuple):
    files: int
    bytes: int

    def __add__(self, other: object) -> Removed:
        assert isinstance(other, Removed), "only removals add up"
        return Removed(self.files + other.files, self.bytes + other.bytes)


NOTHING = Removed(0, 0)


class Folders(msgspec.Struct, frozen=True):
    """The folders beside a database."""

    data: Path

    @classmethod
    def of(cls, data_dir: Path | str) -> Folders:
        return cls(Path(data_dir))

    @property
    def recordings(self) -> Path:
        return self.data / "recordings"

    @property
    def reports(self) -> Path:
        return self.data / "reports"

    @property
    def exports(self) -> Path:
        return self.data / "exports"

    def reports_of(self, call_id: str) -> Path:
        """The folder with the reports of a call.

        Raises:
            InputError: the id could not be part of a file name.
        """
        return self.reports / _checked(call_id)

    def export_of(self, person_id: str) -> Path:
        """The export of a person. Names of its parts while it is made begin with its own and a dot.

        Raises:
            InputError: the id could not be part of a file name.
        """
        return self.exports / f"{_checked(person_id)}.zip"

    def remove_recording(self, call_id: str) -> Removed:
        """Delete the sound of a call; what is not there is no error.

        Raises:
            StoreError: a file cannot be deleted.
            InputError: the id could not be part of a file name.
        """
        return erase_recording(self.recordings, call_id)

    def remove_reports(self, call_id: str, names: list[str] | None = None) -> Removed:
        """Delete reports of a call, those of these names or all with whatever else lies in their folder; likewise."""
        folder = self.reports_of(call_id)
        if names is not None:
            removed = remove([folder / _name(name) for name in names])
            with contextlib.suppress(OSError):  # it holds more, or was never there
                folder.rmdir()
            return removed
        removed = remove([path for path in folder.rglob("*") if not path.is_dir()])
        try:
            shutil.rmtree(folder)
        except FileNotFoundError:
            pass
        except OSError as error:
            raise StoreError(f"a folder of reports cannot be deleted: {error.strerror}") from None
        return removed

    def remove_call(self, call_id: str) -> Removed:
        """Delete everything of a call that lies in files; likewise."""
        return self.remove_recording(call_id) + self.remove_reports(call_id)

    def remove_export(self, person_id: str) -> Removed:
        """Delete the export of a person, and what there is of one that is or was being made; likewise."""
        whole = self.export_of(person_id)
        return remove([whole, *self.exports.glob(f"{whole.name}.*")])


def erase_recording(folder: Path | str, call_id: str) -> Removed:
    """Delete the files of a recording; what is not there is no error.

    Raises:
        StoreError: a file cannot be deleted.
        InputError: the id could not be part of a file name.
    """
    # the last part first: what is left by a failure is still found by its first
    return remove([path for files in reversed(parts_of(folder, call_id)) for path in files.paths])


def remove(paths: list[Path]) -> Removed:
    """Delete files; what is not there is no error and does not count.

    Raises:
        StoreError: one cannot be deleted.
    """
    removed = NOTHING
    for path in paths:
        try:
            size = path.lstat().st_size
            path.unlink()
        except FileNotFoundError:
            continue
        except OSError as error:
            raise StoreError(f"a file cannot be deleted: {error.strerror}") from None
        removed += Removed(1, size)
    return removed


def _checked(id_: str) -> str:
    if not _ID.fullmatch(id_):
        raise InputError("want an id of 1 to 64 letters, digits, - or _, got something else")
    return id_


def _name(name: str) -> str:
    if name in ("", ".", "..") or "/" in name or "\\" in name or "\0" in name:
        raise InputError("want the name of a file, got a path")
    return name
