"""A service's vectors: asked in batches, put back in order, believed only when they can be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from tests.studies.embedding.service import service, vector, well
from vivavoce.errors import InputError, MissingError, SettingsError
from vivavoce.studies.embedding import open_embedder
from vivavoce.studies.embedding.openai import BATCH_CHARS, BATCH_TEXTS, MOST_CHARS, OpenAiEmbedder
from vivavoce.studies.sources.errors import SourceError

KEY = "sk-not-to-be-seen"


async def no_pause(seconds: float) -> None:
    pass


def of(url: str) -> OpenAiEmbedder:
    return OpenAiEmbedder("m", key=KEY, base_url=url, pause=no_pause)


async def test_vectors_come_in_the_order_of_texts_and_at_length_one() -> None:
    async with service() as stub:
        embedder = of(stub.url)
        texts = [f"text {'x' * at}" for at in range(5)]
        vectors = await embedder.embed(texts)
        await embedder.close()
    expected = np.array([vector(text) for text in texts])
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    np.testing.assert_allclose(vectors, expected, rtol=1e-6)
    assert vectors.dtype == np.float32
    assert embedder.size == 3
    assert stub.asked == [{"model": "m", "input": texts, "encoding_format": "float"}]
    assert stub.heads[0].startswith("POST /v1/embeddings ")
    assert f"authorization: Bearer {KEY}".lower() in stub.heads[0].lower()


async def test_many_texts_go_in_batches_and_long_ones_are_cut() -> None:
    texts = ["short"] * (BATCH_TEXTS + 1) + ["x" * 2 * MOST_CHARS] * 10
    async with service() as stub:
        vectors = await of(stub.url).embed(texts)
    assert len(vectors) == len(texts)
    assert len(stub.asked[0]["input"]) == BATCH_TEXTS
    assert all(sum(map(len, asked["input"])) <= BATCH_CHARS for asked in stub.asked)
    assert max(len(text) for asked in stub.asked for text in asked["input"]) == MOST_CHARS
    assert sum(len(asked["input"]) for asked in stub.asked) == len(texts)


async def test_empty_texts_are_zeros_and_nobody_is_asked_about_them() -> None:
    async with service() as stub:
        embedder = of(stub.url)
        vectors = await embedder.embed(["", "word", " \n"])
        assert [bool(row.any()) for row in vectors] == [False, True, False]
        assert (await embedder.embed([])).shape == (0, 3)
        assert (await of(stub.url).embed(["", ""])).shape == (2, 0)
    assert [asked["input"] for asked in stub.asked] == [["word"]]


async def test_a_service_that_stumbles_is_asked_again() -> None:
    answers: Iterator[tuple[int, Any]] = iter([(500, {}), (503, {}), (408, {})])

    def stumbles(asked: dict[str, Any]) -> tuple[int, Any]:
        return next(answers, None) or well(asked)

    async with service(stumbles) as stub:
        assert (await of(stub.url).embed(["word"])).shape == (1, 3)
    assert len(stub.asked) == 4


async def test_a_service_that_wants_time_says_how_much() -> None:
    async with service(lambda asked: (429, {})) as stub:
        with pytest.raises(SourceError, match="asks us to wait 60 s") as told:
            await of(stub.url).embed(["word"])
    assert told.value.kind == "wait"
    assert told.value.wait_s == pytest.approx(60.0, abs=1.0)


async def test_a_service_that_lies_down_is_told() -> None:
    async with service(lambda asked: (500, b"sk-not-to-be-seen")) as stub:
        with pytest.raises(SourceError, match="the embedding service failed: HTTP 500") as told:
            await of(stub.url).embed(["what somebody said"])
    assert told.value.kind == "transient"
    assert 1 < len(stub.asked) < 10


def data(*items: tuple[int, Any]) -> dict[str, Any]:
    return {"data": [{"index": at, "embedding": numbers} for at, numbers in items]}


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        (data((0, [1.0, 2.0])), "a vector for each of 2 texts"),
        (data((0, [1.0]), (0, [2.0])), "a vector for each of 2 texts"),
        (data((0, [1.0]), (2, [2.0])), "a vector for each of 2 texts"),
        (data((0, [1.0, 2.0]), (1, [2.0])), "vectors of 2 numbers, got one of 1"),
        (data((0, []), (1, [])), "vectors of 0 numbers, got one of 0"),
        (data((0, [0.0, 0.0]), (1, [1.0, 1.0])), "vectors with a direction"),
        (b'{"data": [{"index": 0, "embedding": [1e999]}, {"index": 1, "embedding": [1.0]}]}', "."),
        (data((0, ["a"]), (1, [1.0])), "an answer as it is known"),
        ({"error": {"message": "no"}}, "an answer as it is known"),
        (data((0, "AAAA"), (1, "AAAA")), "an answer as it is known"),
    ],
)
async def test_an_answer_that_cannot_be_believed_is_told(answer: Any, wanted: str) -> None:
    async with service(lambda asked: (200, answer)) as stub:
        with pytest.raises(SourceError, match=wanted) as told:
            await of(stub.url).embed(["what somebody said", "something else"])
    assert "somebody" not in str(told.value)


async def test_vectors_of_another_size_later_are_told() -> None:
    sizes = iter([3, 3, 2])

    def shrinks(asked: dict[str, Any]) -> tuple[int, Any]:
        return 200, data((0, [1.0] * next(sizes)))

    async with service(shrinks) as stub:
        embedder = of(stub.url)
        await embedder.embed(["one"])
        await embedder.embed(["two"])
        with pytest.raises(SourceError, match="vectors of 3 numbers, got one of 2"):
            await embedder.embed(["three"])


@pytest.mark.parametrize("status", [401, 403])
async def test_a_key_that_is_not_taken_is_missing(status: int) -> None:
    async with service(lambda asked: (status, {})) as stub:
        with pytest.raises(MissingError, match=rf"got HTTP {status}\. Give one that is valid") as told:
            await of(stub.url).embed(["word"])
    assert KEY not in str(told.value)
    assert len(stub.asked) == 1


@pytest.mark.parametrize("status", [400, 404, 422])
async def test_a_model_that_is_not_there_is_told_at_once(status: int) -> None:
    async with service(lambda asked: (status, {})) as stub:
        with pytest.raises(InputError, match=f"got HTTP {status} for the model 'm'"):
            await of(stub.url).embed(["word"])
    assert len(stub.asked) == 1


async def test_a_server_of_ones_own_needs_no_key() -> None:
    async with service() as stub:
        embedder = open_embedder("openai:nomic", base_url=stub.url)
        assert not (await embedder.embed(["word"]) == 0).all()
        await embedder.close()
    assert "authorization" not in stub.heads[0].lower()
    assert embedder.name == f"openai:nomic@{stub.url.split('/')[2]}"
    assert not embedder.weak


def test_openai_wants_a_key_and_no_key_goes_unencrypted() -> None:
    with pytest.raises(MissingError, match="want a key for OpenAI's embeddings of 'm', got none"):
        OpenAiEmbedder("m")
    with pytest.raises(SettingsError, match="want https"):
        OpenAiEmbedder("m", key=KEY, base_url="http://example.org/v1")
    assert OpenAiEmbedder("m", key=KEY).name == "openai:m"
