"""`viva study survey`: from a study with a result to the score beside people."""

from __future__ import annotations

import asyncio
import csv
import io
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from tests.app.cli.conftest import Shell
from tests.panel.survey.asked import opinion
from tests.studies.test_survey import studied
from vivavoce.app.cli.exits import Exit
from vivavoce.panel.survey import lines
from vivavoce.store.store import Store
from vivavoce.store.survey_answers import NewAnswer
from vivavoce.store.surveys import Surveys


async def _study(data: Path) -> None:
    store = await Store.open(f"sqlite:///{data / 'viva.db'}")
    await studied(store)
    await store.close()


async def _answer(data: Path, link: str, choices: list[str], flags: tuple[str, ...] = ()) -> None:
    store = await Store.open(f"sqlite:///{data / 'viva.db'}")
    surveys = Surveys(store.database)
    door = await surveys.door(link.rpartition("/")[2])
    assert door is not None
    for number, choice in enumerate(choices):
        said = msgspec.structs.replace(opinion(choice, pays=20.0), why="@SUM(1)")
        new = NewAnswer(said, 60.0, flags, suspect=bool(flags))
        await surveys.answer(door, f"{flags} {number}", new, now=time.time())
    await store.close()


@pytest.fixture
def asked(shell: Shell) -> Shell:
    asyncio.run(_study(shell.data))
    return shell


def test_people_beside_the_prediction(asked: Shell) -> None:
    last_day = date.today() + timedelta(days=10)  # noqa: DTZ011  # the command means days here, too
    ran = asked("study", "survey", "open", "s", "--by", "Acme Ltd", "--until", str(last_day), "--quota", "50")
    assert ran.code == 0, ran.err
    link = ran.out.strip()
    survey = link.rpartition("/")[2]
    assert link == f"/survey/{survey}", "nobody knows here on which port a server runs"
    assert "wherever your server listens, by the settings at 127.0.0.1:8642; set public_url" in ran.err
    asyncio.run(_answer(asked.data, link, ["approves"] * 30 + ["automatic"] * 5 + [""]))
    asyncio.run(_answer(asked.data, link, ["automatic"] * 9, ("honeypot", "too-fast")))
    shown = asked("study", "survey", "show", survey)
    assert "0 began, 45 answers, 36 of 50 wanted are counted" in shown.out
    assert f"open until the end of {last_day}, /survey/{survey}" in shown.out
    assert "- 9 filled in a field that nobody sees" in shown.out
    until = asked("study", "survey", "show", survey, "--json").document["survey"]["until"]
    end = datetime.fromtimestamp(until, UTC).astimezone()
    assert (end.date(), end.hour) == (last_day + timedelta(days=1), 0), "the whole of the last day"
    score = asked("study", "survey", "score", survey)
    assert score.code == 0, score.err
    for line in (
        "45 answers, 36 counted, 9 left out",
        "people: approves, 100% sure",
        "1 could not choose",
        "all alike (floor)",
        "the longest text (floor)",
        "people beside people: 35 others would choose the same one most in 100% of draws",
    ):
        assert line in score.out, score.out
    assert asked("study", "survey", "score", survey, "--json").document["predictions"][0]["agrees"] is True
    assert "closed, 45 answers" in asked("study", "survey", "close", survey).out
    (row,) = asked("study", "survey", "list", "--json").document
    assert row["closed_at"] is not None
    assert asked("study", "survey", "delete", survey).code == Exit.ASKED_WRONGLY, "nobody can be asked"
    assert asked("study", "survey", "delete", survey, "--yes").code == 0
    assert asked("study", "survey", "show", survey).code != 0


def test_links_stand_whole_where_the_public_address_is_known(asked: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIVA_PUBLIC_URL", "https://talk.example/")
    one = asked("study", "survey", "open", "s")
    assert one.out.startswith("https://talk.example/survey/")
    assert "wherever" not in one.err
    two = asked("study", "survey", "open", "s", "--links", "2", "--json").document
    assert [link.rpartition("/")[0] for link in two["links"]] == ["https://talk.example/survey"] * 2


def test_exported_for_programs_and_for_spreadsheets(asked: Shell) -> None:
    made = asked("study", "survey", "open", "s", "--links", "2", "--json").document
    asyncio.run(_answer(asked.data, made["links"][0], ["approves"]))
    survey = made["survey"]
    exported = asked("study", "survey", "export", survey)
    ((about, answers),) = lines.read(exported.out.encode().splitlines())
    assert (about.id, [each.opinion.choice for each in answers]) == (survey, ["approves"])
    assert asked("study", "survey", "export", survey, "--format", "csv", "--out", "out/answers.csv").code == 0
    (row,) = csv.DictReader(io.StringIO((asked.folder / "out/answers.csv").read_text()))
    assert (row["why"], row["pays"], row["order"]) == ("'@SUM(1)", "20.0", "approves;automatic")
    again = asked("study", "survey", "export", survey, "--out", "out/answers.csv")
    assert (again.code, "want a file that is not there yet" in again.err) == (Exit.ASKED_WRONGLY, True)
    long = asked("study", "survey", "export", survey, "--out", "n" * 300)
    assert "the export cannot be written: File name" in long.err
    assert "nobody is counted yet" not in asked("study", "survey", "score", survey).out
    for link in made["links"]:
        assert link.rpartition("/")[2] not in exported.out, "no link, used or not"


def test_what_is_asked_wrongly(asked: Shell) -> None:
    for args, says in (
        (("open", "none"), "want the id of a study"),
        (("open", "s", "--until", "soon"), "want a day such as 2027-01-31 as --until"),
        (("open", "s", "--until", "2001-01-01"), "want an end that is still to come"),
        (("open", "s", "--until", "9999-12-31"), "want a day such as 2027-01-31 as --until, got '9999-12-31'"),
        (("open", "s", "--until", "0001-01-01"), "viva: want a"),  # on some clocks before the first moment
        (("show", "none"), "want the id of a survey"),
        (("score", "none"), "want the id of a survey"),
    ):
        ran = asked("study", "survey", *args)
        assert (ran.code != 0, says in ran.err) == (True, True), ran.err
