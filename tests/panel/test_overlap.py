from __future__ import annotations

import itertools
import math
from collections.abc import Mapping

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.panel.bodies import body
from vivavoce.panel.building import build
from vivavoce.panel.overlap import OURS, alike, effective_size, overlap, voices
from vivavoce.panel.personas import PanelSpec, Persona, Point

MEMBER = st.dictionaries(st.sampled_from("abcdefgh"), st.floats(0.05, 1), min_size=1)


def cosine(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    dot = sum(weight * other.get(speaker, 0.0) for speaker, weight in one.items())
    return dot / math.hypot(*one.values()) / math.hypot(*other.values())


@given(st.lists(MEMBER, min_size=2, max_size=12))
def test_it_is_the_mean_cosine_of_all_pairs(members: list[dict[str, float]]) -> None:
    pairs = [cosine(one, other) for one, other in itertools.combinations(members, 2)]
    assert overlap(members) == pytest.approx(sum(pairs) / len(pairs), abs=1e-9)


@given(st.lists(MEMBER, min_size=1, max_size=40))
def test_a_panel_is_worth_no_more_than_its_members_and_its_people(members: list[dict[str, float]]) -> None:
    worth = effective_size(len(members), overlap(members))
    people = {speaker for member in members for speaker in member}
    assert worth <= min(len(members), len(people)) + 1e-6


def test_the_same_member_twice_is_one_and_strangers_are_two() -> None:
    assert effective_size(2, overlap([{"a": 1.0}, {"a": 0.2}])) == pytest.approx(1)
    assert effective_size(2, overlap([{"a": 1.0}, {"b": 0.2}])) == pytest.approx(2)
    assert overlap([{"a": 1.0}]) == 0


def saying(*texts: str, citing: str) -> Persona:
    """Somebody who suffers these things as others do, told of each by somebody of their own."""
    persona = build(body(), PanelSpec(size=1), 1).personas[0]
    points = tuple(
        Point(text=text, origin="real", weight=1 / len(texts), evidence=(f"{citing} {text}",)) for text in texts
    )
    return msgspec.structs.replace(persona, frustrations=points, goals=())


def test_who_says_the_very_same_is_one_whoever_is_cited() -> None:
    members = [saying("late", "dear", "slow", citing=str(number)) for number in range(5)]
    people = {point.evidence[0]: point.evidence[0] for member in members for point in member.frustrations}
    assert overlap([voices(member, people) for member in members]) == 0
    assert effective_size(5, alike(members, people)) == pytest.approx(1)


def test_what_hurts_one_and_is_wanted_by_another_is_two_things() -> None:
    hurt = saying("price", citing="a")
    wanting = msgspec.structs.replace(hurt, frustrations=(), goals=saying("price", citing="b").frustrations)
    assert alike([hurt, wanting], {"a price": "ann", "b price": "bob"}) == 0
    assert alike([hurt, wanting], {"a price": "ann", "b price": "ann"}) == pytest.approx(1), "it is one voice, though"


def test_what_we_inferred_is_one_voice() -> None:
    persona = build(body(), PanelSpec(size=1), 1).personas[0]
    ours = msgspec.structs.replace(
        persona,
        frustrations=(
            Point(text="a", origin="real", weight=0.5, evidence=("i1", "i2")),
            Point(text="b", origin="inferred", weight=0.25),
        ),
        goals=(Point(text="c", origin="inferred", weight=0.25),),
    )
    assert voices(ours, {"i1": "ann", "i2": "bob"}) == {"ann": 0.25, "bob": 0.25, OURS: 0.5}
    made_up = msgspec.structs.replace(ours, frustrations=(), goals=ours.goals)
    assert effective_size(9, overlap([voices(made_up, {})] * 9)) == pytest.approx(1)
