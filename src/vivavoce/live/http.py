"""Plain HTTP requests beside the sockets: minting tokens, and google-auth's own. Same proxies and certificates as a
dial.
"""

from __future__ import annotations

import logging
import ssl
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import httpx

from vivavoce.live.network import proxy_for

for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)  # below that they write URLs, and in them keys

WITHIN_S = 10.0


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

        try:
            with httpx.Client(verify=self._tls, proxy=proxy_for(url), trust_env=False) as client:
                answer = client.request(
                    method, url, content=body, headers=dict(headers or {}), timeout=min(timeout or WITHIN_S, WITHIN_S)
                )
        except (httpx.HTTPError, OSError) as error:
            raise TransportError(type(error).__name__) from error  # type: ignore[no-untyped-call]
        return SimpleNamespace(status=answer.status_code, headers=dict(answer.headers), data=answer.content)


def client(url: str, tls: ssl.SSLContext) -> httpx.AsyncClient:
    """A client for requests to this URL's host."""
    return httpx.AsyncClient(verify=tls, proxy=proxy_for(url), trust_env=False, timeout=WITHIN_S)
