"""The agents and guests that come with the package: inside it when installed, beside the sources in a checkout."""

from __future__ import annotations

from pathlib import Path

import vivavoce

_PACKAGE = Path(vivavoce.__file__).parent
EXAMPLES = next(
    (folder for folder in (_PACKAGE / "examples", _PACKAGE.parent.parent / "examples") if folder.is_dir()),
    _PACKAGE / "examples",
)
FOUNDER = EXAMPLES / "agents" / "founder.yaml"
DANA = EXAMPLES / "guests" / "dana.yaml"
