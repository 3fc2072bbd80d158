from __future__ import annotations

import msgspec
import pytest

from vivavoce.agents.packaged import packaged


def test_a_data_file_is_typed() -> None:
    assert packaged("prompts/1.yaml", dict[str, object])["version"] == 1
    with pytest.raises(msgspec.ValidationError):
        packaged("prompts/1.yaml", list[int])
