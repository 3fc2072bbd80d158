"""Which gate a caller gets, and which canceller."""

from __future__ import annotations

import sys

import pytest

from vivavoce.agents.callsettings import CallSettings
from vivavoce.app import listening
from vivavoce.app.listening import check_canceller, gate_for
from vivavoce.audio.cancel import CancellerName
from vivavoce.audio.guarded import GuardedGate
from vivavoce.errors import SettingsError
from vivavoce.gateway.aec3 import installed
from vivavoce.gateway.reports import EchoState


def canceller_of(settings: CallSettings, echo: EchoState) -> CancellerName | None:
    gate = gate_for(settings, echo)
    return gate.canceller.name if isinstance(gate, GuardedGate) else None


@pytest.mark.parametrize("echo", ["good", "poor", "raw"])
def test_without_a_canceller_nothing_is_cancelled(echo: EchoState) -> None:
    assert canceller_of(CallSettings(), echo) is None


def test_auto_cancels_only_where_the_callers_machine_does_not() -> None:
    settings = CallSettings(canceller="kalman")
    assert gate_for(settings, "good").name == "duplex", "two cancellers in a row harm each other"
    assert canceller_of(settings, "poor") == "kalman"
    assert canceller_of(settings, "raw") == "kalman"


def test_a_gate_that_was_chosen_is_taken() -> None:
    assert gate_for(CallSettings(gate="two-tier", canceller="kalman"), "raw").name == "two-tier"
    assert canceller_of(CallSettings(gate="aec"), "good") == "kalman"


@pytest.mark.skipif(not installed(), reason="the extra `aec` is not installed")
def test_aec3_is_used_where_it_is_installed() -> None:
    assert canceller_of(CallSettings(gate="aec", canceller="aec3"), "raw") == "aec3"


def test_a_call_whose_canceller_is_not_installed_gets_the_built_in_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "livekit", None)
    assert canceller_of(CallSettings(gate="aec", canceller="aec3"), "raw") == "kalman"


def test_a_server_whose_canceller_is_not_installed_says_so_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "installed", lambda: False)
    with pytest.raises(SettingsError, match=r"canceller: want kalman, or the extra aec installed .*, got aec3"):
        check_canceller(CallSettings(canceller="aec3"))
    check_canceller(CallSettings(canceller="kalman"))
