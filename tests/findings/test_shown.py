"""Whatever was shown can be drawn again."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from vivavoce.findings.record import ShownRecord
from vivavoce.findings.shown import MOST_ROWS, Exhibit, exhibit


def drawn(data: Any) -> Exhibit:
    return exhibit(ShownRecord(0, "table", "", data))


def texts(data: Any) -> list[list[str]]:
    return [[cell.text for cell in row] for row in drawn(data).rows]


def test_tables_come_in_several_shapes() -> None:
    assert texts({"columns": ["A", "B"], "rows": [["x", 1200], ["y", None]]}) == [["x", "1,200"], ["y", "–"]]
    assert drawn([{"who": "x", "n": 1}, {"n": 2}]).columns == ("Who", "N")
    assert texts(["one", "two"]) == [["one"], ["two"]]
    assert texts({"price": {"amount": 79, "currency": "USD"}}) == []
    assert texts({"seats": 5, "rate": 40.5}) == [["Seats", "5"], ["Rate", "40.5"]]


def test_figures_keep_unit_and_source() -> None:
    rows = [{"label": "Payback", "value": None, "unit": "months", "source": "computed", "word": "never"}]
    (row,) = drawn({"rows": rows}).rows
    assert [cell.text for cell in row] == ["Payback", "never", "computed"]
    assert row[2].source


def test_what_is_missing_in_a_column_of_numbers_stands_with_them() -> None:
    assert [row[0].number for row in drawn({"rows": [[1], [None]]}).rows] == [True, True]
    assert [row[0].number for row in drawn({"rows": [["a"], [None]]}).rows] == [False, False]


def test_long_tables_are_cut_and_say_so() -> None:
    found = drawn([[n] for n in range(MOST_ROWS + 7)])
    assert len(found.rows) == MOST_ROWS
    assert found.notes == ("7 more rows are in the record of the call.",)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["rows", "columns", "notes", "label", "value", "unit", "sources"]), inner)
    ),
    max_leaves=12,
)


@given(JSON)
def test_any_data_is_drawn(data: Any) -> None:
    found = drawn(data)
    assert found.rows or isinstance(found.text, str)
