"""Results: what their file holds, how they read as a table, and that the page of numbers is made from such a file."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from bench import results
from bench.results import Bench, Results, Row, row

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "numbers.md"


def some(value: float = 2.0, failed: str = "") -> Results:
    rows = [
        row("a step", value, "ms", beside=8.0, than="the plain way", most=3.0),
        row("steps", 4_900.0, "steps/s", least=5_000),
        row("a detail", 0.5, "ms", minor=True),
    ]
    benches = {"steps": Bench(rows=[] if failed else rows, seconds=1.0, load=0.5, failed=failed)}
    return results.here("python -m bench steps", benches)


def test_a_row_knows_its_ratio_and_whether_its_goal_is_met() -> None:
    cheap, rate, detail = some().benches["steps"].rows
    assert (cheap.ratio, cheap.met) == (4.0, True)
    assert (rate.ratio, rate.met) == (None, False)
    assert detail.met is None


@pytest.mark.parametrize("value", [0.0, 2.0])
def test_nothing_has_no_ratio(value: float) -> None:
    assert row("drops", value, "rows", beside=0.0).ratio is None
    assert row("drops", 0.0, "rows", beside=value).ratio is None


def test_results_say_where_and_when_they_were_measured() -> None:
    found = some()
    assert found.date.endswith("Z")
    assert found.cores >= 1
    assert found.python.split()[1][:2] == "3."
    assert {"vivavoce", "numpy", "picows"} <= set(found.versions)
    assert all(version and " " not in version for version in found.versions.values())


def test_a_file_comes_back_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "new" / "results.json"
    results.write(some(), path)
    assert results.read(path) == some() or results.read(path).benches == some().benches
    assert path.read_text().count("\n") > 10  # people read it, too


@pytest.mark.parametrize("data", [b"", b"[]", b'{"command": 1}', b"\xff", b'{"benches": {}}'])
def test_what_is_no_results_file_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "results.json").write_bytes(data)
    with pytest.raises((msgspec.DecodeError, UnicodeDecodeError)):
        results.read(tmp_path / "results.json")


def test_a_table_tells_goals_and_ratios() -> None:
    lines = results.table(some()).splitlines()
    assert lines[0].startswith("`python -m bench steps`, 20")
    assert "| steps | a step | 2 ms | 8 ms the plain way: 4 times | ≤ 3, met |" in lines
    assert "| steps | steps | 4,900 steps/s |  | ≥ 5,000, **not met** |" in lines
    assert "| steps | a detail | 0.5 ms |  |  |" in lines
    assert not any("detail" in line for line in results.table(some(), whole=False).splitlines())


def test_a_bench_that_failed_has_its_line() -> None:
    assert "| steps | MissingError: no flite | not measured |  |  |" in results.table(
        some(failed="MissingError: no flite")
    )


def test_an_earlier_run_is_compared_by_row() -> None:
    table = results.table(some(value=3.0), against=some(value=2.0))
    assert "| ≤ 3, met | 1.50 |" in table
    assert "| **not met** | |" not in table
    assert results.table(some(), against=some(failed="gone")).count("met |  |") == 1


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"), (3.0, "3"), (0.00351, "0.00351"), (0.5, "0.5"), (1.4142, "1.41"), (43.71, "43.7"), (-20.56, "-20.6"),
        (141_234.4, "141,234"), (999.6, "1,000"),
    ],
)  # fmt: skip
def test_figures_have_three_digits(value: float, text: str) -> None:
    assert results.figure(value) == text


def test_a_page_without_a_place_is_refused() -> None:
    with pytest.raises(ValueError, match="got 0"):
        results.set_in("# Measured", "| table |")


def test_the_page_of_numbers_is_made_from_its_results() -> None:
    text = PAGE.read_text("utf-8")
    found = results.read(PAGE.with_suffix(".json"))
    assert results.set_in(text, results.table(found, whole=False)) == text, "run `python -m bench table --into`"
    assert not [name for name, bench in found.benches.items() if bench.failed]


def test_rows_are_data() -> None:
    with pytest.raises(AttributeError):
        Row(what="a", value=1.0, unit="s").value = 2.0  # type: ignore[misc]
