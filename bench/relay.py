"""What a relay costs: CPU per call-second and memory per call, of ours and of a naive one in the same run.

Callers talk at real pace and are talked to without a pause, so both directions are busy all the time, which no real
call is. Recording and log are on. Callers and the scripted model have their own processes; only the relay is counted,
user and kernel time, once the calls have begun.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
from typing import Any

from bench import relays
from bench.processes import crowd, scripted_model
from bench.results import Row, row
from vivavoce.storm.sockets.processes import child

WARM_S = 4.0
"""Until all calls have begun."""
COOL_S = 1.0
CROWDS = (10, 50)
ROUNDS = 3


async def measure(relay: Any, calls: int, seconds: float, loop: str) -> dict[str, Any]:
    """One relay under load.

    Returns:
        ms of CPU per call-second, and of them in the kernel; calls per core at 70 %; kB per call; what callers saw.
    """
    with child(scripted_model, WARM_S + seconds + 60, 0.0) as model:
        model_port, _ = await model.ask("ports")
        with child(relay, model_port, calls, loop) as server, child(crowd) as callers:
            url = await server.ask("url")
            tickets = await server.ask("tickets", calls)
            before = await server.ask("usage")
            talking = asyncio.create_task(callers.ask("load", url, tickets, WARM_S + seconds + COOL_S, [], 1.0, 0.0))
            await asyncio.sleep(WARM_S)
            begun = await server.ask("usage")
            await asyncio.sleep(seconds)
            ended = await server.ask("usage")
            seen = await talking
    if seen["finished"] < calls:
        print(
            f"of {calls} calls {seen['finished']} ended as agreed: {seen['closes']}, {seen['reasons']}", file=sys.stderr
        )
    call_seconds = (ended["at_s"] - begun["at_s"]) * calls
    cpu_ms = (ended["cpu_s"] - begun["cpu_s"]) / call_seconds * 1000
    return {
        "calls": calls,
        "seconds": seconds,
        "loop": loop,
        "cpu_ms_per_call_second": round(cpu_ms, 2),
        "of_it_kernel_ms": round((ended["kernel_s"] - begun["kernel_s"]) / call_seconds * 1000, 2),
        "calls_per_core_at_70_percent": int(700 / cpu_ms),
        "rss_kb_per_call": round((ended["rss_kb"] - before["rss_kb"]) / calls),
        "finished": seen["finished"],
        "heard_share": round(seen["seconds_heard"] / max(seen["call_seconds"], 1e-9), 3),
    }


def run(calls: int = 10, seconds: float = 10.0, loops: tuple[str, ...] = ("uvloop",)) -> dict[str, Any]:
    """Ours on each event loop, and the naive relay, one after the other."""
    found: dict[str, Any] = {"ours": {}}
    for loop in loops:
        found["ours"][loop] = asyncio.run(measure(relays.ours, calls, seconds, loop))
    found["naive"] = asyncio.run(measure(relays.naive, calls, seconds, loops[0]))
    found["ratio"] = round(_honest(found["naive"]) / _honest(found["ours"][loops[0]]), 2)
    return found


def _honest(relay: dict[str, Any]) -> float:
    """CPU for what was delivered: a relay that falls behind looks cheap."""
    share = float(relay["heard_share"])
    return float(relay["cpu_ms_per_call_second"]) / max(0.01, min(1.0, share))


def rows(*, brief: bool = False) -> list[Row]:
    """Medians of some runs; a naive relay is beside ours in each of them."""
    found = []
    for calls in (1,) if brief else CROWDS:
        runs = [run(calls, 0.5 if brief else 10.0) for _ in range(1 if brief else ROUNDS)]
        found += as_rows(calls, runs)
    return found


def as_rows(calls: int, runs: list[dict[str, Any]]) -> list[Row]:
    """What `run` found, once or more often, with so many calls."""

    def median(name: str) -> tuple[float, float]:
        ours, naive = zip(*((each["ours"]["uvloop"][name], each["naive"][name]) for each in runs), strict=True)
        return statistics.median(ours), statistics.median(naive)

    def compared(what: str, name: str, unit: str, most: float | None = None, *, minor: bool = False) -> Row:
        ours, naive = median(name)
        what = f"{what}, {calls} calls"
        return row(what, ours, unit, beside=naive, than="naive", most=most, minor=minor)

    ratio = statistics.median(each["ratio"] for each in runs)
    return [
        compared("CPU per call-second", "cpu_ms_per_call_second", "ms", 3.0),
        row(f"the naive relay's CPU over ours, for what each delivered, {calls} calls", ratio, "times", least=4.0),
        compared("of it in the kernel", "of_it_kernel_ms", "ms", minor=True),
        compared("calls per core at 70 %, by this", "calls_per_core_at_70_percent", "calls"),
        compared("memory per call", "rss_kb_per_call", "kB"),
        compared("share of the sound delivered", "heard_share", "of 1", minor=True),
        row(f"calls that ended as agreed, of {calls}", median("finished")[0], "calls", least=calls, minor=True),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--loops", nargs="+", choices=("uvloop", "asyncio"), default=["uvloop"])
    given = parser.parse_args()
    print(json.dumps(run(given.calls, given.seconds, tuple(given.loops)), indent=1))


if __name__ == "__main__":
    main()
