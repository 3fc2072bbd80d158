"""Ports: both addresses of the loopback, and a clear word when one cannot be had."""

from __future__ import annotations

import socket

import pytest

from vivavoce.errors import InputError
from vivavoce.local.front.ports import listeners


def test_localhost_is_both_addresses_of_the_loopback_on_one_port() -> None:
    found = listeners("localhost", 0)
    addresses = {listener.getsockname()[0] for listener in found}
    ports = {listener.getsockname()[1] for listener in found}
    for listener in found:
        listener.close()
    assert "127.0.0.1" in addresses <= {"127.0.0.1", "::1"}
    assert len(ports) == 1


def test_a_machine_without_ipv6_serves_the_other_address(monkeypatch: pytest.MonkeyPatch) -> None:
    real = socket.getaddrinfo

    def only_four(host: str, *args: object, **more: object) -> object:
        if host == "::1":
            raise socket.gaierror(socket.EAI_FAMILY, "Address family not supported")
        return real(host, *args, **more)  # type: ignore[arg-type]  # as it was called

    monkeypatch.setattr(socket, "getaddrinfo", only_four)
    (listener,) = listeners("localhost", 0)
    listener.close()


def test_what_cannot_be_had_is_told() -> None:
    (taken,) = listeners("127.0.0.1", 0)
    with taken, pytest.raises(InputError, match=r"want to listen on 127\.0\.0\.1:\d+, got .*another port"):
        listeners("127.0.0.1", taken.getsockname()[1])
    with pytest.raises(InputError, match="want a port from 0 to 65535"):
        listeners("127.0.0.1", 70_000)
    with pytest.raises(InputError, match="want a host and a port"):
        listeners("no such host", 0)
