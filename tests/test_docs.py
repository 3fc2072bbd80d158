"""The docs are tested: made pages are current, links lead somewhere, settings and commands are all described."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from vivavoce.app.settings import Settings

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def test_made_pages_are_current() -> None:
    # in a process of its own, as `make docs` does: what other tests did to the commands is no part of them
    code = "from tools.make_docs import pages; print(*(at for at, text in pages().items() if at.read_text() != text))"
    stale = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert stale.stdout.split() == [], "run `make docs`"


def links(page: Path) -> Iterator[str]:
    for target in re.findall(r"\]\(([^)]+)\)", page.read_text()):
        if not re.match(r"https?://|mailto:|#", target):
            yield target.split("#")[0]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    assert [target for target in links(page) if not (page.parent / target).exists()] == []


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached, todo = set(), [ROOT / "README.md"]
    while todo:
        page = todo.pop().resolve()
        if page in reached or page.suffix != ".md":
            continue
        reached.add(page)
        todo += [page.parent / target for target in links(page)]
    pages = {
        page.resolve()
        for page in PAGES
        if page.parent.name in ("tutorial", "howto", "reference", "explanation", "decisions")
    }
    assert pages - reached == set()


@pytest.mark.parametrize("name", Settings.__struct_fields__)
def test_every_setting_says_what_it_means(name: str) -> None:
    (row,) = re.findall(rf"^\| `{name}` \|.*$", (ROOT / "docs/reference/settings.md").read_text(), re.MULTILINE)
    assert len(row.split(" | ")[-1]) > 15


def test_every_room_is_explained() -> None:
    page = (ROOT / "docs/explanation/architecture.md").read_text()
    rooms = {path.name for path in (ROOT / "src/vivavoce").iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert rooms <= set(re.findall(r"^\| `(\w+)/`", page, re.MULTILINE))


def test_every_machine_is_explained() -> None:
    page = (ROOT / "docs/explanation/conversation.md").read_text()
    shared = {"__init__", "conversation", "effects", "events", "ledger", "log", "machine", "settings", "signals"}
    shared |= {"remarks", "story", "telling"}  # what is told of a log
    machines = {path.stem for path in (ROOT / "src/vivavoce/conversation").glob("*.py")} - shared
    assert machines == set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE))
