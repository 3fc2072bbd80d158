"""Leave to have one call erased: for that call, for a month, and for nobody who makes one up."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vivavoce.app.leaves import GOOD_FOR_S, call_to_erase, leave_to_erase
from vivavoce.store.vault import Vault

CALL, NOW = "0123456789abcdef", 1_795_000_000.0
KEY = base64.urlsafe_b64encode(bytes(range(32))).decode()
"""Always the same: the texts below name the tests, and two processes must name them alike."""
VAULT = Vault([KEY])
LEAVE = leave_to_erase(VAULT, CALL, NOW)


def test_it_holds_for_its_call_and_for_a_month() -> None:
    assert call_to_erase(VAULT, LEAVE, NOW) == CALL
    assert call_to_erase(VAULT, LEAVE, NOW + GOOD_FOR_S - 1) == CALL
    assert call_to_erase(VAULT, LEAVE, NOW + GOOD_FOR_S + 1) is None


def test_it_outlives_a_new_key_and_not_another_servers() -> None:
    assert call_to_erase(Vault([Vault.make_key(), KEY]), LEAVE, NOW) == CALL
    assert call_to_erase(Vault([Vault.make_key()]), LEAVE, NOW) is None


@pytest.mark.parametrize(
    "leave",
    [
        "",
        CALL,
        LEAVE.replace(CALL, "0123456789abcdee"),
        LEAVE.replace(".1", ".2"),
        LEAVE[:-1],
        LEAVE + "0",
        LEAVE + "\n",
        LEAVE.upper(),
        LEAVE.replace("1", "١"),
        f"{CALL}.9999999999.{VAULT.sign(CALL.encode())}",
        f"{CALL}.{'9' * 5000}.{'0' * 64}",
    ],
)
def test_what_is_made_up_is_none(leave: str) -> None:
    assert call_to_erase(VAULT, leave, NOW) is None


@given(st.text(max_size=200))
def test_whatever_comes_is_no_fault(leave: str) -> None:
    assert call_to_erase(VAULT, leave, NOW) is None
