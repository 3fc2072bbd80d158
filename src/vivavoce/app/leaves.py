"""Leave to have one call erased: what its caller holds, who has no key. It is signed and nowhere stored."""

from __future__ import annotations

import re

from vivavoce.store.vault import Vault

GOOD_FOR_S = 30 * 86_400.0
"""As long as anybody remembers a call; after that, who runs the server erases it."""
_FORM = re.compile(r"([0-9a-f]{16})\.([0-9]{1,12})\.([0-9a-f]{64})")


def leave_to_erase(vault: Vault, call_id: str, now: float) -> str:
    """A secret of the call's caller. Never log it."""
    until = round(now + GOOD_FOR_S)
    return f"{call_id}.{until}.{vault.sign(_signed(call_id, until))}"


def call_to_erase(vault: Vault, leave: str, now: float) -> str | None:
    """The id of the call that somebody has leave to erase; None for what is made up or too old."""
    found = _FORM.fullmatch(leave)
    if found is None:
        return None
    call_id, until, signature = found[1], int(found[2]), found[3]
    return call_id if now < until and vault.verify(_signed(call_id, until), signature) else None


def _signed(call_id: str, until: int) -> bytes:
    return f"erase call {call_id} until {until}".encode()
