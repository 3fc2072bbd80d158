"""The rows of a task, all made alike: each figure with its interval, and each gain over the same base, paired."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

from vivavoce.panel.calibration.drawing import Floats, Rows
from vivavoce.panel.outcome import Share
from vivavoce.studies.calibration.outcome import Role, Row, exactly


class Of:
    """A figure of rows that is no mean over them, as a correlation is: of all, or of those that are drawn."""

    def __init__(self, figure: Callable[[Rows], float]) -> None:
        self.figure = figure

    def __sub__(self, other: Of) -> Of:
        return Of(lambda rows: self.figure(rows) - other.figure(rows))


V = TypeVar("V", Floats, Of)
Draw = Callable[[V], Share]


class Measured(Generic[V]):
    """Rows as they are measured."""

    def __init__(self, draw: Mapping[str, Draw[V]], gains: Mapping[str, str], base: Mapping[str, V]) -> None:
        """
        Args:
            draw: by column, from what was measured (a value for each unit, or a figure of them) to figure and interval.
            gains: by column of a gain, the column it is a gain in.
            base: by column, over whom.
        """
        self.rows: list[Row] = []
        self._draw: Mapping[str, Draw[V]] = draw
        self._gains = gains
        self._base: Mapping[str, V] = base

    def row(
        self, who: str, role: Role, said: Mapping[str, V], more: Mapping[str, Share] = {}, *, drawn: str = ""
    ) -> Row:
        """
        Args:
            said: by column.
            more: figures that were drawn elsewhere.
        """
        figures = {name: self._draw[name](values) for name, values in said.items()}
        for gain, of in self._gains.items():
            if of in said:
                figures[gain] = self.gain(of, said[of], self._base[of])
        self.rows.append(Row(who=who, role=role, figures=figures | dict(more), drawn=drawn))
        return self.rows[-1]

    def gain(self, column: str, one: V, other: V) -> Share:
        """What one has over the other, drawn together."""
        return exactly(0.0) if one is other else self._draw[column](one - other)
