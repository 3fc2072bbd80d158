"""The live model as a server: the Gemini Live protocol and the OpenAI Realtime protocol, TLS and plain, without a key.

    async with serve(ears=ears, mouth=mouth) as server:
        url = f"ws://127.0.0.1:{server.port}{PATH}"

A connection that misbehaves is closed with the code and the words the service would use; the others do not notice.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from http import HTTPStatus
from typing import Any, Protocol

import msgspec
from websockets.asyncio.server import Server as WebSocketServer
from websockets.asyncio.server import ServerConnection
from websockets.http11 import Request, Response

from vivavoce.local.faults.faults import Faults
from vivavoce.local.faults.script import Script
from vivavoce.local.front.certificate import Certificate
from vivavoce.local.front.connection import Door, FrontConnection
from vivavoce.local.front.credentials import Credentials, credentials_of
from vivavoce.local.front.gatekeeper import Gatekeeper, Guest, RealtimeGuest
from vivavoce.local.front.http import Answer
from vivavoce.local.front.pages import Pages, realtime_problem, realtime_refusal
from vivavoce.local.front.paths import Live, Realtime, socket_at
from vivavoce.local.front.ports import open_port, port_of
from vivavoce.local.front.secrets import ClientSecrets
from vivavoce.local.front.socket import ClientSocket
from vivavoce.local.front.tokens import Tokens
from vivavoce.local.gemini.session import Session
from vivavoce.local.history import LIFETIME_S, History
from vivavoce.local.minds.acts import MakeMind
from vivavoce.local.minds.brain import think
from vivavoce.local.openai.session import RealtimeSession
from vivavoce.local.parts import SETUP_WITHIN_S, Ear, MakeDetector, Parts, Rules, Socket
from vivavoce.local.tempo import Clock, LoopClock, Tempo
from vivavoce.local.turn import Voice
from vivavoce.wire.gemini.codec import close_reason
from vivavoce.wire.gemini.wording import EXHAUSTED, Refused

log = logging.getLogger(__name__)

PATH = "/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent"
MOST_SESSIONS = 1000
"""At a time, as the service's larger tiers; the next is told that the quota is exhausted."""

TELL_WITHIN_S = 2.0
"""How long a client may take to read that its connection will end, behind all that it has not read."""


class Talking(Protocol):
    """A session of either protocol."""

    async def run(self) -> None: ...

    async def go_away(self, time_left_s: float) -> None: ...


class Server:
    """A running local model, and the faults a test may ask of it."""

    def __init__(
        self,
        parts: Parts,
        keys: Collection[str],
        faults: Faults | None,
        *,
        about: Mapping[str, Any],
        wall: Callable[[], float],
        most_sessions: int,
    ) -> None:
        tokens, secrets = Tokens(wall), ClientSecrets(wall)
        self._parts = parts
        self._faults = faults
        self._about = about
        self._most_sessions = most_sessions
        self._gatekeeper = Gatekeeper(keys, tokens, secrets)
        self._pages = Pages(keys, tokens, secrets, self._shown)
        self._door = Door()
        self._live: dict[FrontConnection, Talking] = {}
        self.port = 0
        """The plain port, 0 when there is none."""
        self.tls_port = 0
        """The port with TLS, 0 when there is none."""

    @property
    def sessions(self) -> int:
        """Connections alive now."""
        return len(self._live)

    @property
    def at_the_door(self) -> int:
        """Connections that have not said yet what they want."""
        return len(self._door)

    def drop(self, count: int | None = None) -> int:
        """Cut the newest connections, or all of them, as a failing network would: no close frame. Returns how many."""
        newest = list(self._live)[::-1][:count]
        for connection in newest:
            connection.transport.abort()
        return len(newest)

    async def go_away(self, time_left_s: float = 50.0) -> None:
        """Tell every client that its connection will end; one that does not read is not waited for."""
        async with asyncio.TaskGroup() as telling:
            for session in self._live.values():
                telling.create_task(_tell(session, time_left_s))

    async def hang_up(self, code: int, reason: str) -> None:
        """Close every connection with a code and a reason."""
        closes = [connection.close(code, close_reason(reason)) for connection in list(self._live)]
        await asyncio.gather(*closes)

    @property
    def faults_happened(self) -> tuple[tuple[int, str], ...]:
        """Of each fault that happened, the connection and its name, in their order."""
        return tuple(self._faults.happened) if self._faults is not None else ()

    def refuse_handles(self, refuse: bool = True) -> None:
        """From now on know no handle, as a service that lost its sessions; False takes it back."""
        self._parts.history.refusing = refuse

    def _shown(self) -> dict[str, Any]:
        return {"sessions": self.sessions, **self._about}

    # ------------------------------------------------------------------------------------ who comes

    def _connection(self, *args: Any, **limits: Any) -> FrontConnection:
        return FrontConnection(*args, answer=self._pages.answer, door=self._door, **limits)

    def _screen(self, connection: ServerConnection, request: Request) -> Response | None:
        """Answer an upgrade that leads nowhere; None lets it through."""
        assert isinstance(connection, FrontConnection), "made by `_connection`"
        place = socket_at(request.path)
        if place is None:
            return connection.respond(HTTPStatus.NOT_FOUND, "There is no live model at this path.\n")
        if self._faults is not None:
            connection.number, status = self._faults.arrived()
            if status is not None:
                return connection.respond(status, "A fault file refuses this upgrade.\n")
        if isinstance(place, Realtime):
            shown = _credentials(request)
            connection.guest = self._gatekeeper.realtime(request.path, shown)
            if connection.guest is None:
                return _json(connection, realtime_refusal(shown))
            if self.sessions >= self._most_sessions:
                return _json(connection, realtime_problem(429, "Rate limit reached.", code="rate_limit_exceeded"))
        return None

    async def _accept(self, connection: ServerConnection) -> None:
        assert isinstance(connection, FrontConnection), "made by `_connection`"
        assert connection.request is not None, "the handshake is over"
        place = socket_at(connection.request.path)
        if isinstance(place, Live):
            try:
                if self.sessions >= self._most_sessions:
                    raise Refused(EXHAUSTED, code=1011)
                connection.guest = self._gatekeeper.live(place, _credentials(connection.request))
            except Refused as refused:
                log.info("refused a client: %s", refused.reason)
                await connection.close(refused.code, close_reason(refused.reason))
                return
        try:
            await self._carry(connection)
        finally:
            self._live.pop(connection, None)

    async def _carry(self, connection: FrontConnection) -> None:
        guest = connection.guest
        async with AsyncExitStack() as stack:
            if isinstance(guest, RealtimeGuest):
                line = ClientSocket(connection, first=guest.first)
            else:
                assert isinstance(guest, Guest), "whoever is no guest was refused"
                line = ClientSocket(connection, over=guest.over)
            socket = (
                line
                if self._faults is None
                else await stack.enter_async_context(self._faults.on(line, connection.number))
            )
            self._live[connection] = session = self._session(guest, socket)
            await session.run()

    def _session(self, guest: Guest | RealtimeGuest, socket: Socket) -> Talking:
        if isinstance(guest, Guest):
            return Session(socket, self._parts, guest.entrance)
        return RealtimeSession(socket, self._parts, guest.model)


async def _tell(session: Talking, time_left_s: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(TELL_WITHIN_S):
            await session.go_away(time_left_s)


def _credentials(request: Request) -> Credentials:
    return credentials_of(request.path, request.headers.raw_items())


def _json(connection: FrontConnection, answer: Answer) -> Response:
    response = connection.respond(answer.status, msgspec.json.encode(answer.content).decode())
    del response.headers["Content-Type"]
    response.headers["Content-Type"] = "application/json"
    return response


@asynccontextmanager
async def serve(
    host: str = "127.0.0.1",
    port: int | None = 0,
    *,
    ears: Ear,
    mouth: Voice,
    certificate: Certificate | None = None,
    tls_port: int = 0,
    keys: Collection[str] = (),
    rules: Rules | None = None,
    faults: Script | None = None,
    seed: int = 0,
    tempo: Tempo | None = None,
    clock: Clock | None = None,
    wall: Callable[[], float] = time.time,
    make_mind: MakeMind = think,
    make_detector: MakeDetector | None = None,
    handle_lifetime_s: float = LIFETIME_S,
    setup_within_s: float = SETUP_WITHIN_S,
    most_sessions: int = MOST_SESSIONS,
    about: Mapping[str, Any] | None = None,
) -> AsyncIterator[Server]:
    """Serve the live protocols until the block ends; connections still open then are closed with 1001.

    Args:
        host: `localhost` stands for both addresses of the loopback.
        port: of plain HTTP and WebSockets; 0 takes a free one (see `Server.port`), None serves none.
        certificate: makes a port with TLS beside it.
        tls_port: its number; 0 takes a free one (see `Server.tls_port`).
        keys: API keys clients must show; empty lets everybody in.
        rules: how strict the server is.
        faults: what goes wrong, and when.
        seed: chooses among wordings; the same seed and the same input give the same talk.
        wall: seconds of the epoch, for ephemeral credentials.
        make_detector: None takes the packaged speech detector.
        most_sessions: at a time; the next is told that the quota is exhausted.
        about: facts for the page at the root.

    Raises:
        InputError: an address cannot be had, or the certificate cannot be used.
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
        rules=rules or Rules(),
    )
    server = Server(
        parts,
        tuple(keys),
        Faults(faults, clock) if faults is not None else None,
        about=about or {},
        wall=wall,
        most_sessions=most_sessions,
    )
    doing: Any = {"accept": server._accept, "screen": server._screen, "make_connection": server._connection}
    listening: list[WebSocketServer] = []
    try:
        if port is not None:
            listening += (opened := await open_port(host, port, **doing))
            server.port = port_of(opened)
        if certificate is not None:
            listening += (opened := await open_port(host, tls_port, certificate=certificate, **doing))
            server.tls_port = port_of(opened)
        yield server
    finally:
        for each in listening:
            each.close()
        server._door.shut()
        await asyncio.gather(*(each.wait_closed() for each in listening))
