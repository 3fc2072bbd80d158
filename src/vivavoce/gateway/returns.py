"""Secrets to come back to a call with, once its caller's socket is lost. They live in memory, as long as the call."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from typing import Protocol

from vivavoce.gateway.outbox import CallerSocket


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

    def __init__(self, make: Callable[[], str] = lambda: secrets.token_urlsafe(32)) -> None:
        self._make = make
        self._calls: dict[bytes, Returnable] = {}

    def __len__(self) -> int:
        return len(self._calls)

    def issue(self, call: Returnable) -> str:
        """A secret to come back to this call with. Never log it."""
        secret = self._make()
        self._calls[_hash(secret)] = call
        return secret

    def find(self, secret: str) -> Returnable | None:
        """The call of a secret that is still good."""
        return self._calls.get(_hash(secret))

    def forget(self, secret: str) -> None:
        self._calls.pop(_hash(secret), None)


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
