"""Receipts of erasures, signed, so that whoever is shown one later can have it checked where it was given.

The signature is an HMAC over the receipt as JSON with sorted keys: only holders of the server's `secret_key` can make
or check one. It is made anew each time a receipt is handed out and kept nowhere.
"""

from __future__ import annotations

import msgspec

from vivavoce.errors import InputError
from vivavoce.store.vault import Vault


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What an erasure came to."""

    id: str
    """Of the call or person that is no more."""
    at: float
    """Unix seconds, of the last that was erased."""
    done: bool
    """False while a live call keeps the rest."""
    rows: dict[str, int]
    """Rows that went, by table."""
    files: int
    bytes: int
    """Of the files."""


class SignedReceipt(Receipt, frozen=True, kw_only=True, forbid_unknown_fields=True):
    signature: str
    """As `Vault.sign` makes it."""


def signed(receipt: Receipt, vault: Vault) -> SignedReceipt:
    return SignedReceipt(**msgspec.structs.asdict(receipt), signature=vault.sign(_canonical(receipt)))


def read_signed(text: bytes, vault: Vault) -> SignedReceipt:
    """A signed receipt from JSON, as the command line and the REST surface give it out.

    Raises:
        InputError: it is none, was changed, or was signed with a key that is not here.
    """
    try:
        receipt = msgspec.json.decode(text, type=SignedReceipt)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise InputError("want a signed receipt of an erasure as JSON, got something else") from None
    if not vault.verify(_canonical(receipt), receipt.signature):
        raise InputError("want a receipt as it was signed here, got one that was changed or is from elsewhere")
    return receipt


def _canonical(receipt: Receipt) -> bytes:
    """The signed part: every field of a receipt, keys sorted, no blanks."""
    plain = {name: getattr(receipt, name) for name in Receipt.__struct_fields__}
    return msgspec.json.encode(plain, order="deterministic")
