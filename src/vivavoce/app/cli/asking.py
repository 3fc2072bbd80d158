"""`viva personas ask`: a question to a panel, by the reasoner and by language models; and how answers are shown."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vivavoce.app.cli import output
from vivavoce.app.cli.options import AsJson, Config, Data, file
from vivavoce.app.cli.running import settings_of, with_store
from vivavoce.errors import MissingError, StoreError

if TYPE_CHECKING:
    from vivavoce.app.settings import Settings
    from vivavoce.panel.ballots import Answer, Ballot, Question
    from vivavoce.panel.personas import Panel
    from vivavoce.store.store import Store
    from vivavoce.studies.port import Embedder, Respondent
    from vivavoce.studies.respondents.llm import LlmRespondent, Usage

EmbedderName = Annotated[
    str,
    typer.Option(
        "--embedder", metavar="NAME", help="minilm, hashing or openai:MODEL; the better one that is installed else."
    ),
]
PageFile = Annotated[Path | None, file("Write the panel sheet here (HTML).", "--out")]
AT_ONCE = 4
"""As `respondents.llm.AT_ONCE`, without loading it for every command."""


def ask(
    panel_id: Annotated[str, typer.Argument(metavar="PANEL", help="Id of a panel.")],
    question: Annotated[Path, file("A question (YAML).", "--question")],
    with_: Annotated[
        list[str] | None,
        typer.Option(
            "--with", metavar="NAME", help="reasoner (the default), openai:MODEL or gemini:MODEL; may be repeated."
        ),
    ] = None,
    at_once: Annotated[
        int, typer.Option(min=1, max=64, metavar="N", help="Requests to one model at a time.")
    ] = AT_ONCE,
    seed: Annotated[int | None, typer.Option(metavar="N", help="Of whatever is drawn; that of the panel else.")] = None,
    embedder: EmbedderName = "",
    out: PageFile = None,
    as_json: AsJson = False,
    data: Data = None,
    config: Config = None,
) -> None:
    """Ask the members of a panel, and show where respondents differ. What a model answered is kept and not asked again.

    What goes to a model's service is said before it goes.
    """
    asked = question_of(question)
    settings = settings_of(data, config)

    async def work(store: Store) -> tuple[Panel, list[Ballot], dict[str, Usage], str]:
        from vivavoce.store.panels import Panels

        panels = Panels(store.database)
        panel = await panels.get(panel_id)
        corpus = (await panels.about(panel_id)).corpus
        ballots, usage = await answers(
            settings, store, panel, asked, names=with_ or (), at_once=at_once, seed=seed, embedder=embedder
        )
        return panel, ballots, usage, await page_of(store, corpus, panel, asked, ballots)

    panel, ballots, usage, page = with_store(settings, work)
    write_page(page, out)
    if as_json:
        output.document({"panel": panel, "ballots": ballots, "usage": usage})
        return
    tell_answers(panel, ballots, asked)
    for name, used in usage.items():
        output.say(f"{name}: {_used(used)}")
    if out is not None:
        output.say(f"\n{out}")


def question_of(path: Path) -> Question:
    """
    Raises:
        InputError: there is no such file, or it holds no question.
    """
    from vivavoce.app.written import read_written
    from vivavoce.panel.ballots import Question

    return read_written(path, Question, "a question")


def embedder_of(name: str, settings: Settings) -> Embedder:
    """The one that was asked for; otherwise the best that is here, and a word about it when that is a weak one. What
    will go to its service is said before it goes.

    Raises:
        InputError: there is none of that name, or nobody has measured it.
        MissingError: it wants something that is not here.
    """
    from vivavoce.app.embedders import embedder_named
    from vivavoce.studies.embedding.senses import sense_of

    try:
        found = embedder_named(name or "minilm", settings)
    except MissingError as error:
        if name:
            raise
        output.note(f"{error}. Until then spelling stands in for meaning, and the panel says so.")
        return embedder_named("hashing", settings)
    sense_of(found)  # before anything is read for it
    say_where_texts_go(found)
    return found


def say_where_texts_go(embedder: Embedder) -> None:
    """Nothing where they stay on this machine."""
    from vivavoce.studies.embedding.openai import OpenAiEmbedder

    if isinstance(embedder, OpenAiEmbedder):
        output.note(
            f"{embedder.name}: texts are embedded at {embedder.host}; what people said, callers among them, and what "
            "it is compared with go there"
        )


async def answers(
    settings: Settings,
    store: Store,
    panel: Panel,
    question: Question,
    *,
    names: Sequence[str] = (),
    at_once: int = AT_ONCE,
    seed: int | None = None,
    embedder: str = "",
) -> tuple[list[Ballot], dict[str, Usage]]:
    """What a panel's members say to a question, and what it took of each model.

    Args:
        names: of respondents; none for the reasoner.
        seed: None for the panel's own.
    """
    from vivavoce.panel.ballots import Sheet, shown
    from vivavoce.store.answers import PanelAnswers
    from vivavoce.studies.respondents.asking import ask as asked
    from vivavoce.studies.respondents.llm import LlmRespondent
    from vivavoce.studies.respondents.open import REASONER, open_respondent

    order = tuple(variant.id for variant in question.variants)
    sheet = Sheet(question=question, order=order, seed=panel.seed if seed is None else seed)
    shown(sheet)  # a question that is none is said before anybody is opened
    kept = PanelAnswers(store.database, panel.id)
    respondents: list[Respondent] = []
    try:
        for name in dict.fromkeys(names or (REASONER,)):
            respondents.append(
                open_respondent(
                    name, settings, embedder=lambda: embedder_of(embedder, settings), answers=kept, at_once=at_once
                )
            )
        models = [each for each in respondents if isinstance(each, LlmRespondent)]
        for model in models:
            output.note(leaves(model))
        with output.progress() as tell:
            ballots = await asked(
                respondents, panel.personas, sheet, lambda done, of: tell("asking", done / max(1, of))
            )
    except asyncio.CancelledError:
        if any(isinstance(each, LlmRespondent) for each in respondents):
            output.note("stopped; what models have answered is kept, and only the rest is asked the next time")
        raise
    finally:
        for each in respondents:
            await each.close()
    return ballots, {model.name: model.usage for model in models}


def leaves(model: LlmRespondent) -> str:
    """What goes where, before it goes."""
    return (
        f"{model.name}: whatever is not kept from before is asked at {model.host}; the question, the members' points "
        "and quotes of what people said, callers among them, go there"
    )


async def page_of(store: Store, corpus: str, panel: Panel, question: Question | None, ballots: list[Ballot]) -> str:
    """The panel sheet."""
    from vivavoce.findings.panel_sheet import render_panel
    from vivavoce.store.insights import Insights

    found = await Insights(store.database).of(corpus, panel.evidence())
    return render_panel(panel, found, corpus=corpus, question=question, ballots=ballots)


def write_page(page: str, out: Path | None) -> None:
    """
    Raises:
        StoreError: it cannot be written.
    """
    if out is None:
        return
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(page, encoding="utf-8")
    except OSError as error:
        raise StoreError(f"the panel sheet cannot be written: {error.strerror}") from None


def tell_answers(panel: Panel, ballots: list[Ballot], question: Question) -> None:
    """Every answer with its first reasons, and where respondents differ."""
    from vivavoce.panel.abstentions import explained

    names = {persona.id: persona.name for persona in panel.personas}
    several = len({ballot.respondent for ballot in ballots}) > 1
    rows = []
    for ballot in sorted(ballots, key=lambda ballot: list(names).index(ballot.persona)):
        who = (names[ballot.persona], ballot.respondent) if several else (names[ballot.persona],)
        for answer in ballot.answers:
            pro = next((reason.text for reason in answer.reasons if reason.sign == "pro"), "")
            con = next((reason.text for reason in answer.reasons if reason.sign == "con"), "")
            rows.append((*who, answer.variant, f"{answer.appeal:.1f}", _would(answer), pro, con))
        if ballot.abstains:
            rows.append((*who, "", "", f"no answer: {explained(ballot.abstains)}", "", ""))
    columns = ["", *(["asked of"] if several else []), "variant", "appeal", "buys", "for it", "against it"]
    output.say(f"\n{question.ask}")
    output.table(columns, rows, empty="nobody answered")
    if several:
        _tell_differences(ballots, names)
    if ballots and not all(ballot.validated for ballot in ballots):
        output.say("not validated: read the reasons, do not average the marks")


def _tell_differences(ballots: list[Ballot], names: dict[str, str]) -> None:
    from vivavoce.panel.differing import differences

    rows = []
    for each in differences(ballots):
        says = "; ".join(f"{respondent}: {word.replace('_', ' ')}" for respondent, word in each.says.items())
        rows.append((names[each.persona], each.variant or "rather has", says))
    output.say("\nwhere they differ")
    output.table(["", "variant", "says"], rows, empty="nowhere that words tell")


def _would(answer: Answer) -> str:
    chance = answer.chances.get(answer.would)
    return answer.would.replace("_", " ") + ("" if chance is None else f" {chance:.0%}")


def _used(used: Usage) -> str:
    parts = [f"{used.kept} kept from before", f"{used.answers} answers that came"]
    if used.asked_again:
        parts.append(f"{used.asked_again} asked twice")
    if used.abstained:
        parts.append(f"{used.abstained} without an answer")
    return f"{', '.join(parts)}; {used.tokens_in} tokens told, {used.tokens_out} said"
