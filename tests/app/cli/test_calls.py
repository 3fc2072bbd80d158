"""`viva calls`, and what is made of one call."""

from __future__ import annotations

import json
import sqlite3
import sys
import wave

import pytest

from tests.app.cli.conftest import BEGAN, CALL, PERSON_SAYS, Shell


def test_the_list(shell: Shell) -> None:
    ran = shell("calls", "list")
    assert ran.code == 0
    heading, _, row = ran.out.splitlines()
    assert heading.split() == ["call", "agent", "version", "began", "lasted", "state"]
    assert row.split()[:2] == [CALL, "founder-validation"]
    assert row.split()[-2:] == ["1:05", "agent_ended"]
    assert "\x1b" not in ran.out, "no colour in a pipe"


def test_the_list_for_programs(shell: Shell) -> None:
    [call] = shell("calls", "list", "--json").document
    assert (call["id"], call["started_at"], call["state"]) == (CALL, BEGAN, "ended")


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (("--state", "ended"), 1),
        (("--state", "live"), 0),
        (("--agent", "founder-validation"), 1),
        (("--agent", "nobody"), 0),
    ],
)
def test_the_list_is_narrowed(options: tuple[str, ...], found: int, shell: Shell) -> None:
    assert len(shell("calls", "list", "--json", *options).document) == found
    said = shell("calls", "list", *options)
    assert (said.code, "no calls" in said.err, said.out == "") == (0, not found, not found)


def test_one_call(shell: Shell) -> None:
    told = shell("calls", "show", CALL)
    assert "end_reason: agent_ended" in told.out
    assert "engines.backend: local" in told.out
    assert "agent_source" not in told.out
    assert shell("calls", "show", CALL, "--json").document["agent_hash"] == "test"
    assert "recording.state: " in told.out


def test_events(shell: Shell) -> None:
    ran = shell("calls", "events", CALL)
    assert "caller_joined" in ran.out
    events = shell("calls", "events", CALL, "--json").document
    assert events[0]["event"]["event"] == "caller_joined"
    assert len(events) + 2 == len(ran.out.splitlines())


def test_the_transcript_cannot_steer_a_terminal(shell: Shell) -> None:
    for options in ((), ("--vtt",)):
        ran = shell("calls", "transcript", CALL, *options)
        assert PERSON_SAYS in ran.out
        assert "\x1b" not in ran.out
    turns = shell("calls", "transcript", CALL, "--json").document
    assert [turn["who"] for turn in turns] == ["caller", "alex"]


def test_facts(shell: Shell) -> None:
    rows = [line.split() for line in shell("calls", "facts", CALL).out.splitlines()]
    assert ["severity", "answered", "8", "founder-said"] in rows
    facts = {fact["field"]: fact for fact in shell("calls", "facts", CALL, "--json").document}
    assert facts["severity"]["value"] == 8
    assert facts["price"]["state"] == "unasked"


def test_replay(shell: Shell) -> None:
    assert shell("replay", CALL).out.endswith(" events, the same effects\n")
    assert shell("replay", CALL, "--json").document["events"] > 5


def test_the_story(shell: Shell) -> None:
    lines = shell("replay", CALL, "--explain").out.splitlines()
    assert lines[0] == "  0:00.000  caller  joins by voice, in en"
    assert any(line.endswith("  agent   alex: “Go on.”") for line in lines)
    assert "\x1b" not in "".join(lines), "what callers say cannot steer a terminal"
    told = shell("replay", CALL, "--explain", "--json").document
    assert len(told) == len(lines)
    assert told[0] == {"at_s": 0.0, "seq": 0, "who": "caller", "says": "joins by voice, in en"}
    assert shell("replay", "nobody", "--explain").code == 2


def test_the_report(shell: Shell) -> None:
    ran = shell("report", CALL, "--out", "out")
    assert ran.out == "out/report.html\n"
    names = {path.name for path in (shell.folder / "out").iterdir()}
    assert {"report.html", "transcript.json", "facts.json", "call.wav"} <= names
    assert json.loads((shell.folder / "out/facts.json").read_text())["id"] == CALL


def test_the_export(shell: Shell) -> None:
    ran = shell("export", CALL, "--out", "out")
    names = ["call.json", "agent.yaml", "transcript.json", "facts.json", "events.jsonl", "call.wav"]
    assert ran.out.splitlines() == [f"out/{name}" for name in names]
    folder = shell.folder / "out"
    about = json.loads((folder / "call.json").read_text())
    assert (about["id"], "agent_source" in about) == (CALL, False)
    assert (folder / "agent.yaml").read_text() == (shell.folder / "agents/founder.yaml").read_text()
    events = [json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()]
    assert events == shell("calls", "events", CALL, "--json").document
    with wave.open(str(folder / "call.wav")) as sound:
        assert (sound.getnchannels(), sound.getframerate()) == (2, 24_000)


def test_the_export_without_sound_or_with_another(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    files = shell("export", CALL, "--out", "out", "--sound", "none", "--json").document["files"]
    assert not any(name.startswith("out/call.w") for name in files)
    monkeypatch.setitem(sys.modules, "soundfile", None)
    ran = shell("export", CALL, "--out", "out", "--sound", "flac")
    assert ran.code == 3
    assert "vivavoce[audio]" in ran.err


def test_a_folder_that_cannot_be_written(shell: Shell) -> None:
    (shell.folder / "file").write_text("")
    for command in ("export", "report"):
        ran = shell(command, CALL, "--out", "file")
        assert (ran.code, ran.out) == (4, "")
        assert ran.err.splitlines()[-1].startswith("viva: ")


def test_a_call_is_erased_once_it_has_been_asked_about(shell: Shell) -> None:
    assert shell("calls", "delete", CALL).code == 2, "nobody can be asked here"
    assert "erased" in shell("calls", "delete", CALL, "--yes").out
    assert list((shell.data / "recordings").iterdir()) == []
    assert shell("calls", "list", "--json").document == []


def test_a_live_call_is_not_erased(shell: Shell) -> None:
    with sqlite3.connect(shell.data / "viva.db") as database:
        database.execute("update calls set state = 'live'")
    database.close()
    ran = shell("calls", "delete", CALL, "--yes")
    assert ran.code == 1
    assert "want a call that has ended" in ran.err


@pytest.mark.parametrize(
    "command",
    [
        "export",
        "calls delete --yes",
        "calls show",
        "calls events",
        "calls transcript",
        "calls facts",
        "replay",
        "report",
    ],
)
@pytest.mark.parametrize("call", ["nobody", "../../etc/passwd", "'; drop table calls; --", "\x1b[2J"])
def test_a_call_that_is_not_there(command: str, call: str, shell: Shell) -> None:
    ran = shell(*command.split(), "--", call)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("viva: want the id of a call, got ")
    assert ran.err.count("\n") == 1
    assert "\x1b" not in ran.err
