"""What outlives a call: its row, its log, what was said and found, and its sound. It does I/O and decides nothing."""

from __future__ import annotations

from vivavoce.store.database import RowsRefused
from vivavoce.store.disk import Disk
from vivavoce.store.ownership import Ownership
from vivavoce.store.recorder import Recorder
from vivavoce.store.recordings import export_wav, read_index, waveform
from vivavoce.store.rows import (
    StoredCall,
    StoredEvent,
    StoredFact,
    StoredHandle,
    StoredRecording,
    StoredReturn,
    StoredTurn,
)
from vivavoce.store.store import Store, migrate
from vivavoce.store.writer import EventWriter

__all__ = [
    "Disk",
    "EventWriter",
    "Ownership",
    "Recorder",
    "RowsRefused",
    "Store",
    "StoredCall",
    "StoredEvent",
    "StoredFact",
    "StoredHandle",
    "StoredRecording",
    "StoredReturn",
    "StoredTurn",
    "export_wav",
    "migrate",
    "read_index",
    "waveform",
]
