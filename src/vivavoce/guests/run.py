"""Hold one simulated call and hand back what was heard and said."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from vivavoce.guests.client import CallerClient, Counters
from vivavoce.guests.clock import Clock, WallClock
from vivavoce.guests.guest import Guest
from vivavoce.guests.microphone import MicrophoneSource, MindSource, WavSource
from vivavoce.guests.observer import CallEvent, CallObserver, Said
from vivavoce.guests.voice import FliteVoice, Voice, available
from vivavoce.guests.wav import load_wav
from vivavoce.wire.caller import Caption

NO_VOICE = "there is no synthetic voice on this machine (flite), so the guest types"


@dataclass(frozen=True)
class HeardTurn:
    """The last caption of a turn, by whoever it was: "caller" is what the agent understood of the guest."""

    turn: int
    who: str
    text: str
    final: bool


@dataclass(frozen=True)
class SaidTurn:
    text: str
    at_s: float
    typed: bool


@dataclass(frozen=True)
class GuestResult:
    heard: tuple[HeardTurn, ...]
    said: tuple[SaidTurn, ...]
    mode: Literal["voice", "text"]
    reason: str
    """Why the call ended, as in `client.Outcome`."""
    code: int
    text: str
    counters: Counters


class _Ledger:
    """Notes down what the result needs and passes everything on."""

    def __init__(self, display: CallObserver | None) -> None:
        self.heard: dict[int, HeardTurn] = {}
        self.said: list[SaidTurn] = []
        self._display = display

    def on_event(self, event: CallEvent, at_s: float) -> None:
        match event:
            case Caption(turn=turn, who=who, text=text, final=final):
                self.heard[turn] = HeardTurn(turn, who, text, final)
            case Said(text=text, typed=typed):
                self.said.append(SaidTurn(text, at_s, typed))
            case _:
                pass
        if self._display is not None:
            self._display.on_event(event, at_s)


async def run_guest(
    url: str,
    ticket: str,
    guest: Guest,
    observer: CallObserver | None = None,
    *,
    clock: Clock | None = None,
    voice: Voice | None = None,
    typed: bool = False,
) -> GuestResult:
    """A call by a guest, who speaks if a synthetic voice is to be had and types otherwise, or when `typed`.

    Args:
        voice: another voice than the guest file's.

    Raises:
        InputError: a ticket that cannot be one.
    """
    clock = clock or WallClock()
    if voice is None and not typed and available():
        voice = FliteVoice(guest.voice)
    source = MindSource(guest, None if typed else voice, now=clock.now())
    remark = NO_VOICE if source.mode == "text" and not typed else ""
    return await _hold(url, ticket, source, observer, clock, guest.consent, remark)


async def run_wav(
    url: str,
    ticket: str,
    path: Path,
    observer: CallObserver | None = None,
    *,
    silence_s: float = 30.0,
    clock: Clock | None = None,
) -> GuestResult:
    """A call by a recording, which begins after the agent's first reply; see `microphone.WavSource`.

    Raises:
        InputError: a file that is no WAV file, or a ticket that cannot be one.
    """
    clock = clock or WallClock()
    source = WavSource(load_wav(path), now=clock.now(), silence_s=silence_s)
    return await _hold(url, ticket, source, observer, clock, "given", "")


async def _hold(
    url: str,
    ticket: str,
    source: MicrophoneSource,
    observer: CallObserver | None,
    clock: Clock,
    consent: Literal["given", "refused"],
    remark: str,
) -> GuestResult:
    ledger = _Ledger(observer)
    client = CallerClient(url, ticket, source, observer=ledger, clock=clock, consent=consent, remark=remark)
    outcome = await client.run()
    heard = tuple(ledger.heard[turn] for turn in sorted(ledger.heard))
    return GuestResult(
        heard, tuple(ledger.said), source.mode, outcome.reason, outcome.code, outcome.text, client.counters
    )
