"""What `viva study survey score` prints: people, and predictions beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vivavoce.app.cli import output

if TYPE_CHECKING:
    from vivavoce.panel.outcome import Share
    from vivavoce.panel.survey.prediction import Predicted
    from vivavoce.panel.survey.score import Beside, Score
    from vivavoce.store.surveys import StoredSurvey


def tell(survey: StoredSurvey, score: Score) -> None:
    """Print what people said, then each prediction beside it."""
    from vivavoce.panel.doubts import said
    from vivavoce.panel.survey.checks import FLAGS, LEFT_OUT

    left_out = score.answers - score.counted
    output.say(f"{survey.form.study.ask}\n{score.answers} answers, {score.counted} counted, {left_out} left out")
    for name, number in score.flags.items():
        output.say(f"- {number} {FLAGS[name]}{'' if name in LEFT_OUT else ' (counted)'}")
    if score.people is None:
        output.say("nobody is counted yet")
        return
    rows = [
        (
            standing.variant,
            _interval(score.shares.get(standing.variant)),
            f"{standing.appeal.value:.1f}",
            f"{standing.best:.0%}",
            *(_share(each, standing.variant) for each in survey.prediction.by),
        )
        for standing in score.people.standings
    ]
    predicted = [f"{each.respondent} predicted" for each in survey.prediction.by]
    output.table(["variant", "people chose", "appeal", "most would", *predicted], rows, empty="")
    output.say(f"{score.undecided} could not choose")
    decision = score.people.decision
    if decision.variant:
        output.say(f"people: {decision.variant}, {decision.sure:.0%} sure")
    else:
        output.say(f"people: not settled; {'; '.join(map(said, decision.why))}")
        for sentence in decision.settle:
            output.say(f"- {sentence}")
    if score.all_leader != score.people.leader:
        output.say(f"- were nothing left out, {score.all_leader or 'nobody'} would lead")
    table = [_row(each) for each in (*score.predictions, *score.floors)]
    columns = ["prediction", "names", "agrees", "share off by", "rank", "Brier", "log", "appeal off by"]
    output.say("")
    output.table(columns, table, empty="")
    for each in score.predictions:
        if not each.predicts:
            output.say(f"- {each.respondent} gave no answer, so it predicted nothing")
    if score.others is not None:
        output.say(
            f"people beside people: {score.others.people} others would choose the same one most in "
            f"{score.others.agree:.0%} of draws, and be off by {score.others.error:.1%}"
        )
    output.say("intervals are the people's: 95 %, by who happened to answer")
    _tell_more(score)


def _tell_more(score: Score) -> None:
    if score.claims:
        output.say("")
        rows = [
            (each.text[:80], each.agree, each.neither, each.disagree, each.unknown, each.score, each.predicted)
            for each in score.claims
        ]
        output.table(["claim", "agree", "neither", "not", "unknown", "of 10", "predicted"], rows, empty="")
    if score.points:
        output.say("")
        points = [(f"{each.price:g}", _interval(each.would), f"{each.revenue:g}") for each in score.points]
        output.table(["price", "would pay it", "of one asked"], points, empty="")
        if score.points_error is not None:
            output.say(f"the prediction's shares are off by {score.points_error:.0%}")
    if score.four is not None:
        found = {
            "not below": score.four.marginal_cheapness,
            "best": score.four.optimal,
            "neither cheap nor dear": score.four.indifference,
            "not above": score.four.marginal_expensiveness,
        }
        told = ", ".join(f"{name} {'unknown' if price is None else f'{price:g}'}" for name, price in found.items())
        output.say(f"prices: {told}; {score.four.left_out} contradicted themselves")


def _row(each: Beside) -> tuple[object, ...]:
    names = {"even": "all alike (floor)", "longest": "the longest text (floor)"}
    return (
        names.get(each.respondent, each.respondent),
        each.leader,
        each.agrees,
        _interval(each.error),
        each.rank,
        each.brier,
        each.log_score,
        each.appeal_error,
    )


def _share(predicted: Predicted, variant: str) -> str:
    return f"{predicted.shares[variant]:.0%}" if variant in predicted.shares else ""


def _interval(share: Share | None) -> str:
    return "" if share is None else f"{share.value:.0%} [{share.low:.0%}, {share.high:.0%}]"
