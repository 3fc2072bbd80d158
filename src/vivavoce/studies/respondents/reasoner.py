"""The offline decision model as a respondent: it embeds what the reasoner wants to compare, and keeps the vectors."""

from __future__ import annotations

import asyncio

import msgspec
import numpy as np
from numpy.typing import NDArray

from vivavoce.panel.ballots import Ballot, Sheet
from vivavoce.panel.personas import Persona
from vivavoce.panel.reasoner import Reasoner
from vivavoce.studies.port import Embedder

MOST_KEPT = 20_000
"""Vectors, some 30 MB of MiniLM's. A panel of 200 and its sheets need a tenth of it; when they are full they are made
again, which costs time and nothing else."""


class ReasonerRespondent:
    """Answers without a model or a network, in milliseconds once the texts are embedded.

    Args:
        embedder: is closed with this.
    Raises:
        InputError: what near means to this embedder was not measured.
    """

    def __init__(self, embedder: Embedder) -> None:
        self._reasoner = Reasoner(embedder.name)
        self._embedder = embedder
        self._vectors: dict[str, NDArray[np.float32]] = {}
        self._embedding = asyncio.Lock()
        weak = ", weak" if embedder.weak else ""
        self.name = f"{self._reasoner.name} ({embedder.name}{weak})"

    async def answer(self, persona: Persona, sheet: Sheet) -> Ballot:
        """A ballot; `abstains` says why there is no answer.

        Raises:
            InputError: no such sheet, or the persona has a taste nobody knows.
            MissingError: the embedder's weights or its service are not there. Without vectors nobody can answer, and
                no ballot says so.
        """
        texts = self._reasoner.texts(persona, sheet)
        vectors = await self._vectors_of(texts)
        ballot = await asyncio.to_thread(self._reasoner.answer, persona, sheet, vectors)
        return msgspec.structs.replace(ballot, respondent=self.name)

    async def _vectors_of(self, texts: list[str]) -> dict[str, NDArray[np.float32]]:
        """One at a time, so that what two personas share is embedded once."""
        async with self._embedding:
            missing = [text for text in texts if text not in self._vectors]
            if missing:
                if len(self._vectors) + len(missing) > MOST_KEPT:
                    self._vectors.clear()
                    missing = texts
                found = await self._embedder.embed(missing)
                self._vectors.update(zip(missing, found, strict=True))
            return {text: self._vectors[text] for text in texts}

    async def close(self) -> None:
        await self._embedder.close()
