"""The reference page of the agent file lists every key and every type, and its example loads."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from vivavoce.agents import AgentSpec, FactState, load
from vivavoce.agents import spec as parts
from vivavoce.agents.fieldtypes import WORDS

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "agent-file.md").read_text()
# Keys whose attribute has another name, because of its unit or of Python.
WRITTEN = {
    "from_": "from", "idle_s": "idle", "idle_reset_s": "idle_reset", "max_bytes": "max",
    "audio_days": "audio", "transcript_days": "transcript", "facts_days": "facts",
}  # fmt: skip
OWN = {"id", "kind", "ref", "options", "named", "objective", "type", "required"}


@pytest.mark.parametrize("key", AgentSpec.__struct_fields__)
def test_every_top_level_key_has_a_row(key: str) -> None:
    assert re.search(rf"^\| `{key}` \|", PAGE, re.MULTILINE)


@pytest.mark.parametrize("kind", [*WORDS, "0..10", r"a\|b\|c", "list<T>"])
def test_every_type_has_a_row(kind: str) -> None:
    assert f"\n| `{kind}` |" in PAGE


def test_every_key_of_every_part_is_told() -> None:
    structs = [each for each in vars(parts).values() if isinstance(each, type) and issubclass(each, parts.Part)]
    for each in structs:
        for name in {field.name for field in msgspec.structs.fields(each)} - OWN:
            assert f"`{WRITTEN.get(name, name)}`" in PAGE, f"{each.__name__}.{name}"


def test_every_state_is_told() -> None:
    assert all(f"`{state}`" in PAGE for state in FactState)


def test_the_example_loads() -> None:
    (source,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    assert load(source).spec.name == "small-talk"
