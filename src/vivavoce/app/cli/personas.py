"""`viva personas`: a panel drawn from a corpus, looked at, and asked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vivavoce.app.cli import output
from vivavoce.app.cli.asking import (
    EmbedderName,
    PageFile,
    answers,
    ask,
    embedder_of,
    page_of,
    question_of,
    tell_answers,
    write_page,
)
from vivavoce.app.cli.group import Group
from vivavoce.app.cli.options import AsJson, Config, Data, file, known_niche
from vivavoce.app.cli.running import settings_of, with_store

if TYPE_CHECKING:
    from vivavoce.panel.ballots import Ballot, Question
    from vivavoce.panel.personas import Panel
    from vivavoce.store.store import Store

app = typer.Typer(cls=Group, help="Personas: panels drawn from what people said.")

QuestionFile = Annotated[
    Path | None, file("A question (YAML); the members answer it, and the page shows why.", "--question")
]


@app.command()
def build(
    corpus: Annotated[str, typer.Argument(metavar="CORPUS", help="Name of a corpus, such as invoicing.")],
    size: Annotated[int, typer.Option(min=1, max=200, metavar="N", help="3 to 5 to read, 20 to 200 to decide.")] = 5,
    niche: Annotated[str, typer.Option(metavar="NICHE", help="Only what was said in it.")] = "",
    audience: Annotated[str, typer.Option(metavar="WORDS", help="Who it is for: what is near counts more.")] = "",
    archetype: Annotated[list[str] | None, typer.Option(metavar="ID", help="Only these; may be repeated.")] = None,
    seed: Annotated[int, typer.Option(metavar="N", help="The same seed is the same panel.")] = 1,
    embedder: EmbedderName = "",
    force: Annotated[bool, typer.Option("--force", help="Build it although the evidence is thin.")] = False,
    question: QuestionFile = None,
    out: PageFile = None,
    as_json: AsJson = False,
    data: Data = None,
    config: Config = None,
) -> None:
    """Draw a panel from a corpus and keep it. What nobody has read yet is read first."""
    from vivavoce.panel.archetypes import chosen
    from vivavoce.panel.personas import PanelSpec

    known_niche(niche)
    chosen(archetype or ())  # a name that is none is said before anything is read
    wanted = PanelSpec(size=size, niche=niche, audience=audience, archetypes=tuple(archetype or ()), forced=force)
    asked = None if question is None else question_of(question)
    settings = settings_of(data, config)

    async def work(store: Store) -> tuple[Panel, list[Ballot], str]:
        from vivavoce.studies.drawing import drawn

        measure = embedder_of(embedder, settings)
        try:
            with output.progress() as tell:
                panel = await drawn(store.database, corpus, wanted, seed, measure, tell)
        finally:
            await measure.close()
        ballots: list[Ballot] = []
        if asked is not None:
            ballots, _ = await answers(settings, store, panel, asked, embedder=embedder)
        return panel, ballots, await page_of(store, corpus, panel, asked, ballots)

    panel, ballots, page = with_store(settings, work)
    _hand_over(panel, ballots, asked, page, out, as_json=as_json)


@app.command()
def show(
    panel_id: Annotated[str, typer.Argument(metavar="PANEL", help="Id of a panel.")],
    embedder: EmbedderName = "",
    question: QuestionFile = None,
    out: PageFile = None,
    as_json: AsJson = False,
    data: Data = None,
    config: Config = None,
) -> None:
    """Show a panel that was built, and what its members say to a question."""
    asked = None if question is None else question_of(question)
    settings = settings_of(data, config)

    async def work(store: Store) -> tuple[Panel, list[Ballot], str]:
        from vivavoce.store.panels import Panels

        panels = Panels(store.database)
        panel = await panels.get(panel_id)
        corpus = (await panels.about(panel_id)).corpus
        ballots: list[Ballot] = []
        if asked is not None:
            ballots, _ = await answers(settings, store, panel, asked, embedder=embedder)
        return panel, ballots, await page_of(store, corpus, panel, asked, ballots)

    panel, ballots, page = with_store(settings, work)
    _hand_over(panel, ballots, asked, page, out, as_json=as_json)


app.command()(ask)


@app.command("list")
def list_(
    corpus: Annotated[str | None, typer.Argument(metavar="CORPUS", help="Only those drawn from it.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, metavar="N", help="The newest so many.")] = 20,
    as_json: AsJson = False,
    data: Data = None,
    config: Config = None,
) -> None:
    """The newest panels."""
    from vivavoce.store.panels import Panels

    found = with_store(settings_of(data, config), lambda store: Panels(store.database).page(corpus, limit=limit))
    if as_json:
        output.document(found)
        return
    rows = [(each.id, each.corpus, each.spec.get("size", 5), output.moment(each.made_at)) for each in found]
    output.table(["panel", "corpus", "members", "made"], rows, empty="no panels")


def _hand_over(
    panel: Panel, ballots: list[Ballot], question: Question | None, page: str, out: Path | None, *, as_json: bool
) -> None:
    from vivavoce.panel.thinness import explained

    write_page(page, out)
    if as_json:
        output.document({"panel": panel, "ballots": ballots})
        return
    rows = [
        (each.id, each.name, each.archetype, each.frustrations[0].text, each.goals[0].text, f"{each.richness:.2f}")
        for each in panel.personas
    ]
    output.table(["", "name", "decides as", "what hurts most", "what they want most", "richness"], rows, empty="nobody")
    output.say(f"\npanel {panel.id}: {panel.insights} insights of {panel.people} people, "
               f"{len(panel.personas)} members worth {panel.effective_size:.1f} independent ones")  # fmt: skip
    for warning in panel.warnings:
        output.say(f"- {explained(warning)}")
    if question is not None:
        tell_answers(panel, ballots, question)
    if out is not None:
        output.say(f"\n{out}")
