"""The task of headlines: every figure beside its floor and its ceiling, each with an interval."""

from __future__ import annotations

import asyncio
import csv
from pathlib import Path

import numpy as np
import pytest

from tests.studies.calibration import outcomes
from vivavoce.studies.calibration import foretelling, readers
from vivavoce.studies.calibration.outcome import Task
from vivavoce.studies.calibration.upworthy import AS_TWINS, CEILING, COLUMNS, FLOOR, HALF, OURS, STYLE_ONLY, upworthy


def task(folder: Path, *, twins: bool) -> Task:
    """
    Args:
        twins: whether each story has one of its headlines twice.
    """
    outcomes.clicks(folder)
    if twins:
        path = folder / "upworthy_arms.csv"
        with path.open(encoding="utf-8", newline="") as file:
            head, *rows = csv.reader(file)
        chance = np.random.default_rng(2)
        seconds = [row for row in rows if row[4].endswith("2 of our town.")]
        again = [[*row[:-2], str(chance.binomial(4_000, 0.02)), row[-1]] for row in seconds]
        outcomes.write(folder, path.name, head, [*rows, *again])
    with pytest.MonkeyPatch.context() as hasty:
        hasty.setattr(readers, "FEWER", 20)
        hasty.setattr(foretelling, "DEALS", 5)
        hasty.setattr(foretelling, "RIDGES", (30.0, 300.0, 3_000.0))
        hasty.setattr(foretelling, "OPAQUE_RIDGES", (300.0,))
        return asyncio.run(upworthy(folder, outcomes.Letters(), 1))


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Task:
    return task(tmp_path_factory.mktemp("clicks"), twins=True)


def test_each_figure_has_an_interval_unless_it_is_so_by_construction(found: Task) -> None:
    assert found.counts["pairs of identical headlines"] == 20
    # of headlines that are all as long as each other
    exact = {FLOOR, "longer", "identical headlines told apart"}
    for row in found.rows:
        for name, share in row.figures.items():
            itself = (row.who, name) == (STYLE_ONLY, "gain over style")
            if row.who not in exact and not itself and share.value not in (0, 1):
                assert share.low < share.high, (row.who, name)


def test_who_knew_the_true_rates_is_the_ceiling_and_the_halves_are_none(found: Task) -> None:
    assert (found.floor, found.ceiling) == (FLOOR, CEILING)
    ends = [found.row(who).figures for who in (FLOOR, CEILING)]
    for column in COLUMNS[:3]:
        assert ends[0][column.name].value < ends[1][column.name].value
    assert ends[1]["clear pairs"].value >= found.row(AS_TWINS).figures["clear pairs"].value
    assert set(found.row(HALF).figures) == {"clear pairs", "all pairs"}
    brier = found.row("Brier score on all pairs, ours")
    assert brier.ceiling is not None
    assert brier.ceiling.value < brier.figures["value"].value < 0.25


def test_what_is_drawn_for_outcomes_dealt_out_anew_is_deals(found: Task) -> None:
    assert {row.who: row.drawn for row in found.rows if row.drawn} == {"outcomes dealt out anew, ours": "5 deals"}


def test_of_headlines_that_never_come_twice_nothing_is_said(tmp_path: Path) -> None:
    alone = task(tmp_path, twins=False)
    assert alone.counts["pairs of identical headlines"] == 0
    assert not any("identical" in row.who for row in alone.rows)
    assert alone.row(OURS).figures["clear pairs"].value > 0.9
