"""What may be a hundred thousand rows goes a piece at a time, and is shown to nobody meanwhile."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from tests.store.corpora import NOW, insight
from tests.store.panelled import store_of_panels
from tests.store.studied import RESULT, begun, kept
from vivavoce.errors import NotHereError, StaleError, StoreError
from vivavoce.store import Store, pieces
from vivavoce.store import studies as module
from vivavoce.store.answers import PanelAnswers
from vivavoce.store.database import Database
from vivavoce.store.erasing import Erasing
from vivavoce.store.folders import Folders
from vivavoce.store.insights import Insights
from vivavoce.store.leftovers import sweep_leftovers
from vivavoce.store.models import Answer, Ballot, Call, Study
from vivavoce.store.panels import Panels
from vivavoce.store.retention import Retention
from vivavoce.store.studies import Studies

BALLOTS = 7
PIECE = 2
Delete = Callable[[Store, Folders, str], Awaitable[object]]


@pytest.fixture
async def store(database_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Store]:
    monkeypatch.setattr(pieces, "PIECE", PIECE)
    async with store_of_panels(database_url) as store:
        yield store


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders.of(tmp_path)


async def filled(store: Store, panel_id: str = "of the call") -> str:
    """A study that is done, with ballots, and as many answers of models."""
    studies = Studies(store.database)
    study = await begun(studies, panel_id)
    await studies.keep(study.id, [kept(number) for number in range(BALLOTS)], {})
    await studies.finish(study.id, RESULT, job=None, now=NOW)
    for number in range(BALLOTS):
        await PanelAnswers(store.database, panel_id).put(f"k{number}", b"{}", persona="p", respondent="m")
    return study.id


async def number_of(connection: AsyncConnection, model: Any) -> int:
    return int((await connection.execute(select(func.count()).select_from(model))).scalar_one())


async def erase_call(store: Store, folders: Folders, _study: str) -> None:
    receipt = await Erasing(store.database, folders).call("c1", now=NOW)
    assert receipt.done
    assert {name: receipt.rows[name] for name in ("ballots", "answers", "studies", "panels")} == {
        "ballots": BALLOTS, "answers": BALLOTS, "studies": 1, "panels": 1,
    }  # fmt: skip


async def sweep(store: Store, folders: Folders, _study: str) -> None:
    await store.update_call("c1", transcript_until=NOW)
    await Retention(store.database, folders).sweep(now=NOW)


async def delete_panel(store: Store, _folders: Folders, _study: str) -> None:
    assert await Panels(store.database).delete("of the call")


async def delete_corpus(store: Store, _folders: Folders, _study: str) -> None:
    await Insights(store.database).delete("invoicing")


async def delete_insight(store: Store, _folders: Folders, _study: str) -> None:
    assert await Insights(store.database).delete_one("invoicing", insight(2).id) == 2


async def delete_study(store: Store, _folders: Folders, study: str) -> None:
    assert await Studies(store.database).delete(study)


EVERY_WAY = (erase_call, sweep, delete_panel, delete_corpus, delete_insight, delete_study)


@pytest.mark.parametrize("delete", EVERY_WAY)
async def test_no_transaction_deletes_more_than_a_piece(
    delete: Delete, store: Store, folders: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those who wait for a turn get it between two."""
    study, begin = await filled(store), Database.begin
    left: list[tuple[int, int]] = []

    @asynccontextmanager
    async def watched(self: Database) -> AsyncIterator[AsyncConnection]:
        async with begin(self) as connection:
            yield connection
            left.append((await number_of(connection, Ballot), await number_of(connection, Answer)))

    monkeypatch.setattr(Database, "begin", watched)
    await delete(store, folders, study)
    assert left[-1] == (0, BALLOTS if delete is delete_study else 0)
    for before, after in zip([(BALLOTS, BALLOTS), *left], left, strict=False):
        assert sum(before) - sum(after) <= PIECE


async def test_others_write_in_between(sqlite_at_head: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is one writer: whoever asks for a turn while a piece is deleted gets it before the next one."""
    monkeypatch.setattr(pieces, "PIECE", PIECE)
    begin, seen, beside = Database.begin, [], []

    @asynccontextmanager
    async def watched(self: Database) -> AsyncIterator[AsyncConnection]:
        async with begin(self) as connection:
            beside.append(asyncio.create_task(write(self)))
            yield connection

    async def write(database: Database) -> None:
        async with begin(database) as connection:
            await connection.execute(update(Call).where(Call.id == "c1").values(code_version="2"))
            seen.append(await number_of(connection, Ballot))

    async with store_of_panels(f"sqlite:///{shutil.copyfile(sqlite_at_head, tmp_path / 'viva.db')}") as store:
        study = await filled(store)
        monkeypatch.setattr(Database, "begin", watched)
        await Studies(store.database).delete(study)
        await asyncio.gather(*beside)
    assert seen == [7, 5, 3, 1, 0, 0]


@pytest.mark.parametrize("delete", EVERY_WAY)
async def test_killed_in_between_it_is_seen_by_nobody_and_goes_when_asked_again(
    delete: Delete, store: Store, folders: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    study, studies, run = await filled(store), Studies(store.database), Database.begin
    other = await filled(store, "of others")

    class Killed(BaseException):
        pass

    @asynccontextmanager
    async def dies(self: Database) -> AsyncIterator[AsyncConnection]:
        async with run(self) as connection:
            yield connection
        async with self.engine.connect() as connection:
            if await number_of(connection, Ballot) < 2 * BALLOTS:
                raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(Database, "begin", dies)
        with pytest.raises(Killed):
            await delete(store, folders, study)
    gone = [study] if await studies.count(study) == BALLOTS - PIECE else [other]
    assert await studies.count(gone[0]) == BALLOTS - PIECE
    for ask in (studies.get, studies.result):
        with pytest.raises(NotHereError):
            await ask(gone[0])
    assert gone[0] not in [each.id for each in await studies.page()]
    assert await studies.ballots(gone[0]) == []
    with pytest.raises(StaleError):
        await studies.keep(gone[0], [kept(9)], {})
    await delete(store, folders, study)
    async with store.database.engine.connect() as connection:
        left = 0 if delete in (delete_corpus, delete_insight) else 1
        assert await number_of(connection, Study) == left
        assert await number_of(connection, Ballot) == left * BALLOTS


async def test_one_that_cannot_be_swept_keeps_none_of_the_others_back(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    studies = Studies(store.database)
    ids = [await filled(store, "of the call"), await filled(store, "of others")]
    await store.database.run(update(Study).values(state=pieces.ERASING))
    delete = Studies.delete
    failed: list[str] = []

    async def fails(self: Studies, study_id: str) -> bool:
        if not failed:
            failed.append(study_id)
            raise StoreError("the database did not answer")
        return await delete(self, study_id)

    monkeypatch.setattr(Studies, "delete", fails)
    assert await studies.finish_deleting() == 1
    assert await studies.finish_deleting() == 1
    assert failed[0] in ids


async def test_what_nobody_asks_for_again_is_swept(store: Store) -> None:
    study, other = await filled(store), await filled(store, "of others")
    await pieces.empty_studies(store.database, Study.id == study)
    swept = await sweep_leftovers(store.database, now=NOW)
    assert swept["studies"] == 1
    assert (await sweep_leftovers(store.database, now=NOW))["studies"] == 0
    assert [row["id"] for row in await store.database.rows(select(Study.id))] == [other]


async def test_whoever_reads_ballots_that_are_being_deleted_is_told(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A report of half of them would look like one of all."""
    monkeypatch.setattr(module, "PIECE", PIECE)
    study, studies = await filled(store), Studies(store.database)
    reading = studies.iterate(study)
    assert len(await anext(reading)) == PIECE
    await pieces.empty_studies(store.database, Study.id == study)
    with pytest.raises(NotHereError, match="got one that was deleted meanwhile"):
        await anext(reading)
