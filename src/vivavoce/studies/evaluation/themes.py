"""Whether groups of texts are about one thing, and how much people said behind a panel that is drawn from them."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from vivavoce.panel.building import build
from vivavoce.panel.calibration.drawing import bootstrap
from vivavoce.panel.clusters import clusters
from vivavoce.panel.insights import Insight
from vivavoce.panel.personas import PanelSpec
from vivavoce.panel.reading import Reader
from vivavoce.studies.embedding.senses import sense_of
from vivavoce.studies.evaluation.labelled import Labelled
from vivavoce.studies.evaluation.measures import Measure
from vivavoce.studies.evidence import gather
from vivavoce.studies.port import Embedder

MOST_TEXTS = 600
"""Of one set that is grouped: what is embedded takes a second for sixty or so."""
SHUFFLES = 20
EVIDENCE = (30, 150)
"""Reviews that a panel is drawn from: what is just not thin, and what a project has."""
PANELS = 12
"""Drawn from as many different samples of an app's reviews."""
MOST_REVIEWS = 200
"""Of an app, that samples are taken from."""
SEATS = 20


async def measure_groups(rows: Sequence[Labelled], embedder: Embedder, seed: int) -> list[Measure]:
    """Purity: the share of texts whose group is mostly of their tag. A text alone is no group, and not counted."""
    intents = sorted({row.tags for row in rows if row.source == "banking77"})
    # the cut was chosen on every second intent, beginning with the first (`tagged.for_cuts`)
    unseen = set(intents[1::2])
    sets = {
        f"banking questions by intent, {len(unseen)}": [
            (row.text, row.tags) for row in rows if row.source == "banking77" and row.tags in unseen
        ],
        "smart-home goals by niche, 5": [(row.text, row.niche) for row in rows if row.source == "crowdre"],
    }
    found = []
    for name, tagged in sets.items():
        chance = random.Random(f"{seed} {name}")  # noqa: S311  # the same texts again is the point
        chosen = sorted(chance.sample(tagged, min(MOST_TEXTS, len(tagged))))
        if chosen:
            vectors = await embedder.embed([text for text, _ in chosen])
            groups = [group for group in clusters(vectors, sense_of(embedder).cut) if len(group) > 1]
            found.append(_purity(name, groups, [tag for _, tag in chosen], chance, seed))
    return found


def _purity(
    name: str, groups: Sequence[Sequence[int]], tags: Sequence[str], chance: random.Random, seed: int
) -> Measure:
    def counted(labels: Sequence[str]) -> NDArray[np.float64]:
        return np.array(
            [[max(Counter(labels[at] for at in group).values()), len(group)] for group in groups], np.float64
        ).reshape(-1, 2)

    def share(drawn: Sequence[NDArray[np.float64]]) -> float:
        return float(drawn[0][:, 0].sum() / max(1.0, drawn[0][:, 1].sum()))

    mine = counted(tags)
    low, high = bootstrap([mine], share, seed) if groups else (0.0, 1.0)
    grouped = sum(map(len, groups))
    drawn = [share([counted(chance.sample(tags, len(tags)))]) for _ in range(SHUFFLES)]
    return Measure(
        part="groups",
        of=f"{name}; {len(groups)} groups",
        figure="purity",
        value=share([mine]),
        low=low,
        high=high,
        rows=grouped,
        coverage=grouped / len(tags),
        floors={
            "same sizes": sum(drawn) / SHUFFLES,
            "one group": max(Counter(tags).values()) / len(tags),
        },
    )


async def measure_richness(reviews: Sequence[Labelled], embedder: Embedder, seed: int) -> list[Measure]:
    """Of panels drawn from samples of an app's reviews: the mean over personas. The interval holds 95 % of panels."""
    by_app: dict[str, list[Insight]] = {}
    for row in reviews:
        if row.held:
            by_app.setdefault(row.niche, []).append(row.insight())
    found = []
    for size in EVIDENCE:
        means = []
        for app in sorted(by_app):
            chance = random.Random(f"{seed} {app} {size}")  # noqa: S311  # the same samples again is the point
            pool = sorted(by_app[app], key=lambda each: each.id)[:MOST_REVIEWS]
            for _ in range(PANELS):
                means.append(await _richness(chance.sample(pool, min(size, len(pool))), embedder, seed))
        if means:
            ranked = sorted(means)
            found.append(
                Measure(
                    part="richness",
                    of=f"panels from {size} reviews of an app",
                    figure="mean",
                    value=round(math.fsum(means) / len(means), 4),
                    low=ranked[int(len(ranked) * 0.025)],
                    high=ranked[int(len(ranked) * 0.975) - 1],
                    rows=len(means),
                    floors={"nobody asked": 0.0},
                )
            )
    return found


async def _richness(insights: Sequence[Insight], embedder: Embedder, seed: int) -> float:
    body = await gather(insights, Reader().read(insights), embedder)
    # half of thirty may be too short to be used: it is measured, and not decided on
    panel = build(body, PanelSpec(size=SEATS, forced=True), seed)
    return round(math.fsum(persona.richness for persona in panel.personas) / len(panel.personas), 4)
