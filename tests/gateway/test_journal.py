"""What is written down of a call, and what is taken back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from vivavoce.conversation import effects as fx
from vivavoce.conversation import events as ev
from vivavoce.errors import StoreError
from vivavoce.gateway.decisions import MOST, told_of
from vivavoce.gateway.journal import StoreJournal
from vivavoce.store.keys import hash_of
from vivavoce.store.ownership import Ownership
from vivavoce.store.recorder import Recorder
from vivavoce.store.rows import StoredCall
from vivavoce.store.store import Store
from vivavoce.store.writer import EventWriter


def store_journal(*args: Any, **options: Any) -> StoreJournal:
    async def release() -> None: ...

    async def stored() -> StoredCall | None:
        return None

    return StoreJournal(*args, **{"seal": lambda secret: secret[::-1], "release": release, "stored": stored} | options)


async def test_a_recording_that_is_withdrawn_leaves_no_sound_on_the_disk(tmp_path: Path) -> None:
    store = await Store.open(f"sqlite:///{tmp_path / 'viva.db'}")
    sounds = tmp_path / "recordings"
    async with EventWriter(store) as writer:
        journal = store_journal(
            "call1", writer, lambda: Recorder(sounds, "call1"), epoch=0, clock=lambda: 1_795_290_000.25
        )
        journal.caller_audio(0, bytes(1024))  # before consent: not kept
        journal.record(True, erase=False)
        journal.caller_audio(512, bytes(32_000))
        recorder = journal._recorder
        assert recorder is not None
        recorder.flush()
        journal.consent(ev.ConsentDecided("withdrawn", "1", "pt"))
        journal.record(False, erase=True)
        journal.caller_audio(16_512, bytes(1024))
        assert await journal.close() == []
    await store.close()
    assert list(sounds.glob("*")) == []
    assert journal.consents == [
        {
            "decision": "withdrawn",
            "text_version": "1",
            "lang": "pt",
            "channel": "web",
            "at": "2026-11-21T19:40:00.250+00:00",
        }
    ]


async def test_decisions_without_an_end_leave_the_first_and_the_newest(tmp_path: Path) -> None:
    store = await Store.open(f"sqlite:///{tmp_path / 'viva.db'}")
    async with EventWriter(store) as writer:
        journal = store_journal("call1", writer, lambda: Recorder(tmp_path, "call1"), epoch=0)
        journal.consent(ev.ConsentDecided("given", "first"))
        journal.consent(ev.ConsentDecided("given", "first"))
        assert len(journal.consents) == 1, "said twice is decided once"
        for number in range(3 * MOST):
            journal.consent(ev.ConsentDecided("refused", str(number)))
    await store.close()
    assert len(journal.consents) == MOST
    assert journal.consents[0]["text_version"] == "first"
    assert journal.consents[-1]["text_version"] == str(3 * MOST - 1)


async def test_what_the_disk_does_not_let_go_of_is_tried_again_until_it_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no(self: Path, missing_ok: bool = False) -> None:
        raise PermissionError(1, "Operation not permitted")

    store = await Store.open(f"sqlite:///{tmp_path / 'viva.db'}")
    sounds = tmp_path / "recordings"
    async with EventWriter(store) as writer:
        journal = store_journal("call1", writer, lambda: Recorder(sounds, "call1"), epoch=0)
        journal.record(True, erase=False)
        journal.caller_audio(0, bytes(32_000))
        with monkeypatch.context() as patch:
            patch.setattr(Path, "unlink", no)
            journal.record(False, erase=True)
            with pytest.raises(StoreError, match="a file cannot be deleted"):
                await journal.close()
        assert list(sounds.glob("*"))
        assert await journal.close() == []
    await store.close()
    assert list(sounds.glob("*")) == []


@pytest.mark.parametrize(("words", "facts"), [(True, True), (False, True), (True, False), (False, False)])
async def test_what_may_not_be_kept_is_never_written(tmp_path: Path, words: bool, facts: bool) -> None:
    store = await Store.open(f"sqlite:///{tmp_path / 'viva.db'}")
    await store.create_call(
        call_id="call1", agent_name="a", agent_source="", spec_hash="", code_version="", started_at=0.0
    )
    async with EventWriter(store) as writer:
        journal = store_journal("call1", writer, lambda: Recorder(tmp_path, "call1"), epoch=0, words=words, facts=facts)
        journal.event(0, 0.0, b"{}", b"[]")
        journal.turn(fx.RecordTurn(turn=1, who="caller", start_ms=0, end_ms=9, text="so", complete=True))
        journal.fact(fx.Note(field="pain", objective="o", state="answered", value=7, source="s", evidence=()), 1)
        assert writer.waiting == 2 * words + facts
        assert await writer.flush()
        assert journal.problem == ""
    found = (await store.events("call1"), await store.turns("call1"), await store.facts("call1"))
    assert [bool(rows) for rows in found] == [words, words, facts]
    await store.close()


@pytest.mark.parametrize("words", [True, False])
async def test_what_another_server_needs_is_kept_sealed_and_only_with_the_words(tmp_path: Path, words: bool) -> None:
    """Without a log there is nothing to go on from; who comes back is known all the same."""
    store = await Store.open(f"sqlite:///{tmp_path / 'viva.db'}")
    ownership = Ownership(store.database)
    booked = {"agent_name": "a", "agent_source": "", "spec_hash": "", "code_version": "", "started_at": 0.0}
    await store.create_call(call_id="call1", **booked)  # type: ignore[arg-type]
    ticket = await store.issue_ticket("call1", 60.0, 0.0)
    await store.redeem_ticket(ticket, 0.0, owner="here", lease_until=10.0)
    async with EventWriter(store) as writer:
        journal = store_journal("call1", writer, lambda: Recorder(tmp_path, "call1"), epoch=1, words=words)
        for number in (1, 2):
            journal.handle(number, f"secret {number}", number * 512)
            journal.returns((hash_of(f"return {number}"),))
        assert await writer.flush()
    assert await ownership.newest_handle("call1") == ((2, b"2 terces", 1024) if words else None)
    found = [await ownership.call_of_return(f"return {number}") for number in (1, 2)]
    assert [call and call.id for call in found] == [None, "call1"]
    await store.close()


@pytest.mark.parametrize(
    ("columns", "goes_on", "kept"),
    [
        ({}, True, True),
        ({"state": "ended", "end_reason": "server_died"}, False, True),
        ({"state": "ended", "end_reason": "erased"}, False, False),
        ({"state": "erasing"}, False, False),
        (None, False, False),
        (StoreError("away"), False, True),
    ],
)
async def test_what_was_erased_elsewhere_leaves_no_sound_where_it_was_lost(
    tmp_path: Path, columns: dict[str, Any] | StoreError | None, goes_on: bool, kept: bool
) -> None:
    async def stored() -> StoredCall | None:
        if isinstance(columns, StoreError):
            raise columns
        return row if columns is not None else None

    store = await Store.open(f"sqlite:///{tmp_path / 'viva.db'}")
    booked = {"agent_name": "a", "agent_source": "", "spec_hash": "", "code_version": "", "started_at": 0.0}
    await store.create_call(call_id="call1", **booked)  # type: ignore[arg-type]
    found: dict[str, Any] = {"state": "live"} | (columns if isinstance(columns, dict) else {})
    await store.update_call("call1", **found)
    row = await store.call("call1")
    sounds = tmp_path / "recordings"
    async with EventWriter(store) as writer:
        journal = store_journal("call1", writer, lambda: Recorder(sounds, "call1"), epoch=1, stored=stored)
        journal.record(True, erase=False)
        journal.caller_audio(0, bytes(32_000))
        assert journal._recorder is not None
        journal._recorder.flush()
        await Recorder(sounds, "other").close()  # the disk does one thing after the other
        assert await journal.lost() is goes_on
    await store.close()
    assert bool(list(sounds.glob("*"))) is kept


def test_decisions_are_told_as_they_were_made() -> None:
    given, withdrawn = ev.ConsentDecided("given", "1", "de"), ev.ConsentDecided("withdrawn", "1", "de")
    told = told_of([(0.0, given), (1.0, given), (2.5, withdrawn)])
    assert [(each["decision"], each["at"]) for each in told] == [
        ("given", "1970-01-01T00:00:00.000+00:00"),
        ("withdrawn", "1970-01-01T00:00:02.500+00:00"),
    ]


async def test_sound_of_a_call_that_was_taken_over_is_told_with_all_its_parts(tmp_path: Path) -> None:
    store = await Store.open(f"sqlite:///{tmp_path / 'viva.db'}")
    sounds = tmp_path / "recordings"
    async with EventWriter(store) as writer:
        for epoch, complete in ((1, True), (2, False), (3, False)):
            journal = store_journal("call1", writer, lambda: Recorder(sounds, "call1"), epoch=epoch)
            journal.record(True, erase=False)
            if epoch < 3:  # the third hears nothing before it ends
                journal.caller_audio(epoch * 16_000, bytes(32_000))
            caller, *_ = await journal.close()
            assert (caller.samples, caller.complete) == (min(epoch, 2) * 16_000, complete)
        journal.record(False, erase=True)
        assert await journal.close() == []
    await store.close()
    assert not list(sounds.glob("*")), "what is taken back is taken back whole"
