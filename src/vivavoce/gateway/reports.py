"""What a caller's machine measured by itself: checked, rounded and rationed, so that it can be believed and kept.

None of it decides anything. It stands in the call's log, so that every call's gate and sound can be examined later.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from vivavoce.agents.fieldtypes import MAX_TEXT
from vivavoce.conversation import events as ev
from vivavoce.errors import WireError
from vivavoce.wire import caller as wire

EchoState = Literal["good", "poor", "raw"]
SILENCE_DBFS = -120.0
MAX_DB = 120.0
"""Between digital silence and full scale lie 120 dB: no level, loss or gain is beyond."""
MAX_DELAY_MS = 10_000.0
"""Sound from a loudspeaker arrives within a room's seconds; what is beyond is no delay of sound."""
MAX_FAULT_MS = 3_600_000.0
"""A laptop that slept for longer has lost its call."""
PER_S = 2.0
"""Reports a second that are kept: one of levels and one of faults, as the protocol has it. Doubts have as many."""
MOST = 2**53
"""What every language's numbers count to exactly; no count of samples or replies comes near."""
MAX_SET_BYTES = 16_384
"""Of a list that the caller sets by hand: dozens of corrections a second are read, and each stands in the log."""
BURST = 20
"""What was kept while the line was down, ten seconds at most, comes at once."""


def counted(number: int) -> int:
    """A count as it can be: JSON has numbers of any length."""
    return min(max(number, 0), MOST)


def set_by_hand(value: Any) -> Any:
    """What the caller set a fact to, as far as a log should keep it. What is too long for every field becomes something
    shorter that no field takes either, so that the caller is told.
    """
    if isinstance(value, str):
        return value[: MAX_TEXT + 1]
    try:
        return value if len(msgspec.json.encode(value)) <= MAX_SET_BYTES else {}
    except RecursionError:  # it could just be read
        return {}


def doubted(message: wire.Doubt, position: int) -> ev.CallerDoubted:
    return ev.CallerDoubted(counted(message.reply), _at(message.at, position), round(message.level, 4))


def measured(message: wire.Levels, position: int) -> ev.CallerMeasured:
    """
    Raises:
        WireError: two lists that do not belong together, or what is no number.
    """
    if message.far and len(message.far) != len(message.mic):
        raise WireError(
            f"want as many levels of what was played as of what was heard, got {len(message.far)} and "
            f"{len(message.mic)}",
            code=wire.CloseCode.PROTOCOL,
        )
    return ev.CallerMeasured(
        at=_at(message.at, position),
        step=message.step,
        mic=_levels(message.mic),
        far=_levels(message.far),
        return_loss_db=_maybe(message.return_loss_db, -MAX_DB, MAX_DB),
        delay_ms=_maybe(message.delay_ms, 0.0, MAX_DELAY_MS),
        noise_dbfs=_maybe(message.noise_dbfs, SILENCE_DBFS, 0.0),
    )


def disturbed(message: wire.Health, position: int) -> ev.CallerDisturbed:
    """
    Raises:
        WireError: what is no number.
    """
    return ev.CallerDisturbed(
        tuple(
            (fault.what, _at(fault.at, position), _bounded(fault.ms, 0.0, MAX_FAULT_MS), min(fault.count, 1_000_000))
            for fault in message.faults
        )
    )


def _at(at: int, position: int) -> int:
    """Nothing was measured before the call, or ahead of the microphone's own frames."""
    return min(max(at, 0), position)


def _levels(levels: Sequence[float]) -> tuple[float, ...]:
    return tuple(_bounded(level, SILENCE_DBFS, 0.0) for level in levels)


def _maybe(value: float | None, low: float, high: float) -> float | None:
    return None if value is None else _bounded(value, low, high)


def _bounded(value: float, low: float, high: float) -> float:
    """To a tenth: finer is neither heard nor measured, and would be half of the log."""
    if not math.isfinite(value):
        raise WireError("want a number, got one that is infinite or none", code=wire.CloseCode.PROTOCOL)
    return round(min(max(value, low), high), 1)
