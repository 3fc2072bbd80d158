"""How alike two accounts are, where a formula by itself gives none."""

from __future__ import annotations

import numpy as np
import pytest

from vivavoce.errors import InputError
from vivavoce.panel.calibration.likeness import correlation, divergence, ranks, spearman

NONE, SOME = np.zeros(3), np.array([1.0, 0.0, 3.0])
pytestmark = pytest.mark.filterwarnings("error")


def test_shares_of_nothing_are_like_each_other_and_like_nothing_else() -> None:
    assert divergence(NONE, NONE) == 0.0
    assert divergence(NONE, SOME) == divergence(SOME, NONE) == 1.0
    assert divergence(SOME, 2 * SOME) == 0.0
    assert divergence(np.array([1.0, 0.0]), np.array([0.0, 1.0])) == 1.0


@pytest.mark.parametrize("size", [1e-200, 1e-320, 1.0, 1e200, 1e308])
def test_how_large_values_are_does_not_matter_to_their_correlation(size: float) -> None:
    assert correlation(SOME / 3 * size, SOME) == pytest.approx(1.0, abs=1e-3)
    assert correlation(-SOME / 3 * size, SOME) == pytest.approx(-1.0, abs=1e-3)


def test_who_says_the_same_of_all_says_nothing() -> None:
    for one, other in ((NONE, SOME), (SOME, NONE), (NONE, NONE), (SOME[:1], SOME[:1]), (SOME[:0], SOME[:0])):
        assert correlation(one, other) == 0.0
        assert spearman(one, other) == 0.0


def test_what_is_no_number_is_refused() -> None:
    wrong = np.array([1.0, np.nan, 2.0])
    with pytest.raises(InputError, match="want numbers to correlate"):
        correlation(SOME, wrong)
    for broken in (lambda: spearman(wrong, SOME), lambda: ranks(wrong)):
        with pytest.raises(InputError, match="want numbers to rank"):
            broken()
    with pytest.raises(InputError):
        correlation(np.array([1.0, np.inf, 2.0]), SOME)
