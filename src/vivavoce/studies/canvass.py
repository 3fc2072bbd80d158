"""Going round the members of a panel with a study: whoever has not answered yet is asked, and each answer is kept."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Protocol, TypeAlias

import msgspec

from vivavoce.errors import MissingError, StoreError
from vivavoce.panel.abstentions import explained
from vivavoce.panel.ballots import Ballot, Sheet
from vivavoce.panel.decision import enough
from vivavoce.panel.personas import Panel
from vivavoce.panel.tally import compared
from vivavoce.store.answers import PanelAnswers
from vivavoce.store.database import Database
from vivavoce.store.studies import KeptBallot, StoredStudy, Studies
from vivavoce.studies.asks import Ask, blocks, costs, same_twice
from vivavoce.studies.embedding.remembered import Remembered
from vivavoce.studies.port import Embedder, Respondent
from vivavoce.studies.respondents.asking import side_by_side
from vivavoce.studies.respondents.llm import Answers, LlmRespondent
from vivavoce.studies.respondents.reasoner import ReasonerRespondent

TOGETHER = {True: 8, False: 100}
"""Asks between two looks at the clock, of respondents that cost something and of those that do not. Not tuned."""
LATER = frozenset({"rate-limited", "unreachable", "no-access", "no-model"})
"""No answer, because there was nobody to ask: no vote, and not kept. Asked again, until it goes for all of a round."""
FAILED, FAILING = "unreachable", "failing"
"""What is no answer either may be the fault of a member's own words: a service that fails at them each time, and
answers others. They are left out with the second of these reasons after so many tries:"""
MOST_TRIES = 3
"""Each is four requests within 13 s already. Not tuned."""


GoesOn: TypeAlias = Callable[[], Awaitable[bool]]


class HeldBack(Exception):
    """Whoever asks was told to stop before it was this one's turn: nobody was asked."""


class Openers(Protocol):
    """What makes respondents and embedders by their names, from settings."""

    def embedder(self, name: str) -> Embedder:
        """
        Raises:
            InputError, MissingError: there is none of that name, or it wants something that is not here.
        """
        ...

    def respondent(self, name: str, embedder: Embedder, answers: Answers) -> Respondent:
        """As `embedder`; the embedder is closed with it."""
        ...


class Canvass:
    """What is left to ask of one study, and who is asked. Made by `open`, closed after use."""

    def __init__(
        self, database: Database, study: StoredStudy, panel: Panel, embedder: Remembered, goes_on: GoesOn
    ) -> None:
        self.study = study
        self.panel = panel
        self.embedder = embedder
        """Of all that is compared in this study; it embeds nothing twice."""
        self.respondents: dict[str, Respondent] = {}
        """By the name they were asked for."""
        self._studies = Studies(database)
        self._goes_on = goes_on
        self._left: deque[list[Ask]] = deque()
        self._look: set[int] = set()
        """First numbers of blocks that nobody has begun: before them somebody looks whether it is enough."""
        self._prepared = False
        """Whether what the reasoner compares is embedded."""
        self._counted: dict[str, dict[str, int]] = {}
        """Of each model's usage what is kept already."""
        self._heard: dict[int, Ballot] = {}
        """What was said and is not kept yet, by number: nobody is asked for it again."""
        self._failed: Counter[int] = Counter()
        """How often a service failed that answered others, by number."""

    @classmethod
    async def open(
        cls, database: Database, study: StoredStudy, panel: Panel, openers: Openers, *, goes_on: GoesOn
    ) -> Canvass:
        """
        Args:
            goes_on: is asked before each ballot of a model; once it says no, no further one is asked for.
        Raises:
            InputError, MissingError: a respondent, or the embedder, is not to be had; or others have begun. The message
                names what was asked for and settings, and quotes nobody.
        """
        found = cls(database, study, panel, Remembered(openers.embedder(study.embedder)), goes_on)
        answers = PanelAnswers(database, panel.id)
        try:
            for name in study.respondents:
                found.respondents[name] = respondent = openers.respondent(name, found.embedder, answers)
                if isinstance(respondent, LlmRespondent):
                    respondent.begins = partial(found._begins, respondent)
            found._none_strange(await found._studies.respondents(study.id))
            kept = await found._studies.numbers(study.id)
            begun: set[str] = set()
            for block in blocks(study.spec, len(panel.personas), study.respondents, study.seed):
                missing = [ask for ask in block if ask.number not in kept]
                name = block[0].respondent
                if costs(name) and name in begun and len(missing) == len(block):
                    found._look.add(block[0].number)
                begun.add(name)
                found._left.append(missing)
        except BaseException:
            await found.close()
            raise
        return found

    def _none_strange(self, begun: set[str]) -> None:
        """Ballots of others would pass for asked, and not be counted."""
        strange = sorted(begun - {respondent.name for respondent in self.respondents.values()})
        if strange:
            raise MissingError(
                f"begun with {', '.join(strange)}, not to be had here any more", remedy="Delete it and begin anew"
            )

    async def some(self) -> bool:
        """Ask some of those who are left, and keep what they say; False when nobody is left. Of models, those who are
        under way are heard to the end when it does not go on any more, and nobody else is asked.

        Raises:
            MissingError: the respondent has not got what it needs, or its service answers nobody.
            StaleError: the study is over, or it went with its panel.
            StoreError: an answer cannot be kept. Asked again, this goes on with it, and nobody is asked twice.
        """
        while self._left:
            block = self._left[0]
            if not block:
                self._left.popleft()
                continue
            number, name = block[0].number, block[0].respondent
            if number in self._look:
                settled = await self._settled(name)
                self._look.discard(number)  # not before: who cannot look now looks again
                if settled:
                    self._left = deque(each for each in self._left if each and each[0].respondent != name)
                    continue
            if costs(name):
                await self._ask_together(self.respondents[name], block)
            else:
                await self._ask_in_turn(self.respondents[name], block)
            return True
        return False

    async def _ask_in_turn(self, respondent: Respondent, block: list[Ask]) -> None:
        """One after the other: it thinks in this process, and knows a member again whom it has just thought through."""
        if isinstance(respondent, ReasonerRespondent) and not self._prepared:
            spec, self._prepared = self.study.spec, True
            await respondent.prepare(self.panel.personas, [spec.question, same_twice(spec)])
        asks = block[: TOGETHER[False]]
        await self._keep(respondent, [(ask, await self._answer(respondent, ask)) for ask in asks])
        del block[: len(asks)]

    async def _ask_together(self, respondent: Respondent, block: list[Ask]) -> None:
        """Whoever nobody was there for stays, behind those who were not asked yet."""
        asks, before = block[: TOGETHER[True]], _answers(respondent)
        silent: list[tuple[Ask, Ballot]] = []
        held_back = False
        for ask, said in zip(asks, await side_by_side(self._one(respondent, ask, block) for ask in asks), strict=True):
            if isinstance(said, StoreError):
                raise said
            held_back |= said is None
            if said is not None and said.abstains in LATER:
                silent.append((ask, said))
        if silent or held_back:
            await self._keep(respondent, [])  # that they were heard of, or not asked, which no ballot takes along
        serves = _answers(respondent) > before
        if len(silent) == len(asks) and await self._goes_on():
            serves = await _serves_others(respondent, [said.abstains for _, said in silent])
        for ask, said in silent:
            block.remove(ask)
            block.append(ask)
            self._failed[ask.number] += serves and said.abstains == FAILED
            if self._failed[ask.number] >= MOST_TRIES:
                self._heard[ask.number] = msgspec.structs.replace(said, abstains=FAILING)

    async def _one(self, respondent: Respondent, ask: Ask, block: list[Ask]) -> Ballot | StoreError | None:
        """A ballot, kept as it comes and taken out of the block, where anybody was there to be asked; None where it
        was held back. Where it cannot be kept, why: it is not raised, for others who are being asked this moment are
        heard to the end.
        """
        try:
            ballot = self._heard.get(ask.number) or await self._answer(respondent, ask)
            if ballot.abstains in LATER:
                return ballot
            self._heard[ask.number] = ballot
            await self._keep(respondent, [(ask, ballot)])
        except StoreError as error:
            return error
        except HeldBack:
            return None
        del self._heard[ask.number]
        block.remove(ask)
        return ballot

    async def _begins(self, respondent: LlmRespondent) -> None:
        """Before a model is asked. That it is, is written down first: of what a death takes, somebody knows."""
        if not await self._goes_on():
            raise HeldBack
        await self._keep(respondent, [])

    async def _keep(self, respondent: Respondent, said: Sequence[tuple[Ask, Ballot]]) -> None:
        ballots = [KeptBallot(number=ask.number, part=ask.part, ballot=ballot) for ask, ballot in said]
        usage = self._usage(respondent)
        try:
            await self._studies.keep(self.study.id, ballots, usage)
        except StoreError:
            for name, counts in usage.items():  # the next one says it
                self._counted[name] = {each: count - counts[each] for each, count in self._counted[name].items()}
            raise

    async def _answer(self, respondent: Respondent, ask: Ask) -> Ballot:
        question = same_twice(self.study.spec) if ask.part == "null" else self.study.spec.question
        sheet = Sheet(question=question, order=ask.order, seed=self.study.seed)
        return await respondent.answer(self.panel.personas[ask.member], sheet)

    def _usage(self, respondent: Respondent) -> dict[str, dict[str, int]]:
        """What a model took since it was last asked for this."""
        if not isinstance(respondent, LlmRespondent):
            return {}
        now: dict[str, int] = msgspec.structs.asdict(respondent.usage)
        before = self._counted.get(respondent.name, {})
        self._counted[respondent.name] = now
        return {respondent.name: {name: count - before.get(name, 0) for name, count in now.items()}}

    async def _settled(self, name: str) -> bool:
        """Whether what a respondent said up to here is enough to be sure."""
        asked = self.respondents[name].name
        ballots = [
            each.ballot
            async for piece in self._studies.iterate(self.study.id, part="main")
            for each in piece
            if each.ballot.respondent == asked
        ]
        return enough(compared(self.study.spec, ballots, rho=self.panel.overlap))

    async def close(self) -> None:
        for respondent in self.respondents.values():
            await respondent.close()
        await self.embedder.close()


def _answers(respondent: Respondent) -> int:
    """How often its service has said anything."""
    return respondent.usage.answers if isinstance(respondent, LlmRespondent) else 0


async def _serves_others(respondent: Respondent, whys: Sequence[str]) -> bool:
    """Whether a service that answered nobody of a round fails at these alone.

    Raises:
        MissingError: it answers nobody else either.
    """
    if {*whys} == {FAILED} and isinstance(respondent, LlmRespondent) and await respondent.serves():
        return True
    raise MissingError(
        f"{respondent.name} answers nobody: {explained(whys[0])}", remedy="Mend it, and run the study again"
    )
