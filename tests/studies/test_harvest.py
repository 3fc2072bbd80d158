from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from tests.jobs.conftest import Turned
from tests.store.corpora import NOW, insight
from vivavoce.errors import InputError, MissingError, StaleError
from vivavoce.jobs.kinds import StepFailed
from vivavoce.jobs.ledger import Ledger
from vivavoce.panel.insights import MAX_TEXT_CHARS, Insight
from vivavoce.store import Store
from vivavoce.store.database import table_of
from vivavoce.store.harvests import Harvests, StoredHarvest
from vivavoce.store.insights import Insights
from vivavoce.store.models import Job
from vivavoce.studies.harvest import AGAIN_S, HARVEST, MOST_EMPTY, MOST_WAITS, Harvesting, ask_for
from vivavoce.studies.port import Page
from vivavoce.studies.sources.errors import SourceError


class Died(BaseException):
    """As kill -9 does it."""


Point = Callable[[str], None]


def nowhere(_point: str) -> None: ...


class Shelf:
    """A source: pages of insights, and what goes wrong with them. Its cursor is the number of a page."""

    name = "shelf"

    def __init__(self, pages: list[list[Insight]], *, at: Point = nowhere) -> None:
        self.pages = pages
        self.troubles: list[Exception] = []
        """Raised by the next calls, one each."""
        self.asked: list[str | None] = []
        self.closed = 0
        self.left_out: dict[str, int] = {}
        self._at = at

    async def page(self, query: str, cursor: str | None) -> Page:
        assert query == "late invoices"
        self.asked.append(cursor)
        self._at("asked")
        if self.troubles:
            raise self.troubles.pop(0)
        number = int(cursor or 0)
        total = sum(map(len, self.pages))
        return Page(insights=tuple(self.pages[number]), cursor=self.after(number), left_out=self.left_out, total=total)

    def after(self, number: int) -> str | None:
        return str(number + 1) if number + 1 < len(self.pages) else None

    async def close(self) -> None:
        self.closed += 1


class Hand:
    """Does a job as a worker does: what a step gave is remembered, and is not asked for again."""

    def __init__(self, job_id: str, args: Mapping[str, Any], remembered: list[Any], at: Point = nowhere) -> None:
        self.id = job_id
        self.args = args
        self.call_id = None
        self.told: list[tuple[float, str]] = []
        self._remembered = remembered
        self._count = 0
        self._at = at

    async def step(self, name: str, function: Callable[..., Awaitable[Any]], /, *args: Any) -> Any:
        self._count += 1
        if len(self._remembered) < self._count:
            value = msgspec.json.encode(await function(*args))
            self._at(f"{name} not yet remembered")
            self._remembered.append(msgspec.json.decode(value))
            self._at(f"{name} remembered")
        return self._remembered[self._count - 1]

    async def goes_on(self) -> bool:
        return True

    async def progress(self, fraction: float, note: str = "") -> None:
        self.told.append((fraction, note))


class Farm:
    """A corpus, a shelf to harvest, and a clock that moves a second whenever it is looked at."""

    def __init__(self, store: Store, shelf: Shelf) -> None:
        self.store = store
        self.clock = Turned()
        self.ledger = Ledger(store.database, self.clock)
        self.harvests = Harvests(store.database)
        self.insights = Insights(store.database)
        self.shelf = shelf
        self.remembered: dict[str, list[Any]] = {}
        self.opened: list[str] = []
        self.refusal: Exception | None = None
        self._seconds = 0.0

    async def ask(self, *, most: int = 1_000) -> str:
        await self.insights.create("invoicing", now=NOW)
        harvest = await self.harvests.begin("invoicing", "shelf", "late invoices", most=most, now=NOW)
        return await ask_for(self.store.database, self.ledger, harvest)

    async def do(self, job_id: str, at: Point = nowhere) -> tuple[dict[str, Any], Hand]:
        """A job, by a worker that has just started."""
        hand = Hand(job_id, (await self.row(job_id))["args"], self.remembered.setdefault(job_id, []), at)
        return await Harvesting(self.store.database, self.ledger, self._open, clock=self._tick, now=lambda: NOW).run(
            hand
        ), hand

    async def row(self, job_id: str) -> dict[str, Any]:
        (row,) = await self.store.database.rows(select(table_of(Job)).where(Job.id == job_id))
        return row

    async def harvest(self) -> StoredHarvest:
        return (await self.harvests.of("invoicing"))[0]

    async def refs(self) -> list[str]:
        return sorted(
            [each.insight.ref for each in await self.insights.page("invoicing", copies=True, limit=10_000)], key=int
        )

    def _open(self, name: str) -> Shelf:
        self.opened.append(name)
        if self.refusal is not None:
            raise self.refusal
        return self.shelf

    def _tick(self) -> float:
        self._seconds += 1
        return self._seconds


def pages(*sizes: int) -> list[list[Insight]]:
    numbers = iter(range(1, 10_000))
    return [[insight(next(numbers)) for _ in range(size)] for size in sizes]


def refs(count: int) -> list[str]:
    return [str(number) for number in range(1, count + 1)]


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    store = await Store.open(database_url)
    yield store
    await store.close()


async def test_all_pages_are_kept_and_counted(store: Store) -> None:
    farm = Farm(store, Shelf(pages(3, 0, 4, 2)))
    farm.shelf.left_out = {"deleted": 1}
    result, hand = await farm.do(await farm.ask())
    assert result == {"kept": 9, "known": 0, "left_out": {"deleted": 4}, "copies": 8}
    assert farm.shelf.asked == [None, "1", "2", "3"]
    assert (farm.opened, farm.shelf.closed) == (["shelf"], 1)
    assert hand.told[-1] == (1.0, "9 insights")
    assert await farm.refs() == refs(9)
    assert (await farm.harvest()).state == "done"


async def test_a_step_takes_pages_for_some_seconds_only(store: Store) -> None:
    """The clock moves a second a page; what a step leaves is small and holds no word of anybody."""
    farm = Farm(store, Shelf(pages(*[1] * 12)))
    job = await farm.ask()
    await farm.do(job)
    first, second, third, copied = farm.remembered[job]
    assert [step["next"] for step in (first, second, third)] == ["more", "more", "end"]
    assert [step["pages"] for step in (first, second, third)] == [4, 4, 4]
    assert copied == 11
    assert b"invoice" not in msgspec.json.encode([step | {"corpus": ""} for step in (first, second, third)]).lower()


async def test_whoever_is_killed_anywhere_loses_and_doubles_nothing(store: Store) -> None:
    """Before and after each question, each commit and each step: whoever comes next goes on."""
    passed: list[str] = []
    farm = Farm(store, Shelf(pages(2, 2, 2, 1, 2, 2, 1)))
    clean, _ = await farm.do(await farm.ask(), passed.append)
    assert (clean["kept"], len(passed)) == (12, 6)
    keeps = "keep begun", "kept"
    dies_at = 0
    while True:
        await farm.insights.delete("invoicing")
        left = dies_at

        def die(_point: str) -> None:
            nonlocal left
            left -= 1
            if left < 0:
                raise Died

        farm.shelf = Shelf(pages(2, 2, 2, 1, 2, 2, 1), at=die)
        job = await farm.ask()
        try:
            await _with_deaths_in_keep(farm, job, die, keeps)
        except Died:
            left = 1_000
            result, _ = await farm.do(job)
            assert result == clean, dies_at
        else:
            break
        assert await farm.refs() == refs(12), dies_at
        harvest = await farm.harvest()
        assert (harvest.kept, harvest.known, harvest.pages, harvest.state) == (12, 0, 7, "done"), dies_at
        dies_at += 1
    assert dies_at > 25


async def _with_deaths_in_keep(farm: Farm, job: str, die: Point, points: tuple[str, str]) -> None:
    keep = Harvests.keep

    async def deadly(self: Harvests, *args: Any, **more: Any) -> StoredHarvest:
        die(points[0])
        after = await keep(self, *args, **more)
        die(points[1])
        return after

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Harvests, "keep", deadly)
        await farm.do(job, die)


async def test_enough_is_enough(store: Store) -> None:
    """In the middle of a page, exactly; what was known before counts."""
    farm = Farm(store, Shelf(pages(3, 3, 3)))
    await farm.insights.create("invoicing", now=NOW)
    await farm.insights.add("invoicing", [insight(2)], now=NOW)
    result, _ = await farm.do(await farm.ask(most=5))
    assert (result["kept"], result["known"]) == (4, 1)
    assert farm.shelf.asked == [None, "1"]
    assert await farm.refs() == refs(5)


async def test_what_no_database_takes_costs_itself_only(store: Store) -> None:
    bad = [
        insight(5, text=" \n "), insight(6, text="a\0b"), insight(7, text="a" * (MAX_TEXT_CHARS + 1)),
        insight(8, title="\udc80"), insight(9, tags=("a\0",)), insight(10, text="a" * MAX_TEXT_CHARS),
    ]  # fmt: skip
    farm = Farm(store, Shelf([[insight(1), *bad]]))
    result, _ = await farm.do(await farm.ask())
    assert result["left_out"] == {"empty": 1, "too-long": 1, "unreadable": 3}
    assert await farm.refs() == ["1", "10"]


async def test_where_a_source_asks_for_time_another_job_goes_on_later(store: Store) -> None:
    farm = Farm(store, Shelf(pages(2, 2)))
    first = await farm.ask()
    farm.shelf.troubles = [SourceError("shelf asks us to wait 90 s", kind="wait", wait_s=90.0)]
    result, _ = await farm.do(first)
    assert result == {"kept": 0, "known": 0, "left_out": {}, "goes_on": f"{first}.1", "wait_s": 90}
    assert (await farm.harvest()).problem == "shelf asks us to wait 90 s"
    row = await farm.row(f"{first}.1")
    assert (row["kind"], row["run_at"]) == (HARVEST, farm.clock.now + 90)
    assert await farm.ask() == f"{first}.1", "it is waited for, not begun again"
    result, _ = await farm.do(f"{first}.1")
    assert (result["kept"], await farm.refs()) == (4, refs(4))
    assert (await farm.harvest()).problem == ""


async def test_a_job_that_handed_on_hands_on_once(store: Store) -> None:
    """It died before anybody remembered that it had. Done again with nothing remembered, it leaves it to the other."""
    farm = Farm(store, Shelf(pages(1)))
    first = await farm.ask()

    def die(point: str) -> None:
        if point == "hand on not yet remembered":
            raise Died

    farm.shelf.troubles = [SourceError("wait", kind="wait", wait_s=90.0)]
    with pytest.raises(Died):
        await farm.do(first, die)
    result, _ = await farm.do(first)
    assert result["goes_on"] == f"{first}.1"
    assert len(await farm.ledger.list(kind=HARVEST)) == 2
    del farm.remembered[first]
    result, _ = await farm.do(first)
    assert (result["goes_on"], farm.shelf.asked) == (f"{first}.1", [None])


async def test_a_source_that_fails_is_asked_again_a_few_times_and_then_given_up(store: Store) -> None:
    farm = Farm(store, Shelf(pages(2, 2)))
    job = await farm.ask()
    waits = []
    for _ in AGAIN_S:
        farm.shelf.troubles = [SourceError("shelf failed: HTTP 502", kind="transient")]
        result, _ = await farm.do(job)
        waits.append(result["wait_s"])
        job = result["goes_on"]
    assert waits == list(AGAIN_S)
    farm.shelf.troubles = [SourceError("shelf failed: HTTP 502", kind="transient")]
    with pytest.raises(StepFailed, match="shelf failed: HTTP 502"):
        await farm.do(job)
    harvest = await farm.harvest()
    assert (harvest.state, harvest.problem) == ("open", "shelf failed: HTTP 502")
    await farm.ledger.cancel(job)
    result, _ = await farm.do(await farm.ask())
    assert (result["kept"], (await farm.harvest()).id) == (4, harvest.id), "it goes on where it stopped"


async def test_a_page_in_between_counts_the_failures_anew(store: Store) -> None:
    farm = Farm(store, Shelf(pages(*[1] * 8)))
    job = await farm.ask()
    trouble = SourceError("shelf failed", kind="transient")
    for _ in range(6):
        page = farm.shelf.page
        asked = 0

        async def one_then_trouble(query: str, cursor: str | None, page: Any = page) -> Page:
            nonlocal asked
            asked += 1
            if asked > 1:
                raise trouble
            return await page(query, cursor)  # type: ignore[no-any-return]

        farm.shelf.page = one_then_trouble  # type: ignore[method-assign]
        result, _ = await farm.do(job)
        farm.shelf.page = page  # type: ignore[method-assign]
        assert result["wait_s"] == AGAIN_S[0]
        job = result["goes_on"]
    assert (await farm.harvest()).kept == 6


async def test_a_source_that_only_ever_asks_for_time_is_given_up(store: Store) -> None:
    farm = Farm(store, Shelf(pages(1)))
    job = await farm.ask()
    wait = SourceError("shelf asks us to wait", kind="wait", wait_s=3_600.0)
    for _ in range(MOST_WAITS):
        farm.shelf.troubles = [wait]
        job = (await farm.do(job))[0]["goes_on"]
    farm.shelf.troubles = [wait]
    with pytest.raises(StepFailed, match="asks us to wait"):
        await farm.do(job)


@pytest.mark.parametrize(
    "error",
    [
        SourceError("shelf does not let us in; look at the setting shelf_key", kind="refused", setting="shelf_key"),
        SourceError("shelf has changed: want a page, got another", kind="changed"),
        SourceError("shelf does not have it", kind="gone"),
        InputError("want a query of one word, got two"),
        MissingError("no shelf", remedy="Build one"),
    ],
)
async def test_what_waiting_does_not_mend_fails_with_its_reason(store: Store, error: Exception) -> None:
    farm = Farm(store, Shelf(pages(2, 2)))
    job = await farm.ask()
    farm.shelf.troubles = [error]
    with pytest.raises(StepFailed) as caught:
        await farm.do(job)
    assert str(caught.value) == str(error) == (await farm.harvest()).problem
    assert farm.shelf.closed == 1
    await farm.ledger.cancel(job)
    farm.refusal = error
    with pytest.raises(StepFailed) as caught:
        await farm.do(await farm.ask())
    assert str(caught.value) == str(error)


async def test_a_source_that_leads_in_circles_is_left(store: Store) -> None:
    farm = Farm(store, Shelf(pages(2, 2)))
    farm.shelf.after = lambda number: str(number)  # type: ignore[method-assign]
    job = await farm.ask()
    with pytest.raises(StepFailed, match="shelf leads nowhere"):
        await farm.do(job)
    assert farm.shelf.asked == [None, "0"]


async def test_pages_of_what_is_left_out_are_not_nothing(store: Store) -> None:
    """Thousands of stars without a word: the words come after them."""
    farm = Farm(store, Shelf(pages(*[0] * (MOST_EMPTY + 5), 1)))
    farm.shelf.left_out = {"empty": 100}
    result, _ = await farm.do(await farm.ask())
    assert (result["kept"], result["left_out"]) == (1, {"empty": 100 * (MOST_EMPTY + 6)})


@pytest.mark.parametrize("error", [SourceError("another file", kind="gone"), InputError("want a cursor, got another")])
async def test_where_a_cursor_holds_no_longer_it_is_begun_anew_and_says_so(store: Store, error: Exception) -> None:
    farm = Farm(store, Shelf(pages(2, 2, 2)))
    job = await farm.ask(most=6)
    page, dead = farm.shelf.page, False

    async def dies_once(query: str, cursor: str | None) -> Page:
        nonlocal dead
        if cursor == "2" and not dead:
            dead = True
            raise error
        return await page(query, cursor)

    farm.shelf.page = dies_once  # type: ignore[method-assign]
    result, hand = await farm.do(job)
    assert result == {"kept": 2, "known": 4, "left_out": {}, "copies": 5, "begun_anew": True}
    assert farm.shelf.asked == [None, "1", None, "1", "2"]
    assert any("begun anew" in note for _, note in hand.told)
    assert await farm.refs() == refs(6)


async def test_where_no_cursor_holds_it_is_begun_anew_once_only(store: Store) -> None:
    """By the job that goes on after a wait as well."""
    farm = Farm(store, Shelf(pages(1, 1, 1)))
    page = farm.shelf.page
    waited = False

    async def first_only(query: str, cursor: str | None) -> Page:
        nonlocal waited
        given = await page(query, None if cursor is None else cursor)
        if cursor is None:
            return given
        if farm.shelf.asked.count(None) == 2 and not waited:
            waited = True
            raise SourceError("wait", kind="wait", wait_s=1.0)
        raise SourceError("shelf does not have it", kind="gone")

    farm.shelf.page = first_only  # type: ignore[method-assign]
    result, _ = await farm.do(await farm.ask())
    with pytest.raises(StepFailed, match="does not have it"):
        await farm.do(result["goes_on"])
    assert farm.shelf.asked == [None, "1", None, "1", "1"]


async def test_waits_that_were_asked_for_are_no_failures(store: Store) -> None:
    farm = Farm(store, Shelf(pages(1)))
    job = await farm.ask()
    for _ in range(len(AGAIN_S) + 1):
        farm.shelf.troubles = [SourceError("wait", kind="wait", wait_s=1.0)]
        job = (await farm.do(job))[0]["goes_on"]
    for wait_s in AGAIN_S:
        farm.shelf.troubles = [SourceError("shelf failed", kind="transient")]
        result, _ = await farm.do(job)
        assert result["wait_s"] == wait_s
        job = result["goes_on"]
    assert (await farm.do(job))[0]["kept"] == 1


async def test_fewer_than_there_are_by_now_are_enough(store: Store) -> None:
    farm = Farm(store, Shelf(pages(3, 3, 3)))
    job = await farm.ask()
    page = farm.shelf.page

    async def one(query: str, cursor: str | None) -> Page:
        if cursor is not None:
            raise SourceError("shelf has changed", kind="changed")
        return await page(query, cursor)

    farm.shelf.page = one  # type: ignore[method-assign]
    with pytest.raises(StepFailed):
        await farm.do(job)
    farm.shelf.page = page  # type: ignore[method-assign]
    await farm.ledger.cancel(job)
    result, _ = await farm.do(await farm.ask(most=1))
    assert (result["kept"], await farm.refs()) == (3, refs(3))


@pytest.mark.parametrize("claimed", [2**63, 2**31, -1])
async def test_what_a_source_claims_is_no_number_too_large_to_keep(store: Store, claimed: int) -> None:
    farm = Farm(store, Shelf(pages(1)))
    page = farm.shelf.page

    async def boasts(query: str, cursor: str | None) -> Page:
        return msgspec.structs.replace(await page(query, cursor), total=claimed, left_out={"folded": claimed})

    farm.shelf.page = boasts  # type: ignore[method-assign]
    await farm.do(await farm.ask())
    kept = min(max(0, claimed), 2**31 - 1)
    harvest = await farm.harvest()
    assert (harvest.total, harvest.left_out) == (kept, {"folded": kept})


async def test_a_source_that_has_nothing_page_after_page_is_left(store: Store) -> None:
    farm = Farm(store, Shelf(pages(*[0] * (MOST_EMPTY + 5))))
    with pytest.raises(StepFailed, match="shelf leads nowhere"):
        await farm.do(await farm.ask())
    assert len(farm.shelf.asked) == MOST_EMPTY, "counted over steps"


async def test_a_corpus_that_is_deleted_ends_the_job(store: Store) -> None:
    farm = Farm(store, Shelf(pages(*[1] * 9)))
    job = await farm.ask()

    def delete(point: str) -> None:
        if point == "pages remembered":
            raise Died

    with pytest.raises(Died):
        await farm.do(job, delete)
    await farm.insights.delete("invoicing")
    with pytest.raises(StepFailed, match="whose corpus was deleted"):
        await farm.do(job)


async def test_a_job_whose_harvest_others_took_over_leaves_it_to_them(store: Store) -> None:
    farm = Farm(store, Shelf(pages(*[1] * 9)))
    job = await farm.ask()
    harvest = await farm.harvest()
    page = farm.shelf.page

    async def meanwhile(query: str, cursor: str | None) -> Page:
        if len(farm.shelf.asked) == 2:
            await farm.harvests.hand_to(harvest.id, "other", before=job)
        return await page(query, cursor)

    farm.shelf.page = meanwhile  # type: ignore[method-assign]
    result, _ = await farm.do(job)
    assert result == {"kept": 2, "known": 0, "left_out": {}, "goes_on": "other"}
    assert await farm.refs() == refs(2)


async def test_who_asks_twice_gets_the_job_that_is_at_it(store: Store) -> None:
    farm = Farm(store, Shelf(pages(1)))
    job = await farm.ask()
    assert await farm.ask() == job
    await farm.ledger.cancel(job)
    asked = await asyncio.gather(farm.ask(), farm.ask(), return_exceptions=True)
    good = {each for each in asked if isinstance(each, str)}
    assert len(good) == 1
    assert good != {job}
    assert all(isinstance(each, StaleError) for each in asked if not isinstance(each, str))


async def test_what_was_said_before_is_found_at_the_end(store: Store) -> None:
    again = insight(3, text=insight(1).text + " Thanks.", said_at=5.0)
    other = insight(2, text="The button that sends reminders is three screens away from the list of what is open.")
    farm = Farm(store, Shelf([[insight(1, said_at=9.0), other], [again]]))
    result, _ = await farm.do(await farm.ask())
    assert (result["kept"], result["copies"]) == (3, 1)
    assert (await farm.insights.get("invoicing", insight(1).id)).same_as == again.id
