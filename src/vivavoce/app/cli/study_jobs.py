"""Asking for a study, and watching the job that does it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from vivavoce.app.cli import output
from vivavoce.app.cli.asking import leaves, say_where_texts_go
from vivavoce.app.cli.collecting import somebody_works

if TYPE_CHECKING:
    from vivavoce.app.respondents import Respondents
    from vivavoce.app.settings import Settings
    from vivavoce.jobs.ledger import Ledger
    from vivavoce.panel.study import Study
    from vivavoce.store.store import Store
    from vivavoce.store.studies import StoredStudy


async def asked(
    settings: Settings,
    store: Store,
    spec: Study,
    panel_id: str,
    *,
    seed: int | None,
    respondents: Sequence[str],
    embedder: str,
) -> StoredStudy:
    """A study that a job is at. What will go to a model's service is said before it goes."""
    from vivavoce.app.respondents import Respondents
    from vivavoce.jobs.ledger import Ledger
    from vivavoce.store.studies import Studies
    from vivavoce.studies.beginning import begin
    from vivavoce.studies.running import ask_for

    openers = Respondents(settings)
    study = await begin(
        store.database,
        spec,
        panel_id,
        openers,
        seed=seed,
        respondents=respondents,
        embedder=embedder,
        now=time.time(),
    )
    ledger = Ledger(store.database)
    await _say_what_leaves(openers, study)
    await _say_whose_settings(ledger, study)
    await ask_for(store.database, ledger, study)
    return await Studies(store.database).get(study.id)


async def _say_what_leaves(openers: Respondents, study: StoredStudy) -> None:
    from vivavoce.studies.asks import costs
    from vivavoce.studies.respondents.llm import AnswersInMemory, LlmRespondent

    measure = openers.embedder(study.embedder)
    say_where_texts_go(measure)
    for name in filter(costs, study.respondents):
        model = openers.respondent(name, measure, AnswersInMemory())
        if isinstance(model, LlmRespondent):
            output.note(leaves(model))
        await model.close()
    await measure.close()


async def _say_whose_settings(ledger: Ledger, study: StoredStudy) -> None:
    """A worker that runs already was started with settings of its own, and nobody here can know them."""
    from vivavoce.studies.asks import costs

    models = [name for name in study.respondents if costs(name)]
    places = sorted({worker.id.rsplit("-", 2)[0] for worker in await ledger.workers()})
    if models and places:
        output.note(
            f"a worker on {', '.join(places)} asks {', '.join(models)}, at the address and with the key of its own "
            "settings: what is set in this shell alone does not reach it"
        )


async def waited(settings: Settings, store: Store, study: StoredStudy) -> StoredStudy:
    """A study once no job is at it any more."""
    import asyncio

    from vivavoce.jobs.ledger import Ledger
    from vivavoce.store.studies import Studies

    ledger = Ledger(store.database)
    somebody = asyncio.create_task(somebody_works(settings, ledger))
    try:
        with output.progress() as tell:
            async for event in ledger.events(study.job or ""):
                doing = str(event.data.get("note") or event.data.get("state") or event.kind)
                tell(doing, event.data.get("progress"))
    finally:
        somebody.cancel()
        await asyncio.gather(somebody, return_exceptions=True)
    return await Studies(store.database).get(study.id)
