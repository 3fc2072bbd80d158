"""The table of models: names find their generation, and what a row says is consistent."""

from __future__ import annotations

import pytest

from vivavoce.wire.gemini.base import Message
from vivavoce.wire.gemini.models import ALL_VOICES, MODELS, STUDIO, VERTEX, Model, Platform, Thinking, bare_name, find
from vivavoce.wire.gemini.setup import Setup
from vivavoce.wire.gemini.tools import Tool


@pytest.mark.parametrize(
    ("model", "generation"),
    [
        ("gemini-3.8-live", "3.8"),
        ("models/gemini-3.8-live", "3.8"),
        ("publishers/google/models/gemini-3.8-live", "3.8"),
        ("models/gemini-3.8-live-extended-thinking", "3.8 extended thinking"),
        ("models/gemini-3.1-flash-live-preview", "3.1"),
        ("models/gemini-2.5-flash-native-audio-latest", "2.5 native audio"),
        ("models/gemini-2.5-flash-native-audio-preview-12-2025", "2.5 native audio"),
        ("projects/p/locations/l/publishers/google/models/gemini-live-2.5-flash-native-audio", "2.5 native audio"),
        ("publishers/google/models/gemini-live-2.5-flash", "2.5 half-cascade"),
        ("models/gemini-live-2.5-flash-preview", None),
        ("models/gemini-2.0-flash-live-001", None),
        ("models/gemini-2.5-flash", None),
        ("", None),
    ],
)
def test_a_model_finds_its_generation(model: str, generation: str | None) -> None:
    row = find(model)
    assert (row.generation if row is not None else None) == generation


def test_a_bare_name_is_the_last_part() -> None:
    assert (
        bare_name("projects/p/locations/l/publishers/google/models/m") == bare_name("models/m") == bare_name("m") == "m"
    )


@pytest.mark.parametrize("row", MODELS, ids=lambda row: row.generation)
def test_rows_hold_together(row: Model) -> None:
    assert bool(row.thinking_levels) == (row.thinking in (Thinking.LEVEL, Thinking.LEVEL_REQUIRED))
    assert row.blocking or row.non_blocking
    assert row.blocking if row.blocking_by_default else row.non_blocking
    assert all(size % 2 == 0 for size in row.chunk_bytes), "whole samples"
    assert set(row.voices) <= set(ALL_VOICES)
    assert row.platforms <= {STUDIO.name, VERTEX.name}
    assert row.refused_tools <= set(Tool.__struct_fields__)
    assert len({row.call_id.format(number) for number in (1, 2)}) == 2


@pytest.mark.parametrize("platform", [STUDIO, VERTEX], ids=lambda platform: platform.name)
def test_fields_a_platform_refuses_exist(platform: Platform) -> None:
    def wire(kind: type[Message]) -> set[str]:
        return set(kind.__struct_encode_fields__)

    assert platform.refused_setup <= wire(Setup)
    assert platform.refused_tools <= set(Tool.__struct_fields__)


def test_there_are_thirty_voices() -> None:
    assert len(set(ALL_VOICES)) == 30
