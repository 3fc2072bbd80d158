from __future__ import annotations

import numpy as np
import pytest

from vivavoce.errors import InputError
from vivavoce.panel.reasoner.near import Near

ONES = {"one": np.array([1, 0], np.float32), "half": np.array([0.5, 0.75**0.5], np.float32)}


def test_cosines() -> None:
    assert Near(ONES).cosines(["one"], ["half", "one"]).tolist() == [[0.5, 1.0]]
    assert Near(ONES).cosines([], ["one"]).shape == (0, 1)


def test_what_the_machine_decides_below_the_fourth_place_decides_nothing() -> None:
    shaken = {**ONES, "half": ONES["half"] + np.float32(3e-7)}
    assert Near(ONES).cosines(["one"], ["half"]) == Near(shaken).cosines(["one"], ["half"])


def test_a_vector_that_is_no_number_is_near_to_nothing() -> None:
    assert Near({**ONES, "half": np.full(2, np.nan, np.float32)}).cosines(["one"], ["half"]).tolist() == [[0.0]]


def test_a_missing_vector_is_said() -> None:
    with pytest.raises(InputError, match="want a vector for each text"):
        Near(ONES).cosines(["one"], ["two"])
