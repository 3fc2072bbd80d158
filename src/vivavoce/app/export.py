"""A call as files for programs (`viva export`). What people read is the report (`findings/deliver.py`)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import msgspec

from vivavoce.errors import NotHereError, StoreError
from vivavoce.findings.collect import collect
from vivavoce.store.encoders import SoundKind, export_sound
from vivavoce.store.folders import Folders
from vivavoce.store.recorder import RecordingFiles
from vivavoce.store.rows import StoredEvent
from vivavoce.store.store import Store


async def export_call(
    store: Store, data_dir: str, call_id: str, folder: Path, sound: SoundKind | None, tell: Callable[[str], None]
) -> list[Path]:
    """Write the files of a call into a folder; which were written.

    Args:
        sound: None for none.
        tell: is told which file is being written.
    Raises:
        NotHereError: there is no such call.
        MissingError: this kind of sound needs what is not installed.
        StoreError: the database or the disk failed.
    """
    call = await store.call(call_id)
    if call is None:
        raise NotHereError(f"want the id of a call, got {call_id[:64]!a}")
    record = await collect(store, call_id)
    about = msgspec.structs.asdict(call)
    source = about.pop("agent_source")
    texts = {
        "call.json": msgspec.json.format(msgspec.json.encode(about), indent=2) + b"\n",
        "agent.yaml": source.encode(),
        "transcript.json": record.transcript_json(),
        "facts.json": record.facts_json(),
        "events.jsonl": b"".join(map(_line, await store.events(call_id))),
    }
    written = []
    try:
        await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
        for name, data in texts.items():
            tell(name)
            await asyncio.to_thread((folder / name).write_bytes, data)
            written.append(folder / name)
    except OSError as error:
        raise StoreError(f"the export cannot be written: {error.strerror}") from None
    recordings = Folders.of(data_dir).recordings
    if sound is not None and RecordingFiles(recordings, call_id).index.exists():
        target = folder / f"call.{sound}"
        tell(target.name)
        await asyncio.to_thread(export_sound, recordings, call_id, target, sound)
        written.append(target)
    return written


def _line(event: StoredEvent) -> bytes:
    raw = {
        "seq": event.seq,
        "at_s": event.at_s,
        "event": msgspec.Raw(event.event),
        "effects": msgspec.Raw(event.effects),
    }
    return msgspec.json.encode(raw) + b"\n"
