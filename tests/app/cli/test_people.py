"""`viva people`: who somebody is never stands in a command line."""

from __future__ import annotations

import asyncio
import zipfile

import pytest
from sqlalchemy import update

from tests.app.cli.conftest import CALL, PERSON_SAYS, Shell
from vivavoce.store.models import Call
from vivavoce.store.people import People
from vivavoce.store.store import Store
from vivavoce.store.vault import Vault

REF = "dana@example.test"


@pytest.fixture
def dana(shell: Shell) -> str:
    """The person of the call."""

    async def introduce() -> str:
        store = await Store.open(f"sqlite:///{shell.data / 'viva.db'}")
        person = await People(store.database, Vault.of("", shell.data)).find_or_make(REF, now=1.0)
        await store.database.run(update(Call).where(Call.id == CALL).values(person_id=person.id))
        await store.close()
        return person.id

    return asyncio.run(introduce())


def test_find(shell: Shell, dana: str) -> None:
    assert shell("people", "find", stdin=f"{REF}\n").out == f"{dana}\n"
    assert shell("people", "find", "--json", stdin=REF).document["id"] == dana


def test_export_by_reference(shell: Shell, dana: str) -> None:
    ran = shell("people", "export", "--out", "out/dana.zip", "--json", stdin=f"{REF}\n")
    assert ran.document["file"] == "out/dana.zip"
    with zipfile.ZipFile(shell.folder / "out/dana.zip") as archive:
        assert PERSON_SAYS.encode() in archive.read(f"calls/{CALL}/transcript.json")
    assert list((shell.data / "exports").iterdir()) == [], "it is handed out, not left behind"


def test_an_export_replaces_nothing(shell: Shell, dana: str) -> None:
    (shell.folder / f"{dana}.zip").write_text("mine")
    ran = shell("people", "export", dana)
    assert ran.code == 2
    assert (shell.folder / f"{dana}.zip").read_text() == "mine"


def test_erase(shell: Shell, dana: str) -> None:
    assert shell("people", "erase", dana).code == 2, "nobody can be asked here"
    receipt = shell("people", "erase", "--yes", "--json", stdin=f"{REF}\n").document
    assert (receipt["id"], receipt["done"]) == (dana, True)
    assert shell("calls", "show", CALL).code == 2
    assert shell("people", "find", stdin=f"{REF}\n").code == 2
    assert "erased" in shell("people", "erase", dana, "--yes").out, "a second time is no error"


def test_a_receipt_is_known_again(shell: Shell, dana: str) -> None:
    receipt = shell("people", "erase", dana, "--yes", "--json").out
    assert shell("people", "verify", stdin=receipt).out.startswith(f"{dana}: erased at ")
    assert shell("people", "verify", "--json", stdin=receipt).document["id"] == dana
    for other in (receipt.replace('"done":true', '"done":false'), receipt[:-9], ""):
        ran = shell("people", "verify", stdin=other)
        assert (ran.code, ran.out) == (2, "")
        assert ran.err.startswith("viva: want ")


@pytest.mark.parametrize("command", ["find", "export", "erase"])
@pytest.mark.parametrize("ref", ["", "\n", "nobody@example.test\n", "\x00\n", "x" * 600])
def test_nobody(command: str, ref: str, shell: Shell) -> None:
    ran = shell("people", command, stdin=ref)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("viva: want ")
    assert "nobody@" not in ran.err
