"""Where webhooks may go. Whoever may register one must not be able to make this server ask its own neighbours.

A URL is read strictly, its name is resolved once, every address it has is looked at, and the connection goes to an
address that was looked at: a name that answers differently the second time (DNS rebinding) is not asked a second time.
"""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

import idna

from vivavoce.errors import InputError, SettingsError

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Addresses of a host name, as text. Raises OSError where it has none."""

MAX_URL_CHARS = 2_000
# Beyond what `is_global` refuses: it follows the registry, where some of these count as the internet.
REFUSED = tuple(
    ip_network(text)
    for text in (
        "168.63.129.16/32",  # Azure's own services, reachable from its machines alone
        "192.0.0.0/24",  # protocol assignments; a cloud's metadata lives here
        "192.88.99.0/24",  # relays of 6to4
        "2001::/23",  # protocol assignments, Teredo among them
        "2002::/16",  # 6to4: an IPv4 address in another coat
        "3fff::/20",  # documentation
    )
)
UNICAST = IPv6Network("2000::/3")
"""All that IPv6 has given out to the internet so far; elsewhere are translators and networks of one's own."""
NAT64 = IPv6Network("64:ff9b::/96")
"""What resolvers of IPv6-only networks make of an IPv4 address."""
_NUMBER = re.compile(r"0[xX][0-9a-fA-F]*|[0-9]+")


@dataclass(frozen=True, slots=True)
class Target:
    """A URL that may be asked, if its addresses may."""

    url: str
    scheme: str
    host: str
    """In ASCII, lower case; an IPv6 address without its brackets."""
    port: int
    path: str
    """With the query."""

    @property
    def authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _default_port(self.scheme) else f"{host}:{self.port}"


def parse_networks(text: str) -> tuple[Network, ...]:
    """The setting `webhook_networks`.

    Raises:
        SettingsError: not a list of networks.
    """
    try:
        return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())
    except ValueError:
        raise SettingsError(f"webhook_networks: want networks such as 10.1.0.0/16, got {text[:80]!r}") from None


def parse_target(url: str, own: Sequence[Network] = ()) -> Target:
    """A URL that webhooks may be registered with.

    Args:
        own: networks of the operator's own; only they may be asked by plain http.
    Raises:
        InputError: it does not do, with the reason.
    """
    wanted = "want a URL such as https://example.com/hook"
    if len(url) > MAX_URL_CHARS or any(ord(sign) <= 0x20 or ord(sign) == 0x7F for sign in url) or "\\" in url:
        raise InputError(f"{wanted}, got one that is too long or holds blanks, control characters or backslashes")
    try:
        parts = urlsplit(url)
        port, name = parts.port, parts.hostname or ""
    except ValueError:
        raise InputError(f"{wanted}, got one that cannot be read") from None
    scheme = parts.scheme.lower()
    if scheme != "https" and not (scheme == "http" and own):
        raise InputError(f"want a URL of https (or of http into webhook_networks), got one of {scheme[:20]!a}")
    if "@" in parts.netloc:
        raise InputError("want a URL without user and password, got one with")
    if parts.fragment or port == 0:
        raise InputError(f"{wanted}, got one with a fragment or port 0")
    host = _host(name)
    target = Target(url, scheme, host, port or _default_port(scheme), _path(parts.path, parts.query))
    if (literal := _literal(host)) is not None:
        check_addresses([literal], target, own)
    return target


async def resolve_target(target: Target, resolve: Resolve, own: Sequence[Network] = ()) -> list[Address]:
    """The addresses of a target, all of them looked at.

    Raises:
        InputError: one of them must not be asked.
        OSError: the name has none.
    """
    literal = _literal(target.host)
    texts = [str(literal)] if literal is not None else await resolve(target.host, target.port)
    addresses = list(dict.fromkeys(ip_address(text.partition("%")[0]) for text in texts))
    if not addresses:
        raise OSError("the name has no address")
    check_addresses(addresses, target, own)
    return addresses


def check_addresses(addresses: Sequence[Address], target: Target, own: Sequence[Network]) -> None:
    """
    Raises:
        InputError: one of them must not be asked, or not by plain http.
    """
    for address in addresses:
        bare = _unwrapped(address)
        if any(bare in network for network in own):
            continue
        if target.scheme == "http":
            raise InputError("want https for an address outside webhook_networks, got http")
        if not is_public(bare):
            raise InputError("want a public address, got one of a private or reserved network")


def is_public(address: Address) -> bool:
    """Whether an address is on the internet, for sure."""
    address = _unwrapped(address)
    if isinstance(address, IPv6Address) and address not in UNICAST:
        return False
    return address.is_global and not address.is_multicast and not any(address in network for network in REFUSED)


async def system_resolve(host: str, port: int) -> list[str]:
    """What the system's resolver says."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


def _unwrapped(address: Address) -> Address:
    """An IPv4 address that stands in an IPv6 one by itself."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in NAT64:
            return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _host(name: str) -> str:
    """A host name in ASCII.

    Raises:
        InputError: none, or an address in a spelling that programs read differently.
    """
    if "%" in name:
        raise InputError("want a host name without %, got one with")
    if _literal(name) is not None:
        return name
    try:
        host = name.lower() if name.isascii() else idna.encode(name, uts46=True).decode()
    except idna.IDNAError:
        host = ""
    labels = host.removesuffix(".").split(".")
    if not all(re.fullmatch(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?", label) for label in labels) or len(host) > 253:
        raise InputError("want a host name or an address, got something else")
    if _NUMBER.fullmatch(labels[-1]):  # 2130706433, 0x7f.1 and 127.1 are 127.0.0.1 to some (WHATWG: ends in a number)
        raise InputError("want an IPv4 address as four decimal numbers, got another spelling")
    return host.removesuffix(".")


def _path(path: str, query: str) -> str:
    return (path or "/") + (f"?{query}" if query else "")


def _default_port(scheme: str) -> int:
    return 443 if scheme == "https" else 80
