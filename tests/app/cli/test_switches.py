"""`viva switches`: off, on, and what is none."""

from __future__ import annotations

import pytest

from tests.app.cli.conftest import Shell


def test_off_and_on(shell: Shell) -> None:
    assert shell("switches", "list").err == "nothing is switched off\n"
    assert shell("switches", "set", "calls:founder", "--reason", "a wrong price").out == "calls:founder: off\n"
    assert shell("switches", "set", "voice").code == 0
    names = [switch["name"] for switch in shell("switches", "list", "--json").document]
    assert names == ["calls:founder", "voice"]
    assert "a wrong price" in shell("switches", "list").out
    assert shell("switches", "clear", "voice").out == "voice: on\n"
    assert shell("switches", "clear", "voice").code == 2


@pytest.mark.parametrize("name", ["", "everything", "calls:../x", "tool:", "tool:end", "calls; drop table switches"])
def test_what_is_no_switch(name: str, shell: Shell) -> None:
    ran = shell("switches", "set", name)
    assert ran.code == 2
    assert ran.err.startswith("viva: want ")
