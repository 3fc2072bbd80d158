"""The offline decision model as a respondent: it embeds what the reasoner wants to compare, and keeps the vectors."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import msgspec

from vivavoce.panel.ballots import Ballot, Question, Sheet, shown
from vivavoce.panel.personas import Persona
from vivavoce.panel.reasoner import Reasoner
from vivavoce.studies.embedding.remembered import Remembered
from vivavoce.studies.embedding.senses import sense_of
from vivavoce.studies.port import Embedder


class ReasonerRespondent:
    """Answers without a model or a network, in milliseconds once the texts are embedded.

    Args:
        embedder: is closed with this.
    Raises:
        InputError: nobody has measured this embedder.
    """

    def __init__(self, embedder: Embedder) -> None:
        self._reasoner = Reasoner(sense_of(embedder))
        self._embedder = embedder if isinstance(embedder, Remembered) else Remembered(embedder)
        weak = ", weak" if embedder.weak else ""
        self.name = f"{self._reasoner.name} ({embedder.name}{weak})"
        self._last: tuple[Persona, Question, Ballot] | None = None

    async def prepare(self, personas: Sequence[Persona], questions: Sequence[Question]) -> None:
        """Embed all that will be compared, together: an embedder is quicker with many texts than with few."""
        texts: dict[str, None] = {}
        for question in questions:
            sheet = Sheet(question=question, order=tuple(each.id for each in question.variants), seed=0)
            for persona in personas:
                texts |= dict.fromkeys(self._reasoner.texts(persona, sheet))
        await self._embedder.by_text(sorted(texts))

    async def answer(self, persona: Persona, sheet: Sheet) -> Ballot:
        """A ballot; `abstains` says why there is no answer. The order does not matter to it, so a member who is shown
        the same in another order is not thought through again.

        Raises:
            InputError: no such sheet, or the persona has a taste nobody knows.
            MissingError: the embedder's weights or its service are not there. Without vectors nobody can answer, and
                no ballot says so.
        """
        shown(sheet)
        if self._last is None or self._last[:2] != (persona, sheet.question):
            vectors = await self._embedder.by_text(self._reasoner.texts(persona, sheet))
            ballot = await asyncio.to_thread(self._reasoner.answer, persona, sheet, vectors)
            self._last = persona, sheet.question, msgspec.structs.replace(ballot, respondent=self.name)
        return _in_order(self._last[2], sheet.order)

    async def close(self) -> None:
        await self._embedder.close()


def _in_order(ballot: Ballot, order: tuple[str, ...]) -> Ballot:
    answers = {answer.variant: answer for answer in ballot.answers}
    return msgspec.structs.replace(
        ballot,
        order=order,
        answers=tuple(answers[id_] for id_ in order if id_ in answers),
        prefers={id_: ballot.prefers[id_] for id_ in order if id_ in ballot.prefers},
    )
