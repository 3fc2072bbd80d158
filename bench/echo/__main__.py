"""`make bench-echo`: run it, print its tables, keep them as JSON, set them in a page.

Run: python -m bench.echo [--conversations N] [--seed S] [--gates NAME,…] [--settings NAME,…] [--brief] [--json FILE]
     python -m bench.echo --table FILE … [--into PAGE.md]
"""

from __future__ import annotations

import argparse
import shlex
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from bench import results as house
from bench.echo import results
from bench.echo.gates import CONTENDERS
from bench.echo.run import scores
from bench.echo.talk import QUIET, Setting
from vivavoce.audio.levels import dbfs
from vivavoce.errors import VivaError

CANCELLED_DB = 25.0
# where the caller's machine cancels, another canceller only costs; a raw microphone makes Silero hear the agent
CANCELLED_GATES = ("two-tier", "half duplex + Silero", "Silero", "duplex", "detector")
RAW_GATES = ("two-tier", "half duplex + Silero", "duplex", "detector", "Kalman canceller", "AEC3 canceller")
SETTINGS = {
    "cancelled": ("The caller's machine cancels 25 dB", Setting(cancelled_db=CANCELLED_DB)),
    "raw": ("Raw microphone", Setting()),
    "cancelled-quiet": ("25 dB cancelled, quiet room", Setting(noise=QUIET, cancelled_db=CANCELLED_DB)),
    "raw-quiet": ("Raw microphone, quiet room", Setting(noise=QUIET)),
}
QUIET_SHARE = 0.3
"""Of the conversations, in quiet rooms: gates differ little there."""
FOLDER = Path("bench-results")


def run(arguments: argparse.Namespace, command: str) -> results.Results:
    count = 2 if arguments.brief else arguments.conversations
    parts: list[results.Part] = []
    for key in arguments.settings.split(","):
        title, setting = SETTINGS[key]
        print(f"{key} …", file=sys.stderr, flush=True)
        load, began = house.load(), time.perf_counter()
        names = (
            arguments.gates.split(",") if arguments.gates else CANCELLED_GATES if setting.cancelled_db else RAW_GATES
        )
        quiet = setting.noise == QUIET
        found = scores(
            names, setting, conversations=max(1, round(count * QUIET_SHARE)) if quiet else count, seed=arguments.seed
        )
        noise = "–".join(f"{level:g}" for level in setting.noise)
        named = f"{title} (room noise {noise}, {dbfs(setting.noise[0]):.0f} to {dbfs(setting.noise[1]):.0f} dBFS)"
        about = house.here(command, {"echo": house.Bench(rows=[], seconds=0.0, load=load)})
        parts.append(results.part(about, named, found, seed=arguments.seed, seconds=time.perf_counter() - began))
        results.write(results.Results(parts=parts), arguments.json)  # a run that is stopped keeps these
    return results.read(arguments.json)


def _command(given: list[str]) -> str:
    """What was run, but for where its results were kept."""
    told = list(given)
    if "--json" in told:
        at = told.index("--json")
        del told[at : at + 2]
    return shlex.join(["python", "-m", "bench.echo", *told])


def main(given: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.echo", description="All gates in simulated rooms.")
    parser.add_argument("--conversations", type=int, default=100)
    parser.add_argument("--seed", type=int, default=2, help="1 is what the numbers were tuned on")
    parser.add_argument("--gates", help=f"of {', '.join(CONTENDERS)}; those that suit the setting without")
    parser.add_argument("--settings", default=",".join(SETTINGS), help=f"of {', '.join(SETTINGS)}; all without")
    parser.add_argument("--brief", action="store_true", help="only show that it works; the figures mean nothing")
    parser.add_argument("--json", type=Path, help=f"where to write; a new file in {FOLDER} without")
    parser.add_argument("--table", type=Path, nargs="+", metavar="FILE", help="print these results, run nothing")
    parser.add_argument("--into", type=Path, metavar="PAGE", help="a page; the results are kept beside it as JSON")
    arguments = parser.parse_args(given)
    for chosen, known in ((arguments.gates or "two-tier", CONTENDERS), (arguments.settings, SETTINGS)):
        if unknown := set(chosen.split(",")) - set(known):
            parser.error(f"want names of {', '.join(known)}, got {', '.join(sorted(unknown))}")
    if arguments.conversations < 1:
        parser.error(f"want at least one conversation, got {arguments.conversations}")
    arguments.json = arguments.json or FOLDER / f"echo-{datetime.now(UTC):%Y%m%d-%H%M%S}.json"
    try:
        found = results.together(arguments.table) if arguments.table else run(arguments, _command(given))
    except VivaError as error:
        print(error, file=sys.stderr)
        return 1
    made = results.table(found)
    if arguments.into is None:
        print(made)
        return 0
    arguments.into.write_text(house.set_in(arguments.into.read_text("utf-8"), made), "utf-8")
    results.write(found, arguments.into.with_suffix(".json"))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
