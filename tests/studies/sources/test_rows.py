"""Rows of files as people have them: in any encoding, torn, enormous, half broken."""

from __future__ import annotations

import csv
import io
import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vivavoce.studies.sources.errors import SourceError
from vivavoce.studies.sources.layouts import layout_of
from vivavoce.studies.sources.lines import Row
from vivavoce.studies.sources.rows import rows


def read(data: bytes, name: str = "reviews.csv") -> list[Row]:
    file = io.BytesIO(data)
    layout = layout_of(file, name)
    return list(rows(file, layout, layout.begins, layout.line))


def cells(data: bytes, name: str = "reviews.csv") -> list[dict[str, Any] | None]:
    return [row.cells for row in read(data, name)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_an_encoding_is_told_from_the_file(encoding: str, end: str) -> None:
    text = end.join(["id;text", "1;Grüße aus Köln", "2;it is plain ascii", ""])
    assert cells(text.encode(encoding)) == [
        {"id": "1", "text": "Grüße aus Köln"},
        {"id": "2", "text": "it is plain ascii"},
    ]


def test_half_a_character_looks_like_a_line_break() -> None:
    """U+0A0A and U+010A have the byte of a line break in them, and U+0A00 ends in none."""
    text = "id\ttext\n1\t\u0a0a\u010a \u0a00\n2\tb\n"
    for encoding in ("utf-16-le", "utf-16-be"):
        assert [row["text"] for row in cells(text.encode(encoding), "x.tsv") if row] == ["\u0a0a\u010a \u0a00", "b"]


def test_an_encoding_that_cannot_be_told_is_not_guessed_at() -> None:
    for data in (
        "текст\nне работает\n".encode("cp1251"),
        "テキスト\n動かない\n".encode("shift_jis"),
        b"\x00\x00\x01\x02text",
    ):
        with pytest.raises(SourceError, match="want a") as error:
            read(data)
        assert error.value.kind == "changed"


@pytest.mark.parametrize(
    ("name", "data", "wanted"),
    [
        ("a.csv", b"", "names of columns"),
        ("a.csv", b"\n\n", "names of columns"),
        ("a.csv", b'"text\n', "names of columns"),
        ("a.json", b"12", "array of objects"),
        ("a.json", "[]".encode("utf-16"), "UTF-8"),
        ("a.xlsx", b"text\n", "ends in"),
        ("a", b"text\n", "ends in"),
    ],
)
def test_what_is_no_table_is_refused(name: str, data: bytes, wanted: str) -> None:
    with pytest.raises(SourceError, match=wanted):
        read(data, name)


def test_a_row_that_cannot_be_read_costs_itself_only() -> None:
    data = b'id,text\n1,f\xc3\xadne\n2,"never closed\n3,fine\n4,too,many\n\n5,caf\xc3\n6,"two\nlines"\n7,last'
    found = read(data)
    assert [(row.line, row.cells and row.cells["id"]) for row in found] == [
        (2, "1"), (3, None), (4, "3"), (5, None), (7, None), (8, "6"), (10, "7"),
    ]  # fmt: skip
    assert found[-1].end == len(data)


def test_a_line_without_end_is_passed_over_and_not_held(monkeypatch: pytest.MonkeyPatch) -> None:
    most = 9_999
    monkeypatch.setattr("vivavoce.studies.sources.lines.MAX_ROW_BYTES", most)
    giant = b"x" * (3 * most)
    assert cells(b"text\nbefore\n" + giant + b"\nafter\n") == [{"text": "before"}, None, {"text": "after"}]
    assert cells(b'{"text": "' + giant + b'"}\n{"text": "after"}\n', "a.jsonl") == [None, {"text": "after"}]
    wide = ("text\n" + "ĊĊ" * most + "\nafter\n").encode("utf-16")
    assert cells(wide) == [None, {"text": "after"}]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"[]", []),
        (b'[{"t": 1}, {"t": "a}]\\""} ]', [{"t": 1}, {"t": 'a}]"'}]),
        (
            b'{"about": {"n": [1]}, "rows": [\n{"t": 1},\n{"t": {"u": [{}]}}\n], "end": 1}',
            [{"t": 1}, {"t": {"u": [{}]}}],
        ),
        (b'{"t": 1}\n{"t": 2}\n', [{"t": 1}, {"t": 2}]),
        (b'{"t": 1}', [{"t": 1}]),
        (b'[{"t": 1}, {"t": ', [{"t": 1}, None]),
        (b'[{"t": 1}', [{"t": 1}, None]),
        (b'[{"t": 1}, "words"]', [{"t": 1}, None]),
        (b'[{"t": nonsense}, {"t": 2}]', [None, {"t": 2}]),
        (b'\xef\xbb\xbf\n [{"t": 1}]', [{"t": 1}]),
        (
            b'[{"t": 1}, null, {"t": 2}, "a, ]\\"", [{"t": 0}, 3], {"t": 4}]',
            [{"t": 1}, None, {"t": 2}, None, None, {"t": 4}],
        ),
        (b'[{"t": 1} junk, 12, {"t": 2}}, {"t": 3}]', [{"t": 1}, None, None, {"t": 2}, None, {"t": 3}]),
    ],
)
def test_json_in_its_shapes(data: bytes, expected: list[Any]) -> None:
    assert cells(data, "a.json") == expected


def test_a_json_object_may_lie_across_what_is_read_at_once() -> None:
    many = [{"t": '}]äöü{\\"' * 20_000, "n": n} for n in range(5)]
    found = read(json.dumps(many, ensure_ascii=False, indent=1).encode(), "a.json")
    assert [row.cells for row in found] == many
    assert [(row.line, row.end_line) for row in found] == [(2 + 4 * n, 5 + 4 * n) for n in range(5)]


def test_a_giant_among_json_objects_costs_itself_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vivavoce.studies.sources.arrays.MAX_ROW_BYTES", 999)
    monkeypatch.setattr("vivavoce.studies.sources.arrays.PIECE_BYTES", 77)
    monkeypatch.setattr("vivavoce.studies.sources.layouts.SAMPLE_BYTES", 77)
    for giant in ({"t": 'a,]}"\\' * 2_000}, 'x\\",' * 2_000, [{"t": [1]}] * 2_000):
        found = read(json.dumps([{"t": 1}, giant, {"t": 2}], indent=1).encode(), "a.json")
        assert [row.cells for row in found] == [{"t": 1}, None, {"t": 2}]
        assert found[1].end_line > found[1].line or isinstance(giant, str)
    with pytest.raises(SourceError, match="without an end") as error:
        read(b'[{"t": 1}, {"t": "never closed}, ' + b"{'t': 2}, " * 2_000, "a.json")
    assert error.value.kind == "changed"


def test_lines_of_json_that_are_no_objects_are_told() -> None:
    data = '{"text": "äöü"}\n[1]\n\n{"text": \n{"text": "b"}\n'.encode()
    data += b"\xff\xff\n" + b"[" * 100_000 + b'\n{"text": "c"}\n'
    found = read(data, "a.jsonl")
    assert [row.cells for row in found] == [{"text": "äöü"}, None, None, {"text": "b"}, None, None, {"text": "c"}]
    assert [row.line for row in found] == [1, 2, 4, 5, 6, 7, 8]


WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), min_size=1, max_size=20)


@given(st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=12), st.sampled_from(["utf-8", "utf-16"]))
def test_rows_can_be_gone_on_with_from_any_of_them(table: list[tuple[str, str]], encoding: str) -> None:
    written = io.StringIO()
    writer = csv.writer(written, quoting=csv.QUOTE_ALL)
    writer.writerow(["id", "text"])
    writer.writerows(table)
    file = io.BytesIO(written.getvalue().encode(encoding))
    layout = layout_of(file, "a.csv")
    at, line, found = layout.begins, layout.line, []
    while (row := next(rows(file, layout, at, line), None)) is not None:
        assert row.cells is not None
        assert row.line == line
        found.append((row.cells["id"], row.cells["text"]))
        at, line = row.end, row.end_line
    assert found == table


@given(st.binary(max_size=300), st.sampled_from(["a.csv", "a.json", "a.jsonl"]))
def test_any_rubbish_is_rows_or_a_clear_error_and_has_an_end(data: bytes, name: str) -> None:
    ends: list[int] = []
    with suppress(SourceError):
        ends = [row.end for row in read(data, name)]
    assert ends == sorted(ends)
    assert all(end <= len(data) for end in ends)
