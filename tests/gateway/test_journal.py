"""What is written down of a call, and what is taken back."""

from __future__ import annotations

from pathlib import Path

from vivavoce.conversation import events as ev
from vivavoce.gateway.journal import StoreJournal
from vivavoce.store.recorder import Recorder
from vivavoce.store.store import Store
from vivavoce.store.writer import EventWriter


async def test_a_recording_that_is_withdrawn_leaves_no_sound_on_the_disk(tmp_path: Path) -> None:
    store = await Store.open(f"sqlite:///{tmp_path / 'viva.db'}")
    sounds = tmp_path / "recordings"
    async with EventWriter(store) as writer:
        journal = StoreJournal("call1", writer, lambda: Recorder(sounds, "call1"))
        journal.caller_audio(0, bytes(1024))  # before consent: not kept
        journal.record(True, erase=False)
        journal.caller_audio(512, bytes(32_000))
        recorder = journal._recorder
        assert recorder is not None
        recorder.flush()
        journal.consent(ev.ConsentDecided("withdrawn", "1"))
        journal.record(False, erase=True)
        journal.caller_audio(16_512, bytes(1024))
        assert await journal.close() == []
    await store.close()
    assert list(sounds.glob("*")) == []
    assert journal.consents == [{"decision": "withdrawn", "text_version": "1"}]
