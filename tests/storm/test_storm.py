"""Many calls: the same numbers however many processes, bounds that are told, scripts of what failed."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

from vivavoce.app.cli import app
from vivavoce.conversation.lifeline import Lifeline
from vivavoce.errors import InputError
from vivavoce.storm.found import breaks, save_failing
from vivavoce.storm.outcome import BOUNDS, Outcome, outcome_of
from vivavoce.storm.storm import Storm, storm
from vivavoce.storm.table import fault_rows, quantile, rows
from vivavoce.storm.world.script import read_script

SCRIPTS = sorted((Path(__file__).parent.parent.parent / "calls" / "storm").glob("*.yaml"))
SMALL = Storm(calls=6, seed=4, faults=3, minutes=(4.0, 6.0))


def test_numbers_do_not_depend_on_how_many_processes_there_are() -> None:
    assert storm(SMALL, jobs=1) == storm(SMALL, jobs=1)
    alone, together = storm(SMALL, jobs=1).total, storm(SMALL, jobs=2).total
    for total in (alone, together):
        total.gaps_ms.sort()
        total.minutes = round(total.minutes, 6)
    assert alone == together


def test_another_seed_is_other_calls() -> None:
    assert SMALL.script(0) != msgspec.structs.replace(SMALL, seed=5).script(0)
    assert SMALL.script(0) != SMALL.script(1)


def test_only_the_faults_that_were_asked_for() -> None:
    asked = Storm(calls=3, minutes=(5.0, 5.0), kinds=("drop", "quota"))
    assert {fault.kind for number in range(3) for fault in asked.script(number).faults} <= {"drop", "quota"}
    with pytest.raises(InputError, match="drop_in_word"):
        Storm(kinds=("flood",))


def test_faults_that_no_call_survives_come_alone_and_are_counted_apart() -> None:
    scripts = [Storm(calls=1).script(number) for number in range(400)]
    fatal = [script for script in scripts if script.faults[0].kind in ("fatal", "quota_for_good")]
    assert 0 < len(fatal) < 20
    assert all(len(script.faults) == 1 for script in fatal)
    outcome = outcome_of(fatal[0])
    assert (outcome.for_good, outcome.failures, outcome.utterances) == (1, {}, 0)


def test_every_bound_is_a_row() -> None:
    broken = Outcome()
    for name in BOUNDS:
        setattr(broken, name, {"ended: x": 1} if name == "failures" else 1)
    assert broken.broken() == list(BOUNDS)
    assert len([row for row in rows(broken) if row[2] == "0"]) == len(BOUNDS)
    assert rows(Outcome())[4][1] == "0"
    assert fault_rows(Outcome(faults={"drop": 3}))[0][:2] == ("drop", "3")


def test_quantiles() -> None:
    assert quantile([], 0.5) == 0
    assert quantile([1, 2, 3, 4], 0.5) == 3
    assert quantile([1, 2, 3, 4], 0.99) == 4


def test_a_call_that_fails_is_saved_as_small_as_it_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Lifeline, "_resend", lambda self, signal, now, out: None)
    asked = Storm(calls=1, seed=2, faults=4, minutes=(8.0, 8.0), kinds=("drop_in_word",))
    number = next(number for number in range(9) if "caller_lost_ms" in outcome_of(asked.script(number)).broken())
    (path,) = save_failing(asked, [(number, ["caller_lost_ms"])], tmp_path, most=5, tell=lambda what, share: None)
    script = read_script(path)
    assert path.name == "caller_lost_ms-drop_in_word.yaml"
    assert script.about == "caller_lost_ms"
    assert len(script.faults) == 1
    assert breaks("caller_lost_ms")(script)
    monkeypatch.undo()
    assert not breaks("caller_lost_ms")(script)


@pytest.mark.parametrize("path", SCRIPTS, ids=[path.stem for path in SCRIPTS])
def test_what_was_found_once_stays_mended(path: Path) -> None:
    assert outcome_of(read_script(path)).broken() == []


# ------------------------------------------------------------------------------------------------ the command


def viva(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["storm", *words])
    return result.exit_code, result.stdout


def test_the_command_tells_what_came_of_it(tmp_path: Path) -> None:
    code, told = viva("--calls", "2", "--minutes", "4", "--faults", "0", "--jobs", "1", "--json")
    document = msgspec.json.decode(told)
    assert document["total"]["calls"] == 2
    assert code == bool(document["failing"])


def test_a_broken_bound_ends_it_with_1(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Lifeline, "_dropped", lambda self, event, now, out: 1 / 0)
    words = ("--calls", "1", "--minutes", "6", "--only", "drop", "--jobs", "1", "--save", str(tmp_path))
    code, told = viva(*words)
    assert code == 1
    assert "raised: ZeroDivisionError" in told
    assert f"viva storm --script {tmp_path}" in told.replace("\n", "")


def test_one_call_is_told_as_a_story(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("seed: 5\nminutes: 4\nfaults:\n  - {kind: drop, at_s: 60}\n")
    code, told = viva("--script", str(path))
    assert code == 0
    assert "00:" in told
    assert "hard failures" in told


@pytest.mark.parametrize("minutes", ["0", "45-15", "x", "15-90", ""])
def test_minutes_that_cannot_be_are_refused(minutes: str) -> None:
    result = CliRunner().invoke(app, ["storm", "--minutes", minutes])
    assert result.exit_code != 0
    assert isinstance(result.exception, InputError) or "minutes" in result.output
