"""From a corpus to a panel that is kept: what nobody has read is read, what is usable compared, and members drawn."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import TypeAlias

import msgspec

from vivavoce.panel.building import build
from vivavoce.panel.evidence import digest
from vivavoce.panel.personas import Panel, PanelSpec
from vivavoce.store.database import Database
from vivavoce.store.insights import Insights
from vivavoce.store.panels import Panels
from vivavoce.studies.evidence import gather
from vivavoce.studies.port import Embedder
from vivavoce.studies.reading import read_corpus

Tell: TypeAlias = Callable[[str, float | None], None]


async def drawn(
    database: Database,
    corpus: str,
    wanted: PanelSpec,
    seed: int,
    embedder: Embedder,
    tell: Tell,
    *,
    calls: Iterable[str] = (),
    now: Callable[[], float] = time.time,
) -> Panel:
    """
    Args:
        calls: ids of those the panel is to go with, whether they told an insight or not (`Panels.save`).
    Raises:
        NotHereError: there is no such corpus.
        ThinEvidenceError: too little was said.
        MissingError: the embedder cannot be had.
        StaleError: some of it was erased meanwhile.
        StoreError: the database does not answer.
    """
    insights = Insights(database)
    about = await insights.corpus(corpus)
    if about.read < about.insights:
        await read_corpus(insights, corpus, lambda done, of: tell("reading", done / max(1, of)))
    found = [each async for piece in insights.iterate(corpus, copies=True) for each in piece]  # counted there
    tell("comparing", None)
    made_at = now()  # not when it is kept: what comes meanwhile is not in it, and no study of it looks that up
    readings = [each.reading for each in found if each.reading is not None]
    body = await gather(
        [each.insight for each in found], readings, embedder, niche=wanted.niche, audience=wanted.audience
    )
    tell("drawing", None)
    panel = build(body, wanted, seed)
    # the same insights in two corpora are two panels: what is deleted with one must not be the other's
    panel = msgspec.structs.replace(panel, id=digest(panel.id, corpus))
    read = [each.insight.id for each in found]
    await Panels(database).save(panel, corpus, now=made_at, built_from=read, calls=calls)
    return panel
