"""From ballots to one vote a member, and what the order they were shown in did to them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from vivavoce.panel.ballots import Answer, Ballot, Would
from vivavoce.panel.differing import favourite
from vivavoce.panel.intervals import wilson
from vivavoce.panel.outcome import Vote
from vivavoce.panel.reasoner import choice

AHEAD = 0.05
"""By so much a member's mean share of preference must lead its next for a preference: less is no choice. A respondent
who says one word leads by all. Not tuned.
"""


def votes(ballots: Sequence[Ballot]) -> tuple[Vote, ...]:
    """One a member, in the order they come; ballots are those of one respondent, in whatever orders."""
    theirs: dict[str, list[Ballot]] = {}
    for ballot in ballots:
        theirs.setdefault(ballot.persona, []).append(ballot)
    return tuple(_vote(persona, each) for persona, each in theirs.items())


def chances(answer: Answer) -> Mapping[Would, float]:
    """Of the three words; one word is all of it."""
    return answer.chances or {answer.would: 1.0}


def mean(values: Iterable[float]) -> float:
    """Of at least one value."""
    all_ = list(values)
    return math.fsum(all_) / len(all_)


def turned(votes_: Sequence[Vote], ballots: Sequence[Ballot]) -> tuple[int, int]:
    """How many members changed sides with the order, and of how many that answered in more than one."""
    orders: dict[str, set[tuple[str, ...]]] = {}
    for ballot in ballots:
        if ballot.prefers:
            orders.setdefault(ballot.persona, set()).add(ballot.order)
    return sum(vote.flipped for vote in votes_), sum(len(seen) > 1 for seen in orders.values())


def goes_by_place(ballots: Sequence[Ballot]) -> bool:
    """Whether the respondent prefers what stands first whatever it is: clearly more often than its liking for what was
    shown first explains, and by more than half of the way from there to always.
    """
    chosen = [(favourite(ballot), ballot.order[0]) for ballot in ballots if favourite(ballot)]
    count = len(chosen)
    if not count:
        return False
    liked, ahead = Counter(one for one, _ in chosen), Counter(first for _, first in chosen)
    # what would stand first by itself: with one order alone, liking it and its place cannot be told apart
    by_liking = math.fsum(liked[one] * ahead[one] for one in liked) / count**2
    by_place = sum(one == first for one, first in chosen)
    return wilson(by_place, count)[0] > by_liking and by_place / count > (1 + by_liking) / 2


def _vote(persona: str, ballots: Sequence[Ballot]) -> Vote:
    given = [answer for ballot in ballots for answer in ballot.answers]
    variants = dict.fromkeys(answer.variant for answer in given)
    chose = [ballot for ballot in ballots if ballot.prefers]
    chosen = {id_: mean(ballot.prefers.get(id_, 0.0) for ballot in chose) for id_ in (variants if chose else ())}
    liked = {favourite(ballot) for ballot in chose} - {""}
    flipped = len(liked) > 1
    words: dict[str, Would] = {
        id_: choice.word(_mean_chances([answer for answer in given if answer.variant == id_])) for id_ in variants
    }
    return Vote(
        persona=persona,
        prefers="" if flipped else _outstanding(chosen),
        flipped=flipped,
        asked=len(ballots),
        abstained=sum(bool(ballot.abstains) for ballot in ballots),
        appeal={id_: round(mean(each.appeal for each in given if each.variant == id_), 4) for id_ in variants},
        chosen={id_: round(share, 6) for id_, share in chosen.items()},
        would=words,
    )


def _outstanding(chosen: Mapping[str, float]) -> str:
    ranked = sorted(chosen.items(), key=lambda each: -each[1])
    if len(ranked) < 2 or ranked[0][1] - ranked[1][1] < AHEAD:
        return ""
    return ranked[0][0]


def _mean_chances(answers: Sequence[Answer]) -> dict[Would, float]:
    found: dict[Would, float] = {"would": 0.0, "might": 0.0, "would_not": 0.0}
    for word in found:
        found[word] = mean(chances(answer).get(word, 0.0) for answer in answers)
    return found
