"""What one frame costs in a loop, with everything in the caches: the part of a relay's cost that is its instructions.

A call between peers in memory, a real recorder, no sockets. `bench.relay` measures the same work as it comes in life,
one frame at a time to a process that slept meanwhile.
"""

from __future__ import annotations

import asyncio
import tempfile
import time

import numpy as np
from tests.gateway.peers import Scene

from bench.results import Row, row
from vivavoce.audio.cancel import Canceller, KalmanCanceller
from vivavoce.audio.pcm import CALLER_HZ, FRAME_SAMPLES
from vivavoce.conversation import events as ev
from vivavoce.gateway.aec3 import Aec3Canceller, installed
from vivavoce.gateway.reports import BURST
from vivavoce.gateway.voiced import VoicedCanceller, voices_told
from vivavoce.guests.load import quiet_room
from vivavoce.store import Recorder
from vivavoce.wire import caller as wire

FRAMES = 20_000
CHUNKS = 3_000
CANCELLED_S = 20.0


async def measure(frame_count: int, chunk_count: int) -> dict[str, float]:
    """Microseconds of CPU: of a microphone frame, and of a chunk of the model with the report that it was heard."""
    scene = await Scene().join()
    link = scene.link
    with tempfile.TemporaryDirectory() as folder:
        recorder = Recorder(folder, "bench")
        assert scene.call._hearing.uplink is not None, "the caller has joined"
        scene.call._hearing.uplink._heard = recorder.caller
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
        report_us, report_bytes = await _report(scene)
        await recorder.close()
    await scene.end()
    return {
        "mic_frame_us": round(mic_us, 1),
        "chunk_and_report_us": round(chunk_us, 1),
        "levels_us": round(report_us, 1),
        "levels_bytes": report_bytes,
    }


async def _report(scene: Scene) -> tuple[float, int]:
    """Microseconds of CPU and bytes of log for one second's report of levels, a pair of values for each 32 ms."""
    heard = scene.socket._heard
    assert heard is not None, "the call listens"
    levels = [-20.0 - index / 3 for index in range(31)]
    report = wire.encode(wire.Levels(at=0, step=512, mic=levels, far=levels, return_loss_db=18.25, delay_ms=92.0))
    await asyncio.sleep(0)
    before = len(scene.journal.entries)
    began = time.process_time()
    for _ in range(BURST):
        heard(report)
        await asyncio.sleep(0)
    took_us = (time.process_time() - began) / BURST * 1e6
    logged = [len(entry.event) for entry in scene.journal.entries[before:] if b"caller_measured" in entry.event]
    return took_us, max(logged)


def cancelling(canceller: Canceller, seconds: float) -> float:
    """Milliseconds of CPU that a second of a raw microphone takes while the agent speaks."""
    rng = np.random.default_rng(1)
    far = rng.normal(0, 3000, FRAME_SAMPLES).astype(np.int16)
    mic = np.roll(far, 100) // 2
    frames = max(1, round(seconds * CALLER_HZ / FRAME_SAMPLES))
    began = time.process_time()
    for _ in range(frames):
        canceller.process(mic, far)
    return round((time.process_time() - began) / (frames * FRAME_SAMPLES / CALLER_HZ) * 1e3, 1)


def rows(*, brief: bool = False) -> list[Row]:
    found = asyncio.run(measure(*((20, 20) if brief else (FRAMES, CHUNKS))))
    seconds = 0.1 if brief else CANCELLED_S
    unit = "ms of CPU per call-second"
    cancelled = [
        row(
            "a raw microphone through the Kalman canceller, the agent speaking",
            cancelling(KalmanCanceller(), seconds),
            unit,
        )
    ]
    if voices_told():
        voiced = cancelling(VoicedCanceller(KalmanCanceller()), seconds)
        cancelled.append(row("the same with the detector of voices behind it", voiced, unit))
    if installed():
        cancelled.append(row("through AEC3", cancelling(Aec3Canceller(), seconds), unit))
    return [
        row("a microphone frame in a loop: level, gate, recorder, ring", found["mic_frame_us"], "µs"),
        row("a chunk of the model, and the report that it was heard", found["chunk_and_report_us"], "µs"),
        row("a second's report of levels: checked, rounded, logged", found["levels_us"], "µs"),
        row("the same in the call's log", found["levels_bytes"], "bytes"),
        *cancelled,
    ]
