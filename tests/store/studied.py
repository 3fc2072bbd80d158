"""Studies of the panels of `panelled`, and ballots of them."""

from __future__ import annotations

from tests.panel.panels import study as offers
from tests.store.corpora import NOW
from vivavoce.panel.ballots import Answer, Ballot
from vivavoce.panel.outcome import Reproduction, Result
from vivavoce.panel.study import PriceTest
from vivavoce.store.studies import KeptBallot, StoredStudy, Studies

SPEC = offers(name="Reminders", claims=("It is late.",), prices=PriceTest(points=(1.0, 2.0, 3.0)))
RESULT = Result(
    reproduction=Reproduction(
        study_hash="s", panel="p", evidence_hash="e", seed=7, respondents=("r",), embedder="hashing/1", versions={}
    ),
    comparisons=(),
    differ=False,
)


async def begun(studies: Studies, panel_id: str = "of others", *, seed: int = 7, now: float = NOW) -> StoredStudy:
    return await studies.begin(
        SPEC, panel_id, seed=seed, respondents=["reasoner"], embedder="hashing", wanted=4, now=now
    )


def kept(number: int, abstains: str = "") -> KeptBallot:
    answer = Answer(variant="a", appeal=1 / 3, would="might", text="F\u00fcr mich?\n")
    ballot = Ballot(
        persona=f"p{number:02}",
        respondent="r",
        order=("a", "b"),
        answers=() if abstains else (answer,),
        prefers={} if abstains else {"a": 0.1 + 0.2, "b": 0.7},
        abstains=abstains,
    )
    return KeptBallot(number=number, part="main" if number else "null", ballot=ballot)
