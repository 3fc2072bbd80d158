"""Studies to report on, by hand: a panel of three or more, one respondent or two, everything a study can ask for."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from tests.panel.bodies import body
from vivavoce.findings.study_record import StudyRecord, Surveyed
from vivavoce.panel import headlines
from vivavoce.panel.ballots import Answer, Ballot, Reason, Variant
from vivavoce.panel.building import build
from vivavoce.panel.outcome import (
    Claim,
    Comparison,
    Decision,
    Discussion,
    Hypothesis,
    Lead,
    Move,
    PricePoint,
    Pricing,
    Reproduction,
    Result,
    Segment,
    Share,
    Westendorp,
    Word,
)
from vivavoce.panel.personas import Panel, PanelSpec
from vivavoce.panel.study import PriceTest, Study
from vivavoce.panel.survey.form import Form, Opinion, PersonAnswer
from vivavoce.panel.survey.prediction import predicted
from vivavoce.panel.survey.score import scored
from vivavoce.panel.tally import compared
from vivavoce.store.studies import StoredStudy
from vivavoce.store.surveys import StoredSurvey

BODY = body()
SAID = {insight.id: insight for insight in BODY.insights}
OURS, MODEL = "reasoner/2 (minilm/1)", "openai/gpt-x"
STUDY = Study(
    name="Reminders",
    ask="Would you?",
    today="They write to customers by hand.",
    currency="EUR",
    claims=("Reminders are late.",),
    prices=PriceTest(points=(5.0, 9.0, 20.0)),
    leads=True,
    discussion=True,
    variants=(
        Variant(id="reminds", text="It reminds your customers.", price=9.0),
        Variant(id="waits", text="It waits for you.", price=5.0),
    ),
)


def panel(size: int = 3) -> Panel:
    return build(BODY, PanelSpec(size=size), 1)


def heard(persona: str, first: float, respondent: str, evidence: Sequence[str], study: Study = STUDY) -> Ballot:
    """Marks for the first variant and the rest; the higher one is preferred."""
    marks = [first, *[10.0 - first] * (len(study.variants) - 1)]
    made_up = "I need it." if respondent == MODEL else ""
    return Ballot(
        persona=persona,
        respondent=respondent,
        order=tuple(each.id for each in study.variants),
        answers=tuple(
            Answer(
                variant=variant.id,
                appeal=mark,
                would="would" if mark > 5 else "would_not",
                reasons=(
                    Reason(sign="pro", text="Speaks to what hurts", evidence=tuple(evidence), quote="Nobody pays."),
                    Reason(sign="con", text="A change from today", term="switching", weight=-0.4),
                ),
                text=made_up,
            )
            for variant, mark in zip(study.variants, marks, strict=True)
        ),
        prefers={each.id: mark / sum(marks) for each, mark in zip(study.variants, marks, strict=True)}
        if len(marks) > 1
        else {},
    )


def record(size: int = 3, *, models: bool = False, study: Study = STUDY, rho: float = 0.5) -> StudyRecord:
    """The reasoner has everybody prefer the first variant, by nine to one; the model the last, where it is asked."""
    drawn = panel(size)
    ids = sorted(drawn.evidence())
    ballots = [heard(each.id, 9.0, OURS, ids[:2], study) for each in drawn.personas]
    comparisons = [compared(study, ballots, rho=rho, null=True)]
    if models:
        theirs = [heard(each.id, 1.0, MODEL, (), study) for each in drawn.personas]
        comparisons.append(compared(study, theirs, rho=rho, null=False))
        ballots += theirs
    return StudyRecord(
        study=StoredStudy(
            id="aa11bb22cc33dd44",
            panel_id=drawn.id,
            name=study.name,
            spec=study,
            seed=7,
            respondents=("reasoner", "openai:gpt-x") if models else ("reasoner",),
            embedder="minilm",
            state="done",
            wanted=len(ballots),
            asked=len(ballots),
            usage={"openai:gpt-x": {"answers": 3, "tokens_in": 1200}} if models else {},
            made_at=1_795_000_000.0,
            ended_at=1_795_000_060.0,
        ),
        panel=drawn,
        corpus="invoicing",
        result=_result(comparisons, drawn, ids, study),
        ballots=tuple(ballots),
        insights={id_: SAID[id_] for id_ in ids},
    )


HEADLINES = Study(
    name="Headlines",
    kind="headline",
    ask="Which would you read?",
    variants=(
        Variant(id="plain", text="The report on invoices that are paid late is now available"),
        Variant(id="told", text="She told the mayor what she found, and he says it happened to his mom"),
    ),
)


def read(
    size: int = 3, *, word: Word = "likely", ours: Decision | None = None, study: Study = HEADLINES
) -> StudyRecord:
    """Headlines: all members prefer the first, and the model learned from clicks, which asks nobody, the second.

    Args:
        ours: the reasoner's verdict, where it is not the tally's.
    """
    found = record(size, study=study)
    first = found.result.comparisons[0]
    if ours is not None:
        first = msgspec.structs.replace(first, decision=ours)
    learned = headlines.compare(study, {}, "hashing/1")
    decision = Decision(word="undecided", why=("unsure",), settle=("Show both.",))
    if word != "undecided":
        held = Share(0.71, 0.66, 0.75) if word == "likely" else None
        decision = Decision(word=word, variant="told", sure=0.82, held_out=held, why=("one-site",))
    if learned.reasons:
        learned = msgspec.structs.replace(learned, decision=decision, leader="told")
    both = (first, learned)
    differ = len({each.decision.variant for each in both if each.decision.variant}) > 1
    return msgspec.structs.replace(found, result=msgspec.structs.replace(found.result, comparisons=both, differ=differ))


def bare(found: StudyRecord) -> StudyRecord:
    """The same without all that need not be."""
    result = msgspec.structs.replace(
        found.result, claims=(), pricing=None, hypotheses=(), segments=(), discussion=None, leads=(), warnings=()
    )
    plain = Study(ask=STUDY.ask, variants=found.study.spec.variants)
    study = msgspec.structs.replace(found.study, spec=plain, name="")
    return msgspec.structs.replace(found, result=result, study=study, insights={})


def asked_of_people(found: StudyRecord, choices: str) -> StudyRecord:
    """With a survey in which each letter is a person who chose the variant whose id begins with it."""
    study = found.study.spec
    form = Form(study=study, seed=7)
    ids = [each.id for each in study.variants]
    answers = [
        PersonAnswer(
            number=number,
            opinion=Opinion(
                order=tuple(ids),
                appeal={id_: 9 if id_.startswith(letter) else 3 for id_ in ids},
                would=dict.fromkeys(ids, "might"),
                choice=next((id_ for id_ in ids if id_.startswith(letter)), ""),
                why=f"Reason {number} of my own.",
            ),
            answered_at=1_795_000_000.0 + number,
            took_s=60.0 + number,
            flags=(),
        )
        for number, letter in enumerate(choices, start=1)
    ]
    prediction = predicted(found.result)
    survey = StoredSurvey(
        id="5151515151515151",
        study_id=found.study.id,
        name="",
        form=form,
        prediction=prediction,
        links=0,
        quota=50,
        until=None,
        opened_at=1_795_000_000.0,
        closed_at=None,
        erase_at=1_800_000_000.0,
    )
    surveyed = Surveyed(survey=survey, score=scored(form, prediction, answers))
    return msgspec.structs.replace(found, surveys=(surveyed,))


def _result(comparisons: Sequence[Comparison], drawn: Panel, ids: Sequence[str], study: Study) -> Result:
    first = study.variants[0].id
    one, other = drawn.personas[0].id, drawn.personas[1].id
    named = {each.decision.variant for each in comparisons if each.decision.variant}
    rising, falling = ((5.0, 0.1), (20.0, 0.9)), ((5.0, 0.9), (20.0, 0.1))
    return Result(
        reproduction=Reproduction(
            study_hash="5747d1e5c0de0001",
            panel=drawn.id,
            evidence_hash=drawn.evidence_hash,
            seed=7,
            respondents=tuple(each.respondent for each in comparisons),
            embedder="minilm/1",
            versions={"vivavoce": "0.1.0", "reasoner": "2"},
        ),
        comparisons=tuple(comparisons),
        differ=len(named) > 1,
        claims=(
            Claim(text="Reminders are late.", verdict="supported", score=8.2, supporting=(ids[0],), people=3),
            Claim(text="They have phones.", verdict="no-evidence", score=5.5),
        ),
        pricing=Pricing(
            variant=first,
            currency=study.currency,
            points=tuple(
                PricePoint(price=price, would=Share(share, share / 2, share), revenue=price * share)
                for price, share in ((5.0, 0.8), (9.0, 0.5), (20.0, 0.1))
            ),
            best=None,
            demand=((4.0, 0.9), (9.0, 0.5), (22.0, 0.1)),
            elasticity=-1.5,
            westendorp=Westendorp(
                too_cheap=falling,
                cheap=falling,
                expensive=rising,
                too_expensive=rising,
                marginal_cheapness=6.0,
                marginal_expensiveness=None,
                indifference=9.0,
                optimal=8.0,
            ),
            why=("beyond",),
        ),
        hypotheses=(
            Hypothesis(text="They pay more.", origin="asked", state="open", evidence=(ids[1],), test="Ask 20 people."),
        ),
        segments=(
            Segment(
                name="late payers",
                members=(one, other),
                prefers=first,
                appeal={first: 9.0},
                say="Say that it ends it.",
                evidence=(ids[0],),
            ),
        ),
        discussion=Discussion(
            moves=(
                Move(persona=one, before={first: 9.0}, after={first: 7.5}, says="I see.", swayed_by=other),
                Move(persona=other, before={first: 9.0}, after={first: 9.0}, says="I stay."),
            ),
            rounds=3,
            conformity=0.4,
            leader_before=first,
            leader_after=first,
        ),
        leads=(
            Lead(
                insight=ids[0],
                url="https://example.org/t/1",
                source="reddit",
                said_at=1_790_000_000.0,
                fit=0.7,
                about="late payers",
            ),
        ),
        warnings=("one-source",),
    )
