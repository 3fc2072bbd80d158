"""Van Westendorp's price sensitivity meter: four prices of each person, four curves, and where they cross.

Asked is from where on something is too cheap to be any good, cheap, expensive, and too expensive to be considered. The
crossings are those of the original (van Westendorp 1976): cheapness is marginal where "too cheap" meets "not cheap",
expensiveness where "too expensive" meets "not expensive".
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import pairwise

from vivavoce.panel.outcome import Westendorp

DRAWN = 60
"""Prices at most at which the curves are given. Where they cross is computed at all."""
SAME = 1e-12
"""Shares are sums of whole people over as many: what is nearer is the same."""


def westendorp(rows: Sequence[Sequence[float | None]]) -> Westendorp:
    """From four prices of each person: too cheap, cheap, expensive, too expensive. Whose prices fall, or are not four
    prices, is left out and counted; two equal ones in a row are taken, for people round.
    """
    kept = [sound for row in rows if (sound := _sound(row))]
    answers = [sorted(row[place] for row in kept) for place in range(4)]
    prices = sorted({price for row in kept for price in row})
    too_cheap, cheap = ([_at_least(price, each) for price in prices] for each in answers[:2])
    expensive, too_expensive = ([_at_most(price, each) for price in prices] for each in answers[2:])
    shown = _spread(len(prices))
    return Westendorp(
        too_cheap=_drawn(prices, too_cheap, shown),
        cheap=_drawn(prices, cheap, shown),
        expensive=_drawn(prices, expensive, shown),
        too_expensive=_drawn(prices, too_expensive, shown),
        marginal_cheapness=_crossing(prices, too_cheap, [1 - share for share in cheap]),
        marginal_expensiveness=_crossing(prices, [1 - share for share in expensive], too_expensive),
        indifference=_crossing(prices, cheap, expensive),
        optimal=_crossing(prices, too_cheap, too_expensive),
        left_out=len(rows) - len(kept),
    )


def _sound(row: Sequence[float | None]) -> tuple[float, ...] | None:
    """Four prices that do not fall, and of which the last is above the first."""
    prices = tuple(price for price in row if price is not None and 0 <= price < math.inf)
    if len(row) != 4 or len(prices) != 4:
        return None
    rising = all(lower <= higher for lower, higher in pairwise(prices)) and prices[0] < prices[-1]
    return prices if rising else None


def _at_least(price: float, answers: Sequence[float]) -> float:
    """Share of people to whom it is (too) cheap: who said this price or a higher one."""
    return (len(answers) - bisect_left(answers, price)) / len(answers)


def _at_most(price: float, answers: Sequence[float]) -> float:
    """Share to whom it is (too) expensive: who said this price or a lower one."""
    return bisect_right(answers, price) / len(answers)


def _crossing(prices: Sequence[float], falling: Sequence[float], rising: Sequence[float]) -> float | None:
    """Where two curves meet, straight lines between prices; the middle, where they run together for a while. None where
    they do not meet within what people said.
    """
    gaps = [high - low for high, low in zip(falling, rising, strict=True)]
    together = [price for price, gap in zip(prices, gaps, strict=True) if abs(gap) < SAME]
    if together:
        return _plain((together[0] + together[-1]) / 2)
    for (left, before), (right, after) in pairwise(zip(prices, gaps, strict=True)):
        if before > 0 > after:
            return _plain(left + (right - left) * before / (before - after))
    return None


def _drawn(prices: Sequence[float], shares: Sequence[float], shown: Sequence[int]) -> tuple[tuple[float, float], ...]:
    return tuple((_plain(prices[at]), round(shares[at], 4)) for at in shown)


def _spread(count: int) -> list[int]:
    """At most `DRAWN` places, even among so many, with both ends."""
    if count <= DRAWN:
        return list(range(count))
    return sorted({round(step * (count - 1) / (DRAWN - 1)) for step in range(DRAWN)})


def _plain(price: float) -> float:
    """To six digits: nobody has a price in millionths."""
    return float(f"{price:.6g}")
