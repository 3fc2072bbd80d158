"""A panel that quotes nobody, a study of it that is done, and two that are open."""

from __future__ import annotations

import time

import msgspec

from tests.panel.panels import study as offers
from tests.store.corpora import insight
from tests.store.panelled import panel
from vivavoce.app.respondents import Respondents
from vivavoce.app.services import Services
from vivavoce.app.settings import Settings
from vivavoce.panel.archetypes import ARCHETYPES
from vivavoce.store.database import Database
from vivavoce.store.insights import Insights
from vivavoce.store.panels import Panels
from vivavoce.studies.beginning import begin
from vivavoce.studies.running import run_study

PANEL = "c0ffee00c0ffee00"


async def studied(services: Services) -> dict[str, str]:
    """Ids, as `hooks.py` looks for them."""
    return await studied_in(services.store.database, services.settings)


async def studied_in(database: Database, settings: Settings) -> dict[str, str]:
    now = time.time()
    insights = Insights(database)
    await insights.create("invoicing", now=now)
    await insights.add("invoicing", [insight(1)], now=now)
    drawn = panel(PANEL, insight(1).id)
    members = tuple(msgspec.structs.replace(each, archetype=next(iter(ARCHETYPES))) for each in drawn.personas)
    await Panels(database).save(msgspec.structs.replace(drawn, personas=members), "invoicing", now=now)
    openers = Respondents(settings)
    names = {}
    for seed, of in enumerate(("study_id", "studies_go_on.study_id", "studies_delete_study.study_id")):
        study = await begin(database, offers(), PANEL, openers, seed=seed, embedder="hashing", now=now + seed)
        names[of] = study.id
        if not seed:
            await run_study(database, study, openers, lambda _note, _part: None)
    return names
