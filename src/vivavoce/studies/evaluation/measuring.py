"""`viva insights measure`: what near means to an embedder, as it was measured for those of the package."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import numpy as np

from vivavoce.errors import InputError
from vivavoce.studies.embedding.remembered import Remembered
from vivavoce.studies.embedding.senses import Measured
from vivavoce.studies.evaluation import cuts, labelled, nearness, tagged
from vivavoce.studies.evaluation.cuts import Fits
from vivavoce.studies.evaluation.labelled import Labelled
from vivavoce.studies.evaluation.nearness import Pairs
from vivavoce.studies.evaluation.tagged import Body
from vivavoce.studies.port import Embedder, Vectors

EMBEDDING = 0.6
"""Of the time, by a service on another machine. Not tuned: it is for a line of progress."""
AT_A_TIME = 500
"""Texts, between two looks at how far it is."""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """How often the embedder tells pairs that are tagged alike from others, in one body; 0.5 is a guess."""

    body: str
    tuned_on: bool
    area: float


class Measurement(msgspec.Struct, frozen=True, kw_only=True):
    embedder: str
    sense: Measured
    kappa: float
    """At the cut, on what it was chosen by; 0 is chance."""
    kappa_others: float | None
    """The same on what it was not chosen by; None where there is nothing else."""
    told: tuple[Told, ...]


async def measure(
    folder: Path,
    embedder: Embedder,
    *,
    seed: str,
    date: str,
    tell: Callable[[str, float], None],
) -> Measurement:
    """Embed labelled texts, look for the cut at which groups are like tags, and for what a cosine says of a pair.

    Args:
        seed: of which texts are drawn for pairs.
        date: of today, as it is kept.
        tell: what it does, and how far it is.
    Raises:
        InputError: a file is not there or has other columns, there is too little in them, or the embedder tells
            nothing: no figure is made up.
        MissingError, SourceError: the embedder cannot be had.
    """
    rows = labelled.load(folder)
    to_group, to_pair = tagged.for_cuts(rows), nearness.drawn(tagged.for_pairs(rows), seed)
    if not any(body.tuned_on for body in to_group):
        raise InputError("want questions (banking77) or goals (crowdre) with tags in the data, got neither")
    remembered = Remembered(embedder)
    texts = sorted({text for body in (*to_group, *to_pair) for text in body.texts})
    for start in range(0, len(texts), AT_A_TIME):
        await remembered.by_text(texts[start : start + AT_A_TIME])
        tell("embedding", EMBEDDING * min(1.0, (start + AT_A_TIME) / len(texts)))
    grouped = [await remembered.embed(body.texts) for body in to_group]
    paired = [await remembered.embed(body.texts) for body in to_pair]

    def figures() -> Measurement:
        pairs = _figures_of_pairs(to_pair, paired)
        fits = cuts.fits(
            to_group, grouped, cuts.DRAWS, lambda share: tell("grouping", EMBEDDING + (1 - EMBEDDING) * share)
        )
        return _measurement(embedder.name, pairs, fits, _said(rows, to_pair), date)

    return await asyncio.to_thread(figures)


def _figures_of_pairs(bodies: Sequence[Body], vectors: Sequence[Vectors]) -> tuple[dict[str, float], list[Pairs]]:
    found = [nearness.pairs(body, its) for body, its in zip(bodies, vectors, strict=True)]
    # a body whose texts are all tagged alike, or none of them, tells nothing
    telling = [each for each in found if len(each.same) and len(each.other)]
    tuned = [each for each in telling if each.body.tuned_on]
    if not tuned:
        raise InputError("want tagged texts of which some share a tag and some do not, got none")
    centre, width = nearness.logistic(tuned)
    strange, bears = np.quantile(nearness.strangers(bodies, vectors), [0.99, 0.999]).tolist()
    return {"centre": centre, "width": width, "strange": strange, "bears": bears}, telling


def _measurement(
    name: str, pairs: tuple[dict[str, float], list[Pairs]], fits: Fits, measured_on: str, date: str
) -> Measurement:
    figures, telling = pairs
    cut = fits.best
    kappa, others = fits.kappa(cut, tuned_on=True), fits.kappa(cut, tuned_on=False)
    if kappa is None or kappa <= 0:
        raise InputError(f"want an embedder whose groups are like what people tagged, got {name!r} with none that are")
    rounded = {what: round(figure, 3) for what, figure in figures.items()}
    try:
        sense = msgspec.convert({**rounded, "cut": cut, "measured_on": measured_on, "date": date}, Measured)
    except msgspec.ValidationError as error:
        raise InputError(f"want figures by which texts can be told apart, got {name!r} with others: {error}") from None
    return Measurement(
        embedder=name,
        sense=sense,
        kappa=round(kappa, 3),
        kappa_others=None if others is None else round(others, 3),
        told=tuple(
            Told(body=each.body.name, tuned_on=each.body.tuned_on, area=round(each.area, 4)) for each in telling
        ),
    )


def _said(rows: Sequence[Labelled], bodies: Sequence[Body]) -> str:
    """What it was measured on, so that others can tell whether theirs is the same."""
    content = msgspec.json.encode([(row.id, row.tags, row.text) for row in rows])
    digest = hashlib.sha256(content).hexdigest()[:16]
    return f"{sum(len(body.texts) for body in bodies)} texts of {len(bodies)} niches, SHA-256 {digest}"
