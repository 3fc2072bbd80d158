"""Panels for the tests of what hangs off one: some quote a call, others nobody."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.store.corpora import NOW, insight, some_call
from vivavoce.panel.personas import Panel, PanelSpec, Persona, Point, Priors, Quote
from vivavoce.store import Store
from vivavoce.store.insights import Insights
from vivavoce.store.panels import Panels

SAID = insight(1, source="calls", group="c1", text="I pay my people late because of it.")
"""In the call c1."""


@asynccontextmanager
async def store_of_panels(url: str) -> AsyncIterator[Store]:
    """A store with two panels: one "of the call" c1, and one "of others"."""
    store = await Store.open(url)
    await some_call(store, "c1")
    insights = Insights(store.database)
    await insights.create("invoicing", now=NOW)
    await insights.add("invoicing", [SAID, insight(2)], now=NOW)
    for id_, evidence in (("of the call", SAID.id), ("of others", insight(2).id)):
        await Panels(store.database).save(panel(id_, evidence), "invoicing", now=NOW)
    yield store
    await store.close()


def panel(id_: str, *evidence: str, quote: str = "") -> Panel:
    point = Point(text="late money", origin="real", weight=1.0, evidence=evidence)
    persona = Persona(
        id="p01",
        name="Ada",
        archetype="keeper",
        niche="none",
        summary="",
        frustrations=(point,),
        goals=(point,),
        quotes=(Quote(text=SAID.text, insight=quote, source="calls"),) if quote else (),
        richness=0.5,
        temperature=0.3,
        bias="status-quo",
        priors=Priors(loss=2.25, switching=1.0, price=1.0, style={"numbers": 0.1}),
    )
    return Panel(
        id=id_,
        seed=7,
        evidence_hash="e",
        spec=PanelSpec(size=3, audience="founders"),
        personas=(persona,),
        insights=10,
        people=9,
        effective_size=1 / 3,
        overlap=0.1 + 0.2,
        warnings=("thin",),
    )
