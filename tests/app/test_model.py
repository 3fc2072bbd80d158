"""Which live model a server uses: settings reach the backend, and what does not hold is told at the start."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from vivavoce.agents.callsettings import CallSettings
from vivavoce.app.model import backend_settings
from vivavoce.app.phrases import PreparedPhrases
from vivavoce.app.services import open_services
from vivavoce.app.settings import Settings
from vivavoce.errors import InputError, MissingError, SettingsError
from vivavoce.gateway.notices import FAILURES, SPOKEN
from vivavoce.live.backend import BackendSettings

NOT_SET_BY_HAND = {"any_voice"}


def test_every_setting_of_the_backend_can_be_set() -> None:
    annotations = CallSettings.__annotations__ | Settings.__annotations__
    words = {name: f"x-{name}" for name, kind in annotations.items() if kind == "str"}
    chosen = msgspec.convert(
        words | {"backend": "vertex", "backend_key_in": "query", "backend_proactive": "off", "backend_affective": "on",
                 "backend_hold_audio": "always"},
        Settings,
    )  # fmt: skip
    made, usual = backend_settings(chosen), BackendSettings()
    unset = {name for name in BackendSettings.__struct_fields__ if getattr(made, name) == getattr(usual, name)}
    assert unset == NOT_SET_BY_HAND
    assert (made.proactive, made.affective, made.hold_audio) == (False, True, True)
    assert (made.base_url, made.key, made.token) == ("x-backend_url", "x-backend_key", "x-backend_token")
    assert backend_settings(Settings()).hold_audio is None


@pytest.mark.parametrize(
    ("settings", "wanted"),
    [
        ({"backend": "studio"}, "want an API key"),
        ({"backend": "vertex", "backend_token": "t"}, "want a project"),
        ({"backend": "vertex", "backend_project": "p", "backend_credentials": "/nowhere"}, "want a credentials file"),
        ({"backend": "studio", "backend_key": "k", "backend_url": "nowhere"}, "want a base URL"),
    ],
)
async def test_a_server_whose_settings_do_not_hold_does_not_start(
    tmp_path: Path, settings: dict[str, Any], wanted: str
) -> None:
    with pytest.raises(SettingsError, match=wanted):
        async with open_services(Settings(data_dir=str(tmp_path), **settings)):
            pytest.fail("it started")


async def test_a_missing_extra_is_told_at_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "google.auth", None)
    with pytest.raises(MissingError, match="extra `vertex`"):
        async with open_services(Settings(data_dir=str(tmp_path), backend="vertex", backend_project="p")):
            pytest.fail("it started")


async def test_a_model_with_a_voice_of_its_own_is_only_helped_out_when_it_is_not_there() -> None:
    class Mouth:
        async def speak(self, text: str, voice: str) -> Any:
            yield b"\x01\x00"

    remote, embedded = PreparedPhrases(Mouth(), FAILURES), PreparedPhrases(Mouth())
    assert set(FAILURES) == set(SPOKEN) - {"one_moment"}
    assert await remote.sound("link_refused", "any") == b"\x01\x00"
    assert await remote.sound("one_moment", "any") is None
    assert await embedded.sound("one_moment", "any") == b"\x01\x00"


@pytest.mark.parametrize(
    ("settings", "wanted"),
    [
        ({"brain": "gpt"}, "want the brain"),
        ({"brain": "https://host.example/v1"}, "want the model's name"),
        ({"ears_dir": "small.en"}, "a name would mean a download"),
        ({"voices_dir": "amy"}, "a name would mean a download"),
    ],
)
async def test_a_brain_or_an_engine_that_cannot_be_had_is_told_at_the_start(
    tmp_path: Path, settings: dict[str, Any], wanted: str
) -> None:
    with pytest.raises(InputError, match=wanted):
        async with open_services(Settings(data_dir=str(tmp_path), **settings)):
            pytest.fail("it started")


async def test_another_brain_is_named_in_health_without_its_key(tmp_path: Path) -> None:
    chosen = Settings(data_dir=str(tmp_path), brain="https://models.example/v1#m", brain_key="sk-very-secret")
    async with open_services(chosen) as services:
        desk = services.desk
        assert desk.engines["brain"] == "https://…"
        assert "secret" not in str(desk.engines)


async def test_health_names_the_model_and_not_whose_it_is(tmp_path: Path) -> None:
    chosen = Settings(data_dir=str(tmp_path), backend="vertex", backend_token="t", backend_project="a-secret-project")
    async with open_services(chosen) as services:
        desk = services.desk
        assert desk.engines["brain"] == "gemini-3.8-live"
        assert "a-secret-project" not in str(desk.engines)
