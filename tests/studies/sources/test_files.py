"""A file is read page by page and gone on with anywhere; what cannot be read is counted, and nobody's name is kept."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from vivavoce.errors import InputError
from vivavoce.panel.insights import Insight
from vivavoce.studies.port import Page
from vivavoce.studies.sources import files
from vivavoce.studies.sources.errors import SourceError
from vivavoce.studies.sources.files import Files
from vivavoce.studies.sources.making import pseudonyms

SOURCE = Files(pseudonym=pseudonyms("file", lambda text: text.encode().hex()[::-1].ljust(64, "0")))


@pytest.fixture
def three_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "PER_PAGE", 3)


async def walk(path: Path) -> list[Page]:
    pages = [await SOURCE.page(str(path), None)]
    while (cursor := pages[-1].cursor) is not None:
        pages.append(await SOURCE.page(str(path), cursor))
    return pages


def insights(pages: list[Page]) -> list[Insight]:
    return [insight for page in pages for insight in page.insights]


def written(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


async def test_a_row_becomes_an_insight_without_anybodys_name(tmp_path: Path) -> None:
    path = written(
        tmp_path / "desk.csv",
        "Ticket ID,Subject,Message,Customer,Phone,Created at,Stars,Labels,Link",
        "7,Export fails,It fails every Friday. Write to kim@example.org,Kim Doe,+49 30 1234567,2024-05-01,2,"
        "export; kim@example.org,https://desk.example/7?user=kim",
    )
    (one,) = insights(await walk(path))
    assert one.text == "Export fails\n\nIt fails every Friday. Write to [email]"
    assert (one.source, one.rating, one.said_at, one.group) == ("file", 2.0, 1714521600.0, "7")
    assert one.tags == ("export", "[email]")
    assert one.url == ""
    assert one.person
    assert not [name for name in ("Kim", "kim", "Doe", "1234567") if name in str(one)]


async def test_a_cell_of_a_megabyte_costs_no_time(tmp_path: Path) -> None:
    group, link = "u/ann/" * 150_000, f"https://a.example/{'u/ann/' * 10_000}"
    row = json.dumps({"text": "It hurts", "group": group, "url": link})
    began = time.process_time()
    (one,) = insights(await walk(written(tmp_path / "said.jsonl", row)))
    assert (one.group, one.url) == ("", "")
    assert time.process_time() - began < 3


async def test_pages_go_on_where_the_last_one_ended(tmp_path: Path, three_a_page: None) -> None:
    path = written(tmp_path / "a.csv", "text", *(f'"words of number\n{n}"' for n in range(8)))
    pages = await walk(path)
    assert [len(page.insights) for page in pages] == [3, 3, 2]
    assert [one.text.split()[-1] for one in insights(pages)] == [str(n) for n in range(8)]
    again = await Files(pseudonym=lambda handle: "").page(str(path), pages[0].cursor)
    assert [one.id for one in again.insights] == [one.id for one in pages[1].insights]


async def test_rows_that_are_no_insights_are_counted_the_first_by_their_line(
    tmp_path: Path, three_a_page: None
) -> None:
    bad = [f'{n},"open' for n in range(20)]
    path = written(tmp_path / "a.csv", "id,text", "1,good words", "2,", *bad, "3,...", "4,good too")
    pages = await walk(path)
    left_out = {reason: count for page in pages for reason, count in page.left_out.items() if "line" in reason}
    assert left_out == {f"unreadable: line {line}": 1 for line in range(4, 9)}
    assert sum(page.left_out.get("unreadable", 0) for page in pages) == 15
    assert sum(page.left_out.get("empty", 0) for page in pages) == 2
    assert len(insights(pages)) == 2


async def test_a_file_that_grew_is_gone_on_with_and_another_one_is_not(tmp_path: Path, three_a_page: None) -> None:
    path = written(tmp_path / "a.jsonl", *(json.dumps({"text": f"number {n} of them"}) for n in range(4)))
    first = await SOURCE.page(str(path), None)
    with path.open("a", encoding="utf-8") as file:
        file.write('{"text": "written later"}\n')
    second = await SOURCE.page(str(path), first.cursor)
    assert [one.text for one in second.insights] == ["number 3 of them", "written later"]
    written(path, *(json.dumps({"text": f"another {n} of them"}) for n in range(9)))
    with pytest.raises(SourceError, match="collect it anew") as error:
        await SOURCE.page(str(path), first.cursor)
    assert error.value.kind == "gone"


async def test_exports_that_overlap_merge_and_numbers_that_meet_do_not(tmp_path: Path) -> None:
    may = written(tmp_path / "may.csv", "id,text,date", "1,It is slow here,2024-05-01", "2,It is dear,2024-05-02")
    june = written(tmp_path / "june.csv", "text,id,date", "It is dear,2,2024-05-02", "It got better,1,2024-05-01")
    ids = [{one.id for one in insights(await walk(path))} for path in (may, june)]
    assert len(ids[0] & ids[1]) == 1
    assert len(ids[0] | ids[1]) == 3


@pytest.mark.parametrize(
    ("name", "text", "kind", "said"),
    [
        ("a.csv", "secret words,more secret words\nx,y\n", "changed", "2 columns with other names"),
        ("a.jsonl", '{"secret": "words"}\n', "changed", "rows without one"),
        ("a.json", '[{"secret": "words"}]', "changed", "rows without one"),
        ("a.pdf", "secret", "changed", "ends in"),
    ],
)
async def test_a_file_without_texts_says_so_and_quotes_nothing(
    tmp_path: Path, name: str, text: str, kind: str, said: str
) -> None:
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(SourceError, match=said) as error:
        await SOURCE.page(str(path), None)
    assert error.value.kind == kind
    assert "secret" not in str(error.value)


async def test_what_is_no_file_is_not_opened(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    for path in (tmp_path, pipe, tmp_path / "missing.csv", Path("/dev/zero"), Path("a\0b")):
        with pytest.raises(SourceError, match="want a file") as error:
            await SOURCE.page(str(path), None)
        assert error.value.kind == "gone"
    with pytest.raises(InputError, match="cursor"):
        await SOURCE.page(str(written(tmp_path / "a.csv", "text", "words")), "12")


async def test_a_zero_byte_costs_no_more_than_its_row(tmp_path: Path) -> None:
    rows = ["It fails on every second export", *(f"Export {number} took far too long" for number in range(30))]
    path = tmp_path / "a.csv"
    path.write_bytes("\n".join(["text", *rows]).encode().replace(b"second", b"sec\0nd"))
    (page,) = await walk(path)
    assert len(page.insights) + sum(page.left_out.values()) == len(rows)
    assert len(page.insights) >= len(rows) - 1


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
async def test_letters_of_two_bytes_are_known_without_a_mark(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.csv"
    said = "Программа падает каждый раз когда я открываю отчёт."
    path.write_bytes(("text\n" + "".join(f"{said} {number}\n" for number in range(30))).encode(encoding))
    (page,) = await walk(path)
    assert [each.text for each in page.insights][:1] == [f"{said} 0"]
    (tmp_path / "b.csv").write_bytes(b"text\n" + bytes(400))
    with pytest.raises(SourceError, match="zero bytes"):
        await SOURCE.page(str(tmp_path / "b.csv"), None)


async def test_an_empty_table_is_no_mistake(tmp_path: Path) -> None:
    for name, text in (("a.csv", "text\n"), ("a.json", "[]"), ("a.jsonl", "")):
        (tmp_path / name).write_text(text)
        (page,) = await walk(tmp_path / name)
        assert page == Page(insights=(), cursor=None)


async def test_invisible_and_hostile_letters_are_kept_out_of_the_way(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    rows = [{"text": "It\0 fails often", "title": "\0", "tags": "a\0"}, {"text": "half a \ud800 letter"}]
    path.write_text("\n".join(map(json.dumps, rows)))
    (page,) = await walk(path)
    (one,) = page.insights
    assert "\0" not in f"{one.text}{one.title}{one.tags}"
    assert page.left_out == {"unreadable: line 2": 1}
