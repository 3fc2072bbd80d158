"""What comes of the ballots of a study: each respondent's comparison, and what the evidence says beside it.

The same ballots, panel, evidence and versions give the same result, byte for byte.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from vivavoce import __version__
from vivavoce.panel import claims, headlines
from vivavoce.panel import leads as leading
from vivavoce.panel.ballots import Ballot, Question, Sheet, Variant
from vivavoce.panel.differing import leaders_differ
from vivavoce.panel.discussion import discussed
from vivavoce.panel.duplicates import copies
from vivavoce.panel.evidence import digest, numbered
from vivavoce.panel.hypotheses import formed
from vivavoce.panel.insights import Insight, Reading
from vivavoce.panel.outcome import Comparison, Reproduction, Result
from vivavoce.panel.personas import Panel, Persona
from vivavoce.panel.pricing import mixed_currencies, priced
from vivavoce.panel.reasoner import VERSION as REASONER_VERSION
from vivavoce.panel.reasoner import Judgement, Reasoner
from vivavoce.panel.segments import segmented
from vivavoce.panel.sense import SENSES
from vivavoce.panel.study import Study
from vivavoce.panel.studying import study_hash
from vivavoce.panel.tally import compared, finds_no_winner
from vivavoce.store.database import Database
from vivavoce.store.insights import Insights
from vivavoce.store.panels import Panels
from vivavoce.store.studies import Part, StoredStudy, Studies
from vivavoce.studies.asks import costs
from vivavoce.studies.canvass import Canvass
from vivavoce.studies.embedding.senses import sense_of
from vivavoce.studies.port import Embedder
from vivavoce.studies.respondents import prompt

MOST_WEIGHED = 1_000
"""Insights that claims and leads are looked up in, beside those the panel names: with MiniLM ten seconds of a core. Ids
are hashes, so the first so many by id are drawn by lot, and by the same lot again."""
KNOWN = 0.5
"""Share of the members whose evidence bears on what is asked; below it the panel is another niche's. Not tuned."""


async def conclude(database: Database, study: StoredStudy, canvass: Canvass) -> Result:
    """
    Raises:
        InputError, MissingError: the embedder is not to be had, or nobody has measured it.
        NotHereError: the panel is not there any more.
        StoreError: the database does not answer.
    """
    spec, panel = study.spec, canvass.panel
    sense = sense_of(canvass.embedder)
    reasoner = Reasoner(sense)
    vectors = await canvass.embedder.by_text(_texts(reasoner, panel, spec.question))
    relevant = _relevant(reasoner, panel, spec.question, vectors)

    def judge(persona: Persona, question: Question, variant: Variant) -> Judgement:
        return reasoner.judge(persona, question, variant, vectors)

    comparisons: list[Comparison] = []
    first: list[Ballot] = []
    for name in study.respondents:
        respondent = canvass.respondents[name].name
        ballots = await _ballots(database, study.id, "main", respondent)
        null = await _ballots(database, study.id, "null", respondent)
        comparisons.append(
            compared(
                spec,
                ballots,
                rho=panel.overlap,
                null=finds_no_winner(null),
                relevant=relevant,
                warnings=panel.warnings,
                heard=panel.people,
            )
        )
        first = first or ballots
    if spec.kind == "headline":
        learned = await canvass.embedder.by_text(headlines.texts(spec))
        comparisons.append(headlines.compare(spec, learned, canvass.embedder.name))
    differ = _differ(comparisons)
    if differ or leaders_differ(comparisons):
        comparisons = [_doubting(each, "respondents-differ") for each in comparisons]
    if mixed_currencies(spec):
        comparisons = [_doubting(each, "currencies") if each.votes else each for each in comparisons]
    insights, readings = await _looked_up(database, panel, spec)
    sayings = (*spec.claims, *spec.hypotheses)
    texts = claims.texts(sayings, insights.values()) + (
        leading.texts(spec, panel, insights.values()) if spec.leads else []
    )
    said = await canvass.embedder.by_text(texts)
    weighed = claims.weighed(sayings, insights, readings, said, sense)
    return Result(
        reproduction=Reproduction(
            study_hash=study_hash(spec),
            panel=panel.id,
            evidence_hash=_evidence(panel, insights, readings),
            seed=study.seed,
            respondents=tuple(each.respondent for each in comparisons),
            embedder=canvass.embedder.name,
            versions=_versions(study, canvass.embedder),
        ),
        comparisons=tuple(comparisons),
        differ=differ,
        claims=weighed[: len(spec.claims)],
        pricing=priced(spec, panel, judge, panel.overlap) if spec.prices is not None else None,
        hypotheses=formed(spec, panel, comparisons[0], weighed),
        segments=segmented(spec, panel, first),
        discussion=discussed(panel, spec, first) if spec.discussion else None,
        leads=leading.leads(spec, panel, insights, said, sense) if spec.leads else (),
        warnings=panel.warnings,
    )


async def _ballots(database: Database, study_id: str, part: Part, respondent: str) -> list[Ballot]:
    """Those of one respondent. Reasons are kept of each member's first ballot alone: in another order the same is said
    again, and a hundred thousand ballots with all their words would be a gigabyte.
    """
    found: list[Ballot] = []
    seen: set[str] = set()
    async for piece in Studies(database).iterate(study_id, part=part):
        for each in piece:
            ballot = each.ballot
            if ballot.respondent != respondent:
                continue
            if ballot.persona in seen:
                bare = tuple(msgspec.structs.replace(answer, reasons=(), text="") for answer in ballot.answers)
                ballot = msgspec.structs.replace(ballot, answers=bare)
            seen.add(ballot.persona)
            found.append(ballot)
    return found


def _texts(reasoner: Reasoner, panel: Panel, question: Question) -> list[str]:
    sheet = Sheet(question=question, order=tuple(variant.id for variant in question.variants), seed=0)
    return sorted({text for persona in panel.personas for text in reasoner.texts(persona, sheet)})


def _relevant(reasoner: Reasoner, panel: Panel, question: Question, vectors: dict[str, NDArray[np.float32]]) -> bool:
    known = sum(reasoner.knows(persona, question, vectors) for persona in panel.personas)
    return known >= KNOWN * len(panel.personas)


def _differ(comparisons: Sequence[Comparison]) -> bool:
    return len({each.decision.variant for each in comparisons if each.decision.word != "undecided"}) > 1


def _doubting(comparison: Comparison, doubt: str) -> Comparison:
    why = (*comparison.decision.why, doubt)
    return msgspec.structs.replace(comparison, decision=msgspec.structs.replace(comparison.decision, why=why))


async def _looked_up(database: Database, panel: Panel, spec: Study) -> tuple[dict[str, Insight], dict[str, Reading]]:
    """What claims, hypotheses and leads are looked up in; nothing where nobody asks for any.

    Only what had been collected when the panel was made: an insight is deleted with all panels that were made since it
    came, and a study of an older one would go on quoting it. So a corpus that grows changes no result, either; which
    insights are copies is therefore found among these alone.
    """
    if not (spec.claims or spec.hypotheses or spec.leads):
        return {}, {}
    about, named = await Panels(database).about(panel.id), panel.evidence()
    insights: dict[str, Insight] = {}
    readings: dict[str, Reading] = {}
    drawn = 0
    async for piece in Insights(database).iterate(about.corpus, copies=True):
        for each in piece:
            if each.reading is None or (panel.spec.niche and each.reading.niche != panel.spec.niche):
                continue
            if each.insight.id not in named:
                if drawn == MOST_WEIGHED or each.collected_at > about.made_at:
                    continue
                drawn += 1
            insights[each.insight.id] = each.insight
            readings[each.insight.id] = each.reading
    for id_ in copies(list(insights.values())).keys() - named:
        del insights[id_], readings[id_]
    return {each.id: each for each in numbered(insights[id_] for id_ in sorted(insights))}, readings


def _evidence(panel: Panel, insights: dict[str, Insight], readings: dict[str, Reading]) -> str:
    """Of all that the result rests on: what the panel was drawn from, and what else was looked up."""
    if not insights:
        return panel.evidence_hash
    looked_up = [(insights[id_], readings[id_]) for id_ in sorted(insights)]
    return digest(panel.evidence_hash, looked_up)


def _versions(study: StoredStudy, embedder: Embedder) -> dict[str, str]:
    """Of whatever makes numbers. Claims, prices and what is relevant are the reasoner's, whoever was asked."""
    found = {"vivavoce": __version__, "reasoner": str(REASONER_VERSION)}
    if embedder.name not in SENSES:  # measured on this machine: figures that no version of ours knows
        found["sense"] = sense_of(embedder).figures
    return found | ({"prompt": str(prompt.VERSION)} if any(map(costs, study.respondents)) else {})
