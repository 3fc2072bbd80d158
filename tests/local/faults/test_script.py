"""The fault file: what it may say, and how it is told that it may not."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from vivavoce.errors import InputError
from vivavoce.local.faults.script import AnyFault, Close, read_script

from .line import script

DOCS = Path(__file__).parents[3] / "docs/reference/faults.md"


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "faults.yaml"
    path.write_text("seed: 7\nfaults:\n  - when: {server: audio, nth: 20}\n    do: close\n    code: 1011\n")
    found = read_script(path)
    assert found.seed == 7
    (fault,) = found.faults
    assert isinstance(fault, Close)
    assert (fault.code, fault.when.server, fault.when.nth) == (1011, "audio", 20)


@pytest.mark.parametrize(
    ("rule", "wanted"),
    [
        ("{do: reset}", "want when, got nothing"),
        ("{when: {}, do: reset}", "want one of after_s, client, server in when, got none"),
        ("{when: {server: audo}, do: reset}", "got 'audo'; did you mean audio"),
        ("{when: {server: audio}, do: rest}", "got 'rest'; did you mean reset"),
        ("{when: {server: audio}, do: reset, cod: 3}", "want a known name, got 'cod'; did you mean code"),
        ("{when: {after_s: -1}, do: reset}", "faults.0.when.after_s: want a number >= 0.0"),
        ("{when: {after_s: soon}, do: reset}", "want a number, got text"),
        ("{when: {server: audio, client: text}, do: reset}", "want one of after_s, client and server, got several"),
        ("{when: {server: audio, nth: 2, chance: 0.5}, do: reset}", "want nth or chance, got both"),
        ("{when: {after_s: 1, turn: 2}, do: reset}", "want client or server beside turn"),
        ("{when: {after_s: 1, nth: 2}, do: reset}", "want client or server beside nth"),
        ("{when: {server: audio}, do: close, code: 1006}", "want a code that a close frame may carry, got 1006"),
        ("{when: {server: audio}, do: close}", "want code, got nothing"),
        ("{when: {server: audio}, do: refuse_upgrade, status: 429}", "want chance or link alone in when, got server"),
        ("{when: {client: audio}, do: repeat}", "want one of server in when, got client"),
        ("{when: {server: audio}, do: cancelled_tool_call}", "want when to name server: toolCall"),
        ("{when: {server: audio}, do: repeated_turn}", "want one of client in when, got server"),
        ("{when: {client: text}, do: repeated_turn}", "want when to name client: setup"),
        ("{when: {client: setup}, do: loss, chance: 1}", "want a number <= 0.9"),
        ("{when: {client: setup}, do: throttle, bytes_per_s: 0}", "want a whole number >= 100"),
        ("{when: {server: audio}, do: inject, message: 3}", "want a mapping, got a whole number"),
        ("{when: {server: audio}, do: inject, message: {error: {code: 1}}}", "want a message that a server may send"),
    ],
)
def test_what_does_not_hold_is_told_with_its_place(rule: str, wanted: str) -> None:
    with pytest.raises(InputError) as caught:
        script(f"faults:\n  - {rule}\n")
    assert wanted in str(caught.value)
    assert str(caught.value).startswith("faults.yaml:2:")


@pytest.mark.parametrize("text", ["", "3", "faults: {}", "faults: [", "other: 1", "faults: [&a {}]", "\t"])
def test_other_files_are_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"faults\.yaml:"):
        script(text)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        read_script(tmp_path / "none.yaml")
    (tmp_path / "bad.yaml").write_bytes(b"\xff")
    with pytest.raises(InputError, match="not UTF-8"):
        read_script(tmp_path / "bad.yaml")


_LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
_NAMES = st.sampled_from(["faults", "when", "do", "server", "client", "nth", "code", "seed", "close", "audio"])
_TREES = st.recursive(
    _LEAVES | _NAMES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=4)
)


def problem_in(text: str) -> str:
    try:
        script(text)
    except InputError as error:
        return str(error)
    return "faults.yaml: none"


@given(st.text(max_size=60) | _TREES.map(yaml.safe_dump))
def test_any_text_is_a_script_or_an_error_with_a_place(text: str) -> None:
    assert problem_in(text).startswith("faults.yaml:")


def test_every_fault_is_described() -> None:
    page = DOCS.read_text()
    for kind in get_args(AnyFault):
        tag = kind.__struct_config__.tag
        row = next((line for line in page.splitlines() if line.startswith(f"| `{tag}` |")), "")
        assert row, f"want a row for {tag}"
        for name in kind.__struct_fields__:
            assert name == "when" or f"`{name}`" in row, f"want {name} in the row of {tag}"


def test_the_examples_of_the_page_hold() -> None:
    blocks = DOCS.read_text().split("```yaml\n")[1:]
    assert len(blocks) >= 3
    for block in blocks:
        assert script(block.split("```")[0]).faults
