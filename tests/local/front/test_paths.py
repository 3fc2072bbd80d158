"""Every address the service and its SDKs know."""

from __future__ import annotations

import pytest

from vivavoce.local.front.paths import ClientSecrets, Live, Models, Realtime, Root, Tokens, page_at, socket_at
from vivavoce.wire.gemini.models import STUDIO, VERTEX

STUDIO_PATH = "/ws/google.ai.generativelanguage.{}.GenerativeService.BidiGenerateContent"
VERTEX_PATH = "/ws/google.cloud.aiplatform.{}.LlmBidiService/BidiGenerateContent"


@pytest.mark.conformance("S2")
@pytest.mark.parametrize("version", ["v1", "v1alpha", "v1beta", "v1beta1"])
@pytest.mark.parametrize("prefix", ["", "/", "//", "/a/b", "///a//b/"])
def test_sockets_of_the_live_api(version: str, prefix: str) -> None:
    studio, vertex = prefix + STUDIO_PATH.format(version), prefix + VERTEX_PATH.format(version)
    assert socket_at(studio) == socket_at(studio + "?key=x") == Live(STUDIO, version)
    assert socket_at(studio + "Constrained?access_token=auth_tokens/x") == Live(STUDIO, version, constrained=True)
    assert socket_at(vertex) == socket_at(vertex.replace("/Bidi", "//Bidi")) == Live(VERTEX, version)


@pytest.mark.parametrize(
    "target",
    [
        "/ws/elsewhere",
        STUDIO_PATH.format("v2"),
        STUDIO_PATH.format("v1beta") + "Twice",
        STUDIO_PATH.format("v1beta").replace(".Bidi", "/Bidi"),
        VERTEX_PATH.format("v1").replace("/Bidi", ".Bidi"),
        "/v1/realtime/client_secrets",
        "/somewhere?path=" + STUDIO_PATH.format("v1"),
    ],
)
def test_sockets_that_are_none(target: str) -> None:
    assert socket_at(target) is None


def test_other_sockets() -> None:
    assert socket_at("/v1/realtime?model=gpt-realtime") == Realtime()
    assert socket_at("/prefix//v1/realtime/") == Realtime()
    assert socket_at("") == socket_at("//") == Live(VERTEX, "v1beta1"), (
        "the base URL as it is, in the SDK's Vertex mode"
    )


@pytest.mark.parametrize(
    ("target", "wanted"),
    [
        ("/v1alpha/auth_tokens", Tokens()),
        ("//a/v1beta//auth_tokens?key=x", Tokens()),
        ("/v1beta/models", Models("v1beta")),
        ("/v1/models/gemini-3.8-live", Models("v1", "gemini-3.8-live")),
        ("/v1/realtime/client_secrets", ClientSecrets()),
        ("/", Root()),
        ("/v2/auth_tokens", None),
        ("/favicon.ico", None),
    ],
)
def test_pages(target: str, wanted: object) -> None:
    assert page_at(target) == wanted
