from __future__ import annotations

import pytest

from vivavoce.guests.observer import close_words
from vivavoce.wire.caller import CloseCode


@pytest.mark.parametrize("code", list(CloseCode))
def test_every_close_code_has_words(code: CloseCode) -> None:
    assert not close_words(code, "").startswith("the connection was closed")
    assert str(int(code)) in close_words(code, "")


def test_an_unknown_code_and_the_servers_reason() -> None:
    assert close_words(4999, "") == "the connection was closed (4999)"
    assert close_words(4401, "ticket used").endswith("(4401: ticket used)")
