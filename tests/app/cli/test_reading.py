"""`viva insights read` and `viva insights evaluate`."""

from __future__ import annotations

import asyncio

from tests.app.cli.conftest import Shell
from tests.store.corpora import NOW, insight
from tests.studies.evaluation.written import folder
from vivavoce.store.insights import Insights
from vivavoce.store.store import Store


def filled(shell: Shell) -> None:
    async def fill() -> None:
        store = await Store.open(f"sqlite:///{shell.data / 'viva.db'}")
        insights = Insights(store.database)
        await insights.create("invoicing", now=NOW)
        await insights.add("invoicing", [insight(1), insight(2)], now=NOW)
        await store.close()

    asyncio.run(fill())


def test_a_corpus_is_read(shell: Shell) -> None:
    filled(shell)
    ran = shell("insights", "read", "invoicing")
    assert ran.code == 0
    assert ["niche", "bookkeeping", "2"] in [line.split() for line in ran.out.splitlines()]
    assert shell("insights", "read", "invoicing", "--json").document["niches"] == {"bookkeeping": 2}


def test_no_such_corpus(shell: Shell) -> None:
    ran = shell("insights", "read", "nothing")
    assert (ran.code, ran.err) == (2, "viva: want the name of a corpus, got 'nothing'\n")


def test_an_evaluation(shell: Shell) -> None:
    data = folder(shell.folder)
    ran = shell("insights", "evaluate", "--data", str(data), "--embedder", "hashing")
    assert ran.code == 0
    assert "restaurants" in ran.out
    assert "embedder hashing/1, seed 1" in ran.out
    document = shell("insights", "evaluate", "--data", str(data), "--embedder", "hashing", "--json").document
    assert {each["part"] for each in document["measures"]} >= {"niche", "kind", "sentiment", "groups", "richness"}


def test_an_evaluation_of_nothing(shell: Shell) -> None:
    ran = shell("insights", "evaluate", "--data", str(shell.folder), "--embedder", "hashing")
    assert (ran.code, "insights.csv" in ran.err) == (2, True)
    assert shell("insights", "evaluate", "--data", str(shell.folder), "--embedder", "best").code == 2
