"""Which of two headlines is clicked more: the learned model beside those who know less, and beside what clicks say
twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from vivavoce.panel.calibration.chances import coverage, ece_by, reliability
from vivavoce.panel.calibration.drawing import Floats, Rows, mean_by
from vivavoce.panel.calibration.middles import unit
from vivavoce.panel.calibration.rates import Foretold
from vivavoce.panel.headlines import SURE
from vivavoce.panel.headlines.model import NEAR
from vivavoce.panel.headlines.style import BLOCKS, STYLE
from vivavoce.panel.outcome import Share
from vivavoce.panel.reasoner import OFFERS
from vivavoce.studies.calibration import foretelling, readers
from vivavoce.studies.calibration.clicks import FOLDS, Clicks, load
from vivavoce.studies.calibration.foretelling import learned
from vivavoce.studies.calibration.goals import goal
from vivavoce.studies.calibration.measured import Measured
from vivavoce.studies.calibration.outcome import Column, Goal, Role, Task, exactly, other, spread_over
from vivavoce.studies.port import Embedder

SURES = (0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8)
NEXT = next(each for each in SURES if each > SURE)
"""End of the band that only just passes the bar."""
OURS, STYLE_ONLY, FLOOR = "statements and style (ours)", "style alone", "random"
CEILING = "who knew the true rates, noise no more than counting"
AS_TWINS = "who knew the true rates, noise as between identical headlines"
HALF = "other half of the readers, on pairs clear in the first"
CLEAR, ALL, GAIN, ECE = "clear pairs", "all pairs", "gain over style", "ECE, debiased"
COLUMNS = (Column(CLEAR, "percent"), Column(ALL, "percent"), Column(GAIN, "points"), Column(ECE, "plain"))
DOUBTS = (
    "Statements about other things (plain offers of twelve trades) do as well as ours, and random directions not "
    "much worse: statements are coordinates one can read, no evidence that these readers are the right ones.",
    "One site, one-line headlines, 2013 to 2015. Nobody knows how it does elsewhere, and it answers nothing else.",
    "Statements and lists were written after 40 headlines with their clicks had been looked at, before any score was.",
    "Weights are conditional on each other; the sign of a single one is no finding.",
    "Intervals are of stories drawn, folds held fixed: over seeds of folds the first figure moves by some tenths.",
    "Who knew the true rates is nobody: how wide true differences spread is fitted to those that came. With noise no "
    "more than counting, whatever else moves clicks counts as known, so it is a bound; identical headlines come apart "
    "by more than counting, so wording alone does not lead so far.",
    "The other half of the readers is no ceiling: it is measured on other pairs, which are farther apart, and both "
    "halves have their noise.",
)


async def upworthy(folder: Path, embedder: Embedder, seed: int) -> Task:
    """
    Raises:
        NotHereError, InputError, MissingError: as `clicks.load`.
    """
    clicks = await load(folder, embedder, seed)
    wrong = [offer for niche in sorted(OFFERS) for offer in OFFERS[niche]][: len(NEAR)]
    strangers = clicks.vectors @ (await embedder.embed(wrong)).astype(np.float64).T
    tested = _Tested(clicks, seed)
    ours = learned(clicks, tested.both)
    tested.controls(strangers, ours)
    tested.models(ours)
    tested.surest(ours)
    tested.people(ours)
    tested.ablations(ours)
    row = tested.measured.rows[[each.who for each in tested.measured.rows].index(OURS)]
    right = clicks.right(ours.differences)
    return Task(
        name="upworthy",
        asks="which of two headlines of one story is clicked on by more readers",
        counts={
            "headlines": len(clicks.texts),
            "pairs": len(clicks.pairs),
            "clear pairs": int(clicks.clear.sum()),
            "stories": int(clicks.stories.max()) + 1,
            "pairs of identical headlines": len(clicks.twins),
        },
        split=f"{FOLDS} folds of stories; ridge and scale from inner folds",
        interval="stories drawn",
        columns=COLUMNS,
        floor=FLOOR,
        ceiling=CEILING,
        rows=tuple(tested.measured.rows),
        reliability=tuple(reliability(ours.chances, clicks.won, clicks.story, seed=seed)),
        coverage=tuple(coverage(ours.chances, right, clicks.clear, clicks.story, SURES, seed=seed)),
        leaks=clicks.leaks,
        goals=_goals(row.figures),
        doubts=DOUBTS,
    )


def _goals(figures: dict[str, Share]) -> tuple[Goal, ...]:
    return (
        goal("clear pairs right", figures[CLEAR], "at least", 0.68, "percent"),
        goal("gain over style alone, with its interval", figures[GAIN], "above", 0, "points"),
        goal("ECE on all pairs", figures[ECE], "at most", 0.05, "plain"),
    )


class _Tested:
    """Everybody on the same pairs. Gains are over style alone, on clear pairs."""

    def __init__(self, clicks: Clicks, seed: int) -> None:
        self.both = np.hstack([clicks.style, clicks.statements])
        self._clicks, self._seed = clicks, seed
        self._style = learned(clicks, clicks.style)
        self._base = clicks.right(self._style.differences)
        self.measured = Measured[Floats](
            {CLEAR: self._on_clear, ALL: self._on_all},
            {GAIN: CLEAR},
            {CLEAR: self._base},
        )

    def controls(self, strangers: Floats, ours: Foretold) -> None:
        """
        Args:
            strangers: nearness to as many statements about other things.
        """
        clicks = self._clicks
        half = np.full(len(clicks.pairs), 0.5)
        self._row(FLOOR, "control", half, {ECE: ece_by(half, clicks.won, clicks.story, seed=self._seed)})
        self._scores("longer", np.array([float(len(text)) for text in clicks.texts]))
        self._foretold(STYLE_ONLY, "control", self._style)
        mean = np.array(unit(clicks.statements.mean(axis=1)))[:, None]
        self._learned("niche mean and style", "control", mean)
        stranger = self._learned("wrong niche and style", "control", strangers)
        self._scores("verbatim: clicks of the 50 nearest headlines", foretelling.nearest(clicks))
        self._scores("nearest statement, not learned", clicks.statements.max(axis=1))
        randoms = [
            self._learned(f"random directions and style, {at}", "control", columns)
            for at, columns in enumerate(foretelling.random_directions(clicks, self._seed), 1)
        ]
        self._dealt()
        right = clicks.right(ours.differences)
        for name, others in (("wrong niche", [stranger]), ("random directions", randoms)):
            apart = right - np.mean(others, axis=0)
            for pairs, share in (("clear", self._on_clear(apart)), ("all", self._on_all(apart))):
                self.measured.rows.append(other(f"ours less {name}, {pairs} pairs", share, floor=exactly(0.0)))

    def models(self, ours: Foretold) -> None:
        clicks = self._clicks
        self._foretold(OURS, "model", ours)
        self._foretold("statements alone", "model", learned(clicks, clicks.statements))
        self._learned("all 384 numbers and style", "model", clicks.vectors, foretelling.OPAQUE_RIDGES)
        elsewhere = learned(clicks, self.both, folds=foretelling.topics(clicks))
        self._foretold("ours, whole topics held out", "model", elsewhere)

    def people(self, ours: Foretold) -> None:
        """What clicks say twice, and how far anybody could come."""
        clicks, add = self._clicks, self.measured.rows.append
        half = readers.halved(clicks, self._seed)
        self.measured.row(HALF, "people", {}, {CLEAR: half.clear, ALL: half.all})
        most = self._known(CEILING, as_twins=False)
        add(other("two halves of the readers would agree, all pairs, by the spread of true rates", most.halves,
                  floor=exactly(0.5)))  # fmt: skip
        brier = mean_by((ours.chances - clicks.won) ** 2, clicks.story, seed=self._seed)
        add(other("Brier score on all pairs, ours", brier, floor=exactly(0.25), ceiling=most.brier))
        twins = readers.twins(clicks, self._seed)
        if twins is not None:
            self._known(AS_TWINS, as_twins=True)
            add(other("identical headlines that differ clearly", twins.differ, floor=exactly(0.05)))
            add(other("variance between identical headlines, in that of counting", twins.noise, floor=exactly(1.0)))
            add(other("identical headlines told apart", exactly(self._told_apart()), floor=exactly(1.0),
                      ceiling=exactly(0.0)))  # fmt: skip

    def surest(self, ours: Foretold) -> None:
        """Style alone where it is as sure as ours has to be, and where it answers as many."""
        sure, right = np.abs(self._style.chances - 0.5) + 0.5, self._base
        many = int((np.abs(ours.chances - 0.5) + 0.5 >= SURE).sum())
        as_many = np.sort(np.argsort(-sure, kind="stable")[:many])
        reaches = np.flatnonzero((sure >= SURE) & (sure < NEXT))
        for name, rows in (
            (f"style alone, its surest {many:,} pairs, as many as ours answers at {SURE}", as_many),
            (f"style alone, {len(reaches):,} pairs of {SURE} to {NEXT}", reaches),
        ):
            if len(rows):
                share = mean_by(right[rows], self._clicks.story[rows], seed=self._seed)
                self.measured.rows.append(other(name, share, floor=exactly(0.5)))

    def ablations(self, ours: Foretold) -> None:
        """Ours without one part: what is lost is in the last column."""
        names = (*STYLE, *NEAR)
        full = self._clicks.right(ours.differences)
        for what, left_out in (BLOCKS | {"statements": NEAR}).items():
            kept = [at for at, name in enumerate(names) if name not in left_out]
            right = self._clicks.right(learned(self._clicks, self.both[:, kept]).differences)
            lost = self.measured.gain(CLEAR, full, right)
            self.measured.row(f"without {what}", "ablation", {CLEAR: right}, {"lost": lost})

    def _known(self, who: str, *, as_twins: bool) -> readers.Known:
        found = readers.known(self._clicks, self._base, self._seed, as_twins=as_twins)
        # who knows the rates says them
        figures = {CLEAR: found.clear, ALL: found.all, GAIN: found.gain, ECE: exactly(0.0)}
        self.measured.row(who, "people", {}, figures)
        return found

    def _learned(self, who: str, role: Role, columns: Floats, ridges: Sequence[float] | None = None) -> Floats:
        """By style and these columns."""
        return self._foretold(
            who, role, learned(self._clicks, np.hstack([self._clicks.style, columns]), ridges)
        )  # fmt: skip

    def _foretold(self, who: str, role: Role, found: Foretold) -> Floats:
        error = ece_by(found.chances, self._clicks.won, self._clicks.story, seed=self._seed)
        right = self._base if found is self._style else self._clicks.right(found.differences)
        return self._row(who, role, right, {ECE: error})

    def _scores(self, who: str, scores: Floats) -> None:
        self._row(who, "control", self._clicks.right(self._clicks.apart(scores)))

    def _row(self, who: str, role: Role, right: Floats, more: dict[str, Share] | None = None) -> Floats:
        self.measured.row(who, role, {CLEAR: right, ALL: right}, more or {})
        return right

    def _dealt(self) -> None:
        deals = list(foretelling.dealt_anew(self._clicks, self.both, self._seed))
        clear = self._clicks.clear
        figures = {
            CLEAR: spread_over([float(right[clear].mean()) for right in deals]),
            ALL: spread_over([float(right.mean()) for right in deals]),
            GAIN: spread_over([float((right - self._base)[clear].mean()) for right in deals]),
        }
        self.measured.row("outcomes dealt out anew, ours", "control", {}, figures, drawn=f"{len(deals)} deals")

    def _on_clear(self, values: Floats) -> Share:
        there: Rows = np.flatnonzero(self._clicks.clear)
        return mean_by(values[there], self._clicks.story[there], seed=self._seed)

    def _on_all(self, values: Floats) -> Share:
        return mean_by(values, self._clicks.story, seed=self._seed)

    def _told_apart(self) -> float:
        """Share of the pairs with the same headline between which anything differs: between these the model would name
        a winner.
        """
        one, another = (self.both[self._clicks.twins[:, at]] for at in (0, 1))
        return float((one != another).any(axis=1).mean())
