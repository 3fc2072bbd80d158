"""A study's result on a terminal: the verdict, what it goes back to, and why not to trust it more than that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from vivavoce.app.cli import output

if TYPE_CHECKING:
    from vivavoce.findings.study_record import StudyRecord
    from vivavoce.panel.because import Because
    from vivavoce.panel.changes import Change
    from vivavoce.panel.insights import Insight
    from vivavoce.panel.outcome import Claim, Comparison, Result
    from vivavoce.panel.personas import Panel
    from vivavoce.panel.study import Study
    from vivavoce.store.studies import StoredStudy

REASONS = 2
"""For each variant, and as many against it."""
WEIGHED = 3
"""Terms of each variant, of whoever has no members."""
QUOTE_CHARS = 140


def tell_result(record: StudyRecord) -> None:
    """What came of a study: verdicts first, then what they go back to."""
    from vivavoce.panel.because import because

    study, panel, result = record.study.spec, record.panel, record.result
    first = result.comparisons[0].respondent
    ballots = [ballot for ballot in record.ballots if ballot.respondent == first]
    output.say(f"\n{study.ask}")
    _tell_parting(result, study)
    for comparison in result.comparisons:
        _tell_comparison(comparison, panel)
    reasons = because(ballots, most=REASONS)
    if reasons:
        output.say("\nevidence")
    for variant in study.variants:
        for each in reasons.get(variant.id, ()):
            _tell_reason(each, record.insights, len(panel.personas))
    _tell_rest(result, study, record.insights)
    output.say(f"\nsame again: evidence {result.reproduction.evidence_hash}, study {result.reproduction.study_hash}, "
               f"seed {result.reproduction.seed}, {_versions(result)}")  # fmt: skip


def tell_state(study: StoredStudy) -> None:
    """One line of how far a study is."""
    abstained = f", {study.abstained} of them without an answer" if study.abstained else ""
    told = f"study {study.id}: {study.state}, {study.asked} of {study.wanted} ballots{abstained}"
    if study.problem:
        told += f"; {study.problem}"
    output.say(told if study.state == "done" else f"{told}; job {study.job}")
    for name, used in study.usage.items():
        counts = ", ".join(f"{number} {what.replace('_', ' ')}" for what, number in used.items() if number)
        output.say(f"{name}: {counts or 'nothing was asked of it'}")


def tell_changes(found: Sequence[Change]) -> None:
    rows = [(each.what, each.where, each.before, each.after) for each in found]
    output.table(
        ["what", "where", "before", "after"], rows, empty="nothing: the same was asked, and the same came of it"
    )


def _tell_parting(result: Result, study: Study) -> None:
    """Before any verdict: a verdict that another contradicts is read as one."""
    from vivavoce.findings.study_report.words import parting

    for each in parting(result, {variant.id: variant.id for variant in study.variants}):
        output.say(f"\n{each}")
    if result.differ:
        output.say("\nRespondents name different variants: trust neither before people were asked.")


def _tell_comparison(comparison: Comparison, panel: Panel) -> None:
    from vivavoce.findings.study_report.words import SETTLED

    output.say(f"\nverdict of {comparison.respondent}: {_verdict(comparison)}")
    if comparison.votes:
        _tell_votes(comparison, panel)
    else:
        _tell_sum(comparison)
    if comparison.decision.settle:
        output.say(f"what would settle it? {SETTLED}")
    for step in comparison.decision.settle:
        output.say(f"  {step}")


def _tell_sum(comparison: Comparison) -> None:
    """Of whoever has no members: its chances, what they add up from, and the doubts. No votes, no marks."""
    if any(each.best for each in comparison.standings):
        rows = [(each.variant, f"{each.best:.0%}") for each in comparison.standings]
        output.table(["variant", "chance that it is clicked more"], rows, empty="")
    _tell_doubts(comparison)
    for variant, reasons in comparison.reasons.items():
        for each in reasons[:WEIGHED]:
            output.say(f"{each.weight:+.2f} {variant}: {each.text}")


def _tell_doubts(comparison: Comparison) -> None:
    from vivavoce.panel.doubts import said

    for key in comparison.decision.why:
        output.say(f"- {said(key)}")


def _tell_votes(comparison: Comparison, panel: Panel) -> None:
    from vivavoce.findings.study_report.words import answering, silence

    if unheard := silence(comparison):
        output.say(unheard)
    if not any(vote.appeal for vote in comparison.votes):
        _tell_doubts(comparison)
        return
    if few := answering(comparison):
        output.say(f"{few}:")
    # one alone has nobody to be preferred to
    several = len(comparison.standings) > 1
    rows = [
        (
            each.variant,
            *([f"{each.wins:g}"] if several else []),
            f"{each.appeal.value:.1f} ({each.appeal.low:.1f} to {each.appeal.high:.1f})",
            *(f"{each.would.get(word, 0.0):.0%}" for word in ("would", "might", "would_not")),
            *([f"{each.best:.0%}"] if several else []),
        )
        for each in comparison.standings
    ]
    prefer, best = (["prefer it"], ["best, as the panel has it"]) if several else ([], [])
    output.table(["variant", *prefer, "appeal", "would", "might", "would not", *best], rows, empty="")
    if several:
        _tell_worth(comparison, panel)
    _tell_doubts(comparison)
    if comparison.flip_rate is not None and comparison.flip_rate.value:
        output.say(f"- {comparison.flip_rate.value:.0%} change sides with the order")


def _tell_worth(comparison: Comparison, panel: Panel) -> None:
    from vivavoce.findings.study_report.words import WORTH

    preferring = sum(bool(vote.prefers) for vote in comparison.votes)
    output.say(
        f"doubt: {preferring} of {len(panel.personas)} members prefer one, and are worth "
        f"{comparison.effective_size:.1f} independent people. {WORTH}"
    )


def _verdict(comparison: Comparison) -> str:
    decision = comparison.decision
    if len(comparison.standings) == 1:
        return "none: one variant has nothing to be compared with, and stands by itself below"
    if decision.word == "undecided":
        return f"undecided, not enough evidence{_ahead(comparison)}"
    sure = f"{decision.sure:.0%} sure of itself"
    if decision.held_out is None:
        unchecked = "whether such panels are right" if comparison.votes else "how often it is right like this"
        return f"leans to {decision.variant} ({sure}; {unchecked}, nobody has checked)"
    held = decision.held_out
    on = "people" if comparison.votes else "headlines"
    seen = f"on {on} it had not seen right {held.value:.0%} of the time, {held.low:.0%} to {held.high:.0%}"
    return f"{'likely' if decision.word == 'likely' else 'leans to'} {decision.variant} ({sure}; {seen})"


def _ahead(comparison: Comparison) -> str:
    """Whom the panel puts first although nobody is named: by how many, and how far that is from a verdict."""
    from vivavoce.findings.study_report.words import how_far

    far = how_far(comparison)
    if not far:
        return ""
    answered = [vote for vote in comparison.votes if vote.appeal]
    wins = sum(vote.prefers == comparison.leader for vote in answered)
    return f"; ahead is {comparison.leader}, preferred by {wins} of {len(answered)} who answered ({far})"


def _tell_reason(reason: Because, insights: Mapping[str, Insight], members: int) -> None:
    sign = "+" if reason.sign == "pro" else "-"
    output.say(f"{sign} {reason.variant}: {reason.text} ({len(reason.members)} of {members})")
    cited = insights.get(reason.evidence[0]) if reason.evidence and reason.quote else None
    if cited is not None:
        output.say(f'    "{_short(reason.quote)}" ({", ".join(_where(cited))})')


def _where(insight: Insight) -> list[str]:
    """Who said it and where, as far as the source tells: a pseudonym, a day, a link."""
    said = [insight.source, insight.person[:8] and f"person {insight.person[:8]}", output.moment(insight.said_at)[:10]]
    return [each for each in (*said, insight.url or f"insight {insight.id}") if each]


def _tell_rest(result: Result, study: Study, insights: Mapping[str, Insight]) -> None:
    if result.claims:
        _tell_claims(result.claims, insights)
    if result.pricing is not None:
        _tell_prices(result)
    if result.hypotheses:
        output.say("\nhypotheses")
    for hypothesis in result.hypotheses:
        output.say(f"- {hypothesis.text} {hypothesis.state}. {hypothesis.test}")
    if result.discussion is not None:
        from vivavoce.panel.discussion import turned

        talk = result.discussion
        output.say(
            f"\ndiscussion, apart from the verdict: {turned(talk)} of {len(talk.moves)} changed their favourite; "
            f"{talk.leader_before or 'nobody'} led before, {talk.leader_after or 'nobody'} after"
        )
    if study.leads:
        leads = [(each.about, each.source, output.moment(each.said_at)[:10], each.url) for each in result.leads]
        output.say("")
        output.table(["who complained of", "where", "when", "link"], leads, empty="no public place where this was said")


def _tell_claims(claims: Sequence[Claim], insights: Mapping[str, Insight]) -> None:
    """The marks, and below them what comes nearest to a claim that has no evidence."""
    from vivavoce.findings.study_report.words import too_few

    output.say("")
    rows = [
        (each.text, each.verdict.replace("-", " "), "" if each.verdict == "no-evidence" else f"{each.score:.1f}",
         each.people) for each in claims
    ]  # fmt: skip
    output.table(["claim", "the evidence", "1 to 10", "people"], rows, empty="")
    for each in claims:
        nearest = [insights[id_] for id_ in each.nearest if id_ in insights]
        if nearest:
            few = too_few(each)
            output.say(f"nearest to “{each.text}”{f' ({few})' if few else ''}:")
        for said in nearest:
            output.say(f'    "{_short(said.text)}" ({", ".join(_where(said))})')


def _short(text: str) -> str:
    quote = " ".join(text.split())
    return quote if len(quote) <= QUOTE_CHARS else f"{quote[: QUOTE_CHARS - 1]}…"


def _tell_prices(result: Result) -> None:
    from vivavoce.panel.doubts import said

    pricing = result.pricing
    if pricing is None:
        return
    output.say(f"\nprices of {pricing.variant}, {pricing.currency or 'in its currency'}")
    rows = [
        (
            f"{each.price:g}",
            f"{each.would.value:.0%} ({each.would.low:.0%} to {each.would.high:.0%})",
            f"{each.revenue:.2f}",
        )
        for each in pricing.points
    ]
    output.table(["price", "not too much for", "for each person asked"], rows, empty="")
    output.say("best: " + ("cannot be told" if pricing.best is None else f"{pricing.best:g}"))
    for key in pricing.why:
        output.say(f"- {said(key)}")


def _versions(result: Result) -> str:
    return ", ".join(f"{name} {version}" for name, version in result.reproduction.versions.items())
