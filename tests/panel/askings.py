"""People whose preference is known, asked as a study asks: for tests of what is made of their answers."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence

from vivavoce.panel.ballots import Answer, Ballot
from vivavoce.panel.designs import orders
from vivavoce.panel.study import Repeats, Study

Chooser = Callable[[int, tuple[str, ...]], Mapping[str, float]]
"""From a member's place and the order it sees: its share of preference of each variant; none of them for no answer."""


def word(choice: str, order: Sequence[str]) -> dict[str, float]:
    return {name: float(name == choice) for name in order}


def asked(
    study: Study,
    members: int,
    chooser: Chooser,
    repeats: Repeats = "mirrored",
    *,
    validated: bool = False,
    seed: int = 1,
) -> list[Ballot]:
    """Ballots of that many members, their marks by what they prefer."""
    names = [variant.id for variant in study.variants]
    found = []
    for member in range(members):
        for order in orders(names, repeats, member, seed):
            shares = chooser(member, order)
            found.append(
                Ballot(
                    persona=f"p{member:03d}",
                    respondent="test",
                    order=order,
                    answers=tuple(
                        Answer(
                            variant=name, appeal=round(1 + 9 * share, 2), would="would" if share > 0.5 else "would_not"
                        )
                        for name, share in shares.items()
                    ),
                    prefers=dict(shares) if len(names) > 1 else {},
                    abstains="" if shares else "no-evidence",
                    validated=validated,
                )
            )
    return found


def people(choices: Sequence[str]) -> Chooser:
    """Each member prefers one, whatever the order."""
    return lambda member, order: word(choices[member], order)


def first(member: int, order: tuple[str, ...]) -> dict[str, float]:
    """Whatever stands first."""
    return word(order[0], order)


def noise(seed: int) -> Chooser:
    """Any of them, another time another one."""
    chance = random.Random(seed)
    return lambda member, order: word(chance.choice(order), order)
