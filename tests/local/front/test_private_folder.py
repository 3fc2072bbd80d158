"""A folder of one's own: what others planted there is not read, and one program writes at a time."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from vivavoce.errors import InputError
from vivavoce.local.front import private_folder

pytestmark = pytest.mark.skipif(not hasattr(os, "geteuid"), reason="owners and modes are those of POSIX")


def planted(path: Path, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    private_folder.write(path, b"data", secret=True)
    match how:
        case "readable":
            path.chmod(0o640)
        case "writable":
            path.chmod(0o620)
        case "link":
            path.rename(path.with_name("elsewhere"))
            path.symlink_to(path.with_name("elsewhere"))
        case "pipe":
            path.unlink()
            os.mkfifo(path)
        case "folder":
            path.unlink()
            path.mkdir()
        case "huge":
            os.truncate(path, private_folder.MAX_BYTES + 1)
        case "foreign":
            monkeypatch.setattr(os, "geteuid", lambda: path.stat().st_uid + 1)


def test_what_was_written_is_read(tmp_path: Path) -> None:
    private_folder.write(tmp_path / "a", b"one")
    private_folder.write(tmp_path / "a", b"two")
    assert private_folder.read(tmp_path / "a") == b"two"
    assert private_folder.read(tmp_path / "a", secret=True) is None, "it was not written as a secret"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


@pytest.mark.parametrize("how", ["readable", "writable", "link", "pipe", "folder", "huge", "foreign"])
def test_a_planted_secret_is_not_read(tmp_path: Path, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    planted(tmp_path / "key", how, monkeypatch)
    assert private_folder.read(tmp_path / "key", secret=True) is None


def test_a_folder_that_others_may_write_to_is_not_entered(tmp_path: Path) -> None:
    folder = tmp_path / "tls"
    with private_folder.entered(folder):
        assert folder.stat().st_mode & 0o777 == 0o700
    folder.chmod(0o777)
    with pytest.raises(InputError, match="nobody else may write to"), private_folder.entered(folder):
        pass


def test_a_folder_of_somebody_else_is_not_entered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: tmp_path.stat().st_uid + 1)
    with pytest.raises(InputError, match="want a folder that is yours"), private_folder.entered(tmp_path):
        pass


def test_one_program_at_a_time(tmp_path: Path) -> None:
    import fcntl

    descriptor = os.open(tmp_path, os.O_RDONLY)
    try:
        with private_folder.entered(tmp_path), pytest.raises(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    finally:
        os.close(descriptor)


def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    private_folder.write(tmp_path / "key", b"old", secret=True)

    def full(self: Path, target: Path) -> Any:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space"):
        private_folder.write(tmp_path / "key", b"new", secret=True)
    assert [path.name for path in tmp_path.iterdir()] == ["key"]
    assert private_folder.read(tmp_path / "key", secret=True) == b"old"
