"""`viva faults`: the list, a file, and what is none."""

from __future__ import annotations

from tests.app.cli.conftest import Shell
from vivavoce.local.faults.library import names, scenario, source


def test_the_list(shell: Shell) -> None:
    told = " ".join(shell("faults", "list").out.split())
    assert all(name in told and scenario(name).story in told for name in names())
    found = shell("faults", "list", "--json").document
    assert [each["name"] for each in found] == names()
    assert {each["at"] for each in found} == {"model", "caller", "storage", "server"}


def test_one(shell: Shell) -> None:
    assert shell("faults", "show", "dropped").out == source("dropped")
    found = shell("faults", "show", "dropped", "--json").document
    assert found["name"] == "dropped"
    assert found["told"] == ["reconnecting"]
    assert found["faults"][0]["do"] == "reset"


def test_none(shell: Shell) -> None:
    ran = shell("faults", "show", "droped")
    assert ran.code == 2
    assert ran.err == "viva: want the name of a scenario, got 'droped'; did you mean dropped\n"
