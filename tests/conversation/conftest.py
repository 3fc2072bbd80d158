from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conversation.talk import Talk


@pytest.fixture
def talk() -> Iterator[Talk]:
    """A joined call with a link; its log is replayed at the end of the test."""
    talk = Talk().join()
    yield talk
    talk.close()
