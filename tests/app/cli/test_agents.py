"""`viva agents`: from a file to the version that callers meet, and back."""

from __future__ import annotations

import pytest

from tests.app.cli.conftest import Shell
from tests.conversation.talk import ROOT

SOURCE = (ROOT / "examples/agents/founder.yaml").read_text()


def states(shell: Shell) -> dict[tuple[str, str], str]:
    """State by name and origin, as a person reads it."""
    rows = [line.split("  ") for line in shell("agents", "list").out.splitlines()[2:]]
    cells = [[cell.strip() for cell in row if cell.strip()] for row in rows]
    known = ("met by callers", "draft has changes", "draft", "does not hold", "hidden by the database's")
    return {(row[0], row[1]): next(cell for cell in row if cell in known) for row in cells}


def test_files_of_the_folder(shell: Shell) -> None:
    assert states(shell) == {("founder", "file"): "met by callers"}
    assert shell("agents", "show", "founder").out == SOURCE
    assert shell("agents", "show", "founder", "--json").document["origin"] == "file"


def test_from_draft_to_version_and_back(shell: Shell) -> None:
    file = shell.folder / "agents/founder.yaml"
    assert "a new agent" in shell("agents", "push", str(file), "--name", "founder").out
    assert states(shell)["founder", "database"] == "draft"
    assert "callers meet version 1" in shell("agents", "publish", "founder", "--note", "the first").out
    assert states(shell) == {
        ("founder", "database"): "met by callers",
        ("founder", "file"): "hidden by the database's",
    }
    changed = SOURCE.replace("minutes: 35", "minutes: 20")
    assert "the draft was changed" in shell("agents", "push", "-", "--name", "founder", stdin=changed).out
    assert states(shell)["founder", "database"] == "draft has changes"
    assert shell("agents", "show", "founder").out == SOURCE
    assert shell("agents", "show", "founder", "--draft").out == changed
    assert "version 2" in shell("agents", "push", "-", "--name", "founder", "--publish", stdin=changed).out
    assert "callers meet version 3" in shell("agents", "restore", "founder", "1").out
    versions = shell("agents", "versions", "founder", "--json").document
    assert [version["version"] for version in versions] == [3, 2, 1]
    assert versions[0]["spec_hash"] == versions[2]["spec_hash"] != versions[1]["spec_hash"]
    assert "the first" in shell("agents", "versions", "founder").out
    assert shell("agents", "show", "founder", "--version", "2").out == changed
    assert shell("agents", "delete", "founder", "--yes").code == 0
    assert states(shell) == {("founder", "file"): "met by callers"}


def test_what_does_not_hold_is_not_kept(shell: Shell) -> None:
    ran = shell("agents", "push", "-", stdin=SOURCE.replace("collect:", "colect:", 1))
    assert ran.code == 2
    assert "did you mean collect" in ran.err
    assert states(shell) == {("founder", "file"): "met by callers"}


def test_a_file_that_does_not_hold_is_shown_as_such(shell: Shell) -> None:
    (shell.folder / "agents/broken.yaml").write_text("title: [")
    assert states(shell)["broken", "file"] == "does not hold"
    [broken] = [agent for agent in shell("agents", "list", "--json").document if agent["name"] == "broken"]
    assert broken["problem"]


@pytest.mark.parametrize(
    "args",
    [
        ("show", "nobody"),
        ("show", "nobody", "--draft"),
        ("show", "founder", "--version", "7"),
        ("show", "../../etc/passwd"),
        ("publish", "nobody"),
        ("versions", "nobody"),
        ("restore", "nobody", "1"),
        ("delete", "nobody", "--yes"),
        ("push", "nowhere.yaml"),
        ("push", "agents/founder.yaml", "--name", "../x"),
    ],
)
def test_what_is_not_there(args: tuple[str, ...], shell: Shell) -> None:
    ran = shell("agents", *args)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("viva: want ")
    assert ran.err.count("\n") == 1


def test_nothing_is_deleted_unasked(shell: Shell) -> None:
    shell("agents", "push", "agents/founder.yaml", "--name", "founder", "--publish")
    ran = shell("agents", "delete", "founder")
    assert ran.code == 2
    assert "want --yes where nobody can be asked" in ran.err
    assert ("founder", "database") in states(shell)
