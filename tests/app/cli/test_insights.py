"""`viva insights`: collected, looked at, handed out."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TextIO

import pytest

from tests.app.cli.conftest import CALL, PERSON_SAYS, Shell
from tests.jobs.engines import Memory
from vivavoce.app import insight_files, workforce
from vivavoce.app.filing import open_store
from vivavoce.app.handlers import Handlers
from vivavoce.app.settings import Settings
from vivavoce.app.webhooks.events import open_announcer
from vivavoce.jobs import ledger
from vivavoce.jobs.ledger import Ledger
from vivavoce.jobs.worker import Worker, new_worker_id
from vivavoce.panel.insights import Reading
from vivavoce.store.insights import Insights
from vivavoce.store.store import Store
from vivavoce.store.vault import Vault

SAID = [
    {"id": "1", "text": "=HYPERLINK(1) and the invoice is three weeks late, as every month.", "date": "2026-01-02"},
    {
        "id": "2",
        "text": "Write to me at someone@example.org about the reminder that never went out to my clients.",
        "user": "anna",
    },
    {
        "id": "3",
        "text": "Write to me at another@example.org about the reminder that never went out to my clients!",
        "user": "bert",
    },
    {"id": "4", "text": ""},
]


@pytest.fixture
def said(shell: Shell) -> Path:
    path = shell.folder / "said.jsonl"
    path.write_text("".join(json.dumps(each) + "\n" for each in SAID))
    return path


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker in this process stands for the one that is started where there is none."""

    @asynccontextmanager
    async def keep(settings: Settings) -> AsyncIterator[None]:
        async with open_store(settings) as store:
            jobs, vault = Ledger(store.database), Vault.of("", settings.data_dir)
            announcer = open_announcer(settings, store, vault, jobs)
            kinds = Handlers(settings, store, vault, jobs, announcer).kinds()
            worker = Worker(jobs, kinds, worker_id=new_worker_id(), version="1")
            await worker.begin(Memory().open)
            assert settings.workers == 1
            working = asyncio.create_task(_work(worker))
            try:
                yield
            finally:
                working.cancel()
                with suppress(asyncio.CancelledError):
                    await working
                await worker.stop()
                await worker.close()

    monkeypatch.setattr(workforce, "keep_workers", keep)
    monkeypatch.setattr(ledger, "LOOK_EVERY_S", 0.01)


async def _work(worker: Worker) -> None:
    clock = asyncio.get_running_loop().time
    while True:
        await worker.beat(clock())
        await worker.tick(clock())
        await asyncio.sleep(0.005)


def collected(shell: Shell, said: Path) -> list[str]:
    """Ids, in their order."""
    ran = shell("insights", "collect", "invoicing", f"file:{said}", "--wait")
    assert (ran.code, ran.out) == (0, f"file:{said}: done, 3 kept, 0 known, 1 empty\n")
    found = shell("insights", "list", "invoicing", "--copies", "--json").document
    return [each["insight"]["id"] for each in found]


def test_asked_for_and_not_waited_for(shell: Shell, said: Path) -> None:
    ran = shell(
        "insights", "collect", "invoicing", "file:said.jsonl", "hackernews:late invoices", "--limit", "7", "--json"
    )
    first, second = ran.document
    assert (first["source"], first["query"], first["most"]) == ("file", str(said), 7), "a worker works elsewhere"
    assert (second["source"], second["query"], second["state"]) == ("hackernews", "late invoices", "open")
    jobs = shell("jobs", "list", "--kind", "harvest", "--json").document
    assert {job["id"] for job in jobs} == {first["job"], second["job"]}
    again = shell("insights", "collect", "invoicing", "file:said.jsonl", "--json").document
    assert again[0]["job"] == first["job"]
    told = shell("insights", "collect", "invoicing", "file:said.jsonl").out
    assert told == f"file:{said}: open, 0 kept, 0 known; job {first['job']}\n"


def test_waited_for_and_looked_at(shell: Shell, said: Path, worker: None) -> None:
    ids = collected(shell, said)
    assert len(ids) == 3
    rows = [row.split()[:5] for row in shell("insights", "list").out.splitlines()[2:]]
    assert [row[:4] for row in rows] == [["invoicing", "3", "1", "0"]]
    lines = shell("insights", "list", "invoicing").out
    assert "[email]" in lines
    assert "someone@example.org" not in lines
    assert len([line for line in lines.splitlines()[2:] if line[0] != " "]) == 2, "the copy is left aside"
    shown = shell("insights", "show", "invoicing").out
    assert shown.startswith("invoicing: 3 insights, 1 of them copies, 0 read\n")
    assert "sources: file 2" in shown
    assert "anna" not in shown + json.dumps(shell("insights", "list", "invoicing", "--json").document)
    again = shell("insights", "collect", "invoicing", f"file:{said}", "--wait")
    assert "0 kept, 3 known, 1 empty" in again.out


def test_one_insight(shell: Shell, said: Path, worker: None) -> None:
    ids = collected(shell, said)
    read = Reading(insight=ids[0], niche="food", niche_sure=0.7, flags=("advert",))
    asyncio.run(_save(shell, read))
    shown = shell("insights", "show", "invoicing", ids[0]).out
    assert f"id: {ids[0]}\n" in shown
    assert "niche: food\n" in shown
    assert "flags: advert\n" in shown
    assert "insight: " not in shown
    assert shell("insights", "show", "invoicing", ids[0], "--json").document["reading"]["niche_sure"] == 0.7
    assert shell("insights", "list", "invoicing", "--niche", "food", "--copies").out.count(ids[0]) == 1
    none = shell("insights", "list", "invoicing", "--niche", "health")
    assert (none.out, none.err) == ("", "no insights\n")


async def _save(shell: Shell, reading: Reading) -> None:
    store = await Store.open(f"sqlite:///{shell.data / 'viva.db'}")
    await Insights(store.database).save_readings("invoicing", [reading])
    await store.close()


def test_exports(shell: Shell, said: Path, worker: None) -> None:
    collected(shell, said)
    ran = shell("insights", "export", "invoicing")
    lines = [json.loads(line) for line in ran.out.splitlines()]
    assert {line["text"] for line in lines} >= {SAID[0]["text"]}, "verbatim"
    assert all("same_as" not in line for line in lines)
    assert ran.err == "invoicing: 2 insights\n"
    ran = shell("insights", "export", "invoicing", "--format", "csv", "--copies", "--out", "out/i.csv")
    assert ran.err == "invoicing: 3 insights in out/i.csv\n"
    rows = list(csv.DictReader(io.StringIO((shell.folder / "out/i.csv").read_text())))
    texts = [row["text"] for row in rows]
    assert f"'{SAID[0]['text']}" in texts, "no spreadsheet runs it"
    assert sum(bool(row["same_as"]) for row in rows) == 1
    assert {row["said_at"] for row in rows} == {"", "2026-01-02T00:00:00+00:00"}
    assert shell("insights", "export", "invoicing", "--out", "out/i.csv").code == 2
    assert [path.name for path in (shell.folder / "out").iterdir()] == ["i.csv"]
    shell("insights", "export", "invoicing", "--copies", "--out", "i.jsonl")
    ran = shell("insights", "collect", "again", "file:i.jsonl", "--wait")
    assert "3 kept, 0 known" in ran.out
    ran = shell("insights", "collect", "again", "file:out/i.csv", "--wait")
    assert "1 kept, 2 known" in ran.out, "the apostrophe makes another text of one"


def test_a_full_disk_leaves_no_part_of_an_export(
    shell: Shell, said: Path, worker: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    collected(shell, said)

    async def full(pieces: object, target: TextIO) -> int:
        target.write("half a row")
        raise OSError(28, "No space left on device")

    monkeypatch.setitem(insight_files.WRITERS, "csv", full)
    ran = shell("insights", "export", "invoicing", "--format", "csv", "--out", "i.csv")
    assert (ran.code, ran.err) == (4, "viva: the export cannot be written: No space left on device\n")
    assert list(shell.folder.glob("i.csv*")) == []


def test_our_own_calls(shell: Shell, worker: None) -> None:
    ran = shell("insights", "collect", "own", "calls:*", "--wait")
    assert ran.code == 0, ran.err
    (one,) = shell("insights", "list", "own", "--json").document
    assert PERSON_SAYS in one["insight"]["text"]
    assert one["insight"]["group"] == CALL
    shell("calls", "delete", CALL, "--yes")
    assert shell("insights", "list", "own", "--json").document == []


def test_a_source_that_fails_fails_who_waits(shell: Shell, worker: None) -> None:
    ran = shell("insights", "collect", "invoicing", "reddit:invoicing", "--wait")
    assert ran.code == 1
    assert "open, 0 kept, 0 known; reddit_client is not set" in ran.out


def test_deleted_for_good(shell: Shell, said: Path, worker: None) -> None:
    collected(shell, said)
    assert shell("insights", "delete", "invoicing").code == 2, "nobody can be asked"
    assert shell("insights", "delete", "invoicing", "--yes").out == "invoicing: deleted, 3 insights\n"
    assert shell("insights", "list").err == "no corpora\n"


def test_one_is_deleted_with_its_panels(shell: Shell, said: Path, worker: None) -> None:
    first, *others = collected(shell, said)
    assert shell("insights", "delete", "invoicing", "--insight", first).code == 2, "nobody can be asked"
    ran = shell("insights", "delete", "invoicing", "--insight", first, "--yes")
    assert ran.out == f"invoicing: {first} deleted, and with it no panels that may hold words of it\n"
    left = shell("insights", "list", "invoicing", "--copies", "--json").document
    assert [each["insight"]["id"] for each in left] == others


def test_links_in_a_circle_are_no_file(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "a.csv").symlink_to(tmp_path / "a.csv")
    ran = shell("insights", "collect", "invoicing", f"file:{tmp_path / 'a.csv'}")
    assert (ran.code, "want a file" in ran.err) == (2, True)


def test_an_export_that_cannot_be_written_is_told(shell: Shell, said: Path, worker: None) -> None:
    collected(shell, said)
    for out in (said / "x.csv", said.with_name("x" * 300)):
        ran = shell("insights", "export", "invoicing", "--out", str(out))
        assert (ran.code, "the export cannot be written" in ran.err) == (4, True)


@pytest.mark.parametrize(
    ("args", "said_"),
    [
        (("collect", "Big", "hackernews:x"), "want a corpus named by"),
        (("collect", "a", "nowhere:x"), "sources are"),
        (("collect", "a", "hackernews:"), "characters to ask for"),
        (("collect", "a", "file:nowhere.csv"), "want a file, got nowhere.csv"),
        (("collect", "a", "file:~nobody-here/x.csv"), "want a file, got ~nobody-here/x.csv"),
        (("collect", "a", f"file:{'x' * 300}.csv"), "want a file, got xxx"),
        (("show", "nobody"), "want the name of a corpus, got 'nobody'"),
        (("list", "nobody"), "want the name of a corpus"),
        (("export", "nobody"), "want the name of a corpus"),
        (("delete", "nobody", "--yes"), "want the name of a corpus"),
        (("delete", "nobody", "--insight", "", "--yes"), "want the id of an insight"),
    ],
)
def test_asked_wrongly(shell: Shell, args: tuple[str, ...], said_: str) -> None:
    ran = shell("insights", *args)
    assert ran.code == 2
    assert said_ in ran.err
    assert ran.out == ""


def test_agents_that_no_call_has_are_named(shell: Shell) -> None:
    ran = shell("insights", "collect", "invoicing", "calls:founder-validation,nobody, nemo")
    assert ran.code == 0
    assert ran.err.startswith("calls: there is no call of nobody, nemo yet\nno worker is running, so it waits")
    for query in ("calls:founder-validation", "calls:*"):
        assert "there is no call" not in shell("insights", "collect", "invoicing", query).err


def test_a_niche_that_there_is_not_is_refused(shell: Shell) -> None:
    ran = shell("insights", "list", "invoicing", "--niche", "zzz")
    assert ran.code == 2
    assert "as a niche, got 'zzz'" in ran.err
