"""What a cosine means to an embedder, in more detail than `viva insights measure` tells it."""

from __future__ import annotations

import asyncio
import statistics
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from vivavoce.panel.sense import Sense
from vivavoce.panel.vectors import Vectors
from vivavoce.studies.embedding import open_embedder
from vivavoce.studies.embedding.senses import sense_of
from vivavoce.studies.evaluation import labelled, nearness
from vivavoce.studies.evaluation.nearness import Pairs
from vivavoce.studies.evaluation.tagged import Body, for_pairs
from vivavoce.studies.port import Embedder


def embedded(embedder: Embedder, texts: Sequence[str]) -> Vectors:
    return asyncio.run(embedder.embed(texts))


def bodies(folder: Path) -> list[Body]:
    return for_pairs(labelled.load(folder))


def measure(folder: Path, names: Sequence[str]) -> None:
    some = bodies(folder)
    for name in names:
        embedder = open_embedder(name)
        drawn = nearness.drawn(some, name)
        vectors = [embedded(embedder, body.texts) for body in drawn]
        found = [nearness.pairs(body, its) for body, its in zip(drawn, vectors, strict=True)]
        centre, width = nearness.logistic([each for each in found if each.body.tuned_on])
        middle, strange, bears = np.quantile(nearness.strangers(drawn, vectors), [0.5, 0.99, 0.999]).tolist()
        code = sense_of(embedder)
        sense = Sense(cut=code.cut, centre=centre, width=width, strange=strange, bears=bears)
        print(f"\n{embedder.name}: centre {centre:.3f}, width {width:.3f}; in the code: {code.figures}")
        print(f"texts of two niches: median {middle:.3f}, 99 % {strange:.3f}, 99.9 % {bears:.3f}")
        print("\nniche, * not tuned on         area  mean `same` of tagged alike, not alike  log loss (guess 0.693)")
        for each in found:
            means = [statistics.fmean(map(sense.same, part.tolist())) for part in (each.same, each.other)]
            print(
                f"{each.body.name + ('' if each.body.tuned_on else ' *'):<28}  {each.area:.3f}"
                f"  {means[0]:.2f}, {means[1]:.2f}{'':<30}{_loss(each, centre, width):.3f}"
            )


def _loss(of: Pairs, centre: float, width: float) -> float:
    same, other = (centre - of.same) / width, (of.other - centre) / width
    return float((np.logaddexp(0, same).mean() + np.logaddexp(0, other).mean()) / 2)
