"""Tables of a calibration: every figure beside its own floor and ceiling, and words that say no more than came."""

from __future__ import annotations

import pytest

from vivavoce.panel.outcome import Share
from vivavoce.studies.calibration.goals import Side, goal
from vivavoce.studies.calibration.outcome import Calibration, Column, Row, Task, exactly, other
from vivavoce.studies.calibration.tables import grids, markdown

ROWS = (
    Row(who="guess", role="control", figures={"right": exactly(0.5), "loss": exactly(0.7)}),
    Row(who="we (ours)", role="model", figures={"right": Share(0.7, 0.6, 0.8), "loss": Share(0.6, 0.5, 0.7)}),
    Row(who="ten people", role="people", figures={"right": exactly(0.9)}, drawn="people dealt"),
    Row(who="without it", role="ablation", figures={"right": exactly(0.6), "less ours": exactly(-0.1)}),
    Row(who="of other size", role="ablation", figures={"right": exactly(0.65)}, floor=exactly(0.55)),
    Row(who="garden", role="niche", figures={"right": exactly(0.7)}, floor=exactly(0.4), ceiling=exactly(0.8)),
    other("ECE", Share(0.02, 0.01, 0.03), floor=exactly(0.0)),
)


def task(*rows: Row, ceiling: str = "ten people") -> Task:
    return Task(
        name="made-up",
        asks="which one it is",
        counts={"pairs": 10},
        split="by group",
        interval="groups drawn",
        columns=(Column("right", "percent"), Column("loss", "plain")),
        floor="guess",
        ceiling=ceiling,
        rows=rows,
    )


def test_each_column_has_its_own_ends() -> None:
    main, changed, *_ = grids(task(*ROWS))
    assert main.rows[-2:] == [
        ["floor: guess", "", "50.0", "0.700"],
        ["ceiling: ten people", "", "90.0", "not known"],
    ]
    assert changed.head == ["", "right, %", "less ours"]
    assert changed.rows[-1] == ["ceiling: ten people", "90.0", "not known"]
    (main, *_) = grids(task(*ROWS, ceiling=""))
    assert main.rows[-1] == ["ceiling: not known", "", "not known", "not known"]


def test_people_who_were_not_measured_are_no_ceiling() -> None:
    (main, *_) = grids(task(*ROWS[:2]))
    assert main.rows[-1] == ["ceiling: not known", "", "not known", "not known"]


def test_rows_that_are_measured_apart_have_their_own_ends() -> None:
    _, _, measure, niche, beside = grids(task(*ROWS))
    assert measure.rows == [["of other size", "65.0", "55.0", "not known"]]
    assert niche.head == ["", "right, %", "floor", "ceiling"]
    assert niche.rows == [["garden", "70.0", "40.0", "80.0"]]
    assert beside.rows == [["ECE", "0.020 [0.010, 0.030]", "0.000", "not known"]]


def test_what_is_drawn_stands_beside_whom_it_is_drawn_for() -> None:
    main = grids(task(*ROWS))[0]
    assert [row[0] for row in main.rows[:3]] == ["guess", "we (ours)", "ten people (drawn: people dealt)"]
    assert main.ours == {1}


def test_nothing_measured_makes_no_table() -> None:
    assert [grid.says for grid in grids(task(*ROWS[:3]))] == ["Who was measured"]


@pytest.mark.parametrize(
    ("came", "side", "bound", "word"),
    [
        (Share(0.70, 0.69, 0.72), "at least", 0.68, "reached"),
        (Share(0.70, 0.67, 0.72), "at least", 0.68, "as a point value"),
        (Share(0.66, 0.60, 0.72), "at least", 0.68, "not reached"),
        (exactly(0.68), "at least", 0.68, "reached"),
        (exactly(0.0), "above", 0.0, "not reached"),
        (Share(0.01, 0.0, 0.02), "above", 0.0, "as a point value"),
        (Share(0.02, 0.01, 0.05), "at most", 0.05, "reached"),
        (Share(0.02, 0.01, 0.06), "at most", 0.05, "as a point value"),
    ],
)
def test_a_number_is_reached_where_its_whole_interval_reaches_it(
    came: Share, side: Side, bound: float, word: str
) -> None:
    assert goal("it", came, side, bound, "plain").word == word


def test_numbers_say_their_bound_in_the_unit_of_what_came() -> None:
    found = goal("right", Share(0.7, 0.67, 0.72), "at least", 0.68, "percent")
    assert (found.wanted, found.came) == ("right: at least 68 %", "70.0 [67.0, 72.0]")
    found = goal("gain", Share(-0.01, -0.02, 0.03), "above", 0, "points")
    assert (found.wanted, found.came) == ("gain: above 0", "-1.0 [-2.0, +3.0] points")


def test_in_the_documentation_only_what_is_reached_for_sure_is_plain() -> None:
    goals = (
        goal("one", exactly(1.0), "above", 0, "plain"),
        goal("two", Share(1.0, -1.0, 2.0), "above", 0, "plain"),
        goal("three", exactly(-1.0), "above", 0, "plain"),
    )
    whole = Task(
        name="made-up", asks="it", counts={}, split="s", interval="i", columns=(Column("right", "percent"),),
        floor="guess", ceiling="", rows=ROWS[:2], goals=goals,
    )  # fmt: skip
    text = markdown(
        Calibration(seed=3, embedder="e", version="1", machine="m", day="d", tasks=(whole,), not_run={"x": "no file"})
    )
    words = [
        line.split("|")[-2].strip() for line in text.splitlines() if line.startswith(("| one", "| two", "| three"))
    ]
    assert words == ["reached", "**as a point value**", "**not reached**"]
    assert "| **we (ours)** | ours |" in text
    assert "Seed 3" in text
