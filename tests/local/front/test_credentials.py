"""Credentials in every place the service documents."""

from __future__ import annotations

import pytest

from vivavoce.local.front.credentials import Credentials, credentials_of


@pytest.mark.conformance("S3")
@pytest.mark.parametrize(
    ("target", "headers", "wanted"),
    [
        ("/?key=k", [], Credentials(keys=("k",))),
        ("/?access_token=auth_tokens/t", [], Credentials(bearers=("auth_tokens/t",))),
        ("/?access_token=auth_tokens%2Ft", [], Credentials(bearers=("auth_tokens/t",))),
        ("/", [("X-Goog-Api-Key", "k")], Credentials(keys=("k",))),
        ("/", [("Authorization", "Bearer b")], Credentials(bearers=("b",))),
        ("/", [("authorization", "Token auth_tokens/t")], Credentials(bearers=("auth_tokens/t",))),
        ("/", [("Sec-WebSocket-Protocol", "realtime, openai-insecure-api-key.k")], Credentials(bearers=("k",))),
        ("/?key=a&key=b", [("x-goog-api-key", "c"), ("x-goog-api-key", "d")], Credentials(keys=("a", "b", "c", "d"))),
        ("/?key=", [("x-goog-api-key", ""), ("Authorization", "Bearer ")], Credentials()),
        ("/?key=" + "&key=".join("x" * 100), [], Credentials()),
        ("/", [("Authorization", "nonsense")], Credentials()),
    ],
)
def test_places(target: str, headers: list[tuple[str, str]], wanted: Credentials) -> None:
    assert credentials_of(target, headers) == wanted


def test_an_ephemeral_token_is_found_in_the_place_of_a_key_too() -> None:
    assert credentials_of("/", [("x-goog-api-key", "auth_tokens/t")]).ephemeral == "auth_tokens/t"
    assert credentials_of("/?key=k", []).ephemeral is None


def test_any_of_several_may_match() -> None:
    shown = Credentials(keys=("wrong", "falsch ü"), bearers=("right",))
    assert shown.match({"right", "also right"})
    assert not shown.match({"other"})
    assert not shown.match(())


def test_they_never_show_in_a_log() -> None:
    assert "secret" not in repr(Credentials(keys=("secret",), bearers=("secret",)))
