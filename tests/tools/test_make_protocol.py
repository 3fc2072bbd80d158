"""The browser's protocol is made from ours, and the committed file is the one that is made now."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

import msgspec
import pytest

from tools import make_protocol


class Part(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    count: int = 0


class Odd(msgspec.Struct, frozen=True, kw_only=True, tag="odd"):
    """What is odd
    about it.
    """

    way: Literal["left", "right"]
    level: Annotated[float, msgspec.Meta(ge=0)] = 0.5
    """How much. Never */ more."""
    parts: list[Part] = []
    spans: list[tuple[int, int]]
    guess: float | None = None
    names: dict[str, str] = {}


def essence(text: str) -> str:
    """What is left when a formatter's choices are taken away."""
    return re.sub(r"[\s,|]", "", text)


def test_the_committed_file_is_the_one_that_is_made_now() -> None:
    committed = make_protocol.PROTOCOL.read_text(encoding="utf-8")
    assert essence(committed) == essence(make_protocol.protocol()), "run `make docs`"


@pytest.mark.skipif(not make_protocol.BIOME.exists(), reason="the formatter is not installed")
def test_it_is_written_in_the_house_s_format() -> None:
    committed = make_protocol.PROTOCOL.read_text(encoding="utf-8")
    assert committed == make_protocol.formatted(make_protocol.protocol())


def test_a_struct_becomes_a_type_with_its_docs() -> None:
    text = make_protocol.ts_struct(Odd, sent=True)
    assert text.startswith("/** What is odd about it. */\nexport type Odd = {\n  readonly kind: 'odd'\n")
    assert "  readonly way: 'left' | 'right'\n" in text
    assert "  /** How much. Never * / more. */\n  readonly level?: number\n" in text
    assert "  readonly parts?: readonly Part[]\n" in text
    assert "  readonly spans: readonly (readonly [number, number])[]\n" in text
    assert "  readonly guess?: number | null\n" in text
    assert "  readonly names?: {readonly [name: string]: string}\n" in text


def test_what_was_received_has_every_field() -> None:
    assert "?" not in make_protocol.ts_struct(Odd, sent=False)


def test_a_part_has_no_kind() -> None:
    assert "kind" not in make_protocol.ts_struct(Part, sent=False)


def test_the_table_tells_shapes_and_defaults() -> None:
    class Told(msgspec.Struct, tag="told"):
        way: Literal["left", "right"]
        data: Any = None
        parts: list[Part] = []
        on: bool = False

    assert make_protocol.fields_table(Told) == (
        "{way: [{oneOf: ['left', 'right']}], data: ['any', null], "
        "parts: [{list: {fields: {id: ['text'], count: ['whole', 0]}}}, []], on: ['flag', false]}"
    )


@pytest.mark.parametrize("hint", [dict[str, int], bytes, set[str]])
def test_a_type_it_does_not_know_is_refused(hint: Any) -> None:
    with pytest.raises(TypeError, match="want a type"):
        make_protocol.ts_type(hint)
    with pytest.raises(TypeError, match="want a type"):
        make_protocol.shape(hint)


def test_a_union_cannot_be_checked_by_the_browser_yet() -> None:
    with pytest.raises(TypeError, match="browser can check"):
        make_protocol.shape(float | None)


def test_long_comments_are_wrapped() -> None:
    lines = make_protocol.comment("word " * 60, "  ").splitlines()
    assert lines[0] == "  /**"
    assert lines[-1] == "   */"
    assert all(len(line) <= make_protocol.WIDTH for line in lines)
