"""Which charts a report has, by name: the page, the PDF and the folder of charts have the same ones."""

from __future__ import annotations

import msgspec

from vivavoce.errors import MissingError
from vivavoce.findings import charts
from vivavoce.findings.charts import Chart
from vivavoce.findings.drawing import draw
from vivavoce.findings.study_record import StudyRecord
from vivavoce.findings.study_report.building import names_of, options_of
from vivavoce.findings.study_report.standing import mapped


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    """A file's name: "appeal-1", "marks-1" (by respondent), "demand", "price-limits"."""
    chart: Chart


def figures(record: StudyRecord) -> list[Figure]:
    """Of each respondent who answered, then of prices."""
    found = []
    names = {each.id: f"{each.letter}: {each.name}" for each in options_of(record.study.spec)}
    members = names_of(record)
    for at, comparison in enumerate(record.result.comparisons, start=1):
        shown = mapped(comparison.votes)
        if not shown:
            continue
        found.append(Figure(name=f"appeal-{at}", chart=charts.appeals(comparison, names)))
        if len(names) > 1:
            rows = {vote.persona: members.get(vote.persona, vote.persona) for vote in shown}
            found.append(Figure(name=f"marks-{at}", chart=charts.disagreement(comparison, names, rows)))
    pricing = record.result.pricing
    if pricing is not None:
        found.append(Figure(name="demand", chart=charts.demand(pricing)))
        if pricing.westendorp is not None:
            found.append(Figure(name="price-limits", chart=charts.price_limits(pricing.westendorp, pricing.currency)))
    return found


def drawings(record: StudyRecord) -> tuple[dict[str, str], str]:
    """SVG by name, and what to do where there are none."""
    try:
        return draw({each.name: each.chart for each in figures(record)}), ""
    except MissingError as error:
        return {}, str(error)
