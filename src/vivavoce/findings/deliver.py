"""The files that a call leaves in somebody's hands: transcript, facts, recording, report."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from vivavoce.errors import StoreError
from vivavoce.findings import timeline_page
from vivavoce.findings.collect import collect
from vivavoce.findings.record import CALLER, CallRecord
from vivavoce.findings.report import render_report
from vivavoce.store import recordings
from vivavoce.store.recorder import RecordingFiles
from vivavoce.store.rows import StoredCall, StoredEvent, StoredTurn
from vivavoce.store.store import Store


async def deliver(
    store: Store, recordings_dir: Path, call_id: str, folder: Path, *, sound_at: str | None = None
) -> CallRecord:
    """Write `transcript.json`, `facts.json`, `report.html`, `timeline.html` and, when the caller let us record,
    `call.wav`.

    Args:
        sound_at: where the report finds the sound, relative to its own address; no `call.wav` is written then, and no
            timeline, which servers draw when asked.
    Raises:
        InputError: there is no such call.
        StoreError: the database or the disk failed.
    """
    record = await collect(store, call_id)
    await asyncio.to_thread(_write, record, recordings_dir, folder, sound_at)
    call = await store.call(call_id)
    if sound_at is None and call is not None:
        events, turns = await store.events(call_id), await store.turns(call_id)
        await asyncio.to_thread(_write_timeline, call, events, turns, recordings_dir, folder)
    return record


def _write_timeline(
    call: StoredCall, events: list[StoredEvent], turns: list[StoredTurn], recordings_dir: Path, folder: Path
) -> None:
    try:
        audio = "call.wav" if (folder / "call.wav").exists() else None
        page = timeline_page.draw(call, events, turns, recordings_dir, audio=audio)
        (folder / "timeline.html").write_text(page, encoding="utf-8")
    except OSError as error:
        raise StoreError(f"the timeline cannot be written: {error.strerror}") from error


def _write(record: CallRecord, recordings_dir: Path, folder: Path, sound_at: str | None) -> None:
    waveform: dict[str, Any] = {
        "agent": [(turn.who, turn.start_ms, turn.end_ms) for turn in record.turns if turn.who != CALLER]
    }
    audio: str | None = None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "call.wav").unlink(missing_ok=True)  # of another call, perhaps
        if RecordingFiles(recordings_dir, record.id).index.exists():
            if sound_at is None:
                recordings.export_wav(recordings_dir, record.id, folder / "call.wav")
            peaks = recordings.waveform(recordings_dir, record.id)
            audio = sound_at or "call.wav"
            waveform |= {"caller": peaks["caller"], "agent_peaks": peaks["agent"]}
        (folder / "transcript.json").write_bytes(record.transcript_json())
        (folder / "facts.json").write_bytes(record.facts_json())
        (folder / "report.html").write_text(render_report(record, audio=audio, waveform=waveform), encoding="utf-8")
    except OSError as error:
        raise StoreError(f"the results cannot be written: {error.strerror}") from error
