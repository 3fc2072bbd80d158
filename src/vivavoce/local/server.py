"""The embedded live model: a real WebSocket server of the Gemini Live protocol, on loopback and without a key.

    async with serve(ears=ears, mouth=mouth) as server:
        url = f"ws://127.0.0.1:{server.port}{PATH}"

A connection that misbehaves is closed with the code and the words the service would use; the others do not notice.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from urllib.parse import parse_qs

from websockets.asyncio.server import Server as WebSocketServer
from websockets.asyncio.server import ServerConnection
from websockets.asyncio.server import serve as serve_websocket
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from vivavoce.local.history import LIFETIME_S, History
from vivavoce.local.minds.acts import MakeMind
from vivavoce.local.minds.brain import think
from vivavoce.local.parts import SETUP_WITHIN_S, Ear, MakeDetector, Parts, PeerGone
from vivavoce.local.session import Session
from vivavoce.local.tempo import Clock, LoopClock, Tempo
from vivavoce.local.turn import Voice
from vivavoce.wire.gemini.codec import close_reason

PATH = "/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent"
MAX_FRAME_BYTES = 1024 * 1024

_PATH = re.compile(
    r"/ws/(google\.ai\.generativelanguage\.v1(alpha|beta)?\.GenerativeService\.BidiGenerateContent(Constrained)?"
    r"|google\.cloud\.aiplatform\.v1(beta1)?\.LlmBidiService/BidiGenerateContent)$"
)
_WRONG_KEY = "API key not valid. Please pass a valid API key."
_NO_KEY = "Method doesn't allow unregistered callers (callers without established identity)."


class Server:
    """A running local model, and the faults a test may ask of it."""

    def __init__(self, parts: Parts, key: str | None) -> None:
        self._parts = parts
        self._key = key
        self._live: dict[ServerConnection, Session] = {}
        self.port = 0
        """The port it listens on."""

    @property
    def sessions(self) -> int:
        """Connections alive now."""
        return len(self._live)

    def drop(self, count: int | None = None) -> int:
        """Cut the newest connections, or all of them, as a failing network would: no close frame. Returns how many."""
        newest = list(self._live)[::-1][:count]
        for connection in newest:
            connection.transport.abort()
        return len(newest)

    async def go_away(self, time_left_s: float = 50.0) -> None:
        """Tell every client that its connection will end."""
        for session in list(self._live.values()):
            await session.go_away(time_left_s)

    async def hang_up(self, code: int, reason: str) -> None:
        """Close every connection with a code and a reason."""
        for connection in list(self._live):
            await connection.close(code, close_reason(reason))

    def refuse_handles(self, refuse: bool = True) -> None:
        """From now on know no handle, as a service that lost its sessions; False takes it back."""
        self._parts.history.refusing = refuse

    def _screen(self, connection: ServerConnection, request: Request) -> Response | None:
        # not urlsplit: it would take the service's own leading "//" for a host
        path = re.sub(r"/{2,}", "/", request.path.partition("?")[0])
        if _PATH.search(path) is None:
            return connection.respond(HTTPStatus.NOT_FOUND, "There is no live model at this path.\n")
        return None

    async def _accept(self, connection: ServerConnection) -> None:
        assert connection.request is not None, "the handshake is over"
        refusal = self._refusal(connection.request)
        if refusal is not None:
            await connection.close(*refusal)
            return
        session = Session(_Socket(connection), self._parts)
        self._live[connection] = session
        try:
            await session.run()
        finally:
            del self._live[connection]

    def _refusal(self, request: Request) -> tuple[int, str] | None:
        if self._key is None:
            return None
        query = parse_qs(request.path.partition("?")[2])
        bearer = request.headers.get("Authorization", "").partition(" ")[2]
        given = [
            *query.get("key", []),
            *query.get("access_token", []),
            *request.headers.get_all("x-goog-api-key"),
            bearer,
        ]
        if not any(given):
            return 1008, close_reason(_NO_KEY)
        if any(hmac.compare_digest(key.encode(), self._key.encode()) for key in given):
            return None
        return 1007, _WRONG_KEY


class _Socket:
    """A WebSocket as a session wants it: binary frames out, a lost peer as `PeerGone`."""

    def __init__(self, connection: ServerConnection) -> None:
        self._connection = connection

    async def send(self, data: bytes) -> None:
        try:
            await self._connection.send(data)
        except ConnectionClosed as closed:
            raise PeerGone from closed

    async def receive(self) -> bytes | str:
        try:
            return await self._connection.recv()
        except ConnectionClosed as closed:
            raise PeerGone from closed

    async def close(self, code: int, reason: str) -> None:
        await self._connection.close(code, close_reason(reason))


@asynccontextmanager
async def serve(
    host: str = "127.0.0.1",
    port: int = 0,
    *,
    ears: Ear,
    mouth: Voice,
    key: str | None = None,
    seed: int = 0,
    tempo: Tempo | None = None,
    clock: Clock | None = None,
    make_mind: MakeMind = think,
    make_detector: MakeDetector | None = None,
    handle_lifetime_s: float = LIFETIME_S,
    setup_within_s: float = SETUP_WITHIN_S,
) -> AsyncIterator[Server]:
    """Serve the live protocol until the block ends; connections still open then are closed with 1001.

    Args:
        port: 0 takes a free one; see `Server.port`.
        key: an API key clients must show; None lets everybody in.
        seed: chooses among wordings; the same seed and the same input give the same talk.
        make_detector: None takes the packaged speech detector.
    """
    if make_detector is None:
        from vivavoce.local.vad import SpeechDetector  # loads a neural network

        make_detector = SpeechDetector
    clock = clock or LoopClock()
    parts = Parts(
        ears=ears,
        mouth=mouth,
        make_mind=make_mind,
        make_detector=make_detector,
        history=History(clock, lifetime_s=handle_lifetime_s),
        tempo=tempo or Tempo(),
        clock=clock,
        seed=seed,
        setup_within_s=setup_within_s,
    )
    server = Server(parts, key)
    async with serve_websocket(
        server._accept,
        host,
        port,
        process_request=server._screen,
        compression=None,
        max_size=MAX_FRAME_BYTES,
        ping_interval=None,  # a caller's machine that sleeps for a minute is still a caller
        close_timeout=2,
    ) as listening:
        server.port = _port(listening)
        yield server


def _port(listening: WebSocketServer) -> int:
    port = next(iter(listening.sockets)).getsockname()[1]
    assert isinstance(port, int), "an address of TCP/IP"
    return port
