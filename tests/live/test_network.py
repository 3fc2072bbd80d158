"""Proxies of the environment, and certificates."""

from __future__ import annotations

from pathlib import Path

import pytest

from vivavoce.errors import SettingsError
from vivavoce.live.network import is_loopback, proxy_for, trust

STUDIO = "wss://generativelanguage.googleapis.com/ws"


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http", "https", "all", "no", "ws", "wss"):
        monkeypatch.delenv(f"{name}_proxy", raising=False)
        monkeypatch.delenv(f"{name.upper()}_PROXY", raising=False)


@pytest.mark.parametrize(
    ("environment", "url", "proxy"),
    [
        ({}, STUDIO, None),
        ({"https_proxy": "http://p:3128"}, STUDIO, "http://p:3128"),
        ({"HTTPS_PROXY": "p:3128"}, STUDIO, "http://p:3128"),
        ({"all_proxy": "socks5h://p:1080"}, STUDIO, "socks5://p:1080"),
        ({"http_proxy": "http://p:1"}, STUDIO, None),
        ({"http_proxy": "http://p:1"}, "ws://model.example/ws", "http://p:1"),
        ({"https_proxy": "http://p:1", "no_proxy": "googleapis.com"}, STUDIO, None),
        ({"https_proxy": "http://p:1", "no_proxy": "*"}, STUDIO, None),
        ({"https_proxy": "http://p:1", "no_proxy": "other.example"}, STUDIO, "http://p:1"),
        ({"all_proxy": "http://p:1"}, "ws://127.0.0.1:9/ws", None),
        ({"all_proxy": "http://p:1"}, "wss://localhost:9/ws", None),
        ({"all_proxy": "http://p:1"}, "wss://[::1]:9/ws", None),
    ],
)
def test_the_environment_names_the_proxy(
    environment: dict[str, str], url: str, proxy: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert proxy_for(url) == proxy


def test_a_proxy_of_another_kind_is_told_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "ftp://user:very-secret@p:21")
    with pytest.raises(SettingsError, match="want a proxy") as caught:
        proxy_for(STUDIO)
    assert "very-secret" not in str(caught.value)


@pytest.mark.parametrize(
    "proxy", ["http://[::1", "http://p:many", "http://", "http://p:99999", "http://u:very-secret@"]
)
def test_a_proxy_that_cannot_be_read_is_told_at_the_start(proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", proxy)
    with pytest.raises(SettingsError, match="want a proxy") as caught:
        proxy_for(STUDIO)
    assert "very-secret" not in str(caught.value)
    assert caught.value.__context__ is None or "very-secret" not in str(caught.value.__context__)


@pytest.mark.parametrize("host", ["localhost", "a.localhost", "127.0.0.9", "::1"])
def test_this_machine(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["example.org", "localhost.example.org", "10.0.0.1", ""])
def test_other_machines(host: str) -> None:
    assert not is_loopback(host)


def test_certificates_are_read_once(tmp_path: Path) -> None:
    assert trust() is trust()
    broken = tmp_path / "ca.pem"
    broken.write_text("no certificate")
    with pytest.raises(SettingsError, match="want a PEM file"):
        trust(str(broken))
