from __future__ import annotations

from vivavoce.agents import coercion
from vivavoce.agents.fieldtypes import WORDS


def test_every_plain_type_has_its_way() -> None:
    assert coercion.PLAIN.keys() == WORDS.keys()


def test_speech_is_parted_at_commas_and_and() -> None:
    assert coercion.parts_of("Acme, Beta and Gamma; Delta") == ["Acme", "Beta", "Gamma", "Delta"]
    assert coercion.parts_of("two hundred and five and six", numeric=True) == ["two hundred", "five", "six"]
    assert coercion.parts_of("two hundred and five", numeric=True) == ["two hundred and five"]
    assert coercion.parts_of("three dollars and fifty cents", money=True) == ["three dollars and fifty cents"]
    assert coercion.parts_of("none") == []
    assert coercion.parts_of(7) == [7]
    assert coercion.parts_of(",") == [","]
