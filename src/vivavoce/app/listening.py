"""Which gate listens to a caller, and which canceller stands before it."""

from __future__ import annotations

import structlog

from vivavoce.agents.callsettings import CallSettings
from vivavoce.audio.cancel import Canceller, KalmanCanceller
from vivavoce.audio.gates import DetectorGate, DuplexGate, Gate, make_gate
from vivavoce.audio.guarded import GuardedGate
from vivavoce.errors import MissingError, SettingsError
from vivavoce.gateway.aec3 import INSTALL, Aec3Canceller, installed
from vivavoce.gateway.reports import EchoState
from vivavoce.gateway.voiced import VoicedCanceller, voices_told

log = structlog.get_logger(__name__)


def gate_for(settings: CallSettings, echo: EchoState) -> Gate:
    """A new gate for a caller whose machine has such an echo."""
    name: str = settings.gate
    if name == "auto":
        if echo == "good":
            name = DuplexGate.name
        else:
            name = DetectorGate.name if settings.canceller == "off" else GuardedGate.name
    if name == GuardedGate.name:
        return GuardedGate(_canceller(settings))
    return make_gate(name)


def check_canceller(settings: CallSettings) -> None:
    """
    Raises:
        SettingsError: the server is to use a canceller that is not installed.
    """
    if settings.canceller == "aec3" and not installed():
        raise SettingsError(f"canceller: want kalman, or the extra aec installed ({INSTALL}), got aec3")


def _canceller(settings: CallSettings) -> Canceller:
    if settings.canceller == "aec3":
        try:
            return Aec3Canceller()
        except MissingError as error:  # an agent file may wish for what this server has not
            log.warning("a call is cancelled by kalman", problem=str(error))
    canceller = KalmanCanceller()
    return VoicedCanceller(canceller) if voices_told() else canceller
