"""Secrets to come back to a call with, once its caller's socket is lost. They live in memory, as long as the call is
carried here; what another server needs to know them by is kept with the call (`hash_of`).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Protocol

from vivavoce.gateway.outbox import CallerSocket
from vivavoce.store.keys import hash_of

PREFIX = "back."
"""What these begin with, and no ticket does: who comes with one has a call, here or elsewhere."""


class Returnable(Protocol):
    async def come_back(self, socket: CallerSocket, secret: str) -> None:
        """Go on over this socket, which came with the secret, until it is done with."""
        ...


class Returns:
    """What is stored is a hash: looking a secret up takes no longer the more of it was guessed, and nothing in memory
    opens a call by itself.

    Args:
        make: a secret that nobody guesses.
    """

    def __init__(self, make: Callable[[], str] = lambda: PREFIX + secrets.token_urlsafe(32)) -> None:
        self._make = make
        self._calls: dict[str, Returnable] = {}

    def __len__(self) -> int:
        return len(self._calls)

    def issue(self, call: Returnable) -> str:
        """A secret to come back to this call with. Never log it."""
        secret = self._make()
        self.keep(secret, call)
        return secret

    def keep(self, secret: str, call: Returnable) -> None:
        """A secret that another server has issued is good here."""
        self._calls[hash_of(secret)] = call

    def find(self, secret: str) -> Returnable | None:
        """The call of a secret that is still good."""
        return self._calls.get(hash_of(secret))

    def forget(self, secret: str) -> None:
        self._calls.pop(hash_of(secret), None)
