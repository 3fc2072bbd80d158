"""What is fuzzed: every decoder of something that comes from outside, with whatever bytes come.

Run by `make fuzz` under a coverage-guided fuzzer, and by pytest over the kept corpus. Nothing but `WireError` may leave
a decoder, and what one has read it must write and read again as the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from vivavoce.errors import WireError
from vivavoce.local.gemini.setting import Setting
from vivavoce.local.parts import Entrance, Rules
from vivavoce.wire import caller
from vivavoce.wire.gemini import codec
from vivavoce.wire.gemini.base import Message
from vivavoce.wire.gemini.closes import classify
from vivavoce.wire.gemini.messages import AuthTokenRequest, ClientMessage, ServerMessage, Setup
from vivavoce.wire.gemini.models import STUDIO, VERTEX
from vivavoce.wire.gemini.wording import reason_of
from vivavoce.wire.openai import codec as openai

ENTRANCES = (Entrance(platform=STUDIO), Entrance(platform=STUDIO, version="v1alpha"), Entrance(platform=VERTEX))


def gemini_client(data: bytes) -> None:
    """A message of a client, and where it is a setup, what comes of it."""
    message = codec.decode_client(data)
    _same(message)
    unknown = codec.unknown(data, ClientMessage)
    if message.setup is not None:
        for refusal in _refusals(message.setup, unknown):
            assert codec.close_reason(reason_of(refusal)), "a refusal has a reason"


def gemini_server(data: bytes) -> None:
    """A message of a server, with what no struct knows passed on."""
    message = codec.decode_server(data)
    _same(message)
    extras = codec.extras(data, ServerMessage)
    assert codec.decode_server(codec.encode(message, extras)) == message
    if message.go_away is not None:
        assert codec.seconds(message.go_away.time_left) >= 0


def gemini_token(data: bytes) -> None:
    """The body of a token request."""
    _same(codec.decode(data, AuthTokenRequest))


def gemini_close(data: bytes) -> None:
    """A close: a code, a space and a reason."""
    code, _, reason = data.partition(b" ")
    classify(int(code[:5]) if code.isdigit() else 0, reason.decode(errors="replace"))
    assert len(codec.close_reason(reason.decode(errors="surrogateescape")).encode()) <= 123


def openai_client(data: bytes) -> None:
    openai.decode_client(data)


def openai_server(data: bytes) -> None:
    openai.decode_server(data)


def caller_message(data: bytes) -> None:
    message = caller.decode_caller(data)
    assert caller.decode_caller(caller.encode(message)) == message


TARGETS: dict[str, Callable[[bytes], None]] = {
    target.__name__: target
    for target in (
        gemini_client,
        gemini_server,
        gemini_token,
        gemini_close,
        openai_client,
        openai_server,
        caller_message,
    )
}


def run(target: str, data: bytes) -> WireError | None:
    """One input into one target.

    Returns:
        The error it is refused with, if it is; raises whatever is a fault of ours.
    """
    try:
        TARGETS[target](data)
    except WireError as error:
        return error
    return None


def _refusals(setup: Setup, unknown: list[str]) -> Iterator[WireError]:
    for entrance in ENTRANCES:
        for strict in (True, False):
            try:
                Setting.read(setup, unknown=unknown, entrance=entrance, rules=Rules(strict=strict))
            except WireError as error:
                yield error


def _same(message: Message) -> None:
    written = codec.encode(message)
    assert codec.encode(codec.decode(written, type(message))) == written, "what was read is written and read the same"
