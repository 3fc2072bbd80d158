from __future__ import annotations

import pytest

from vivavoce.panel.insights import Insight
from vivavoce.panel.personas import Point
from vivavoce.panel.richness import richness


def insight(number: int, *, person: str = "", group: str = "") -> Insight:
    return Insight(id=f"i{number}", source="file", ref=str(number), text="It hurts.", person=person, group=group)


def real(*evidence: str, weight: float) -> Point:
    return Point(text="late", origin="real", weight=weight, evidence=evidence, reach=0.2)


def test_what_we_made_up_has_none() -> None:
    assert richness([Point(text="late", origin="inferred", weight=1.0)], 5, [], 10) == 0


def test_everything_there_is_makes_one() -> None:
    behind = [insight(number, person=str(number)) for number in range(10)]
    points = [real(f"i{number}", weight=1 / 10) for number in range(10)]
    assert richness(points, 5, behind, 10) == 1


def test_each_part_counts_a_quarter() -> None:
    behind = [insight(number, person="ann", group="one") for number in range(4)]
    points = [real(f"i{number}", weight=0.25) for number in range(4)]
    # 4 of 8 points, 1 of 10 people, 1 of 5 groups, 2 of 5 quotes
    assert richness(points, 2, behind, 10) == pytest.approx((0.5 + 0.1 + 0.2 + 0.4) / 4)


def test_what_is_inferred_takes_its_share_away() -> None:
    behind = [insight(1, person="ann")]
    half = [real("i1", weight=0.5), Point(text="c", origin="inferred", weight=0.5)]
    whole = [real("i1", weight=1.0)]
    assert richness(half, 1, behind, 10) == pytest.approx(richness(whole, 1, behind, 10) / 2, abs=0.001)


def test_what_one_person_alone_has_is_no_point() -> None:
    behind = [insight(number, person=str(number)) for number in range(10)]
    points = [real(f"i{number}", weight=1 / 10) for number in range(10)]
    # a fifth of ten people are two, a fifth of five are one
    assert richness(points, 5, behind, 5) == pytest.approx(0.75)
