"""Vectors of a service that speaks OpenAI's embeddings: OpenAI, or a server of one's own such as Ollama or vLLM."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from urllib.parse import urlsplit

import msgspec
import numpy as np

from vivavoce.errors import InputError, MissingError, VivaError
from vivavoce.panel.sense import Sense
from vivavoce.panel.vectors import unit
from vivavoce.studies.port import Vectors
from vivavoce.studies.sources.address import check_encrypted, check_sendable
from vivavoce.studies.sources.answers import Answer, changed
from vivavoce.studies.sources.http import Client, Pause

OPENAI_URL = "https://api.openai.com/v1"
PLACE = "the embedding service"
BATCH_TEXTS = 64
BATCH_CHARS = 60_000
"""Of all texts of a request: some 15,000 pieces, far below what any service takes at once (OpenAI: 300,000)."""
MOST_CHARS = 8_000
"""Of one text; twice of what an insight may have. Services refuse a text of more than 8,192 pieces or cut it silently,
and some small models take 512."""


class _Item(msgspec.Struct):
    index: int
    embedding: list[float]


class _Embeddings(msgspec.Struct):
    data: list[_Item]


class OpenAiEmbedder:
    """One model of one service.

    Args:
        model: as the service calls it.
        key: goes along as a bearer token; a service of one's own may do without.
        base_url: up to where "/embeddings" follows.
        senses: those that were measured, by name.
    Raises:
        MissingError: OpenAI's own service without a key.
        SettingsError: no such address, or a key would go over the open net unencrypted.
    """

    weak = False

    def __init__(
        self,
        model: str,
        *,
        key: str = "",
        base_url: str = OPENAI_URL,
        senses: Mapping[str, Sense] | None = None,
        pause: Pause = asyncio.sleep,
    ) -> None:
        if key:
            check_encrypted(PLACE, base_url, "its key")
            check_sendable(PLACE, key, "its key")
        elif base_url.rstrip("/") == OPENAI_URL:
            raise MissingError(
                f"want a key for OpenAI's embeddings of {model!r}, got none",
                remedy='Give one of an account there, or choose the embedder "minilm"',
            )
        self._model = model
        self._client = Client(
            PLACE,
            base_url,
            headers={"authorization": f"Bearer {key}"} if key else None,
            judge=self._judge,
            pause=pause,
        )
        self.host = urlsplit(base_url).netloc
        """Where texts go."""
        self.name = f"openai:{model}" if base_url.rstrip("/") == OPENAI_URL else f"openai:{model}@{self.host}"
        """The same model's name at another host may be another model."""
        self.sense = (senses or {}).get(self.name)
        self.size = 0
        """Not known before the first answer; from then on it must stay."""

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """
        Raises:
            SourceError: the service gave no vectors, or none that can be believed; see its kinds.
            MissingError: it does not take the key.
            InputError: it does not take the model, or a text.
        """
        found: dict[int, list[float]] = {}
        for batch in _batches(texts):
            sent = [texts[at][:MOST_CHARS] for at in batch]
            body = {"model": self._model, "input": sent, "encoding_format": "float"}
            answer = await self._client.post("/embeddings", body=body)
            found.update(zip(batch, self._read(answer, len(sent)), strict=True))
        vectors = np.zeros((len(texts), self.size), np.float64)
        for at, vector in found.items():
            vectors[at] = vector
        return unit(vectors)

    async def close(self) -> None:
        await self._client.close()

    def _read(self, answer: Answer, count: int) -> list[list[float]]:
        """One vector for each text, in their order: by number and not as they came."""
        items = {item.index: item.embedding for item in answer.read(_Embeddings).data}
        if sorted(items) != list(range(count)):
            raise changed(PLACE, f"a vector for each of {count} texts, got {len(items)} or other numbers")
        vectors = [items[at] for at in range(count)]
        self.size = self.size or len(vectors[0])
        for vector in vectors:
            if len(vector) != self.size or not vector:
                raise changed(PLACE, f"vectors of {self.size} numbers, got one of {len(vector)}")
            if not all(map(math.isfinite, vector)) or not any(vector):
                raise changed(PLACE, "vectors with a direction, got one of zeros or without end")
        return vectors

    def _judge(self, answer: Answer) -> VivaError | None:
        if answer.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            return MissingError(
                f"want a key that {PLACE} takes, got HTTP {answer.status}", remedy="Give one that is valid there"
            )
        if answer.status in (HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY):
            return InputError(
                f"want a model and texts that {PLACE} takes, got HTTP {answer.status} for the model {self._model!r}"
            )
        return None


def _batches(texts: Sequence[str]) -> Iterator[list[int]]:
    """Places of texts that go in one request. Services refuse empty ones, which need no asking."""
    batch: list[int] = []
    chars = 0
    for at, text in enumerate(texts):
        if not text.strip():
            continue
        sent = min(len(text), MOST_CHARS)
        if batch and (len(batch) == BATCH_TEXTS or chars + sent > BATCH_CHARS):
            yield batch
            batch, chars = [], 0
        batch.append(at)
        chars += sent
    if batch:
        yield batch
