"""What an agent's calls have cost, and whether it may have another one (`limits.spend`, V12).

Tokens are counted by the live model, prices are the operator's (`token_prices`, in the currency of `limits.spend`).
A call counts when it has ended; those that run are bounded by their own `limits.tokens` and `limits.minutes`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from sqlalchemy import func, select

from vivavoce.agents import AgentSpec
from vivavoce.app.limits import PERIOD_S
from vivavoce.errors import BusyError
from vivavoce.store.database import Database
from vivavoce.store.models import Call

FRESH_S = 10.0
"""How long a sum is used again: a call takes minutes, and an agent of a busy page is booked many times a second."""
_MILLION = 1_000_000


class Spending:
    """
    Args:
        prices: of a million tokens by modality, such as `response_audio`; without any nothing costs anything.
        clock: Unix seconds.
    """

    def __init__(
        self, database: Database, prices: Mapping[str, float], *, clock: Callable[[], float] = time.time
    ) -> None:
        self._database = database
        self._prices = dict(prices)
        self._clock = clock
        self._sums: dict[tuple[str, float], tuple[float, float]] = {}  # by agent and period: (fresh until, spent)

    async def check(self, agent: str, spec: AgentSpec) -> None:
        """
        Args:
            agent: what it is booked by.
        Raises:
            BusyError: its budget is used up.
            StoreError: the database does not answer.
        """
        limit = spec.limits.spend
        if limit is None or not self._prices:
            return
        if await self.spent(agent, PERIOD_S[limit.per]) >= limit.amount:
            raise BusyError(
                f"want a budget that is left, got one that is used up: {limit.amount:g} a {limit.per}", why="spent"
            )

    async def spent(self, agent: str, period_s: float) -> float:
        """What the calls of an agent that ended within a period cost; at most ten seconds old."""
        now = self._clock()
        until, total = self._sums.get((agent, period_s), (0.0, 0.0))
        if now < until:
            return total
        # added up where they lie: a month of a busy agent is a hundred thousand calls
        counted = [func.sum(Call.usage[name].as_float()).label(name) for name in self._prices]
        query = select(*counted).where(Call.agent_name == agent, Call.ended_at > now - period_s)
        (sums,) = await self._database.rows(query)
        total = sum(price * (sums[name] or 0.0) for name, price in self._prices.items()) / _MILLION
        self._sums[agent, period_s] = (now + FRESH_S, total)
        return total
