from __future__ import annotations

from pathlib import Path

import pytest

from vivavoce.errors import InputError, StoreError
from vivavoce.store.folders import NOTHING, Folders, Removed, remove

BAD_IDS = ["", "..", "../x", "a/b", "a\\b", "a\0b", "a b", "é", "x" * 65, ".hidden"]


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    folders = Folders.of(tmp_path)
    for folder in (folders.recordings, folders.reports_of("one"), folders.reports_of("two"), folders.exports):
        folder.mkdir(parents=True)
    for name in ("one.caller.pcm", "one.index.jsonl", "two.caller.pcm"):
        (folders.recordings / name).write_bytes(b"12")
    for name in ("report.html", "call.wav", "left over"):
        (folders.reports_of("one") / name).write_bytes(b"123")
    (folders.reports_of("two") / "report.html").write_bytes(b"")
    folders.export_of("anna").write_bytes(b"1")
    return folders


def left(folders: Folders) -> set[str]:
    return {path.name for path in folders.data.rglob("*") if path.is_file()} - {"two.caller.pcm"}


def test_what_goes_is_counted_and_what_is_gone_is_no_error(folders: Folders) -> None:
    assert folders.remove_recording("one") == Removed(2, 4)
    assert folders.remove_reports("one", ["call.wav", "never.was"]) == Removed(1, 3)
    assert left(folders) == {"report.html", "left over", "anna.zip"}
    assert folders.remove_call("one") == Removed(2, 6)
    assert not folders.reports_of("one").exists()
    assert folders.remove_export("anna") == Removed(1, 1)
    for again in (folders.remove_call("one"), folders.remove_export("anna"), folders.remove_reports("nobody")):
        assert again == NOTHING
    assert left(folders) == {"report.html"}, "of two"


@pytest.mark.parametrize("bad", BAD_IDS)
def test_ids_are_no_paths(folders: Folders, bad: str) -> None:
    before = left(folders)
    for use in (folders.reports_of, folders.export_of, folders.remove_call, folders.remove_recording):
        with pytest.raises(InputError):
            use(bad)
    assert left(folders) == before


@pytest.mark.parametrize("bad", ["", ".", "..", "../two/report.html", "/etc/passwd", "a\\b", "a\0"])
def test_names_are_no_paths(folders: Folders, bad: str) -> None:
    with pytest.raises(InputError, match="want the name of a file, got a path"):
        folders.remove_reports("one", [bad])


def test_what_a_link_leads_to_stays(folders: Folders, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").write_bytes(b"1")
    (folders.reports_of("one") / "link").symlink_to(outside)
    folders.remove_reports("one")
    assert (outside / "file").exists()


def test_a_file_that_cannot_go_is_told_without_its_name(folders: Folders, monkeypatch: pytest.MonkeyPatch) -> None:
    def no(self: Path, missing_ok: bool = False) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(Path, "unlink", no)
    with pytest.raises(StoreError, match=r"^a file cannot be deleted: Input/output error$"):
        remove([folders.export_of("anna")])
