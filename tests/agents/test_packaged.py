from __future__ import annotations

import msgspec
import pytest

from vivavoce.agents.layers import PROSE
from vivavoce.agents.packaged import packaged


def test_a_data_file_is_typed() -> None:
    assert packaged("prompt.yaml", dict[str, object])["version"] == PROSE.version
    with pytest.raises(msgspec.ValidationError):
        packaged("prompt.yaml", list[int])
