"""The A/B/n test of one respondent: ballots to votes, votes to standings, standings to how sure, and to a verdict.

Whoever changes sides with the order, or likes nothing better than the next, prefers nothing, and is no vote. A vote is
the member's mean share of preference over its orders: all on one variant where a respondent says one word, parted where
it says chances. Votes count as many as the independent members they are worth.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence

from vivavoce.errors import InputError
from vivavoce.panel.ballots import Ballot, Would
from vivavoce.panel.decision import HeldOut, decided
from vivavoce.panel.intervals import mean_of, share_of
from vivavoce.panel.outcome import Comparison, Standing, Vote
from vivavoce.panel.overlap import effective_size
from vivavoce.panel.posterior import best
from vivavoce.panel.study import Study
from vivavoce.panel.studying import same
from vivavoce.panel.thinness import STOPS
from vivavoce.panel.votes import chances, goes_by_place, mean, turned, votes

MOST_FLIPS = 0.25
"""Share of the members that may change sides with the order; who chooses by lot does so in half of two orders."""
MOST_SILENT = 0.5
"""Share of the members that may give no answer."""
LEAST_PREFER = 0.5
"""Share of those who answer that must prefer something: the verdict is about most people, not about those who care.
All three not tuned.
"""
BIASED = 0.98
"""From here on a winner between equals is no chance: who chooses by lot gets there in 4.5 of 100 tests at most (exact,
for panels of up to 1,000: `python -m bench verdicts`), and seven who agree do. Tighter than a verdict: a test that
often fails honest respondents would be left out.
"""
LOWEST, HIGHEST = 1.0, 10.0
"""Marks."""


def compared(
    study: Study,
    ballots: Sequence[Ballot],
    *,
    rho: float,
    null: bool | None = None,
    relevant: bool = True,
    warnings: Sequence[str] = (),
    heard: int | None = None,
    held_out: HeldOut | None = None,
) -> Comparison:
    """What one respondent says of the variants of a study.

    Args:
        ballots: of one respondent, all members in all their orders; none is a comparison too, and undecided.
        rho: correlation of any two members, 0 for people.
        null: what `finds_no_winner` said of the same respondent.
        relevant: whether the panel's evidence is about what the variants are about.
        warnings: of the panel; those that stop a panel which nobody forces stop a verdict.
        heard: people whom the panel was drawn from; None for no panel.
        held_out: what is known of verdicts of this respondent on people it had not seen.
    Raises:
        InputError: ballots of several respondents, of other variants, or a rho that is no correlation.
    """
    names = [variant.id for variant in study.variants]
    respondent = _respondent(ballots, names, rho)
    cast = votes(ballots)
    answered = [vote for vote in cast if vote.appeal]
    counted = [vote for vote in cast if vote.prefers]
    worth = effective_size(len(counted), rho) if counted else 0.0
    shares = _shares(names, counted)
    posterior = dict(zip(names, best([shares[name] * worth for name in names]), strict=True))
    standings = tuple(_standing(name, ballots, answered, counted, posterior[name], rho) for name in names)
    flips, of = turned(cast, ballots)
    validated = bool(answered) and all(ballot.validated for ballot in ballots if not ballot.abstains)
    leader = _leader(standings, answered)
    holds = {
        "one-variant": len(names) == 1,
        "identical": bool(same(study.variants)),
        "thin": bool(STOPS.keys() & set(warnings)),
        "wrong-niche": not relevant,
        "abstained": len(answered) < (1 - MOST_SILENT) * len(cast),
        "flips": of > 0 and flips > MOST_FLIPS * of,
        "first": goes_by_place(ballots),
        "null-failed": null is False,
    }
    # not beside another, for whoever changes sides prefers nothing either
    doubts = [name for name, found in holds.items() if found]
    if not doubts and len(counted) < LEAST_PREFER * len(answered):
        doubts = ["close"]
    return Comparison(
        respondent=respondent,
        validated=validated,
        standings=standings,
        leader=leader,
        decision=decided(
            posterior,
            shares=shares,
            worth=worth,
            rho=rho,
            leader=leader,
            doubts=doubts,
            validated=validated,
            heard=heard,
            held_out=held_out,
        ),
        votes=cast,
        effective_size=round(worth, 2),
        flip_rate=share_of(flips / of, effective_size(of, rho)) if of else None,
        asked=len(ballots),
        abstained=dict(sorted(Counter(ballot.abstains for ballot in ballots if ballot.abstains).items())),
        null=null,
    )


def finds_no_winner(ballots: Sequence[Ballot]) -> bool | None:
    """Whether a respondent that was asked about variants that say the same names no winner, as it should; None where
    it answered nothing. Members count as strangers: what makes all of them prefer one of two equals is the respondent.
    """
    cast = votes(ballots)
    names = sorted({name for vote in cast for name in vote.chosen})
    if not names:
        return None
    counted = [vote for vote in cast if vote.prefers]
    shares = _shares(names, counted)
    return max(best([shares[name] * len(counted) for name in names])) < BIASED


def _respondent(ballots: Sequence[Ballot], names: Sequence[str], rho: float) -> str:
    if not 0 <= rho <= 1:
        raise InputError(f"want a correlation of members from 0 to 1, got {rho}")
    respondents = sorted({ballot.respondent for ballot in ballots})
    if len(respondents) > 1:
        raise InputError(f"want ballots of one respondent, got those of {', '.join(respondents)}")
    for ballot in ballots:
        said = {*ballot.order, *ballot.prefers, *(answer.variant for answer in ballot.answers)}
        if unknown := sorted(said - set(names)):
            raise InputError(f"want ballots about {', '.join(names)}; got one about {unknown[0]!r:.60}")
    return respondents[0] if respondents else ""


def _shares(names: Sequence[str], counted: Sequence[Vote]) -> dict[str, float]:
    """Of all votes, by variant; 0 where nobody votes."""
    return {name: mean(vote.chosen.get(name, 0.0) for vote in counted) if counted else 0.0 for name in names}


def _standing(
    name: str, ballots: Sequence[Ballot], answered: Sequence[Vote], counted: Sequence[Vote], sure: float, rho: float
) -> Standing:
    marks = [vote.appeal[name] for vote in answered if name in vote.appeal]
    chosen = [vote.chosen[name] for vote in answered if name in vote.chosen]
    return Standing(
        variant=name,
        wins=float(sum(vote.prefers == name for vote in counted)),
        appeal=mean_of(marks, rho, low=LOWEST, high=HIGHEST),
        would=_would(name, ballots),
        chosen=round(mean(chosen), 4) if chosen else 0.0,
        best=round(sure, 4),
    )


def _would(name: str, ballots: Sequence[Ballot]) -> dict[Would, float]:
    """Over members, each the mean of its ballots; even chances where nobody answered."""
    theirs: dict[str, list[Mapping[Would, float]]] = {}
    for ballot in ballots:
        for answer in ballot.answers:
            if answer.variant == name:
                theirs.setdefault(ballot.persona, []).append(chances(answer))
    found: dict[Would, float] = {"would": 1 / 3, "might": 1 / 3, "would_not": 1 / 3}
    if theirs:
        for word in found:
            found[word] = mean(mean(each.get(word, 0.0) for each in member) for member in theirs.values())
    return {word: round(chance, 6) for word, chance in found.items()}


def _leader(standings: Sequence[Standing], answered: Sequence[Vote]) -> str:
    """By wins, then by mean appeal; nobody where both are level, or there is one variant alone."""
    if len(standings) < 2 or not answered:
        return ""
    ranked = sorted(standings, key=lambda each: (-each.wins, -each.appeal.value))
    level = ranked[0].wins == ranked[1].wins and math.isclose(ranked[0].appeal.value, ranked[1].appeal.value)
    return "" if level else ranked[0].variant
