"""`make bench`: every bench in turn, as a table and as JSON.

Run: python -m bench [NAME …] [--brief] [--json FILE] [--against EARLIER.json]
     python -m bench table RESULTS.json [--against EARLIER.json] [--into PAGE.md]
"""

from __future__ import annotations

import argparse
import importlib
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from bench import results
from bench.peers import beside_others
from vivavoce.errors import VivaError

NAMES = (
    "install",
    "wire",
    "conversation",
    "store",
    "jobs",
    "insights",
    "studies",
    "duplicates",
    "frame",
    "relay",
    "latency",
    "peers",
    "browser",
    "ears",
    "mouth",
    "web",
    "host",
    "embedding",
    "clusters",
    "panels",
    "verdicts",
    "surveys",
)
LONG = ("memory",)
"""Only when named: this one takes an hour."""
ALL = (*NAMES, *LONG)
FOLDER = Path("bench-results")


def run(names: list[str], *, brief: bool, command: str, path: Path) -> results.Results:
    """Run benches one after the other; one that fails stops none of the others.

    Args:
        brief: as little as shows that they work; the figures mean nothing.
        path: written after each of them, so that a run that is stopped keeps what it found.
    """
    found: dict[str, results.Bench] = {}
    for name in names:
        print(f"{name} …", file=sys.stderr, flush=True)
        load, began, failed, rows = results.load(), time.perf_counter(), "", []
        try:
            rows = importlib.import_module(f"bench.{name}").rows(brief=brief)
        except (VivaError, OSError, EOFError, RuntimeError, ImportError) as error:
            failed = f"{type(error).__name__}: {error}"
        found[name] = results.Bench(rows=rows, seconds=round(time.perf_counter() - began, 1), load=load, failed=failed)
        made = results.here(command, found)
        results.write(made, path)
    return made


def bench(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Run benches; print a table, write JSON.")
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"of {', '.join(ALL)}; all but {', '.join(LONG)} without"
    )
    parser.add_argument("--brief", action="store_true", help="only show that they work; the figures mean nothing")
    parser.add_argument("--json", type=Path, metavar="FILE", help=f"where to write; a new file in {FOLDER} without")
    parser.add_argument("--against", type=Path, metavar="FILE", help="results to compare with")
    given = parser.parse_args(arguments)
    if unknown := set(given.names) - set(ALL):
        parser.error(f"want names of {', '.join(ALL)}, got {', '.join(sorted(unknown))}")
    earlier = results.read(given.against) if given.against else None
    command = " ".join(["python -m bench", *given.names, *(["--brief"] if given.brief else [])])
    path = given.json or FOLDER / f"{datetime.now(UTC):%Y%m%d-%H%M%S}.json"
    found = run(given.names or list(NAMES), brief=given.brief, command=command, path=path)
    print(results.table(found, against=earlier))
    if "peers" in found.benches:
        print(f"\n{beside_others(found.benches['peers'].rows)}")
    print(f"\n{path}")
    return 1 if any(each.failed for each in found.benches.values()) else 0


def table(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench table", description="Print results, or set them in a page.")
    parser.add_argument("results", type=Path)
    parser.add_argument("--against", type=Path, metavar="FILE", help="results to compare with")
    parser.add_argument("--into", type=Path, metavar="PAGE", help="a page; the results are kept beside it as JSON")
    given = parser.parse_args(arguments)
    found = results.read(given.results)
    if given.into is None:
        print(results.table(found, against=results.read(given.against) if given.against else None))
        return 0
    page = results.set_in(given.into.read_text("utf-8"), results.table(found, whole=False))
    given.into.write_text(page, "utf-8")
    results.write(found, given.into.with_suffix(".json"))
    return 0


if __name__ == "__main__":
    sys.exit(table(sys.argv[2:]) if sys.argv[1:2] == ["table"] else bench(sys.argv[1:]))
