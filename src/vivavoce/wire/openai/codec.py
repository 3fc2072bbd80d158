"""Bytes to events and back.

Sound is written through fixed templates and read in the same one typed pass as everything else. A client's events are
read strictly, as the service does: a name it does not know is refused with its place. A server's are read leniently: a
kind or a field made after this was written changes nothing.
"""

from __future__ import annotations

import binascii
import re
from typing import Any

import msgspec

from vivavoce.errors import WireError
from vivavoce.wire.openai.client import CLIENT_EVENTS, AnyClientEvent, AppendAudio, ClientEvent
from vivavoce.wire.openai.refusals import EventRefused
from vivavoce.wire.openai.server import SERVER_EVENTS, AnyServerEvent, ServerEvent
from vivavoce.wire.openai.unknown import unknown_names

MAX_APPEND_BYTES = 15 * 1024 * 1024
"""Sound in one event, as documented."""

_encoder = msgspec.json.Encoder()
_client = msgspec.json.Decoder(AnyClientEvent)
_server = msgspec.json.Decoder(AnyServerEvent)

_APPEND = b'{"type":"input_audio_buffer.append","audio":"'
_APPEND_END = b'"}'
_DELTA = (
    b'{"type":"response.output_audio.delta","event_id":"%b","response_id":"%b","item_id":"%b",'
    b'"output_index":%d,"content_index":0,"delta":"'
)
_DELTA_END = b'"}'

# What a decoder raises for bytes that are no event: also for endless nesting, and for text that is no UTF-8.
_UNREADABLE = (msgspec.DecodeError, RecursionError, UnicodeDecodeError)
_AT = re.compile(r" - at `\$\.?(.*)`$")
_MISSING = re.compile(r"Object missing required field `(\w+)`")
_WRONG_TYPE = re.compile(r"Expected `(.+?)`, got `(.+?)`")

_SERVER_TYPES = frozenset(str(kind.__struct_config__.tag) for kind in SERVER_EVENTS)
_CLIENT_TYPES = tuple(str(kind.__struct_config__.tag) for kind in CLIENT_EVENTS)


def encode(event: ClientEvent | ServerEvent) -> bytes:
    """JSON of an event, without what is unset."""
    return _encoder.encode(event)


def encode_append(pcm: bytes | memoryview) -> bytes:
    """`input_audio_buffer.append` for PCM16 LE mono at 24 kHz."""
    return _APPEND + binascii.b2a_base64(pcm, newline=False) + _APPEND_END


def encode_audio_delta(
    sound: bytes | memoryview, *, event_id: str, response_id: str, item_id: str, output_index: int
) -> bytes:
    """`response.output_audio.delta`. The ids are ours and need no escaping."""
    head = _DELTA % (event_id.encode(), response_id.encode(), item_id.encode(), output_index)
    return head + binascii.b2a_base64(sound, newline=False) + _DELTA_END


def decode_server(data: bytes | str) -> AnyServerEvent | None:
    """An event of the service; None for a kind that is not known here.

    Raises:
        WireError: no event at all, or a field of the wrong type; the message never contains the payload.
    """
    try:
        event: AnyServerEvent = _server.decode(data)
    except msgspec.ValidationError as error:
        if (kind := _kind(data)) and kind not in _SERVER_TYPES:
            return None
        raise WireError(f"want an event of the service: {error}") from error  # names path and types, never the value
    except _UNREADABLE as error:
        raise WireError("want JSON, got something else") from error
    return event


def decode_client(data: bytes | str, *, strict: bool = True) -> AnyClientEvent:
    """An event of a client.

    Args:
        strict: refuse names the service does not know.

    Raises:
        EventRefused: with the wording, code and parameter of the service's error event.
    """
    try:
        event: AnyClientEvent = _client.decode(data)
        tree = msgspec.json.decode(data) if strict and not isinstance(event, AppendAudio) else None
    except msgspec.ValidationError as error:
        raise _refusal(data, str(error)) from error
    except _UNREADABLE as error:
        raise EventRefused("We could not parse the JSON body of your request.", code="invalid_json") from error
    for name in unknown_names(tree, type(event)):
        message = f"Unknown parameter: '{name}'."
        raise EventRefused(message, code="unknown_parameter", param=name, event_id=event.event_id)
    return event


def _kind(data: bytes | str) -> str:
    """The type an event says it has; empty when it says none."""
    return _said(data, "type")


def _said(data: bytes | str, name: str) -> str:
    try:
        tree: Any = msgspec.json.decode(data)
    except _UNREADABLE:
        return ""
    value = tree.get(name) if isinstance(tree, dict) else None
    return value if isinstance(value, str) else ""


def _refusal(data: bytes | str, problem: str) -> EventRefused:
    """The service's error for an event that is JSON and yet none of its own."""
    kind, event_id = _kind(data), _said(data, "event_id") or None
    if kind not in _CLIENT_TYPES:
        if not kind:
            return EventRefused("Missing required parameter: 'type'.", code="missing_required_parameter", param="type")
        known = ", ".join(f"'{name}'" for name in _CLIENT_TYPES)
        message = f"Invalid value: '{kind[:100]}'. Supported values are: {known}."
        return EventRefused(message, code="invalid_value", param="type", event_id=event_id)
    found = _AT.search(problem)
    param = found.group(1) if found is not None else ""
    if (missing := _MISSING.search(problem)) is not None:
        param = f"{param}.{missing.group(1)}".lstrip(".")
        message = f"Missing required parameter: '{param}'."
        return EventRefused(message, code="missing_required_parameter", param=param, event_id=event_id)
    if kind == "input_audio_buffer.append" and param == "audio" and "base64" in problem:
        message = "Invalid 'audio'. Expected base64-encoded audio bytes but got an invalid value."
        return EventRefused(message, code="invalid_value", param=param, event_id=event_id)
    if (wrong := _WRONG_TYPE.search(problem)) is not None:
        message = f"Invalid type for '{param}': expected {wrong.group(1)}, but got {wrong.group(2)} instead."
        return EventRefused(message, code="invalid_type", param=param, event_id=event_id)
    return EventRefused(f"Invalid value for '{param}'.", code="invalid_value", param=param, event_id=event_id)
