"""Who gets the next seat: in proportion, and the first few all different.

A panel of five is read, so its members should differ; one of 200 decides, so its seats should go to each party as often
as people speak for it. Seats are given one by one, by lot among those that are owed some: the first five of two hundred
are the five.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

FACE = 5
"""Seats that go to different parties as long as there are any."""


class Seats:
    """Seats given to parties so far. Shares are above 0 and need not sum to 1."""

    def __init__(self, shares: Sequence[float]) -> None:
        whole = sum(shares)
        self._shares = [share / whole for share in shares]
        self._given = [0] * len(shares)

    def give(self, chance: random.Random, liking: Sequence[float] | None = None) -> int:
        """The next seat, to a party that is owed one; with a liking, rather to one that is liked.

        A party is owed what its share is of the seats so far and this one, less what it has. All together are owed one
        seat, so there is always somebody to give it to.
        """
        seat = sum(self._given)
        pairs = list(zip(self._shares, self._given, strict=True))
        if seat < FACE and not all(self._given):
            weights = [0.0 if given else share for share, given in pairs]
        else:
            weights = [max(0.0, share * (seat + 1) - given) for share, given in pairs]
        if liking is not None:
            weights = [weight * factor for weight, factor in zip(weights, liking, strict=True)]
        party = chance.choices(range(len(weights)), weights)[0]
        self._given[party] += 1
        return party
