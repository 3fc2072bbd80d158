"""How fast the writer writes: events per second to disk, what a post costs the loop, and what a recorded frame costs.

Run: python bench/store.py [--events 20000] [--calls 100] [--url sqlite:///bench.db]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
from pathlib import Path

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
                writer.post(ids[number % calls], number // calls, number / 1_000, EVENT, EFFECTS)
            posting_s += time.perf_counter() - at
            await writer.flush(within_s=60.0)
        dropped = sum(writer.status(call_id).dropped for call_id in ids)
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--calls", type=int, default=100)
    parser.add_argument("--url", help="a database; a throw-away SQLite file unless given")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = given.url or f"sqlite:///{folder}/bench.db"
        print(json.dumps({"writer": asyncio.run(write_events(url, given.calls, given.events))}))
        print(json.dumps({"recorder": asyncio.run(record(Path(folder), 300))}))


if __name__ == "__main__":
    main()
