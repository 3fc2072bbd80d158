"""The command line: exit codes and one-line errors."""

from __future__ import annotations

import runpy
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from typer.testing import CliRunner

from tests.conversation.talk import ROOT
from vivavoce import __version__
from vivavoce.app import cli
from vivavoce.local.ears.ears import Ears

SAMPLES = sorted((ROOT / "examples/agents").glob("*.yaml"))


@pytest.fixture(autouse=True)
def own_logs() -> Iterator[None]:
    """A command configures the logs of its process; the next test has its own."""
    yield
    structlog.reset_defaults()


def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *args: str) -> tuple[int, str, str]:
    """Exit code, output and errors of `viva ARGS`, as a shell would see them."""
    monkeypatch.setattr("sys.argv", ["viva", *args])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    out, err = capsys.readouterr()
    return int(stop.value.code or 0), out, err


def test_version(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(monkeypatch, capsys, "--version") == (0, __version__ + "\n", "")


def test_the_samples_hold(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(monkeypatch, capsys, "check", *map(str, SAMPLES))
    assert code == 0
    assert out.count(": holds") == 3


def test_a_broken_agent_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text(SAMPLES[2].read_text().replace("collect:", "colect:", 1))
    code, out, err = run(monkeypatch, capsys, "check", str(broken), str(SAMPLES[0]))
    assert code == 1
    assert "broken.yaml:" in err
    assert "did you mean collect" in err
    assert ": holds" in out, "the others are still checked"


@pytest.mark.parametrize(
    ("args", "code", "wanted"),
    [
        (("check", "nowhere.yaml"), 1, "want an agent file, got nowhere.yaml"),
        (("talk", "nowhere.yaml", "--wav", "x.wav"), 2, "want an agent file, got nowhere.yaml"),
        (("demo", "--guest", "nowhere.yaml"), 2, "nowhere.yaml"),
        (("serve", "--config", "nowhere.toml"), 2, "want a settings file, got nowhere.toml: No such file"),
        (("calls", "list", "--state", "foo"), 2, "'ended'; `viva calls list --help` tells more"),
        (("serve", "--port", "99999"), 2, "want a port from 0 to 65535, got 99999"),
        (("teleport",), 2, "teleport"),
    ],
)
def test_what_was_asked_wrongly(
    args: tuple[str, ...], code: int, wanted: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    came, _, err = run(monkeypatch, capsys, *args)
    assert came == code
    assert wanted in err
    assert "Traceback" not in err


def test_a_live_model_that_cannot_be_reached_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in {"BACKEND": "studio", "BACKEND_KEY": "very-secret", "BACKEND_URL": "http://127.0.0.1:1"}.items():
        monkeypatch.setenv(f"VIVA_{name}", value)
    code, out, err = run(monkeypatch, capsys, "demo", "--typed", "--out", str(tmp_path / "out"))
    assert code == 5
    assert err.startswith("viva: nobody listens at the live model's address")
    assert "VIVA_BACKEND_URL" in err
    assert err.count("\n") == 1
    assert "verdict" not in out
    assert "dropped" not in out, "there was no line that could drop"


def test_a_spoken_demo_wants_ears(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Ears, "engine", property(lambda self: "none"))
    code, _, err = run(monkeypatch, capsys, "demo", "--out", str(tmp_path / "out"))
    assert code == 3
    assert "--typed" in err
    assert "Traceback" not in err


def test_python_runs_it_as_a_module(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.argv", ["vivavoce", "--version"])
    with pytest.raises(SystemExit) as stop:
        runpy.run_module("vivavoce", run_name="__main__")
    assert (stop.value.code or 0, capsys.readouterr().out) == (0, __version__ + "\n")


@pytest.mark.parametrize("command", ["replay", "report"])
def test_a_folder_without_a_database_is_left_alone(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = run(monkeypatch, capsys, command, "nobody", "--data", str(tmp_path / "nowhere"))
    assert code == 2
    assert "want a folder with a database" in err
    assert not (tmp_path / "nowhere").exists()


def test_what_nothing_acts_on_is_said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(monkeypatch, capsys, "check", *map(str, SAMPLES))
    assert "nothing acts on it in this version: knowledge, stage, offers, embed.modes, kiosk, measure" in out
    assert "frustration, coach" in out
    assert "result.deliver" in out


def test_help_names_every_command() -> None:
    out = CliRunner().invoke(cli.app, ["--help"]).output
    assert all(name in out for name in ("demo", "talk", "check", "serve", "replay", "report"))
