"""`viva insights read` and `viva insights evaluate`: what we make of what people said, and how good that is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vivavoce.app.cli import output
from vivavoce.app.cli.asking import embedder_of
from vivavoce.app.cli.options import AsJson, Config, Data, folder
from vivavoce.app.cli.running import run, settings_of, with_store

if TYPE_CHECKING:
    from vivavoce.store.insights import Counts
    from vivavoce.store.store import Store
    from vivavoce.studies.evaluation import Evaluation, Measure


def read(
    corpus: Annotated[str, typer.Argument(metavar="CORPUS", help="Name of a corpus.")],
    as_json: AsJson = False,
    data: Data = None,
    config: Config = None,
) -> None:
    """Read a corpus: niche, kind, sentiment and flags of every insight, by words alone.

    What was read before is read anew. Says how many there are of each, copies left aside.
    """

    async def work(store: Store) -> Counts:
        from vivavoce.store.insights import Insights
        from vivavoce.studies.reading import read_corpus

        insights = Insights(store.database)
        with output.progress() as tell:
            await read_corpus(insights, corpus, lambda done, of: tell("reading", done / max(1, of)))
        return await insights.count(corpus)

    found = with_store(settings_of(data, config), work)
    if as_json:
        output.document(found)
        return
    said = {"niche": found.niches, "kind": found.kinds, "flag": found.flags}
    rows = [(what, name, count) for what, counts in said.items() for name, count in counts.items()]
    output.table(["read as", "", "insights"], rows, empty="no insights in this corpus")


def evaluate(
    data: Annotated[Path, folder("Folder with insights.csv, crowdre_goals.csv and app_reviews_raw.csv.", "--data")],
    embedder: Annotated[
        str, typer.Option(metavar="NAME", help="What groups texts: minilm, hashing or openai:MODEL.")
    ] = "minilm",
    seed: Annotated[int, typer.Option(metavar="N", help="The same seed is the same figures.")] = 1,
    as_json: AsJson = False,
    config: Config = None,
) -> None:
    """Measure reading, groups and personas on texts that people have labelled, with 95 % intervals.

    Nothing of the texts is kept or printed. Every figure stands beside what one gets who knows nothing.
    """
    from vivavoce.studies.evaluation import evaluate as evaluated

    found = run(evaluated(data, embedder_of(embedder, settings_of(config=config)), seed=seed))
    if as_json:
        output.document(found)
        return
    _show(found)


def _show(found: Evaluation) -> None:
    columns = ["", "of", "figure", "value", "95 %", "n", "covers", "tuned half", "knowing nothing"]
    output.table(columns, [_row(each) for each in found.measures], empty="nothing was measured")
    output.say(f"\nreader {found.reader}, embedder {found.embedder}, seed {found.seed}")
    for each in found.notes:
        output.say(f"- {each}")


def _row(each: Measure) -> tuple[object, ...]:
    return (
        each.part,
        each.of,
        each.figure,
        _digits(each.value),
        f"{_digits(each.low)}-{_digits(each.high)}",
        each.rows,
        "" if each.coverage is None else f"{each.coverage:.0%}",
        "" if each.tuned is None else _digits(each.tuned),
        ", ".join(f"{name} {_digits(value)}" for name, value in each.floors.items()),
    )


def _digits(share: float) -> str:
    """Three digits; rare things need a fourth."""
    return f"{share:.4f}" if 0.0 < share < 0.01 else f"{share:.3f}"
