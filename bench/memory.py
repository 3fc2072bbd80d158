"""What one long call holds on to: the memory of a server, minute by minute of a call of an hour.

The hour is an hour: a server reads no microphone that runs ahead of its clock. So this is not among those that `make
bench` runs unless it is named.

Run: python -m bench.memory [--minutes 60]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import sys
from typing import Any

import httpx
import msgspec

from bench.results import Row, row
from vivavoce.app import samples
from vivavoce.app.bench import answered
from vivavoce.app.processes import server
from vivavoce.storm.sockets.crowd import Manner, crowd
from vivavoce.storm.sockets.model import Plan, model
from vivavoce.storm.sockets.processes import child

SETTLED_MINUTE = 5
"""From here on memory should not grow (issue of survival: ± 2 MB)."""
_RSS = re.compile(r"^process_resident_memory_bytes ([0-9.e+]+)", re.MULTILINE)


async def measure(minutes: int) -> dict[str, Any]:
    """One call through faults of both its lines.

    Returns:
        MB of the server after each minute of the call; how the call ended.
    """
    plan = Plan(seed=1, after_s=(20.0, 60.0), faults=("drop", "internal", "go_away", "dead_handle"))
    manner = Manner(seed=1, drops_after_s=(60.0, 120.0))
    agent = re.sub(r"minutes: \d+", f"minutes: {minutes + 10}", samples.FOUNDER.read_text("utf-8"), count=1)
    found: list[float] = []
    with child(model, msgspec.to_builtins(plan)) as far, child(crowd) as callers:
        async with (
            server(1, f"ws://127.0.0.1:{await far.ask('port')}", agent=agent) as url,
            httpx.AsyncClient(base_url=url, trust_env=False) as client,
        ):
            booked = await answered(client, "POST", "/api/v1/calls", {"agent": "founder"})
            socket = "ws" + url.removeprefix("http") + booked["socket"]
            talk = callers.ask("talk", socket, [booked["ticket"]], minutes * 60.0, msgspec.to_builtins(manner), 0.0)
            talking = asyncio.create_task(talk)
            for minute in range(1, minutes):
                await asyncio.sleep(60)
                told = _RSS.search((await client.get("/metrics")).text)
                assert told is not None, "a server tells its memory"
                found.append(round(float(told[1]) / 1e6, 1))
                print(f"minute {minute}: {found[-1]} MB", file=sys.stderr)
            seen = await talking
    return {"minutes": minutes, "mb": found, "ends": seen["ends"], "heard_s": seen["heard_s"]}


def rows(*, brief: bool = False) -> list[Row]:
    found = asyncio.run(measure(2 if brief else 60))
    settled = found["mb"][SETTLED_MINUTE - 1 :] or found["mb"]
    return [
        row("server with one call, after minute 5", settled[0], "MB", minor=True),
        row("the most it had grown after that, in an hour", max(settled) - settled[0], "MB", most=2.0),
        row("at the end of the hour", settled[-1] - settled[0], "MB", most=2.0),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=int, default=60)
    given = parser.parse_args()
    print(json.dumps(asyncio.run(measure(given.minutes))))


if __name__ == "__main__":
    main()
