"""`viva personas`: a panel drawn from a corpus, looked at, and asked."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vivavoce.app.cli import output
from vivavoce.app.cli.group import Group
from vivavoce.app.cli.options import AsJson, Config, Data, file
from vivavoce.app.cli.running import settings_of, with_store
from vivavoce.errors import InputError, MissingError, StoreError

if TYPE_CHECKING:
    from vivavoce.panel.ballots import Answer, Ballot, Question
    from vivavoce.panel.personas import Panel, PanelSpec
    from vivavoce.store.store import Store
    from vivavoce.studies.port import Embedder

app = typer.Typer(cls=Group, help="Personas: panels drawn from what people said.")

EmbedderName = Annotated[
    str,
    typer.Option("--embedder", metavar="NAME", help="minilm or hashing; by default the better one that is installed."),
]
QuestionFile = Annotated[
    Path | None, file("A question (YAML); the members answer it, and the page shows why.", "--question")
]
PageFile = Annotated[Path | None, file("Write the panel sheet here (HTML).", "--out")]


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

    _known(niche)
    chosen(archetype or ())  # a name that is none is said before anything is read
    wanted = PanelSpec(size=size, niche=niche, audience=audience, archetypes=tuple(archetype or ()), forced=force)
    asked = None if question is None else _question(question)

    async def work(store: Store) -> tuple[Panel, list[Ballot], str]:
        measure = _embedder(embedder)
        try:
            panel = await _drawn(store, corpus, wanted, seed, measure)
        finally:
            await measure.close()
        ballots = [] if asked is None else await _answers(panel, asked, embedder)
        return panel, ballots, await _page(store, corpus, panel, asked, ballots)

    panel, ballots, page = with_store(settings_of(data, config), work)
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
    asked = None if question is None else _question(question)

    async def work(store: Store) -> tuple[Panel, list[Ballot], str]:
        from vivavoce.store.panels import Panels

        panels = Panels(store.database)
        panel = await panels.get(panel_id)
        corpus = await panels.corpus_of(panel_id)
        ballots = [] if asked is None else await _answers(panel, asked, embedder)
        return panel, ballots, await _page(store, corpus, panel, asked, ballots)

    panel, ballots, page = with_store(settings_of(data, config), work)
    _hand_over(panel, ballots, asked, page, out, as_json=as_json)


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


def _known(niche: str) -> None:
    """
    Raises:
        InputError: there is no such niche.
    """
    from vivavoce.panel.reading import NICHES

    if niche and niche not in NICHES:
        raise InputError(f"want one of {', '.join(NICHES)} as a niche, got {niche[:64]!r}")


def _embedder(name: str) -> Embedder:
    """The one that was asked for; otherwise the best that is here, and a word about it when that is a weak one."""
    from vivavoce.studies.embedding import open_embedder

    if name:
        return open_embedder(name)
    try:
        return open_embedder("minilm")
    except MissingError as error:
        output.note(f"{error}. Until then spelling stands in for meaning, and the panel says so.")
        return open_embedder("hashing")


async def _drawn(store: Store, corpus: str, wanted: PanelSpec, seed: int, embedder: Embedder) -> Panel:
    from vivavoce.panel.building import build as drawn
    from vivavoce.store.insights import Insights
    from vivavoce.store.panels import Panels
    from vivavoce.studies.evidence import gather
    from vivavoce.studies.reading import read_corpus

    insights = Insights(store.database)
    about = await insights.corpus(corpus)
    with output.progress() as tell:
        if about.read < about.insights:
            await read_corpus(insights, corpus, lambda done, of: tell("reading", done / max(1, of)))
        found = [each async for piece in insights.iterate(corpus, copies=True) for each in piece]  # counted there
        tell("comparing", None)
        readings = [each.reading for each in found if each.reading is not None]
        body = await gather(
            [each.insight for each in found], readings, embedder, niche=wanted.niche, audience=wanted.audience
        )
        tell("drawing", None)
        panel = drawn(body, wanted, seed)
    read = [each.insight.id for each in found]
    await Panels(store.database).save(panel, corpus, now=time.time(), built_from=read)
    return panel


async def _answers(panel: Panel, question: Question, embedder: str) -> list[Ballot]:
    from vivavoce.panel.ballots import Sheet
    from vivavoce.studies.respondents.reasoner import ReasonerRespondent

    respondent = ReasonerRespondent(_embedder(embedder))
    order = tuple(variant.id for variant in question.variants)
    try:
        with output.progress() as tell:
            ballots = []
            for at, persona in enumerate(panel.personas):
                ballots.append(await respondent.answer(persona, Sheet(question=question, order=order, seed=panel.seed)))
                tell("asking", (at + 1) / len(panel.personas))
    finally:
        await respondent.close()
    return ballots


async def _page(store: Store, corpus: str, panel: Panel, question: Question | None, ballots: list[Ballot]) -> str:
    from vivavoce.findings.panel_sheet import render_panel
    from vivavoce.store.insights import Insights

    found = await Insights(store.database).of(corpus, panel.evidence())
    return render_panel(panel, found, corpus=corpus, question=question, ballots=ballots)


def _question(path: Path) -> Question:
    """
    Raises:
        InputError: there is no such file, or it holds no question.
    """
    import msgspec

    from vivavoce.panel.ballots import Question

    try:
        return msgspec.yaml.decode(path.read_bytes(), type=Question)
    except OSError as error:
        raise InputError(f"want a question in {path}: {error.strerror}") from None
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise InputError(f"want a question (ask, variants) in {path}: {error}") from None


def _hand_over(
    panel: Panel, ballots: list[Ballot], question: Question | None, page: str, out: Path | None, *, as_json: bool
) -> None:
    from vivavoce.panel.thinness import explained

    if out is not None:
        try:
            out.parent.mkdir(parents=True, exist_ok=True)
            out.write_text(page, encoding="utf-8")
        except OSError as error:
            raise StoreError(f"the panel sheet cannot be written: {error.strerror}") from None
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
        _tell_answers(panel, ballots, question)
    if out is not None:
        output.say(f"\n{out}")


def _would(answer: Answer) -> str:
    chance = answer.chances.get(answer.would)
    return answer.would.replace("_", " ") + ("" if chance is None else f" {chance:.0%}")


def _tell_answers(panel: Panel, ballots: list[Ballot], question: Question) -> None:
    names = {persona.id: persona.name for persona in panel.personas}
    rows = []
    for ballot in ballots:
        for answer in ballot.answers:
            pro = next((reason.text for reason in answer.reasons if reason.sign == "pro"), "")
            con = next((reason.text for reason in answer.reasons if reason.sign == "con"), "")
            rows.append(
                (
                    names[ballot.persona],
                    answer.variant,
                    f"{answer.appeal:.1f}",
                    _would(answer),
                    pro,
                    con,
                )
            )
        if ballot.abstains:
            rows.append((names[ballot.persona], "", "", f"no answer: {ballot.abstains}", "", ""))
    output.say(f"\n{question.ask}")
    output.table(["", "variant", "appeal", "buys", "for it", "against it"], rows, empty="nobody answered")
    if ballots and not all(ballot.validated for ballot in ballots):
        output.say("not validated: read the reasons, do not average the marks")
