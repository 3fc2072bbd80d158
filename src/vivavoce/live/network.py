"""How a dial gets out of the house: through which proxy, and whose certificates are believed."""

from __future__ import annotations

import ssl
from functools import cache
from ipaddress import ip_address
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from vivavoce.errors import SettingsError

# Which variables speak for a scheme, the most particular first; a WebSocket goes the way of its plain sister.
_VARIABLES = {
    "ws": ("ws", "http", "all"),
    "http": ("http", "all"),
    "wss": ("wss", "https", "all"),
    "https": ("https", "all"),
}
PROXY_SCHEMES = frozenset({"http", "https", "socks4", "socks5"})


def proxy_for(url: str) -> str | None:
    """The proxy that the environment names for a URL (`https_proxy`, `all_proxy`), None for a direct connection. What
    stands in `no_proxy` is reached directly, and so is this machine, whatever the environment says.

    Raises:
        SettingsError: a proxy of a kind that is not spoken, or no proxy's URL at all. The URL may hold a password and
            is not repeated.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if is_loopback(host):
        return None
    proxies = getproxies()
    found = next((proxies[name] for name in _VARIABLES[parts.scheme] if proxies.get(name)), None)
    if found is None or proxy_bypass(host):
        return None
    proxy = found if "://" in found else f"http://{found}"
    scheme = _scheme(proxy)
    if scheme == "socks5h":  # names are resolved by the proxy; that is what is done anyway
        scheme, proxy = "socks5", "socks5" + proxy[len("socks5h") :]
    if scheme not in PROXY_SCHEMES:
        raise SettingsError(f"want a proxy of {', '.join(sorted(PROXY_SCHEMES))}, got one of {scheme!r}")
    return proxy


def _scheme(proxy: str) -> str:
    try:
        parts = urlsplit(proxy)
        readable = bool(parts.hostname) and parts.port != 0  # a port that is no number is told when it is asked for
    except ValueError:
        readable = False
    if not readable:
        raise SettingsError("want a proxy as http://host:port in the environment, got one that cannot be read")
    return parts.scheme.lower()


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


@cache
def trust(ca: str = "") -> ssl.SSLContext:
    """The TLS context of all dials, made once: reading the system's certificates takes longer than a handshake.

    `SSL_CERT_FILE` and `SSL_CERT_DIR` replace the system's certificates, as everywhere.

    Args:
        ca: a PEM file with further authorities; empty for none.
    Raises:
        SettingsError: the file cannot be read or holds no certificate.
    """
    context = ssl.create_default_context()
    if ca:
        try:
            context.load_verify_locations(ca)
        except OSError as error:  # errors of TLS are of this kind too
            why = error.strerror or type(error).__name__
            raise SettingsError(f"want a PEM file of authorities, got {ca}: {why}") from error
    return context
