"""What a relay adds to the time sound is on its way, with 1, 50 and 200 calls at a time.

Frames carry the moment they left in their lowest bits (`vivavoce.guests.load`); callers, relay and scripted model are
three processes of one machine and share its clock. The model talks for three seconds and listens for three, in turns,
so that both directions are seen; what the gate withholds is silence and carries nothing. The same callers also talk to
the model with nothing between: the median of that is taken off, and its tail says how busy the machine is. At 200 calls
three processes share the cores that a relay has to itself in production, so the largest crowd says more about this
machine than about the relay.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from typing import Any

from bench import relays
from bench.processes import crowd, percentiles, scripted_model
from bench.results import Row, row
from vivavoce.storm.sockets.processes import child

TALK_S = LISTEN_S = 3.0
GOAL_MS = 10.0
"""At p99, with 50 calls."""
BEGIN_A_SECOND = 20
"""Calls that begin in a second; delays are counted once all have. To begin one costs some 20 ms, most of it for the
database.
"""


async def measure(calls: int, seconds: float, *, troubles: int = 0) -> dict[str, Any]:
    """Delays in milliseconds, down (model to caller) and up (caller to model).

    Args:
        troubles: how many of the calls vanish half way; one more reads nothing and one floods, if any.
    """
    over_s = calls / BEGIN_A_SECOND
    settle_s = over_s + 1.0
    manners = ["vanishes"] * troubles + (["never_reads", "floods"] if troubles else [])
    with child(scripted_model, TALK_S, LISTEN_S) as model, child(crowd) as callers:
        model_port, direct_port = await model.ask("ports")
        plain = await callers.ask(
            "load", f"ws://127.0.0.1:{direct_port}/", ["-"] * calls, seconds, [], over_s, settle_s
        )
        plain_up = percentiles(await model.ask("delays"))
        with child(relays.ours, model_port, calls, "uvloop") as server:
            url = await server.ask("url")
            tickets = await server.ask("tickets", calls)
            talking = asyncio.create_task(
                callers.ask("load", url, tickets, over_s + seconds, manners, over_s, settle_s)
            )
            await asyncio.sleep(settle_s)
            await model.ask("delays")  # those while calls began
            seen = await talking
            up = percentiles(await model.ask("delays"))
    down, plain_down = percentiles(seen["delays_ms"]), percentiles(plain["delays_ms"])
    return {
        "calls": calls,
        "finished": seen["finished"],
        "troubles": {manner: manners.count(manner) for manner in manners},
        "caller_late_p99_ms": percentiles(seen["late_ms"]).get("p99"),
        "down": {"through": down, "direct": plain_down, "added": _added(down, plain_down)},
        "up": {"through": up, "direct": plain_up, "added": _added(up, plain_up)},
    }


def _added(through: dict[str, float], direct: dict[str, float]) -> dict[str, float]:
    return {name: round(through[name] - direct["p50"], 2) for name in ("p50", "p95", "p99") if name in through}


def run(crowds: tuple[int, ...] = (1, 50, 200), seconds: float = 12.0, troubles: bool = True) -> list[dict[str, Any]]:
    """One measurement a crowd, and the largest again with half of its callers vanishing."""
    found = [asyncio.run(measure(calls, seconds)) for calls in crowds]
    if troubles:
        found.append(asyncio.run(measure(crowds[-1], seconds, troubles=crowds[-1] // 2)))
    return found


def rows(*, brief: bool = False) -> list[Row]:
    return as_rows(run((1,), 7.0, troubles=False) if brief else run())


def as_rows(found: list[dict[str, Any]]) -> list[Row]:
    """What `run` found."""
    return [
        row(
            f"added delay {way}, {each['calls']} calls{' with troubles' if each['troubles'] else ''}, {name}",
            each[way]["added"][name], "ms",
            beside=round(each[way]["direct"][name] - each[way]["direct"]["p50"], 2), than="with nothing between",
            most=GOAL_MS if (each["calls"], name, bool(each["troubles"])) == (50, "p99", False) else None,
            minor=name == "p95",
        )
        for each in found
        for way in ("down", "up")
        for name in each[way]["added"]
    ]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, nargs="+", default=[1, 50, 200])
    parser.add_argument("--seconds", type=float, default=12.0)
    given = parser.parse_args()
    print(json.dumps(run(tuple(given.calls), given.seconds), indent=1))


if __name__ == "__main__":
    main()
