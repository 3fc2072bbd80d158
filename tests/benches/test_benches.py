"""Every bench gives rows; a tiny run of those that are cheap."""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from typing import Any

import bench.__main__ as command
import pytest
from bench import install, latency, peers, relay, results, service
from bench.results import Row

from vivavoce.guests.load import quiet_room

FOLDER = Path(command.__file__).parent
CHEAP = ["wire", "conversation", "store", "frame", "panels", "verdicts"]
HELPERS = {"processes", "relays", "results", "service", "settings"}


def test_every_bench_is_run_and_gives_rows() -> None:
    modules = {path.stem: ast.parse(path.read_text("utf-8")) for path in FOLDER.glob("[!_]*.py")}
    assert set(command.ALL) == set(modules) - HELPERS
    for name in command.ALL:
        (rows,) = (each for each in modules[name].body if isinstance(each, ast.FunctionDef) and each.name == "rows")
        assert next(each.arg for each in rows.args.kwonlyargs) == "brief"


def test_cheap_benches(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "results.json"
    assert command.bench([*CHEAP, "--brief", "--json", str(path)]) == 0
    found = results.read(path)
    assert found.command == f"python -m bench {' '.join(CHEAP)} --brief"
    assert list(found.benches) == CHEAP
    for made in found.benches.values():
        assert made.rows
        assert len({row.what for row in made.rows}) == len(made.rows)  # a comparison finds them by this
        assert all(row.value >= 0 for row in made.rows)
    assert str(path) in capsys.readouterr().out


def test_a_bench_that_fails_stops_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(*, brief: bool) -> list[Row]:
        raise OSError("the disk is full")

    monkeypatch.setattr("bench.store.rows", fails)
    assert command.bench(["store", "wire", "--brief", "--json", str(tmp_path / "results.json")]) == 1
    benches = results.read(tmp_path / "results.json").benches
    assert benches["store"].failed == "OSError: the disk is full"
    assert benches["wire"].rows
    assert "| store | OSError: the disk is full | not measured |" in capsys.readouterr().out


def test_a_bench_nobody_knows_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        command.bench(["wires"])
    assert "got wires" in capsys.readouterr().err


def test_a_table_is_set_in_a_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = results.here("python -m bench", {})
    results.write(made, tmp_path / "results.json")
    assert command.table([str(tmp_path / "results.json")]) == 0
    assert "| bench | what |" in capsys.readouterr().out
    page = tmp_path / "page.md"
    page.write_text(f"before\n{results.BEGIN}\nold\n{results.END}\nafter\n")
    assert command.table([str(tmp_path / "results.json"), "--into", str(page)]) == 0
    assert page.read_text().startswith("before\n")
    assert "old" not in page.read_text()
    assert "| bench | what |" in page.read_text()
    assert results.read(tmp_path / "page.json") == made


def side(cpu_ms: float) -> dict[str, Any]:
    return {
        "cpu_ms_per_call_second": cpu_ms, "of_it_kernel_ms": 1.0, "calls_per_core_at_70_percent": 100,
        "rss_kb_per_call": 900, "heard_share": 1.0, "finished": 10,
    }  # fmt: skip


def test_the_relay_is_compared_in_each_run() -> None:
    runs = [{"ours": {"uvloop": side(ours)}, "naive": side(8.0), "ratio": 8.0 / ours} for ours in (2.0, 1.0, 4.0)]
    first, second, *rest = relay.as_rows(10, runs)
    assert (first.value, first.beside, first.ratio, first.most) == (2.0, 8.0, 4.0, 3.0)
    assert (second.value, second.least, second.met) == (4.0, 4.0, True)
    assert rest[-1].met is True


def test_delays_have_a_goal_at_fifty_calls() -> None:
    way = {"direct": {"n": 9, "p50": 1.0, "p95": 2.0, "p99": 4.0}, "added": {"p50": 0.1, "p95": 0.2, "p99": 11.0}}
    found = [
        {"calls": calls, "troubles": troubles, "down": way, "up": {**way, "added": {}}}
        for calls, troubles in ((1, {}), (50, {}), (50, {"floods": 1}))
    ]
    rows = latency.as_rows(found)
    assert len(rows) == 9
    assert [(row.what, row.met) for row in rows if row.met is not None] == [("added delay down, 50 calls, p99", False)]
    assert rows[2].beside == 3.0


def test_the_table_beside_others_is_made_from_rows() -> None:
    whole: dict[str, dict[str, float]] = {
        "handshake": {"told_s": 2.0, "dials": 4, "heard_s": 6.0, "over": 0.0},
        "goaway": {"lost_ms": 0, "links": 2, "notices": 0},
        "drop": {"lost_ms": 32, "gap_ms": 8.0},
        "refused": {"lost_ms": 0, "gap_ms": 20.0},
        "every": {"dials": 4, "notices": 2, "over": 0.0},
        "cancelled": {"answers": 0, "replies": 1},
    }
    rows = peers.as_rows(whole)
    table = peers.beside_others(rows).splitlines()
    assert len(table) == 2 + len(peers.PROBES) == 2 + len(peers.OTHERS)
    assert all(line.count("|") == 6 for line in table)
    assert table[4].endswith("| resumed in 8 ms; 32 ms of speech lost |")
    assert table[7].endswith("| the tool is cancelled, nothing sent |")
    assert [row.what for row in rows if row.met is False] == ["abrupt drop: of the caller's speech lost"]
    assert peers.beside_others(rows[:5]) == "", "a part of a run is no table"


def test_frames_of_speech_are_told_apart() -> None:
    said = b"".join(service.frame_of_speech(number) for number in range(peers.SPEECH))
    assert service.frames_in(said) == set(range(peers.SPEECH))
    assert service.frames_in(bytes(64) + service.frame_of_speech(7)[:64]) == {7}
    assert service.frames_in(quiet_room()) == set()


@pytest.mark.storm
def test_a_probe_is_run() -> None:
    found = peers.rows(brief=True)
    assert [(row.value, row.met) for row in found if row.most is not None] == [(0, True)]


def test_sizes_are_those_of_wheels_and_of_what_became_of_them(tmp_path: Path) -> None:
    wheels, site = tmp_path / "wheels", tmp_path / "site"
    for folder in (wheels, site / "deep"):
        folder.mkdir(parents=True)
    (wheels / "numpy-2.0-py3-none-any.whl").write_bytes(bytes(2_000_000))
    (wheels / "rich-1.0-py3-none-any.whl").write_bytes(bytes(500_000))
    (site / "deep" / "module.py").write_bytes(bytes(3_000_000))
    found = {row.what: row.value for row in install.sizes(wheels, site)}
    assert found["downloads of `pip install vivavoce`"] == 2.5
    assert found["installed"] == 3.0
    assert found["download of `numpy`"] == 2.0


@pytest.mark.storm
@pytest.mark.skipif(sys.platform != "linux", reason="memory and children are read from /proc")
def test_commands_and_a_server_are_started() -> None:
    found = install.rows(brief=True)
    assert len(found) == 5
    assert all(row.value > 0 for row in found)
