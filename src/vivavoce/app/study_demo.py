"""A study to look at: sixty invented bookkeepers, and whatever the founder's interview on this machine told, are made
into a panel that is asked about two ways to offer what the founder builds. No key, no network.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeAlias

import msgspec

from vivavoce.agents.states import FactState
from vivavoce.app.respondents import Respondents
from vivavoce.app.samples import EXAMPLES
from vivavoce.app.settings import Settings
from vivavoce.app.study_files import OFFERS, read_study
from vivavoce.errors import MissingError
from vivavoce.findings.study_record import StudyRecord, collect_study
from vivavoce.panel.ballots import MOST_PRICE
from vivavoce.panel.personas import PanelSpec
from vivavoce.panel.study import PriceTest, Study
from vivavoce.store.calls import CallFilter, Calls
from vivavoce.store.insights import Insights
from vivavoce.store.store import Store
from vivavoce.store.vault import Vault
from vivavoce.studies.beginning import begin
from vivavoce.studies.drawing import drawn
from vivavoce.studies.port import Embedder
from vivavoce.studies.running import run_study
from vivavoce.studies.sources.open import open_source

BOOKKEEPERS = EXAMPLES / "insights" / "bookkeeping.csv"
CORPUS = "demo-bookkeeping"
AGENT = "founder-validation"
"""Whose calls count, and whose facts: that of `examples/agents/founder.yaml`."""
MEMBERS = 20
SEED = 1
STEPS = (0.5, 0.75, 1.0, 1.5, 2.0)
"""Prices that are tested, as shares of the founder's."""
COIN = 0.1
"""Below it those, rounded to cents, would not be different ones any more."""

Tell: TypeAlias = Callable[[str, float | None], None]


async def demonstrate(store: Store, settings: Settings, tell: Tell, *, embedder: str = "") -> StudyRecord:
    """Collect, draw, ask, and say what came of it; done again it goes on with what is there.

    Raises:
        VivaError: whatever could not be done.
    """
    await _collect(store, settings, tell)
    openers = Respondents(settings)
    call_id, facts = await _told(store)
    calls = [call_id] if call_id else []  # the study speaks in their words: erased, they take the panel along
    measure = openers.embedder(embedder) if embedder else _best(openers)
    try:
        panel = await drawn(store.database, CORPUS, PanelSpec(size=MEMBERS), SEED, measure, tell, calls=calls)
    finally:
        await measure.close()
    spec = about(read_study(OFFERS), facts)
    study = await begin(store.database, spec, panel.id, openers, seed=SEED, now=time.time())
    study = await run_study(store.database, study, openers, lambda _, part: tell("asking", part))
    return await collect_study(store.database, study.id)


def about(study: Study, facts: dict[str, Any]) -> Study:
    """The study of the examples, about what a founder told instead: whom it is for, what those do today and what it is
    to cost. What was not told, or not as a sum, stays as it is in the example, but for the price of today: who does
    not say what people spend is not helped by a figure that somebody made up.
    """
    price = _amount(facts.get("price"))
    if not facts or price is None:
        return study
    currency = str(facts["price"].get("currency", ""))
    customer, today = (_words(facts.get(name)) for name in ("customer", "workaround"))
    return msgspec.structs.replace(
        study,
        context=f"{study.context} It is for {customer}." if customer else study.context,
        today=today or study.today,
        reference_price=_amount(facts.get("spend_today")),
        currency=f"{currency} a month".strip(),
        variants=tuple(msgspec.structs.replace(each, price=price) for each in study.variants),
        prices=PriceTest(points=tuple(round(price * step, 2) for step in STEPS)),
    )


async def _collect(store: Store, settings: Settings, tell: Tell) -> None:
    tell("collecting", None)
    insights = Insights(store.database)
    await insights.create(CORPUS, now=time.time())
    vault = Vault.of(settings.secret_key, settings.data_dir)
    for name, query in (("file", str(BOOKKEEPERS)), ("calls", AGENT)):
        source = open_source(name, settings, hashed=vault.hash, database=store.database)
        try:
            cursor: str | None = None
            while True:
                page = await source.page(query, cursor)
                await insights.add(CORPUS, page.insights, now=time.time())
                cursor = page.cursor
                if cursor is None:
                    break
        finally:
            await source.close()


async def _told(store: Store) -> tuple[str, dict[str, Any]]:
    """The newest interview that has ended, and what was answered in it; empty where there is none."""
    found = await Calls(store.database).page(CallFilter(agents=(AGENT,), state="ended"), limit=1)
    if not found:
        return "", {}
    facts = {fact.field: fact.value for fact in await store.facts(found[0].id) if FactState(fact.state).given}
    return found[0].id, facts


def _best(openers: Respondents) -> Embedder:
    """Meanings where the weights are installed, else spellings; the panel says which."""
    try:
        return openers.embedder("minilm")
    except MissingError:
        return openers.embedder("hashing")


def _amount(value: Any) -> float | None:
    amount = value.get("amount") if isinstance(value, dict) else None
    return float(amount) if isinstance(amount, (int, float)) and COIN <= amount <= MOST_PRICE / STEPS[-1] else None


def _words(value: Any) -> str:
    return value.strip().rstrip(".") if isinstance(value, str) else ""
