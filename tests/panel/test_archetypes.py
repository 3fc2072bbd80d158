from __future__ import annotations

import re

import pytest

from vivavoce.errors import InputError
from vivavoce.panel.archetypes import ARCHETYPES, BIASES, chosen, likeness
from vivavoce.panel.personas import Archetype
from vivavoce.panel.points import FEWEST
from vivavoce.panel.reasoner.wording import FEATURES
from vivavoce.panel.texts import words

EACH = pytest.mark.parametrize("archetype", ARCHETYPES.values(), ids=ARCHETYPES)
LAMBDA, ELASTICITY = 1.96, 2.62


def factor(source: str) -> float:
    """What a documented number was multiplied with."""
    found = re.search(r"([\d.]+) times it, assumed", source)
    return float(found[1]) if found else 1.0


def test_there_are_enough_and_those_of_the_report_have_its_temperatures() -> None:
    assert len(ARCHETYPES) >= 15
    wanted = {
        "early-adopter": 0.9,
        "casual": 0.7,
        "mainstream": 0.6,
        "pragmatist": 0.5,
        "skeptic": 0.5,
        "budget-conscious": 0.5,
        "cto": 0.4,
        "cfo": 0.4,
    }
    assert {id_: ARCHETYPES[id_].temperature for id_ in wanted} == wanted
    assert {id_ for id_ in ARCHETYPES if ARCHETYPES[id_].sources["temperature"] != "assumed"} == set(wanted)


@EACH
def test_every_number_names_its_source(archetype: Archetype) -> None:
    assert set(archetype.sources) == {"temperature", "loss", "switching", "price", "style"}
    assert all(source.strip() for source in archetype.sources.values())
    assert archetype.sources["switching"].endswith("assumed")
    assert archetype.sources["style"] == "assumed"


@EACH
def test_what_rests_on_a_finding_is_that_finding_times_what_is_said(archetype: Archetype) -> None:
    priors, sources = archetype.priors, archetype.sources
    assert priors.loss == pytest.approx(LAMBDA * factor(sources["loss"]), abs=0.006)
    assert priors.price == pytest.approx(ELASTICITY * archetype.temperature * factor(sources["price"]), abs=0.006)


@EACH
def test_numbers_are_in_range(archetype: Archetype) -> None:
    assert 0 < archetype.temperature <= 1
    assert 1 <= archetype.priors.loss <= 3
    assert 0 <= archetype.priors.switching <= 1
    assert archetype.priors.price > 0
    assert archetype.priors.style.keys() <= set(FEATURES)
    assert all(-1 <= taste <= 1 for taste in archetype.priors.style.values())
    assert archetype.bias in BIASES


@EACH
def test_words_can_be_found_and_stand_ins_suffice(archetype: Archetype) -> None:
    for phrase in archetype.drawn_to:
        assert isinstance(phrase, str)
        assert " ".join(words(phrase)) == phrase
    assert len(set(archetype.drawn_to)) == len(archetype.drawn_to) >= 10
    assert len(set(archetype.goals)) >= FEWEST
    assert len(set(archetype.frustrations)) >= FEWEST


def test_every_bias_is_somebodys() -> None:
    assert {archetype.bias for archetype in ARCHETYPES.values()} == set(BIASES)


def test_whole_words_and_phrases_are_heard() -> None:
    cto, budget = ARCHETYPES["cto"], ARCHETYPES["budget-conscious"]
    texts = [
        words("The API has no docs."),
        words("Vendor lock-in, again."),
        words("A capital idea"),
        words("so costly"),
    ]
    assert likeness([cto, budget], texts) == [[True, True, False, False], [False] * 4]


def test_archetypes_are_chosen_in_the_order_of_the_table() -> None:
    assert chosen(()) == tuple(ARCHETYPES.values())
    assert [archetype.id for archetype in chosen(("cfo", "skeptic"))] == ["skeptic", "cfo"]
    with pytest.raises(InputError, match=r"want archetypes of mainstream.*got 'wizard'"):
        chosen(("skeptic", "wizard"))
