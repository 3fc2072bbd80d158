"""How the variants stand with one respondent, and who marks them how."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from vivavoce.findings.study_report import words
from vivavoce.findings.study_report.view import Compared, Marks, Option, StandingRow
from vivavoce.panel.abstentions import explained
from vivavoce.panel.outcome import Comparison, Vote

MAPPED = 24
"""Members on a map: more are a wall."""


def compared(comparison: Comparison, options: Mapping[str, Option], members: Mapping[str, str]) -> Compared:
    """What one respondent says on the whole."""
    names = {id_: each.name for id_, each in options.items()}
    voted = bool(comparison.votes)
    several = len(comparison.standings) > 1  # one alone has nobody to be preferred to
    answered = any(vote.appeal for vote in comparison.votes)
    preferring = sum(bool(vote.prefers) for vote in comparison.votes)
    silent = [f"{count} of {comparison.asked} ballots have no answer: {explained(why)}."
              for why, count in comparison.abstained.items()]  # fmt: skip
    shown = mapped(comparison.votes)
    held = comparison.decision.held_out
    return Compared(
        respondent=comparison.respondent,
        verdict=words.verdict(comparison.decision, names),
        lead=words.lead(comparison, names),
        sure=words.sureness(comparison.decision.sure) if comparison.decision.variant else "",
        voted=voted,
        preferring=f"{preferring} of {len(comparison.votes)}" if voted and several else "",
        effective=f"{comparison.effective_size:.1f}" if answered and several else "",
        held_out="" if held is None else f"{words.percent(held.value)} ({words.range_of(held)})",
        unseen_kind=words.unseen(comparison),
        of_few=words.answering(comparison),
        rows=tuple(
            StandingRow(
                option=options[each.variant],
                wins=f"{each.wins:.1f}".removesuffix(".0") if several else "",
                appeal=f"{each.appeal.value:.1f}",
                interval=f"{each.appeal.low:.1f} to {each.appeal.high:.1f}",
                would=tuple(words.percent(each.would.get(word, 0.0)) for word in ("would", "might", "would_not")),
                best=words.percent(each.best) if several else "",
            )
            for each in comparison.standings
            # members who give no answer, and whoever has none and gives no chance, say nothing a table could show
            if answered or (not voted and any(standing.best for standing in comparison.standings))
        ),
        checks=tuple(words.checks(comparison, silent)),
        map=tuple(_marks(vote, options, members) for vote in shown),
        unseen=sum(bool(vote.appeal) for vote in comparison.votes) - len(shown),
    )


def mapped(votes: Sequence[Vote]) -> list[Vote]:
    """Members for a map, those who choose alike together. Of more than fit, every so-many-th in that order, so that
    the picture has the shape of the whole.
    """
    answered = [vote for vote in votes if vote.appeal]
    favourites = [name for name, _ in Counter(vote.prefers for vote in answered if vote.prefers).most_common()]
    favourites.append("")

    def place(vote: Vote) -> tuple[int, float]:
        marks = sorted(vote.appeal.values(), reverse=True)
        clear = marks[0] - marks[1] if len(marks) > 1 else marks[0]
        return favourites.index(vote.prefers), -clear

    ordered = sorted(answered, key=place)
    if len(ordered) <= MAPPED:
        return ordered
    return [ordered[round(at * (len(ordered) - 1) / (MAPPED - 1))] for at in range(MAPPED)]


def _marks(vote: Vote, options: Mapping[str, Option], members: Mapping[str, str]) -> Marks:
    prefers = options.get(vote.prefers)
    return Marks(
        member=members.get(vote.persona, vote.persona),
        marks=tuple(f"{vote.appeal[id_]:.1f}" if id_ in vote.appeal else "" for id_ in options),
        prefers="" if prefers is None else prefers.letter,
    )
