"""`viva personas`: a panel from a corpus to a page."""

from __future__ import annotations

import asyncio
import csv
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.app.cli.conftest import Shell
from tests.conversation.talk import ROOT
from vivavoce.app.cli.exits import Exit
from vivavoce.panel.insights import Insight, insight_id
from vivavoce.store.insights import Insights
from vivavoce.store.store import Store
from vivavoce.studies.embedding import weights

EXAMPLES = ROOT / "examples/insights"
QUESTION = str(EXAMPLES / "reconciliation.question.yaml")


async def _fill(data: Path, most: int, corpus: str = "bookkeeping") -> None:
    store = await Store.open(f"sqlite:///{data / 'viva.db'}")
    insights = Insights(store.database)
    await insights.create(corpus, now=1.0)
    with (EXAMPLES / "bookkeeping.csv").open(encoding="utf-8", newline="") as file:
        rows = [
            Insight(
                id=insight_id("file", row["id"]), source="file", ref=row["id"], text=row["text"], person=row["person"],
                group=row["group"],
            )
            for row in csv.DictReader(file)
        ]  # fmt: skip
    await insights.add(corpus, rows[:most], now=1.0)
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


@pytest.mark.skipif(find_spec(weights.PACKAGE) is None, reason="the weights are not installed")
def test_members_disagree_for_reasons_that_somebody_said(corpus: Shell) -> None:
    found = corpus("personas", "build", "bookkeeping", "--question", QUESTION, "--json").document
    ballots = [ballot for ballot in found["ballots"] if ballot.get("answers")]
    firsts = {max(ballot["prefers"], key=ballot["prefers"].get) for ballot in ballots}
    assert firsts == {"approves", "automatic"}
    reasons = [reason for ballot in ballots for answer in ballot["answers"] for reason in answer["reasons"]]
    said = [reason for reason in reasons if reason.get("evidence")]
    assert {reason["sign"] for reason in said} == {"pro", "con"}
    against = next(reason for reason in said if reason["sign"] == "con")
    rows = corpus("insights", "list", "bookkeeping", "--limit", "100", "--json").document
    assert against["evidence"][0] in {row["insight"]["id"] for row in rows}


def test_the_same_insights_in_two_corpora_are_two_panels(corpus: Shell) -> None:
    asyncio.run(_fill(corpus.data, 60, "ledgers"))
    for name in ("bookkeeping", "ledgers"):
        assert corpus("personas", "build", name, "--embedder", "hashing").code == 0
    assert {each["corpus"] for each in corpus("personas", "list", "--json").document} == {"bookkeeping", "ledgers"}
    assert corpus("insights", "delete", "ledgers", "--yes").code == 0
    assert [each["corpus"] for each in corpus("personas", "list", "--json").document] == ["bookkeeping"]


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
