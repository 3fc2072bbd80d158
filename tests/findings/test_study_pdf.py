"""The report on paper: the same bytes for the same study, nothing written is markup, and no silent empty boxes."""

from __future__ import annotations

import struct
import sys
from pathlib import Path

import msgspec
import pytest

from tests.findings.reported import SAID, STUDY, asked_of_people, bare, record
from vivavoce.errors import MissingError
from vivavoce.findings.study_report import glyphs, pdf
from vivavoce.findings.study_report.glyphs import Font, Missing
from vivavoce.panel.ballots import Variant

EVIL = '#import "x.typ" $x$ *a* `b` <label> @ref \\ ]}) // # #{panic("run")} #read("/etc/passwd")'
typst = pytest.importorskip("typst")


@pytest.fixture(autouse=True)
def no_drawing(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Drawing takes a second; one test does it."""
    if "drawn" not in request.node.name:
        monkeypatch.setattr(pdf, "drawings", lambda _: ({}, "no renderer"))


def cmap(kind: int, *letters: int) -> bytes:
    """A font with a table of characters and nothing else."""
    if kind == 12:
        groups = b"".join(struct.pack(">III", letter, letter, 1) for letter in letters)
        table = struct.pack(">HHIII", 12, 0, 16 + len(groups), 0, len(letters)) + groups
    else:
        count = len(letters)
        table = struct.pack(">HHHHHHH", 4, 0, 0, 2 * count, 0, 0, 0)
        table += struct.pack(f">{count}H", *letters) + b"\0\0" + struct.pack(f">{count}H", *letters)
        table += struct.pack(f">{count}H", *([1] * count)) + bytes(2 * count)
    head = struct.pack(">HH", 0, 1) + struct.pack(">HHI", 0, 3, 12)
    return struct.pack(">IHHHH", 0x10000, 1, 0, 0, 0) + struct.pack(">4sIII", b"cmap", 0, 28, 0) + head + table


def test_the_same_study_is_the_same_bytes() -> None:
    found = record(models=True)
    paper = pdf.typeset_study(found)
    assert paper.pdf.startswith(b"%PDF-")
    assert paper == pdf.typeset_study(found)
    later = msgspec.structs.replace(found, study=msgspec.structs.replace(found.study, ended_at=1_795_000_061.0))
    assert pdf.typeset_study(later).pdf != paper.pdf


def test_it_is_drawn_with_the_charts_of_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("vl_convert")
    found = record()
    paper = pdf.typeset_study(found)
    monkeypatch.setattr(pdf, "drawings", lambda _: ({}, ""))
    assert len(paper.pdf) > len(pdf.typeset_study(found).pdf) + 5_000


def test_with_everything_and_with_nothing_it_is_set() -> None:
    for found in (
        bare(record()),
        bare(record(models=True)),
        asked_of_people(record(models=True), "wwr"),
        asked_of_people(record(), ""),
        record(study=msgspec.structs.replace(STUDY, variants=STUDY.variants[:1])),
        msgspec.structs.replace(record(), ballots=()),
        record(50),
    ):
        assert pdf.typeset_study(found).pdf.startswith(b"%PDF-")


def test_what_anybody_wrote_is_no_markup() -> None:
    variants = (Variant(id="reminds", text=EVIL), Variant(id="waits", text=f"{EVIL} waits \x00\x08"))
    study = msgspec.structs.replace(STUDY, name=EVIL, ask=EVIL, today=EVIL, currency=EVIL, variants=variants)
    found = record(study=study)
    heard = sorted(found.panel.evidence())[0]
    evil = msgspec.structs.replace(SAID[heard], text=EVIL, url="javascript:alert(1)")
    paper = pdf.typeset_study(msgspec.structs.replace(found, insights={**found.insights, heard: evil}))
    assert paper.pdf.startswith(b"%PDF-")
    assert b"javascript:" not in paper.pdf


def test_letters_that_no_font_has_are_told_and_what_helps(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[str] = []

    class Compiler:
        def __init__(self, *_: object, sys_inputs: dict[str, str], **__: object) -> None:
            given.append(sys_inputs["report"])

        def compile(self, **_: object) -> bytes:
            return b"%PDF-"

    monkeypatch.setattr(typst, "Compiler", Compiler)
    monkeypatch.setattr(pdf, "_files", lambda _: [])
    found = record(study=msgspec.structs.replace(STUDY, ask="בָּא 한국 日本 Ελλάδα Россия 😀 → “”\x01"))
    warnings = pdf.typeset_study(found).warnings
    wanted = {
        "CJK": "fonts-droid-fallback",
        "Hangul": "fonts-noto-cjk",
        "Hebrew": "fonts-dejavu-core",
        "Picture": "fonts-noto-color-emoji",
    }
    assert len(warnings) == len(wanted)
    for said, (script, package) in zip(warnings, wanted.items(), strict=True):
        assert f"({script})" in said
        assert package in said
    assert "\\u0001" not in given[0]
    assert msgspec.json.decode(given[0])["missing"] == warnings, "the paper says it too"


def test_what_a_font_holds_is_read_from_the_font(tmp_path: Path) -> None:
    small, large, broken = (tmp_path / name for name in ("small.ttf", "large.ttf", "broken.ttf"))
    small.write_bytes(cmap(4, ord("א"), ord("ב")))
    large.write_bytes(cmap(12, ord("日"), 0x20000))
    broken.write_bytes(b"\0\1")
    fonts = [Font(str(path), 0) for path in (broken, tmp_path / "none.ttf", small, large)]
    assert glyphs.missing("abc אב 日 𠀀 é ж", fonts) == []
    assert glyphs.missing("אבג 日本", fonts) == [
        Missing("CJK", 1, "fonts-droid-fallback"),
        Missing("Hebrew", 1, "fonts-dejavu-core"),
    ]
    assert glyphs.missing("ไทย", fonts) == [Missing("Thai", 3, "fonts-noto-core")]
    assert glyphs.told(glyphs.missing("ไ", [])) == [
        "1 letter (Thai) is an empty box here, for no installed font has it: the Debian package fonts-noto-core helps."
    ]


def test_a_file_with_several_fonts_is_asked_for_the_right_one(tmp_path: Path) -> None:
    one, other = cmap(12, ord("日")), cmap(12, ord("本"))
    head = b"ttcf" + struct.pack(">III", 0x10000, 2, 20) + struct.pack(">I", 20 + len(one))
    # places in a collection count from its beginning
    shifted = [
        part[:20] + struct.pack(">I", struct.unpack_from(">I", part, 20)[0] + start) + part[24:]
        for part, start in ((one, 20), (other, 20 + len(one)))
    ]
    path = tmp_path / "both.ttc"
    path.write_bytes(head + b"".join(shifted))
    assert glyphs.missing("日", [Font(str(path), 0)]) == []
    assert glyphs.missing("日", [Font(str(path), 1)]) == [Missing("CJK", 1, "fonts-droid-fallback")]


def test_without_the_typesetter_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(MissingError, match=r"vivavoce\[report\]"):
        pdf.typeset_study(record())
