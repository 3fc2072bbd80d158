"""Six faults of a live service, and what our gateway makes of them: the probes that three others were put through.

Everything goes over real sockets of this machine: a caller who speaks for four seconds in real time, the gateway, and a
service that breaks on purpose (`bench.service`). What the others did was measured before, with versions that stand in
the table, against a service like this one; their words are facts of those runs, ours are made from the figures.

Run: python -m bench peers
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from bench.results import Row, row
from bench.service import FRAME_S, ROOM_S, Line, Service, Talker
from vivavoce.tools import builtins
from vivavoce.tools.runner import Tool

ROOT = Path(__file__).parent.parent
SPEECH = 125
"""Frames: four seconds."""
BREAKS_AT = 31
"""The frame at which it breaks: one second."""
SETTLE_S = 4.0
"""After the speech: a pause, and an answer on whatever link there is then."""
EVERY_S, FOR_S = 1.0, 10.0
TOOL_S = 5.0
GAP_MS = 150.0

HEADS = ("fault", "Pipecat 1.14.0", "LiveKit 1.8.9", "Pydantic AI 2.68.0", "vivavoce")
OTHERS = {
    "handshake": (
        "fails at the first dial", "a line in the log; runs on, mute", "an error event, not recoverable", "raises",
    ),
    "goaway": (
        "`goAway`, 5 s ahead, 1 s into 4 s of speech", "ignored; resumes 11 ms after the close",
        "closes at once: 3 of 4 s of speech lost", "ignored; resumes 352 ms after the close",
    ),
    "drop": ("abrupt drop", "resumed in 16 ms", "in 121 ms", "in 419 ms; 0.4 s of speech lost"),
    "refused": (
        "drop, then the handle is refused", "no error; nothing sent for the remaining 7 s", "the session is over",
        "three tries with the dead handle, then an error",
    ),
    "every": (
        "drop every second", "gives up after 3, then 320 errors in 7 s", "8 connections in 10 s, no ceiling",
        "7 connections in 10 s, no ceiling",
    ),
    "cancelled": (
        "a tool call of 5 s is taken back", "runs on; answered all the same", "only a line in the log",
        "the tool is cancelled, nothing sent",
    ),
}  # fmt: skip
Found = dict[str, float]


@asynccontextmanager
async def call(service: Service, talker: Talker) -> AsyncIterator[None]:
    """A call with the founder agent, welcomed and greeted."""
    from vivavoce.app import logs
    from vivavoce.app.api.tickets import TALK
    from vivavoce.app.server import running
    from vivavoce.app.services import open_services
    from vivavoce.app.settings import Settings

    logs.configure("critical")

    async def slow(args: dict[str, Any]) -> Mapping[str, Any]:
        await asyncio.sleep(TOOL_S)
        return {"say": "done"}

    tools = {**builtins(), "unit_economics": Tool({"name": "unit_economics", "behavior": "NON_BLOCKING"}, slow)}
    with tempfile.TemporaryDirectory() as folder:
        async with service.running() as model_port:
            settings = Settings(
                data_dir=folder, agents_dir=str(ROOT / "examples" / "agents"), port=0, workers=0,
                backend_url=f"ws://127.0.0.1:{model_port}",
            )  # fmt: skip
            with patch("vivavoce.app.desk.builtins", lambda: tools):
                async with open_services(settings) as services, running(services) as port:
                    agent = await services.shelf.find("founder")
                    ticket = (await services.desk.book(agent)).ticket
                    async with talker.talking(f"ws://127.0.0.1:{port}{TALK}", ticket):
                        yield


async def spoken(service: Service) -> tuple[Service, Talker]:
    """Four seconds of speech through a service that breaks in the middle of them."""
    talker = Talker()
    async with call(service, talker):
        await talker.listen(2 * ROOM_S)
        await talker.speak(SPEECH)
        await talker.listen(SETTLE_S)
    return service, talker


def once(does: Callable[[Service, Line], Awaitable[None]]) -> Callable[[Service, Line], Awaitable[None]]:
    """One second into the speech, on the first link."""

    async def breaks(service: Service, line: Line) -> None:
        if not service.broken_at and line.number == 1 and len(line.heard) >= BREAKS_AT:
            service.broken_at = time.monotonic()
            await does(service, line)

    return breaks


def lost_ms(service: Service) -> float:
    return round((SPEECH - len(service.answered & set(range(SPEECH)))) * FRAME_S * 1000)


def gap_ms(service: Service) -> float:
    """From the drop to the next link that is set up; never, where there is none."""
    after = [line.ready_at - service.broken_at for line in service.lines if line.ready_at > service.broken_at]
    return round(after[0] * 1000, 1) if after else float("inf")


async def handshake() -> Found:
    talker = Talker()
    async with call(service := Service(down=True), talker):
        await talker.listen(8.0)
    told = [at for at, _ in talker.notices]
    return {"told_s": round(told[0], 2) if told else float("inf"), "dials": service.dials,
            "heard_s": round(talker.heard_samples / 24_000, 1), "over": float(bool(talker.ended))}  # fmt: skip


async def goaway() -> Found:
    async def announce(service: Service, line: Line) -> None:
        async def end() -> None:
            await asyncio.sleep(5.0)
            await line.socket.close(1011, "Deadline expired before operation could complete.")

        await line.send(goAway={"timeLeft": "5s"})
        ends.append(asyncio.create_task(end()))

    ends: list[asyncio.Task[None]] = []
    service, talker = await spoken(Service(once(announce)))
    await asyncio.gather(*ends, return_exceptions=True)
    return {"lost_ms": lost_ms(service), "links": len(service.lines), "notices": len(talker.notices)}


async def drop() -> Found:
    async def cut(service: Service, line: Line) -> None:
        line.drop()

    service, _ = await spoken(Service(once(cut)))
    return {"lost_ms": lost_ms(service), "gap_ms": gap_ms(service)}


async def refused() -> Found:
    async def cut(service: Service, line: Line) -> None:
        service.dead_handles = True
        line.drop()

    service, _ = await spoken(Service(once(cut)))
    return {"lost_ms": lost_ms(service), "gap_ms": gap_ms(service)}


async def every() -> Found:
    drops: list[asyncio.Task[None]] = []

    async def cut(service: Service, line: Line) -> None:
        async def later() -> None:
            await asyncio.sleep(EVERY_S)
            line.drop()

        drops.append(asyncio.create_task(later()))

    talker = Talker()
    async with call(service := Service(on_ready=cut), talker):
        await talker.listen(FOR_S)
    await asyncio.gather(*drops, return_exceptions=True)
    return {"dials": service.dials, "notices": len(talker.notices), "over": float(bool(talker.ended))}


async def cancelled() -> Found:
    async def take_back(service: Service, line: Line) -> None:
        await line.send(toolCall={"functionCalls": [{"id": "t1", "name": "unit_economics", "args": {}}]})
        await asyncio.sleep(0.5)
        await line.send(toolCallCancellation={"ids": ["t1"]})

    service, _ = await spoken(Service(once(take_back)))
    return {"answers": service.tool_answers.count("t1"), "replies": service.answers}


PROBES: dict[str, Callable[[], Awaitable[Found]]] = {
    "handshake": handshake, "goaway": goaway, "drop": drop, "refused": refused, "every": every, "cancelled": cancelled,
}  # fmt: skip


def rows(*, brief: bool = False) -> list[Row]:
    """
    Args:
        brief: the shortest probe only.
    """
    names = ["cancelled"] if brief else list(PROBES)
    return as_rows({name: asyncio.run(_run(PROBES[name])) for name in names})


async def _run(probe: Callable[[], Awaitable[Found]]) -> Found:
    return await probe()


_UNITS = {
    "lost_ms": ("of the caller's speech lost", "ms", 0.0),
    "gap_ms": ("until the next link is set up", "ms", GAP_MS),
    "told_s": ("until the caller is told", "s", None),
    "heard_s": ("of a prepared voice heard", "s", None),
    "dials": ("dials", "", None),
    "links": ("links", "", None),
    "notices": ("notices to the caller", "", None),
    "over": ("the call is over", "", 0.0),
    "answers": ("answers to the call that was taken back", "", 0.0),
    "replies": ("answers to the caller", "", None),
}


def as_rows(found: dict[str, Found]) -> list[Row]:
    """What the probes found."""
    return [
        row(f"{OTHERS[probe][0]}: {_UNITS[name][0]}", value, _UNITS[name][1], most=_UNITS[name][2])
        for probe, values in found.items()
        for name, value in values.items()
    ]


def ours(probe: str, figures: Mapping[str, float]) -> str:
    """Our cell of the table, from the rows of a run."""

    def figure(name: str) -> float:
        return figures[f"{OTHERS[probe][0]}: {_UNITS[name][0]}"]

    match probe:
        case "handshake":
            goes_on = "the call is over" if figure("over") else "the call goes on by text, and is dialled on"
            return f"the caller is told after {figure('told_s'):g} s, aloud and to read; {goes_on}"
        case "goaway":
            when = "the caller notices" if figure("notices") else "replaced before the close, unnoticed"
            return f"{when}; {figure('lost_ms'):g} ms of speech lost"
        case "drop":
            return f"resumed in {figure('gap_ms'):g} ms; {figure('lost_ms'):g} ms of speech lost"
        case "refused":
            return (
                f"a fresh link in {figure('gap_ms'):g} ms, told what was heard; {figure('lost_ms'):g} ms of speech lost"
            )
        case "every":
            return f"{figure('dials'):g} connections in {FOR_S:g} s, {figure('notices'):g} notices, then by text"
        case _:
            return f"the tool is cancelled, {figure('answers') or 'nothing'} sent"


def beside_others(made: list[Row]) -> str:
    """The table with the others, from the rows of a whole run; empty for a part of one."""
    figures = {each.what: each.value for each in made}
    if not all(any(what.startswith(f"{about[0]}: ") for what in figures) for about in OTHERS.values()):
        return ""
    lines = [HEADS, ("---",) * len(HEADS), *((*about, ours(name, figures)) for name, about in OTHERS.items())]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)
