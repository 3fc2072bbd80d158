"""Study files: what somebody writes by hand to have a panel asked."""

from __future__ import annotations

from pathlib import Path

from vivavoce.app.samples import EXAMPLES
from vivavoce.app.written import read_written
from vivavoce.errors import InputError
from vivavoce.panel.study import Study
from vivavoce.panel.studying import checked

OFFERS = EXAMPLES / "studies" / "offers.yaml"
"""The one to begin with."""


def read_study(path: Path) -> Study:
    """
    Raises:
        InputError: there is no such file, or it holds no study that can be asked.
    """
    written = read_written(path, Study, "a study")
    try:
        return checked(written)
    except InputError as error:
        raise InputError(f"{path}: {error}") from None
