"""A prediction beside what people said, and both beside what costs nothing and what other people would say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import msgspec

from vivavoce.panel.intervals import share_of
from vivavoce.panel.outcome import Comparison, PricePoint, Share, Westendorp
from vivavoce.panel.pricing.gabor import gabor_granger
from vivavoce.panel.pricing.westendorp import westendorp
from vivavoce.panel.study import Study
from vivavoce.panel.survey import agreement
from vivavoce.panel.survey.agreement import Others
from vivavoce.panel.survey.checks import LEFT_OUT, flagged
from vivavoce.panel.survey.form import MARKS, Form, PersonAnswer, ballot_of
from vivavoce.panel.survey.prediction import Predicted, Prediction
from vivavoce.panel.tally import compared


class Beside(msgspec.Struct, frozen=True, kw_only=True):
    """One prediction beside the people. Intervals are the people's unless a field says otherwise."""

    respondent: str
    """"even" and "longest" are no respondents: the same chance for all, and whichever text is longest."""
    validated: bool
    predicts: bool
    """Whether it gave an answer at all; if not, there is nothing to score."""
    leader: str
    said: str
    """The word of its verdict: "likely", "leans", "undecided"; empty for what gives none."""
    agrees: bool | None
    """Whether it names whom people choose most; None where one of the two has nobody, or people are level."""
    agrees_sure: float | None
    """How sure people are, by their posterior, that whom it names is what most would choose; None where it names
    nobody, or nobody answered."""
    rank: float | None
    """Correlation of the shares' ranks; None for fewer than three variants."""
    error: Share | None
    """Mean absolute error of its shares of preference; None where it gives none, or nobody chose."""
    brier: float | None
    log_score: float | None
    """Of its posterior, over what people leave open of who won; None where it gives none."""
    appeal_error: float | None
    """Mean absolute difference of mean marks, of 1 to 10."""
    appeal_inside: int
    """Variants whose mean mark of people lies in the panel's own interval."""


class ClaimAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What people say of one claim."""

    text: str
    agree: int
    neither: int
    disagree: int
    unknown: int
    score: float | None
    """1 to 10, over those who know; None where nobody does."""
    predicted: float | None


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """What a survey says, and what the prediction was worth."""

    answers: int
    counted: int
    flags: dict[str, int]
    """Answers by what is said of them (`checks.FLAGS`)."""
    undecided: int
    """Of those counted, who could not choose."""
    people: Comparison | None
    """By the same tally as the panel's, each person counting as one, without their votes; None where nobody is
    counted."""
    shares: dict[str, Share]
    """Of those who chose, by variant."""
    others: Others | None
    """What as many other people would have said, asked instead of a prediction."""
    predictions: tuple[Beside, ...]
    floors: tuple[Beside, ...]
    """What costs nothing: a prediction that does not beat these was not needed."""
    all_leader: str
    """Who would lead were nothing left out."""
    claims: tuple[ClaimAnswer, ...] = ()
    points: tuple[PricePoint, ...] = ()
    points_error: float | None = None
    """Mean absolute difference of the shares at the prices; None where the panel was not asked for the same ones."""
    four: Westendorp | None = None


def scored(form: Form, prediction: Prediction, answers: Sequence[PersonAnswer]) -> Score:
    """A prediction beside what people said.

    Args:
        answers: all of them; which are left out is decided here.
    """
    flags = flagged(answers)
    kept = [each for each in answers if not LEFT_OUT.intersection(flags[each.number])]
    study = form.study
    counts = _counts(study, kept)
    chose = sum(counts.values())
    people = _compared(study, kept)
    everybody = _compared(study, answers)
    points = _points(study, kept)
    return Score(
        answers=len(answers),
        counted=len(kept),
        flags=dict(sorted(Counter(flag for found in flags.values() for flag in found).items())),
        undecided=sum(not each.opinion.choice for each in kept) if len(study.variants) > 1 else 0,
        people=people,
        shares={name: share_of(count / chose, chose) for name, count in counts.items()} if chose else {},
        others=agreement.others(list(counts.values())),
        predictions=tuple(_beside(each, people, counts) for each in prediction.by),
        floors=tuple(_beside(each, people, counts) for each in _floors(study)),
        all_leader="" if everybody is None else everybody.leader,
        claims=_claims(study, prediction, kept),
        points=points,
        points_error=_points_error(prediction, points, study),
        four=westendorp([each.opinion.four for each in kept if each.opinion.four is not None])
        if form.asks == "four"
        else None,
    )


def _compared(study: Study, answers: Sequence[PersonAnswer]) -> Comparison | None:
    """Nobody stands in two of these people's answers: each is one vote, and rho is 0."""
    if not answers:
        return None
    found = compared(study, [ballot_of(study, each) for each in answers], rho=0.0)
    return msgspec.structs.replace(found, votes=())


def _counts(study: Study, answers: Sequence[PersonAnswer]) -> dict[str, int]:
    chosen = Counter(each.opinion.choice for each in answers)
    return {each.id: chosen[each.id] for each in study.variants}


def _beside(given: _Given | Predicted, people: Comparison | None, counts: dict[str, int]) -> Beside:
    posed = len(counts) > 1 and people is not None
    truth = {each.variant: each.best for each in people.standings} if people is not None else {}
    marks = {each.variant: each.appeal.value for each in people.standings} if people is not None else {}
    top = [name for name, count in counts.items() if count == max(counts.values()) > 0]
    leads = top[0] if len(top) == 1 else ""
    appeal = given.appeal if isinstance(given, Predicted) else {}
    shares = {name: float(count) for name, count in counts.items()}
    return Beside(
        respondent=given.respondent,
        validated=isinstance(given, Predicted) and given.validated,
        predicts=not isinstance(given, Predicted) or bool(given.shares or appeal),
        leader=given.leader,
        said=given.decision.word if isinstance(given, Predicted) else "",
        agrees=given.leader == leads if posed and given.leader and leads else None,
        agrees_sure=round(truth[given.leader], 4) if given.leader in truth else None,
        rank=agreement.rank(given.shares, shares) if posed and given.shares and any(counts.values()) else None,
        error=agreement.error(given.shares, counts) if posed and given.shares else None,
        brier=agreement.brier(given.best, truth) if posed and given.best else None,
        log_score=agreement.log_score(given.best, truth) if posed and given.best else None,
        appeal_error=round(sum(abs(appeal[name].value - marks[name]) for name in appeal) / len(appeal), 3)
        if appeal and marks
        else None,
        appeal_inside=sum(appeal[name].low <= marks[name] <= appeal[name].high for name in appeal if name in marks),
    )


class _Given(msgspec.Struct, frozen=True, kw_only=True):
    """What costs nothing to say."""

    respondent: str
    leader: str = ""
    shares: dict[str, float] = {}
    best: dict[str, float] = {}


def _floors(study: Study) -> tuple[_Given, ...]:
    """On data of real concept tests the longer text won 69 to 81 % of clear pairs, so that is a floor as well."""
    even = {each.id: 1.0 / len(study.variants) for each in study.variants}
    lengths = {each.id: len(each.text) for each in study.variants}
    longest = [name for name, length in lengths.items() if length == max(lengths.values())]
    return (
        _Given(respondent="even", shares=even, best=even),
        _Given(respondent="longest", leader=longest[0] if len(longest) == 1 else ""),
    )


def _claims(study: Study, prediction: Prediction, answers: Sequence[PersonAnswer]) -> tuple[ClaimAnswer, ...]:
    expected = {claim.text: claim.score for claim in prediction.claims if claim.verdict != "no-evidence"}
    found = []
    for at, text in enumerate(study.claims):
        said = Counter(each.opinion.claims[at] for each in answers if at < len(each.opinion.claims))
        known = sum(said[stance] for stance in MARKS)
        marks = sum(said[stance] * mark for stance, mark in MARKS.items())
        found.append(
            ClaimAnswer(
                text=text,
                agree=said["agree"],
                neither=said["neither"],
                disagree=said["disagree"],
                unknown=said["unknown"],
                score=round(marks / known, 2) if known else None,
                predicted=expected.get(text),
            )
        )
    return tuple(found)


def _points(study: Study, answers: Sequence[PersonAnswer]) -> tuple[PricePoint, ...]:
    """Who would pay a price would pay every lower one."""
    said = [each.opinion.pays for each in answers if each.opinion.pays is not None]
    if study.prices is None or not said:
        return ()
    return gabor_granger(study.prices.points, [[price <= most for price in study.prices.points] for most in said])


def _points_error(prediction: Prediction, points: Sequence[PricePoint], study: Study) -> float | None:
    wanted = dict(prediction.points)
    same = study.prices is not None and (study.prices.variant or study.variants[0].id) == prediction.priced
    if not same or not points or any(point.price not in wanted for point in points):
        return None
    return round(sum(abs(point.would.value - wanted[point.price].value) for point in points) / len(points), 4)
