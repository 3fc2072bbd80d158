"""Prompts of a server: files of its own beside the package's, splits, and files that do not hold."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from vivavoce.agents.layers import PACKAGED, PROSE
from vivavoce.agents.packaged import PROMPTS
from vivavoce.app.prompts import open_prompts
from vivavoce.app.settings import Settings
from vivavoce.errors import InputError

SECOND = PROMPTS["1.yaml"].replace("version: 1", "version: 7", 1).replace("thank them", "thank them warmly")


def shelf(folder: Path, **settings: Any) -> Settings:
    return Settings(prompts_dir=str(folder), **settings)


def test_without_a_folder_there_are_the_packages() -> None:
    prompts = open_prompts(Settings())
    assert prompts.versions == PACKAGED
    assert prompts.problems == ()
    assert prompts.choose("", "a call") is PROSE


def test_versions_stand_side_by_side(tmp_path: Path) -> None:
    (tmp_path / "warm.yaml").write_text(SECOND)
    prompts = open_prompts(shelf(tmp_path))
    assert list(prompts.versions) == [*PACKAGED, 7]
    assert prompts.choose("", "a").version == 7
    assert prompts.choose("1", "a") is PACKAGED[1]
    assert prompts.choose("7", "a").hash != PACKAGED[1].hash


def test_a_file_of_the_server_comes_before_the_packages(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(SECOND.replace("version: 7", "version: 1", 1))
    assert open_prompts(shelf(tmp_path)).choose("1", "a").hash != PACKAGED[1].hash


def test_a_split_draws_by_its_shares_and_the_same_call_the_same(tmp_path: Path) -> None:
    (tmp_path / "warm.yaml").write_text(SECOND)
    prompts = open_prompts(shelf(tmp_path))
    drawn = [prompts.choose("1:75 7:25", f"call {number}").version for number in range(4000)]
    share = Counter(drawn)[7] / len(drawn)
    assert 0.22 < share < 0.28, "three standard errors of a quarter are 2 points"
    assert drawn == [prompts.choose("1:75 7:25", f"call {number}").version for number in range(4000)]
    assert {prompts.choose("1:0 7:9", f"call {number}").version for number in range(50)} == {7}
    assert prompts.choose("1:0 7:0", "a").version in (1, 7)


def test_a_version_that_is_not_here_is_told_to_whoever_asks_and_never_stops_a_call() -> None:
    prompts = open_prompts(Settings())
    with pytest.raises(InputError, match="prompt: want one of 1, 2, 3, got 9"):
        prompts.choose("9", "a", strict=True)
    assert prompts.choose("9", "a") is PROSE
    for number in range(8):  # whichever side it would have been
        with pytest.raises(InputError, match="prompt: want one of 1, 2, 3, got 9"):
            prompts.choose("1:50 9:50", f"call {number}", strict=True)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (SECOND.replace("when: several", "when: sevral"), r"bad\.yaml:8:11: layers\.1\.when: .*did you mean several"),
        ("version: [", r"bad\.yaml:1:"),
        ("\ttabs", r"bad\.yaml:1:1: want spaces"),
        (b"\xff\xfe", r"bad\.yaml: it is not UTF-8"),
        ("x" * 300_000, "want at most 256 KiB"),
        (PROMPTS["1.yaml"].replace("version: 1", "version: 8", 1), r"bad\.yaml|want each version once"),
    ],
)
def test_a_file_that_does_not_hold_is_told_and_the_others_serve(
    tmp_path: Path, text: str | bytes, problem: str
) -> None:
    (tmp_path / "also.yaml").write_text(PROMPTS["1.yaml"].replace("version: 1", "version: 8", 1))
    (tmp_path / "bad.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
    prompts = open_prompts(shelf(tmp_path))
    assert len(prompts.problems) == 1
    assert re.search(problem, prompts.problems[0])
    assert list(prompts.versions) == [*PACKAGED, 8]


def test_a_setting_that_names_what_is_gone_is_told(tmp_path: Path) -> None:
    prompts = open_prompts(shelf(tmp_path, prompt="1:50 7:50"))
    assert prompts.problems == ("prompt: version 7 is not here",)
    assert open_prompts(shelf(tmp_path / "none")).problems == (f"want a folder of prompts, got {tmp_path / 'none'}",)
    assert open_prompts(shelf(tmp_path / ("x" * 300))).problems[0].endswith("x: File name too long")
