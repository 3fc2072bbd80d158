"""A token that a service lends for an hour or a day: fetched when it is needed, and again when it does not hold."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias

import msgspec

from vivavoce.studies.sources.answers import Answer, changed
from vivavoce.studies.sources.errors import SourceError
from vivavoce.studies.sources.http import Clock

Fetch: TypeAlias = Callable[[], Awaitable[Answer]]
Request: TypeAlias = Callable[[Mapping[str, str]], Awaitable[Answer]]
EARLY_S = 60.0
"""A token this near to its end is not used any more: it would run out on the way."""


class _Lent(msgspec.Struct):
    """RFC 6749, 5.1."""

    access_token: str
    expires_in: float = 3600.0


class Bearer:
    """
    Args:
        fetch: asks the service for a token.
    """

    def __init__(self, fetch: Fetch, *, clock: Clock = time.time) -> None:
        self._fetch = fetch
        self._clock = clock
        self._token = ""
        self._until = 0.0

    async def ask(self, request: Request) -> Answer:
        """Ask with the token there is; once more with a new one where the service takes the old one no longer.

        Args:
            request: asks with these headers.
        Raises:
            SourceError: there is no token, or no answer.
        """
        fresh = await self._ready()
        try:
            return await request(self._header())
        except SourceError as error:
            if error.kind != "refused" or fresh:
                raise
        self._until = 0.0
        await self._ready()
        return await request(self._header())

    async def _ready(self) -> bool:
        """Have a token; whether it was fetched just now."""
        if self._clock() < self._until - EARLY_S:
            return False
        answer = await self._fetch()
        lent = answer.read(_Lent)
        if not (lent.access_token.isascii() and lent.access_token.isprintable()):
            raise changed(answer.place, "a token that a header takes, got another")
        self._token, self._until = lent.access_token, self._clock() + lent.expires_in
        return True

    def _header(self) -> Mapping[str, str]:
        return {"authorization": f"Bearer {self._token}"}
