"""`viva bench`: what a server does under calls, seen from outside: any server, or one that is started for it."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Callable
from typing import Any

import httpx
import msgspec

from vivavoce.app.processes import server, stand_in
from vivavoce.errors import BusyError, InputError, LinkError
from vivavoce.guests.load import load

ANSWER_WITHIN_S = 10.0
SETTLE_S = 2.0
"""Until all calls have begun; what begins them is not counted."""
_METRIC = re.compile(r"^(process_cpu_seconds_total|process_resident_memory_bytes) ([0-9.e+]+)", re.MULTILINE)


class BenchResult(msgspec.Struct, frozen=True, kw_only=True):
    """What was measured. What the server does not tell, or this bench may not ask, is None."""

    server: str
    """Its version."""
    calls: int
    seconds: float
    finished: int
    """Calls that ended as agreed."""
    refused: dict[int, int]
    """How other sockets were closed, by code."""
    frames_sent: int
    seconds_heard: float
    late_ms_p99: float
    """How late the callers' frames left: beyond some milliseconds this process was the bottleneck, not the server."""
    cpu_ms_per_call_second: float | None = None
    calls_per_core_at_70_percent: int | None = None
    rss_mb: float | None = None


async def bench(
    calls: int, seconds: float, *, url: str = "", agent: str = "founder", key: str = "", tell: Callable[[str], None]
) -> BenchResult:
    """Let so many people talk to a server at once, who say nothing in a quiet room.

    Args:
        seconds: that are counted; each call lasts a little longer.
        url: of the server, http(s)://host:port; empty for one that is started for this, on a folder of its own and with
            its live model in another process.
        key: for a server that wants one: it books calls and, where it may, reads metrics.
        tell: is told what is being done.
    Raises:
        InputError: that is no URL of a server.
        LinkError: the server does not answer, or refuses.
        BusyError: it takes fewer calls.
        MissingError: the server that was started does not come up.
    """
    if url and not re.fullmatch(r"https?://[^/\s]+", url):
        raise InputError(f"want a URL such as http://localhost:8642, got {url[:64]!a}")
    async with contextlib.AsyncExitStack() as stack:
        if not url:
            tell("starting a live model and a server")
            model_url = await stack.enter_async_context(stand_in())
            url = await stack.enter_async_context(server(calls, model_url))
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        client = await stack.enter_async_context(
            httpx.AsyncClient(base_url=url, headers=headers, timeout=ANSWER_WITHIN_S, trust_env=False)
        )
        version = (await answered(client, "GET", "/health")).get("version", "")
        tell(f"booking {calls} calls")
        socket, tickets = "", []
        for _ in range(calls):
            booked = await answered(client, "POST", "/api/v1/calls", {"agent": agent})
            socket = booked["socket"]
            tickets.append(booked["ticket"])
        tell(f"{calls} calls, {seconds:g} s")
        total_s = SETTLE_S + seconds + SETTLE_S
        talking = asyncio.create_task(load("ws" + url.removeprefix("http") + socket, tickets, total_s))
        await asyncio.sleep(SETTLE_S)
        before, at = await _metrics(client), asyncio.get_running_loop().time()
        await asyncio.sleep(seconds)
        after, took_s = await _metrics(client), asyncio.get_running_loop().time() - at
        seen = await talking
    cpu_ms = None
    if "process_cpu_seconds_total" in before and "process_cpu_seconds_total" in after:
        cpu_s = after["process_cpu_seconds_total"] - before["process_cpu_seconds_total"]
        cpu_ms = 1000 * cpu_s / (took_s * calls)
    rss = after.get("process_resident_memory_bytes")
    late = sorted(seen.late_ms) or [0.0]
    return BenchResult(
        server=version,
        calls=calls,
        seconds=seconds,
        finished=seen.finished,
        refused={code: count for code, count in seen.closes.items() if code != 1000},
        frames_sent=seen.frames_sent,
        seconds_heard=round(seen.seconds_heard, 1),
        late_ms_p99=round(late[int(0.99 * (len(late) - 1))], 1),
        cpu_ms_per_call_second=None if cpu_ms is None else round(cpu_ms, 2),
        calls_per_core_at_70_percent=None if not cpu_ms else int(700 / cpu_ms),
        rss_mb=None if rss is None else round(rss / 1e6),
    )


async def answered(
    client: httpx.AsyncClient, method: str, path: str, body: dict[str, Any] | None = None
) -> dict[str, Any]:
    try:
        answer = await client.request(method, path, json=body)
    except httpx.HTTPError as error:
        raise LinkError(f"the server at {client.base_url.host} does not answer ({type(error).__name__})") from None
    if answer.status_code in (429, 503):
        raise BusyError(f"want a server that takes so many calls, got HTTP {answer.status_code} for {path}")
    if answer.is_error:
        raise LinkError(f"want a server that lets us call, got HTTP {answer.status_code} for {path}")
    try:
        return msgspec.json.decode(answer.content, type=dict[str, Any])
    except msgspec.DecodeError:
        raise LinkError(f"want a server of this kind, got another answer for {path}") from None


async def _metrics(client: httpx.AsyncClient) -> dict[str, float]:
    """What the server tells of its process; nothing where we may not ask."""
    try:
        answer = await client.get("/metrics")
    except httpx.HTTPError:
        return {}
    return {} if answer.is_error else {name: float(value) for name, value in _METRIC.findall(answer.text)}
