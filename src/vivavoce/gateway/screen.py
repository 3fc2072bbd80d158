"""What the caller's screen shows by now, so that a caller who comes back, perhaps with an empty page, sees it again."""

from __future__ import annotations

from collections.abc import Iterator

from vivavoce.conversation import effects as fx
from vivavoce.gateway import notices
from vivavoce.wire import caller as wire

MAX_CAPTIONS = 40
MAX_CAPTION_CHARS = 64_000
"""The newest turns, some ten minutes of talk: who comes back reads on and does not read all again."""
STANDING = frozenset({"text_only", "recording_incomplete", "events_incomplete"})
"""Notices that say how things are; the others say what happened at a moment that is over."""
_REVOKES = {"voice_again": "text_only"}


def shown(effect: fx.Effect) -> wire.GatewayMessage | None:
    """What an effect puts on the caller's screen; None for those that put nothing there."""
    match effect:
        case fx.Caption(who=who, turn=turn, text=text, final=final):
            return wire.Caption(who=who, turn=turn, text=text, final=final)
        case fx.ShowFloor(turn=floor, holder=holder):
            return wire.Floor(turn=floor, holder=holder)
        case fx.Note() | fx.ShowFact():
            return wire.Fact(field=effect.field, state=effect.state, value=effect.value, evidence=list(effect.evidence))
        case fx.Show(what=what, title=title, data=data):
            return wire.Show(what=what, title=title, data=data)
        case fx.Notify(code=code):
            return notices.notice(code)
        case fx.Cut(reply=reply):
            return wire.Cut(reply=reply)
        case _:
            return None


class Screen:
    def __init__(self) -> None:
        self._notices: dict[str, wire.Notice] = {}
        self._floor = wire.Floor(turn="open")
        self._captions: dict[int, wire.Caption] = {}  # by turn, in the order in which turns began
        self._chars = 0
        self._facts: dict[str, wire.Fact] = {}
        self._shown: wire.Show | None = None
        self._cut = 0

    def take(self, message: wire.GatewayMessage) -> None:
        """A message for the caller's machine, whether or not there is one."""
        match message:
            case wire.Caption():
                self._caption(message)
            case wire.Floor():
                self._floor = message
            case wire.Fact(field=field):
                self._facts[field] = message
            case wire.Show():
                self._shown = message
            case wire.Cut(reply=reply):
                self._cut = max(self._cut, reply)
            case wire.Notice(code=code) if code in STANDING:
                self._notices[code] = message
            case wire.Notice(code=code) if code in _REVOKES:
                self._notices.pop(_REVOKES[code], None)

    def _caption(self, caption: wire.Caption) -> None:
        before = self._captions.get(caption.turn)
        self._captions[caption.turn] = caption
        self._chars += len(caption.text) - (len(before.text) if before is not None else 0)
        while len(self._captions) > MAX_CAPTIONS or (self._chars > MAX_CAPTION_CHARS and len(self._captions) > 1):
            oldest = next(iter(self._captions))
            self._chars -= len(self._captions.pop(oldest).text)

    def messages(self) -> Iterator[wire.GatewayMessage]:
        """All of it again, in the order of the protocol's page."""
        yield from self._notices.values()
        yield self._floor
        yield from self._captions.values()
        yield from self._facts.values()
        if self._shown is not None:
            yield self._shown
        if self._cut:
            yield wire.Cut(reply=self._cut)
