"""Short-lived credentials of one kind: so many, and so many bytes of what they carry; the oldest goes first."""

from __future__ import annotations

from collections import OrderedDict
from typing import Generic, TypeVar

MOST = 10_000
"""A credential is spent within minutes."""
MOST_BYTES = 32 * 1024 * 1024
"""Of what they carry together: a setup has a few kB, and a body may have 64."""

T = TypeVar("T")


class Shelf(Generic[T]):
    """What was given out and may come back."""

    def __init__(self, *, most: int = MOST, most_bytes: int = MOST_BYTES) -> None:
        self._most = most
        self._most_bytes = most_bytes
        self._kept: OrderedDict[str, tuple[T, int]] = OrderedDict()
        self._bytes = 0

    def put(self, name: str, what: T, size: int) -> None:
        """Keep a credential that carries so many bytes. The newest is always kept."""
        self._kept[name] = (what, size)
        self._bytes += size
        while len(self._kept) > self._most or (self._bytes > self._most_bytes and len(self._kept) > 1):
            self.drop(next(iter(self._kept)))

    def find(self, name: str) -> T | None:
        found = self._kept.get(name)
        return found[0] if found is not None else None

    def drop(self, name: str) -> None:
        """Forget a credential that is kept."""
        self._bytes -= self._kept.pop(name)[1]
