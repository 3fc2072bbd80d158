from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from vivavoce.errors import StoreError
from vivavoce.store import EventWriter, RowsRefused, Store, StoredFact, StoredReturn, StoredTurn
from vivavoce.store.ownership import Stale
from vivavoce.store.rows import HotRow, StoredEvent


class FakeSink:
    """Keeps what it is given; `trouble` may raise instead."""

    def __init__(self, trouble: Callable[[Sequence[HotRow]], None] | None = None) -> None:
        self.batches: list[list[HotRow]] = []
        self.trouble = trouble
        self.tries = 0

    async def write(self, rows: Sequence[HotRow]) -> set[Stale]:
        self.tries += 1
        if self.trouble is not None:
            self.trouble(rows)
        self.batches.append(list(rows))
        return set()

    @property
    def rows(self) -> list[HotRow]:
        return [row for batch in self.batches for row in batch]

    @property
    def seqs(self) -> list[int]:
        return [row.seq for row in self.rows if isinstance(row, StoredEvent)]


class Pauses:
    """Waits between tries that take no time, and what was asked for."""

    def __init__(self, then: Callable[[int], None] = lambda _: None) -> None:
        self.asked: list[float] = []
        self._then = then

    async def __call__(self, wait_s: float) -> None:
        self.asked.append(wait_s)
        self._then(len(self.asked))
        await asyncio.sleep(0)


def post(writer: EventWriter, *seqs: int, call_id: str = "one", words: bytes = b"{}", epoch: int = 0) -> None:
    for seq in seqs:
        writer.post(call_id, seq, seq / 10, words, b"[]", epoch=epoch)


def turn(text: str, number: int = 1, call_id: str = "one") -> StoredTurn:
    return StoredTurn(call_id=call_id, turn=number, who="caller", start_ms=0, end_ms=1, text=text, complete=True)


def fact(state: str) -> StoredFact:
    return StoredFact(
        call_id="one", field="pain", objective="o", state=state, value=1, source="typed", evidence=[], updated_seq=1
    )


async def test_calls_share_a_commit_and_keep_their_order() -> None:
    sink = FakeSink()
    async with EventWriter(sink) as writer:
        for seq in range(10):
            post(writer, seq)
            post(writer, seq, call_id="two")
        assert writer.waiting == 20
        assert await writer.flush()
        assert writer.waiting == 0
    assert len(sink.batches) == 1
    assert sink.seqs == [n for seq in range(10) for n in (seq, seq)]


async def test_fifty_rows_do_not_wait_for_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vivavoce.store.writer.GATHER_S", 3_600.0)
    written = asyncio.Event()
    sink = FakeSink(lambda _: written.set())
    writer = EventWriter(sink)
    writer.start()
    post(writer, *range(49))
    await asyncio.sleep(0)
    assert not sink.batches
    post(writer, 49)
    async with asyncio.timeout(10):
        await written.wait()
    await writer.close()
    assert sink.seqs == list(range(50))


async def test_a_few_rows_are_written_without_being_asked() -> None:
    written = asyncio.Event()
    async with EventWriter(FakeSink(lambda _: written.set())) as writer:
        post(writer, 0)
        async with asyncio.timeout(10):
            await written.wait()


async def test_turns_and_facts_wait_as_their_newest_state() -> None:
    sink = FakeSink()
    async with EventWriter(sink) as writer:
        for text in ("so", "so far", "so far so good"):
            writer.post_turn(turn(text))
        writer.post_turn(turn("yes", 2))
        for state in ("asked", "vague", "answered"):
            writer.post_fact(fact(state))
        assert writer.waiting == 3
    assert sink.rows == [turn("so far so good"), turn("yes", 2), fact("answered")]


async def test_a_database_that_is_away_is_tried_again_and_nothing_is_lost() -> None:
    def away(_: Sequence[HotRow]) -> None:
        raise StoreError("away")

    def seen(tries: int) -> None:
        assert writer.failing
        if tries == 8:
            sink.trouble = None

    sink, pauses = FakeSink(away), Pauses(seen)
    async with EventWriter(sink, pause=pauses) as writer:
        post(writer, 0, 1, 2)
        assert await writer.flush()
        assert writer.lost("one") == 0
    assert sink.seqs == [0, 1, 2]
    assert pauses.asked == [0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 2.0, 2.0]


async def test_a_full_queue_drops_the_newest_events_and_counts_them_for_their_call() -> None:
    sink = FakeSink()
    writer = EventWriter(sink, queue_rows=5)
    post(writer, *range(4))
    post(writer, 0, call_id="two")
    post(writer, 4, 5, 6)
    writer.post_turn(turn("always let in"))
    assert writer.lost("one") == 3
    assert writer.lost("two") == 0
    writer.start()
    await writer.close()
    assert sink.seqs == [0, 1, 2, 3, 0]
    assert turn("always let in") in sink.rows


async def test_a_writer_closed_while_the_database_is_away_counts_what_it_drops() -> None:
    def away(_: Sequence[HotRow]) -> None:
        raise StoreError("away")

    writer = EventWriter(FakeSink(away), pause=Pauses())
    writer.start()
    post(writer, 0, 1)
    assert not await writer.flush(within_s=0.01)
    post(writer, 2)
    await writer.close(within_s=0.01)
    assert writer.lost("one") == 3


async def test_a_row_that_can_never_be_written_is_dropped_alone() -> None:
    def refuse(rows: Sequence[HotRow]) -> None:
        if any(isinstance(row, StoredEvent) and row.seq in (13, 37) for row in rows):
            raise RowsRefused("no")

    sink = FakeSink(refuse)
    async with EventWriter(sink) as writer:
        post(writer, *range(64), call_id="one")
        post(writer, *range(100, 164), call_id="two")
        assert await writer.flush()
        assert writer.lost("one") == 2
        assert writer.lost("two") == 0
    assert sink.seqs == [n for n in [*range(64), *range(100, 164)] if n not in (13, 37)]


async def test_an_unforeseen_error_costs_its_row_only() -> None:
    def stumble(rows: Sequence[HotRow]) -> None:
        if any(isinstance(row, StoredEvent) and row.seq == 3 for row in rows):
            raise KeyError("what the caller said")

    sink = FakeSink(stumble)
    with capture_logs() as logs:
        async with EventWriter(sink) as writer:
            post(writer, *range(6))
    assert sink.seqs == [0, 1, 2, 4, 5]
    assert "what the caller said" not in str(logs)


async def test_flush_does_not_wait_for_what_others_post_meanwhile() -> None:
    def post_more(rows: Sequence[HotRow]) -> None:
        post(writer, sink.tries, call_id="busy")

    sink = FakeSink(post_more)
    writer = EventWriter(sink)
    writer.start()
    post(writer, 0)
    assert await writer.flush()
    sink.trouble = None
    await writer.close()


async def test_no_words_of_a_caller_reach_the_log() -> None:
    writer = EventWriter(FakeSink(), queue_rows=0)
    with capture_logs() as logs:
        post(writer, 0, 1, words=b'{"text":"my secret"}')
    assert [entry["call_id"] for entry in logs] == ["one"], "once a call, not once a row"
    assert "my secret" not in str(logs)


async def test_a_real_database_that_is_locked_for_a_while(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vivavoce.store.database.BUSY_TIMEOUT_MS", 1)
    path = tmp_path / "viva.db"
    store = await Store.open(f"sqlite:///{path}")
    for call_id in ("one", "two"):
        await store.create_call(
            call_id=call_id, agent_name="a", agent_source="", spec_hash="", code_version="", started_at=0.0
        )
    other = sqlite3.connect(path)
    other.execute("BEGIN IMMEDIATE")
    pauses = Pauses(lambda tries: other.rollback() if tries == 3 else None)
    async with EventWriter(store, pause=pauses) as writer:
        post(writer, *range(200))
        post(writer, 0, call_id="two")
        post(writer, 0, call_id="unknown")
        post(writer, 1, call_id="two", words=b"\xff")
        assert await writer.flush()
        assert writer.lost("unknown") == 1
        assert writer.lost("two") == 1
        assert writer.lost("one") == 0
    other.close()
    assert len(pauses.asked) >= 3
    assert [event.seq for event in await store.events("one")] == list(range(200))
    assert [event.seq for event in await store.events("two")] == [0]
    await store.close()


async def test_how_far_it_is_behind_is_told() -> None:
    away = True
    tried, gate = asyncio.Event(), asyncio.Event()

    def trouble(_: Sequence[HotRow]) -> None:
        if away:
            raise StoreError("away")

    async def pause(_: float) -> None:
        tried.set()
        await gate.wait()

    async with EventWriter(FakeSink(trouble), queue_rows=60, pause=pause) as writer:
        assert (writer.lag_s, writer.failing, writer.dropped) == (0.0, False, 0)
        post(writer, 1)
        began = asyncio.get_running_loop().time()
        await tried.wait()
        assert writer.failing
        assert 0 < writer.lag_s <= asyncio.get_running_loop().time() - began + 0.1
        post(writer, *range(2, 70))
        assert writer.dropped == 8
        away = False
        gate.set()
        assert await writer.flush()
        assert (writer.lag_s, writer.failing) == (0.0, False)


async def test_a_call_that_came_back_is_not_mixed_up_with_what_it_was_before() -> None:
    """Rows of an epoch that is over do not take the place of those that count."""
    sink = FakeSink()
    async with EventWriter(sink) as writer:
        for epoch in (3, 1):
            post(writer, 0, epoch=epoch)
            writer.post_return(StoredReturn("one", epoch, ()))
        assert await writer.flush()
    assert {row.epoch for row in sink.rows} == {1, 3}
    assert len(sink.rows) == 4
