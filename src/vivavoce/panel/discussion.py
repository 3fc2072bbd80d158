"""The second round: members hear each other, and some of them move. No verdict counts it.

Each member's marks go towards what it hears, as far as it is not stubborn, and never leave wholly what it said first
(Friedkin, Johnsen 1990, after DeGroot 1974). Whoever shares one's troubles is heard more. All that is said are reasons
that stand on ballots. How stubborn an archetype is, and how many rounds there are, is assumed: this shows who would be
asked to explain what to whom, and forecasts nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vivavoce.panel.ballots import Ballot, Reason, Sign
from vivavoce.panel.outcome import Discussion, Move
from vivavoce.panel.overlap import concerns
from vivavoce.panel.personas import Panel, Persona
from vivavoce.panel.study import Study
from vivavoce.panel.texts import cut
from vivavoce.panel.votes import mean

ROUNDS = 2
"""Everybody hears what all say, and then what that did to them."""
STRANGER = 0.25
"""What somebody with no trouble or wish in common is heard with, beside 1 for one who has the very same."""
HOLDS = {"status-quo": 0.1, "endowment": 0.1, "sunk-cost": 0.1, "omission": 0.1, "overconfidence": 0.1, "control": 0.1}
FOLLOWS = {"bandwagon": 0.2, "blame": 0.1}
"""What a bias adds to stubbornness, and takes from it; the others do not speak of it."""
LEAST_STUBBORN, MOST_STUBBORN = 0.1, 0.9
MOVED = 0.05
"""Of a mark, below which nobody has moved."""
SAID_CHARS = 200

Marks = NDArray[np.float64]


class _Because(NamedTuple):
    """A reason on a ballot, and of which variant."""

    variant: str
    reason: Reason


def discussed(panel: Panel, study: Study, ballots: Sequence[Ballot]) -> Discussion:
    """What members would say of the variants after hearing each other; whoever abstained says and hears nothing.

    Args:
        ballots: of one respondent, all members in all orders: the first round, which is left as it is.
    """
    variants = [variant.id for variant in study.variants]
    first = {persona.id: marks for persona in panel.personas if (marks := _marks(persona.id, variants, ballots))}
    members = [persona for persona in panel.personas if persona.id in first]
    if not members:
        return Discussion(moves=(), rounds=0, conformity=0.0, leader_before="", leader_after="")
    before = np.array([[first[persona.id][name] for name in variants] for persona in members])
    heard = _heard(members)
    stubborn = np.array([[stubbornness(persona)] for persona in members])
    after = before
    for _ in range(ROUNDS):
        after = stubborn * before + (1 - stubborn) * (heard @ after)
    # what is behind the fourth place depends on the machine
    after = after.round(4)
    reasons = [_reasons(persona.id, ballots) for persona in members]
    return Discussion(
        moves=tuple(_move(at, members, variants, before, after, heard, reasons) for at in range(len(members))),
        rounds=ROUNDS,
        conformity=_drawn_together(before, after),
        leader_before=_leader(variants, before),
        leader_after=_leader(variants, after),
    )


def turned(found: Discussion) -> int:
    """Members who mark another variant highest than before; two that are level are nobody's highest. How many moved at
    all, and how much they drew together, is nearly the same for any offers: it is made by how stubborn members are.
    """
    return sum(_highest(move.before) != _highest(move.after) for move in found.moves)


def stubbornness(persona: Persona) -> float:
    """How much of its first mark a member keeps, from .1 to .9: whoever chooses with little noise knows what they want;
    some biases hold on to it, and some look to others.
    """
    kept = 1 - persona.temperature + HOLDS.get(persona.bias, 0.0) - FOLLOWS.get(persona.bias, 0.0)
    return min(MOST_STUBBORN, max(LEAST_STUBBORN, kept))


def _marks(persona: str, variants: Sequence[str], ballots: Sequence[Ballot]) -> dict[str, float]:
    """Its mean mark of each variant; none where one of them has no mark."""
    given: dict[str, list[float]] = {}
    for answer in chain.from_iterable(ballot.answers for ballot in ballots if ballot.persona == persona):
        given.setdefault(answer.variant, []).append(answer.appeal)
    return {name: mean(given[name]) for name in variants} if given.keys() >= set(variants) else {}


def _heard(members: Sequence[Persona]) -> Marks:
    """With what weight each member (rows, which sum to 1) hears each, itself not; alone it hears itself."""
    if len(members) == 1:
        return np.ones((1, 1))
    theirs = [concerns(persona) for persona in members]
    known = {point: at for at, point in enumerate(dict.fromkeys(chain.from_iterable(theirs)))}
    table = np.zeros((len(members), len(known)))
    for row, points in enumerate(theirs):
        for point, weight in points.items():
            table[row, known[point]] = weight
    lengths = np.linalg.norm(table, axis=1, keepdims=True)
    unit = table / np.where(lengths > 0, lengths, 1.0)
    heard = STRANGER + (1 - STRANGER) * (unit @ unit.T)
    np.fill_diagonal(heard, 0.0)
    weights: Marks = heard / heard.sum(axis=1, keepdims=True)
    return weights


def _reasons(persona: str, ballots: Sequence[Ballot]) -> list[_Because]:
    """Those of its ballots, the weightiest first, each once."""
    answers = chain.from_iterable(ballot.answers for ballot in ballots if ballot.persona == persona)
    said = {(answer.variant, reason.text): reason for answer in answers for reason in answer.reasons}
    found = [_Because(variant, reason) for (variant, _), reason in said.items()]
    return sorted(found, key=lambda each: -abs(each.reason.weight))


def _move(
    at: int,
    members: Sequence[Persona],
    variants: Sequence[str],
    before: Marks,
    after: Marks,
    heard: Marks,
    reasons: Sequence[list[_Because]],
) -> Move:
    moved = after[at] - before[at]
    most = int(np.abs(moved).argmax())
    swayed = None
    if abs(moved[most]) >= MOVED:
        sign: Sign = "pro" if moved[most] > 0 else "con"
        # by how much each one pulls this way, the strongest of those who say why
        pulls = (heard[at] * (before[:, most] - before[at, most]) * np.sign(moved[most])).round(6)
        for other in sorted(map(int, np.flatnonzero(pulls > 0)), key=lambda other: -pulls[other]):
            why = next(
                (each for each in reasons[other] if each.variant == variants[most] and each.reason.sign == sign), None
            )
            if why is not None:
                swayed = (members[other], why.reason)
                break
    return Move(
        persona=members[at].id,
        before={name: round(float(mark), 2) for name, mark in zip(variants, before[at], strict=True)},
        after={name: round(float(mark), 2) for name, mark in zip(variants, after[at], strict=True)},
        says=_says(reasons[at], variants[most], float(before[at, most]), float(after[at, most]), swayed),
        swayed_by=swayed[0].id if swayed else "",
        reason=swayed[1].text if swayed else "",
        evidence=swayed[1].evidence if swayed else (),
    )


def _says(
    own: Sequence[_Because], variant: str, before: float, after: float, swayed: tuple[Persona, Reason] | None
) -> str:
    """Its weightiest reason, and what moved it: words that stand on ballots, around them ours."""
    said = [f"Of {_named(own[0].variant)}: {_plain(own[0].reason.text)}"] if own else ["Gave marks and no reason."]
    if abs(after - before) < MOVED:
        return f"{said[0]} Stays with that."
    said.append(f"Goes from {before:.1f} to {after:.1f} on {_named(variant)}")
    if swayed is None:
        return f"{' '.join(said)}, with the others; nobody gave a reason for it."
    return f"{' '.join(said)}, after {swayed[0].name} said: {_plain(swayed[1].text)}"


def _named(variant: str) -> str:
    return f"“{variant}”"


def _plain(text: str) -> str:
    """On one line, cut, with an end."""
    line = " ".join(text.split())
    shown = cut(line, SAID_CHARS)
    if shown != line:
        return f"{shown} …"
    return shown if shown.endswith((".", "!", "?", "…")) else f"{shown}."


def _drawn_together(before: Marks, after: Marks) -> float:
    """1 less the spread of the members' marks after, over that before; 0 where there was none."""
    spread = float(before.std(axis=0).mean())
    return round(1 - float(after.std(axis=0).mean()) / spread, 4) if spread > 0 else 0.0


def _highest(marks: Mapping[str, float]) -> str:
    most = [name for name, mark in marks.items() if mark == max(marks.values())]
    return most[0] if len(most) == 1 else ""


def _leader(variants: Sequence[str], marks: Marks) -> str:
    """By mean mark; nobody where the first two are level, or there is one alone."""
    ranked = sorted(zip(marks.mean(axis=0).round(4).tolist(), variants, strict=True), key=lambda each: -each[0])
    return ranked[0][1] if len(ranked) > 1 and ranked[0][0] > ranked[1][0] else ""
