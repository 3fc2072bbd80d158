"""One function chooses endpoint, credential and model path (V2)."""

from __future__ import annotations

import pytest

from vivavoce.errors import SettingsError
from vivavoce.live.backend import BackendSettings, choose

PATH = "/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent"


@pytest.mark.parametrize(
    ("base", "url"),
    [
        ("http://127.0.0.1:81", "ws://127.0.0.1:81" + PATH),
        ("https://host/a/b/", "wss://host/a/b" + PATH),
        ("ws://host", "ws://host" + PATH),
        ("wss://host/", "wss://host" + PATH),
    ],
)
def test_base_urls_of_every_scheme(base: str, url: str) -> None:
    assert choose(BackendSettings(kind="local", base_url=base)).url == url


def test_the_studio_takes_its_key_in_a_header_and_hides_it() -> None:
    target = choose(BackendSettings(kind="studio", key="very-secret"))
    assert target.url == "wss://generativelanguage.googleapis.com" + PATH
    assert target.headers == {"x-goog-api-key": "very-secret"}
    assert "very-secret" not in repr(target)
    assert "very-secret" not in target.url


@pytest.mark.parametrize(
    ("model", "path"),
    [("gemini-3.8-live", "models/gemini-3.8-live"), ("models/x", "models/x"), ("publishers/google/models/x",) * 2],
)
def test_model_names(model: str, path: str) -> None:
    assert choose(BackendSettings(kind="local", base_url="ws://h", model=model)).model == path


@pytest.mark.parametrize(
    ("settings", "wanted"),
    [
        (BackendSettings(kind="local"), "want a base URL"),
        (BackendSettings(kind="local", base_url="ftp://x"), "want a base URL"),
        (BackendSettings(kind="studio"), "want an API key"),
    ],
)
def test_what_does_not_hold_is_said(settings: BackendSettings, wanted: str) -> None:
    with pytest.raises(SettingsError, match=wanted):
        choose(settings)
