"""How good panels and models are, on what people did: `viva calibrate`."""

from __future__ import annotations

from vivavoce.studies.calibration.calibrate import SEED, TASKS, calibrate
from vivavoce.studies.calibration.outcome import Calibration, Row, Task
from vivavoce.studies.calibration.tables import markdown

__all__ = ["SEED", "TASKS", "Calibration", "Row", "Task", "calibrate", "markdown"]
