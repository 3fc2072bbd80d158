"""Bytes to structs and back.

Decoding is two-speed. The fast path is one typed msgspec pass: camelCase keys, standard base64. What it cannot take
(snake_case keys, URL-safe or unpadded base64, as the official Python SDK sends) goes through a generic pass that
normalises and converts. Audio is encoded through a fixed template: formatting alone costs a quarter of a JSON dump (see
`make bench`).
"""

from __future__ import annotations

import base64
import binascii
import math
import re
from typing import Any, TypeVar

import msgspec

from vivavoce.errors import WireError
from vivavoce.wire.gemini.messages import AUDIO_IN_MIME, AUDIO_OUT_MIME, ClientMessage, ServerMessage

MAX_MESSAGE_BYTES = 16 * 1024 * 1024
"""What our client accepts; the service's messages are far smaller (reference: one audio message is a few kB)."""

_encoder = msgspec.json.Encoder()
_server = msgspec.json.Decoder(ServerMessage, strict=False)
_client = msgspec.json.Decoder(ClientMessage, strict=False)

_AUDIO_IN = f'{{"realtimeInput":{{"audio":{{"mimeType":"{AUDIO_IN_MIME}","data":"'.encode()
_AUDIO_IN_END = b'"}}}'
_AUDIO_OUT = (
    f'{{"serverContent":{{"modelTurn":{{"parts":[{{"inlineData":{{"mimeType":"{AUDIO_OUT_MIME}","data":"'.encode()
)
_AUDIO_OUT_END = b'"}}]}}}'

# Below these keys the names belong to the user (arguments, results, JSON schemas) and are left as they are.
_USER_OWNED = frozenset({"args", "response", "parameters", "parametersJsonSchema", "responseJsonSchema", "labels"})
_SNAKE = re.compile(r"_([a-z0-9])")

# What a decoder raises for bytes that are no message: also for endless nesting, and for text that is no UTF-8.
_UNREADABLE = (msgspec.DecodeError, msgspec.ValidationError, RecursionError, UnicodeDecodeError)

M = TypeVar("M", ClientMessage, ServerMessage)


def encode(message: ClientMessage | ServerMessage) -> bytes:
    """JSON of a message: camelCase, standard padded base64, nothing that is unset."""
    return _encoder.encode(message)


def encode_audio_in(pcm: bytes | memoryview) -> bytes:
    """`realtimeInput.audio` for PCM16 LE mono at 16 kHz."""
    return _AUDIO_IN + binascii.b2a_base64(pcm, newline=False) + _AUDIO_IN_END


def encode_audio_out(pcm: bytes | memoryview) -> bytes:
    """`serverContent.modelTurn` with one audio part, PCM16 LE mono at 24 kHz."""
    return _AUDIO_OUT + binascii.b2a_base64(pcm, newline=False) + _AUDIO_OUT_END


def decode_server(data: bytes | str) -> ServerMessage:
    """A message of the service. Unknown keys are ignored, both base64 alphabets and both casings are taken.

    Raises:
        WireError: not JSON, not an object, or a field of the wrong type; the message never contains the payload.
    """
    try:
        return _server.decode(data)
    except _UNREADABLE:
        return _decode_slowly(data, ServerMessage)


def decode_client(data: bytes | str) -> ClientMessage:
    """A message of a client, in any of the shapes the official SDKs send.

    Raises:
        WireError: with the service's own wording where it has one, code 1007.
    """
    try:
        message = _client.decode(data)
    except _UNREADABLE:
        message = _decode_slowly(data, ClientMessage)
    else:
        if _kinds(message) == 0:  # perhaps snake_case: `realtime_input` is an unknown key to the fast path
            message = _decode_slowly(data, ClientMessage)
    if _kinds(message) != 1:
        raise WireError("want exactly one of setup, clientContent, realtimeInput, toolResponse")
    if message.setup is not None:  # cold and deep: user objects inside may be snake_case below a camelCase top level
        message = _decode_slowly(data, ClientMessage)
    return message


def _kinds(message: ClientMessage) -> int:
    return sum(getattr(message, field) is not None for field in message.__struct_fields__)


def _decode_slowly(data: bytes | str, kind: type[M]) -> M:
    try:
        tree = msgspec.json.decode(data)
    except _UNREADABLE as error:
        raise WireError("Invalid JSON payload received.") from error
    if not isinstance(tree, dict):
        raise WireError(f"want a JSON object, got {type(tree).__name__}")
    try:
        return msgspec.convert(_normalise(tree), kind, strict=False)
    except RecursionError as error:
        raise WireError("Invalid JSON payload received.") from error
    except msgspec.ValidationError as error:
        # msgspec names the path and the types, never the value
        raise WireError(f"Request contains an invalid argument. {error}") from error


def _normalise(node: Any, *, user_owned: bool = False) -> Any:
    if isinstance(node, list):
        return [_normalise(item, user_owned=user_owned) for item in node]
    if not isinstance(node, dict) or user_owned:
        return node
    out: dict[str, Any] = {}
    for key, value in node.items():
        name = _SNAKE.sub(lambda m: m.group(1).upper(), key)
        if name == "data" and isinstance(value, str):
            out[name] = _base64(value)
        elif value is not None:
            out[name] = _normalise(value, user_owned=name in _USER_OWNED)
    return out


def _base64(text: str) -> bytes:
    standard = text.translate(_URLSAFE)
    try:
        return base64.b64decode(standard + "=" * (-len(standard) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise WireError("Request contains an invalid argument. Base64 decoding failed for 'data'.") from error


_URLSAFE = str.maketrans("-_", "+/")


def seconds(duration: str) -> float:
    """A protobuf duration such as `"50s"` or `"1.2s"` in seconds; 0.0 when it is none."""
    try:
        value = float(duration.removesuffix("s"))
    except ValueError:
        return 0.0
    return max(0.0, value) if math.isfinite(value) else 0.0


def close_reason(text: str) -> str:
    """A close reason cut to the 123 bytes of UTF-8 that WebSocket allows, never through a character."""
    raw = text.encode()
    return text if len(raw) <= 123 else raw[:123].decode(errors="ignore")
