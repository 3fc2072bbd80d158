"""Workers with an engine in memory and clocks that are turned: who does what, and what happens when one dies."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.jobs.conftest import Turned
from tests.jobs.engines import Memory
from vivavoce.errors import InputError, LinkError, StoreError
from vivavoce.jobs import worker as module
from vivavoce.jobs.kinds import Handler, Job, Kind, StepFailed
from vivavoce.jobs.ledger import Ledger
from vivavoce.jobs.port import JobStatus
from vivavoce.jobs.worker import AGAIN_AFTER_S, Worker, WorkerLost
from vivavoce.store.store import Store


async def no_wait(_seconds: float) -> None:
    """Whoever waits does not, but lets others work."""
    await asyncio.sleep(0.001)


class Shop:
    """Workers that share a ledger and what is remembered, and a clock for all."""

    def __init__(self, ledger: Ledger, clock: Turned) -> None:
        self.ledger = ledger
        self.clock = clock
        self.memory = Memory()
        self.done: list[str] = []
        """Steps that ran, in order."""
        self.at_gate: list[str] = []
        """Steps that wait, or did."""
        self.workers: list[Worker] = []
        self.hired = 0

    async def hire(self, *kinds: Kind, at_once: int = 4) -> Worker:
        self.hired += 1
        worker = Worker(self.ledger, kinds, worker_id=f"w{self.hired}", version="1", at_once=at_once, pause=no_wait)
        self.workers.append(worker)
        await worker.begin(self.memory.open)
        return worker

    async def look(self, *workers: Worker, after_s: float = 0.0) -> None:
        """Time passes; the workers look around and start what they find."""
        self.clock.now += after_s
        for worker in workers:
            await worker.beat(self.clock.now)
            await worker.tick(self.clock.now)
            await worker.settle()

    def kill(self, worker: Worker) -> None:
        """As kill -9 does it: no word to anybody."""
        engine = worker._engine
        for task in engine._tasks:  # type: ignore[union-attr]
            task.cancel()
        self.workers.remove(worker)

    async def state(self, job_id: str, *states: str) -> JobStatus:
        """The job, once it is in one of these states."""
        async with asyncio.timeout(10):
            status = await self.ledger.status(job_id)
            while status is None or status.state not in states:
                await asyncio.sleep(0.001)
                status = await self.ledger.status(job_id)
        return status

    def three_steps(self, gate: asyncio.Event | None = None) -> Kind:
        """A job whose second step waits at a gate."""

        async def handler(job: Job) -> Any:
            first = await job.step("one", self.step, f"{job.id}.1")
            await job.progress(0.3, "one done")
            second = await job.step("two", self.step, f"{job.id}.2", gate)
            third = await job.step("three", self.step, f"{job.id}.3")
            return [first, second, third]

        return Kind(name="three", handler=handler)

    async def step(self, name: str, gate: asyncio.Event | None = None) -> str:
        if gate is not None:
            self.at_gate.append(name)
            await gate.wait()
        self.done.append(name)
        return name

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(10):
            while not condition():  # noqa: ASYNC110  threads of the database make it true
                await asyncio.sleep(0.001)


@pytest.fixture
async def shop(ledger: Ledger, clock: Turned) -> Any:
    shop = Shop(ledger, clock)
    yield shop
    for worker in shop.workers:
        await worker.close()


def kind(handler: Handler, **options: Any) -> Kind:
    return Kind(name="k", handler=handler, **options)


async def test_a_job_is_done_and_forgotten(shop: Shop) -> None:
    job = await shop.ledger.enqueue("three", key="j")
    worker = await shop.hire(shop.three_steps())
    await shop.look(worker)
    status = await shop.state(job, "done", "failed")
    assert (status.state, status.progress, status.result) == ("done", 1.0, ["j.1", "j.2", "j.3"])
    await shop.look(worker)
    assert shop.memory.steps == {}
    assert shop.done == ["j.1", "j.2", "j.3"]


async def test_two_workers_at_once_never_claim_one_job(shop: Shop) -> None:
    jobs = [await shop.ledger.enqueue("three") for _ in range(8)]
    workers = [await shop.hire(shop.three_steps()) for _ in range(2)]
    while await shop.ledger.list(state="waiting"):
        await asyncio.gather(*[worker.tick(shop.clock.now) for worker in workers])
    for job in jobs:
        await shop.state(job, "done")
    assert len(shop.done) == len(set(shop.done)) == 24


async def test_a_worker_leaves_some_for_others(shop: Shop) -> None:
    gate = asyncio.Event()
    jobs = [await shop.ledger.enqueue("three") for _ in range(3)]
    one, other = await shop.hire(shop.three_steps(gate), at_once=2), await shop.hire(shop.three_steps(gate))
    await shop.look(one)
    await shop.look(one)
    assert len(await shop.ledger.list(state="running")) == 2
    await shop.look(other)
    assert len(await shop.ledger.list(state="running")) == 3
    gate.set()
    for job in jobs:
        await shop.state(job, "done")


async def test_a_dead_workers_job_goes_on_where_it_stood(shop: Shop) -> None:
    gate = asyncio.Event()
    job = await shop.ledger.enqueue("three", key="j")
    dying, heir = await shop.hire(shop.three_steps(gate)), await shop.hire(shop.three_steps())
    await shop.look(dying, heir)
    await shop.until(lambda: shop.at_gate == ["j.2"])
    shop.kill(dying)
    for _ in range(3):
        await shop.look(heir, after_s=1.0)
    assert (await shop.ledger.status(job)).state == "running"  # type: ignore[union-attr]
    await shop.look(heir, after_s=1.0)
    assert (await shop.state(job, "done")).result == ["j.1", "j.2", "j.3"]
    assert shop.done == ["j.1", "j.2", "j.3"]
    assert [worker.id for worker in await shop.ledger.workers()] == [heir.id]
    whys = [event.data.get("why") for event in await shop.ledger.happened(job)]
    assert "its worker died" in whys


async def test_several_heirs_take_over_once(shop: Shop) -> None:
    gate = asyncio.Event()
    jobs = [await shop.ledger.enqueue("three") for _ in range(4)]
    dying = await shop.hire(shop.three_steps(gate))
    heirs = [await shop.hire(shop.three_steps()) for _ in range(3)]
    await shop.look(dying)
    await shop.until(lambda: len(shop.at_gate) == 4)
    shop.kill(dying)
    for _ in range(4):
        shop.clock.now += 1
        for heir in heirs:
            await heir.beat(shop.clock.now)
        await asyncio.gather(*[heir.tick(shop.clock.now) for heir in heirs])
    for job in jobs:
        await shop.state(job, "done")
    assert len(shop.done) == len(set(shop.done)) == 12


async def test_who_was_taken_for_dead_ends_and_writes_nothing(shop: Shop) -> None:
    gate = asyncio.Event()
    job = await shop.ledger.enqueue("three", key="j")
    stopped, heir = await shop.hire(shop.three_steps(gate)), await shop.hire(shop.three_steps(gate))
    await shop.look(stopped, heir)
    await shop.until(lambda: shop.at_gate == ["j.2"])
    for _ in range(4):  # as under SIGSTOP
        await shop.look(heir, after_s=1.0)
    assert (await shop.ledger.status(job)).state == "running"  # type: ignore[union-attr]
    with pytest.raises(WorkerLost):
        await stopped.beat(shop.clock.now)
    assert await stopped._claims.standing(job) == "lost"
    await stopped._claims.finish(job, "failed", problem="late")
    await stopped._claims.progress(job, 0.9, "late")
    assert await heir._claims.standing(job) == "ours"
    assert "late" not in str(await shop.ledger.happened(job))
    gate.set()
    await shop.state(job, "done")


async def test_after_an_outage_nobody_is_taken_for_dead_at_once(shop: Shop) -> None:
    one, other = await shop.hire(shop.three_steps()), await shop.hire(shop.three_steps())
    for _ in range(5):
        await shop.look(one, other, after_s=1.0)
    await shop.look(one, after_s=20.0)  # the database was away: nobody could beat
    await shop.look(other, one, after_s=1.0)
    assert len(await shop.ledger.workers()) == 2


async def test_who_had_to_wait_for_its_beat_lets_others_come_back(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = await shop.hire(shop.three_steps()), await shop.hire(shop.three_steps())
    for _ in range(5):
        await shop.look(one, other, after_s=1.0)
    await shop.look(one, after_s=2.0)
    with monkeypatch.context() as patch:
        patch.setattr(module, "BEAT_S", 0.0)  # any wait is a long one
        await shop.look(one, after_s=1.5)  # whoever held the lock has let go of it, and `one` was first
    await shop.look(other)
    assert len(await shop.ledger.workers()) == 2


async def test_an_outage_is_outlasted(shop: Shop, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = asyncio.Event()
    job = await shop.ledger.enqueue("three")
    worker = await shop.hire(shop.three_steps(gate))
    await shop.look(worker)
    await shop.until(lambda: len(shop.at_gate) == 1)

    async def away(*_: Any) -> Any:
        raise StoreError("the database is away")

    with monkeypatch.context() as patch:
        patch.setattr(store.database, "rows", away)
        patch.setattr(store.database, "run", away)
        with capture_logs() as logs:
            await shop.look(worker, after_s=2.0)
        assert logs[0]["event"] == "the worker's database does not answer"
        gate.set()
        await shop.until(lambda: len(shop.done) == 2)
        assert worker._hands.keys() == {job}  # it waits for the database before the third step
    await shop.state(job, "done")


async def test_a_running_job_is_cancelled_between_steps(shop: Shop) -> None:
    gate = asyncio.Event()
    job = await shop.ledger.enqueue("three", key="j")
    worker = await shop.hire(shop.three_steps(gate))
    await shop.look(worker)
    await shop.until(lambda: shop.at_gate == ["j.2"])
    assert await shop.ledger.cancel(job)
    gate.set()
    status = await shop.state(job, "cancelled")
    assert status.cancel_asked
    assert shop.done == ["j.1", "j.2"]


@pytest.mark.parametrize("what", ["cancelled", "stopped", "erased"])
async def test_a_step_under_way_knows_that_it_begins_nothing_more(shop: Shop, store: Store, what: str) -> None:
    gate, began, goes_on = asyncio.Event(), asyncio.Event(), []

    async def handler(job: Job) -> None:
        async def step() -> None:
            goes_on.append(await job.goes_on())
            began.set()
            await gate.wait()
            goes_on.append(await job.goes_on())

        await job.step("long", step)

    worker = await shop.hire(kind(handler))
    job = await shop.ledger.enqueue("k")
    await shop.look(worker)
    await began.wait()
    stopping = None
    if what == "cancelled":
        await shop.ledger.cancel(job)
    elif what == "stopped":
        stopping = asyncio.create_task(worker.stop())
        await shop.until(worker._stopping.is_set)
    else:
        async with store.database.begin() as connection:
            await connection.exec_driver_sql("DELETE FROM jobs")
    gate.set()
    await shop.until(lambda: not worker._hands)
    if stopping is not None:
        await stopping
    assert goes_on == [True, False]


async def test_a_job_that_was_erased_is_left(shop: Shop, store: Store) -> None:
    gate = asyncio.Event()
    await shop.ledger.enqueue("three", key="j")
    worker = await shop.hire(shop.three_steps(gate), at_once=1)
    await shop.look(worker)
    await shop.until(lambda: shop.at_gate == ["j.2"])
    async with store.database.begin() as connection:
        await connection.exec_driver_sql("DELETE FROM jobs")
    gate.set()
    await shop.ledger.enqueue("three", key="next")
    await shop.until(lambda: not worker._hands)
    await shop.look(worker)
    await shop.state("next", "done")
    assert "j.3" not in shop.done
    await shop.look(worker, after_s=1_000.0)
    assert "j" not in shop.memory.steps


async def test_stopping_finishes_the_step_and_hands_the_rest_back(shop: Shop) -> None:
    gate = asyncio.Event()
    job = await shop.ledger.enqueue("three", key="j")
    worker = await shop.hire(shop.three_steps(gate))
    await shop.look(worker)
    await shop.until(lambda: shop.at_gate == ["j.2"])
    stopping = asyncio.create_task(worker.stop())
    await shop.until(worker._stopping.is_set)
    gate.set()
    await stopping
    assert shop.done == ["j.1", "j.2"]
    status = await shop.ledger.status(job)
    assert status is not None
    assert status.state == "waiting"
    assert await shop.ledger.workers() == []
    heir = await shop.hire(shop.three_steps())
    await shop.look(heir)
    await shop.state(job, "done")
    assert shop.done == ["j.1", "j.2", "j.3"]


async def test_stopping_does_not_wait_for_ever(shop: Shop) -> None:
    job = await shop.ledger.enqueue("three", key="j")
    worker = await shop.hire(shop.three_steps(asyncio.Event()))
    await shop.look(worker)
    await shop.until(lambda: shop.at_gate == ["j.2"])
    with capture_logs() as logs:
        await worker.stop(within_s=0.0)
    assert "steps under way are left to others" in [line["event"] for line in logs]
    assert (await shop.ledger.status(job)).state == "waiting"  # type: ignore[union-attr]


async def test_a_failing_step_is_tried_again_and_then_fails_the_job(shop: Shop) -> None:
    waits: list[float] = []
    tried = 0

    async def broken() -> None:
        nonlocal tried
        tried += 1
        raise LinkError("the service does not answer")

    async def handler(job: Job) -> None:
        await job.step("send", broken)

    async def pause(seconds: float) -> None:
        waits.append(seconds)

    job = await shop.ledger.enqueue("k")
    worker = await shop.hire(kind(handler, attempts=3, wait_s=2.0))
    worker._pause = pause
    await shop.look(worker)
    status = await shop.state(job, "failed")
    assert status.problem == "step send failed: the service does not answer"
    assert (tried, waits) == (3, [2.0, 6.0])


async def test_what_a_caller_said_stays_out_of_problems_and_logs(shop: Shop) -> None:
    tried = 0

    async def step() -> None:
        nonlocal tried
        tried += 1
        raise InputError("want a number, got 'my secret'")

    async def handler(job: Job) -> None:
        try:
            await job.step("read", step)
        except StepFailed:
            raise ValueError("my secret") from None

    job = await shop.ledger.enqueue("k")
    worker = await shop.hire(kind(handler))
    with capture_logs() as logs:
        await shop.look(worker)
        status = await shop.state(job, "failed")
    assert status.problem == "its handler failed: ValueError"
    assert tried == 1
    assert "my secret" not in str(logs)
    assert "ValueError at test_worker.py" in str(logs)


async def test_a_step_that_hangs_fails(shop: Shop) -> None:
    async def handler(job: Job) -> None:
        await job.step("hang", asyncio.Event().wait)

    job = await shop.ledger.enqueue("k")
    worker = await shop.hire(kind(handler, step_s=0.01, attempts=1))
    await shop.look(worker)
    assert (await shop.state(job, "failed")).problem == "step hang took longer than 0.01 s"


async def test_a_job_that_kills_its_workers_is_given_up(shop: Shop) -> None:
    gate = asyncio.Event()
    job = await shop.ledger.enqueue("three", key="j")
    for _ in range(5):
        worker = await shop.hire(shop.three_steps(gate))
        for _ in range(4):
            await shop.look(worker, after_s=1.0)
        shop.kill(worker)
    heir = await shop.hire(shop.three_steps())
    for _ in range(4):
        await shop.look(heir, after_s=1.0)
    assert (await shop.state(job, "failed")).problem == "5 workers died while they did it"


async def test_a_job_whose_steps_cannot_be_kept_is_put_off(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    job = await shop.ledger.enqueue("three", key="j")
    worker = await shop.hire(shop.three_steps())

    async def full(*_: Any) -> Any:
        raise StoreError("the disk is full")

    for method in ("start", "step"):
        with monkeypatch.context() as patch:
            patch.setattr(worker._engine, method, full)
            await shop.look(worker, after_s=1.0)
            assert (await shop.state(job, "waiting")).state == "waiting"
            await shop.until(lambda: not worker._hands)
            await shop.look(worker, after_s=4.0)
            assert (await shop.ledger.status(job)).state == "waiting"  # type: ignore[union-attr]
    await shop.look(worker, after_s=1.0)
    await shop.state(job, "done")
    assert shop.done == ["j.1", "j.2", "j.3"]


async def test_a_fault_of_the_engine_ends_the_job(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    job = await shop.ledger.enqueue("three")
    worker = await shop.hire(shop.three_steps())

    async def broken(_job: str) -> None:
        raise KeyError("my secret")

    monkeypatch.setattr(worker._engine, "start", broken)
    await shop.look(worker)
    assert (await shop.state(job, "failed")).problem == "it could not be started: KeyError"


async def test_a_result_that_no_database_takes_ends_the_job(shop: Shop) -> None:
    async def handler(_: Job) -> Any:
        return object()

    job = await shop.ledger.enqueue("k")
    worker = await shop.hire(kind(handler))
    await shop.look(worker)
    assert (await shop.state(job, "failed")).problem == "the database refused what came of it"
    await shop.until(lambda: not worker._hands)


async def test_a_claim_whose_answer_was_lost(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    job = await shop.ledger.enqueue("three", key="j")
    worker = await shop.hire(shop.three_steps())
    claim = worker._claims.claim

    async def cut_off(kinds: Any, limit: int) -> Any:
        await claim(kinds, limit)
        raise StoreError("the connection broke after the commit")

    with monkeypatch.context() as patch:
        patch.setattr(worker._claims, "claim", cut_off)
        await shop.look(worker)
    await shop.look(worker, after_s=1.0)
    assert (await shop.state(job, "waiting", "done")).state == "waiting"
    await shop.look(worker, after_s=AGAIN_AFTER_S)
    await shop.state(job, "done")


async def test_a_step_that_cancels_itself_loses_no_job(shop: Shop) -> None:
    tried = 0

    async def step() -> None:
        nonlocal tried
        tried += 1
        if tried == 1:
            raise asyncio.CancelledError

    async def handler(job: Job) -> None:
        await job.step("one", step)

    job = await shop.ledger.enqueue("k")
    worker = await shop.hire(kind(handler))
    await shop.look(worker)
    await shop.until(lambda: not worker._hands)
    await shop.look(worker, after_s=1.0)
    await shop.look(worker, after_s=AGAIN_AFTER_S)
    await shop.state(job, "done")
    assert tried == 2


async def test_a_clock_that_leaps_ahead_kills_nobody_who_asks(shop: Shop) -> None:
    """As on a machine that slept: the clock of the database went on, the one that waits are measured by did not."""
    gate = asyncio.Event()
    job = await shop.ledger.enqueue("three", key="j")
    worker = await shop.hire(shop.three_steps(gate))
    for _ in range(4):
        await shop.look(worker, after_s=1.0)
    await shop.until(lambda: shop.at_gate == ["j.2"])
    awake = shop.clock.now
    shop.clock.now += 3_600
    await worker.tick(awake)
    await worker.beat(awake)
    gate.set()
    await shop.state(job, "done")
    assert shop.at_gate == ["j.2"]


async def test_a_beat_during_the_end_finds_nothing_wrong(shop: Shop) -> None:
    worker = await shop.hire(shop.three_steps())
    await worker.stop()
    await worker.beat(shop.clock.now)  # it was under way while the lease was given back


async def test_what_a_late_worker_needs_is_not_removed(shop: Shop) -> None:
    one, other = await shop.hire(shop.three_steps()), await shop.hire(shop.three_steps())
    await shop.look(one, after_s=3.5)
    assert [worker.id for worker in await shop.ledger.workers()] == [one.id]
    assert shop.memory.tidied == [[one.id, other.id]]


async def test_unknown_kinds_wait_and_are_told_once(shop: Shop) -> None:
    await shop.ledger.enqueue("newer")
    worker = await shop.hire(shop.three_steps())
    with capture_logs() as logs:
        for _ in range(3):
            await shop.look(worker, after_s=1_000.0)
    assert [line["kinds"] for line in logs if "unknown" in line["event"]] == [["newer"]]
    assert [job.state for job in await shop.ledger.list()] == ["waiting"]


async def test_plain_functions_run_in_a_thread_and_results_are_json(shop: Shop) -> None:
    async def handler(job: Job) -> Any:
        return await job.step("add", lambda a, b: (a + b, {"x": b}), 1, 2)

    job = await shop.ledger.enqueue("k")
    worker = await shop.hire(kind(handler))
    await shop.look(worker)
    assert (await shop.state(job, "done")).result == [3, {"x": 2}]


async def test_running_until_told_to_stop(shop: Shop) -> None:
    job = await shop.ledger.enqueue("three", key="j")
    worker = Worker(shop.ledger, [shop.three_steps()], worker_id="w", version="1", pause=no_wait)
    stop = asyncio.Event()
    task = asyncio.create_task(worker.run(shop.memory.open, stop))
    await shop.state(job, "done")
    stop.set()
    await task
    assert await shop.ledger.workers() == []
