"""`viva insights collect`: have workers collect what people say, and watch them if wanted."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vivavoce.app.cli import output
from vivavoce.app.cli.exits import Exit
from vivavoce.app.cli.options import AsJson, Config, Data
from vivavoce.app.cli.running import settings_of, with_store
from vivavoce.errors import InputError

if TYPE_CHECKING:
    from vivavoce.app.settings import Settings
    from vivavoce.jobs.ledger import Ledger
    from vivavoce.store.harvests import StoredHarvest
    from vivavoce.store.store import Store
    from vivavoce.studies.sources.open import Wanted

CorpusName = Annotated[str, typer.Argument(metavar="CORPUS", help="Name of a corpus, such as invoicing.")]


def collect(
    corpus: CorpusName,
    sources: Annotated[
        list[str],
        typer.Argument(metavar="SOURCE...", help="As SOURCE:QUERY, such as 'hackernews:invoicing tool' or file:FILE."),
    ],
    limit: Annotated[
        int, typer.Option(min=1, max=1_000_000, metavar="N", help="Insights to look at, of each source.")
    ] = 1_000,
    wait: Annotated[
        bool, typer.Option("--wait", help="Show how it gets on until it is over; fails when a source does.")
    ] = False,
    as_json: AsJson = False,
    data: Data = None,
    config: Config = None,
) -> None:
    """Collect what people say into a corpus, which is made where it is new; a harvest that stopped goes on.

    A worker does it: that of `viva serve`, one of `viva worker`, or, with --wait where there is none, one for as long.
    """
    from vivavoce.jobs.ledger import Ledger
    from vivavoce.studies.sources.open import parse

    wanted = [_here(parse(text)) for text in sources]
    settings = settings_of(data, config)

    async def work(store: Store) -> list[StoredHarvest]:
        harvests = await _asked(store, corpus, wanted, limit)
        if wait:
            return await _waited(settings, store, harvests)
        await say_if_nobody_works(Ledger(store.database))
        return harvests

    found = with_store(settings, work, must_exist=False)
    if as_json:
        output.document(found)
    else:
        for each in found:
            output.say(told(each))
    if wait and any(each.state == "open" for each in found):
        raise typer.Exit(Exit.FAILED)


def told(harvest: StoredHarvest) -> str:
    """One line of how far a harvest is."""
    parts = [f"{harvest.kept} kept", f"{harvest.known} known"]
    parts += [f"{number} {reason}" for reason, number in harvest.left_out.items()]
    told = f"{harvest.source}:{harvest.query}: {'done' if harvest.state == 'done' else 'open'}, {', '.join(parts)}"
    if harvest.problem:
        told += f"; {harvest.problem}"
    return told if harvest.state == "done" else f"{told}; job {harvest.job}"


def _here(wanted: Wanted) -> Wanted:
    """A file by its whole path: a worker works in another folder."""
    from vivavoce.studies.sources.open import Wanted

    if wanted.source != "file":
        return wanted
    try:
        path = Path(wanted.query).expanduser().resolve()
        there = path.is_file()
    except (OSError, RuntimeError):  # too long a name, links in a circle, a home of nobody
        there = False
    if not there:
        raise InputError(f"want a file, got {wanted.query}")
    return Wanted(wanted.source, str(path))


async def _asked(store: Store, corpus: str, wanted: list[Wanted], limit: int) -> list[StoredHarvest]:
    from vivavoce.jobs.ledger import Ledger
    from vivavoce.store.harvests import Harvests
    from vivavoce.store.insights import Insights
    from vivavoce.studies.harvest import ask_for
    from vivavoce.studies.sources.calls import strangers

    now = time.time()
    harvests, found = Harvests(store.database), []
    await Insights(store.database).create(corpus, now=now)
    for each in wanted:
        if each.source == "calls" and (names := await strangers(store.database, each.query)):
            output.note(f"calls: there is no call of {', '.join(names)} yet")
        harvest = await harvests.begin(corpus, each.source, each.query, most=limit, now=now)
        await ask_for(store.database, Ledger(store.database), harvest)
        found.append(await harvests.get(harvest.id))
    return found


async def _waited(settings: Settings, store: Store, harvests: list[StoredHarvest]) -> list[StoredHarvest]:
    """The harvests, once no job is at them any more."""
    import asyncio

    from vivavoce.jobs.ledger import Ledger
    from vivavoce.store.harvests import Harvests

    ledger = Ledger(store.database)
    somebody = asyncio.create_task(somebody_works(settings, ledger))
    try:
        with output.progress() as tell:
            for number, harvest in enumerate(harvests):
                job = harvest.job
                while job is not None:
                    async for event in ledger.events(job):
                        doing = str(event.data.get("note") or event.data.get("state") or event.kind)
                        tell(f"{harvest.source}: {doing}", event.data.get("progress"))
                    status = await ledger.status(job)
                    result = (status.result if status is not None else None) or {}
                    job = result.get("goes_on")
                    if "wait_s" in result:
                        tell(f"{harvest.source}: asks for time, goes on in {result['wait_s']} s", None)
                harvests[number] = await Harvests(store.database).get(harvest.id)
    finally:
        somebody.cancel()
        await asyncio.gather(somebody, return_exceptions=True)
    return harvests


async def say_if_nobody_works(ledger: Ledger) -> None:
    """Beside a job that was just asked for: it would wait for ever, and look as if it were under way."""
    if not await ledger.workers():
        output.note("no worker is running, so it waits: `viva worker` starts one; the same again with --wait does, too")


async def somebody_works(settings: Settings, ledger: Ledger) -> None:
    """See to it that there is a worker, until cancelled: our own, as soon as there is none."""
    import asyncio

    import msgspec

    from vivavoce.app.workforce import keep_workers
    from vivavoce.jobs.leases import LEASE_S

    while await ledger.workers():  # noqa: ASYNC110  one that was killed is believed to be alive for as long
        await asyncio.sleep(LEASE_S)
    # it speaks up only when something is wrong
    async with keep_workers(msgspec.structs.replace(settings, workers=1, log_level="warning")):
        await asyncio.Event().wait()
