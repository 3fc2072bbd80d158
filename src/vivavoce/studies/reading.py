"""A corpus, read: every insight of it anew, so that all of them were read by the same reader."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from vivavoce.panel.reading import Reader
from vivavoce.store.insights import Insights


async def read_corpus(insights: Insights, corpus: str, tell: Callable[[int, int], None] | None = None) -> int:
    """Read what there is of a corpus, copies too; how many insights that were. Killed halfway, it is begun again.

    Args:
        tell: is told how many are read, and of how many.
    Raises:
        NotHereError: there is no such corpus.
    """
    reader = Reader()
    of = (await insights.corpus(corpus)).insights
    done = 0
    async for piece in insights.iterate(corpus, copies=True):
        readings = await asyncio.to_thread(reader.read, [each.insight for each in piece])
        await insights.save_readings(corpus, readings)
        done += len(piece)
        if tell is not None:
            tell(done, max(of, done))
    return done
