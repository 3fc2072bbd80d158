"""A calibration as tables: the same rows in a terminal, on the page, on paper and in the documentation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from vivavoce.panel.calibration.chances import Coverage
from vivavoce.panel.outcome import Share
from vivavoce.studies.calibration.outcome import Calibration, Column, Role, Row, Task, Unit

ROLES: dict[Role, str] = {
    "model": "ours", "control": "control", "people": "people", "ablation": "changed", "niche": "niche", "other": "other"
}  # fmt: skip
NOT_KNOWN = "not known"
LESS: dict[str, Unit] = {"lost": "points"}
"""Units of differences that are not columns of their task and have another name than "over ..." or "less ..."."""
Cells = list[str]


class Grid(NamedTuple):
    """One table."""

    says: str
    head: Cells
    rows: list[Cells]
    ours: frozenset[int] = frozenset()
    """Rows that are ours, by place."""


def grids(task: Task) -> list[Grid]:
    """All tables of a task that have rows. Each has its ends: where every row is measured alike, two rows at the end
    hold floor and ceiling of each column; where rows are not (one niche, another measure), each row has those of its
    first figure.
    """
    changed = [row for row in task.rows if row.role == "ablation"]
    return [
        grid
        for grid in (
            _alike(
                task,
                "Who was measured",
                [row for row in task.rows if row.role in ("model", "control", "people")],
                roles=True,
            ),
            _alike(task, "Changed, one at a time", [row for row in changed if row.floor is None]),
            _apart(task, "The measure changed, one part at a time", [row for row in changed if row.floor is not None]),
            _apart(task, "By niche", [row for row in task.rows if row.role == "niche"]),
            _apart(task, "Beside these", [row for row in task.rows if row.role == "other"]),
        )
        if grid.rows
    ]


def shown(share: Share, unit: Unit) -> str:
    """A figure with its interval; without, where no drawing changes it."""
    if unit in ("percent", "points"):
        sign = "+" if unit == "points" else ""
        values = [f"{100 * each:{sign}.1f}" for each in (share.value, share.low, share.high)]
    else:
        sign = "+" if unit == "signed" else ""
        values = [f"{each:{sign}.3f}" for each in (share.value, share.low, share.high)]
    return values[0] if share.low == share.high else f"{values[0]} [{values[1]}, {values[2]}]"


def counted(task: Task) -> str:
    return ", ".join(f"{count:,} {what}" for what, count in task.counts.items())


def markdown(found: Calibration) -> str:
    """All of it, as it stands in docs/explanation/panel-accuracy.md."""
    return "\n".join(_lines(found)) + "\n"


def _alike(task: Task, says: str, rows: Sequence[Row], *, roles: bool = False) -> Grid:
    if not rows:
        return Grid(says, [], [])
    columns = _columns(task, rows, whole=roles)
    by_who = {row.who: row for row in task.rows}
    role = [""] if roles else []
    cells = [[_who(row), *([ROLES[row.role]] if roles else []), *_cells(row, columns)] for row in rows]
    for end, who in (("floor", task.floor), ("ceiling", task.ceiling)):
        its = by_who[who].figures if who in by_who else {}
        name = who if who in by_who else NOT_KNOWN
        cells.append([f"{end}: {name}", *role, *(_end(its.get(each.name), each.unit) for each in columns)])
    ours = frozenset(at for at, row in enumerate(rows) if row.role == "model")
    return Grid(says, ["", *role, *map(_title, columns)], cells, ours)


def _apart(task: Task, says: str, rows: Sequence[Row]) -> Grid:
    if not rows:
        return Grid(says, [], [])
    columns = _columns(task, rows)
    cells = [
        [_who(row), *_cells(row, columns), *(_end(end, columns[0].unit) for end in (row.floor, row.ceiling))]
        for row in rows
    ]
    return Grid(says, ["", *map(_title, columns), "floor", "ceiling"], cells)


def _columns(task: Task, rows: Sequence[Row], *, whole: bool = False) -> list[Column]:
    """Those of the task first, and then whatever else some row has."""
    names = {name for row in rows for name in row.figures}
    its = [each for each in task.columns if whole or each.name in names]
    more = dict.fromkeys(name for row in rows for name in row.figures if name not in {each.name for each in its})
    return [*its, *(Column(name, _unit(name)) for name in more)]


def _unit(name: str) -> Unit:
    return LESS.get(name) or ("signed" if "over " in name or "less " in name else "plain")


def _who(row: Row) -> str:
    return f"{row.who} (drawn: {row.drawn})" if row.drawn else row.who


def _cells(row: Row, columns: Sequence[Column]) -> Cells:
    return [shown(row.figures[each.name], each.unit) if each.name in row.figures else "" for each in columns]


def _end(share: Share | None, unit: Unit) -> str:
    return NOT_KNOWN if share is None else shown(share, unit)


def _title(column: Column) -> str:
    return column.name + {"percent": ", %", "points": ", points"}.get(column.unit, "")


def _lines(found: Calibration) -> Iterator[str]:
    yield f"vivavoce {found.version}, {found.embedder}, seed {found.seed}, {found.day}, {found.machine}"
    rows = [[*row[:-1], row[-1] if row[-1] == "reached" else _bold(row[-1])] for row in goals(found)]
    yield from ["", *_table(["number set before", "task", "came", ""], rows)]
    for task in found.tasks:
        yield from ["", f"### {task.name}: {task.asks}", ""]
        yield f"{counted(task)}. Split: {task.split}. Interval, 95 %: {task.interval}. Seed {found.seed}."
        for grid in grids(task):
            rows = [[_bold(row[0]) if "(ours)" in row[0] else row[0], *row[1:]] for row in grid.rows]
            yield from ["", f"{grid.says}:", "", *_table(grid.head, rows)]
        if task.reliability:
            yield from [
                "",
                "Chances said, and how often it was so (floor: one half; ceiling: as often as was said):",
                "",
            ]
            rows = [[f"{each.said:.3f}", shown(each.came, "plain"), f"{each.count:,}"] for each in task.reliability]
            yield from _table(["said", "came", "pairs"], rows)
        if task.coverage:
            yield from ["", "By how sure it must be to answer (floor of what is right: 50.0; ceiling: not known):", ""]
            yield from _table(*_covered(task.coverage))
        if task.leaks:
            yield from ["", f"Leaks looked for: {'; '.join(f'{what}: {count}' for what, count in task.leaks.items())}."]
        if task.doubts:
            yield from ["", "What to doubt:", "", *(f"- {each}" for each in task.doubts)]
    if found.not_run:
        yield from ["", "Not run:", "", *(f"- {name}: {why}" for name, why in found.not_run.items())]


def _covered(coverage: Sequence[Coverage]) -> tuple[Cells, list[Cells]]:
    head = ["at least", "answers", "right of all pairs, %", "right of clear pairs, %", "only just: band", "right, %"]
    return head, [
        [
            f"{each.sure:.2f}",
            f"{each.answers:.1%}",
            shown(each.right, "percent"),
            shown(each.clear, "percent"),
            f"{each.band.least:.2f} to {each.band.below:.2f} ({each.band.count:,} pairs)",
            shown(each.band.right, "percent"),
        ]
        for each in coverage
    ]


def goals(found: Calibration) -> list[Cells]:
    """Number, task, what came, and in one of three words whether it was reached."""
    return [[goal.wanted, task.name, goal.came, goal.word] for task in found.tasks for goal in task.goals]


def _bold(text: str) -> str:
    return f"**{text}**"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(each)} |" for each in (head, ["---"] * len(head), *rows)] if rows else []
