"""What the benches on people's data share: reading a table, and saying how sure a share or a figure is."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

ROUNDS = 1_000
"""Of a bootstrap."""


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def share(found: Sequence[bool]) -> str:
    """With Wilson's interval."""
    n, p, z = len(found), sum(found) / len(found), 1.96
    middle, half = (p + z * z / 2 / n), z * ((p * (1 - p) / n + z * z / 4 / n / n) ** 0.5)
    low, high = ((middle - half) / (1 + z * z / n), (middle + half) / (1 + z * z / n))
    return f"{100 * p:.1f} % [{100 * low:.1f}, {100 * high:.1f}] ({n})"


def bootstrapped(figure: Callable[[NDArray[np.intp]], float], count: int) -> str:
    chance = np.random.default_rng(0)
    drawn = [figure(chance.integers(0, count, count)) for _ in range(ROUNDS)]
    low, high = np.percentile(drawn, [2.5, 97.5])
    return f"{figure(np.arange(count)):.3f} [{low:.3f}, {high:.3f}]"
