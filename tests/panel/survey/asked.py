"""A form, and people who fill it in."""

from __future__ import annotations

from typing import Any

import msgspec

from vivavoce.panel.ballots import Variant, Would
from vivavoce.panel.outcome import Decision, Reproduction, Share
from vivavoce.panel.study import PriceTest, Study
from vivavoce.panel.survey.form import Form, Opinion, PersonAnswer
from vivavoce.panel.survey.prediction import Predicted, PredictedClaim, Prediction

STUDY = Study(
    ask="Would you use this?",
    currency="USD",
    variants=(
        Variant(id="approves", text="Proposes a match for every bank line.", price=40),
        Variant(id="automatic", text="Books every payment by itself.", price=25),
    ),
    claims=("Matching by hand costs me hours.",),
    prices=PriceTest(points=(10.0, 20.0, 40.0)),
)
FORM = Form(study=STUDY, seed=7, asks="points")
THREE = msgspec.structs.replace(
    STUDY, variants=(*STUDY.variants, Variant(id="none", text="Leaves it all to you.")), claims=(), prices=None
)
FIELDS = {
    "appeal-0": "8", "would-0": "would", "appeal-1": "3", "would-1": "would_not", "choice": "0",
    "why": "It is cheaper.", "claim-0": "agree", "pays": "1",
}  # fmt: skip
ORDER = ("automatic", "approves")


def opinion(choice: str = "approves", form: Form = FORM, **more: Any) -> Opinion:
    """What somebody said who chose, and marks it above the others."""
    ids = [each.id for each in form.study.variants]
    would: dict[str, Would] = {each: "would" if each == choice else "might" for each in ids}
    said: dict[str, Any] = {
        "order": tuple(ids),
        "appeal": {each: 8 if each == choice else 5 for each in ids},
        "would": would,
        "choice": choice,
        "claims": ("agree",) * len(form.study.claims),
    }
    return Opinion(**{**said, **more})


def answered(*opinions: Opinion, flags: tuple[str, ...] = ()) -> list[PersonAnswer]:
    return [
        PersonAnswer(number=number, answered_at=7_200.0, took_s=60.0, flags=flags, opinion=each)
        for number, each in enumerate(opinions, 1)
    ]


def prediction(*by: Predicted) -> Prediction:
    return Prediction(
        reproduction=Reproduction(
            study_hash="s",
            panel="p",
            evidence_hash="e",
            seed=7,
            respondents=("reasoner",),
            embedder="hashing",
            versions={},
        ),
        by=by,
        claims=(PredictedClaim(text=STUDY.claims[0], verdict="supported", score=8.0),),
        priced="approves",
        points=tuple((price, Share(share, 0.0, 1.0)) for price, share in ((10.0, 0.9), (20.0, 0.5), (40.0, 0.2))),
    )


def guess(leader: str, share: float, *, best: float = 0.9, study: Study = STUDY) -> Predicted:
    """A respondent that gives its leader this share and this chance, and parts the rest among the others."""
    others = [each.id for each in study.variants if each.id != leader]

    def parted(first: float) -> dict[str, float]:
        return {leader: first} | {each: (1 - first) / len(others) for each in others}

    return Predicted(
        respondent="reasoner/2",
        validated=False,
        leader=leader,
        decision=Decision(word="leans", variant=leader, sure=best, why=("not-validated",)),
        shares=parted(share),
        best=parted(best),
        appeal={each.id: Share(8.0 if each.id == leader else 5.0, 4.5, 9.0) for each in study.variants},
        effective_size=3.0,
    )
