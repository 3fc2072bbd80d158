"""Plain requests: tokens, models and client secrets, and how each service refuses."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vivavoce.local.front.http import Answer, Request
from vivavoce.local.front.pages import OFFERED, Pages
from vivavoce.local.front.secrets import ClientSecrets
from vivavoce.local.front.tokens import Tokens
from vivavoce.wire.gemini.models import MODELS, find
from vivavoce.wire.gemini.setup import Setup

NOW = 1_800_000_000.0


class Server:
    def __init__(self, *keys: str) -> None:
        self.tokens = Tokens(lambda: NOW)
        self.secrets = ClientSecrets(lambda: NOW)
        self.pages = Pages(keys, self.tokens, self.secrets, lambda: {"sessions": 3})

    def ask(self, method: str, target: str, body: Any = None, **headers: str) -> Answer:
        given_ = [(name.replace("_", "-"), value) for name, value in headers.items()]
        data = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else b""
        return self.pages.answer(Request(method, target, given_, data))


def content(answer: Answer) -> Any:
    return json.loads(msgspec.json.encode(answer.content))


@pytest.mark.conformance("S5")
def test_a_token_is_made_in_either_spelling() -> None:
    server = Server()
    setup = {"model": "models/gemini-3.8-live", "generationConfig": {"speech_config": {"language_code": "de-DE"}}}
    for body in ({"uses": 3, "bidiGenerateContentSetup": setup}, {"uses": 3.0, "bidi_generate_content_setup": setup}):
        answer = server.ask("POST", "//v1alpha//auth_tokens", body)
        assert answer.status == 200
        token = server.tokens.find(content(answer)["name"])
        assert token is not None
        assert token.sessions_left == 3
        admitted = token.admit(Setup(model="models/other"))
        assert admitted.generation_config is not None
        assert admitted.generation_config.speech_config is not None
        assert admitted.generation_config.speech_config.language_code == "de-DE"


@pytest.mark.conformance("S5")
@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b"\xff",
        b'{"a":' * 2000,
        {"uses": "many"},
        {"uses": -1},
        {"nonsense": 1},
        {"bidiGenerateContentSetup": {"nonsense": 1}},
        {"bidiGenerateContentSetup": 3},
        {"expireTime": "soon"},
        {"fieldMask": ["model"]},
    ],
)
def test_a_token_request_that_does_not_hold(body: Any) -> None:
    answer = Server().ask("POST", "/v1beta/auth_tokens", body)
    assert answer.status == 400
    assert content(answer)["error"]["status"] == "INVALID_ARGUMENT"


@pytest.mark.parametrize(
    ("headers", "status"),
    [({}, 403), ({"x_goog_api_key": "wrong"}, 400), ({"x_goog_api_key": "right"}, 200)],
)
def test_a_server_with_keys_wants_one(headers: dict[str, str], status: int) -> None:
    server = Server("right")
    assert server.ask("POST", "/v1alpha/auth_tokens", {}, **headers).status == status
    assert server.ask("GET", "/v1beta/models", **headers).status == status


@pytest.mark.conformance("S6")
def test_models() -> None:
    server = Server()
    listed = content(server.ask("GET", "/v1beta/models"))["models"]
    assert [model["name"] for model in listed] == [f"models/{name}" for name in OFFERED]
    assert {model["supportedGenerationMethods"][0] for model in listed} == {"bidiGenerateContent"}
    assert content(server.ask("GET", "/v1/models/gemini-3.8-live")) == listed[0]
    assert server.ask("GET", "/v1/models/other").status == 404


def test_every_generation_is_on_offer() -> None:
    assert {find(name) for name in OFFERED} == set(MODELS)


def test_client_secrets() -> None:
    server = Server("right")
    body = {"expires_after": {"anchor": "created_at", "seconds": 60}, "session": {"type": "realtime", "model": "m"}}
    answer = server.ask("POST", "/v1/realtime/client_secrets", body, authorization="Bearer right")
    made = content(answer)
    assert (made["expires_at"], made["session"]) == (int(NOW) + 60, {"type": "realtime", "model": "m"})
    secret = server.secrets.find(made["value"])
    assert secret is not None
    assert made["value"] not in repr(secret)
    assert server.secrets.find("ek_other") is None


@pytest.mark.parametrize(
    ("headers", "body", "status", "code"),
    [
        ({}, {}, 401, None),
        ({"authorization": "Bearer wrong"}, {}, 401, "invalid_api_key"),
        ({"authorization": "Bearer right"}, {"expires_after": {"seconds": 1}}, 400, "invalid_value"),
        ({"authorization": "Bearer right"}, b"{", 400, "invalid_value"),
    ],
)
def test_client_secrets_refused(headers: dict[str, str], body: Any, status: int, code: str | None) -> None:
    answer = Server("right").ask("POST", "/v1/realtime/client_secrets", body, **headers)
    assert (answer.status, content(answer)["error"]["code"]) == (status, code)


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [
        ("GET", "/", 200),
        ("HEAD", "/", 200),
        ("POST", "/", 405),
        ("GET", "/v1alpha/auth_tokens", 405),
        ("GET", "/favicon.ico", 404),
        ("GET", "/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent", 426),
    ],
)
def test_other_requests(method: str, target: str, status: int) -> None:
    assert Server().ask(method, target).status == status


def test_the_root_tells_who_is_there_and_no_secret() -> None:
    assert content(Server("right").ask("GET", "/"))["sessions"] == 3
    assert "right" not in json.dumps(content(Server("right").ask("GET", "/")))


@given(st.binary(max_size=200), st.text(max_size=40))
def test_nothing_makes_a_page_raise(body: bytes, path: str) -> None:
    server = Server()
    for target in ("/v1beta/auth_tokens", "/v1/realtime/client_secrets", "/" + path):
        assert server.pages.answer(Request("POST", target, [], body)).status in (200, 400, 404, 405, 426)
