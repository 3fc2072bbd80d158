"""`viva doctor --settings`: every setting, its value, and who decided it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.app.cli.conftest import Shell
from vivavoce.app.doctor import server
from vivavoce.app.settings import Settings


@pytest.fixture(autouse=True)
def told_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIVA_MINUTES", "20")
    monkeypatch.setenv("VIVA_API_KEY", "very-secret")


def test_every_setting_of_the_server(shell: Shell) -> None:
    ran = shell("doctor", "--settings")
    assert ran.code == 0
    assert "minutes = 20.0 (environment VIVA_MINUTES)" in ran.out
    assert "api_key = set (environment VIVA_API_KEY)" in ran.out
    assert "very-secret" not in ran.out
    assert shell("doctor", "--settings", "--json").document["pace"] == {"value": "interview", "source": "default"}


@pytest.mark.parametrize("database", [True, False])
def test_the_settings_of_an_agents_calls(shell: Shell, database: bool) -> None:
    if not database:
        shutil.rmtree(shell.data)
    told = shell("doctor", "--agent", "founder", "--json").document
    assert told["minutes"] == {"value": 20.0, "source": "environment VIVA_MINUTES"}
    assert told["record"] == {"value": "ask", "source": "agent file, consent.record"}
    assert shell.data.exists() is database, "nothing is made for a look"
    ran = shell("doctor", "--agent", "nobody")
    assert ran.code != 0
    assert "nobody" in ran.err


def test_a_prompt_that_does_not_hold_is_found(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text("version: 2\nlayers: []\n")
    found = list(server.prompts(Settings(prompts_dir=str(tmp_path))))
    assert {finding.grade for finding in found} == {"warn"}
    assert any(finding.says.startswith("own.yaml:2:9: layers: want a list of layers") for finding in found)
    (tmp_path / "own.yaml").unlink()
    assert [finding.says for finding in server.prompts(Settings(prompts_dir=str(tmp_path)))] == ["versions 1, 2, 3"]
    assert list(server.prompts(Settings())) == []
