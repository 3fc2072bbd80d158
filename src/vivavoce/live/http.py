"""Plain HTTP requests beside the sockets: minting tokens, and google-auth's own. Same proxies and certificates as a
dial.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Mapping
from time import monotonic
from types import SimpleNamespace
from typing import Any

import httpx

from vivavoce.errors import SettingsError
from vivavoce.live.network import proxy_for

for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)  # below that they write URLs, and in them keys

WITHIN_S = 10.0
"""For a whole answer: a token comes within a second, and a caller waits for it."""
MAX_ANSWER_BYTES = 256 * 1024
"""An answer with a token has a few kB."""
PROBLEMS = (httpx.HTTPError, httpx.InvalidURL, OSError, ImportError, SettingsError, ValueError, KeyError)
"""What a request raises: besides the network's own errors those of addresses that are none, and of a SOCKS proxy where
what speaks to one is not installed. Their texts may hold the URL, and with it a key.
"""


class GoogleTransport:
    """google-auth's way to the network, as it wants it: called in a thread, returns status, headers and data."""

    def __init__(self, tls: ssl.SSLContext) -> None:
        self._tls = tls

    def __call__(
        self,
        url: str,
        method: str = "GET",
        body: bytes | str | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        **_: Any,
    ) -> SimpleNamespace:
        from google.auth.exceptions import TransportError

        until = monotonic() + WITHIN_S
        data = bytearray()
        try:
            with (
                httpx.Client(verify=self._tls, proxy=proxy_for(url), trust_env=False) as client,
                client.stream(
                    method, url, content=body, headers=dict(headers or {}), timeout=min(timeout or WITHIN_S, WITHIN_S)
                ) as answer,
            ):
                for piece in answer.iter_bytes():
                    if monotonic() > until:
                        raise TimeoutError
                    _gather(data, piece)
        except PROBLEMS as error:
            raise TransportError(type(error).__name__) from error  # type: ignore[no-untyped-call]
        return SimpleNamespace(status=answer.status_code, headers=dict(answer.headers), data=bytes(data))


async def post(url: str, body: bytes, headers: Mapping[str, str], tls: ssl.SSLContext) -> tuple[int, bytes]:
    """Status and body of an answer.

    Raises:
        Any of PROBLEMS: no whole answer in time, or one that is too long.
    """
    data = bytearray()
    async with (
        asyncio.timeout(WITHIN_S),
        httpx.AsyncClient(verify=tls, proxy=proxy_for(url), trust_env=False, timeout=WITHIN_S) as client,
        client.stream("POST", url, content=body, headers=headers) as answer,
    ):
        async for piece in answer.aiter_bytes():
            _gather(data, piece)
    return answer.status_code, bytes(data)


def _gather(data: bytearray, piece: bytes) -> None:
    data += piece
    if len(data) > MAX_ANSWER_BYTES:
        raise ValueError(f"want an answer of at most {MAX_ANSWER_BYTES} bytes, got more")
