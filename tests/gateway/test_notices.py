"""What the caller is told has words in every language of the widget."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from vivavoce.gateway.notices import ENDS, NOTICES

LANGUAGES = sorted((Path(__file__).parents[2] / "web/widget/src/words/languages").glob("*.json"))


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda path: path.stem)
def test_every_notice_and_every_end_is_said_in(language: Path) -> None:
    words = json.loads(language.read_text(encoding="utf-8"))
    told = [f"notice_{code}" for code in NOTICES] + [f"end_{reason}" for reason in ENDS]
    assert [key for key in told if not words.get(key)] == []
