from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.agents.samples import SAMPLES
from vivavoce.agents import (
    AgentFileError,
    Briefing,
    Prose,
    load,
    read_block,
    read_briefing,
    read_prose,
    render_briefing,
    system_instruction,
    tool_declarations,
)
from vivavoce.agents.briefing import REASONS
from vivavoce.agents.layers import BRIEFINGS, CONDITIONS, LATER_BRIEFINGS, PACKAGED, PROSE, VALUES, between
from vivavoce.agents.packaged import PROMPTS
from vivavoce.agents.prompt import _true_of, _values
from vivavoce.agents.spec import GENERIC_TOOLS

HASHES: dict[int, str] = yaml.safe_load(Path(__file__).with_name("prompt_hashes.yaml").read_text())
SOURCE = PROMPTS["1.yaml"]


@pytest.mark.parametrize("name", SAMPLES)
def test_what_a_layer_may_name_is_what_a_speaker_has(name: str) -> None:
    spec = load(SAMPLES[name]).spec
    for speaker in spec.speakers:
        assert _true_of(spec, speaker) <= set(CONDITIONS)
        assert set(_values(spec, speaker)) == set(VALUES)


def test_every_reason_and_every_generic_tool_is_told() -> None:
    assert {*BRIEFINGS, *LATER_BRIEFINGS} == {*REASONS, "handover_silent", "page"}
    assert PROSE.briefing.keys() == {*BRIEFINGS, *LATER_BRIEFINGS}
    for prose in PACKAGED.values():
        assert prose.briefing.keys() >= set(BRIEFINGS)
        assert prose.tools.keys() == set(GENERIC_TOOLS)


@pytest.mark.parametrize("prose", PACKAGED.values(), ids=lambda prose: str(prose.version))
@pytest.mark.parametrize("name", SAMPLES)
def test_every_version_renders_for_every_agent(name: str, prose: Prose) -> None:
    spec = load(SAMPLES[name]).spec
    for speaker in spec.speakers:
        text = system_instruction(spec, speaker, prose)
        assert read_block(text) is not None
        assert "{" not in text.partition("<agent>")[0]
        assert tool_declarations(spec, speaker, {}, prose)
    for reason in REASONS:
        assert read_briefing(render_briefing(Briefing(reason, spec.first_speaker), prose.briefing)) is not None


def test_a_wording_never_changes_under_its_version() -> None:
    told = {version: prose.hash for version, prose in PACKAGED.items()}
    assert told == HASHES, "another wording is another version: see tests/agents/prompt_hashes.yaml"
    assert PROSE.version == max(PACKAGED)
    changed = read_prose(SOURCE.replace("thank them", "thank you"), name="1.yaml")
    assert changed.hash != PACKAGED[1].hash
    same = read_prose("# a comment\n" + SOURCE, name="1.yaml")
    assert same.hash == PACKAGED[1].hash


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("{title}", "{tittle}", r"p\.yaml:6:11: layers\.0\.text: want in braces only .*did you mean title"),
        ("{name}", "{name!r}", r"layers\.0\.text: want in braces only"),
        ("{name}", "{name.__class__}", r"layers\.0\.text: want in braces only"),
        ("{name}", "{name", r"layers\.0\.text: want text in which every { has its }"),
        ("version: 1", "version: one", r"p\.yaml:3:10: version: want a whole number"),
        ("version: 1", "wersion: 1", r"version: want a whole number .*, got nothing"),
        ("when: several", "when: sevral", r"layers\.1\.when: want .*did you mean several"),
        ("id: cast", "id: who", r"layers\.1\.id: want each id once"),
        ("  idle:", "  idel:", r"briefing\.idle: want text, got nothing"),
        ("  idle: The caller", "  idle: {The} caller", "want"),
        ("  idle: The", "  idle: '{name} The", "."),
        ("tools:", "toolz:", r"want a section `tools`"),
        ("layers:", "layers: []\nlayer:", r"layers: want a list of layers"),
    ],
)
def test_what_does_not_hold_is_told_with_its_line(old: str, new: str, problem: str) -> None:
    with pytest.raises(AgentFileError, match=problem):
        read_prose(SOURCE.replace(old, new, 1), name="p.yaml")


@pytest.mark.parametrize("source", ["", "[]", "version: 1", "\0", "a: &b c", "{" * 50])
def test_rubbish_is_no_prompt(source: str) -> None:
    with pytest.raises(AgentFileError):
        read_prose(source, name="p.yaml")


def test_between() -> None:
    assert between("a\n<x>\nb: 1\n</x>\nc", "x") == "b: 1\n"
    assert between("<x>\r\nb\r\n</x>\r\n", "x") == "b\r\n"
    assert between("say <x> aloud\n</x>", "x") is None
