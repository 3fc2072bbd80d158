"""`viva study`: a panel is asked, and what comes of it is shown, compared and deleted."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vivavoce.app.cli import output, surveys
from vivavoce.app.cli.collecting import say_if_nobody_works
from vivavoce.app.cli.exits import Exit
from vivavoce.app.cli.group import Group
from vivavoce.app.cli.options import AsJson, Config, Data, Yes, confirm, file, folder
from vivavoce.app.cli.running import settings_of, with_store
from vivavoce.app.cli.study_demo import demo
from vivavoce.app.cli.study_jobs import asked, waited
from vivavoce.app.cli.study_papers import Papers, write_ballots, write_papers
from vivavoce.app.cli.verdicts import tell_changes, tell_result, tell_state
from vivavoce.errors import StaleError

if TYPE_CHECKING:
    from vivavoce.findings.study_record import StudyRecord
    from vivavoce.panel.changes import Change
    from vivavoce.store.store import Store
    from vivavoce.store.studies import StoredStudy

app = typer.Typer(cls=Group, help="Studies: a panel is asked, and says how sure it is.")
app.command()(demo)
app.add_typer(surveys.app, name="survey")

StudyId = Annotated[str, typer.Argument(metavar="STUDY", help="Id of a study.")]
StudyFile = Annotated[Path, typer.Argument(metavar="FILE", help="A study (YAML); `viva study new` writes one.")]
PageFile = Annotated[Path | None, file("Write the report here (HTML).", "--out")]
PdfFile = Annotated[Path | None, file("Write the report here (PDF).", "--pdf")]
ChartsFolder = Annotated[Path | None, folder("Write the charts here: Vega-Lite, SVG and PNG.", "--charts")]


@app.command()
def new(path: Annotated[Path, typer.Argument(metavar="FILE", help="Where it goes.")] = Path("study.yaml")) -> None:
    """Write a study file to begin with: every field, with a word about it."""
    from vivavoce.app.study_files import OFFERS

    output.new_file(path, OFFERS.read_bytes(), called="study")
    output.say(f"{path}")


@app.command()
def run(
    path: StudyFile,
    panel_id: Annotated[str, typer.Argument(metavar="PANEL", help="Id of a panel.")],
    with_: Annotated[
        list[str] | None,
        typer.Option(
            "--with", metavar="NAME", help="reasoner (the default), openai:MODEL or gemini:MODEL; may be repeated."
        ),
    ] = None,
    seed: Annotated[int | None, typer.Option(metavar="N", help="Of whatever is drawn; that of the panel else.")] = None,
    embedder: Annotated[
        str, typer.Option("--embedder", metavar="NAME", help="minilm, hashing or openai:MODEL; that of the panel else.")
    ] = "",
    out: PageFile = None,
    pdf: PdfFile = None,
    wait: Annotated[
        bool, typer.Option("--wait", help="Show how it gets on until it is over, and what came of it.")
    ] = False,
    as_json: AsJson = False,
    data: Data = None,
    config: Config = None,
) -> None:
    """Ask a panel. The same study that stopped before its end goes on, and what was answered is not asked again.

    A worker does it: that of `viva serve`, one of `viva worker`, or, with --wait where there is none, one for as long.
    """
    from vivavoce.app.study_files import read_study
    from vivavoce.jobs.ledger import Ledger

    spec, settings, papers = read_study(path), settings_of(data, config), Papers(out, pdf)

    async def work(store: Store) -> tuple[StoredStudy, StudyRecord | None]:
        study = await asked(settings, store, spec, panel_id, seed=seed, respondents=with_ or (), embedder=embedder)
        if wait or papers:
            study = await waited(settings, store, study)
        elif study.state == "open":
            await say_if_nobody_works(Ledger(store.database))
        return study, await _record(store, study) if study.state == "done" else None

    study, record = with_store(settings, work)
    _hand_over(study, record, papers, as_json=as_json)
    if (wait or papers) and record is None:
        raise typer.Exit(Exit.FAILED)


@app.command()
def show(
    study_id: StudyId,
    out: PageFile = None,
    pdf: PdfFile = None,
    charts: ChartsFolder = None,
    ballots: Annotated[
        Path | None, file("Write every ballot here: a table for .csv, else a JSON document a line.", "--ballots")
    ] = None,
    as_json: AsJson = False,
    data: Data = None,
    config: Config = None,
) -> None:
    """Show how far a study is, and what came of it."""
    papers = Papers(out, pdf, charts)

    async def work(store: Store) -> tuple[StoredStudy, StudyRecord | None]:
        from vivavoce.store.studies import Studies

        studies = Studies(store.database)
        study = await studies.get(study_id)
        if ballots is not None:
            await write_ballots(studies, study_id, ballots)
        return study, await _record(store, study) if study.state == "done" else None

    study, record = with_store(settings_of(data, config), work)
    if papers and record is None:
        raise StaleError(f"want a study that is done, got one that is open: {study.asked} of {study.wanted} ballots")
    _hand_over(study, record, papers, as_json=as_json)


@app.command("list")
def list_(
    panel_id: Annotated[str | None, typer.Argument(metavar="PANEL", help="Only those of this panel.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, metavar="N", help="The newest so many.")] = 20,
    as_json: AsJson = False,
    data: Data = None,
    config: Config = None,
) -> None:
    """The newest studies."""
    from vivavoce.store.studies import Studies

    found = with_store(settings_of(data, config), lambda store: Studies(store.database).page(panel_id, limit=limit))
    if as_json:
        output.document(found)
        return
    rows = [
        (
            each.id,
            each.name or each.spec.ask,
            each.panel_id,
            ", ".join(each.respondents),
            each.state,
            f"{each.asked} of {each.wanted}",
            output.moment(each.made_at),
        )
        for each in found
    ]
    output.table(["study", "what", "panel", "asked of", "state", "ballots", "made"], rows, empty="no studies")


@app.command()
def diff(
    before: StudyId,
    after: Annotated[str, typer.Argument(metavar="OTHER", help="Id of another one.")],
    as_json: AsJson = False,
    data: Data = None,
    config: Config = None,
) -> None:
    """What is different between two results, and what was different before: spec, evidence, seed, versions."""

    async def work(store: Store) -> tuple[Change, ...]:
        from vivavoce.findings.study_record import collect_study
        from vivavoce.panel.changes import changes

        one, other = await collect_study(store.database, before), await collect_study(store.database, after)
        return changes((one.study.spec, one.result), (other.study.spec, other.result))

    found = with_store(settings_of(data, config), work)
    if as_json:
        output.document(found)
    else:
        tell_changes(found)


@app.command()
def delete(study_id: StudyId, yes: Yes = False, data: Data = None, config: Config = None) -> None:
    """Delete a study for good, with its ballots; one under way is stopped."""
    from vivavoce.store.studies import Studies

    settings = settings_of(data, config)
    study = with_store(settings, lambda store: Studies(store.database).get(study_id))
    confirm(f"Delete the study {study.name or study_id} with {study.asked} ballots for good?", yes=yes)

    async def work(store: Store) -> None:
        from vivavoce.jobs.ledger import Ledger

        if study.job is not None:
            await Ledger(store.database).cancel(study.job)
        await Studies(store.database).delete(study_id)

    with_store(settings, work)
    output.say(f"{study_id}: deleted, {study.asked} ballots")


async def _record(store: Store, study: StoredStudy) -> StudyRecord:
    from vivavoce.findings.study_record import collect_study

    return await collect_study(store.database, study.id)


def _hand_over(study: StoredStudy, record: StudyRecord | None, papers: Papers, *, as_json: bool) -> None:
    if record is not None:
        write_papers(record, papers)
    if as_json:
        output.document({"study": study, "result": None if record is None else record.result})
        return
    tell_state(study)
    if record is not None:
        tell_result(record)
        if papers.page is not None:
            output.say(f"\n{papers.page}")
