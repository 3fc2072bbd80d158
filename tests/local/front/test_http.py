"""The opening of a connection: upgrades go through untouched, plain requests are answered, rubbish is refused."""

from __future__ import annotations

import h11
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vivavoce.local.front.http import MAX_BODY_BYTES, MAX_HEAD_BYTES, Answer, Opening, Reply, Request, Upgrade

UPGRADE = (
    b"GET /ws/x HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


class Desk:
    """Answers everything, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Request] = []

    def __call__(self, request: Request) -> Answer:
        self.asked.append(request)
        return Answer(200, {"ok": True}, [("x-more", "1")])


def post(body: bytes, *headers: bytes) -> bytes:
    lines = [b"POST /v1alpha/auth_tokens?key=k HTTP/1.1", b"Host: localhost", *headers]
    return b"\r\n".join([*lines, b"Content-Length: %d" % len(body), b"", b""]) + body


def status(reply: Upgrade | Reply | None) -> int:
    assert isinstance(reply, Reply)
    assert reply.last
    client = h11.Connection(h11.CLIENT)
    client.send(h11.Request(method="GET", target="/", headers=[("host", "x")]))
    client.send(h11.EndOfMessage())
    client.receive_data(reply.data)
    event = client.next_event()
    assert isinstance(event, h11.Response)
    return event.status_code


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_an_upgrade_goes_through_byte_for_byte(size: int) -> None:
    desk = Desk()
    opening = Opening(desk)
    sent = UPGRADE + b"\x81\x05early"  # a client that does not wait for the answer
    pieces = [sent[at : at + size] for at in range(0, len(sent), size)]
    through = b""
    for place, piece in enumerate(pieces):
        found = opening.receive(piece)
        if isinstance(found, Upgrade):
            through = found.data + b"".join(pieces[place + 1 :])
            break
    assert through == sent
    assert desk.asked == []


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_a_plain_request_is_answered_once_it_is_whole(size: int) -> None:
    desk = Desk()
    opening = Opening(desk)
    sent = post(b'{"uses": 2}', b"X-Goog-Api-Key: k")
    replies = [opening.receive(sent[at : at + size]) for at in range(0, len(sent), size)]
    assert [reply is None for reply in replies] == [True] * (len(replies) - 1) + [False]
    assert status(replies[-1]) == 200
    (request,) = desk.asked
    assert (request.method, request.target, request.body) == ("POST", "/v1alpha/auth_tokens?key=k", b'{"uses": 2}')
    assert ("x-goog-api-key", "k") in request.headers


def test_a_client_that_asks_first_is_told_to_go_on() -> None:
    opening = Opening(Desk())
    head, _, body = post(b"{}", b"Expect: 100-continue").partition(b"\r\n\r\n")
    reply = opening.receive(head + b"\r\n\r\n")
    assert isinstance(reply, Reply)
    assert (reply.data.split(b"\r\n")[0], reply.last) == (b"HTTP/1.1 100 ", False)
    assert status(opening.receive(body)) == 200


@pytest.mark.parametrize(
    ("sent", "wanted"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(600), 400),  # TLS on the plain port
        (b"GET /\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n\r\n", 400),  # no host
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * (MAX_HEAD_BYTES + 1), 431),
        (post(b"x" * (MAX_BODY_BYTES + 1)), 413),
        (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
    ],
)
def test_what_is_no_request_is_refused(sent: bytes, wanted: int) -> None:
    desk = Desk()
    assert status(Opening(desk).receive(sent)) == wanted
    assert desk.asked == []


def test_a_body_may_come_in_chunks() -> None:
    desk = Desk()
    head = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert status(Opening(desk).receive(head + b"2\r\n{}\r\n0\r\n\r\n")) == 200
    assert desk.asked[0].body == b"{}"


def test_a_head_request_gets_no_body() -> None:
    reply = Opening(Desk()).receive(b"HEAD / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert isinstance(reply, Reply)
    assert reply.data.endswith(b"\r\n\r\n")
    assert b"content-length: 12" in reply.data.lower()


@given(st.lists(st.binary(min_size=1, max_size=80), max_size=10))
def test_any_bytes_get_an_answer_or_patience(pieces: list[bytes]) -> None:
    opening = Opening(Desk())
    for piece in pieces:
        found = opening.receive(piece)
        if isinstance(found, Reply):
            assert found.data.startswith(b"HTTP/1.1 ")
            return
