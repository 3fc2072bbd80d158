"""Making a body of evidence: what is usable is embedded, grouped and labelled. Nothing is kept here."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import get_args

from vivavoce.errors import InputError
from vivavoce.panel.clusters import clusters
from vivavoce.panel.duplicates import copies
from vivavoce.panel.evidence import Body, Side, Theme, bearing, usable
from vivavoce.panel.insights import Insight, Reading
from vivavoce.panel.labels import called, labels
from vivavoce.panel.personas import Origin
from vivavoce.panel.vectors import Vectors, mean_of
from vivavoce.studies.embedding.senses import sense_of
from vivavoce.studies.port import Embedder


async def gather(
    insights: Sequence[Insight],
    readings: Sequence[Reading],
    embedder: Embedder,
    *,
    niche: str = "",
    audience: str = "",
    cut: float | None = None,
) -> Body:
    """The evidence that a panel for a niche and an audience is drawn from.

    Args:
        insights: of a corpus, in any order.
        readings: of these insights; what has none is left out as "unread".
        niche: only what was read as this one; empty for all.
        audience: who the panel is for, in words; empty for everybody.
        cut: least mean cosine of what is one theme; None for the one measured for the embedder.

    Raises:
        InputError: nobody has measured this embedder, and no cut was given; or the audience is no text.
        MissingError: the embedder cannot be had.
    """
    if any("\ud800" <= sign <= "\udfff" for sign in audience):
        raise InputError("want an audience in whole letters, got halves of some")
    least = sense_of(embedder).cut if cut is None else cut
    used, left_out = usable(insights, readings, niche)
    copied = copies([insight for insight, _ in used])
    if copied:
        left_out["copy"] = len(copied)
    kept = [(insight, reading) for insight, reading in used if insight.id not in copied]
    texts = [insight.text for insight, _ in kept]
    embedded = await embedder.embed([*texts, audience] if audience else texts)
    vectors = embedded[: len(texts)]
    nearness = tuple(float(cosine) for cosine in vectors @ embedded[-1]) if audience else ()
    read = tuple(reading for _, reading in kept)
    return Body(
        insights=tuple(insight for insight, _ in kept),
        readings=read,
        vectors=vectors,
        themes=tuple(
            theme
            for side, origin in product(get_args(Side), get_args(Origin))
            for theme in _themes(side, origin, texts, read, vectors, least)
        ),
        embedder=embedder.name,
        weak=embedder.weak,
        niche=niche,
        audience=audience,
        nearness=nearness,
        left_out=left_out,
    )


def _themes(
    side: Side, origin: Origin, texts: Sequence[str], readings: Sequence[Reading], vectors: Vectors, cut: float
) -> list[Theme]:
    """Themes of a side, the largest first. Groups that are called the same are one; what has no name is none."""
    rows = [row for row, reading in enumerate(readings) if bearing(reading) == (side, origin)]
    groups = [[rows[at] for at in group] for group in clusters(vectors[rows], cut)]
    said = [[texts[row] for row in _typical(group, vectors)] for group in groups]
    named: dict[str, list[int]] = {}
    for group, texts_, label in zip(groups, said, labels(said), strict=True):
        if label:
            named.setdefault(called(texts_, label), []).extend(group)
    return [Theme(side=side, origin=origin, label=name, rows=tuple(sorted(group))) for name, group in named.items()]


def _typical(group: Sequence[int], vectors: Vectors) -> list[int]:
    """The nearest to the middle first; rounded, so that another machine's last digit puts none before another."""
    middle = mean_of(vectors[list(group)])
    return sorted(group, key=lambda row: (-round(float(vectors[row] @ middle), 3), row))
