"""Plain HTTP beside the sockets: the first request of a connection is either an upgrade or answered here.

Bytes in, bytes out, by h11; no socket. One request a connection: the answer says that it will be closed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import h11
import msgspec

MAX_HEAD_BYTES = 64 * 1024
"""Request line and headers; a credential in them may have several kB."""
MAX_BODY_BYTES = 64 * 1024
"""A token's setup has a few kB."""

Headers = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Request:
    """A plain request, whole."""

    method: str
    target: str
    headers: Headers
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Answer:
    """What it gets: an object as JSON."""

    status: int
    content: Any
    headers: Headers = ()


@dataclass(frozen=True, slots=True)
class Upgrade:
    """It was no plain request: the bytes belong to the WebSocket."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """Bytes to send. `last`: nothing more is read, and the connection ends."""

    data: bytes
    last: bool


class Opening:
    """The beginning of a connection.

    Args:
        answer: what a plain request gets; must not raise for anything it holds.
    """

    def __init__(self, answer: Callable[[Request], Answer]) -> None:
        self._answer = answer
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=MAX_HEAD_BYTES)
        self._raw = bytearray()
        self._request: h11.Request | None = None
        self._body = bytearray()

    def receive(self, data: bytes) -> Upgrade | Reply | None:
        """Take in bytes; None when more are needed."""
        try:
            self._http.receive_data(data)
            if self._request is not None:
                return self._read_body()
            self._raw += data
            event = self._http.next_event()
            if not isinstance(event, h11.Request):
                return None
            if _upgrades(event):
                return Upgrade(bytes(self._raw))
            self._raw.clear()
            self._request = event
            return self._read_body()
        except h11.RemoteProtocolError as error:
            return self._refuse(error.error_status_hint, "want an HTTP/1.1 request")

    def _read_body(self) -> Reply | None:
        assert self._request is not None, "the body follows the head"
        while True:
            event = self._http.next_event()
            if isinstance(event, h11.Data):
                self._body += event.data
                if len(self._body) > MAX_BODY_BYTES:
                    return self._refuse(413, f"want a body of at most {MAX_BODY_BYTES} bytes")
            elif isinstance(event, h11.EndOfMessage):
                return self._reply(self._answer(_whole(self._request, bytes(self._body))))
            elif self._http.they_are_waiting_for_100_continue:
                go_on = h11.InformationalResponse(status_code=100, headers=[])
                return Reply(self._http.send(go_on) or b"", last=False)
            else:
                return None

    def _refuse(self, status: int, message: str) -> Reply:
        return self._reply(Answer(status, {"error": {"code": status, "message": message}}))

    def _reply(self, answer: Answer) -> Reply:
        body = msgspec.json.encode(answer.content) + b"\n"
        headers = [
            ("content-type", "application/json; charset=utf-8"),
            ("content-length", str(len(body))),
            ("connection", "close"),
            *answer.headers,
        ]
        response = h11.Response(status_code=answer.status, headers=headers, reason=HTTPStatus(answer.status).phrase)
        head_only = self._request is not None and self._request.method == b"HEAD"
        parts = (response, h11.Data(data=b"" if head_only else body), h11.EndOfMessage())
        return Reply(b"".join(self._http.send(part) or b"" for part in parts), last=True)


def _whole(head: h11.Request, body: bytes) -> Request:
    headers = [(name.decode("ascii"), value.decode("latin-1")) for name, value in head.headers]
    return Request(head.method.decode("ascii"), head.target.decode("ascii"), headers, body)


def _upgrades(request: h11.Request) -> bool:
    return any(name == b"upgrade" and value.lower() == b"websocket" for name, value in request.headers)
