"""Whether people's own wishes tell how useful strangers find other wishes of the same niche (CrowdRE)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from vivavoce.panel.calibration.drawing import FEWER, Floats, Rows, figure_by
from vivavoce.panel.calibration.likeness import spearman
from vivavoce.panel.calibration.ridge import line
from vivavoce.panel.outcome import Share
from vivavoce.studies.calibration.outcome import Column, Goal, Role, Row, Task, exactly, spread_over
from vivavoce.studies.calibration.wishers import FOLDS, Wishes, load, niche_mean, panel, reliability
from vivavoce.studies.port import Embedder

PANELS = 5
"""Of each size, drawn anew: a figure is the mean over them."""
MEMBERS = 20
NEIGHBOURS = 40
NEIGHBOUR_WIDTH = 0.1
RIDGES = (10.0, 100.0, 300.0, 1_000.0)
STATEMENTS = (
    "It keeps my family and my home safe.",
    "It saves money and energy every month.",
    "It takes over a chore I do every day.",
    "It helps me stay healthy or warns me in an emergency.",
    "It is fun and entertains me.",
    "It is a luxury nobody really needs.",
    "It watches me and knows too much about me.",
    "It looks after pets and plants.",
    "It looks after children.",
    "It cooks or orders food for me.",
    "It plays music or films.",
    "It turns things off when I leave and locks the doors.",
    "It warns me of fire, water or gas.",
    "I can tell it by voice what to do.",
    "I can control it from my phone.",
    "It is vague and could mean anything.",
    "It sounds like science fiction.",
)
"""By us, of what a home may do for somebody."""
FLOOR, CEILING, OURS, MEAN = (
    "random",
    "all raters (by their reliability)",
    f"{MEMBERS} people of the niche (ours)",
    "niche mean",
)
RHO, GAIN, WITHIN, GAIN_WITHIN = "rank correlation", "over niche mean", "within niches", "within, over niche mean"
COLUMNS = (Column(RHO, "plain"), Column(GAIN, "signed"), Column(WITHIN, "plain"), Column(GAIN_WITHIN, "signed"))


async def wishes(folder: Path, embedder: Embedder, seed: int) -> Task:
    """
    Raises:
        NotHereError, InputError, MissingError: as `load`.
    """
    found = await load(folder, embedder, seed)
    said = found.vectors @ (await embedder.embed(STATEMENTS)).astype(np.float64).T
    length = np.log([max(1, len(text)) for text in found.texts])
    mean = niche_mean(found)
    measured = _Measured(found, mean, seed)
    measured.rows.append(Row(who=FLOOR, role="control", figures={RHO: exactly(0.0), WITHIN: exactly(0.0)}))
    measured.row("length", "control", [length])
    measured.row(MEAN, "control", [mean])
    strangers = [panel(found, MEMBERS, [seed, at], wrong=True) for at in range(PANELS)]
    measured.row(f"wrong niche: {MEMBERS} people of others", "control", strangers)
    measured.row("verbatim: ratings of the 40 nearest wishes", "control", [_nearest(found)])
    for size in (1, 5):
        measured.row(f"{size} of the niche", "model", [panel(found, size, [seed, at]) for at in range(PANELS)])
    panels = [panel(found, MEMBERS, [seed, at]) for at in range(PANELS)]
    ours = measured.row(OURS, "model", panels)
    everybody = panel(found, 0, [seed])
    measured.row("all people of the niche", "model", [everybody])
    niches = np.eye(len(found.niche_names))[found.niches]
    columns = np.hstack([said, niches, length[:, None], np.mean(panels, axis=0)[:, None]])
    measured.row("learned: 17 statements, niche, length, panel", "model", [_learned(found, columns)])
    rated = found.rated
    wrong = figure_by(
        lambda rows: measured.mean_rho(panels, rated[rows]) - measured.mean_rho(strangers, rated[rows]),
        found.authors[rated],
        seed=seed,
    )
    one, ceiling = reliability(found, seed)
    measured.rows.append(Row(who=CEILING, role="people", figures={RHO: exactly(ceiling)}))
    again = [spearman(panels[one][rated], panels[at][rated]) for at in range(PANELS) for one in range(at)]
    gain = ours.figures[GAIN]
    return Task(
        name="crowdre",
        asks="how useful strangers find a wish for the home",
        counts={"wishes": len(found.texts), "rated": len(rated), "authors": int(found.authors.max()) + 1},
        split=f"{FOLDS} folds of authors; panels of other folds than the wish",
        interval="authors drawn; mean of 5 panels",
        columns=COLUMNS,
        floor=FLOOR,
        ceiling=CEILING,
        rows=tuple(measured.rows) + tuple(measured.niches(panels)),
        figures={
            "right niche less wrong niche, rank correlation": wrong,
            "one rater with another": exactly(one),
            "test-retest: two panels with each other": spread_over(again),
        },
        leaks=found.leaks,
        goals=(
            Goal(
                wanted="gain over the niche mean: above 0",
                came=f"{gain.value:+.3f} [{gain.low:.3f}, {gain.high:.3f}]",
                met=gain.value > 0,
            ),
        ),
        doubts=(
            "The gain over the niche mean is all between niches: within one, real people's own wishes are no better "
            "than their mean, nor than those of people of other niches.",
            "Marks of two or three strangers each: the ceiling is low.",
        ),
    )


class _Measured:
    def __init__(self, found: Wishes, mean: Floats, seed: int) -> None:
        self.rows: list[Row] = []
        self._found, self._mean, self._seed = found, mean, seed

    def row(self, who: str, role: Role, scores: Sequence[Floats]) -> Row:
        rho, within = self.mean_rho, self.mean_within
        figures = {
            RHO: self._drawn(lambda rows: rho(scores, rows)),
            GAIN: self._drawn(lambda rows: rho(scores, rows) - rho([self._mean], rows)),
            WITHIN: self._drawn(lambda rows: within(scores, rows)),
            GAIN_WITHIN: self._drawn(lambda rows: within(scores, rows) - within([self._mean], rows)),
        }
        if scores[0] is self._mean:
            figures = {RHO: figures[RHO], WITHIN: figures[WITHIN]}
        self.rows.append(Row(who=who, role=role, figures=figures))
        return self.rows[-1]

    def mean_rho(self, scores: Sequence[Floats], rows: Rows) -> float:
        return float(np.mean([spearman(each[rows], self._found.useful[rows]) for each in scores]))

    def mean_within(self, scores: Sequence[Floats], rows: Rows) -> float:
        niches = self._found.niches[rows]
        return float(np.mean([self.mean_rho(scores, rows[niches == niche]) for niche in np.unique(niches)]))

    def niches(self, scores: Sequence[Floats]) -> list[Row]:
        """Ours in each niche alone."""
        found = self._found
        rows = []
        for at, name in enumerate(found.niche_names):
            its = found.rated[found.niches[found.rated] == at]
            share = self._drawn(lambda rows: self.mean_rho(scores, rows), its)
            rows.append(Row(who=f"{name} ({len(its)} wishes)", role="niche", figures={RHO: share}))
        return rows

    def _drawn(self, figure: Callable[[Rows], float], its: Rows | None = None) -> Share:
        of = self._found.rated if its is None else its
        return figure_by(lambda rows: figure(of[rows]), self._found.authors[of], seed=self._seed, draws=FEWER)


def _nearest(found: Wishes) -> Floats:
    said = np.zeros(len(found.texts))
    for fold in range(FOLDS):
        rows = np.flatnonzero(found.folds == fold)
        seen = found.rated[found.folds[found.rated] != fold]
        if not (len(rows) and len(seen)):
            continue
        cosines = found.cosines[np.ix_(rows, seen)]
        first = np.argsort(-cosines, axis=1, kind="stable")[:, :NEIGHBOURS]
        share = np.exp(np.take_along_axis(cosines, first, 1) / NEIGHBOUR_WIDTH)
        said[rows] = (share * found.useful[seen][first]).sum(axis=1) / share.sum(axis=1)
    return said


def _learned(found: Wishes, columns: Floats) -> Floats:
    """Ridge from inner folds; a mark of more raters weighs more, never above 1."""
    weights = found.raters / (found.raters + 1)
    rated = ~np.isnan(found.useful)
    said = np.zeros(len(found.texts))
    for fold in range(FOLDS):
        seen, rows = rated & (found.folds != fold), found.folds == fold
        loss = dict.fromkeys(RIDGES, 0.0)
        for inner in range(FOLDS):
            kept, out = seen & (found.folds != inner), seen & (found.folds == inner)
            if inner != fold and kept.any() and out.any():
                for ridge in RIDGES:
                    off = (
                        line(columns[kept], found.useful[kept], weights[kept], ridge)(columns[out]) - found.useful[out]
                    )
                    loss[ridge] += float((weights[out] * off**2).sum())
        if seen.any() and rows.any():
            best = min(loss, key=lambda ridge: loss[ridge])
            said[rows] = line(columns[seen], found.useful[seen], weights[seen], best)(columns[rows])
    return said
