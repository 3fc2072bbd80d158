"""What a cosine means, found again where it is known."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from vivavoce.errors import InputError
from vivavoce.studies.evaluation import nearness
from vivavoce.studies.evaluation.nearness import Pairs
from vivavoce.studies.evaluation.tagged import Body


def body(name: str, *tags: str) -> Body:
    return Body(name, [f"{name} {at}" for at in range(len(tags))], [frozenset({tag}) for tag in tags], tuned_on=True)


def told(same: NDArray[np.float32], other: NDArray[np.float32]) -> Pairs:
    return Pairs(body("bank"), np.sort(same), np.sort(other))


def test_a_sense_is_found_again() -> None:
    chance = np.random.default_rng(3)
    cosines = chance.uniform(0, 1, 60_000).astype(np.float32)
    same = chance.uniform(size=len(cosines)) < 1 / (1 + np.exp((0.5 - cosines) / 0.1))
    found = told(cosines[same], cosines[~same])
    centre, width = nearness.logistic([found])
    assert centre == pytest.approx(0.5, abs=0.01)
    assert width == pytest.approx(0.1, abs=0.01)
    assert found.area > 0.9
    assert told(found.same, found.same).area == pytest.approx(0.5)


def test_who_tells_it_the_wrong_way_round_has_no_sense() -> None:
    near, far = (np.array(some, np.float32) for some in ([0.4, 0.6, 0.8], [0.1, 0.3, 0.5]))
    with pytest.raises(InputError, match="want an embedder to which texts that are tagged alike are nearer"):
        nearness.logistic([told(far, near)])


def test_nor_is_there_one_where_one_cosine_tells_all() -> None:
    near, far = np.full(5, 0.9, np.float32), np.full(5, 0.1, np.float32)
    with pytest.raises(InputError, match="want texts that an embedder tells apart by degree"):
        nearness.logistic([told(near, far)])


def test_pairs_and_strangers() -> None:
    vectors = np.eye(3, dtype=np.float32)[[0, 0, 1]]
    found = nearness.pairs(body("bank", "late", "late", "lost"), vectors)
    assert (found.same.tolist(), found.other.tolist()) == ([1.0], [0.0, 0.0])
    some = [body("bank-a", "x"), body("bank-b", "x"), body("app-one", "x"), body("app-two", "x")]
    each = [vectors[:1], vectors[:1], vectors[:1], vectors[2:]]
    assert sorted(nearness.strangers(some, each).tolist()) == [0.0, 0.0, 0.0, 1.0, 1.0], "halves of one bank are none"
    with pytest.raises(InputError, match="want tagged texts of two niches"):
        nearness.strangers(some[:2], each[:2])


def test_the_same_seed_draws_the_same_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nearness, "DRAW", 5)
    some = [body("bank", *("x" * 40))]
    one, again, other = (nearness.drawn(some, seed)[0] for seed in ("m", "m", "n"))
    assert one == again != other
    assert len(one.texts) == len(one.tags) == 5
