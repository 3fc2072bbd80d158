"""How fast the writer writes: events per second to disk, what a post costs the loop, and what a recorded frame costs.

Run: python -m bench.store [--events 20000] [--calls 100] [--url sqlite:///bench.db]
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from pathlib import Path

from bench.results import Row, row
from vivavoce.store import Disk, EventWriter, Recorder, Store, migrate

EVENT = b'{"type":"CallerSpoke","position":123456,"level":0.0612,"words":"' + b"x" * 100 + b'"}'
EFFECTS = b'[{"type":"Hold","reply":12}]'
ROUND = 5_000
"""Events posted before the loop is let go: a quarter of the queue."""


async def write_events(url: str, calls: int, events: int) -> dict[str, float]:
    await migrate(url)
    store = await Store.open(url)
    ids = [
        await store.create_call(agent_name="bench", agent_source="", spec_hash="", code_version="", started_at=0.0)
        for _ in range(calls)
    ]
    posting_s = 0.0
    began, began_cpu = time.perf_counter(), time.process_time()
    async with EventWriter(store) as writer:
        for first in range(0, events, ROUND):
            at = time.perf_counter()
            for number in range(first, min(first + ROUND, events)):
                writer.post(ids[number % calls], number // calls, number / 1_000, EVENT, EFFECTS, epoch=0)
            posting_s += time.perf_counter() - at
            await writer.flush(within_s=60.0)
        dropped = sum(writer.lost(call_id) for call_id in ids)
    took_s, cpu_s = time.perf_counter() - began, time.process_time() - began_cpu
    await store.close()
    return {
        "events": events,
        "calls": calls,
        "dropped": dropped,
        "events_per_s": round(events / took_s),
        "cpu_us_per_event": round(cpu_s / events * 1e6, 1),
        "post_us": round(posting_s / events * 1e6, 2),
    }


async def record(folder: Path, seconds: int) -> dict[str, float]:
    disk = Disk()
    recorder = Recorder(folder, "bench", disk=disk)
    frame, reply = bytes(1_024), bytes(1_536)
    frames = seconds * 16_000 // 512
    began = time.perf_counter()
    for number in range(frames):
        recorder.caller(number * 512, frame)
        recorder.agent(number * 512, reply)
    loop_s = time.perf_counter() - began
    await recorder.close()
    return {"recorded_s": seconds, "dropped": recorder.dropped_samples, "frame_us": round(loop_s / frames / 2 * 1e6, 2)}


def rows(*, brief: bool = False, url: str = "", events: int = 20_000, calls: int = 100) -> list[Row]:
    """
    Args:
        url: of a database; a throw-away SQLite file by default.
    """
    if brief:
        events, calls = 200, 2
    with tempfile.TemporaryDirectory() as folder:
        writer = asyncio.run(write_events(url or f"sqlite:///{folder}/bench.db", calls, events))
        recorder = asyncio.run(record(Path(folder), 1 if brief else 300))
    return [
        row("event writer", writer["events_per_s"], "events/s", least=5_000),
        row("CPU of an event that is written", writer["cpu_us_per_event"], "µs"),
        row("what posting an event costs the loop", writer["post_us"], "µs"),
        row("events dropped", writer["dropped"], f"of {events:,}", most=0),
        row("what recording a frame costs the loop", recorder["frame_us"], "µs"),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--calls", type=int, default=100)
    parser.add_argument("--url", default="", help="a database; a throw-away SQLite file unless given")
    given = parser.parse_args()
    for found in rows(url=given.url, events=given.events, calls=given.calls):
        print(f"{found.what}: {found.value:g} {found.unit}")


if __name__ == "__main__":
    main()
