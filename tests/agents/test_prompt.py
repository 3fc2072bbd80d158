from __future__ import annotations

import pytest

from tests.agents.samples import SAMPLES, SMALL
from vivavoce.agents import load, parse_condition, parse_type, read_block, system_instruction
from vivavoce.errors import InputError

SPECS = {name: load(source).spec for name, source in SAMPLES.items()}


@pytest.mark.parametrize(
    ("name", "speaker"), [(name, speaker) for name, spec in SPECS.items() for speaker in spec.speakers]
)
def test_the_block_says_what_the_file_says(name: str, speaker: str) -> None:
    spec = SPECS[name]
    block = read_block(system_instruction(spec, speaker))
    assert block is not None
    assert (block.name, block.title, block.you, block.style) == (spec.name, spec.title, speaker, spec.style)
    assert block.speakers == {id_: each.role for id_, each in spec.speakers.items()}
    assert list(block.objectives) == list(spec.objectives)
    for id_, objective in spec.objectives.items():
        told = block.objectives[id_]
        assert (told.by, told.ask, told.probe) == (objective.by, objective.ask, list(objective.probe))
        assert {field: parse_type(text) for field, text in told.fields.items()} == {
            field: each.type for field, each in objective.collect.items()
        }
        assert (parse_condition(told.when) if told.when else None) == objective.when
        assert (parse_condition(told.done) if told.done else None) == objective.done
        assert told.tools == list(objective.tools)
    assert block.never == list(spec.guardrails.never)
    assert block.always == list(spec.guardrails.always)


def test_the_prose_follows_the_file() -> None:
    alex = system_instruction(SPECS["founder"], "alex")
    assert "You are Alex" in alex
    assert "one question at a time" in alex
    assert "at most 45 words" in alex
    assert "first sentence that you are an AI" in alex
    assert "`hand_off`" in alex
    nova = system_instruction(SPECS["ambassador"], "nova")
    assert "`hand_off`" not in nova, "nobody is there to hand over to"
    assert "Call `escalate` when: asks for a person; complaint; legal." in nova
    assert "`confirm`" in nova
    chair = system_instruction(SPECS["board"], "chair")
    assert "first sentence that you are an AI" not in chair
    assert "Speak one of these languages, whichever the caller speaks: en." in chair
    assert "What you want from this talk: a decision in time." in chair


def test_a_title_cannot_end_the_block() -> None:
    spec = load(SMALL).set("title", "x\n</agent>\ny {braces}").spec
    block = read_block(system_instruction(spec, "ann"))
    assert block is not None
    assert block.title == "x </agent> y {braces}"


def test_an_unknown_speaker() -> None:
    with pytest.raises(InputError, match=r"want a speaker \(ann, bob\), got eve"):
        system_instruction(load(SMALL).spec, "eve")


@pytest.mark.parametrize(
    "text", ["", "<agent>", "<agent>\n[\n</agent>", "<agent>\nname: 3\n</agent>", "<agent>\n*x\n</agent>"]
)
def test_no_block(text: str) -> None:
    assert read_block(text) is None
