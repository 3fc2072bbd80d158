from __future__ import annotations

from pathlib import Path

from vivavoce.store.models import Base

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "storage.md"


def test_the_reference_page_names_every_table_and_column() -> None:
    rows = {line.split("`")[1]: line for line in PAGE.read_text().splitlines() if line.startswith("| `")}
    for table in Base.metadata.sorted_tables:
        missing = [column.name for column in table.columns if f"`{column.name}`" not in rows[table.name]]
        assert missing == [], table.name


# What hangs off each table and goes with its row. What is told here of a person is told to them by `store.erasing`.
GOES_WITH = {
    "agents": {"agent_versions"},
    "calls": {
        "deliveries",
        "events",
        "facts",
        "handles",
        "insights",
        "jobs",
        "panel_calls",
        "recordings",
        "reports",
        "returns",
        "survey_calls",
        "tickets",
        "turns",
    },
    "corpora": {"harvests", "insights", "panels"},
    "harvests": {"insights"},
    "insights": {"readings"},
    "jobs": {"job_events"},
    "keys": {"sessions"},
    "panels": {"answers", "panel_calls", "studies"},
    "studies": {"ballots"},
    "surveys": {"survey_answers", "survey_calls", "survey_links"},
    "webhooks": {"deliveries"},
}  # fmt: skip


def test_what_hangs_off_a_row_goes_with_it() -> None:
    found: dict[str, set[str]] = {}
    for table in Base.metadata.sorted_tables:
        for key in table.foreign_keys:
            owner = key.column.table.name
            if (table.name, owner) == ("calls", "people"):
                assert key.ondelete == "SET NULL", "a person is erased call by call, files first"
                continue
            if (table.name, owner) == ("surveys", "studies"):
                assert key.ondelete == "SET NULL", "what people answered does not go with whoever a panel quoted"
                continue
            assert key.ondelete == "CASCADE", table.name
            found.setdefault(owner, set()).add(table.name)
    assert found == GOES_WITH
