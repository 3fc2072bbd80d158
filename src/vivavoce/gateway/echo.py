"""How well the caller's machine keeps the agent out of the microphone, and which gate listens therefore."""

from __future__ import annotations

from collections.abc import Callable

from vivavoce.audio.gates import Gate
from vivavoce.conversation import events as ev
from vivavoce.gateway.reports import EchoState
from vivavoce.gateway.uplink import Uplink
from vivavoce.wire import caller as wire


class Echo:
    """
    Args:
        make_gate: makes the gate for a caller's machine with such an echo.
    """

    def __init__(self, make_gate: Callable[[EchoState], Gate]) -> None:
        self._make_gate = make_gate
        self._cancels: bool | None = None  # whether the caller's machine said that it removes the agent's voice
        self._state: EchoState = "raw"

    def gate_for(self, hello: wire.Hello) -> Gate:
        """The gate for who comes, or comes back: they have measured their echo then, and tell only what changes."""
        if hello.echo_cancelled != self._cancels:
            self._cancels = hello.echo_cancelled
            self._state = "good" if self._cancels else "raw"
        return self._make_gate(self._state)

    def judge(self, state: EchoState, uplink: Uplink) -> ev.EchoChanged | None:
        """The caller's machine has measured it; None where that is nothing new."""
        if state == self._state:
            return None
        self._state = state
        gate = self._make_gate(state)
        uplink.listen_with(gate)
        return ev.EchoChanged(state, gate.name)
