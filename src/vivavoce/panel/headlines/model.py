"""What each figure of a headline weighs, fitted on what readers clicked (`data/headlines.json`).

chance that the first of two is clicked on more = logistic(score of the first - score of the second)
score = sum of weight x figure

There is no level and no order in it: turned round, two headlines have the chances turned round, and a headline beside
itself is at .5.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import numpy as np
from numpy.typing import NDArray

from vivavoce.panel.calibration.chances import Coverage
from vivavoce.panel.calibration.drawing import Floats
from vivavoce.panel.headlines.style import STYLE, WORDS, style
from vivavoce.panel.outcome import Share
from vivavoce.panel.packaged import packaged
from vivavoce.panel.reasoner.near import Near

NEAR = tuple(f"near:{name}" for name in WORDS.statements)
"""Names of the figures that want vectors, in the order of their columns."""


class Provenance(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the figures were fitted on. The texts are not here."""

    source: str
    licence: str
    file: str
    sha256: str
    rows: int
    """Headlines with their clicks."""
    pairs: int
    clear: int
    """Pairs whose difference is no chance."""
    groups: int
    """Stories; never on both sides of a split."""
    split: str
    ridge: float
    seed: int
    embedder: str
    date: str
    command: str
    """Fits them again."""


class Weighing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One set of weights, and how it did on stories it was not fitted on."""

    weights: dict[str, float]
    """By name of figure, per unit of it."""
    right: Share
    """Of clear pairs."""
    ece: Share
    """Of all pairs, without what chance adds."""
    coverage: tuple[Coverage, ...]
    """By least chance, rising."""


class Model(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`data/headlines.json`."""

    version: int
    provenance: Provenance
    full: Weighing
    style: Weighing
    """Without vectors."""


MODEL = packaged("headlines.json", Model)


def weighing(near: bool) -> Weighing:
    return MODEL.full if near else MODEL.style


def figures(texts: tuple[str, ...], vectors: Mapping[str, NDArray[np.float32]] | None) -> list[dict[str, float]]:
    """Every figure of each text by its name.

    Args:
        vectors: of the texts and of all statements; None for style alone.
    Raises:
        InputError: a vector is missing.
    """
    columns: list[Floats] = [style(texts)]
    names = STYLE
    if vectors is not None:
        columns.append(Near(vectors).cosines(texts, tuple(WORDS.statements.values())))
        names = STYLE + NEAR
    return [dict(zip(names, row, strict=True)) for row in np.hstack(columns).tolist()]
