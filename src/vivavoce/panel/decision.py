"""From how sure a panel is to a verdict, or to none: why, and what would settle it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from vivavoce.panel.building import MOST_MEMBERS
from vivavoce.panel.outcome import Comparison, Decision, Share
from vivavoce.panel.overlap import effective_size
from vivavoce.panel.posterior import best

SURE = 0.95
"""From here on a panel is sure of itself."""
EARLY = 0.999
"""From here on asking may stop before everybody was asked. Who looks again and again is sure of something sooner or
later; at this bar 20 looks at people who choose by lot end in a verdict no more often than one look at the end does
(`python -m bench verdicts`).
"""
EVEN = 0.5
MOST_NEEDED = 10_000
"""People beyond which nobody would ask, and a difference is too small to matter."""
HeldOut: TypeAlias = Callable[[float], Share | None]
"""How often a verdict that is as sure as this was right on people it had not seen; None where that is not known."""

SETTLE = {
    "one-variant": "Add a second variant, if only what people do today.",
    "identical": "Make the variants differ, or leave one of those that say the same out.",
    "thin": "Collect more insights: the panel says which ones it lacks.",
    "wrong-niche": "Collect insights about what the variants are about.",
    "abstained": "Collect insights about what the variants are about, or ask a respondent that answers.",
    "flips": "Make the variants differ more, or ask another respondent: this one goes by the order.",
    "close": "Make the variants differ more: to most members they are as good as each other.",
    "first": "Ask another respondent: this one goes by the order.",
    "null-failed": "Ask another respondent: this one finds differences where there are none.",
}
"""What to do about a doubt, where it is not a matter of numbers."""


def decided(
    chances: Mapping[str, float],
    *,
    shares: Mapping[str, float],
    worth: float,
    rho: float,
    leader: str,
    doubts: Sequence[str],
    validated: bool,
    heard: int | None = None,
    held_out: HeldOut | None = None,
) -> Decision:
    """The verdict on a comparison.

    Args:
        chances: posterior probability of each variant to be what most would choose (`posterior.best`).
        shares: of votes, by variant; they sum to 1, or are 0 where nobody prefers anything.
        worth: independent members behind them.
        rho: correlation of any two members; 0 for people, to whom nobody says that people should be asked.
        leader: whom the panel names by wins; a verdict for another one is none.
        doubts: keys that stand in the way of any verdict.
        validated: whether the respondent was, for this sort of text.
        heard: people whom the panel was drawn from; None where that is not known.
        held_out: what is known of verdicts of this kind; without it none is `likely`.
    """
    first = max(chances, key=lambda each: chances[each], default="")
    sure = chances.get(first, 0.0)
    posterior = round(chances.get(leader, 0.0), 4)
    why = list(doubts)
    if not why and (sure < SURE or first != leader):
        why = ["few" if best([worth, *[0.0] * (len(chances) - 1)])[0] < SURE else "close"]
    if why:
        settle = [SETTLE[doubt] for doubt in doubts] if doubts else _numbers(shares, rho, heard)
        return Decision(word="undecided", posterior=posterior, why=tuple(why), settle=tuple(dict.fromkeys(settle)))
    seen = held_out(sure) if held_out is not None else None
    likely = validated and seen is not None and seen.low > EVEN
    people = needed(shares)
    return Decision(
        word="likely" if likely else "leans",
        variant=first,
        sure=round(sure, 4),
        posterior=posterior,
        held_out=seen,
        why=() if likely else ("not-validated",),
        settle=(_ask_people(people),) if rho and not likely and people else (),
    )


def enough(comparison: Comparison) -> bool:
    """Whether asking more members can be left: the panel has a verdict, and is far surer than it must be at the end."""
    return comparison.decision.word != "undecided" and comparison.decision.sure >= EARLY


def needed(shares: Mapping[str, float]) -> int | None:
    """The fewest independent people who make one sure where they choose in these shares; None where no number that
    anybody would ask does.
    """
    low, high = 0, MOST_NEEDED
    if not _settles(shares, high):
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _settles(shares, middle) else (middle, high)
    return high


def _ask_people(people: int) -> str:
    return (
        f"Ask people the same, in a Reality Check (viva study survey open): {people} who choose as these do would "
        "settle it."
    )


def _settles(shares: Mapping[str, float], people: int) -> bool:
    return max(best([share * people for share in shares.values()]), default=0.0) >= SURE


def _numbers(shares: Mapping[str, float], rho: float, heard: int | None) -> list[str]:
    """What would settle it where nothing is wrong but that there is too little."""
    people = needed(shares)
    if people is None:
        return ["Make the variants differ more: as close as these are, no number of people settles it."]
    if not rho:
        return [f"Ask more people: {people} in all would settle it if they choose as these do."]
    # solved for the members who are worth as many: worth = members / (1 + (members - 1) rho)
    members = math.ceil(people * (1 - rho) / (1 - people * rho)) if people * rho < 1 else None
    if members is not None and members <= MOST_MEMBERS:
        return [f"Ask a panel of {members}, if its members go on to choose like this.", _ask_people(people)]
    most = effective_size(MOST_MEMBERS, rho)
    said = [
        _ask_people(people),
        "A panel of one market can almost never settle it by itself: its members share so much that even "
        f"{MOST_MEMBERS} of them are worth {most:.1f} people.",
    ]
    # of people who were heard already there are enough: what the members have in common stays, whoever else is heard
    if heard is not None and heard < people:
        said.append(
            f"Collect more insights as well: the panel was drawn from {heard} {'person' if heard == 1 else 'people'}, "
            "and is worth no more than it heard."
        )
    return said
