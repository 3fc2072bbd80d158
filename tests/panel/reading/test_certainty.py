from __future__ import annotations

import pytest

from vivavoce.panel.reading.certainty import sure

RATES = ((1.0, 0.6), (2.0, 0.8), (4.0, 0.9))


@pytest.mark.parametrize(
    ("lead", "expected"), [(0.0, 0.6), (1.0, 0.6), (1.5, 0.7), (2.0, 0.8), (3.0, 0.85), (4.0, 0.9), (99.0, 0.9)]
)
def test_between_measured_points_lies_a_straight_line(lead: float, expected: float) -> None:
    assert sure(lead, RATES) == expected
