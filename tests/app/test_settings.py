"""Settings, each value knowing where it came from."""

from __future__ import annotations

from pathlib import Path

import pytest

from vivavoce.app.settings import Settings, load_settings, server_wishes
from vivavoce.errors import SettingsError


def test_later_wins_and_every_value_knows_its_source(tmp_path: Path) -> None:
    file = tmp_path / "viva.toml"
    file.write_text('port = 1\nhost = "::1"\ngate = "two-tier"\n')
    found = load_settings(
        file=file, environ={"VIVA_PORT": "2", "VIVA_GATE": "duplex", "PATH": "x"}, overrides={"port": 3, "pace": None}
    )
    assert (found.settings.port, found.settings.gate, found.settings.host) == (3, "duplex", "::1")
    assert found.settings.pace == "interview"
    assert found.sources["port"] == "command line"
    assert found.sources["gate"] == "environment VIVA_GATE"
    assert found.sources["host"] == "file viva.toml"
    assert found.sources["pace"] == "default"


def test_secrets_are_never_shown() -> None:
    found = load_settings(environ={"VIVA_BACKEND_KEY": "very-secret"})
    text = "\n".join(found.lines())
    assert "backend_key = set (environment VIVA_BACKEND_KEY)" in text
    assert "very-secret" not in text
    assert len(found.lines()) == len(Settings.__struct_fields__)


def test_an_address_is_shown_without_what_may_be_a_password() -> None:
    found = load_settings(
        environ={
            "VIVA_DATABASE_URL": "postgresql+asyncpg://viva:very-secret@db.example/viva?password=very-secret",
            "VIVA_BRAIN": "https://:very-secret@models.example/v1#m",
        }
    )
    text = "\n".join(found.lines())
    assert "very-secret" not in text
    assert "db.example/viva" in text
    assert "models.example/v1" in text


@pytest.mark.parametrize(
    ("environ", "wanted"),
    [
        ({"VIVA_HOTS": "1"}, "environment VIVA_HOTS: want a setting, got 'hots'; did you mean host"),
        ({"VIVA_PORT": "many"}, "port: .*environment VIVA_PORT"),
        ({"VIVA_BACKEND": "magic"}, "backend: want one of local, studio, vertex, openai, got 'magic'.*VIVA_BACKEND"),
        ({"VIVA_BACKEND": "studoi"}, "did you mean studio"),
        ({"VIVA_BACKEND_PROACTIVE": "maybe"}, "want one of on, off"),
        ({"VIVA_MINUTES": "-1"}, "minutes: want a number above 0 to 1,440, got '-1' .environment VIVA_MINUTES"),
        ({"VIVA_TURNS": "1e9"}, "turns: want a whole number from 1 to 10,000, got '1e9'"),
        ({"VIVA_PROMPT": "new"}, "prompt: want a version such as 2"),
        ({"VIVA_HTTPS": "perhaps"}, "https: want true or false, got 'perhaps'"),
    ],
)
def test_what_does_not_hold_says_where_it_came_from(environ: dict[str, str], wanted: str) -> None:
    with pytest.raises(SettingsError, match=wanted):
        load_settings(environ=environ)


def test_a_secret_of_the_wrong_kind_is_not_repeated(tmp_path: Path) -> None:
    (tmp_path / "viva.toml").write_text("api_key = 123456")
    with pytest.raises(SettingsError, match="api_key: want text, got something else") as caught:
        load_settings(file=tmp_path / "viva.toml", environ={})
    assert "123456" not in str(caught.value)


def test_what_a_server_decides_of_its_calls() -> None:
    environ = {"VIVA_PACE": "casual", "VIVA_TURNS": "9", "VIVA_MINUTES": "null", "VIVA_PORT": "1", "VIVA_GATE": "auto"}
    assert server_wishes(load_settings(environ=environ).settings) == {"pace": "casual", "turns": 9}
    assert server_wishes(Settings()) == {}


def test_a_file_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"want a settings file, got .+: No such file"):
        load_settings(file=tmp_path / "missing.toml", environ={})
    (tmp_path / "bad.toml").write_text("port = ")
    with pytest.raises(SettingsError, match=r"bad\.toml"):
        load_settings(file=tmp_path / "bad.toml", environ={})
