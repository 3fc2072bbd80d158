from __future__ import annotations

from tests.agents.samples import SAMPLES
from vivavoce.agents import load
from vivavoce.agents.layers import PROSE, between
from vivavoce.agents.prompt import _true_of, _values
from vivavoce.agents.spec import GENERIC_TOOLS


def test_every_layer_can_appear_and_can_be_filled() -> None:
    known = {
        "quick",
        "standard",
        "exploratory",
        "spoken",
        "shown",
        "any_language",
        "listed_languages",
        "several",
        "brief",
        "silent",
    }
    known |= {"one_question", "wants", "confirm", "shows", "escalate"}
    spec = load(SAMPLES["founder"]).spec
    for layer in PROSE.layers:
        assert not layer.when or layer.when in known, layer.id
        layer.text.format_map(_values(spec, "alex"))
    assert _true_of(spec, "alex") <= known
    assert len({layer.id for layer in PROSE.layers}) == len(PROSE.layers)


def test_every_generic_tool_is_described() -> None:
    assert PROSE.tools.keys() == set(GENERIC_TOOLS)


def test_between() -> None:
    assert between("a\n<x>\nb: 1\n</x>\nc", "x") == "b: 1\n"
    assert between("<x>\r\nb\r\n</x>\r\n", "x") == "b\r\n"
    assert between("say <x> aloud\n</x>", "x") is None
