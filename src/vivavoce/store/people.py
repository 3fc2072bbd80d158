"""People: somebody whom an operator knows by a reference of their own, and the calls that are theirs."""

from __future__ import annotations

import secrets

import msgspec
from sqlalchemy import select

from vivavoce.errors import InputError, NotHereError
from vivavoce.store.database import Database, table_of
from vivavoce.store.models import Person
from vivavoce.store.vault import Vault

MAX_REF = 512
"""Characters of a reference: an e-mail address has at most 254, a URL with an id fits."""
ERASING = b""
"""The sealed reference of somebody who is being erased: nobody finds them by it any more."""


class StoredPerson(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    """Drawn; it says nothing about them."""
    created_at: float
    """Unix seconds."""


class People:
    """Every method raises StoreError when the database does not answer. A reference never stands in an error."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    async def find(self, ref: str) -> StoredPerson | None:
        """
        Raises:
            InputError: no reference can be this.
        """
        return await self._where(Person.ref_hash == self._hash(ref))

    async def get(self, person_id: str) -> StoredPerson | None:
        """None for somebody who is being erased, too."""
        return await self._where(Person.id == person_id)

    async def find_or_make(self, ref: str, *, now: float) -> StoredPerson:
        """The person of a reference; two who ask at once get one person.

        Raises:
            InputError: no reference can be this.
        """
        hashed = self._hash(ref)
        if (found := await self._where(Person.ref_hash == hashed)) is not None:
            return found
        row = {
            "id": secrets.token_hex(8),
            "ref_hash": hashed,
            "ref_sealed": self._vault.seal(ref.encode()),
            "created_at": now,
        }
        await self._database.run(self._database.insert(Person).values(row).on_conflict_do_nothing())
        found = await self._where(Person.ref_hash == hashed)
        if found is None:  # erased between two statements
            raise NotHereError("want a person who stays, got one who was just erased")
        return found

    async def ref_of(self, person_id: str) -> str:
        """The reference in clear, for an export.

        Raises:
            NotHereError: there is no such person, or they are being erased.
            StoreError: it was sealed with a key that is not here any more.
        """
        query = select(Person.ref_sealed).where(Person.id == person_id, Person.ref_sealed != ERASING)
        found = await self._database.rows(query)
        if not found:
            raise NotHereError("want the id of a person, got another")
        return self._vault.open(found[0]["ref_sealed"]).decode()

    async def _where(self, condition: object) -> StoredPerson | None:
        table = table_of(Person)
        query = select(table.c.id, table.c.created_at).where(condition, table.c.ref_sealed != ERASING)  # type: ignore[arg-type]
        found = await self._database.rows(query)
        return msgspec.convert(found[0], StoredPerson) if found else None

    def _hash(self, ref: str) -> str:
        if not 0 < len(ref) <= MAX_REF or not ref.isprintable():
            raise InputError(f"want a reference of 1 to {MAX_REF} printable characters, got something else")
        return self._vault.hash(ref)
