"""From all that is kept of a study to what its report shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from vivavoce.findings import wording
from vivavoce.findings.charts import label
from vivavoce.findings.panel_sheet import COLOURS, MODELS
from vivavoce.findings.study_record import StudyRecord
from vivavoce.findings.study_report import findings, listening, people, standing, words
from vivavoce.findings.study_report.view import Cited, Option, View
from vivavoce.findings.survey_page import LABELS, day
from vivavoce.panel.outcome import Comparison
from vivavoce.panel.study import Study
from vivavoce.panel.thinness import explained

SHORT = 2
"""Characters of an id that says less than the beginning of the text."""


def build(record: StudyRecord) -> View:
    """The report of a study."""
    study, panel, result = record.study.spec, record.panel, record.result
    options = options_of(study)
    by_id = {each.id: each for each in options}
    names = {each.id: each.name for each in options}
    members = names_of(record)
    there = record.insights.keys()
    respondents = tuple(each.respondent for each in result.comparisons)
    voting = tuple(each.respondent for each in result.comparisons if each.votes)
    parted = listening.parted(record.ballots, members, names, voting)
    view = View(
        title=record.study.name or study.name or study.ask,
        ask=study.ask,
        context=study.context,
        today=study.today,
        corpus=record.corpus,
        day=day(record.study.made_at if record.study.ended_at is None else record.study.ended_at),
        members=len(panel.personas),
        options=options,
        respondents=respondents,
        models=tuple(name for name in respondents if name.startswith(MODELS)),
        voting=voting,
        memberless=tuple(name for name in respondents if name not in voting),
        headline=words.headline(result, names),
        parting=tuple(words.parting(result, names)),
        lead=_lead(result.comparisons, names),
        settle=tuple(words.settle(result.comparisons)),
        settled=words.SETTLED,
        worth=words.WORTH if any(each.effective_size for each in result.comparisons if each.votes) else "",
        heard=tuple(people.heard(each, names) for each in record.surveys),
        doubts=tuple(words.doubts(result)),
        warnings=tuple(words.sentence(explained(each)) for each in result.warnings),
        comparisons=tuple(standing.compared(each, by_id, members) for each in result.comparisons),
        parted=parted[: listening.PARTED],
        more_parted=len(parted[listening.PARTED :]),
        parted_lead=f"For {sum(not each.about for each in parted)} of {len(members)} members they would rather have "
        "different variants."
        if parted and len(options) > 1
        else "",
        why=listening.reasons(record, options, members, record.insights),
        prices=None if result.pricing is None else findings.prices(result.pricing, by_id),
        claims=tuple(findings.claim(each, there) for each in result.claims),
        hypotheses=tuple(findings.hypothesis(each, there) for each in result.hypotheses),
        segments=tuple(findings.segment(each, members, names, there) for each in result.segments),
        discussion=None if result.discussion is None else findings.discussion(result.discussion, members, names, there),
        asked_leads=study.leads,
        leads=tuple(findings.lead(each) for each in result.leads),
        people=tuple(people.beside(each, options) for each in record.surveys),
        transcript=listening.transcript(record, by_id, members, there),
        unheard=max(0, len(panel.personas) - listening.HEARD),
        cited=(),
        gone=0,
        reproduction=_reproduction(record),
        command=_command(record),
        spec=wording.clean(msgspec.yaml.encode(study).decode()),
    )
    cited = _cited(view)
    return msgspec.structs.replace(
        view,
        cited=tuple(
            Cited(id=id_, text=said.text, where=words.where(said), url=said.url)
            for id_ in cited
            if (said := record.insights.get(id_)) is not None
        ),
        gone=len(panel.evidence() - there),
    )


def options_of(study: Study) -> tuple[Option, ...]:
    """The variants with letters, and with short names of which no two are the same."""
    short = [label(each.id) if len(each.id) > SHORT else label(each.text) for each in study.variants]
    return tuple(
        Option(
            id=variant.id,
            letter=LABELS[at],
            name=short[at] if short.count(short[at]) == 1 else f"{short[at]} ({LABELS[at]})",
            colour=1 + at % COLOURS,
            text=variant.text,
            price="" if variant.price is None else words.money(variant.price, study.currency),
        )
        for at, variant in enumerate(study.variants)
    )


def names_of(record: StudyRecord) -> dict[str, str]:
    """Names of the members by id; two of one name are told apart."""
    given = [persona.name for persona in record.panel.personas]
    return {
        persona.id: persona.name if given.count(persona.name) == 1 else f"{persona.name} ({persona.id})"
        for persona in record.panel.personas
    }


def _lead(comparisons: Sequence[Comparison], names: Mapping[str, str]) -> str:
    """What stands behind the only verdict. Of several, behind those that say likely: the table has the others."""
    if len(comparisons) == 1:
        return words.lead(comparisons[0], names)
    return " ".join(f"{each.respondent}: {words.lead(each, names)}" for each in comparisons if words.likely(each))


def _cited(view: View) -> list[str]:
    """Ids that something on the page leads to: those of reasons first."""
    given = [each for why in view.why for told in why.told for each in (*told.pros, *told.cons)]
    given += [
        each for member in view.transcript for heard in member.heard for says in heard.says for each in says.reasons
    ]
    ids = [each.evidence for each in given]
    ids += [row.evidence for row in view.hypotheses] + [row.evidence for row in view.segments]
    ids += [row.evidence for row in (() if view.discussion is None else view.discussion.moves)]
    ids += [(*row.supporting, *row.opposing, *row.nearest) for row in view.claims]
    return list(dict.fromkeys(id_ for each in ids for id_ in each))


def _reproduction(record: StudyRecord) -> tuple[tuple[str, str], ...]:
    made = record.result.reproduction
    return (
        ("Study", made.study_hash),
        ("Panel", made.panel),
        ("Evidence", made.evidence_hash),
        ("Seed", str(made.seed)),
        ("Asked of", ", ".join(made.respondents)),
        ("Embedder", made.embedder),
        *((f"Version of {name}", version) for name, version in sorted(made.versions.items())),
        (
            "Ballots",
            f"{record.study.asked} of {record.study.wanted} wanted, with those about identical variants; "
            f"{record.study.abstained} have no answer",
        ),
        *((f"Taken by {name}", _counts(used)) for name, used in record.study.usage.items()),
    )


def _counts(used: Mapping[str, int]) -> str:
    return ", ".join(f"{number} {what.replace('_', ' ')}" for what, number in used.items() if number) or "nothing"


def _command(record: StudyRecord) -> str:
    study = record.study
    asked = " ".join(f"--with {name}" for name in study.respondents)
    return f"viva study run FILE {study.panel_id} {asked} --embedder {study.embedder} --seed {study.seed} --wait"
