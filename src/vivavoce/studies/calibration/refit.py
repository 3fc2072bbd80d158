"""Fitting the headline model anew, for whoever has the source tree and the data. Figures are written, never a text."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np

from vivavoce.errors import InputError, StoreError
from vivavoce.panel import headlines
from vivavoce.panel.calibration.chances import coverage, ece_by
from vivavoce.panel.calibration.drawing import Floats, mean_by
from vivavoce.panel.calibration.rates import folded, log_rates, scale
from vivavoce.panel.headlines.model import MODEL, NEAR, Model, Provenance, Weighing
from vivavoce.panel.headlines.style import STYLE
from vivavoce.studies.calibration.clicks import FILE, FOLDS, Clicks, load
from vivavoce.studies.calibration.files import fingerprint
from vivavoce.studies.calibration.foretelling import learned
from vivavoce.studies.calibration.upworthy import SURES
from vivavoce.studies.port import Embedder

RIDGE = 30_000.0
"""What inner folds pick, or its neighbour; results are flat from 1,000 to 100,000."""
DIGITS = 4
"""Of a weight: rounding to so many changes the order of no pair."""


async def refit(folder: Path, embedder: Embedder, *, seed: int, day: str) -> Model:
    """The model of these headlines, with how it does on stories it was not fitted on.

    Raises:
        NotHereError, InputError, MissingError: as `clicks.load`.
    """
    clicks = await load(folder, embedder, seed)
    both = np.hstack([clicks.style, clicks.statements])
    return Model(
        version=MODEL.version,
        provenance=Provenance(
            source="Upworthy Research Archive, exploratory part (Matias, Munger, Aubin Le Quere, Ebersole 2021, "
            "Sci. Data 8:195); arms of one test and picture, randomisation_ok",
            licence="CC BY 4.0 as third parties report of OSF jd64p; a copy was used, the archive itself not asked",
            file=FILE,
            sha256=fingerprint(folder, FILE),
            rows=len(clicks.texts),
            pairs=len(clicks.pairs),
            clear=int(clicks.clear.sum()),
            groups=int(clicks.stories.max()) + 1,
            split=f"{FOLDS} folds of stories; ridge and scale of what is told from inner folds",
            ridge=RIDGE,
            seed=seed,
            embedder=embedder.name,
            date=day,
            command=f"viva calibrate --data DIR --task upworthy --seed {seed} --refit",
        ),
        full=_weighing(clicks, both, (*STYLE, *NEAR), seed),
        style=_weighing(clicks, clicks.style, STYLE, seed),
    )


def _weighing(clicks: Clicks, columns: Floats, names: tuple[str, ...], seed: int) -> Weighing:
    """Weights of all rows, and figures of those left out. The scale is that of pairs left out too."""
    sums = folded(columns, *log_rates(clicks.hits, clicks.shown), clicks.tests, clicks.folds)
    apart = clicks.apart(np.zeros(len(columns)))
    of_pair = clicks.folds[clicks.pairs[:, 0]]
    for fold in range(sums.count):
        rows = of_pair == fold
        scores = sums.columns @ sums.weights([each for each in range(sums.count) if each != fold], RIDGE)
        apart[rows] = clicks.apart(scores)[rows]
    weights = sums.weights(list(range(sums.count)), RIDGE) / sums.spread * scale(apart, clicks.won)
    told = learned(clicks, columns)
    right = clicks.right(told.differences)
    return Weighing(
        weights={name: float(f"{weight:.{DIGITS}g}") for name, weight in zip(names, weights.tolist(), strict=True)},
        right=mean_by(right[clicks.clear], clicks.story[clicks.clear], seed=seed),
        ece=ece_by(told.chances, clicks.won, clicks.story, seed=seed),
        coverage=tuple(coverage(told.chances, right, clicks.clear, clicks.story, SURES, seed=seed)),
    )


def changed(model: Model) -> list[str]:
    """What another model changes, in lines."""
    lines = []
    for name, before, after in (("full", MODEL.full, model.full), ("style", MODEL.style, model.style)):
        moved = {
            each: abs(after.weights.get(each, 0.0) - before.weights.get(each, 0.0))
            for each in (*before.weights, *after.weights)
        }
        most = max(moved, key=lambda each: moved[each])
        lines.append(
            f"{name}: right on clear pairs {before.right.value:.3f} to {after.right.value:.3f}, "
            f"{sum(value > 0 for value in moved.values())} of {len(moved)} weights moved, "
            f"most of all {most}: {before.weights.get(most, 0.0):g} to {after.weights.get(most, 0.0):g}"
        )
    return lines


def write(model: Model) -> Path:
    """Put a model in place of the packaged one.

    Raises:
        InputError: this is no source tree.
        StoreError: it cannot be written.
    """
    package = Path(headlines.__file__).resolve().parents[2]
    if not (package.parents[1] / "pyproject.toml").is_file():
        raise InputError("want a source tree to write fitted weights into, got an installed package")
    path = package / "panel" / "data" / "headlines.json"
    try:
        path.write_bytes(msgspec.json.format(msgspec.json.encode(model), indent=1) + b"\n")
    except OSError as error:
        raise StoreError(f"{path.name} cannot be written: {error.strerror}") from None
    return path
