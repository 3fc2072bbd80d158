"""What outlives a call: its row, its log, what was said and found, and its sound. It does I/O and decides nothing."""

from __future__ import annotations

from vivavoce.store.database import RowsRefused
from vivavoce.store.rows import StoredCall, StoredEvent, StoredFact, StoredRecording, StoredTurn
from vivavoce.store.store import Store, migrate
from vivavoce.store.writer import EventWriter, WriterStatus

__all__ = [
    "EventWriter",
    "RowsRefused",
    "Store",
    "StoredCall",
    "StoredEvent",
    "StoredFact",
    "StoredRecording",
    "StoredTurn",
    "WriterStatus",
    "migrate",
]
