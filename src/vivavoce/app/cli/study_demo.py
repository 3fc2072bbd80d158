"""`viva study demo`: from what people said to a verdict and its doubts, on this machine, with no key."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from vivavoce.app.cli import output
from vivavoce.app.cli.asking import embedder_of
from vivavoce.app.cli.options import Data, file
from vivavoce.app.cli.running import settings_of, with_store
from vivavoce.app.cli.study_papers import Papers, write_papers
from vivavoce.app.cli.verdicts import tell_result, tell_state

if TYPE_CHECKING:
    from vivavoce.findings.study_record import StudyRecord
    from vivavoce.store.store import Store


def demo(
    data: Data = None,
    out: Annotated[Path, file("Write the report here (HTML).", "--out")] = Path("study.html"),
    embedder: Annotated[
        str,
        typer.Option("--embedder", metavar="NAME", help="minilm or hashing; the better one that is installed else."),
    ] = "",
) -> None:
    """Ask a panel of invented bookkeepers about two offers. With --data, that of an interview `viva demo` held, the
    offers are the founder's and the panel has heard them; without, nothing is kept but the report.
    """
    if data is None:
        with TemporaryDirectory(prefix="viva-study-") as folder:
            demonstrate(Path(folder), out, embedder)
    else:
        demonstrate(data, out, embedder)


def demonstrate(folder: Path, out: Path, embedder: str = "") -> None:
    """Hold the study in the database of a folder, print what came of it, and write its report.

    Raises:
        VivaError: whatever could not be done.
    """
    from vivavoce.app import study_demo

    settings = settings_of(folder)

    async def work(store: Store) -> StudyRecord:
        if embedder:
            await embedder_of(embedder, settings).close()  # says where texts will go
        with output.progress() as tell:
            return await study_demo.demonstrate(store, settings, tell, embedder=embedder)

    record = with_store(settings, work, must_exist=False)
    write_papers(record, Papers(page=out))
    tell_state(record.study)
    tell_result(record)
    output.say(f"\n{out}")
