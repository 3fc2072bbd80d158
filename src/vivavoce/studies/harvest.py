"""Collecting as a durable job: a page, its rows and the cursor after it are one transaction, so that whoever is killed
anywhere loses nothing and doubles nothing, and any other worker goes on.

A step takes pages for some seconds and leaves how far it is in the store, not in the job. One that is done again begins
where the store says. Where a source asks for time, the job ends and another one goes on later: no worker sleeps.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import Counter
from collections.abc import Callable
from typing import Any, Literal

import msgspec

from vivavoce.errors import InputError, MissingError, NotHereError, StaleError
from vivavoce.jobs.kinds import Job, StepFailed
from vivavoce.jobs.ledger import Ledger
from vivavoce.jobs.port import OVER
from vivavoce.panel.duplicates import copies
from vivavoce.panel.insights import MAX_TEXT_CHARS, Insight
from vivavoce.store.database import Database
from vivavoce.store.harvests import Harvests, StoredHarvest
from vivavoce.store.insights import Insights
from vivavoce.studies.port import Page, Source
from vivavoce.studies.sources.errors import SourceError

HARVEST = "harvest"
"""The kind of job."""
STEP_S = 5.0
"""For so long a step takes pages; after it a job that was cancelled stops, and the engine remembers the step, which
costs some 15 ms (`python -m bench jobs`): 0.3 % of that."""
AGAIN_S = (60.0, 600.0, 3_600.0)
"""Waits after failures in a row of a source that may be back later; then somebody has to look. Not tuned."""
MOST_WAITS = 24
"""How often in a row a source may ask for time without giving a page. Not tuned: quotas last an hour or a day."""
MOST_EMPTY = 50
"""Pages in a row with nothing in them, not even what is left out, after which a source is said to lead nowhere. Not
tuned: a thousand reviews without words happen, fifty pages of nothing do not."""
MOST_COUNTED = 2**31 - 1
"""What a source claims to have beyond it is no number that a database takes, and nobody's."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a step of pages leaves for the next one to know: numbers, and no word of anybody."""

    next: Literal["more", "end", "later", "stop", "lost"]
    """ "later": the source asks for time, or failed; "stop": it does not give it; "lost": another job goes on."""
    corpus: str
    kept: int
    known: int
    left_out: dict[str, int]
    pages: int = 0
    """Kept in this step."""
    empty: int = 0
    """Pages in a row with nothing in them, up to now."""
    anew: bool = False
    """The cursor held no longer, and it was begun anew: once a harvest's jobs, or two places that do not agree would
    never come to an end."""
    asked: bool = False
    """The source asked for time, and did not fail."""
    wait_s: float = 0.0
    problem: str = ""
    job: str | None = None
    """Who goes on with it instead."""

    @property
    def so_far(self) -> dict[str, Any]:
        far = {"kept": self.kept, "known": self.known, "left_out": self.left_out}
        return far | {"begun_anew": True} if self.anew else far


class Harvesting:
    """What a job of the kind `harvest` does. Its arguments: `harvest`, an id; `round`, how many jobs there were before
    it; `fruitless` and `waits`, how many of them since the last page failed, and were asked for time; `anew`, whether
    one of them began at the beginning again.

    Args:
        open_source: makes a source by its name; it is closed with the job.
        clock: seconds that only grow, for how long a step takes.
        now: Unix seconds.
    """

    def __init__(
        self,
        database: Database,
        ledger: Ledger,
        open_source: Callable[[str], Source],
        *,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._harvests = Harvests(database)
        self._insights = Insights(database)
        self._ledger = ledger
        self._open_source = open_source
        self._clock = clock
        self._now = now

    async def run(self, job: Job) -> dict[str, Any]:
        """The handler.

        Returns:
            what was collected; with `goes_on`, the job that goes on with it, where the source asked for time or others
            took it over.
        Raises:
            StepFailed: the source does not give it, and will not by itself.
        """
        harvest_id, anew = job.args["harvest"], job.args.get("anew", False)
        fruitless, waits = job.args.get("fruitless", 0), job.args.get("waits", 0)
        opened: list[Source] = []
        empty = 0
        try:
            while True:
                step = await job.step("pages", self._pages, job, harvest_id, empty, anew, opened)
                told = msgspec.convert(step, Outcome)
                fruitless, waits = (0, 0) if told.pages else (fruitless, waits)
                empty, anew = told.empty, told.anew
                if told.next != "more":
                    break
        finally:
            for source in opened:
                await source.close()
        if told.next == "lost":
            return told.so_far | {"goes_on": told.job}
        if told.next == "later" and (waits < MOST_WAITS if told.asked else fruitless < len(AGAIN_S)):
            wait_s = told.wait_s if told.asked else AGAIN_S[fruitless]
            counts = {"fruitless": fruitless + (not told.asked), "waits": waits + told.asked, "anew": anew}
            goes_on = await job.step("hand on", self._hand_on, job, harvest_id, counts, wait_s)
            return told.so_far | {"goes_on": goes_on, "wait_s": round(wait_s)}
        if told.next != "end":
            raise StepFailed(told.problem)
        return told.so_far | {"copies": await job.step("copies", self._find_copies, told.corpus)}

    async def _pages(self, job: Job, harvest_id: str, empty: int, anew: bool, opened: list[Source]) -> Outcome:
        """Take pages until it is time."""
        try:
            first = harvest = await self._harvests.get(harvest_id)
        except NotHereError as error:
            return Outcome(next="stop", corpus="", kept=0, known=0, left_out={}, problem=str(error))
        began = self._clock()
        try:
            while harvest.state == "open" and harvest.job == job.id and self._clock() - began < STEP_S:
                if not opened:
                    opened.append(self._open_source(harvest.source))
                before = harvest
                try:
                    page = await opened[0].page(harvest.query, harvest.cursor)
                except (SourceError, InputError) as error:
                    if anew or harvest.cursor is None or not _lost_the_place(error):
                        raise
                    # the file is another, the token ran out: what is known costs nothing to read again
                    harvest, anew = await self._harvests.begin_anew(harvest), True
                    await job.progress(0.0, "begun anew: the place where it stopped is there no more")
                    continue
                harvest = await self._keep(harvest, page)
                await job.progress(harvest.fraction, f"{harvest.seen} insights")
                empty = 0 if page.insights or any(page.left_out.values()) else empty + 1
                if harvest.state == "open" and (harvest.cursor == before.cursor or empty >= MOST_EMPTY):
                    problem = f"{harvest.source} leads nowhere: page after page, and nothing new"
                    await self._harvests.stop(harvest, problem)
                    return _told(first, harvest, "stop", anew=anew, problem=problem)
        except StaleError:
            pass  # the next step sees whose it is
        except (SourceError, InputError, MissingError) as error:
            await self._harvests.stop(harvest, str(error))
            if not isinstance(error, SourceError) or error.kind not in ("wait", "transient"):
                return _told(first, harvest, "stop", anew=anew, problem=str(error))
            more = {"empty": empty, "anew": anew, "asked": error.kind == "wait", "wait_s": error.wait_s}
            return _told(first, harvest, "later", problem=str(error), **more)
        if harvest.state == "done":
            return _told(first, harvest, "end", anew=anew)
        if harvest.job != job.id:
            return _told(first, harvest, "lost", anew=anew, job=harvest.job)
        return _told(first, harvest, "more", empty=empty, anew=anew)

    async def _keep(self, harvest: StoredHarvest, page: Page) -> StoredHarvest:
        left_out = Counter({reason: _counted(count) for reason, count in page.left_out.items()})
        fit: list[Insight] = []
        for insight in page.insights:
            if reason := _unfit(insight):
                left_out[reason] += 1
            else:
                fit.append(insight)
        room = max(0, harvest.most - harvest.seen)  # somebody may ask for fewer than there are by now
        return await self._harvests.keep(
            harvest,
            fit[:room],
            cursor=page.cursor,
            over=page.cursor is None or len(fit) >= room,
            left_out=left_out,
            total=None if page.total is None else _counted(page.total),
            now=self._now(),
        )

    async def _hand_on(self, job: Job, harvest_id: str, counts: dict[str, int], wait_s: float) -> str | None:
        """Have another job go on after a while. Done twice, it asks for the same one."""
        number = job.args.get("round", 0) + 1
        other = f"{job.id.partition('.')[0]}.{number}"
        await self._harvests.hand_to(harvest_id, other, before=job.id)
        harvest = await self._harvests.get(harvest_id)
        if harvest.job == other:
            args = {"harvest": harvest_id, "round": number, **counts}
            await self._ledger.enqueue(HARVEST, args, key=other, delay_s=wait_s)
        return harvest.job

    async def _find_copies(self, corpus: str) -> int:
        """How many insights of the corpus say again what others of it said, now."""
        everything = [each.insight async for piece in self._insights.iterate(corpus, copies=True) for each in piece]
        same_as = await asyncio.to_thread(copies, everything)
        await self._insights.mark_copies(corpus, same_as)
        return len(same_as)


async def ask_for(database: Database, ledger: Ledger, harvest: StoredHarvest) -> str:
    """Have a job go on with a harvest; its id. One that is at it already goes on."""
    if harvest.job is not None:
        status = await ledger.status(harvest.job)
        if status is not None and status.state not in OVER:
            return harvest.job
    job = secrets.token_hex(8)
    if not await Harvests(database).hand_to(harvest.id, job, before=harvest.job):
        raise StaleError("want a harvest that nobody else asks for, got one that somebody just asked for; look again")
    return await ledger.enqueue(HARVEST, {"harvest": harvest.id}, key=job)


def _told(
    first: StoredHarvest, last: StoredHarvest, what: Literal["more", "end", "later", "stop", "lost"], **more: Any
) -> Outcome:
    return Outcome(
        next=what,
        corpus=last.corpus,
        kept=last.kept,
        known=last.known,
        left_out=last.left_out,
        pages=last.pages - first.pages,
        **more,
    )


def _lost_the_place(error: SourceError | InputError) -> bool:
    """Whether asking from the beginning may help where a cursor does not."""
    return isinstance(error, InputError) or error.kind == "gone"


def _counted(claimed: int) -> int:
    return min(max(0, claimed), MOST_COUNTED)


def _unfit(insight: Insight) -> str:
    """Why no database would take it, or nobody could use it; nothing where it is fit."""
    if not insight.text.strip():
        return "empty"
    if len(insight.text) > MAX_TEXT_CHARS:
        return "too-long"
    values = msgspec.structs.astuple(insight)
    text = "".join([*(value for value in values if isinstance(value, str)), *insight.tags])
    return "unreadable" if "\0" in text or any("\ud800" <= sign <= "\udfff" for sign in text) else ""
