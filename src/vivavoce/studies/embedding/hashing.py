"""What is left without weights and without a service."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from vivavoce.panel.sense import SENSES
from vivavoce.panel.vectors import HASHED_SIZE, hashed
from vivavoce.studies.port import Vectors


class HashingEmbedder:
    """Knows spellings and no meanings, and says so."""

    name = "hashing/1"
    size = HASHED_SIZE
    weak = True
    sense = SENSES[name]

    async def embed(self, texts: Sequence[str]) -> Vectors:
        return await asyncio.to_thread(hashed, texts)

    async def close(self) -> None:
        pass
