"""How groups are held against tags, and at which cut they are most like them."""

from __future__ import annotations

import numpy as np
import pytest

from vivavoce.studies.evaluation import cuts
from vivavoce.studies.evaluation.tagged import Body, alike

TAGS = [frozenset({"late"}), frozenset({"late", "fee"}), frozenset({"fee"}), frozenset({"export"})]


def test_texts_are_alike_that_share_a_tag() -> None:
    assert alike(TAGS).astype(int).tolist() == [[1, 1, 0, 0], [1, 1, 1, 0], [0, 1, 1, 0], [0, 0, 0, 1]]


def test_groups_that_are_the_tags_fit_wholly_and_others_by_chance() -> None:
    same = alike([frozenset({tag}) for tag in "aabb"])
    assert cuts.fit([[0, 1], [2, 3]], same) == cuts.Fit(1.0, 1.0, 1.0, 0.5)
    assert cuts.fit([[0], [1], [2], [3]], same).kappa == 0.0, "each alone"
    assert cuts.fit([[0, 1, 2, 3]], same).kappa == pytest.approx(0.0), "all in one"
    crossed = cuts.fit([[0, 2], [1, 3]], same)
    assert crossed.kappa == pytest.approx(-0.5)
    assert (crossed.pure, crossed.found, crossed.groups) == (0.0, 0.0, 0.5)


@pytest.mark.parametrize(("cosine", "best"), [(0.1, 0.15), (0.5, 0.55), (0.82, 0.85)])
def test_the_best_cut_is_the_first_that_parts_what_is_tagged_otherwise(cosine: float, best: float) -> None:
    """Two subjects, each of texts that are all the same, at one cosine from each other."""
    one, other = np.array([1.0, 0.0]), np.array([cosine, (1 - cosine**2) ** 0.5])
    vectors = np.stack([one, other] * 9).astype(np.float32)
    told: list[float] = []
    body = Body("b", [str(at) for at in range(18)], [frozenset({"xy"[at % 2]}) for at in range(18)], tuned_on=True)
    found = cuts.fits([body], [vectors], 2, told.append)
    assert found.best == best
    assert found.kappa(best, tuned_on=True) == 1.0
    assert found.kappa(best, tuned_on=False) is None
    assert told == [0.5, 1.0]
