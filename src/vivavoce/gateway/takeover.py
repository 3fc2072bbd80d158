"""Going on with a call of another server: its log is stepped again, and says how everything around the machine stood.

The machine decides by itself again; what the log has for effects is not looked at. So a newer version goes on by its
own rules, and the same one is exactly where the other server was. A step that the database never got is as if it had
not happened: tens of milliseconds of the call, seconds when the database was away.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import structlog

from vivavoce.conversation import Conversation
from vivavoce.conversation import effects as fx
from vivavoce.conversation import events as ev
from vivavoce.conversation.ledger import Ledger
from vivavoce.conversation.log import Entry, decode_event
from vivavoce.errors import WireError
from vivavoce.gateway.known import KnownSound
from vivavoce.gateway.screen import Screen, shown
from vivavoce.wire import caller as wire

log = structlog.get_logger(__name__)

AT_ONCE = 200
"""Steps taken before other calls have their turn: some 5 ms."""


@dataclass
class Past:
    """What there was of a call before it came to this server; as it stands here, nothing."""

    epoch: int = 0
    secret: str = field(default="", repr=False)
    """What its caller comes back with."""
    now: float = 0.0
    """Session time."""
    seq: int = 0
    """Number of the next step."""
    joined: bool = False
    ended: str = ""
    """Why it ended, if it did."""
    hello: wire.Hello = field(default_factory=wire.Hello)
    """What they would say now, by all that they have said."""
    taken: int = 0
    """Number of the newest of what they typed, set or decided."""
    consent: str = ""
    consents: list[tuple[float, ev.ConsentDecided]] = field(default_factory=list)
    """What they decided about recording, and at which session time."""
    records: list[fx.Record] = field(default_factory=list)
    screen: Screen = field(default_factory=Screen)
    ledger: Ledger = field(default_factory=Ledger)
    chunks: int = 0
    """Number of the newest chunk of the agent's sound."""
    switches: tuple[bool, tuple[str, ...]] = (False, ())
    """What the operator had off: voice, and which tools."""
    handle: tuple[int, str] | None = field(default=None, repr=False)
    """The newest handle of the model's session: its number and its secret."""
    sounds: KnownSound = field(default_factory=KnownSound)
    """What the model has said last."""
    muted: bool = False
    speaking: bool = False
    position: int = 0
    """Microphone clock, as far as the log knows."""
    position_at: float = 0.0
    """Session time then."""
    heard: int = 0
    """To where on that clock nothing needs to be heard again."""

    @property
    def heard_at(self) -> float:
        """Session time of `heard`."""
        return self.position_at - (self.position - self.heard) / wire.CALLER_HZ


async def retrace(conversation: Conversation, entries: Sequence[Entry]) -> Past:
    """Step a log. What cannot be read of it is left out.

    Args:
        conversation: fresh.
    """
    past = Past()
    for count, entry in enumerate(entries, 1):
        if count % AT_ONCE == 0:
            await asyncio.sleep(0)
        past.seq = entry.seq + 1
        try:
            event = decode_event(entry.event)
        except WireError:
            log.warning("a step of a log cannot be read", seq=entry.seq)
            continue
        past.now = max(past.now, entry.at)
        past.ledger.observe(event)
        effects = conversation.step(event, past.now)
        _happened(past, event)
        _followed(past, effects)
    start = conversation.unheard_since
    past.heard = past.position if start is None else min(start, past.position)
    return past


def _happened(past: Past, event: ev.Event) -> None:
    hello = past.hello
    if isinstance(event, ev.CallerTyped | ev.FactCorrected | ev.ConsentDecided):
        past.taken = max(past.taken, event.number)
    match event:
        case ev.CallerJoined(mode=mode, lang=lang, pace=pace):
            past.joined = True
            past.hello = wire.Hello(mode=mode, lang=lang[: wire.MAX_NAME_CHARS], pace=pace)
        case ev.CallerReturned(mode=mode, pace=pace):
            past.hello = wire.Hello(mode=mode, lang=hello.lang, pace=pace or hello.pace)
        case ev.ModeChanged(mode=mode):
            past.hello = wire.Hello(mode=mode, lang=hello.lang, pace=hello.pace)
        case ev.PaceChanged(pace=pace):
            past.hello = wire.Hello(mode=hello.mode, lang=hello.lang, pace=pace)
        case ev.ConsentDecided(decision=decision):
            if past.consent != "withdrawn":
                past.consent = decision
            past.consents.append((past.now, event))
        case ev.SwitchesChanged(text_only=text_only, tools_off=tools_off):
            past.switches = text_only, tools_off
        case ev.SpeechStarted(at=at):
            past.speaking = True
            _came_to(past, at)
        case ev.SpeechEnded(at=at):
            past.speaking = False
            _came_to(past, at)
        case ev.HandleIssued(at=at):
            _came_to(past, at)
        case ev.LinkOpened():
            past.sounds.next_link()
        case ev.TurnEnded():
            past.sounds.turn_ended()
        case ev.ReplyArrived(chunk=chunk, fingerprint=sound):
            past.chunks = max(past.chunks, chunk)
            past.sounds.heard(sound)
        case ev.FillerArrived(chunk=chunk):
            past.chunks = max(past.chunks, chunk)


def _came_to(past: Past, at: int) -> None:
    """Where the other server itself had the microphone's clock; what callers say of it is not believed: a server that
    waits for a position that never comes hears nobody.
    """
    if at >= past.position:
        past.position, past.position_at = at, past.now


def _followed(past: Past, effects: Iterable[fx.Effect]) -> None:
    for effect in effects:
        if (message := shown(effect)) is not None:
            past.screen.take(message)
        match effect:
            case fx.Record():
                past.records.append(effect)
            case fx.UseMode(locked=locked):
                past.muted = locked
            case fx.End(reason=reason):
                past.ended = reason
