"""A calibration as tables: the same rows in a terminal, on the page and in the documentation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vivavoce.panel.outcome import Share
from vivavoce.studies.calibration.outcome import Calibration, Row, Task, Unit

ROLES = {"model": "ours", "control": "control", "people": "people", "ablation": "changed", "niche": "niche"}
NOT_KNOWN = "not known"
BESIDE: dict[str, Unit] = {
    "lost": "points",
    "over the asserted": "signed",
    "over the nearest niche": "signed",
    "of that, over the asserted": "signed",
}
"""Units of figures that are not columns of their task."""


def shown(share: Share, unit: Unit) -> str:
    """A figure with its interval; without, where no drawing changes it."""
    if unit in ("percent", "points"):
        sign = "+" if unit == "points" else ""
        values = [f"{100 * each:{sign}.1f}" for each in (share.value, share.low, share.high)]
    else:
        sign = "+" if unit == "signed" else ""
        values = [f"{each:{sign}.3f}" for each in (share.value, share.low, share.high)]
    if share.low == share.high:
        return values[0]
    return f"{values[0]} [{values[1]}, {values[2]}]"


def main(task: Task) -> tuple[list[str], list[list[str]]]:
    """Who was measured, with floor and ceiling of the first figure in every row: head and rows."""
    first = task.columns[0]
    ends = [_end(task, who) for who in (task.floor, task.ceiling)]
    head = ["", "", *(_title(column.name, column.unit) for column in task.columns), "floor", "ceiling"]
    rows = [
        [
            _bold(row.who, row),
            ROLES[row.role],
            *(shown(row.figures[each.name], each.unit) if each.name in row.figures else "" for each in task.columns),
            *ends,
        ]
        for row in task.rows
        if row.role in ("model", "control", "people")
    ]
    assert first.name, "a task has a first figure"
    return head, rows


def beside(task: Task, role: str) -> tuple[list[str], list[list[str]]]:
    """Ours without a part of it, or in one niche: head and rows; no rows where there are none."""
    its = [row for row in task.rows if row.role == role]
    names = list(dict.fromkeys(name for row in its for name in row.figures))
    units = {column.name: column.unit for column in task.columns}
    head = ["", *(_title(name, unit_of(name, units)) for name in names), "floor", "ceiling"]
    ends = [_end(task, who) for who in (task.floor, task.ceiling)]
    return head, [
        [
            row.who,
            *(shown(row.figures[name], unit_of(name, units)) if name in row.figures else "" for name in names),
            *ends,
        ]
        for row in its
    ]


def unit_of(name: str, units: dict[str, Unit]) -> Unit:
    return units.get(name) or BESIDE.get(name) or "plain"


def _title(name: str, unit: Unit) -> str:
    return f"{name}, %" if unit == "percent" else f"{name}, points" if unit == "points" else name


def _end(task: Task, who: str) -> str:
    column = task.columns[0]
    for row in task.rows:
        if row.who == who and column.name in row.figures:
            return shown(Share(*[row.figures[column.name].value] * 3), column.unit)
    return NOT_KNOWN


def _bold(who: str, row: Row) -> str:
    return f"**{who}**" if row.role == "model" and "(ours)" in who else who


def counted(task: Task) -> str:
    return ", ".join(f"{count:,} {what}" for what, count in task.counts.items())


def markdown(found: Calibration) -> str:
    """All of it, as it stands in docs/explanation/panel-accuracy.md."""
    return "\n".join(_lines(found)) + "\n"


def _lines(found: Calibration) -> Iterator[str]:
    yield f"vivavoce {found.version}, {found.embedder}, seed {found.seed}, {found.day}, {found.machine}"
    yield from ["", *_table(["number set before", "task", "came", ""], _goals(found))]
    for task in found.tasks:
        yield from ["", f"### {task.name}: {task.asks}", ""]
        yield f"{counted(task)}. Split: {task.split}. Interval, 95 %: {task.interval}. Seed {found.seed}."
        yield from ["", *_table(*main(task))]
        for title, role in (("Changed, one at a time:", "ablation"), ("By niche:", "niche")):
            head, rows = beside(task, role)
            if rows:
                yield from ["", title, "", *_table(head, rows)]
        if task.figures:
            yield ""
            yield from (f"- {name}: {shown(share, 'plain')}" for name, share in task.figures.items())
        if task.reliability:
            yield from ["", "Chances said, and how often it was so, in bins of as many pairs:", ""]
            yield from _table(
                ["said", *(f"{each.said:.3f}" for each in task.reliability)],
                [["came", *(f"{each.true:.3f}" for each in task.reliability)]],
            )
        if task.coverage:
            yield from ["", "By how sure it must be to answer:", ""]
            rows = [
                [f"{each.sure:.2f}", f"{each.answers:.1%}", shown(each.right, "percent"), shown(each.clear, "percent")]
                for each in task.coverage
            ]
            yield from _table(["at least", "answers", "right of all pairs, %", "right of clear pairs, %"], rows)
        if task.leaks:
            yield from ["", f"Leaks looked for: {'; '.join(f'{what}: {count}' for what, count in task.leaks.items())}."]
        if task.doubts:
            yield from ["", "What to doubt:", "", *(f"- {each}" for each in task.doubts)]
    if found.not_run:
        yield from ["", "Not run:", "", *(f"- {name}: {why}" for name, why in found.not_run.items())]


def _goals(found: Calibration) -> list[list[str]]:
    return [
        [goal.wanted, task.name, goal.came, "reached" if goal.met else "**not reached**"]
        for task in found.tasks
        for goal in task.goals
    ]  # fmt: skip


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    if not rows:
        return []
    return [f"| {' | '.join(each)} |" for each in (head, ["---"] * len(head), *rows)]
