"""One function chooses endpoint, credential, model path and dialect (V2)."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from vivavoce.errors import SettingsError
from vivavoce.live.address import vertex_base
from vivavoce.live.backend import Backend, BackendSettings, choose
from vivavoce.live.gemini.dialect import GeminiDialects

METHOD = "/ws/google.ai.generativelanguage.{}.GenerativeService.{}"
PATH = METHOD.format("v1beta", "BidiGenerateContent")
VERTEX_PATH = "/ws/google.cloud.aiplatform.v1beta1.LlmBidiService/BidiGenerateContent"
SECRET = "very-secret"


async def headers(backend: Backend) -> dict[str, str]:
    return (await backend.target()).headers


@pytest.mark.conformance("C3")
@pytest.mark.parametrize(
    ("base", "url"),
    [
        ("http://127.0.0.1:81", "ws://127.0.0.1:81" + PATH),
        ("https://host/a/b/", "wss://host/a/b" + PATH),
        ("ws://host", "ws://host" + PATH),
        ("wss://host/", "wss://host" + PATH),
        ("https://[::1]:8443/x", "wss://[::1]:8443/x" + PATH),
    ],
)
def test_base_urls_of_every_scheme(base: str, url: str) -> None:
    assert choose(BackendSettings(kind="local", base_url=base)).url == url


@pytest.mark.conformance("C1", "C4")
async def test_the_studio_takes_its_key_in_a_header_and_hides_it() -> None:
    backend = choose(BackendSettings(kind="studio", key=SECRET))
    target = await backend.target()
    assert target.url == "wss://generativelanguage.googleapis.com" + PATH
    assert target.headers == {"x-goog-api-key": SECRET}
    assert target.tls is not None
    assert SECRET not in repr(target) + repr(backend) + target.url
    assert target.secrets() == [SECRET]
    assert SECRET not in repr(BackendSettings(kind="studio", key=SECRET))


@pytest.mark.conformance("C1", "C4")
async def test_a_key_may_go_into_the_query() -> None:
    backend = choose(BackendSettings(kind="studio", key="a%key/=&", key_in="query"))
    target = await backend.target()
    assert parse_qs(urlsplit(target.url).query) == {"key": ["a%key/=&"]}
    assert target.headers == {}
    assert "a%key" not in repr(target) + repr(backend)
    assert target.secrets() == ["a%key/=&"]


@pytest.mark.conformance("C1")
@pytest.mark.parametrize("version", ["v1", "v1alpha", "v1beta", "beta"])
async def test_an_ephemeral_token_takes_the_constrained_method(version: str) -> None:
    settings = BackendSettings(kind="studio", key="auth_tokens/abc", api_version=version)
    backend = choose(settings)
    spelled = "v1beta" if version == "beta" else version
    assert urlsplit(backend.url).path == METHOD.format(spelled, "BidiGenerateContentConstrained")
    assert await headers(backend) == {"Authorization": "Token auth_tokens/abc"}
    in_query = choose(BackendSettings(kind="studio", key="auth_tokens/abc", key_in="query"))
    assert parse_qs(urlsplit(in_query.url).query) == {"access_token": ["auth_tokens/abc"]}


@pytest.mark.conformance("C1")
@pytest.mark.parametrize("version", ["v1", "v1alpha", "v1beta"])
def test_every_version_has_its_path(version: str) -> None:
    backend = choose(BackendSettings(kind="studio", key="k", api_version=version))
    assert urlsplit(backend.url).path == METHOD.format(version, "BidiGenerateContent")
    assert backend.passes is not None
    assert backend.passes.token_url == f"https://generativelanguage.googleapis.com/{version}/auth_tokens"


@pytest.mark.conformance("C1")
@pytest.mark.parametrize(
    ("location", "host"),
    [
        ("us-central1", "us-central1-aiplatform.googleapis.com"),
        ("global", "aiplatform.googleapis.com"),
        ("us", "aiplatform.us.rep.googleapis.com"),
        ("eu", "aiplatform.eu.rep.googleapis.com"),
    ],
)
async def test_vertex_by_location(location: str, host: str) -> None:
    backend = choose(BackendSettings(kind="vertex", token=SECRET, project="p-1", location=location))
    assert backend.url == f"wss://{host}{VERTEX_PATH}"
    assert await headers(backend) == {"Authorization": f"Bearer {SECRET}"}
    assert backend.model == f"projects/p-1/locations/{location}/publishers/google/models/gemini-3.8-live"
    assert backend.passes is None, "Vertex AI makes no tokens for browsers"


async def test_vertex_in_express_mode_shows_a_key() -> None:
    backend = choose(BackendSettings(kind="vertex", key=SECRET))
    assert await headers(backend) == {"x-goog-api-key": SECRET}
    assert backend.model == "publishers/google/models/gemini-3.8-live"


def test_a_service_account_brings_its_project(tmp_path: Path) -> None:
    file = tmp_path / "account.json"
    file.write_text(json.dumps({"type": "service_account", "project_id": "from-file"}))
    backend = choose(BackendSettings(kind="vertex", credentials=str(file)))
    assert backend.model.startswith("projects/from-file/locations/global/")


@pytest.mark.conformance("C2")
@pytest.mark.parametrize(
    ("model", "path"),
    [
        ("gemini-3.8-live", "models/gemini-3.8-live"),
        ("", "models/gemini-3.8-live"),
        ("models/x", "models/x"),
        ("publishers/google/models/x",) * 2,
    ],
)
def test_model_names(model: str, path: str) -> None:
    assert choose(BackendSettings(kind="local", base_url="ws://h", model=model)).model == path
    if "/" in model:
        assert choose(BackendSettings(kind="vertex", token="t", project="p", model=model)).model == path


@pytest.mark.parametrize(
    ("base", "url"),
    [
        ("", "wss://api.openai.com/v1/realtime?model=gpt-realtime"),
        ("http://h:1/v1/", "ws://h:1/v1/realtime?model=gpt-realtime"),
        ("https://h/prefix", "wss://h/prefix/v1/realtime?model=gpt-realtime"),
    ],
)
async def test_openai(base: str, url: str) -> None:
    backend = choose(BackendSettings(kind="openai", key=SECRET, base_url=base, model="gpt-realtime"))
    assert backend.url == url
    assert await headers(backend) == {"Authorization": f"Bearer {SECRET}"}


@pytest.mark.parametrize(
    ("settings", "wanted"),
    [
        (BackendSettings(kind="local"), "want VIVA_BACKEND_URL"),
        (BackendSettings(kind="local", base_url="ftp://x"), "want a base URL"),
        (BackendSettings(kind="local", base_url="http://"), "want a base URL"),
        (BackendSettings(kind="local", base_url="http://h:port"), "got one that cannot be read"),
        (BackendSettings(kind="local", base_url="http://[::1"), "got one that cannot be read"),
        (BackendSettings(kind="local", base_url="http://u:very-secret@h"), "without a user"),
        (BackendSettings(kind="local", base_url="http://h?key=very-secret"), "without a user, a query"),
        (BackendSettings(kind="studio"), "want an API key"),
        (BackendSettings(kind="openai"), "want an API key"),
        (BackendSettings(kind="studio", key="very-secret\n"), "want a backend_key of visible"),
        (BackendSettings(kind="vertex", token="very secret\u00e4"), "want a backend_token of visible"),
        (BackendSettings(kind="studio", key="k", api_version="v2"), "want an API version"),
        (BackendSettings(kind="studio", key="k", ca="/nowhere.pem"), "want a PEM file"),
        (BackendSettings(kind="studio", key="k", thinking="a lot"), "want a level of thinking"),
        (BackendSettings(kind="vertex", token="t"), "want a project"),
        (BackendSettings(kind="vertex", token="t", project="p/../q"), "want the id of a project"),
        (BackendSettings(kind="vertex", token="t", project="p", location="evil.example/"), "want a location"),
        (BackendSettings(kind="vertex", credentials="/nowhere.json"), "want a credentials file"),
    ],
)
def test_what_does_not_hold_is_said(settings: BackendSettings, wanted: str) -> None:
    with pytest.raises(SettingsError, match=wanted) as caught:
        choose(settings)
    assert SECRET not in str(caught.value)


def test_a_location_is_never_a_path_out() -> None:
    for bad in ("", "a/b", "US", "x.y", "a" * 80):
        with pytest.raises(SettingsError):
            vertex_base(bad)


def test_what_the_model_is_known_for_goes_into_its_dialect() -> None:
    backend = choose(BackendSettings(kind="studio", key="k", model="gemini-3.1-flash-live-preview", thinking="low"))
    assert isinstance(backend.dialects, GeminiDialects)
    assert choose(BackendSettings(kind="studio", key="k", model="gemini-9-live")).model == "models/gemini-9-live"


@pytest.mark.parametrize(
    ("model", "said"),
    [("gemini-9-live", "nobody here knows"), ("gemini-live-2.5-flash", "not known to be served"), ("", "")],
)
def test_a_doubtful_model_is_told_at_the_start(model: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    choose(BackendSettings(kind="studio", key="k", model=model))
    told = capsys.readouterr().out
    assert said in told
    assert bool(told) is bool(said)
