"""Who is at the other end of a request, as far as limits care."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network

from starlette.types import Scope

V6_PREFIX = 64
"""What one customer of a provider has at least; the addresses within are theirs to choose from."""


def client_of(scope: Scope, trusted_proxies: int) -> str:
    """The address behind a request: an IPv4 one, or the /64 of an IPv6 one.

    Each proxy in front adds the peer it saw to the end of `X-Forwarded-For`, so the last `trusted_proxies` entries were
    written by ours and the first of them names the client. What stands before may be anybody's invention.
    """
    peer = (scope.get("client") or ("", 0))[0]
    if trusted_proxies > 0:
        lines = [value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-for"]
        entries = [entry.strip() for line in lines for entry in line.split(",")][-trusted_proxies:]
        if entries and (named := _subject(entries[0])):
            return named
    return _subject(peer) or "unknown"


def _subject(text: str) -> str:
    """An address as limits count it; empty for what is none."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:  # an IPv4 address with a port, as some proxies write it
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ip_network((address, V6_PREFIX), strict=False))
    return str(address)
