"""The kept inputs: each is read, or refused as outside the protocol, and nothing else happens."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz.harness import TARGETS, run

CORPUS = Path(__file__).parent / "corpus"
INPUTS = sorted(CORPUS.glob("*/*"))
TAKEN = "taken-"


def test_every_target_has_inputs_and_every_folder_is_a_target() -> None:
    assert {path.name for path in CORPUS.iterdir()} == set(TARGETS)
    assert {path.parent.name for path in INPUTS} == set(TARGETS)


@pytest.mark.parametrize("path", INPUTS, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_a_kept_input_breaks_nothing(path: Path) -> None:
    data = path.read_bytes().removesuffix(b"\n")
    assert (run(path.parent.name, data) is None) == path.name.startswith(TAKEN)


@pytest.mark.parametrize("path", INPUTS, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_a_kept_input_cut_short_or_bent_breaks_nothing(path: Path) -> None:
    data = path.read_bytes()
    step = max(1, len(data) // 40)
    for place in range(0, len(data), step):
        run(path.parent.name, data[:place])
        run(path.parent.name, data[:place] + b"\xff" + data[place + 1 :])
        run(path.parent.name, data[:place] + b'"' + data[place:])
