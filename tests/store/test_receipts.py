from __future__ import annotations

from typing import Any

import msgspec
import pytest

from vivavoce.errors import InputError
from vivavoce.store.receipts import Receipt, SignedReceipt, read_signed, signed
from vivavoce.store.vault import Vault

OLD, NEW = Vault.make_key(), Vault.make_key()
RECEIPT = Receipt(id="p1", at=1_750_000_000.5, done=True, rows={"turns": 2, "calls": 1}, files=3, bytes=2_000)


def test_a_receipt_that_was_signed_here_is_known_however_it_is_written() -> None:
    vault = Vault([NEW])
    receipt = signed(RECEIPT, vault)
    text = msgspec.json.encode(receipt)
    assert read_signed(text, vault) == receipt
    turned = dict(reversed(msgspec.json.decode(text).items())) | {"rows": {"calls": 1, "turns": 2}}
    assert read_signed(msgspec.json.format(msgspec.json.encode(turned), indent=4), vault) == receipt


@pytest.mark.parametrize(
    "change",
    [
        *({name: value} for name, value in (("id", "p2"), ("at", 1.0), ("done", False), ("files", 0), ("bytes", 1))),
        {"rows": {"turns": 2}},
        {"signature": ""},
        {"signature": "\u00fc"},
    ],
)
def test_a_change_anywhere_is_told(change: dict[str, Any]) -> None:
    vault = Vault([NEW])
    other = msgspec.structs.asdict(signed(RECEIPT, vault)) | change
    with pytest.raises(InputError, match="want a receipt as it was signed here"):
        read_signed(msgspec.json.encode(other), vault)


@pytest.mark.parametrize("text", [b"", b"{}", b"[]", b"\xff", msgspec.json.encode(RECEIPT)])
def test_what_is_no_signed_receipt_is_told(text: bytes) -> None:
    with pytest.raises(InputError, match="want a signed receipt"):
        read_signed(text, Vault([NEW]))


def test_a_receipt_holds_as_long_as_its_key_is_kept() -> None:
    text = msgspec.json.encode(signed(RECEIPT, Vault([OLD])))
    assert isinstance(read_signed(text, Vault([NEW, OLD])), SignedReceipt)
    with pytest.raises(InputError, match="from elsewhere"):
        read_signed(text, Vault([NEW]))


def test_a_signature_is_no_hash_of_a_reference() -> None:
    vault = Vault([NEW])
    assert vault.sign(b"anna") != vault.hash("anna")
