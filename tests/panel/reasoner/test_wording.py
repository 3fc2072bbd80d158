from __future__ import annotations

import pytest

from vivavoce.panel.archetypes import ARCHETYPES
from vivavoce.panel.reasoner.offer import read
from vivavoce.panel.reasoner.reasons import TASTES
from vivavoce.panel.reasoner.wording import FEATURES, wording


@pytest.mark.parametrize(
    ("text", "feature", "share"),
    [
        ("Saves 3 hours. Quick.", "figures", 0.5),
        ("Why wait?", "question", 1.0),
        ("Go! Now. Or else. Later.", "exclaims", 0.25),
        ("An all-new, cutting-edge editor.", "new", 1.0),
        ("An all-new, cutting-edge editor.", "hype", 1.0),
        ("An export as CSV by our API.", "technical", 1.0),
        ("Cancel any time.", "trial", 1.0),
        ("Your money, your rules.", "you", 1.0),
        ("Short.", "brief", 1.0),
        ("word " * 20, "brief", 0.0),
        ("word " * 20, "detail", 0.5),
        ("word " * 200, "detail", 1.0),
    ],
)
def test_features(text: str, feature: str, share: float) -> None:
    assert wording(read(text))[feature] == share


def test_every_feature_is_there_and_none_where_nothing_is_said() -> None:
    assert tuple(wording(())) == FEATURES
    assert set(wording(()).values()) == {0.0}


def test_saying_all_of_it_twice_changes_no_share() -> None:
    once, twice = wording(read("Saves 3 hours. Quick.")), wording(read("Saves 3 hours. Quick. Saves 4 days. Slow."))
    assert {**once, "detail": 0.0} == {**twice, "detail": 0.0}


def test_every_taste_can_be_told() -> None:
    assert set(TASTES) == set(FEATURES)


def test_archetypes_have_tastes_that_are_measured() -> None:
    assert {feature for each in ARCHETYPES.values() for feature in each.priors.style} <= set(FEATURES)
