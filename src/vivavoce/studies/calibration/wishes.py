"""Whether people's own wishes tell how useful strangers find other wishes of the same niche (CrowdRE)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from vivavoce.panel.calibration.drawing import FEWER, Floats, Rows, figure_by
from vivavoce.panel.calibration.likeness import spearman
from vivavoce.panel.calibration.ridge import line
from vivavoce.panel.outcome import Share
from vivavoce.studies.calibration.goals import goal
from vivavoce.studies.calibration.measured import Measured, Of
from vivavoce.studies.calibration.outcome import Column, Role, Row, Task, exactly, other, spread_over
from vivavoce.studies.calibration.wishers import FOLDS, Wishes, ceiling, load, niche_mean, one_rater, panel
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
    "who knew what all think (by the raters' reliability)",
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
    ranked = _Ranked(found, seed)
    ranked.show(FLOOR, "control", [np.zeros(len(found.texts))])
    ranked.show("length", "control", [length])
    ranked.show(MEAN, "control", [ranked.mean])
    strangers = [panel(found, MEMBERS, [seed, at], wrong=True) for at in range(PANELS)]
    ranked.show(f"wrong niche: {MEMBERS} people of others", "control", strangers)
    ranked.show("verbatim: ratings of the 40 nearest wishes", "control", [_nearest(found)])
    for size in (1, 5):
        ranked.show(f"{size} of the niche", "model", [panel(found, size, [seed, at]) for at in range(PANELS)])
    panels = [panel(found, MEMBERS, [seed, at]) for at in range(PANELS)]
    ours = ranked.show(OURS, "model", panels)
    ranked.show("all people of the niche", "model", [panel(found, 0, [seed])])
    niches = np.eye(len(found.niche_names))[found.niches]
    columns = np.hstack([said, niches, length[:, None], np.mean(panels, axis=0)[:, None]])
    ranked.show("learned: 17 statements, niche, length, panel", "model", [_learned(found, columns)])
    ranked.people(CEILING)
    rated = found.rated
    again = [spearman(panels[one][rated], panels[at][rated]) for at in range(PANELS) for one in range(at)]
    return Task(
        name="crowdre",
        asks="how useful strangers find a wish for the home",
        counts={"wishes": len(found.texts), "rated": len(rated), "authors": int(found.authors.max()) + 1},
        split=f"{FOLDS} folds of authors; panels of other folds than the wish",
        interval=f"authors drawn; mean of {PANELS} panels",
        columns=COLUMNS,
        floor=FLOOR,
        ceiling=CEILING,
        rows=(
            *ranked.rows,
            *ranked.niches(panels),
            other("right niche less wrong niche", ranked.less(panels, strangers), floor=exactly(0.0)),
            other("one rater with another", ranked.one_rater(), floor=exactly(0.0), ceiling=exactly(1.0)),
            other(
                "test-retest: two panels with each other",
                spread_over(again),
                floor=exactly(0.0),
                ceiling=exactly(1.0),
                drawn=f"the pairs of {PANELS} panels",
            ),
        ),
        leaks=found.leaks,
        goals=(goal("gain over the niche mean", ours.figures[GAIN], "above", 0, "signed"),),
        doubts=(
            "The gain over the niche mean is all between niches: within one, real people's own wishes are no better "
            "than their mean, nor than those of people of other niches.",
            "Marks of two or three strangers each: the ceiling is low. Its interval draws authors, and the raters are "
            "as they are.",
        ),
    )


class _Ranked:
    """How ranks of wishes correlate with how useful strangers find them."""

    def __init__(self, found: Wishes, seed: int) -> None:
        self._found, self._seed = found, seed
        self.mean = niche_mean(found)
        self._base = self._of([self.mean])
        draw = self._drawn
        self._measured = Measured({RHO: draw, WITHIN: draw}, {GAIN: RHO, GAIN_WITHIN: WITHIN}, self._base)

    @property
    def rows(self) -> list[Row]:
        return self._measured.rows

    def show(self, who: str, role: Role, scores: Sequence[Floats]) -> Row:
        base = len(scores) == 1 and scores[0] is self.mean
        return self._measured.row(who, role, self._base if base else self._of(scores))

    def people(self, who: str) -> None:
        found = self._found
        self._measured.row(
            who,
            "people",
            {
                RHO: Of(lambda rows: ceiling(found, rows)),
                WITHIN: self._within(lambda rows: ceiling(found, rows)),
            },
        )

    def niches(self, scores: Sequence[Floats]) -> list[Row]:
        """Ours in each niche alone, with the ends of that niche."""
        found = self._found
        rho, base = self._of(scores)[RHO], self._base[RHO]
        rows = []
        for at, name in enumerate(found.niche_names):
            its = found.rated[found.niches[found.rated] == at]
            rows.append(
                Row(
                    who=f"{name} ({len(its)} wishes)",
                    role="niche",
                    figures={RHO: self._drawn(rho, its), GAIN: self._drawn(rho - base, its)},
                    floor=exactly(0.0),
                    ceiling=self._drawn(Of(lambda rows: ceiling(found, rows)), its),
                )
            )
        return rows

    def less(self, one: Sequence[Floats], other: Sequence[Floats]) -> Share:
        return self._drawn(self._of(one)[RHO] - self._of(other)[RHO])

    def one_rater(self) -> Share:
        return self._drawn(Of(lambda rows: one_rater(self._found, rows)))

    def _of(self, scores: Sequence[Floats]) -> dict[str, Of]:
        def rho(rows: Rows) -> float:
            return float(np.mean([spearman(each[rows], self._found.useful[rows]) for each in scores]))

        return {RHO: Of(rho), WITHIN: self._within(rho)}

    def _within(self, figure: Callable[[Rows], float]) -> Of:
        """The mean over niches of a figure of each."""

        def within(rows: Rows) -> float:
            niches = self._found.niches[rows]
            return float(np.mean([figure(rows[niches == niche]) for niche in np.unique(niches)]))

        return Of(within)

    def _drawn(self, of: Of, its: Rows | None = None) -> Share:
        rated = self._found.rated if its is None else its
        authors = self._found.authors[rated]
        return figure_by(lambda rows: of.figure(rated[rows]), authors, seed=self._seed, draws=FEWER)


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
