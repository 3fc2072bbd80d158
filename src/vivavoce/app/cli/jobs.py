"""`viva jobs`: background work, and how far it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from vivavoce.app.cli import output
from vivavoce.app.cli.exits import Exit
from vivavoce.app.cli.group import Group
from vivavoce.app.cli.options import AsJson, Config, Data
from vivavoce.app.cli.running import settings_of, with_store
from vivavoce.errors import NotHereError

if TYPE_CHECKING:
    from vivavoce.jobs.ledger import Ledger
    from vivavoce.jobs.port import JobStatus
    from vivavoce.store.store import Store

app = typer.Typer(cls=Group, help="Background work: what was asked for, and how far it is.")

JobId = Annotated[str, typer.Argument(metavar="JOB", help="Id of a job.")]
State = Literal["waiting", "running", "done", "failed", "cancelled"]


@app.command("list")
def list_(
    state: Annotated[State | None, typer.Option(help="Only those in this state.")] = None,
    kind: Annotated[str | None, typer.Option(metavar="KIND", help="Only those of this kind.")] = None,
    call: Annotated[str | None, typer.Option(metavar="CALL", help="Only those about this call.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, metavar="N", help="The newest so many.")] = 20,
    as_json: AsJson = False,
    data: Data = None,
    config: Config = None,
) -> None:
    """The newest jobs."""

    async def work(store: Store) -> list[JobStatus]:
        return await _ledger(store).list(state=state, kind=kind, call_id=call, limit=limit)

    found = with_store(settings_of(data, config), work)
    if as_json:
        output.document(found)
        return
    rows = [
        (job.id, job.kind, job.state, f"{job.progress:.0%}", output.moment(job.created_at), job.call_id, job.problem)
        for job in found
    ]
    output.table(["job", "kind", "state", "done", "asked for", "call", "problem"], rows, empty="no jobs")


@app.command()
def show(job_id: JobId, as_json: AsJson = False, data: Data = None, config: Config = None) -> None:
    """One job."""
    import msgspec

    found = with_store(settings_of(data, config), lambda store: _found(store, job_id))
    if as_json:
        output.document(found)
        return
    for name, value in msgspec.structs.asdict(found).items():
        shown = output.moment(value) if name.endswith("_at") else value
        output.say(f"{name}: {'' if shown is None else shown}")


@app.command()
def watch(job_id: JobId, data: Data = None, config: Config = None) -> None:
    """Show how a job gets on until it is over; fails when the job does."""

    async def work(store: Store) -> JobStatus:
        await _found(store, job_id)
        with output.progress() as tell:
            async for event in _ledger(store).events(job_id):
                doing = str(event.data.get("note") or event.data.get("state") or event.kind)
                tell(f"{job_id}: {doing}", event.data.get("progress"))
        return await _found(store, job_id)

    found = with_store(settings_of(data, config), work)
    output.say(f"{job_id}: {found.state}" + (f": {found.problem}" if found.problem else ""))
    if found.state != "done":
        raise typer.Exit(Exit.FAILED)


@app.command()
def cancel(job_id: JobId, data: Data = None, config: Config = None) -> None:
    """Have a job stopped: at once while it waits, otherwise before its next step. A study asks no model for anything
    more from then on; what is under way is heard, and kept.
    """

    async def work(store: Store) -> JobStatus:
        if not await _ledger(store).cancel(job_id):
            raise NotHereError(f"want the id of a job that is not over, got {job_id[:64]!a}")
        return await _found(store, job_id)

    found = with_store(settings_of(data, config), work)
    output.say(f"{job_id}: {'cancelled' if found.state == 'cancelled' else _ends(found)}")


def _ends(job: JobStatus) -> str:
    from vivavoce.studies.respondents.llm import AT_ONCE
    from vivavoce.studies.running import STUDY

    if job.kind != STUDY:
        return "ends before its next step"
    return f"asks no model for anything more, and ends; what is under way, at most {AT_ONCE} ballots, is heard and kept"


def _ledger(store: Store) -> Ledger:
    from vivavoce.jobs.ledger import Ledger

    return Ledger(store.database)


async def _found(store: Store, job_id: str) -> JobStatus:
    job = await _ledger(store).status(job_id)
    if job is None:
        raise NotHereError(f"want the id of a job, got {job_id[:64]!a}")
    return job
