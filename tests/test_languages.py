"""What the gateway says by a code has words in every language of the interface."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tools import docs_languages
from vivavoce.gateway import notices

FILES = sorted(docs_languages.LANGUAGES.glob("*.json"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_notice_and_every_end_has_words(path: Path) -> None:
    words = json.loads(path.read_text(encoding="utf-8"))
    wanted = {f"notice_{code}" for code in notices.NOTICES} | {f"end_{reason}" for reason in notices.ENDS}
    assert wanted - words.keys() == set()


def test_every_language_has_a_name_and_a_known_state() -> None:
    states = docs_languages.states()
    assert states.keys() == docs_languages.NAMES.keys()
    assert set(states.values()) <= docs_languages.STATES.keys()
