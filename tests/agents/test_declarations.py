from __future__ import annotations

from typing import Any

import pytest

from tests.agents.samples import SAMPLES, SMALL
from vivavoce.agents import GENERIC_TOOLS, load, tool_declarations
from vivavoce.errors import InputError
from vivavoce.wire.gemini.messages import FunctionDeclaration

FOUNDER = load(SAMPLES["founder"]).spec
EXTRA: dict[str, dict[str, Any]] = {
    name: {"name": name, "description": "x"} for name in ("page_reader", "report", "other")
}


def by_name(speaker: str = "alex", spec: Any = FOUNDER) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in tool_declarations(spec, speaker, EXTRA)}


def test_the_generic_tools() -> None:
    told = by_name()
    assert [name for name in told if name in GENERIC_TOOLS] == list(GENERIC_TOOLS)
    assert {name: told[name]["behavior"] for name in GENERIC_TOOLS} == {
        "note": "NON_BLOCKING",
        "show": "NON_BLOCKING",
        "hand_off": "BLOCKING",
        "escalate": "BLOCKING",
        "end": "BLOCKING",
    }
    facts = told["note"]["parameters"]["properties"]["facts"]["properties"]
    assert facts.keys() == FOUNDER.fields().keys()
    assert facts["severity"] == {"type": "NUMBER", "minimum": 0.0, "maximum": 10.0}
    assert told["note"]["parameters"]["properties"]["refused"]["items"]["enum"] == list(FOUNDER.fields())
    assert told["hand_off"]["parameters"]["properties"]["to"]["enum"] == ["sam", "maya"]


def test_own_tools_go_to_whom_the_file_grants_them() -> None:
    assert "page_reader" in by_name("sam")
    assert "page_reader" not in by_name("alex")
    assert "report" in by_name("alex"), "no objective claims it, so it is everybody's"
    assert "other" not in by_name("sam")
    assert "market_size" not in by_name("sam"), "nobody declared it"


def test_nobody_to_hand_over_to_and_nothing_to_note() -> None:
    source = (
        SMALL.replace("  bob: {voice: dry-baritone, role: Sums up}\n", "")
        .replace("by: bob, ", "")
        .replace(", collect: {price: money}", "")
    )
    source = source.replace(
        "    collect: {thing: text!, size: 0..10, when_due: date, kind: small|big}\n    done: thing and size\n", ""
    )
    told = by_name("ann", load(source).spec)
    assert "hand_off" not in told
    assert told["note"]["parameters"]["properties"] == {"text": {"type": "STRING"}}


def test_they_fit_the_wire() -> None:
    for name, source in SAMPLES.items():
        spec = load(source).spec
        for declaration in tool_declarations(spec, spec.first_speaker, {}):
            assert FunctionDeclaration(**declaration).name == declaration["name"], name
            assert_schema(declaration["parameters"])


def assert_schema(schema: dict[str, Any]) -> None:
    """Objects have properties, arrays have items, enums have words: what the service insists on."""
    assert schema["type"] in ("OBJECT", "ARRAY", "STRING", "NUMBER")
    if schema["type"] == "OBJECT":
        assert schema["properties"]
        assert set(schema.get("required", [])) <= schema["properties"].keys()
        for inner in schema["properties"].values():
            assert_schema(inner)
    if schema["type"] == "ARRAY":
        assert_schema(schema["items"])
    assert schema.get("enum") != []


def test_an_unknown_speaker() -> None:
    with pytest.raises(InputError):
        by_name("eve")
