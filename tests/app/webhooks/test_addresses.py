"""Where webhooks may go: no neighbour of this server, however it is spelled."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vivavoce.app.webhooks.addresses import (
    MAX_URL_CHARS,
    is_public,
    parse_networks,
    parse_target,
    resolve_target,
    system_resolve,
)
from vivavoce.errors import InputError, SettingsError

OWN = parse_networks("127.0.0.0/8, 10.1.0.0/16,fd00::/8")


@pytest.mark.parametrize(
    ("url", "authority", "path"),
    [
        ("https://example.com", "example.com", "/"),
        ("https://example.com/hooks/viva?token=1", "example.com", "/hooks/viva?token=1"),
        ("HTTPS://Example.COM:8443/a", "example.com:8443", "/a"),
        ("https://example.com:443/", "example.com", "/"),
        ("https://münchen.example/", "xn--mnchen-3ya.example", "/"),
        ("https://93.184.216.34/", "93.184.216.34", "/"),
        ("https://[2606:4700::1111]:444/", "[2606:4700::1111]:444", "/"),
        ("https://example.com./", "example.com", "/"),
        ("https://a_b.example.com/", "a_b.example.com", "/"),
    ],
)
def test_urls_that_do(url: str, authority: str, path: str) -> None:
    target = parse_target(url)
    assert (target.authority, target.path) == (authority, path)


@pytest.mark.parametrize(
    "url",
    [
        "", "example.com", "//example.com", "ftp://example.com", "file:///etc/passwd", "gopher://example.com",
        "http://example.com", "https://", "https:///x", "https://user@example.com/", "https://user:pass@example.com/",
        "https://example.com@127.0.0.1/", "https://example.com/#x", "https://example.com:0/",
        "https://example.com:99999/",
        "https://example.com:x/", "https://exa mple.com/", "https://example.com/\r\nhost: x", "https://example.com\\@a/",
        "https://[::1", "https://[fe80::1%25eth0]/", "https://-.example/", "https://a..b/", "https://%31/",
        "https://example.com/" + "a" * MAX_URL_CHARS, "https://\u200b/", "https://ex\x00ample.com/",
    ],
)  # fmt: skip
def test_urls_that_do_not(url: str) -> None:
    with pytest.raises(InputError, match=r"^want"):
        parse_target(url)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0X7F.1", "0177.0.0.1", "017700000001", "127.0.0.0x1",
        "0", "0.0.0.0", "localhost.127.1", "1.2.3.4.5", "１２７.０.０.１", "127.0.0.1.",
        "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:10.0.0.1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]",
        "[64:ff9b::a9fe:a9fe]", "[64:ff9b:1::1]", "[2002:7f00:1::]", "[2002:808:808::]", "[2001:0:4136:e378::1]",
        "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254", "100.64.0.1", "100.100.100.200",
        "192.0.0.192", "168.63.129.16", "192.88.99.1", "198.18.0.1", "224.0.0.1", "239.1.1.1", "240.0.0.1",
        "255.255.255.255", "192.0.2.1", "198.51.100.1", "203.0.113.1",
        "[fe80::1]", "[fd00:ec2::254]", "[fc00::1]", "[ff02::1]", "[fec0::1]", "[2001:db8::1]", "[3fff::1]",
        "[5f00::1]", "[100::1]", "[::ffff:0:7f00:1]", "[4000::1]",
    ],
)  # fmt: skip
def test_no_spelling_of_a_neighbour_does(host: str) -> None:
    with pytest.raises(InputError, match=r"^want"):
        parse_target(f"https://{host}/latest/meta-data")


def test_networks_of_ones_own_are_let_in_and_may_be_plain() -> None:
    for url in ("http://127.0.0.1:8000/", "https://10.1.2.3/", "http://[fd00::1]/", "http://[::ffff:127.0.0.1]/"):
        assert parse_target(url, OWN).host
    for url in ("http://10.2.0.1/", "https://10.2.0.1/", "http://93.184.216.34/", "http://2130706433/"):
        with pytest.raises(InputError):
            parse_target(url, OWN)
    assert parse_target("http://hooks.internal/", OWN).scheme == "http", "its addresses are looked at when it is asked"
    with pytest.raises(SettingsError, match="want networks such as"):
        parse_networks("10.0.0.1/8")


class Resolver:
    """Answers one list after the other, as a name server that rebinds does."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers, self.asked = list(answers), 0

    async def __call__(self, host: str, port: int) -> list[str]:
        self.asked += 1
        return self.answers.pop(0)


async def test_every_address_of_a_name_is_looked_at() -> None:
    target = parse_target("https://hooks.example/")
    good = await resolve_target(target, Resolver(["93.184.216.34", "2606:4700::1111", "93.184.216.34"]))
    assert [str(address) for address in good] == ["93.184.216.34", "2606:4700::1111"]
    for bad in ("127.0.0.1", "10.0.0.1", "::1", "fe80::1%eth0", "::ffff:169.254.169.254", "100.64.0.1"):
        with pytest.raises(InputError, match="want a public address"):
            await resolve_target(target, Resolver(["93.184.216.34", bad]))
    with pytest.raises(OSError, match="no address"):
        await resolve_target(target, Resolver([]))


async def test_plain_http_is_for_ones_own_networks_alone() -> None:
    target = parse_target("http://hooks.example/", OWN)
    assert await resolve_target(target, Resolver(["10.1.0.1"]), OWN)
    with pytest.raises(InputError, match="want https"):
        await resolve_target(target, Resolver(["10.1.0.1", "93.184.216.34"]), OWN)


async def test_a_literal_is_not_resolved() -> None:
    resolver = Resolver()
    found = await resolve_target(parse_target("https://93.184.216.34/"), resolver)
    assert ([str(address) for address in found], resolver.asked) == (["93.184.216.34"], 0)


async def test_the_systems_resolver_answers_in_text() -> None:
    assert set(await system_resolve("localhost", 80)) <= {"127.0.0.1", "::1"}


@given(st.ip_addresses(v=4))
def test_wrapping_an_address_changes_nothing(address: object) -> None:
    from ipaddress import IPv4Address, ip_address

    assert isinstance(address, IPv4Address)
    mapped, nat64 = ip_address(f"::ffff:{address}"), ip_address(f"64:ff9b::{address}")
    assert is_public(mapped) is is_public(nat64) is is_public(address)
    assert not is_public(ip_address(f"2002:{int(address) >> 16:x}:{int(address) & 0xFFFF:x}::"))
