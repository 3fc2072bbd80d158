"""Language models as respondents: a persona is shown to a model, and what it says becomes a ballot or a reason why not.

No number of theirs was held against what people did, so no ballot of theirs is validated.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from typing import Protocol
from urllib.parse import urlsplit

import msgspec

from vivavoce.panel.ballots import Answer, Ballot, Reason, Sheet
from vivavoce.panel.personas import Persona
from vivavoce.studies.respondents import prompt, repair
from vivavoce.studies.respondents.prompt import NONE, Form
from vivavoce.studies.respondents.repair import Filled, Wrong
from vivavoce.studies.respondents.service import Ask, Dialect, Said, Silence

AT_ONCE = 4
"""Requests under way. Not tuned: services give new accounts few a minute, and a machine of one's own answers one after
the other anyway."""
BALLOT_WITHIN_S = 300.0
"""For one ballot with all its attempts, waits and questions back, once it is its turn."""
MOST_SHOWN = 8_000
"""Of its first answer that a model is shown again with what was wrong in it."""
SHORTER = "it broke off: want all of it in fewer words"
THERE = Ask(
    rules="Answer with one JSON object and nothing else.",
    turns=('Answer {"there": true}.',),
    schema={
        "type": "object",
        "properties": {"there": {"type": "boolean"}},
        "required": ["there"],
        "additionalProperties": False,
    },
    temperature=0.0,
    seed=0,
)
"""What whoever answers anything answers; it speaks of nobody."""


class Usage(msgspec.Struct):
    """What was asked and what it took, as services count it."""

    answers: int = 0
    """That came, good or not."""
    kept: int = 0
    """Ballots nobody had to be asked for."""
    asked_again: int = 0
    """Ballots that took a second question."""
    unheard: int = 0
    """Ballots its service was asked for and nothing was heard of yet: under way, or lost with whoever asked. Lost ones
    may have been paid for, and are asked for once more."""
    abstained: int = 0
    tokens_in: int = 0
    tokens_out: int = 0


class Answers(Protocol):
    """What models said before, by the hash of what they were asked. It may quote callers: erasing must reach it."""

    async def get(self, key: str) -> bytes | None: ...

    async def put(self, key: str, body: bytes, *, persona: str, respondent: str) -> None:
        """Keep one, in place of one that was there; of whom it is goes along for those who look."""
        ...


class AnswersInMemory:
    """As long as the process."""

    MOST = 10_000
    """Some 3 kB each. The oldest one goes."""

    def __init__(self) -> None:
        self._bodies: dict[str, bytes] = {}

    async def get(self, key: str) -> bytes | None:
        return self._bodies.get(key)

    async def put(self, key: str, body: bytes, *, persona: str, respondent: str) -> None:
        self._bodies[key] = body
        if len(self._bodies) > self.MOST:
            del self._bodies[next(iter(self._bodies))]


class LlmRespondent:
    """A model that fills in ballots, several at once.

    Args:
        dialect: is closed with this.
        answers: where good answers are kept, for as long as whoever hands it in says.
    """

    def __init__(
        self,
        dialect: Dialect,
        *,
        answers: Answers | None = None,
        at_once: int = AT_ONCE,
        within_s: float = BALLOT_WITHIN_S,
    ) -> None:
        self._dialect = dialect
        self._answers: Answers = answers if answers is not None else AnswersInMemory()
        self._turn = asyncio.Semaphore(at_once)
        self._under_way: dict[str, asyncio.Future[Filled | Silence]] = {}
        """What is being asked right now, by its key."""
        self._not_kept: dict[str, Filled] = {}
        """What was said and could not be kept, by its key: nobody is asked for it again."""
        self._within_s = within_s
        self.name = dialect.name
        self.host = urlsplit(dialect.address).netloc
        """Where what people said is sent to."""
        self.usage = Usage()
        self.begins: Callable[[], Awaitable[None]] = _nobody_minds
        """Awaited before its service is asked for a ballot, once it is its turn and `usage` counts it. What this
        raises, `answer` raises, and nothing is asked."""

    async def answer(self, persona: Persona, sheet: Sheet) -> Ballot:
        """A ballot; `abstains` says why there is no answer. A good one is kept before it is returned.

        Raises:
            InputError: no such sheet.
            StoreError, StaleError: it cannot be kept (`store.answers`).
        """
        form = prompt.form_of(persona, sheet)
        if prompt.gives_orders(sheet.question):
            return self._abstains(persona, sheet, "instructions")
        ask = Ask(
            rules=form.rules,
            turns=(form.blocks,),
            schema=form.schema(),
            temperature=min(max(persona.temperature, 0.0), 1.0),
            seed=sheet.seed,
        )
        found = await self._found(self._key(ask), ask, form, persona)
        if isinstance(found, Silence):
            return self._abstains(persona, sheet, found.why)
        return self._ballot(persona, sheet, form, found)

    async def serves(self) -> bool:
        """Whether the model answers a few words about nobody. Where it does, it is a question's own words that it has
        no answer to, and no outage.
        """
        async with self._turn:
            said = await self._dialect.say(THERE)
        if isinstance(said, Silence):
            return False
        self._count(said)
        return True

    async def close(self) -> None:
        await self._dialect.close()

    async def _found(self, key: str, ask: Ask, form: Form, persona: Persona) -> Filled | Silence:
        """What was said before, or what is being said to the very same at this moment, or else what is said now."""
        while (other := self._under_way.get(key)) is not None:
            await asyncio.wait([other])
            if not other.cancelled():
                self.usage.kept += isinstance(other.result(), Filled)
                return other.result()
        mine = self._under_way[key] = asyncio.get_running_loop().create_future()
        try:
            found: Filled | Silence | None = self._not_kept.get(key)
            if found is None:
                filled = _kept(await self._answers.get(key), form)
                if filled is not None:
                    self.usage.kept += 1
                    mine.set_result(filled)
                    return filled
                found = await self._in_turn(ask, form)
            if isinstance(found, Filled):
                self._not_kept[key] = found
                await self._answers.put(key, msgspec.json.encode(found), persona=persona.id, respondent=self.name)
                del self._not_kept[key]
            mine.set_result(found)
            return found
        finally:
            del self._under_way[key]
            mine.cancel()  # without an answer whoever waits for it asks

    async def _in_turn(self, ask: Ask, form: Form) -> Filled | Silence:
        async with self._turn:
            self.usage.unheard += 1
            try:
                await self.begins()
            except BaseException:
                self.usage.unheard -= 1
                raise
            found: Filled | Silence
            try:
                async with asyncio.timeout(self._within_s):
                    found = await self._filled(ask, form)
            except TimeoutError:
                found = Silence("timeout")
            self.usage.unheard -= 1
            return found

    async def _filled(self, ask: Ask, form: Form) -> Filled | Silence:
        """Asked, and once more with what was wrong. Whoever refuses is not pressed."""
        found, said = await self._asked(ask, form)
        if not isinstance(found, Wrong) or found.why == "refused":
            return Silence(found.why) if isinstance(found, Wrong) else found
        self.usage.asked_again += 1
        complaints = "\n".join(f"- {complaint}" for complaint in found.complaints)
        back = f"That cannot be read as a ballot:\n{complaints}\nAnswer again, the whole JSON object and nothing else."
        shown = said[:MOST_SHOWN] or "(nothing)"
        again, _ = await self._asked(msgspec.structs.replace(ask, turns=(*ask.turns, shown, back)), form)
        return Silence(again.why) if isinstance(again, Wrong) else again

    async def _asked(self, ask: Ask, form: Form) -> tuple[Filled | Wrong | Silence, str]:
        said = await self._dialect.say(ask)
        if isinstance(said, Silence):
            return said, ""
        self._count(said)
        if said.ended == "refused":
            return Silence("refused"), ""
        found = repair.read(said.text, form)
        if isinstance(found, Wrong) and found.why != "refused" and said.ended == "cut-off":
            found = Wrong(why="cut-off", complaints=(SHORTER,))
        return found, prompt.clean(said.text)

    def _count(self, said: Said) -> None:
        self.usage.answers += 1
        self.usage.tokens_in += said.tokens_in
        self.usage.tokens_out += said.tokens_out

    def _key(self, ask: Ask) -> str:
        """By all that the answer depends on, and nothing else: neither ids of variants nor who asks."""
        asked = [prompt.VERSION, self._dialect.address, self.name, ask]
        return hashlib.sha256(msgspec.json.encode(asked, order="deterministic")).hexdigest()

    def _abstains(self, persona: Persona, sheet: Sheet, why: str) -> Ballot:
        self.usage.abstained += 1
        return Ballot(persona=persona.id, respondent=self.name, order=sheet.order, answers=(), abstains=why)

    def _ballot(self, persona: Persona, sheet: Sheet, form: Form, filled: Filled) -> Ballot:
        ids = dict(zip(form.labels, sheet.order, strict=True))
        answers = tuple(_answer(ids[label], filled.answers[label], form) for label in form.labels)
        return Ballot(
            persona=persona.id,
            respondent=self.name,
            order=sheet.order,
            answers=answers,
            prefers=_prefers(ids, filled.prefers),
        )


async def _nobody_minds() -> None:
    """Whoever asks by hand holds nothing back, and writes down nothing beforehand."""


def _answer(variant: str, given: repair.Given, form: Form) -> Answer:
    reasons = []
    for because in given.reasons:
        basis = form.bases.get(because.basis, prompt.Basis(()))
        reasons.append(Reason(sign=because.sign, text=because.text, evidence=basis.evidence, quote=basis.quote))
    return Answer(variant=variant, appeal=given.appeal, would=given.would, reasons=tuple(reasons), text=given.text)


def _prefers(ids: dict[str, str], label: str) -> dict[str, float]:
    """One word as chances: all on it, or even where it makes no difference."""
    if len(ids) == 1:
        return {}
    if label == NONE:
        return {id_: 1 / len(ids) for id_ in ids.values()}
    return {id_: float(each == label) for each, id_ in ids.items()}


def _kept(body: bytes | None, form: Form) -> Filled | None:
    """What was kept, unless it is nothing we could have put there."""
    if body is None:
        return None
    try:
        filled = msgspec.json.decode(body, type=Filled)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return filled if repair.whole(filled, form) else None
