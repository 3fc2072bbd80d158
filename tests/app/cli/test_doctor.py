"""`viva doctor`: every fault is found, with a remedy, and nothing is changed."""

from __future__ import annotations

import asyncio
import shutil
import socket
import sqlite3
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from sqlalchemy import update

from tests.app.cli.conftest import CALL, Shell
from tests.app.conftest import House
from vivavoce.app.doctor import database, machine, model, server
from vivavoce.app.doctor.examination import machine_alone
from vivavoce.app.doctor.finding import Finding
from vivavoce.app.settings import Settings
from vivavoce.jobs.ledger import Ledger
from vivavoce.local.ears.ears import Ears
from vivavoce.local.mouth.mouth import Mouth
from vivavoce.local.mouth.synthesisers import Silence
from vivavoce.store.models import Job
from vivavoce.store.people import People
from vivavoce.store.store import Store
from vivavoce.store.vault import FILE, Vault


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ears that are none start at once."""

    async def start(*_: Any, **__: Any) -> Any:
        async def close() -> None: ...

        return SimpleNamespace(engine="none", close=close)

    monkeypatch.setattr(Ears, "start", start)


def found(findings: list[Finding], what: str) -> Finding:
    return next(finding for finding in findings if finding.what == what)


def in_database(shell: Shell, settings: Settings | None = None) -> list[Finding]:
    chosen = settings or Settings(data_dir=str(shell.data))

    async def examine() -> list[Finding]:
        return [finding async for finding in database.database(chosen)]

    return asyncio.run(examine())


@pytest.mark.usefixtures("quick")
def test_a_machine_that_is_well(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIVA_PORT", "0")
    ran = shell("doctor")
    assert ran.code == 0
    assert "FAIL" not in ran.out
    told = shell("doctor", "--json").document
    assert told["ok"] is True
    assert {finding["grade"] for finding in told["findings"]} == {"ok", "warn"}
    assert {"python", "packages", "disk", "database", "agents", "mouth", "ears", "brain"} <= {
        finding["what"] for finding in told["findings"]
    }


@pytest.mark.usefixtures("quick")
def test_nothing_is_made_or_changed(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIVA_PORT", "0")
    shutil.rmtree(shell.data)
    before = sorted(shell.folder.rglob("*"))
    assert shell("doctor").code == 0
    assert sorted(shell.folder.rglob("*")) == before


def test_settings_that_do_not_hold(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIVA_PROT", "1")
    ran = shell("doctor", "--json")
    assert ran.code == 1
    finding = found(msgspec.convert(ran.document["findings"], list[Finding]), "settings")
    assert finding.grade == "fail"
    assert "VIVA_PROT" in finding.says


@pytest.mark.usefixtures("quick")
def test_a_fault_comes_with_a_remedy(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIVA_PORT", "0")
    (shell.folder / "agents/broken.yaml").write_text("title: [")
    ran = shell("doctor")
    assert ran.code == 1
    assert "FAIL  agent broken" in ran.out
    assert "Run `viva check agents/broken.yaml`." in ran.out


def test_old_python_and_packages_that_are_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 2, "final", 0))
    monkeypatch.setattr(machine, "_is_installed", lambda name: name != "numpy")
    findings = machine_alone()
    assert found(findings, "python").grade == "fail"
    assert "without numpy" in found(findings, "packages").says


def test_a_clock_that_stands_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 86_400.0)
    assert machine.clock().grade == "fail"


@pytest.mark.parametrize(("hours", "grade"), [(0.5, "fail"), (5, "warn"), (500, "ok")])
def test_room_on_the_disk(hours: float, grade: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    free = SimpleNamespace(free=int(hours * machine.CALL_HOUR_BYTES))
    monkeypatch.setattr(shutil, "disk_usage", lambda _: free)
    assert found(list(machine.disk(Settings(data_dir=str(tmp_path)))), "disk").grade == grade


def test_a_data_folder_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    [finding] = machine.disk(Settings(data_dir=str(tmp_path / "file")))
    assert finding.grade == "fail"


def test_a_port_that_is_taken() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = Settings(port=other.getsockname()[1])
        finding = asyncio.run(server.port(taken))
    assert finding.grade == "fail"
    assert "--port" in finding.remedy


async def test_a_port_that_our_server_has(house: House) -> None:
    finding = await server.port(Settings(port=house.port))
    assert finding.grade == "ok"
    assert "a server of version" in finding.says


def test_a_secret_key_that_others_may_read(shell: Shell) -> None:
    settings = Settings(data_dir=str(shell.data))
    assert database.secret_key(settings).grade == "ok"
    assert not (shell.data / FILE).exists(), "a look makes none"
    Vault.of("", shell.data)
    assert database.secret_key(settings).grade == "ok"
    (shell.data / FILE).chmod(0o644)
    assert "chmod 600" in database.secret_key(settings).remedy
    (shell.data / FILE).chmod(0o600)
    (shell.data / FILE).write_text("rubbish")
    assert database.secret_key(settings).grade == "fail"
    assert database.secret_key(Settings(secret_key="rubbish")).grade == "fail"
    assert database.secret_key(Settings(secret_key=Vault.make_key())).grade == "ok"


def test_secrets_whose_key_is_gone(shell: Shell) -> None:
    async def somebody() -> None:
        store = await Store.open(f"sqlite:///{shell.data / 'viva.db'}")
        await People(store.database, Vault.of("", shell.data)).find_or_make("dana", now=1.0)
        await store.close()

    assert found(in_database(shell), "stored secrets").says == "none yet"
    asyncio.run(somebody())
    assert found(in_database(shell), "stored secrets").grade == "ok"
    (shell.data / FILE).write_text(Vault.make_key())
    assert found(in_database(shell), "stored secrets").grade == "fail"
    (shell.data / FILE).unlink()
    assert found(in_database(shell), "stored secrets").grade == "fail"


def test_a_database_that_is_behind_or_away(shell: Shell) -> None:
    away = Settings(data_dir=str(shell.data), database_url="postgresql://127.0.0.1:1/none")
    assert [finding.grade for finding in in_database(shell, away)] == ["fail"]
    unknown = Settings(database_url="mysql://x/y")
    assert [finding.grade for finding in in_database(shell, unknown)] == ["fail"]
    (shell.data / "viva.db").write_bytes(b"no database at all" * 100)
    assert found(in_database(shell), "database").grade == "fail"


def test_a_public_server_without_a_key(shell: Shell) -> None:
    public = Settings(data_dir=str(shell.data), host="0.0.0.0")
    assert found(in_database(shell, public), "keys").grade == "fail"
    assert shell("keys", "create", "me", "--scope", "all").code == 0
    assert found(in_database(shell, public), "keys").grade == "ok"


def test_jobs_that_nobody_does(shell: Shell) -> None:
    async def ask() -> None:
        store = await Store.open(f"sqlite:///{shell.data / 'viva.db'}")
        await Ledger(store.database).enqueue("report", call_id=CALL)
        await store.database.run(update(Job).values(run_at=1.0))
        await store.close()

    assert found(in_database(shell), "workers").grade == "ok"
    asyncio.run(ask())
    late = found(in_database(shell), "workers")
    assert (late.grade, late.says) == ("warn", "0 alive, 1 jobs late")
    assert "viva worker" in late.remedy


async def test_a_postgres_database(postgres_url: str, tmp_path: Path) -> None:
    settings = Settings(data_dir=str(tmp_path), database_url=postgres_url)
    findings = [finding async for finding in database.database(settings)]
    assert {finding.grade for finding in findings} == {"ok"}
    assert found(findings, "clock, compared").grade == "ok"


@pytest.mark.usefixtures("quick")
async def test_a_model_that_neither_speaks_nor_hears(monkeypatch: pytest.MonkeyPatch) -> None:
    start = Mouth.start
    monkeypatch.setattr(Mouth, "start", lambda **_: start([Silence()]))
    findings = [finding async for finding in model.model(Settings())]
    assert (found(findings, "mouth").grade, found(findings, "ears").grade) == ("warn", "warn")
    assert "vivavoce[local]" in found(findings, "mouth").remedy


@pytest.mark.usefixtures("quick")
async def test_folders_and_brains_that_are_none(tmp_path: Path) -> None:
    settings = Settings(voices_dir=str(tmp_path / "none"), brain="teapot")
    findings = [finding async for finding in model.model(settings)]
    assert (found(findings, "mouth").grade, found(findings, "brain").grade) == ("fail", "fail")


async def test_a_remote_model_without_a_key() -> None:
    [finding] = [finding async for finding in model.model(Settings(backend="studio"))]
    assert finding.grade == "fail"
    assert "VIVA_BACKEND_KEY" in finding.says


async def test_dialling(house: House) -> None:
    settings = Settings(backend_url=f"ws://127.0.0.1:{house.model.port}")
    findings = [finding async for finding in model.model(settings, online=True)]
    assert [finding.grade for finding in findings] == ["ok", "ok", "ok"]
    nobody = Settings(backend="studio", backend_key="very-secret", backend_url="http://127.0.0.1:1")
    findings = [finding async for finding in model.model(nobody, online=True)]
    dial = found(findings, "a dial")
    assert dial.grade == "fail"
    assert dial.remedy
    assert all("very-secret" not in finding.says + finding.remedy for finding in findings)


def test_a_published_agent_that_does_not_hold_any_more(shell: Shell) -> None:
    assert shell("agents", "push", "agents/founder.yaml", "--publish").code == 0
    assert {finding.grade for finding in in_database(shell)} == {"ok"}
    with sqlite3.connect(shell.data / "viva.db") as opened:
        opened.execute("update agent_versions set source = 'title: ['")
    opened.close()
    assert found(in_database(shell), "agent founder-validation").grade == "fail"
