"""`viva personas`: a panel from a corpus to a page."""

from __future__ import annotations

import asyncio
import csv
from pathlib import Path

import pytest

from tests.app.cli.conftest import Shell
from tests.conversation.talk import ROOT
from vivavoce.app.cli.exits import Exit
from vivavoce.panel.insights import Insight, insight_id
from vivavoce.store.insights import Insights
from vivavoce.store.store import Store

EXAMPLES = ROOT / "examples/insights"
QUESTION = str(EXAMPLES / "reconciliation.question.yaml")


async def _fill(data: Path, most: int) -> None:
    store = await Store.open(f"sqlite:///{data / 'viva.db'}")
    insights = Insights(store.database)
    await insights.create("bookkeeping", now=1.0)
    with (EXAMPLES / "bookkeeping.csv").open(encoding="utf-8", newline="") as file:
        rows = [
            Insight(
                id=insight_id("file", row["id"]), source="file", ref=row["id"], text=row["text"], person=row["person"],
                group=row["group"],
            )
            for row in csv.DictReader(file)
        ]  # fmt: skip
    await insights.add("bookkeeping", rows[:most], now=1.0)
    await store.close()


@pytest.fixture
def corpus(shell: Shell) -> Shell:
    asyncio.run(_fill(shell.data, 60))
    return shell


def test_a_panel_is_built_asked_shown_and_listed(corpus: Shell) -> None:
    ran = corpus(
        "personas", "build", "bookkeeping", "--embedder", "hashing", "--question", QUESTION, "--out", "out/panel.html"
    )
    assert ran.code == 0, ran.err
    assert "60 insights of 60 people" in ran.out
    assert "the embedder knows spellings and no meanings" in ran.out
    assert "not validated" in ran.out
    page = (corpus.folder / "out/panel.html").read_text()
    assert "Would you use this for the next month end?" in page
    (listed,) = corpus("personas", "list", "--json").document
    assert listed["corpus"] == "bookkeeping"
    shown = corpus("personas", "show", listed["id"], "--json").document
    built = corpus("personas", "build", "bookkeeping", "--embedder", "hashing", "--json").document
    assert shown["panel"] == built["panel"], "the same evidence, wish and seed"
    other = corpus("personas", "build", "bookkeeping", "--embedder", "hashing", "--seed", "2", "--json").document
    assert other["panel"]["personas"] != built["panel"]["personas"]


def test_members_disagree(corpus: Shell) -> None:
    found = corpus(
        "personas", "build", "bookkeeping", "--embedder", "hashing", "--question", QUESTION, "--json"
    ).document  # fmt: skip
    appeals = [answer["appeal"] for ballot in found["ballots"] for answer in ballot.get("answers", ())]
    assert len(appeals) >= 4
    assert max(appeals) - min(appeals) > 1
    reasons = [reason for ballot in found["ballots"] for answer in ballot["answers"] for reason in answer["reasons"]]
    assert any(reason.get("evidence") for reason in reasons)


def test_thin_evidence_stops_it_unless_forced(shell: Shell) -> None:
    asyncio.run(_fill(shell.data, 12))
    ran = shell("personas", "build", "bookkeeping", "--embedder", "hashing")
    assert ran.code == Exit.ASKED_WRONGLY
    assert "12 insights of 12 people" in ran.err
    assert shell("personas", "list").out == ""
    forced = shell("personas", "build", "bookkeeping", "--embedder", "hashing", "--force")
    assert forced.code == 0
    assert "fewer than 30 insights" in forced.out


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["build", "nothing"], "want the name of a corpus, got 'nothing'"),
        (["build", "bookkeeping", "--embedder", "magic"], "'magic'"),
        (["build", "bookkeeping", "--niche", "bookeeping"], "got 'bookeeping'"),
        (["build", "bookkeeping", "--archetype", "wizard"], "'wizard'"),
        (["build", "bookkeeping", "--question", "missing.yaml"], "missing.yaml"),
        (["show", "nobody"], "want the id of a panel, got 'nobody'"),
    ],
)
def test_what_cannot_be_had_is_one_line(corpus: Shell, args: list[str], said: str) -> None:
    ran = corpus("personas", *args)
    assert ran.code != 0
    assert said in ran.err
    assert ran.err.strip().count("\n") == 0


def test_a_question_that_is_none_is_refused(corpus: Shell) -> None:
    (corpus.folder / "q.yaml").write_text("ask: [1, 2]\n")
    ran = corpus("personas", "build", "bookkeeping", "--embedder", "hashing", "--question", "q.yaml")
    assert ran.code == Exit.ASKED_WRONGLY
    assert "q.yaml" in ran.err
