"""`viva insights measure`: what near means to an embedder of a service, measured and written down."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vivavoce.app.cli import output
from vivavoce.app.cli.asking import say_where_texts_go
from vivavoce.app.cli.options import AsJson, Config, folder
from vivavoce.app.cli.running import run, settings_of

if TYPE_CHECKING:
    from vivavoce.app.settings import Settings
    from vivavoce.studies.evaluation.measuring import Measurement


def measure(
    data: Annotated[Path, folder("Folder with insights.csv and crowdre_goals.csv.", "--data")],
    embedder: Annotated[
        str, typer.Option("--embedder", metavar="NAME", help="openai:MODEL; minilm and hashing are shown and not kept.")
    ],
    as_json: AsJson = False,
    config: Config = None,
) -> None:
    """Measure what near means to an embedder on texts that people have labelled, and keep it in the data folder.

    Until then it is refused: the same cosine means another thing with each. The figures are made as those of minilm and
    hashing were. All texts of the folder that are tagged go to the embedder's service; none is kept or printed.
    """
    from vivavoce.panel.sense import SENSES
    from vivavoce.studies.embedding.senses import keep

    settings = settings_of(config=config)
    found = run(_measured(data, embedder, settings))
    own = SENSES.get(found.embedder)
    if own is None:
        keep(Path(settings.data_dir), found.embedder, found.sense)
    if as_json:
        output.document(found)
        return
    _show(found)
    output.say(f"kept in {settings.data_dir}" if own is None else f"not kept: the package has {own.figures}")


async def _measured(data: Path, name: str, settings: Settings) -> Measurement:
    from vivavoce.app.embedders import embedder_named
    from vivavoce.studies.evaluation.measuring import measure as measured

    embedder = embedder_named(name, settings)
    say_where_texts_go(embedder)
    today = time.strftime("%Y-%m-%d", time.gmtime())
    try:
        with output.progress() as tell:
            return await measured(data, embedder, seed=name, date=today, tell=tell)
    finally:
        await embedder.close()


def _show(found: Measurement) -> None:
    sense = found.sense
    columns = ["embedder", "cut", "centre", "width", "strange", "bears", "told apart, tuned on", "not tuned on"]
    figures = (sense.cut, sense.centre, sense.width, sense.strange, sense.bears)
    apart = [_span([each.area for each in found.told if each.tuned_on is tuned_on]) for tuned_on in (True, False)]
    output.table(columns, [(found.embedder, *figures, *apart)], empty="")
    others = "" if found.kappa_others is None else f", {found.kappa_others:.3f} on others"
    output.say(f"\ngroups and tags: κ {found.kappa:.3f} on what the cut was chosen by{others}; 0 is chance")
    output.say(f"{sense.measured_on}, {sense.date}")


def _span(areas: list[float]) -> str:
    return f"{min(areas):.2f}-{max(areas):.2f}" if areas else ""
