"""Bytes to structs and back.

Decoding is two-speed. The fast path is one typed msgspec pass: the service's own spelling, with audio as bytes at once.
What it does not take goes through `loose.py`, which knows every other spelling. Audio is encoded through a fixed
template: formatting alone costs a quarter of a JSON dump (see `make bench`).

Who passes a message on passes on the bytes it came in, for these hold everything. Who must change one takes what no
struct knows with `extras`, and gives it to `encode` again.
"""

from __future__ import annotations

import binascii
import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, TypeVar

import msgspec

from vivavoce.wire.gemini.base import Message
from vivavoce.wire.gemini.loose import Extra, Extras, tidy
from vivavoce.wire.gemini.messages import AUDIO_IN_MIME, AUDIO_OUT_MIME, ClientMessage, ServerMessage
from vivavoce.wire.gemini.wording import BAD_JSON, INVALID, Refused, unknown_name

MAX_MESSAGE_BYTES = 16 * 1024 * 1024
"""What our client accepts; the service's messages are far smaller (reference: one audio message is a few kB)."""

_encoder = msgspec.json.Encoder()
_server = msgspec.json.Decoder(ServerMessage, strict=False)
_client = msgspec.json.Decoder(ClientMessage, strict=False)

_AUDIO_IN = f'{{"realtimeInput":{{"audio":{{"mimeType":"{AUDIO_IN_MIME}","data":"'.encode()
_AUDIO_IN_END = b'"}}}'
_AUDIO_OUT_END = b'"}}]}}}'

# What a decoder raises for bytes that are no message: also for endless nesting, and for text that is no UTF-8.
_UNREADABLE = (msgspec.DecodeError, msgspec.ValidationError, RecursionError, UnicodeError)

M = TypeVar("M", bound=Message)


def encode(message: Message, extras: Sequence[Extra] = ()) -> bytes:
    """JSON of a message: camelCase, standard padded base64, nothing that is unset.

    Args:
        extras: what `extras` took from the message this one was made of; each is put back where it stood, unless that
            place is gone.
    """
    if not extras:
        return _encoder.encode(message)
    tree = msgspec.to_builtins(message)
    for extra in extras:
        place = _at(tree, message, extra)
        if place is not None:
            place.setdefault(extra.name, extra.value)
    return _encoder.encode(tree)


def encode_audio_in(pcm: bytes | memoryview) -> bytes:
    """`realtimeInput.audio` for PCM16 LE mono at 16 kHz."""
    return _AUDIO_IN + binascii.b2a_base64(pcm, newline=False) + _AUDIO_IN_END


def encode_audio_out(pcm: bytes | memoryview, *, mime: str = AUDIO_OUT_MIME, role: str | None = None) -> bytes:
    """`serverContent.modelTurn` with one audio part, PCM16 LE mono at 24 kHz.

    Args:
        mime, role: as the platform writes them (`Platform.audio_mime`, `Platform.role`).
    """
    return _audio_out(mime, role) + binascii.b2a_base64(pcm, newline=False) + _AUDIO_OUT_END


@lru_cache(maxsize=8)
def _audio_out(mime: str, role: str | None) -> bytes:
    named = f'"role":"{role}",' if role else ""
    return f'{{"serverContent":{{"modelTurn":{{{named}"parts":[{{"inlineData":{{"mimeType":"{mime}","data":"'.encode()


def decode_server(data: bytes | str) -> ServerMessage:
    """A message of the service. Unknown keys are left out, every spelling of protobuf JSON is taken.

    Raises:
        WireError: not JSON, not an object, or a field of the wrong type; the error never contains the payload.
    """
    try:
        return _server.decode(data)
    except _UNREADABLE:
        return _read(data, ServerMessage)[0]


def decode_client(data: bytes | str) -> ClientMessage:
    """A message of a client, in any of the shapes the official SDKs send.

    Raises:
        WireError: with the service's own wording where it has one, code 1007.
    """
    try:
        message, left = _client.decode(data), Extras()
    except _UNREADABLE:
        message, left = _read(data, ClientMessage)
    kinds = sum(getattr(message, name) is not None for name in message.__struct_fields__)
    if kinds == 0 and left:
        raise Refused(unknown_name(str(left[0])))
    if kinds != 1:
        raise Refused(INVALID, detail=f"want exactly one of {', '.join(KINDS)}, got {kinds}.")
    return message


KINDS = tuple(each.encode_name for each in msgspec.structs.fields(ClientMessage))


def decode(data: bytes | str, kind: type[M]) -> M:
    """Any other struct of the protocol, such as the body of a token request, in every spelling.

    Raises:
        WireError: as `decode_client`.
    """
    return _read(data, kind)[0]


def unknown(data: bytes | str, kind: type[M]) -> list[str]:
    """Paths of what no struct knows, as the service writes them: `setup.generation_config.x`, `setup.tools[0].y`.

    A null that some models refuse is among them (`setup.session_resumption.handle`).

    Raises:
        WireError: as `decode_client`.
    """
    return [str(extra) for extra in extras(data, kind)]


def extras(data: bytes | str, kind: type[M]) -> list[Extra]:
    """What no struct knows, with its values, for who passes the message on changed.

    Raises:
        WireError: as `decode_client`.
    """
    return _tree(data, kind)[1]


def _read(data: bytes | str, kind: type[M]) -> tuple[M, Extras]:
    tree, left = _tree(data, kind)
    try:
        return msgspec.convert(tree, kind, strict=False), left
    except RecursionError as error:
        raise Refused(BAD_JSON) from error
    except msgspec.ValidationError as error:
        raise Refused(INVALID, detail=str(error)) from error  # msgspec names the path and the types, never the value


def _tree(data: bytes | str, kind: type[M]) -> tuple[Any, Extras]:
    try:
        tree = msgspec.json.decode(data)
        if not isinstance(tree, dict):
            raise Refused(BAD_JSON, detail=f"want an object, got {type(tree).__name__}.")
        return tidy(tree, kind)
    except _UNREADABLE as error:
        raise Refused(BAD_JSON) from error


def _at(tree: Any, message: Message, extra: Extra) -> dict[str, Any] | None:
    """The object an extra stood in, None when the message has it no more."""
    struct: Any = message
    for step in extra.path:
        try:
            if isinstance(step, int):
                tree, struct = tree[step], struct[step]
            else:
                wire = dict(zip(struct.__struct_fields__, struct.__struct_encode_fields__, strict=True))[step]
                tree, struct = tree[wire], getattr(struct, step)
        except (KeyError, IndexError, TypeError, AttributeError):
            return None
    return tree if isinstance(tree, dict) else None


def seconds(duration: str) -> float:
    """A protobuf duration such as `"50s"` or `"1.2s"` in seconds; 0.0 when it is none."""
    try:
        value = float(duration.removesuffix("s"))
    except ValueError:
        return 0.0
    return max(0.0, value) if math.isfinite(value) else 0.0


def duration(seconds: float) -> str:
    """Seconds as a protobuf duration, to the millisecond."""
    return f"{round(seconds, 3):.3f}".rstrip("0").rstrip(".") + "s"


def close_reason(text: str) -> str:
    """A close reason cut to the 123 bytes of UTF-8 that WebSocket allows, never through a character."""
    raw = text.encode(errors="replace")  # a lone surrogate has no bytes
    return raw[:123].decode(errors="ignore")
