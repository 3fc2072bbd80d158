"""A storm of real calls: a server, a model that fails by plan and a crowd that keeps count, each in its own process."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import msgspec

from vivavoce.app.bench import ANSWER_WITHIN_S, answered
from vivavoce.app.processes import server
from vivavoce.storm.sockets.crowd import Manner, Seen, crowd
from vivavoce.storm.sockets.model import Count, Plan, model
from vivavoce.storm.sockets.processes import child
from vivavoce.storm.sockets.truth import Verdict, judged

BEGIN_OVER_S = 0.1
"""Between the beginnings of two calls."""


async def real_storm(
    calls: int, seconds: float, *, plan: Plan, manner: Manner, tell: Callable[[str], None] = lambda _: None
) -> Verdict:
    """Let so many people talk at once to a server of its own, through faults of the model's links and of their own.

    Args:
        seconds: that each call lasts.
        tell: is told what is being done.
    Raises:
        MissingError: the server does not come up.
        LinkError, BusyError: it does not take the calls.
    """
    with child(model, msgspec.to_builtins(plan)) as far, child(crowd) as callers:
        tell("starting a server")
        async with server(calls, f"ws://127.0.0.1:{await far.ask('port')}") as url:
            async with httpx.AsyncClient(base_url=url, timeout=ANSWER_WITHIN_S, trust_env=False) as client:
                booked = [await answered(client, "POST", "/api/v1/calls", {"agent": "founder"}) for _ in range(calls)]
            socket = "ws" + url.removeprefix("http") + booked[0]["socket"]
            tell(f"{calls} calls, {seconds:g} s each")
            tickets = [each["ticket"] for each in booked]
            seen = await callers.ask(
                "talk", socket, tickets, seconds, msgspec.to_builtins(manner), calls * BEGIN_OVER_S
            )
        count = await far.ask("count")
    return judged(msgspec.convert(count, Count), msgspec.convert(seen, Seen))
