"""`viva study` on a data folder with a panel in it."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy import delete

from tests.app.api.studied import PANEL, studied_in
from tests.app.cli.conftest import CALL, Shell
from vivavoce.app.settings import Settings
from vivavoce.app.study_demo import about
from vivavoce.app.study_files import OFFERS, read_study
from vivavoce.errors import InputError
from vivavoce.findings.study_report.figures import Figure
from vivavoce.jobs.leases import Lease
from vivavoce.jobs.ledger import Ledger
from vivavoce.store import Store
from vivavoce.store.erasing import Erasing
from vivavoce.store.folders import Folders
from vivavoce.store.models import Turn
from vivavoce.store.studies import StoredStudy, Studies
from vivavoce.store.surveys import Surveys
from vivavoce.studies.survey import Terms, open_survey

T = TypeVar("T")


def stored(shell: Shell, work: Callable[[Store], Awaitable[T]]) -> T:
    async def done() -> T:
        store = await Store.open(f"sqlite:///{shell.data / 'viva.db'}")
        try:
            return await work(store)
        finally:
            await store.close()

    return asyncio.run(done())


@pytest.fixture
def names(shell: Shell) -> dict[str, str]:
    return stored(shell, lambda store: studied_in(store.database, Settings(data_dir=str(shell.data))))


def test_a_file_to_begin_with(shell: Shell) -> None:
    assert shell("study", "new", "mine/study.yaml").out == "mine/study.yaml\n"
    assert read_study(Path("mine/study.yaml")) == read_study(OFFERS)
    again = shell("study", "new", "mine/study.yaml")
    assert (again.code, "want a file that is not there yet" in again.err) == (2, True)
    for path in ("n" * 300, "mine/study.yaml/under"):
        assert "the study cannot be written: File" in shell("study", "new", path).err


def test_a_study_is_asked_for_and_goes_on(shell: Shell, names: dict[str, str]) -> None:
    shell("study", "new")
    ran = shell("study", "run", "study.yaml", PANEL, "--seed", "5", "--json", "--embedder", "hashing")
    assert ran.code == 0, ran.err
    study = ran.document["study"]
    assert (study["state"], study["seed"], ran.document["result"]) == ("open", 5, None)
    again = shell("study", "run", "study.yaml", PANEL, "--seed", "5", "--embedder", "hashing")
    assert again.out == f"study {study['id']}: open, 0 of 3 ballots; job {study['job']}\n"
    assert "no worker is running, so it waits" in again.err
    shown = shell("jobs", "show", study["job"], "--json").document
    assert (shown["kind"], shown["state"]) == ("study", "waiting")


def test_a_model_is_asked_by_a_worker_with_settings_of_its_own(
    shell: Shell, names: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIVA_RESPONDENT_OPENAI_URL", "http://127.0.0.1:9/v1")
    shell("study", "new")
    run = ("study", "run", "study.yaml", PANEL, "--embedder", "hashing", "--with")
    said = "a worker on its-machine asks openai:m, at the address and with the key of its own settings"
    assert said not in shell(*run, "openai:m").err, "there is no worker"
    stored(shell, lambda store: Lease(Ledger(store.database), "its-machine-17-0a1b2c3d", "1").begin())
    assert said in shell(*run, "openai:m").err
    assert "a worker on" not in shell(*run, "reasoner").err


def test_whoever_waits_sees_what_came_of_it(
    shell: Shell, names: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def waited(_settings: Settings, store: Store, _study: object) -> StoredStudy:
        """Somebody has done it meanwhile."""
        return await Studies(store.database).get(names["study_id"])

    monkeypatch.setattr("vivavoce.app.cli.studies.waited", waited)
    shell("study", "new")
    ran = shell("study", "run", "study.yaml", PANEL, "--wait", "--out", "out/study.html", "--embedder", "hashing")
    assert ran.code == 0, ran.err
    assert "verdict of reasoner/3 (hashing/1, weak): undecided, not enough evidence" in ran.out
    assert "None of 1 members gives an answer: nothing that was said bears on it." in ran.out
    assert "1.0 to 10.0" not in ran.out, "where nobody answers there are no marks"
    assert "It is settled when one is more than 95 % sure" in ran.out
    assert "It reminds your customers by itself." in Path("out/study.html").read_text()


def test_shown_listed_and_deleted(shell: Shell, names: dict[str, str]) -> None:
    open_ = names["studies_go_on.study_id"]
    assert shell("study", "list", PANEL).out.count("\n") == 2 + 3
    assert [each["id"] for each in shell("study", "list", "--limit", "1", "--json").document] == [
        names["studies_delete_study.study_id"]
    ]
    assert shell("study", "list", "none").err == "no studies\n"
    assert shell("study", "show", names["study_id"], "--json").document["result"]["differ"] is False
    assert shell("study", "show", open_).out.startswith(f"study {open_}: open, 0 of 3 ballots")
    refused = shell("study", "show", open_, "--out", "page.html")
    assert (refused.code, "got one that is open" in refused.err) == (1, True)
    assert shell("study", "delete", open_).code == 2, "nobody can be asked"
    assert shell("study", "delete", open_, "--yes").out == f"{open_}: deleted, 0 ballots\n"
    assert shell("study", "show", open_).code == 2


def test_what_is_different(shell: Shell, names: dict[str, str]) -> None:
    study = names["study_id"]
    same = shell("study", "diff", study, study)
    assert (same.out, same.err) == ("", "nothing: the same was asked, and the same came of it\n")
    assert shell("study", "diff", study, names["studies_go_on.study_id"]).code == 1


def test_a_file_that_holds_no_study(shell: Shell) -> None:
    for text, wanted in (
        ("ask: Which?\nvariants: []\n", "want 1 to 6 variants, got 0"),
        ("ask: Which?\n", "missing required field `variants`"),
        ("ask: Which?\nvariants: [{id: a, text: One.}]\nreference-price: 3\n", "reference-price"),
        (
            "ask: Which?\nvariants: [{id: a, text: One., price: 20 EUR}]\n",
            "a price is a bare number (price: 20), and its currency stands once for all (currency: EUR)",
        ),
        ("ask: [", "want a study (ask, variants)"),
    ):
        Path("study.yaml").write_text(text)
        ran = shell("study", "run", "study.yaml", PANEL)
        assert (ran.code, wanted in ran.err) == (2, True), ran.err
    assert "No such file" in shell("study", "run", "nowhere.yaml", PANEL).err
    Path("study.yaml").write_bytes(b"a" * 300_000)
    with pytest.raises(InputError, match="at most 262144 bytes"):
        read_study(Path("study.yaml"))


def test_the_demo_is_about_what_the_founder_told(shell: Shell) -> None:
    """The call of this folder told how bad it is, and nothing that a study needs: the example stays as it is. Its words
    are gone, so no insight is of it; what it told goes with it none the less.
    """
    stored(shell, lambda store: store.database.run(delete(Turn)))
    ran = shell("study", "demo", "--data", str(shell.data), "--embedder", "hashing", "--out", "demo.html")
    assert ran.code == 0, ran.err
    assert "“worth” is how many people who have nothing to do with each other would tell as much" in ran.out
    parts = ("verdict of reasoner/3", "doubt: ", "nearest to “", "evidence\n", "(file, person ", "would settle it")
    for part in (*parts, "demo.html"):
        assert part in ran.out
    assert Path("demo.html").read_text().startswith("<!doctype html>")
    assert CALL not in ran.out

    async def erased(store: Store) -> tuple[int, int]:
        """What is left of the demo, and of a survey of it, when the call is erased."""
        (study,) = await Studies(store.database).page()
        await open_survey(store.database, study.id, Terms(), now=study.made_at)
        await Erasing(store.database, Folders.of(shell.data)).call(CALL, now=study.made_at)
        return len(await Studies(store.database).page()), len(await Surveys(store.database).page())

    assert stored(shell, erased) == (0, 0)


def test_a_founders_facts_take_the_place_of_the_example() -> None:
    example = read_study(OFFERS)
    told = {
        "customer": "Owners of small accounting companies.",
        "workaround": "They copy everything by hand.",
        "price": {"amount": 90.0, "currency": "USD"},
    }
    study = about(example, told)
    assert study.context.endswith("It is for Owners of small accounting companies.")
    assert (study.today, study.currency, study.reference_price) == ("They copy everything by hand", "USD a month", None)
    assert [each.price for each in study.variants] == [90.0, 90.0]
    assert study.prices is not None
    assert study.prices.points == (45.0, 67.5, 90.0, 135.0, 180.0)
    spent = about(example, told | {"spend_today": {"amount": 40, "currency": "USD"}})
    assert spent.reference_price == 40.0
    assert about(example, {}) == example
    for amount in (0.01, 1e300, -1):
        assert about(example, {"price": {"amount": amount, "currency": "EUR"}}) == example
    assert about(example, {"price": "about ninety", "customer": "owners"}) == example


def test_what_a_study_leaves_in_files(shell: Shell, names: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    study, open_ = names["study_id"], names["studies_go_on.study_id"]
    pytest.importorskip("typst")
    monkeypatch.setattr("vivavoce.findings.study_report.pdf.drawings", lambda _: ({}, ""))
    figure = Figure(name="appeal-1", chart={"mark": "bar"})  # nobody answers in this study
    monkeypatch.setattr("vivavoce.findings.study_report.figures.figures", lambda _: [figure])
    monkeypatch.setattr("vivavoce.findings.charts.drawn", lambda _: "<svg/>")
    monkeypatch.setattr("vivavoce.findings.charts.pictured", lambda _: b"\x89PNG")
    ran = shell("study", "show", study, "--pdf", "out/a.pdf", "--charts", "charts", "--ballots", "out/a.csv", "--json")
    assert ran.code == 0, ran.err
    assert ran.document["study"]["id"] == study, "what is said of the files is beside the result"
    assert Path("out/a.pdf").read_bytes().startswith(b"%PDF-")
    assert sorted(path.name for path in Path("charts").iterdir()) == [
        "appeal-1.png",
        "appeal-1.svg",
        "appeal-1.vl.json",
    ]
    assert json.loads(Path("charts/appeal-1.vl.json").read_text()) == figure.chart
    assert Path("out/a.csv").read_text().startswith("number,part,respondent,")
    assert shell("study", "show", study, "--ballots", "a.jsonl").code == 0
    lines = [json.loads(line) for line in Path("a.jsonl").read_text().splitlines()]
    assert [each["number"] for each in lines] == list(range(len(lines)))
    assert lines[0]["ballot"]["respondent"].startswith("reasoner/")
    assert shell("study", "show", open_, "--ballots", "none.csv").code == 0, "an open one has those it has"
    assert shell("study", "show", open_, "--pdf", "none.pdf").code == 1
    assert shell("study", "survey", "open", study).code == 0
    assert shell("study", "show", study, "--out", "asked.html").code == 0
    assert "A survey of people is open" in Path("asked.html").read_text()
    monkeypatch.setitem(sys.modules, "typst", None)
    refused = shell("study", "show", study, "--pdf", "none.pdf")
    assert (refused.code != 0, "vivavoce[report]" in refused.err) == (True, True)
