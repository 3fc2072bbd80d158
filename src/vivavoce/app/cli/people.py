"""`viva people`: everything about somebody, handed out or erased.

Whoever runs a server knows people by a reference of their own, such as an e-mail address. It is asked for or read from
standard input: what stands in a command line can be read by every program of the machine, and stays in the history.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vivavoce.app.cli import output
from vivavoce.app.cli.group import Group
from vivavoce.app.cli.options import AsJson, Config, Data, Yes, confirm, file
from vivavoce.app.cli.running import announcer_of, settings_of, with_store
from vivavoce.errors import InputError, NotHereError, StoreError

if TYPE_CHECKING:
    from vivavoce.app.settings import Settings
    from vivavoce.store.people import People, StoredPerson
    from vivavoce.store.receipts import SignedReceipt
    from vivavoce.store.store import Store
    from vivavoce.store.vault import Vault

MAX_RECEIPT = 64 * 1024
"""Bytes of a receipt that are read: one has less than 1 kB."""

app = typer.Typer(cls=Group, help="People: everything about somebody, handed out or erased.")

PersonId = Annotated[
    str,
    typer.Argument(metavar="ID", help="Id of a person; without it their reference is read from standard input."),
]


@app.command()
def find(as_json: AsJson = False, data: Data = None, config: Config = None) -> None:
    """The id of the person with the reference that is read from standard input."""
    settings = settings_of(data, config)
    ref = _asked()
    found = with_store(settings, lambda store: _person(settings, store, ref))
    if as_json:
        output.document(found)
    else:
        output.say(found.id)


@app.command()
def erase(
    person_id: PersonId = "", yes: Yes = False, as_json: AsJson = False, data: Data = None, config: Config = None
) -> None:
    """Erase a person with all their calls for good, and print the receipt; with --json it is signed."""
    from vivavoce.store.erasing import Erasing
    from vivavoce.store.folders import Folders
    from vivavoce.store.receipts import signed

    settings = settings_of(data, config)
    person_id = person_id or _looked_up(settings)
    confirm(f"Erase the person {person_id} and all their calls for good?", yes=yes)

    async def work(store: Store) -> SignedReceipt:
        announcer, _ = announcer_of(settings, store)
        known = await _people(settings, store).get(person_id)
        receipt = await Erasing(store.database, Folders.of(settings.data_dir)).person(person_id, now=time.time())
        if known is not None and receipt.done:
            await announcer.erased_person(person_id, receipt.rows.get("calls", 0))
        return signed(receipt, _vault(settings))

    receipt = with_store(settings, work)
    if as_json:
        output.document(receipt)
        return
    output.say(f"{person_id}: erased, {sum(receipt.rows.values())} rows and {receipt.files} files")
    if not receipt.done:
        output.say("a live call keeps the rest; it goes when the call has ended")


@app.command()
def verify(as_json: AsJson = False, data: Data = None, config: Config = None) -> None:
    """Check the signed receipt of an erasure, of a person or a call, that is read from standard input."""
    from vivavoce.store.receipts import read_signed

    receipt = read_signed(sys.stdin.buffer.read(MAX_RECEIPT), _vault(settings_of(data, config)))
    if as_json:
        output.document(receipt)
    else:
        output.say(
            f"{receipt.id}: erased at {output.moment(receipt.at)}, {sum(receipt.rows.values())} rows; signed here"
        )


@app.command()
def export(
    person_id: PersonId = "",
    out: Annotated[Path | None, file("The ZIP to write; ID.zip by default.")] = None,
    as_json: AsJson = False,
    data: Data = None,
    config: Config = None,
) -> None:
    """Write everything about a person into a ZIP that they can read."""
    import shutil

    from vivavoce.store.exporting import Exporting
    from vivavoce.store.folders import Folders

    settings = settings_of(data, config)
    person_id = person_id or _looked_up(settings)
    target = out or Path(f"{person_id}.zip")
    if os.path.lexists(target):
        raise InputError(f"want a file that is not there yet, got {target}")

    async def work(store: Store) -> Path:
        exporting = Exporting(store.database, _people(settings, store), Folders.of(settings.data_dir))
        return await exporting.person(person_id, now=time.time())

    with output.progress() as tell:
        tell("gathering", None)
        made = with_store(settings, work)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(made, target)
        except OSError as error:
            made.unlink(missing_ok=True)
            raise StoreError(f"the export cannot be written: {error.strerror}") from None
    if as_json:
        output.document({"person": person_id, "file": str(target), "bytes": target.stat().st_size})
    else:
        output.say(str(target))


def _looked_up(settings: Settings) -> str:
    ref = _asked()
    return with_store(settings, lambda store: _person(settings, store, ref)).id


def _asked() -> str:
    """A reference, typed at a terminal or piped in."""
    if sys.stdin.isatty():
        typer.echo("Reference: ", nl=False, err=True)
    ref = sys.stdin.readline().rstrip("\r\n")
    if not ref:
        raise InputError("want the reference of a person on standard input, got nothing")
    return ref


async def _person(settings: Settings, store: Store, ref: str) -> StoredPerson:
    found = await _people(settings, store).find(ref)
    if found is None:
        raise NotHereError("want the reference of a person who has been here, got another")
    return found


def _people(settings: Settings, store: Store) -> People:
    from vivavoce.store.people import People

    return People(store.database, _vault(settings))


def _vault(settings: Settings) -> Vault:
    from vivavoce.store.vault import Vault

    return Vault.of(settings.secret_key, settings.data_dir)
