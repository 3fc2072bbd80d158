"""A ration lets so many through at once, and so many a second."""

from __future__ import annotations

from vivavoce.gateway.ration import Ration


def test_a_ration_is_so_many_at_once_and_so_many_a_second() -> None:
    now = 0.0
    ration = Ration(lambda: now, per_s=2.0, burst=3)
    assert [ration.take() for _ in range(4)] == [True, True, True, False]
    now = 0.5
    assert [ration.take() for _ in range(2)] == [True, False]
    now = 1000.0
    assert [ration.take() for _ in range(4)] == [True, True, True, False]
