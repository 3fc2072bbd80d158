"""Which of two headlines is clicked more: the learned model beside those who know less, and beside what clicks say
twice."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from vivavoce.panel.calibration.chances import coverage, ece, reliability
from vivavoce.panel.calibration.drawing import FEWER, Floats, Rows, figure_by, mean_by
from vivavoce.panel.calibration.middles import middles, unit
from vivavoce.panel.calibration.pairs import clear, of_rates, pairs_within
from vivavoce.panel.calibration.rates import Foretold, folded, foretell, log_rates
from vivavoce.panel.calibration.ridge import within
from vivavoce.panel.headlines.model import NEAR
from vivavoce.panel.headlines.style import BLOCKS, STYLE
from vivavoce.panel.outcome import Share
from vivavoce.panel.reasoner import OFFERS
from vivavoce.studies.calibration.clicks import FOLDS, Clicks, load
from vivavoce.studies.calibration.outcome import Column, Goal, Role, Row, Task, exactly, spread_over
from vivavoce.studies.port import Embedder

RIDGES = (3_000.0, 10_000.0, 30_000.0, 100_000.0)
OPAQUE_RIDGES = (100_000.0, 300_000.0)
TOPICS = 8
NEIGHBOURS = 50
NEIGHBOUR_WIDTH = 0.1
"""Of nearness: a headline that much farther counts e times less. Not tuned."""
SURES = (0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8)
RANDOM_TRIES = 3
HALVINGS = 20
DEALS = 20
OURS, STYLE_ONLY, FLOOR, CEILING = "statements and style (ours)", "style alone", "random", "clicks of the other half"
CLEAR, ALL, GAIN, ECE = "clear pairs", "all pairs", "gain over style", "ECE"
COLUMNS = (Column(CLEAR, "percent"), Column(ALL, "percent"), Column(GAIN, "points"), Column(ECE, "plain"))
DOUBTS = (
    "Statements about quite other things (banking, bookkeeping) do nearly as well as ours, and random directions not "
    "much worse: statements are coordinates one can read, no evidence that these readers are the right ones.",
    "One site, one-line headlines, 2013 to 2015. Nobody knows how it does elsewhere, and it answers nothing else.",
    "Statements and lists were written after 40 headlines with their clicks had been looked at, before any score was.",
    "Weights are conditional on each other; the sign of a single one is no finding.",
    "Intervals are of stories drawn, folds held fixed: over seeds of folds the first figure moves by some tenths.",
)


class Fit(NamedTuple):
    """One way of foretelling."""

    who: str
    role: Role
    columns: Floats
    ridges: Sequence[float] = RIDGES


async def upworthy(folder: Path, embedder: Embedder, seed: int) -> Task:
    """
    Raises:
        NotHereError, InputError, MissingError: as `clicks.load`.
    """
    clicks = await load(folder, embedder, seed)
    wrong = [offer for niche in sorted(OFFERS) for offer in OFFERS[niche]][: len(NEAR)]
    stranger = clicks.vectors @ (await embedder.embed(wrong)).astype(np.float64).T
    measured = _Measured(clicks, seed)
    both = np.hstack([clicks.style, clicks.statements])
    base = measured.learn(Fit(STYLE_ONLY, "control", clicks.style))
    ours = measured.learn(Fit(OURS, "model", both))
    measured.row(FLOOR, "control", None)
    measured.row("longer", "control", clicks.apart(np.array([float(len(text)) for text in clicks.texts])))
    measured.show(STYLE_ONLY, "control", base)
    mean = np.array(unit(clicks.statements.mean(axis=1)))[:, None]
    measured.learn_and_show(Fit("niche mean and style", "control", np.hstack([clicks.style, mean])))
    strangers = measured.learn_and_show(Fit("wrong niche and style", "control", np.hstack([clicks.style, stranger])))
    measured.row("verbatim: clicks of the 50 nearest headlines", "control", clicks.apart(_nearest(clicks)))
    measured.row("nearest statement, not learned", "control", clicks.apart(clicks.statements.max(axis=1)))
    randoms = measured.randoms()
    measured.shuffled(both)
    measured.show(OURS, "model", ours)
    measured.learn_and_show(Fit("statements alone", "model", clicks.statements))
    measured.learn_and_show(
        Fit("all 384 numbers and style", "model", np.hstack([clicks.style, clicks.vectors]), OPAQUE_RIDGES)
    )
    topics = measured.topics()
    measured.people()
    measured.ablations(ours)
    right, chances = clicks.right(ours.differences), ours.chances
    gain = measured.gain(ours.differences)
    figures = {
        "ours less wrong niche, clear pairs": measured.less(ours.differences, strangers.differences),
        "ours less random directions, clear pairs": measured.mean_on_clear(right - randoms),
        "whole topics held out, clear pairs": topics,
        "ECE on all pairs, ours": measured.ece(chances),
        "Brier score on all pairs, ours": exactly(float(((chances - clicks.won) ** 2).mean())),
        "two halves of the readers agree, all pairs": measured.halves[1],
        "identical headlines told apart": exactly(_told_apart(clicks, both)),
    }
    came = measured.mean_on_clear(right)
    error = figures["ECE on all pairs, ours"]
    return Task(
        name="upworthy",
        asks="which of two headlines of one story is clicked on by more readers",
        counts={
            "headlines": len(clicks.texts),
            "pairs": len(clicks.pairs),
            "clear pairs": int(clicks.clear.sum()),
            "stories": int(clicks.stories.max()) + 1,
        },
        split=f"{FOLDS} folds of stories; ridge and scale from inner folds",
        interval="stories drawn",
        columns=COLUMNS,
        floor=FLOOR,
        ceiling=CEILING,
        rows=tuple(measured.rows),
        reliability=tuple(reliability(chances, clicks.won)),
        coverage=tuple(coverage(chances, right, clicks.clear, clicks.story, SURES, seed=seed)),
        figures=figures,
        leaks=clicks.leaks,
        goals=(
            Goal(wanted="clear pairs right: at least 68 %", came=f"{came.value:.1%}", met=came.value >= 0.68),
            Goal(
                wanted="gain over style alone, with its interval: above 0",
                came=f"{100 * gain.value:+.1f} [{100 * gain.low:.1f}, {100 * gain.high:.1f}] points",
                met=gain.low > 0,
            ),
            Goal(wanted="ECE on all pairs: at most .05", came=f"{error.value:.3f}", met=error.value <= 0.05),
        ),
        doubts=DOUBTS,
    )


class _Measured:
    """Rows as they are measured. Everything is beside style alone."""

    def __init__(self, clicks: Clicks, seed: int) -> None:
        self.clicks = clicks
        self.rows: list[Row] = []
        self.halves = (exactly(0.5), exactly(0.5))
        self._seed = seed
        self._base: Floats | None = None

    def learn(self, fit: Fit) -> Foretold:
        found = learned(self.clicks, fit.columns, fit.ridges)
        if fit.who == STYLE_ONLY:
            self._base = self.clicks.right(found.differences)
        return found

    def learn_and_show(self, fit: Fit) -> Foretold:
        found = self.learn(fit)
        self.show(fit.who, fit.role, found)
        return found

    def show(self, who: str, role: Role, found: Foretold) -> None:
        self.row(who, role, found.differences, error=exactly(ece(found.chances, self.clicks.won)))

    def row(self, who: str, role: Role, differences: Floats | None, *, error: Share | None = None) -> None:
        """One row; None for who names nobody, and is right half of the time by construction."""
        if differences is None:
            self.rows.append(Row(who=who, role=role, figures={CLEAR: exactly(0.5), ALL: exactly(0.5)}))
            return
        right = self.clicks.right(differences)
        figures = {CLEAR: self.mean_on_clear(right), ALL: mean_by(right, self.clicks.story, seed=self._seed)}
        if who != STYLE_ONLY:
            figures[GAIN] = self.gain(differences)
        if error is not None:
            figures[ECE] = error
        self.rows.append(Row(who=who, role=role, figures=figures))

    def mean_on_clear(self, values: Floats) -> Share:
        there = self.clicks.clear
        return mean_by(values[there], self.clicks.story[there], seed=self._seed)

    def gain(self, differences: Floats) -> Share:
        assert self._base is not None, "style alone is learned first"
        return self.mean_on_clear(self.clicks.right(differences) - self._base)

    def less(self, one: Floats, other: Floats) -> Share:
        return self.mean_on_clear(self.clicks.right(one) - self.clicks.right(other))

    def ece(self, chances: Floats) -> Share:
        """With its interval, which lies too high: with chance in it, no error averages to nothing."""
        won = self.clicks.won
        return figure_by(lambda rows: ece(chances[rows], won[rows]), self.clicks.story, seed=self._seed, draws=FEWER)

    def randoms(self) -> Floats:
        """As many random directions as there are statements: right, on average of some tries."""
        found = []
        for at in range(RANDOM_TRIES):
            drawn = np.random.default_rng([self._seed, at]).normal(size=(self.clicks.vectors.shape[1], len(NEAR)))
            columns = self.clicks.vectors @ (drawn / np.linalg.norm(drawn, axis=0))
            fit = Fit(f"random directions and style, {at + 1}", "control", np.hstack([self.clicks.style, columns]))
            found.append(self.clicks.right(self.learn_and_show(fit).differences))
        mean: Floats = np.mean(found, axis=0)
        return mean

    def shuffled(self, columns: Floats) -> None:
        """Ours, learned from outcomes that were dealt out anew within each test. One deal says nothing: its weights are
        one draw. Over deals they must come out at a half.
        """
        clicks, chance = self.clicks, np.random.default_rng(self._seed)
        tests = np.split(np.argsort(clicks.tests, kind="stable"), np.cumsum(np.bincount(clicks.tests))[:-1])
        found = []
        for _ in range(DEALS):
            dealt = np.arange(len(clicks.tests))
            for rows in tests:
                dealt[rows] = chance.permutation(rows)
            values, weights = log_rates(clicks.hits[dealt], clicks.shown[dealt])
            sums = folded(columns, values, weights, clicks.tests, clicks.folds)
            differences = foretell(sums, clicks.pairs, clicks.won, clicks.folds, RIDGES[2:3]).differences
            right = clicks.right(differences)
            found.append((right[clicks.clear].mean(), right.mean()))
        clear_, all_ = zip(*found, strict=True)
        figures = {CLEAR: spread_over(clear_), ALL: spread_over(all_)}
        self.rows.append(Row(who="outcomes dealt out anew, ours", role="control", figures=figures))

    def topics(self) -> Share:
        """Ours where no story of the same subject was fitted on."""
        clicks = self.clicks
        sums = np.zeros((int(clicks.stories.max()) + 1, clicks.vectors.shape[1]))
        np.add.at(sums, clicks.stories, clicks.vectors)
        rows = np.stack([unit(each) for each in sums])
        topics = (rows @ middles(rows, TOPICS).T).argmax(axis=1)[clicks.stories]
        found = learned(clicks, np.hstack([clicks.style, clicks.statements]), RIDGES, folds=topics)
        self.row("ours, whole topics held out", "model", found.differences)
        return self.mean_on_clear(clicks.right(found.differences))

    def people(self) -> None:
        """Readers split in two by lot: how often what is clear in one half comes out in the other."""
        clicks, chance = self.clicks, np.random.default_rng(self._seed)
        again, level = [], []
        for _ in range(HALVINGS):
            half = chance.binomial(clicks.hits.astype(np.int64), 0.5).astype(np.float64)
            one, other = (of_rates(hits, clicks.shown / 2, clicks.pairs) for hits in (half, clicks.hits - half))
            same = 0.5 + 0.5 * np.sign(one) * np.sign(other)
            again.append(same[clear(one)].mean() if clear(one).any() else 0.5)
            level.append(same.mean())
        self.halves = spread_over(again), spread_over(level)
        self.rows.append(Row(who=CEILING, role="people", figures={CLEAR: self.halves[0], ALL: self.halves[1]}))

    def ablations(self, ours: Foretold) -> None:
        """Ours without one part: what is lost is the last column, turned round."""
        names = (*STYLE, *NEAR)
        columns = np.hstack([self.clicks.style, self.clicks.statements])
        full = self.clicks.right(ours.differences)
        for what, left_out in (BLOCKS | {"statements": NEAR}).items():
            kept = [at for at, name in enumerate(names) if name not in left_out]
            right = self.clicks.right(learned(self.clicks, columns[:, kept], RIDGES).differences)
            figures = {CLEAR: self.mean_on_clear(right), "lost": self.mean_on_clear(full - right)}
            self.rows.append(Row(who=f"without {what}", role="ablation", figures=figures))


def learned(clicks: Clicks, columns: Floats, ridges: Sequence[float], *, folds: Rows | None = None) -> Foretold:
    """Pairs by weights of columns that were fitted on other folds."""
    folds = clicks.folds if folds is None else folds
    sums = folded(columns, *log_rates(clicks.hits, clicks.shown), clicks.tests, folds)
    return foretell(sums, clicks.pairs, clicks.won, folds, ridges)


def _told_apart(clicks: Clicks, columns: Floats) -> float:
    """Share of the pairs of one test with the same headline between which anything differs: between these the model
    would name a winner.
    """
    pairs = pairs_within(clicks.tests)
    twins = pairs[[clicks.texts[one] == clicks.texts[other] for one, other in pairs]]
    return float((columns[twins[:, 0]] != columns[twins[:, 1]]).any(axis=1).mean()) if len(twins) else 0.0


def _nearest(clicks: Clicks) -> Floats:
    """No model: how the headlines nearest in meaning did, of other stories, each against its own test."""
    values, weights = log_rates(clicks.hits, clicks.shown)
    apart = within(values[:, None], weights, clicks.tests)[:, 0]
    found = np.zeros(len(apart))
    for fold in range(int(clicks.folds.max()) + 1):
        seen, rows = clicks.folds != fold, clicks.folds == fold
        if not (rows.any() and seen.any()):
            continue
        cosines = clicks.vectors[rows] @ clicks.vectors[seen].T
        many = min(NEIGHBOURS, cosines.shape[1])
        near = np.argpartition(-cosines, many - 1, axis=1)[:, :many]
        share = np.exp(np.take_along_axis(cosines, near, 1) / NEIGHBOUR_WIDTH) * weights[seen][near]
        found[rows] = (share * apart[seen][near]).sum(axis=1) / share.sum(axis=1)
    return found
