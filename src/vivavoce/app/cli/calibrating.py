"""`viva calibrate`: how good panels and models are on what people did, beside what costs nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vivavoce.app.cli import output
from vivavoce.app.cli.options import AsJson, file, folder
from vivavoce.app.cli.running import run
from vivavoce.errors import InputError

if TYPE_CHECKING:
    from vivavoce.studies.calibration import Calibration, Task
    from vivavoce.studies.port import Embedder


def calibrate(
    data: Annotated[Path | None, folder("Folder with outcomes as CSV files.", "--data")] = None,
    task: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Only this one; may be repeated. All that there are without."),
    ] = None,
    surveys: Annotated[Path | None, file("Surveys that people answered, as exported in JSON lines.")] = None,
    embedder: Annotated[str, typer.Option(metavar="NAME", help="What knows meanings: minilm or hashing.")] = "minilm",
    seed: Annotated[int, typer.Option(min=0, metavar="N", help="The same seed is the same figures.")] = 9,
    out: Annotated[Path | None, file("Write a page with charts.")] = None,
    pdf: Annotated[Path | None, file("Write it for paper.")] = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print the tables as they stand in the docs.")] = False,
    refit: Annotated[bool, typer.Option("--refit", help="Fit the packaged weights anew; for a source tree.")] = False,
    as_json: AsJson = False,
) -> None:
    """Measure panels and models on what people did, each beside its controls and what people themselves reach.

    Every figure has a 95 % interval over whole groups, and is of groups that nothing was fitted on. Nothing of the data
    is kept or printed. Tasks whose files are not there are listed. With MiniLM all of them take some minutes of a core.
    """
    from datetime import UTC, datetime

    from vivavoce.studies import calibration
    from vivavoce.studies.embedding import open_embedder

    day = datetime.now(UTC).strftime("%Y-%m-%d")
    measure = open_embedder(embedder)
    if refit:
        _refit(data, measure, seed=seed, day=day)
        return
    with output.progress() as tell:
        found = run(
            calibration.calibrate(data, measure, names=task or (), survey_file=surveys, seed=seed, day=day, tell=tell)
        )
    if out is not None:
        from vivavoce.findings.calibration_page import render_calibration

        _write(out, render_calibration(found).encode())
    if pdf is not None:
        from vivavoce.findings.calibration_pdf import typeset_calibration

        _write(pdf, typeset_calibration(found))
    if as_json:
        output.document(found)
    elif markdown:
        output.say(calibration.markdown(found).rstrip("\n"))
    else:
        _show(found)


def _refit(data: Path | None, measure: Embedder, *, seed: int, day: str) -> None:
    from vivavoce.studies.calibration import refit as fitting

    if data is None:
        raise InputError("want a folder of data to fit on (--data), got none")
    model = run(fitting.refit(data, measure, seed=seed, day=day))
    for line in fitting.changed(model):
        output.say(line)
    path = fitting.write(model)
    output.say(f"{path.name} is written")


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise InputError(f"{path.name} cannot be written: {error.strerror}") from None
    output.note(f"{path.name} is written")


def _show(found: Calibration) -> None:
    from vivavoce.studies.calibration import tables

    for task in found.tasks:
        _show_task(task)
    if goals := tables.goals(found):
        output.say("")
        output.table(["number set before", "task", "came", ""], goals, empty="")
    output.say(f"\nvivavoce {found.version}, {found.embedder}, seed {found.seed}, {found.machine}")
    for name, why in found.not_run.items():
        output.say(f"{name} was not run: {why}")


def _show_task(task: Task) -> None:
    from vivavoce.studies.calibration import tables

    output.say(f"\n{task.name}: {task.asks} ({tables.counted(task)}; {task.seconds:.0f} s)")
    output.say(f"Split: {task.split}. Interval, 95 %: {task.interval}.")
    for grid in tables.grids(task):
        output.say(f"\n{grid.says}:")
        output.table(grid.head, grid.rows, empty="")
    for each in task.doubts:
        output.say(f"- {each}")
