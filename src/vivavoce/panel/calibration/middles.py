"""Groups of meaning where a number of them is asked for: spherical k-means that draws nothing by lot."""

from __future__ import annotations

import numpy as np

from vivavoce.panel.calibration.drawing import Floats

ROUNDS = 20


def middles(vectors: Floats, count: int) -> Floats:
    """Middles of groups, begun at the row nearest to the middle of all and then at whatever is farthest from them.

    Args:
        vectors: rows of length 1.
    Returns:
        shape (count, size), of length 1; fewer rows than asked for make as many groups as there are.
    """
    found = [vectors[int((vectors @ unit(vectors.mean(axis=0))).argmax())]]
    while len(found) < min(count, len(vectors)):
        found.append(vectors[int((vectors @ np.stack(found).T).max(axis=1).argmin())])
    made = np.stack(found)
    for _ in range(ROUNDS):
        nearest = (vectors @ made.T).argmax(axis=1)
        for group in range(len(made)):
            if (nearest == group).any():
                made[group] = unit(vectors[nearest == group].sum(axis=0))
    return made


def unit(vector: Floats) -> Floats:
    """A vector at length 1; one of zeros stays."""
    length = float(np.linalg.norm(vector))
    return vector / length if length > 0 else vector
