"""`viva bench`: what a server does under calls, seen from outside: any server, or one that is started for it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec

from vivavoce.app import samples
from vivavoce.errors import BusyError, InputError, LinkError, MissingError
from vivavoce.guests.load import load

READY_WITHIN_S = 60.0
"""For a server with its ears and mouth; a slow machine takes ten seconds."""
ANSWER_WITHIN_S = 10.0
SETTLE_S = 2.0
"""Until all calls have begun; what begins them is not counted."""
STOP_WITHIN_S = 15.0
_REMEDY = "Run it by hand, and `viva doctor`, to see what is wrong."
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
            url = await stack.enter_async_context(_server(calls))
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        client = await stack.enter_async_context(
            httpx.AsyncClient(base_url=url, headers=headers, timeout=ANSWER_WITHIN_S, trust_env=False)
        )
        version = (await _answered(client, "GET", "/health")).get("version", "")
        tell(f"booking {calls} calls")
        socket, tickets = "", []
        for _ in range(calls):
            booked = await _answered(client, "POST", "/api/v1/calls", {"agent": agent})
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


async def _answered(
    client: httpx.AsyncClient, method: str, path: str, body: dict[str, str] | None = None
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


@asynccontextmanager
async def _server(calls: int) -> AsyncIterator[str]:
    """A server with the founder agent, without limits but the number of calls; yields its URL."""
    folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="viva-bench-"))
    try:
        (folder / "agents").mkdir()
        await asyncio.to_thread(shutil.copy, samples.FOUNDER, folder / "agents")
        clean = {name: value for name, value in os.environ.items() if not name.startswith("VIVA_")}
        model = _child(
            "live", "--host", "127.0.0.1", "--port", "0", "--tls-port", "0", env=clean, folder=folder,
            ready=re.compile(rb"^plain +(\S+)", re.MULTILINE),
        )  # fmt: skip
        async with model as model_url:
            settings = {
                "VIVA_BACKEND_URL": model_url,
                "VIVA_MAX_CALLS": str(calls),
                "VIVA_REQUESTS_PER_S": "0",
                "VIVA_VISITOR_BOOKINGS_PER_MINUTE": "0",
                "VIVA_KEY_BOOKINGS_PER_MINUTE": "0",
                "VIVA_CALLS_PER_ADDRESS": "0",
                "VIVA_WORKERS": "0",
                "VIVA_DATA_DIR": str(folder / "data"),
                "VIVA_LOG_LEVEL": "warning",
            }
            server = _child(
                "serve", "--port", "0", "--agents", str(folder / "agents"), env=clean | settings, folder=folder,
                ready=re.compile(rb"listening on (\S+)"),
            )  # fmt: skip
            async with server as url:
                yield url
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


@asynccontextmanager
async def _child(*args: str, env: dict[str, str], folder: Path, ready: re.Pattern[bytes]) -> AsyncIterator[str]:
    """A command of ours in another process; yields what it says when it is ready."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "vivavoce", *args, env=env, cwd=folder,
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    assert child.stdout is not None, "it was asked for"
    try:
        async with asyncio.timeout(READY_WITHIN_S):
            while line := await child.stdout.readline():
                if (told := ready.search(line)) is not None:
                    break
            else:
                raise MissingError(f"`viva {args[0]}` ended before it was ready", remedy=_REMEDY)
        yield told[1].decode()
    except TimeoutError:
        raise MissingError(f"`viva {args[0]}` was not ready within {READY_WITHIN_S:g} s", remedy=_REMEDY) from None
    finally:
        with contextlib.suppress(ProcessLookupError):
            child.terminate()
        try:
            await asyncio.wait_for(child.wait(), STOP_WITHIN_S)
        except TimeoutError:
            child.kill()
            await child.wait()
