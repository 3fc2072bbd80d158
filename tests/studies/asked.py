"""A panel of invented people in a store, models that answer without a network, and a hand that does jobs."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec

from tests.panel.bodies import body
from tests.panel.panels import panel as built
from tests.panel.panels import study as offers
from tests.store.corpora import NOW
from vivavoce.panel.study import Study
from vivavoce.store import Store
from vivavoce.store.insights import Insights
from vivavoce.store.panels import Panels
from vivavoce.store.studies import StoredStudy, Studies
from vivavoce.studies.beginning import begin
from vivavoce.studies.embedding.hashing import HashingEmbedder
from vivavoce.studies.port import Embedder, Respondent
from vivavoce.studies.respondents.llm import THERE, Answers, LlmRespondent
from vivavoce.studies.respondents.reasoner import ReasonerRespondent
from vivavoce.studies.respondents.service import Ask, Said, Silence
from vivavoce.studies.running import Studying

Point = Callable[[str], None]
_VARIANT = re.compile(r"\[begin variant (\w) [^\]]*\]\n(.*?)\n\[end variant", re.DOTALL)


class Died(BaseException):
    """As kill -9 does it."""


def nowhere(_point: str) -> None: ...


class Mouth:
    """A model that would rather have whatever has most of a word in it, and counts what it is asked."""

    address = "http://127.0.0.1:9/v1"

    def __init__(self, name: str, likes: str) -> None:
        self.name = name
        self.likes = likes
        self.asked: Counter[bytes] = Counter()
        self.silent: list[str] = []
        """Why there is no answer to the next questions, one each, the last one first; an answer where it is empty."""
        self.fails_at = ""
        """Words of a member at which its service fails each time; of a prompt that has them there is no answer."""
        self.probed = 0
        """How often it was asked whether it is there at all."""

    async def say(self, ask: Ask) -> Said | Silence:
        if ask == THERE:
            self.probed += 1
        else:
            self.asked[msgspec.json.encode([ask.rules, ask.turns])] += 1
        if self.silent and (why := self.silent.pop()):
            return Silence(why)
        if ask == THERE:
            return Said(text='{"there": true}', tokens_in=100, tokens_out=20)
        if self.fails_at and self.fails_at in ask.turns[0]:
            return Silence("unreachable")
        shown = dict(_VARIANT.findall(ask.turns[0]))
        best = max(shown, key=lambda label: shown[label].count(self.likes))
        prefers = best if shown[best].count(self.likes) else "none"
        reason = {"sign": "pro", "text": "It does what I need.", "because": "F1"}
        answers = [
            {
                "label": label,
                "text": "Well.",
                "reasons": [reason],
                "would": "might",
                "appeal": 9 if label == best else 3,
            }
            for label in shown
        ]
        return Said(text=json.dumps({"answers": answers, "prefers": prefers}), tokens_in=100, tokens_out=20)

    async def close(self) -> None: ...


class Hand:
    """Does a job as a worker does: what a step gave is remembered, and is not asked for again."""

    call_id = None

    def __init__(self, study_id: str, remembered: list[Any], at: Point = nowhere, job_id: str = "j") -> None:
        self.id = job_id
        self.args: Mapping[str, Any] = {"study": study_id}
        self.told: list[tuple[float, str]] = []
        self.steps: list[str] = []
        self._remembered = remembered
        self._at = at

    async def step(self, name: str, function: Callable[..., Awaitable[Any]], /, *args: Any) -> Any:
        self.steps.append(name)
        if len(self._remembered) < len(self.steps):
            value = msgspec.json.encode(await function(*args))
            self._at(f"{name} not yet remembered")
            self._remembered.append(msgspec.json.decode(value))
            self._at(f"{name} remembered")
        return self._remembered[len(self.steps) - 1]

    async def goes_on(self) -> bool:
        return True

    async def progress(self, fraction: float, note: str = "") -> None:
        self.told.append((fraction, note))


class Surgery:
    """A panel in a store and who may be asked, with a clock that moves a second whenever it is looked at."""

    def __init__(self, store: Store, *, members: int = 6, overlap: float | None = None) -> None:
        self.store = store
        self.studies = Studies(store.database)
        self.mouths = {"openai:m": Mouth("openai/m", "paid"), "openai:other": Mouth("openai/other", "tax")}
        self.announced: list[tuple[str, dict[str, Any]]] = []
        self.at: Point = nowhere
        panel = built(members)
        self.panel = panel if overlap is None else msgspec.structs.replace(panel, overlap=overlap)
        self._seconds = 0.0

    async def fill(self) -> None:
        insights, said = Insights(self.store.database), body(300)
        await insights.create("invoicing", now=NOW)
        await insights.add("invoicing", said.insights, now=NOW)
        await insights.save_readings("invoicing", said.readings)
        await Panels(self.store.database).save(self.panel, "invoicing", now=NOW)

    def embedder(self, name: str) -> Embedder:
        assert name == "hashing"
        return HashingEmbedder()

    def respondent(self, name: str, embedder: Embedder, answers: Answers) -> Respondent:
        if name == "reasoner":
            return ReasonerRespondent(embedder)
        return LlmRespondent(self.mouths[name], answers=_Watched(answers, self))

    async def begin(self, *respondents: str, spec: Study | None = None, seed: int | None = None) -> StoredStudy:
        return await begin(
            self.store.database, spec or offers(), self.panel.id, self, seed=seed, respondents=respondents,
            embedder="hashing", now=NOW,
        )  # fmt: skip

    async def do(self, study_id: str, remembered: list[Any] | None = None, *, at: Point = nowhere) -> Hand:
        """A job, by a worker that has just started."""
        self.at = at
        hand = Hand(study_id, [] if remembered is None else remembered, at)
        await self.studies.hand_to(study_id, hand.id, before=(await self.studies.get(study_id)).job)
        studying = Studying(self.store.database, self, self._announce, clock=self._tick, now=lambda: NOW)
        await studying.run(hand)
        return hand

    async def _announce(self, type_: str, data: dict[str, Any]) -> None:
        self.announced.append((type_, data))

    def _tick(self) -> float:
        self._seconds += 1
        return self._seconds


class _Watched:
    """Where a model's answers are kept; whoever watches may die when one is."""

    def __init__(self, answers: Answers, surgery: Surgery) -> None:
        self._answers = answers
        self._surgery = surgery

    async def get(self, key: str) -> bytes | None:
        return await self._answers.get(key)

    async def put(self, key: str, body: bytes, *, persona: str, respondent: str) -> None:
        await self._answers.put(key, body, persona=persona, respondent=respondent)
        self._surgery.at("answer kept")
