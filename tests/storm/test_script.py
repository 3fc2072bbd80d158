"""A bad call as a file: what is written reads back the same, and a mistake is told with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from vivavoce.errors import InputError
from vivavoce.storm.outcome import check
from vivavoce.storm.world.kinds import KINDS, draw
from vivavoce.storm.world.script import Script, read_script, write_script


def test_what_is_written_reads_back_the_same(tmp_path: Path) -> None:
    for seed in range(20):
        script = draw(seed, 20.0, 5, tuple(KINDS))
        path = tmp_path / "new" / f"{seed}.yaml"
        write_script(path, script)
        assert read_script(path) == script


def test_a_call_without_faults_is_a_file_too(tmp_path: Path) -> None:
    write_script(tmp_path / "a.yaml", Script(seed=1, minutes=2.0))
    assert read_script(tmp_path / "a.yaml") == Script(seed=1, minutes=2.0)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("minutes: 3\n", "want seed, got nothing"),
        ("seed: 1\nminutes: 0\n", "minutes"),
        ("seed: 1\nminutes: 3\nfaults: [{at_s: 1}]\n", "want kind, got nothing"),
        ("seed: 1\nminutes: 3\nfaults: [{kind: drop, at_s: x}]\n", "want a number"),
        ("seed: 1\nminutes: 3\nfalts: []\n", "did you mean faults"),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(text)
    with pytest.raises(InputError, match=told):
        read_script(path)


def test_an_unknown_fault_is_told_with_those_that_there_are(tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text("seed: 1\nminutes: 3\nfaults: [{kind: flood, at_s: 1}]\n")
    with pytest.raises(InputError, match="drop_in_word"):
        check(read_script(path))
