"""Who is at the other end, behind as many proxies as are trusted."""

from __future__ import annotations

import pytest

from vivavoce.app.proxies import client_of


def of(peer: str | None, trusted: int = 0, *forwarded: str) -> str:
    headers = [(b"x-forwarded-for", line.encode()) for line in forwarded]
    client = (peer, 1) if peer is not None else None
    return client_of({"type": "http", "client": client, "headers": headers}, trusted)


def test_without_a_proxy_the_header_is_anybodys_invention() -> None:
    assert of("203.0.113.5", 0, "198.51.100.1") == "203.0.113.5"


@pytest.mark.parametrize(
    ("trusted", "forwarded", "client"),
    [
        (1, ["198.51.100.1"], "198.51.100.1"),
        (1, ["6.6.6.6, 198.51.100.1"], "198.51.100.1"),
        (2, ["6.6.6.6, 198.51.100.1, 10.0.0.7"], "198.51.100.1"),
        (2, ["6.6.6.6", "198.51.100.1,10.0.0.7"], "198.51.100.1"),
        (1, [], "10.0.0.1"),
        (1, ["unknown"], "10.0.0.1"),
        (1, [""], "10.0.0.1"),
        (3, ["198.51.100.1"], "198.51.100.1"),
        (1, ["198.51.100.1:4711"], "198.51.100.1"),
        (1, ["[2001:db8:1:2:3::4]:443"], "2001:db8:1:2::/64"),
    ],
)
def test_as_many_proxies_as_are_trusted(trusted: int, forwarded: list[str], client: str) -> None:
    assert of("10.0.0.1", trusted, *forwarded) == client


@pytest.mark.parametrize(
    ("peer", "subject"),
    [
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:bbbb::9", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.5", "203.0.113.5"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "unknown"),
        (None, "unknown"),
    ],
)
def test_addresses_as_limits_count_them(peer: str | None, subject: str) -> None:
    assert of(peer) == subject
