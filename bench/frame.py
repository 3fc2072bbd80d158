"""What one frame costs in a loop, with everything in the caches: the part of a relay's cost that is its instructions.

A call between peers in memory, a real recorder, no sockets. `bench.relay` measures the same work as it comes in life,
one frame at a time to a process that slept meanwhile.
"""

from __future__ import annotations

import asyncio
import tempfile
import time

from tests.gateway.peers import Scene

from bench.results import Row, row
from vivavoce.conversation import events as ev
from vivavoce.guests.load import quiet_room
from vivavoce.store import Recorder
from vivavoce.wire import caller as wire

FRAMES = 20_000
CHUNKS = 3_000


async def measure(frame_count: int, chunk_count: int) -> dict[str, float]:
    """Microseconds of CPU: of a microphone frame, and of a chunk of the model with the report that it was heard."""
    scene = await Scene().join()
    link = scene.link
    with tempfile.TemporaryDirectory() as folder:
        recorder = Recorder(folder, "bench")
        assert scene.call._uplink is not None, "the caller has joined"
        scene.call._uplink._heard = recorder.caller
        scene.journal.agent_audio = recorder.agent  # type: ignore[method-assign]
        scene.call._clock._started_at -= 3600.0  # or the sound would come too early
        heard = scene.socket._heard
        assert heard is not None, "the call listens"
        noise = quiet_room()
        frames = [wire.encode_frame(wire.Frame(wire.FrameKind.MIC, 0, 0, i * 512, noise)) for i in range(frame_count)]
        began = time.process_time()
        for frame in frames:
            heard(frame)
        mic_us = (time.process_time() - began) / frame_count * 1e6
        reports = [
            wire.encode(wire.Played(reply=1, samples=2400 * (i + 1), at=512 * frame_count)) for i in range(chunk_count)
        ]
        sound = b"\1\0" * 2400
        began = time.process_time()
        for report in reports:
            chunk = link.shelf.keep_chunk(sound)
            link.happens(ev.ReplyArrived(link.shelf.link, chunk, 2400))
            await asyncio.sleep(0)
            heard(report)
            await asyncio.sleep(0)
        chunk_us = (time.process_time() - began) / chunk_count * 1e6
        await recorder.close()
    await scene.end()
    return {"mic_frame_us": round(mic_us, 1), "chunk_and_report_us": round(chunk_us, 1)}


def rows(*, brief: bool = False) -> list[Row]:
    found = asyncio.run(measure(*((20, 20) if brief else (FRAMES, CHUNKS))))
    return [
        row("a microphone frame in a loop: level, gate, recorder, ring", found["mic_frame_us"], "µs"),
        row("a chunk of the model, and the report that it was heard", found["chunk_and_report_us"], "µs"),
    ]
