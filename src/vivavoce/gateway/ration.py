"""So many at once, so many a second."""

from __future__ import annotations

from collections.abc import Callable


class Ration:
    """A token bucket.

    Args:
        clock: seconds.
    """

    def __init__(self, clock: Callable[[], float], *, per_s: float, burst: int) -> None:
        self._clock = clock
        self._per_s = per_s
        self._burst = float(burst)
        self._left = float(burst)
        self._at = clock()

    def take(self) -> bool:
        if self.wait_s > 0.0:
            return False
        self._left -= 1.0
        return True

    @property
    def wait_s(self) -> float:
        """Seconds until there is one to take."""
        now = self._clock()
        self._left = min(self._burst, self._left + (now - self._at) * self._per_s)
        self._at = now
        return max(0.0, 1.0 - self._left) / self._per_s
