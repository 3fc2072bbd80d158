"""The hashing embedder, and what it was asked."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from vivavoce.panel.sense import SENSES, Sense
from vivavoce.panel.vectors import hashed
from vivavoce.studies.port import Vectors


class Counting:
    name = "hashing/1"
    size = 1024
    weak = True
    sense: Sense | None = SENSES[name]

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.closed = False

    async def embed(self, texts: Sequence[str]) -> Vectors:
        self.asked += texts
        await asyncio.sleep(0)
        return hashed(texts)

    async def close(self) -> None:
        self.closed = True
