from __future__ import annotations

from vivavoce.guests.clock import WallClock


async def test_the_wall_clock_never_wakes_early_and_does_not_wait_for_the_past() -> None:
    clock = WallClock()
    due = clock.now() + 0.01
    await clock.sleep_until(due)
    assert clock.now() >= due - 0.001  # the loop's timer is allowed its own resolution
    await clock.sleep_until(due - 100.0)
