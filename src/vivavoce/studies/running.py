"""Running a study: what is missing is asked for, each ballot is kept as it comes, and the end makes a result of them.

A step asks for some seconds and leaves how far it is in the store, not in the job: ballots under their numbers, what
models said under the hash of what they were asked. Whoever is killed anywhere loses nothing whose answer had come; any
other worker goes on, and so does whoever asks for the same study again. What a model was being asked at that moment (at
most `respondents.llm.AT_ONCE`) it is asked once more, for nobody knows whether it was answered; `usage` counts it as
unheard.
"""

from __future__ import annotations

import platform
import secrets
import time
from collections.abc import Awaitable, Callable
from typing import Any, Literal, TypeAlias

import msgspec

from vivavoce.errors import BusyError, InputError, MissingError, NotHereError, StaleError, VivaError
from vivavoce.jobs.kinds import Job, StepFailed
from vivavoce.jobs.ledger import Ledger
from vivavoce.jobs.port import OVER
from vivavoce.store.database import Database
from vivavoce.store.panels import Panels
from vivavoce.store.studies import StoredStudy, Studies
from vivavoce.studies.canvass import Canvass, Openers
from vivavoce.studies.concluding import conclude
from vivavoce.studies.sources.errors import SourceError

STUDY = "study"
"""The kind of job."""
STEP_S = 5.0
"""For so long a step asks; then the engine remembers it. A job that was cancelled asks nobody new before that, too."""
ASKING = 0.9
"""Of a study's progress; the rest is what is made of the ballots. Not tuned."""
HERE = "here-"
"""How the id of a job begins that no ledger knows."""
TAKEN = "want an open study that nobody else asks for, got one that is over or was just asked for"


class NotToBeHadError(VivaError):
    """Whom or what a study was begun with cannot be opened here. The message is about names and settings."""


ENDS = (MissingError, NotHereError, NotToBeHadError, SourceError, StaleError)
"""What nobody need try again at once, said in words that are ours whole. What another InputError says may quote a
variant or a member: it stays with whoever does the step, who tells its kind alone."""

Announce: TypeAlias = Callable[[Literal["study.done", "study.failed"], dict[str, Any]], Awaitable[None]]
Tell: TypeAlias = Callable[[str, float], None]


class Outcome(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a step leaves for the next one to know: numbers, and no word of anybody."""

    next: Literal["more", "end", "stop", "lost"]
    """ "stop": it does not go on by itself; "lost": another job is at it."""
    panel: str = ""
    asked: int = 0
    abstained: int = 0
    wanted: int = 0
    verdicts: dict[str, str] = {}
    """By respondent: "likely", "leans", "undecided"."""
    problem: str = ""

    @property
    def so_far(self) -> dict[str, Any]:
        far = {"panel": self.panel, "asked": self.asked, "abstained": self.abstained, "wanted": self.wanted}
        return far | ({"verdicts": self.verdicts} if self.verdicts else {})


class Studying:
    """What a job of the kind `study` does. Its argument: `study`, an id.

    Args:
        openers: make respondents and embedders by their names.
        announce: tells webhooks.
        clock: seconds that only grow, for how long a step asks.
        now: Unix seconds.
    """

    def __init__(
        self,
        database: Database,
        openers: Openers,
        announce: Announce,
        *,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._database = database
        self._studies = Studies(database)
        self._openers = openers
        self._announce = announce
        self._clock = clock
        self._now = now

    async def run(self, job: Job) -> dict[str, Any]:
        """The handler.

        Returns:
            how much was asked, and the verdicts; where another job is at it, it ends quietly.
        Raises:
            StepFailed: it does not go on by itself; what was asked is kept.
        """
        study_id = job.args["study"]
        opened: list[Canvass] = []
        told = Outcome(next="more")
        try:
            while told.next == "more":
                told = msgspec.convert(await job.step("ask", self._ask, job, study_id, opened), Outcome)
            if told.next == "end":
                told = msgspec.convert(await job.step("conclude", self._conclude, job, study_id, opened), Outcome)
            if told.next == "lost":
                return told.so_far
            if told.next == "stop":
                raise StepFailed(told.problem)
        except StepFailed as error:
            if not await job.step("put down", self._put_down, job, study_id, str(error)):
                return told.so_far
            await job.step("announce", self._announce, "study.failed", {"study": study_id, **told.so_far})
            raise
        finally:
            for each in opened:
                await each.close()
        await job.progress(1.0, "done")
        await job.step("announce", self._announce, "study.done", {"study": study_id, **told.so_far})
        return told.so_far

    async def _ask(self, job: Job, study_id: str, opened: list[Canvass]) -> Outcome:
        """Ask until it is time."""
        began = self._clock()
        try:
            study = await self._studies.get(study_id)
            if study.job == job.id and study.state == "done":
                return _told(study, "end")
            if study.job == job.id:
                await self._open(job, study, opened)
            while self._clock() - began < STEP_S and await job.goes_on():
                if study.job != job.id:
                    return _told(study, "lost")
                more = await opened[0].some()
                study = await self._studies.get(study_id)
                await job.progress(ASKING * min(1.0, study.asked / max(1, study.wanted)), f"{study.asked} ballots")
                if not more:
                    return _told(study, "end")
        except ENDS as error:
            return Outcome(next="stop", problem=str(error))
        return _told(study, "more")

    async def _open(self, job: Job, study: StoredStudy, opened: list[Canvass]) -> Canvass:
        """What earlier steps of this worker have opened, or now."""
        if not opened:
            panel = await Panels(self._database).get(study.panel_id)
            try:
                opened.append(await Canvass.open(self._database, study, panel, self._openers, goes_on=job.goes_on))
            except (InputError, MissingError) as error:
                raise NotToBeHadError(f"{error}{'' if job.id.startswith(HERE) else _elsewhere()}") from None
        return opened[0]

    async def _conclude(self, job: Job, study_id: str, opened: list[Canvass]) -> Outcome:
        """What comes of the ballots, written where it is not there yet."""
        try:
            study = await self._studies.get(study_id)
            if study.job == job.id and study.state == "open":
                result = await conclude(self._database, study, await self._open(job, study, opened))
                await self._studies.finish(study_id, result, job=job.id, now=self._now())
                study = await self._studies.get(study_id)  # deleted, or another's, by the time it was made
            written = await self._studies.result(study_id)
        except ENDS as error:
            return Outcome(next="stop", problem=str(error))
        if study.job != job.id or written is None:
            return _told(study, "lost")
        verdicts = {each.respondent: each.decision.word for each in written.comparisons}
        return msgspec.structs.replace(_told(study, "end"), verdicts=verdicts)

    async def _put_down(self, job: Job, study_id: str, problem: str) -> bool:
        """Say why it stops; False where another job is at it, and nothing stops."""
        await self._studies.stop(study_id, problem, job=job.id)
        try:
            return (await self._studies.get(study_id)).job == job.id
        except NotHereError:
            return True


async def ask_for(database: Database, ledger: Ledger, study: StoredStudy) -> str:
    """Have a job go on with an open study; its id. One that is at it already goes on.

    Raises:
        BusyError: the one that is at it was told to stop, and has not yet.
        StaleError: the study is over, or somebody asked for it a moment ago.
    """
    job = study.job
    status = None if job is None else await ledger.status(job)
    if status is not None and status.state not in OVER:
        if status.cancel_asked:
            raise BusyError("want a study that nobody is at, got one that is still stopping; ask again in a moment")
        return status.id
    # a job that the ledger has not got may be about to be asked for: whoever does so too asks for the same one
    if job is None or job.startswith(HERE) or status is not None:
        job = secrets.token_hex(8)
    if not await Studies(database).hand_to(study.id, job, before=study.job):
        raise StaleError(TAKEN)
    return await ledger.enqueue(STUDY, {"study": study.id}, key=job)


async def run_study(database: Database, study: StoredStudy, openers: Openers, tell: Tell) -> StoredStudy:
    """Run a study here and now, without a worker; it can be gone on with by one.

    Raises:
        StaleError: the study is over, or somebody asked for it a moment ago.
        StepFailed: it does not go on by itself.
        StoreError: the database does not answer.
    """

    async def announce(_type: str, _data: dict[str, Any]) -> None:
        """Who runs a study by hand sees what comes of it."""

    job = HERE + secrets.token_hex(8)
    studies = Studies(database)
    if not await studies.hand_to(study.id, job, before=study.job):
        raise StaleError(TAKEN)
    await Studying(database, openers, announce).run(_Here(job, {"study": study.id}, tell))
    return await studies.get(study.id)


class _Here:
    """A job without a ledger: each step is done once, and nothing is remembered."""

    call_id = None

    def __init__(self, job_id: str, args: dict[str, Any], tell: Tell) -> None:
        self.id = job_id
        self.args = args
        self._tell = tell

    async def step(self, _name: str, function: Callable[..., Awaitable[Any]], /, *args: Any) -> Any:
        try:
            return msgspec.to_builtins(await function(*args))
        except InputError as error:  # whoever reads it is who asked
            raise StepFailed(str(error)) from None

    async def goes_on(self) -> bool:
        return True

    async def progress(self, fraction: float, note: str = "") -> None:
        self._tell(note, fraction)


def _elsewhere() -> str:
    """Whoever reads why a job ended may have set in their shell the very thing that its worker lacks."""
    return f" (so says the worker that does it, on {platform.node()}: it goes by settings of its own)"


def _told(study: StoredStudy, what: Literal["more", "end", "lost"]) -> Outcome:
    return Outcome(next=what, panel=study.panel_id, asked=study.asked, abstained=study.abstained, wanted=study.wanted)
