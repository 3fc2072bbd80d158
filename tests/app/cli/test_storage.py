"""`viva migrate`: looked at, printed, done."""

from __future__ import annotations

import asyncio
import sqlite3
import tarfile

import pytest

from tests.app.cli.conftest import CALL, Shell
from vivavoce.store import schema
from vivavoce.store.database import open_engine


def put_back(shell: Shell) -> None:
    """Leave the database as the version before this one did."""
    with sqlite3.connect(shell.data / "viva.db") as database:
        database.execute("update alembic_version set version_num = '0001'")
    database.close()


def test_nothing_to_do(shell: Shell) -> None:
    assert shell("migrate", "--check").code == 0
    ran = shell("migrate", "--json")
    assert ran.document == {"before": schema.head(), "after": schema.head(), "wanted": schema.head()}


def test_a_database_that_is_behind_is_found_and_left_alone(shell: Shell) -> None:
    put_back(shell)
    for _ in range(2):
        ran = shell("migrate", "--check")
        assert ran.code == 1
        assert f"stands at 0001, this version wants {schema.head()}; run `viva migrate`" in ran.out


def test_a_new_folder(shell: Shell) -> None:
    ran = shell("migrate", "--check", "--data", "new")
    assert ran.code == 1
    assert "stands at nothing" in ran.out
    assert not (shell.folder / "new").exists(), "a look makes nothing"
    assert "it stood at nothing" in shell("migrate", "--data", "new").out
    assert shell("migrate", "--check", "--data", "new").code == 0


def test_a_newer_database_is_left_alone(shell: Shell) -> None:
    with sqlite3.connect(shell.data / "viva.db") as database:
        database.execute("update alembic_version set version_num = '9999'")
    database.close()
    for args in (("migrate",), ("calls", "list"), ("replay", CALL)):
        ran = shell(*args)
        assert (ran.code, ran.out) == (4, "")
        assert "a newer version wrote it" in ran.err


def test_sql_for_those_who_run_it_by_hand(shell: Shell) -> None:
    assert "CREATE TABLE calls" in shell("migrate", "--sql").out


def test_postgres(shell: Shell, postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def empty() -> None:
        engine = open_engine(postgres_url)
        async with engine.begin() as connection:
            await connection.exec_driver_sql("drop schema public cascade")
            await connection.exec_driver_sql("create schema public")
        await engine.dispose()

    asyncio.run(empty())
    monkeypatch.setenv("VIVA_DATABASE_URL", postgres_url)
    assert shell("calls", "list").code == 4, "a database that is shared is migrated by a person"
    assert shell("migrate", "--check").code == 1
    assert shell("migrate").code == 0
    assert shell("migrate", "--check").code == 0
    assert shell("calls", "list").err == "no calls\n"


@pytest.mark.parametrize("url", ["nonsense", "mysql://x/y", "postgresql://127.0.0.1:1/none"])
def test_a_database_that_is_none(url: str, shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIVA_DATABASE_URL", url)
    for args in (("migrate",), ("migrate", "--check"), ("calls", "list")):
        ran = shell(*args)
        assert ran.code == (4 if "postgresql" in url else 2)
        assert ran.err.count("\n") == 1


def test_a_backup_and_its_way_back(shell: Shell) -> None:
    ran = shell("backup", "all.tar")
    assert ran.code == 0
    assert ran.out.startswith("all.tar: 1 calls, ")
    told = shell("backup", "all.tar", "--verify", "--json").document
    assert told["rows"]["calls"] == 1
    with tarfile.open(shell.folder / "all.tar") as archive:
        assert "secret.key" not in archive.getnames()
        archive.extractall(shell.folder / "restored", filter="data")
    assert shell("replay", CALL, "--data", "restored").code == 0
    assert shell("report", CALL, "--data", "restored").code == 0


def test_backups_that_are_none(shell: Shell) -> None:
    shell("backup", "all.tar")
    assert shell("backup", "all.tar").code == 2, "nothing is overwritten"
    whole = (shell.folder / "all.tar").read_bytes()
    (shell.folder / "torn.tar").write_bytes(whole[: len(whole) // 2])
    for name, code in (("torn.tar", 2), ("nowhere.tar", 2)):
        ran = shell("backup", name, "--verify")
        assert (ran.code, ran.out) == (code, "")
    assert shell("backup", "new/folder/all.tar").code == 0
    assert shell("backup", "all.tar/is-a-file.tar").code == 4
    assert shell("backup", "x.tar", "--data", "nowhere").code == 2
