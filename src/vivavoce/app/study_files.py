"""Study files: what somebody writes by hand to have a panel asked."""

from __future__ import annotations

from pathlib import Path

import msgspec

from vivavoce.app.samples import EXAMPLES
from vivavoce.errors import InputError
from vivavoce.panel.study import Study
from vivavoce.panel.studying import checked

OFFERS = EXAMPLES / "studies" / "offers.yaml"
"""The one to begin with."""
MOST_BYTES = 256 * 1024
"""Ten times what the longest study that may be asked takes."""


def read_study(path: Path) -> Study:
    """
    Raises:
        InputError: there is no such file, or it holds no study that can be asked.
    """
    try:
        with path.open("rb") as file:
            text = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise InputError(f"want a study in {path}: {error.strerror}") from None
    if len(text) > MOST_BYTES:
        raise InputError(f"want a study of at most {MOST_BYTES} bytes in {path}, got more")
    try:
        return checked(msgspec.yaml.decode(text, type=Study))
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
        raise InputError(f"want a study (ask, variants) in {path}: {error}") from None
    except InputError as error:
        raise InputError(f"{path}: {error}") from None
