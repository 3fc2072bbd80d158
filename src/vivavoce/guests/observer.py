"""What happens in a simulated call, for whoever watches: a terminal, a test, a ledger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from vivavoce.guests.loudspeaker import Finished, Playing
from vivavoce.guests.mind import Sort
from vivavoce.wire.caller import CloseCode, GatewayMessage


@dataclass(frozen=True)
class Connected:
    """The socket is open. `remark` says what a reader of the output should know, such as that the guest types."""

    mode: Literal["voice", "text"]
    remark: str = ""


@dataclass(frozen=True)
class Said:
    """The guest begins to say this, or typed it."""

    text: str
    typed: bool = False
    sort: Sort | None = None
    remark: str = ""


@dataclass(frozen=True)
class Closed:
    """The socket is closed, or never opened (code 1006). `text` is for people."""

    code: int
    text: str


CallEvent: TypeAlias = GatewayMessage | Connected | Said | Playing | Finished | Closed
"""Messages of the gateway as they came, and what happened at the caller's side."""


class CallObserver(Protocol):
    def on_event(self, event: CallEvent, at_s: float) -> None:
        """Called in the order of things, `at_s` seconds after the call began. Must not block: the microphone waits for
        it.
        """
        ...


def close_words(code: int, reason: str) -> str:
    """What a close code means to the one who called; the server's own reason follows when it gave one."""
    words = _CLOSE_WORDS.get(code, "the connection was closed")
    return f"{words} ({code}{': ' + reason if reason else ''})"


_CLOSE_WORDS: dict[int, str] = {
    CloseCode.NORMAL: "the call is over",
    CloseCode.GOING_AWAY: "the server is shutting down",
    1006: "the server is gone",
    CloseCode.TOO_BIG: "a message was too large for the server",
    1011: "the server failed",
    CloseCode.PROTOCOL: "the server did not understand this client",
    CloseCode.NOT_AUTHORISED: "the ticket was not accepted: unknown, used or expired",
    CloseCode.REPLACED: "the caller goes on over another connection",
    CloseCode.MOVED: "the call goes on at another server",
    CloseCode.ELSEWHERE: "somebody is in this call by another connection",
    CloseCode.NO_HELLO: "the server waited in vain for a first message",
    CloseCode.BUSY: "the server is busy; try again later",
    CloseCode.SLOW_PEER: "this machine did not read fast enough",
    CloseCode.FAILED: "the server failed; the call was saved as far as it went",
}
