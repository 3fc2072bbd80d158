"""Addresses of services: what one may be, where a credential may go, and how far a redirect may lead."""

from __future__ import annotations

from urllib.parse import urlsplit

import httpx

from vivavoce.errors import SettingsError
from vivavoce.live.network import is_loopback


def checked(place: str, base_url: str) -> str:
    """A base URL without a slash at its end.

    Raises:
        SettingsError: it is none: http(s) with a host, with or without a path, and nothing else.
    """
    try:
        parts = urlsplit(base_url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        good = good and not (parts.query or parts.fragment or parts.username or parts.password)
    except ValueError:
        good = False
    if not good:
        raise SettingsError(f"{place}: want an address such as https://api.example, got one that cannot be used")
    return base_url.rstrip("/")


def check_encrypted(place: str, base_url: str, setting: str) -> None:
    """A credential goes only where nobody reads it on the way: by https, or on this machine.

    Raises:
        SettingsError: it would.
    """
    parts = urlsplit(checked(place, base_url))
    if parts.scheme != "https" and not is_loopback(parts.hostname or ""):
        raise SettingsError(f"{place}: want https where {setting} is sent, got plain http")


def check_sendable(place: str, credential: str, setting: str) -> None:
    """A credential goes in a header, which takes plain visible letters and nothing else.

    Raises:
        SettingsError: it holds others.
    """
    if not (credential.isascii() and credential.isprintable()):
        raise SettingsError(f"{place}: want {setting} in plain letters, digits and signs (ASCII), got others")


def stays(here: httpx.URL, there: httpx.URL) -> bool:
    """Whether a redirect stays at its host, and is no less encrypted."""
    port = {"http": 80, "https": 443}
    if there.scheme not in port or here.host != there.host:
        return False
    if (here.scheme, there.scheme) == ("http", "https"):
        return here.port is None and there.port is None
    return here.scheme == there.scheme and (here.port or port[here.scheme]) == (there.port or port[there.scheme])
