"""People's words in a table that somebody opens in a spreadsheet."""

from __future__ import annotations

import csv
import io
import re

import pytest

from vivavoce.app.insight_files import cell

RUN = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t")


@pytest.mark.parametrize("sign", RUN)
@pytest.mark.parametrize("before", ["", "cheaper;", "cheaper\n", "cheaper\t", "cheaper\r", "cheaper\r\n", ";"])
def test_nothing_is_run_however_a_spreadsheet_parts_cells(before: str, sign: str) -> None:
    """It is written with commas, and read with semicolons where people write 12,50: then quotes part nothing."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow([1, cell(f"{before}{sign}1+1"), cell(("a", f"{sign}2"))])
    (row,) = csv.reader(io.StringIO(out.getvalue(), newline=""))
    for read in (*row, *re.split(r"[;\t\r\n]", out.getvalue())):
        assert not read.startswith(RUN), read


@pytest.mark.parametrize("value", ["well-known; better than e-mail", "a = b", 3.5, -1, None, True, ""])
def test_other_words_and_numbers_stay_as_they_are(value: object) -> None:
    assert cell(value) == value
