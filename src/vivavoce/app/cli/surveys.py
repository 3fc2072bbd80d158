"""`viva study survey`: a study put to people, and its prediction beside what they said."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from vivavoce.app.cli import output
from vivavoce.app.cli.group import Group
from vivavoce.app.cli.options import AsJson, Config, Data, Yes, confirm, file
from vivavoce.app.cli.running import settings_of, with_store
from vivavoce.errors import InputError, NotHereError

if TYPE_CHECKING:
    from vivavoce.app.settings import Settings
    from vivavoce.panel.survey.form import PersonAnswer
    from vivavoce.store.store import Store
    from vivavoce.store.surveys import StoredSurvey

app = typer.Typer(cls=Group, help="Surveys: a study put to people, beside what was predicted.")

SurveyId = Annotated[str, typer.Argument(metavar="SURVEY", help="Id of a survey.")]


@app.command("open")
def open_(
    study: Annotated[str, typer.Argument(metavar="STUDY", help="Id of a study that has its result.")],
    by: Annotated[str, typer.Option(metavar="TEXT", help="Who asks and how to reach them; people read it first.")] = "",
    quota: Annotated[int, typer.Option(metavar="N", help="Answers wanted.")] = 200,
    until: Annotated[str, typer.Option(metavar="DATE", help="Last day, such as 2027-01-31; open end by default.")] = "",
    links: Annotated[
        int, typer.Option(metavar="N", help="Print a link each for so many people; one for all by default.")
    ] = 0,
    prices: Annotated[
        Literal["points", "four", "none"] | None,
        typer.Option(help="Ask for the study's prices, Van Westendorp's four, or none; its own by default."),
    ] = None,
    keep_days: Annotated[
        float | None,
        typer.Option(metavar="N", help="Days answers are kept; as the settings say by default."),
    ] = None,
    as_json: AsJson = False,
    data: Data = None,
    config: Config = None,
) -> None:
    """Put a study to people and print the link. What it predicts is written down now, before anybody has answered."""
    from vivavoce.studies.survey import Terms, open_survey

    settings, now = settings_of(data, config), time.time()
    terms = Terms(
        quota=quota,
        until=_end_of(until) if until else None,
        links=links,
        asks=prices,
        by=by,
        keep_days=settings.keep_surveys_days if keep_days is None else keep_days,
    )
    survey, made = with_store(settings, lambda store: open_survey(store.database, study, terms, now=now))
    addresses = _addresses(settings, made or [survey.id])
    if not settings.public_url:
        # nobody tells here where a server runs that was started with a port of its own
        output.note(
            f"links stand wherever your server listens, by the settings at {_listening(settings)}; "
            "set public_url, such as https://talk.example, to have them whole"
        )
    if as_json:
        output.document({"survey": survey.id, "links": addresses})
        return
    output.note(f"survey {survey.id}: {survey.quota} answers wanted, deleted {output.moment(survey.erase_at)[:10]}")
    if not by:
        output.note('people read "whoever gave you this link"; say who asks with --by')
    if made:
        output.note("each link is for one answer; they are shown this once:")
    for address in addresses:
        output.say(address)


@app.command("list")
def list_(
    limit: Annotated[int, typer.Option(min=1, max=10_000, metavar="N", help="The newest so many.")] = 20,
    as_json: AsJson = False,
    data: Data = None,
    config: Config = None,
) -> None:
    """The newest surveys."""
    from vivavoce.store.surveys import Surveys

    found = with_store(settings_of(data, config), lambda store: Surveys(store.database).page(limit=limit))
    if as_json:
        output.document(found)
        return
    rows = [
        (each.id, each.name or each.form.study.ask[:60], _state(each), each.begun, each.answered, each.quota)
        for each in found
    ]
    output.table(["survey", "about", "state", "begun", "answered", "wanted"], rows, empty="no surveys")


@app.command()
def show(survey: SurveyId, as_json: AsJson = False, data: Data = None, config: Config = None) -> None:
    """How far a survey is: who began, who answered, and which answers nobody should count."""
    from vivavoce.panel.survey.checks import FLAGS, counted, flagged

    settings = settings_of(data, config)
    found, answers = with_store(settings, lambda store: _whole(store, survey))
    flags = flagged(answers)
    tally = {name: sum(name in each for each in flags.values()) for name in FLAGS}
    kept = len(counted(answers))
    link = "" if found.links else _addresses(settings, [found.id])[0]
    if as_json:
        output.document({"survey": found, "link": link, "answers": len(answers), "counted": kept, "flags": tally})
        return
    output.say(f"{found.id}: {found.form.study.ask}")
    output.say(f"{_state(found)}, {link or f'{found.links} links of one answer each'}")
    output.say(f"{found.begun} began, {len(answers)} answers, {kept} of {found.quota} wanted are counted")
    output.say(f"answers are deleted {output.moment(found.erase_at)}")
    for name, number in tally.items():
        if number:
            output.say(f"- {number} {FLAGS[name]}")


@app.command()
def close(survey: SurveyId, data: Data = None, config: Config = None) -> None:
    """Take no more answers, but of those who are at it."""
    from vivavoce.store.surveys import Surveys

    found = with_store(settings_of(data, config), lambda store: Surveys(store.database).close(survey, now=time.time()))
    output.say(f"{found.id}: closed, {found.answered} answers")


@app.command()
def export(
    survey: SurveyId,
    format_: Annotated[Literal["csv", "json"], typer.Option("--format", help="json: one document a line.")] = "json",
    out: Annotated[Path | None, file("The file to write; standard output by default.", "--out")] = None,
    data: Data = None,
    config: Config = None,
) -> None:
    """Write what was asked, what was predicted and every answer. `viva calibrate` reads the lines of JSON."""
    from vivavoce.app.survey_files import WRITERS

    found, answers = with_store(settings_of(data, config), lambda store: _whole(store, survey))
    text = WRITERS["csv" if format_ == "csv" else "jsonl"](found, answers)
    if out is None:
        sys.stdout.write(text)
    else:
        output.new_file(out, text.encode(), called="export")
    output.note(f"{survey}: {len(answers)} answers" + ("" if out is None else f" in {out}"))


@app.command()
def score(survey: SurveyId, as_json: AsJson = False, data: Data = None, config: Config = None) -> None:
    """The prediction beside what people said, beside what costs nothing, and beside what other people would say."""
    from vivavoce.app.cli import survey_scores
    from vivavoce.panel.survey.score import scored

    found, answers = with_store(settings_of(data, config), lambda store: _whole(store, survey))
    result = scored(found.form, found.prediction, answers)
    if as_json:
        output.document(result)
        return
    survey_scores.tell(found, result)


@app.command()
def delete(survey: SurveyId, yes: Yes = False, data: Data = None, config: Config = None) -> None:
    """Delete a survey for good, with its links and answers."""
    from vivavoce.store.surveys import Surveys

    settings = settings_of(data, config)
    found = with_store(settings, lambda store: Surveys(store.database).get(survey))
    confirm(f"Delete the survey {survey} with {found.answered} answers for good?", yes=yes)
    if not with_store(settings, lambda store: Surveys(store.database).delete(survey)):
        raise NotHereError(f"want the id of a survey, got {survey[:64]!a}")
    output.say(f"{survey}: deleted")


async def _whole(store: Store, survey: str) -> tuple[StoredSurvey, list[PersonAnswer]]:
    from vivavoce.store.surveys import Surveys

    surveys = Surveys(store.database)
    return await surveys.get(survey), await surveys.answers(survey)


def _addresses(settings: Settings, tokens: Sequence[str]) -> list[str]:
    """Where people answer; without `public_url` the path alone, for `viva serve --port` may have put it anywhere."""
    from vivavoce.app.embedding.addresses import base_of, survey_page

    return [survey_page(base_of(settings, host=""), token) for token in tokens]


def _listening(settings: Settings) -> str:
    from vivavoce.app.embedding.addresses import listening_at

    return listening_at(settings)


def _state(survey: StoredSurvey) -> str:
    now = time.time()
    if survey.closed_at is not None:
        return f"closed {output.moment(survey.closed_at)}"
    if survey.until is None:
        return "open"
    return f"{'open until' if now < survey.until else 'over since'} {_last(survey.until)}"


def _last(until: float) -> str:
    """As `--until` was told: a survey that ends with a day is open until that day, not until the next one."""
    from datetime import datetime, timedelta

    moment = datetime.fromtimestamp(until).astimezone()
    if (moment.hour, moment.minute, moment.second) == (0, 0, 0):
        return f"the end of {(moment - timedelta(days=1)).date()}"
    return output.moment(until)


def _end_of(text: str) -> float:
    """The end of a day here, or a moment that says its time."""
    from datetime import datetime, timedelta

    day_only = len(text) <= len("2027-01-31")
    try:
        return (datetime.fromisoformat(text) + timedelta(days=day_only)).astimezone().timestamp()
    except (ValueError, OverflowError):  # no day, or one beyond the calendar's last or first
        raise InputError(f"want a day such as 2027-01-31 as --until, got {text[:40]!a}") from None
