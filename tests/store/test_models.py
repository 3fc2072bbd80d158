from __future__ import annotations

from pathlib import Path

from vivavoce.store.models import Base

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "storage.md"


def test_the_reference_page_names_every_table_and_column() -> None:
    rows = {line.split("`")[1]: line for line in PAGE.read_text().splitlines() if line.startswith("| `")}
    for table in Base.metadata.sorted_tables:
        missing = [column.name for column in table.columns if f"`{column.name}`" not in rows[table.name]]
        assert missing == [], table.name


def test_everything_of_a_call_goes_with_its_row() -> None:
    for table in Base.metadata.sorted_tables:
        if table.name != "calls":
            (key,) = table.foreign_keys
            assert (key.column.table.name, key.ondelete) == ("calls", "CASCADE")
