"""`viva insights`: what people said elsewhere, collected into a corpus, looked at, and handed out."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from vivavoce.app.cli import output
from vivavoce.app.cli.collecting import CorpusName, collect, told
from vivavoce.app.cli.group import Group
from vivavoce.app.cli.measuring import measure
from vivavoce.app.cli.options import AsJson, Config, Data, Yes, confirm, file, known_niche
from vivavoce.app.cli.reading import evaluate, read
from vivavoce.app.cli.running import settings_of, with_store
from vivavoce.errors import InputError, StoreError

if TYPE_CHECKING:
    from vivavoce.app.settings import Settings
    from vivavoce.store.harvests import StoredHarvest
    from vivavoce.store.insight_rows import Read
    from vivavoce.store.insights import Counts, StoredCorpus
    from vivavoce.store.store import Store

app = typer.Typer(cls=Group, help="Insights: what people said elsewhere, by corpus.")
app.command()(collect)
app.command()(read)
app.command()(evaluate)
app.command()(measure)

Kind = Literal["pain", "need", "praise", "question", "goal"]
SHOWN_CHARS = 100
"""Of a text in a list."""


@app.command("list")
def list_(
    corpus: Annotated[str, typer.Argument(metavar="CORPUS", help="List its insights; without, all corpora.")] = "",
    source: Annotated[str | None, typer.Option(metavar="SOURCE", help="Only what comes from there.")] = None,
    niche: Annotated[str | None, typer.Option(metavar="NICHE", help="Only what was read as of this niche.")] = None,
    kind: Annotated[Kind | None, typer.Option(help="Only what was read as of this kind.")] = None,
    copies: Annotated[bool, typer.Option("--copies", help="Also what another one said before.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000, metavar="N", help="So many at most.")] = 20,
    after: Annotated[str, typer.Option(metavar="ID", help="Go on after this one.")] = "",
    as_json: AsJson = False,
    data: Data = None,
    config: Config = None,
) -> None:
    """The corpora, or the insights of one by their id."""
    if not corpus:
        _list_corpora(as_json, settings_of(data, config))
        return
    if niche is not None:
        from vivavoce.panel.insights import NO_NICHE

        known_niche(niche, NO_NICHE)

    async def work(store: Store) -> list[Read]:
        from vivavoce.store.insights import Insights

        insights = Insights(store.database)
        await insights.corpus(corpus)
        return await insights.page(
            corpus, source=source, niche=niche, kind=kind, copies=copies, limit=limit, after=after
        )

    found = with_store(settings_of(data, config), work)
    if as_json:
        output.document(found)
        return
    rows = []
    for each in found:
        insight, reading = each.insight, each.reading
        read_as = (reading.niche, reading.kind) if reading is not None else ("", "")
        said_at = output.moment(insight.said_at)[:10]
        rows.append((insight.id, insight.source, *read_as, said_at, _short(insight.text)))
    output.table(["insight", "source", "niche", "kind", "said", "text"], rows, empty="no insights")


def _list_corpora(as_json: bool, settings: Settings) -> None:
    async def work(store: Store) -> list[StoredCorpus]:
        from vivavoce.store.insights import Insights

        return await Insights(store.database).corpora()

    found = with_store(settings, work)
    if as_json:
        output.document(found)
        return
    rows = [(each.name, each.insights, each.copies, each.read, output.moment(each.made_at)) for each in found]
    output.table(["corpus", "insights", "copies", "read", "made"], rows, empty="no corpora")


@app.command()
def show(
    corpus: CorpusName,
    insight: Annotated[str, typer.Argument(metavar="ID", help="Show one insight; without, what there is.")] = "",
    as_json: AsJson = False,
    data: Data = None,
    config: Config = None,
) -> None:
    """What there is in a corpus and where it comes from, or one insight whole."""
    import msgspec

    if insight:
        one = with_store(settings_of(data, config), lambda store: _one(store, corpus, insight))
        if as_json:
            output.document(one)
            return
        values = msgspec.structs.asdict(one.insight)
        if one.reading is not None:
            values |= msgspec.structs.asdict(one.reading) | {"insight": None}  # which it is stands there already
        values |= {"same_as": one.same_as, "collected_at": one.collected_at}
        for name, value in values.items():
            if value not in (None, "", ()):
                shown = output.moment(value) if name.endswith("_at") else value
                output.say(f"{name}: {', '.join(shown) if isinstance(shown, tuple) else shown}")
        return
    about, counts, harvests = with_store(settings_of(data, config), lambda store: _whole(store, corpus))
    if as_json:
        output.document({**msgspec.structs.asdict(about), "counts": counts, "harvests": harvests})
        return
    output.say(f"{about.name}: {about.insights} insights, {about.copies} of them copies, {about.read} read")
    output.say(f"people: {counts.people}, groups: {counts.groups}")
    for name in ("sources", "niches", "kinds", "flags"):
        if tally := getattr(counts, name):
            output.say(f"{name}: {', '.join(f'{each} {number}' for each, number in tally.items())}")
    for harvest in harvests:
        output.say(told(harvest))


@app.command()
def export(
    corpus: CorpusName,
    format_: Annotated[Literal["csv", "jsonl"], typer.Option("--format", help="How it is written.")] = "jsonl",
    out: Annotated[Path | None, file("The file to write; standard output by default.")] = None,
    copies: Annotated[bool, typer.Option("--copies", help="Also what another one said before.")] = False,
    data: Data = None,
    config: Config = None,
) -> None:
    """Write all insights of a corpus with their readings. `collect` reads such a file again."""
    from vivavoce.app.insight_files import WRITERS

    write = WRITERS[format_]
    if out is not None and os.path.lexists(out):
        raise InputError(f"want a file that is not there yet, got {out}")

    async def work(store: Store) -> int:
        from vivavoce.store.insights import Insights

        insights = Insights(store.database)
        await insights.corpus(corpus)
        if out is None:
            return await write(insights.iterate(corpus, copies=copies), sys.stdout)
        part = out.with_name(f"{out.name}.part")
        try:
            out.parent.mkdir(parents=True, exist_ok=True)
            with part.open("w", encoding="utf-8", newline="") as target:
                written = await write(insights.iterate(corpus, copies=copies), target)
            part.replace(out)
        except OSError as error:
            raise StoreError(f"the export cannot be written: {error.strerror}") from None
        finally:
            with suppress(OSError):  # where it could not be made there is nothing to take away, either
                part.unlink()
        return written

    written = with_store(settings_of(data, config), work)
    output.note(f"{corpus}: {written} insights" + ("" if out is None else f" in {out}"))


@app.command()
def delete(
    corpus: CorpusName,
    insight: Annotated[
        str | None, typer.Option("--insight", metavar="ID", help="Only this one, and the panels drawn from it.")
    ] = None,
    yes: Yes = False,
    data: Data = None,
    config: Config = None,
) -> None:
    """Delete a corpus for good, with its harvests, readings and panels; or one insight of it.

    A panel is drawn from all that its corpus holds: with an insight go the panels that were built since it came.
    """
    from vivavoce.store.insights import Insights

    settings = settings_of(data, config)
    if insight is not None:
        _delete_one(settings, corpus, insight, yes=yes)
        return
    about = with_store(settings, lambda store: Insights(store.database).corpus(corpus))
    confirm(f"Delete the corpus {corpus} with {about.insights} insights and all its panels for good?", yes=yes)
    went = with_store(settings, lambda store: Insights(store.database).delete(corpus))
    output.say(f"{corpus}: deleted, {went} insights")


def _delete_one(settings: Settings, corpus: str, insight: str, *, yes: bool) -> None:
    from vivavoce.store.insights import Insights

    panels = with_store(settings, lambda store: Insights(store.database).panels_of(corpus, insight))
    confirm(f"Delete the insight {insight} of {corpus}, and with it {_panels(panels)}, for good?", yes=yes)
    went = with_store(settings, lambda store: Insights(store.database).delete_one(corpus, insight))
    output.say(f"{corpus}: {insight} deleted, and with it {_panels(went)}")


def _panels(count: int) -> str:
    return f"{count or 'no'} panel{'' if count == 1 else 's'} that may hold words of it"


async def _one(store: Store, corpus: str, insight: str) -> Read:
    from vivavoce.store.insights import Insights

    return await Insights(store.database).get(corpus, insight)


async def _whole(store: Store, corpus: str) -> tuple[StoredCorpus, Counts, list[StoredHarvest]]:
    from vivavoce.store.harvests import Harvests
    from vivavoce.store.insights import Insights

    insights = Insights(store.database)
    about = await insights.corpus(corpus)
    return about, await insights.count(corpus), await Harvests(store.database).of(corpus)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= SHOWN_CHARS else line[: SHOWN_CHARS - 1] + "…"
