from __future__ import annotations

import asyncio
from collections.abc import Sequence

import msgspec
import numpy as np
import pytest

from tests.panel.reasoner.samples import CHASES, OWNER, THEME, ballot, question, sheet
from tests.studies.embedding.counting import Counting
from vivavoce.errors import InputError, MissingError
from vivavoce.studies.port import Respondent, Vectors
from vivavoce.studies.respondents.reasoner import ReasonerRespondent

ASKED = sheet(question(CHASES, THEME))


async def test_the_ballot_is_the_reasoners_and_says_what_it_rests_on() -> None:
    respondent: Respondent = ReasonerRespondent(Counting())
    found = await respondent.answer(OWNER, ASKED)
    assert found.respondent == respondent.name == "reasoner/3 (hashing/1, weak)"
    assert not found.validated
    assert msgspec.structs.replace(found, respondent="reasoner/3") == ballot(OWNER, ASKED.question)


async def test_no_text_is_embedded_twice_not_even_at_the_same_time() -> None:
    embedder = Counting()
    respondent = ReasonerRespondent(embedder)
    other = msgspec.structs.replace(OWNER, id="p02", temperature=0.9)
    one, two = await asyncio.gather(respondent.answer(OWNER, ASKED), respondent.answer(other, ASKED))
    assert one.answers
    assert two.answers
    assert len(embedder.asked) == len(set(embedder.asked))


async def test_another_order_is_the_same_answer_in_that_order() -> None:
    respondent = ReasonerRespondent(Counting())
    one = await respondent.answer(OWNER, ASKED)
    swapped = msgspec.structs.replace(ASKED, order=ASKED.order[::-1])
    two = await respondent.answer(OWNER, swapped)
    assert two == await ReasonerRespondent(Counting()).answer(OWNER, swapped)
    assert (two.order, two.answers) == (ASKED.order[::-1], one.answers[::-1])
    other = sheet(question(f"{CHASES} Again.", THEME))
    assert await respondent.answer(OWNER, other) == await ReasonerRespondent(Counting()).answer(OWNER, other)


async def test_what_is_prepared_is_not_embedded_again() -> None:
    embedder = Counting()
    respondent = ReasonerRespondent(embedder)
    await respondent.prepare([OWNER], [ASKED.question])
    asked = list(embedder.asked)
    await respondent.answer(OWNER, ASKED)
    assert embedder.asked == asked


async def test_missing_weights_are_nobodys_ballot() -> None:
    class Gone(Counting):
        async def embed(self, texts: Sequence[str]) -> Vectors:
            raise MissingError("no weights", remedy="Install them")

    with pytest.raises(MissingError):
        await ReasonerRespondent(Gone()).answer(OWNER, ASKED)


async def test_an_embedder_nobody_measured_is_refused_at_once() -> None:
    class Other(Counting):
        name = "openai:some@127.0.0.1:9"
        sense = None

    with pytest.raises(InputError, match=r"got 'openai:some@127.0.0.1:9': .* --embedder openai:some --data"):
        ReasonerRespondent(Other())


async def test_an_embedder_with_nothing_to_say_is_no_evidence() -> None:
    class Blank(Counting):
        async def embed(self, texts: Sequence[str]) -> Vectors:
            return np.zeros((len(texts), self.size), np.float32)

    assert (await ReasonerRespondent(Blank()).answer(OWNER, ASKED)).abstains == "no-evidence"


async def test_it_closes_its_embedder() -> None:
    embedder = Counting()
    await ReasonerRespondent(embedder).close()
    assert embedder.closed
