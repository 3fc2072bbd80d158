"""The library: every scenario holds, tells its story, and can be had by its name."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest
import yaml

from vivavoce.errors import InputError
from vivavoce.gateway import notices
from vivavoce.local.faults.library import names, read_faults, scenario, source
from vivavoce.local.faults.script import AnyFault

from .line import script


@pytest.mark.parametrize("name", names())
def test_a_scenario_is_whole(name: str) -> None:
    found = scenario(name)
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", name), "a name is words"
    assert found.story
    assert found.story.endswith(".")
    assert "\n" not in found.story, "one line"
    assert found.outcome.endswith(".")
    assert (found.at == "model") == bool(found.faults)
    assert set(found.told) <= set(notices.NOTICES), "the caller is told in words"
    assert not found.ends or notices.ENDS[found.ends]


def test_no_two_tell_the_same_story() -> None:
    assert len({scenario(name).story for name in names()}) == len(names()) >= 60


def test_every_kind_of_fault_is_in_it() -> None:
    used = {type(fault) for name in names() for fault in scenario(name).faults}
    assert {kind.__name__ for kind in set(get_args(AnyFault)) - used} == set()


def test_faults_are_had_by_name_or_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_faults("dropped") == scenario("dropped")
    mine = tmp_path / "mine.yaml"
    mine.write_text(source("dropped"))
    assert read_faults(str(mine)) == scenario("dropped"), "what is shown can be played"
    (tmp_path / "dropped").write_text("faults: []")
    monkeypatch.chdir(tmp_path)
    assert read_faults("dropped").faults == [], "a file that is there is meant"


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("", "want the name of a scenario, got ''"),
        ("dead-handel", "did you mean dead-handle"),
        ("no.yaml", "want a YAML file, got no.yaml"),
        ("folder/dropped", "want a YAML file"),
        (
            "database-away",
            "want faults of the model's link, got 'database-away', which happens elsewhere (at: storage)",
        ),
    ],
)
def test_what_is_no_scenario(given: str, wanted: str) -> None:
    with pytest.raises(InputError) as caught:
        read_faults(given)
    assert wanted in str(caught.value)


def test_what_happens_elsewhere_has_no_faults() -> None:
    with pytest.raises(InputError, match="want no faults of the model's link where at is caller, got 1"):
        script("at: caller\nfaults:\n  - {when: {server: audio}, do: reset}\n")


def test_the_files_are_written_as_people_write() -> None:
    for name in names():
        assert all(len(line) <= 120 for line in source(name).splitlines()), name
        assert next(iter(yaml.safe_load(source(name)))) == "story", name
