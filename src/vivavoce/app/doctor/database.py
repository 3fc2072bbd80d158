"""Checks of the database and of what is kept in it: its schema, its secrets, its jobs, its agents."""

from __future__ import annotations

import asyncio
import os
import stat
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from vivavoce.app.agent_shelf import read
from vivavoce.app.doctor.finding import Finding, fail, ok, warn
from vivavoce.app.filing import database_url, revision_of
from vivavoce.app.settings import LOOPBACK, Settings
from vivavoce.errors import InputError, MissingError, StoreError, VivaError
from vivavoce.jobs.clock import clock_of
from vivavoce.jobs.ledger import Ledger
from vivavoce.store import schema
from vivavoce.store.agents import Agents
from vivavoce.store.database import Database, open_engine, parse_url, table_of
from vivavoce.store.keys import Keys
from vivavoce.store.models import Job, Person, Webhook
from vivavoce.store.vault import FILE, Vault

ANSWER_WITHIN_S = 10.0
"""A database that takes longer to answer is none for a call either."""
SKEW_S = 5.0
"""A ticket may wait a minute, and the server that takes it may not be the one that gave it."""
LATE_S = 60.0
"""A job that waits this long although it is due waits for a worker."""


async def database(settings: Settings) -> AsyncIterator[Finding]:
    """Whether the database answers and stands where this version wants it, and what hangs off that."""
    try:
        async with asyncio.timeout(ANSWER_WITHIN_S):
            revision = await revision_of(settings)
    except (InputError, MissingError) as error:
        yield fail("database", str(error), "Set database_url to a URL of SQLite or Postgres whose driver is installed.")
        return
    except (StoreError, TimeoutError) as error:
        says = str(error) or f"no answer within {ANSWER_WITHIN_S:g} s"
        yield fail("database", says, "Check that it runs, database_url, and that this user may use it.")
        return
    kind = parse_url(database_url(settings)).get_backend_name()
    if revision is None and kind == "sqlite":
        yield ok("database", "sqlite; it is made when it is needed")
    elif revision != schema.head():
        says = f"{kind} stands at {revision or 'nothing'}, this version wants {schema.head()}"
        remedy = "Run `viva migrate`." if revision is None or revision < schema.head() else "Run the newer version."
        # a server on SQLite brings it up by itself
        grade = warn if kind == "sqlite" and remedy.startswith("Run `") else fail
        yield grade("database", says, remedy)
    else:
        yield ok("database", f"{kind} answers, and stands at {revision}")
        opened = Database(open_engine(database_url(settings)))
        try:
            async for finding in _inside(settings, opened):
                yield finding
        except StoreError as error:
            yield fail("database", str(error), "Look whether it is locked by another program, full, or away.")
        finally:
            await opened.close()


async def _inside(settings: Settings, opened: Database) -> AsyncIterator[Finding]:
    if not opened.is_sqlite:
        yield await _clock(opened)
    yield await _sealed(settings, opened)
    yield await _guarded(settings, opened)
    yield await _jobs(opened)
    async for finding in _agents(opened):
        yield finding


async def _clock(opened: Database) -> Finding:
    [row] = await opened.rows(select(clock_of(opened)().label("at")))
    skew = time.time() - row["at"]
    says = f"{abs(skew):.1f} s {'ahead of' if skew > 0 else 'behind'} the database's"
    if abs(skew) > SKEW_S:
        return warn("clock, compared", says, "Let both machines take the time from one source (NTP).")
    return ok("clock, compared", says)


async def _sealed(settings: Settings, opened: Database) -> Finding:
    """Whether what is sealed in the database opens with the key that is here. No key is made for that."""
    here = bool(settings.secret_key) or (Path(settings.data_dir) / FILE).is_file()
    sealed: list[Any] = []
    for column in (table_of(Person).c.ref_sealed, table_of(Webhook).c.secret_sealed):
        sealed += [row[column.name] for row in await opened.rows(select(column).limit(1))]
    if not sealed:
        return ok("stored secrets", "none yet")
    remedy = "Bring back secret.key of the data folder, or the secret_key it was sealed with."
    if not here:
        return fail("stored secrets", "sealed with a key that is not here", remedy)
    try:
        vault = Vault.of(settings.secret_key, settings.data_dir)
        for secret in sealed:
            vault.open(secret)
    except VivaError as error:
        return fail("stored secrets", str(error), remedy)
    return ok("stored secrets", "open with the key that is here")


async def _guarded(settings: Settings, opened: Database) -> Finding:
    keys = await Keys(opened).any()
    public = settings.host not in LOOPBACK
    if public and not settings.api_key and not keys:
        return fail(
            "keys", f"none, and {settings.host} is not loopback", "Make one (`viva keys create NAME`), or set api_key."
        )
    held = ["in the database"] * keys + ["in the settings"] * bool(settings.api_key)
    return ok("keys", " and ".join(held) or "none: every program on this machine may use the server")


async def _jobs(opened: Database) -> Finding:
    ledger = Ledger(opened)
    alive = await ledger.workers()
    due = select(func.count().label("late")).where(Job.state == "waiting", Job.run_at < ledger.now() - LATE_S)
    [row] = await opened.rows(due)
    says = f"{len(alive)} alive, {row['late']} jobs late"
    if row["late"]:
        remedy = "Run `viva worker`, or let the server have one (workers)." if not alive else "Run more workers."
        return warn("workers", says, remedy)
    return ok("workers", says)


async def _agents(opened: Database) -> AsyncIterator[Finding]:
    """Whether what was published holds: a newer version of ours may want more of an agent file."""
    agents = Agents(opened)
    names = await agents.names()
    for name in names:
        if (published := await agents.published(name)) is None:  # deleted a moment ago
            continue
        try:
            read(published[1], name)
        except InputError as error:
            remedy = f"Correct it with `viva agents show {name}` and `viva agents push`."
            yield fail(f"agent {name}", str(error).splitlines()[0], remedy)
    yield ok("agents, published", f"{len(names)} in the database")


def secret_key(settings: Settings) -> Finding:
    """Whether the key that secrets are sealed with is one, and nobody else's to read. None is made."""
    what = "secret key"
    path = Path(settings.data_dir) / FILE
    if settings.secret_key:
        try:
            Vault.of(settings.secret_key, settings.data_dir)
        except VivaError as error:
            return fail(what, str(error), "Make one with `viva keys secret`.")
        return ok(what, "in the settings")
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return ok(what, f"{path} is made when it is needed")
    except OSError as error:
        return fail(what, f"{path}: {error.strerror}", "Let this user read it.")
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        says = f"{path} may be read by others ({stat.filemode(mode)})"
        return fail(what, says, f"Run `chmod 600 {path}`, and ask who has read it.")
    try:
        Vault.of("", settings.data_dir)
    except VivaError as error:
        return fail(what, str(error), "Bring the file back from a copy: what was sealed with it opens with no other.")
    return ok(what, f"{path}, readable by its owner only")
