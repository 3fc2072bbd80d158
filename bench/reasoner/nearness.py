"""What a cosine means to an embedder: on pairs of texts that people gave the same tag, and on pairs of texts about
quite different things.
"""

from __future__ import annotations

import asyncio
import random
import statistics
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.clusters import Body, alike
from bench.reasoner.intervals import table
from vivavoce.panel.reasoner.near import SENSES, Sense
from vivavoce.panel.vectors import Vectors
from vivavoce.studies.embedding import open_embedder
from vivavoce.studies.port import Embedder

DRAW = 400
"""Texts of a body whose pairs are looked at."""


def embedded(embedder: Embedder, texts: Sequence[str]) -> Vectors:
    return asyncio.run(embedder.embed(texts))


def bodies(folder: Path) -> list[Body]:
    """Tagged texts by niche: all there are, of many kinds, since here pairs are told apart by degree and nothing is
    grouped. Halves for tuning and for telling share no intent (banking) and no product (the others).
    """
    insights, goals = table(folder / "insights.csv"), table(folder / "crowdre_goals.csv")
    intents = sorted({each["tags"] for each in insights if each["source"] == "banking77"})
    by_niche: dict[str, list[tuple[str, frozenset[str]]]] = {}
    for each in insights + goals:
        tags = frozenset(tag.rpartition(":")[0] or tag for tag in each["tags"].lower().split(";") if tag)
        half = f"-{'ab'[intents.index(each['tags']) % 2]}" if each["source"] == "banking77" else ""
        if tags and each["source"] != "cfpb1k":  # there the tag is the niche
            by_niche.setdefault(each["niche"] + half, []).append((each["text"], tags))
    return [
        Body(niche, [text for text, _ in said], [tags for _, tags in said], tuned_on=at % 2 == 0)
        for at, (niche, said) in enumerate(sorted(by_niche.items()))
    ]


def measure(folder: Path, names: Sequence[str]) -> None:
    some = bodies(folder)
    for name in names:
        embedder = open_embedder(name)
        chance = random.Random(name)
        drawn = [_drawn(body, chance) for body in some]
        vectors = [embedded(embedder, body.texts) for body in drawn]
        same, other = [], []
        for body, its in zip(drawn, vectors, strict=True):
            upper = np.triu_indices(len(its), 1)
            cosines, tagged_alike = (its @ its.T)[upper], alike(body.tags)[upper]
            same.append(np.sort(cosines[tagged_alike]))
            other.append(np.sort(cosines[~tagged_alike]))
        tuned = [at for at, body in enumerate(drawn) if body.tuned_on]
        centre, width = logistic([same[at] for at in tuned], [other[at] for at in tuned])
        strangers = _strangers(drawn, vectors)
        quantiles = np.quantile(strangers, [0.5, 0.99, 0.999])
        sense = Sense(centre=centre, width=width, strange=float(quantiles[1]), bears=float(quantiles[2]))
        print(f"\n{embedder.name}: centre {centre:.3f}, width {width:.3f}; in the code: {SENSES[embedder.name]}")
        print(f"texts of two niches: median {quantiles[0]:.3f}, 99 % {quantiles[1]:.3f}, 99.9 % {quantiles[2]:.3f}")
        print("\nniche, * not tuned on         area  mean `same` of tagged alike, not alike  log loss (guess 0.693)")
        for at, body in enumerate(drawn):
            means = [statistics.fmean(map(sense.same, each.tolist())) for each in (same[at], other[at])]
            print(
                f"{body.name + ('' if body.tuned_on else ' *'):<28}  {area(same[at], other[at]):.3f}"
                f"  {means[0]:.2f}, {means[1]:.2f}{'':<30}{_loss(same[at], other[at], centre, width):.3f}"
            )


def _drawn(body: Body, chance: random.Random) -> Body:
    chosen = sorted(chance.sample(range(len(body.texts)), min(DRAW, len(body.texts))))
    return Body(body.name, [body.texts[at] for at in chosen], [body.tags[at] for at in chosen], body.tuned_on)


def _strangers(drawn: Sequence[Body], vectors: Sequence[Vectors]) -> NDArray[np.float32]:
    """Cosines of texts about quite different things: of two kinds of source, as told by the niche's first word."""
    kinds = [body.name if body.name.startswith("app-") else body.name.split("-")[0] for body in drawn]
    found = [
        (one @ other.T).ravel()
        for at, one in enumerate(vectors)
        for to, other in enumerate(vectors[:at])
        if kinds[at] != kinds[to]
    ]
    return np.concatenate(found)


def logistic(same: Sequence[NDArray[np.float32]], other: Sequence[NDArray[np.float32]]) -> tuple[float, float]:
    """Centre and width of the logistic that best tells pairs that are tagged alike from the others, when either are as
    many and each body counts as much.
    """
    x = np.concatenate([*same, *other]).astype(np.float64)
    y = np.concatenate([*[np.ones(len(each)) for each in same], *[np.zeros(len(each)) for each in other]])
    weight = np.concatenate([np.full(len(each), 1 / len(each)) for each in (*same, *other)])
    design, fitted = np.stack([np.ones_like(x), x], axis=1), np.zeros(2)
    for _ in range(50):
        chance = 1 / (1 + np.exp(-design @ fitted))
        curve = design.T @ (design * (weight * chance * (1 - chance))[:, None])
        fitted += np.linalg.solve(curve, design.T @ (weight * (y - chance)))
    return float(-fitted[0] / fitted[1]), float(1 / fitted[1])


def _loss(same: NDArray[np.float32], other: NDArray[np.float32], centre: float, width: float) -> float:
    return float(
        (np.log1p(np.exp((centre - same) / width)).mean() + np.log1p(np.exp((other - centre) / width)).mean()) / 2
    )


def area(same: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """How often a pair that is tagged alike is nearer than one that is not."""
    below = np.searchsorted(other, same, "left") + np.searchsorted(other, same, "right")
    return float(below.mean() / 2 / len(other))
