"""What the widget's editors let through holds here: both sides keep one table of typed text and values."""

import json
from pathlib import Path
from typing import Any

import pytest

from vivavoce.agents.fieldtypes import parse_type

TABLE = json.loads((Path(__file__).parents[2] / "web/widget/test/facts/typed.json").read_text("utf-8"))


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row['type']} {row['typed']}"[:60])
def test_a_value_from_an_editor_is_taken_as_it_is(row: dict[str, Any]) -> None:
    assert parse_type(row["type"]).check(row["value"]) == row["value"]
