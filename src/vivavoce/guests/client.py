"""A caller's machine in software: microphone frames on a steady clock, a loudspeaker that obeys, the caller protocol
between.

One task sends, frame by frame, and is the only one that moves time; another receives. Rubbish from the server is
counted and ignored. A connection that is lost is opened anew, and the call goes on where it was; a server that stays
away ends it with an outcome, never with an exception.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI
from websockets.typing import Subprotocol

from vivavoce.audio.pcm import AGENT_HZ, CALLER_HZ, FRAME_SAMPLES, to_bytes
from vivavoce.errors import InputError, WireError
from vivavoce.guests.clock import Clock, WallClock
from vivavoce.guests.loudspeaker import Finished, Loudspeaker, Playing
from vivavoce.guests.manners import Ear
from vivavoce.guests.microphone import MicrophoneSource, Moment
from vivavoce.guests.observer import CallEvent, CallObserver, Closed, Connected, Said, close_words
from vivavoce.wire import caller as wire

FRAME_S = FRAME_SAMPLES / CALLER_HZ
PLAY_SAMPLES = FRAME_SAMPLES * AGENT_HZ // CALLER_HZ
REPORT_FRAMES = 3
"""`Played` goes out every three frames, 96 ms: the gateway knows what was heard to a syllable."""

GOODBYE_S = 3.0
"""How long a caller who hung up waits for the gateway's last words."""

CONNECT_S = 10.0
RETURN_WITHIN_S = 120.0
"""How long a lost call is worth trying: the gateway keeps it as long by default (`return_within_s`)."""
FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 8.0
"""Before the second try, doubled each time; the first is made at once. As the browser does it."""
FOR_GOOD = frozenset(
    {
        wire.CloseCode.NORMAL,
        wire.CloseCode.TOO_BIG,
        wire.CloseCode.PROTOCOL,
        wire.CloseCode.NOT_AUTHORISED,
        wire.CloseCode.NO_HELLO,
        wire.CloseCode.REPLACED,
        wire.CloseCode.SLOW_PEER,
        wire.CloseCode.FAILED,
    }
)
"""Closes after which nobody is waited for; any other is a line that broke."""


@dataclass
class Counters:
    messages: int = 0
    """Messages received, good or not."""
    frames_sent: int = 0
    rubbish: int = 0
    """Messages outside the protocol."""
    late_frames: int = 0
    dropped_frames: int = 0
    underruns: int = 0
    played_samples: int = 0
    returns: int = 0
    """How often the line was lost and the call gone back to."""


@dataclass(frozen=True)
class Outcome:
    """How a call ended. `reason` is the gateway's, or "left", "closed", "unreachable" where it gave none; `text` is for
    people.
    """

    reason: str
    code: int
    text: str


class CallerClient:
    """One call. Make it, `run` it once."""

    def __init__(
        self,
        url: str,
        ticket: str,
        source: MicrophoneSource,
        *,
        observer: CallObserver | None = None,
        clock: Clock | None = None,
        consent: Literal["given", "refused"] = "given",
        remark: str = "",
        client: str = "guest",
    ) -> None:
        """
        Args:
            url: ws:// or wss:// address of the call.
            consent: the answer if the gateway asks whether it may record.
            remark: told to the observer when the call begins.

        Raises:
            InputError: the ticket has characters that no ticket has.
        """
        if not re.fullmatch(r"[A-Za-z0-9._~+-]+", ticket):
            raise InputError(
                f"want a ticket of letters, digits and . _ ~ + -, got {len(ticket)} characters that are not all such"
            )
        self.counters = Counters()
        self._url = url
        self._ticket = ticket
        self._source = source
        self._observer = observer
        self._clock = clock or WallClock()
        self._hello = wire.Hello(mode=source.mode, echo_cancelled=True, client=client)
        self._consent = consent
        self._remark = remark
        self._loudspeaker = Loudspeaker()
        self._outbox: list[wire.CallerMessage] = []
        self._position = 0
        self._reported = (0, 0)
        self._ended: wire.Ended | None = None
        self._began_at = 0.0
        self._mic_from: float | None = None
        self._leave_by: float | None = None
        self._gives_up = False
        self._resume = ""  # the ticket to come back with; a secret
        self._welcomed = asyncio.Event()
        self._give_up_at: float | None = None  # set from when the line is lost until they are welcomed back
        self._wait_s = 0.0  # before the next try

    async def run(self) -> Outcome:
        """Hold the call to its end. Cancelling it hangs up."""
        self._began_at = self._clock.now()
        try:
            await self._source.prepare()
            socket = await self._connect(self._ticket)
        except InvalidStatus as error:
            return self._closed(
                1006, f"the server refused the call with HTTP status {error.response.status_code}", "unreachable"
            )
        except (OSError, TimeoutError, InvalidHandshake, InvalidURI, ConnectionClosed) as error:
            return self._closed(1006, f"the server cannot be reached ({type(error).__name__})", "unreachable")
        self._tell(Connected(self._source.mode, self._remark))
        try:
            while (outcome := await self._talk(socket)) is None:
                if (back := await self._come_back()) is None:
                    return self._closed(1006, close_words(1006, ""), "closed")
                socket = back
            return outcome
        finally:
            await self._source.close()
            await socket.close()
            self._count()

    async def _connect(self, ticket: str) -> ClientConnection:
        local = urlsplit(self._url).hostname in ("127.0.0.1", "::1", "localhost")
        async with asyncio.timeout(CONNECT_S):
            return await connect(
                self._url,
                subprotocols=[Subprotocol(wire.SUBPROTOCOL), Subprotocol(wire.TICKET_PREFIX + ticket)],
                compression=None,  # audio does not shrink
                max_size=wire.MAX_FRAME_BYTES + wire.HEADER_BYTES,
                proxy=None if local else True,
            )

    async def _come_back(self) -> ClientConnection | None:
        """A new socket for the same call, None when there is none for too long."""
        if self._give_up_at is None:
            self._give_up_at = self._clock.now() + RETURN_WITHIN_S
        while self._clock.now() + self._wait_s < self._give_up_at:
            await self._clock.sleep_until(self._clock.now() + self._wait_s)
            self._wait_s = min(LONGEST_WAIT_S, 2 * self._wait_s) or FIRST_WAIT_S
            try:
                socket = await self._connect(self._resume)
            except (OSError, TimeoutError, InvalidHandshake, ConnectionClosed):
                continue
            self.counters.returns += 1
            current = self._loudspeaker.current
            heard = (current, self._loudspeaker.heard(current))
            reply, samples = heard if heard[1] else self._reported
            self._hello = msgspec.structs.replace(self._hello, mode=self._source.mode, reply=reply, samples=samples)
            self._welcomed.clear()
            self._tell(Connected(self._source.mode, "the connection was lost, and is back"))
            return socket
        return None

    async def _talk(self, socket: ClientConnection) -> Outcome | None:
        """Talk over one socket; None when it was lost and the call can be gone back to."""
        receiving = asyncio.get_running_loop().create_task(self._receive(socket))
        try:
            await socket.send(wire.encode(self._hello))
            if self.counters.returns:  # until then our ticket is not spent, should this socket be lost, too
                waiting = asyncio.ensure_future(self._welcomed.wait())
                await asyncio.wait((waiting, receiving), return_when=asyncio.FIRST_COMPLETED)
                waiting.cancel()
            left = await self._send(socket, receiving)
        except ConnectionClosed:
            left = self._leave_by is not None
            await receiving  # what came before the close still counts
        finally:
            receiving.cancel()
            await asyncio.gather(receiving, return_exceptions=True)
        if self._ended is not None:
            return self._closed(wire.CloseCode.NORMAL, self._ended.text or self._ended.reason, self._ended.reason)
        if left:
            return self._closed(wire.CloseCode.NORMAL, "the caller hung up", "left")
        code = socket.close_code or 1006
        if self._resume and code not in FOR_GOOD:
            return None
        return self._closed(code, close_words(code, socket.close_reason or ""), "closed")

    # ------------------------------------------------------------------------------------------------ to the gateway

    async def _send(self, socket: ClientConnection, receiving: asyncio.Task[None]) -> bool:
        """A frame every 32 ms until the call is over; true when the caller hung up.

        Deadlines are counted from the first frame, so that a late one does not move those after it; after a stall the
        missing frames follow at once, since the microphone's clock counts through.
        """
        start = self._mic_from = self._clock.now() if self._mic_from is None else self._mic_from
        missed = (self._clock.now() - start) * CALLER_HZ - self._position
        self._position += max(0, int(missed)) // FRAME_SAMPLES * FRAME_SAMPLES  # said to nobody
        while not receiving.done() and self._ended is None:
            await self._clock.sleep_until(start + self._position / CALLER_HZ + FRAME_S)
            moment = self._step()
            for message in self._outbox:
                await socket.send(wire.encode(message))
            self._outbox.clear()
            if self._source.mode == "voice":
                frame = wire.Frame(wire.FrameKind.MIC, 0, 0, self._position, to_bytes(moment.pcm))
                await socket.send(wire.encode_frame(frame))
                self.counters.frames_sent += 1
            self._position += FRAME_SAMPLES
            if (moment.leave or self._gives_up) and self._leave_by is None:
                self._leave_by = self._clock.now() + GOODBYE_S
                await socket.send(wire.encode(wire.Leave()))
            if self._leave_by is not None and self._clock.now() >= self._leave_by:
                break
        return self._leave_by is not None

    def _step(self) -> Moment:
        """Play and listen for one frame; what is to be sent lies in the outbox afterwards."""
        at = self._position + FRAME_SAMPLES  # the frame about to be sent has been captured by now
        audible = False
        for event in self._loudspeaker.play(PLAY_SAMPLES):
            audible = audible or isinstance(event, Playing)
            if isinstance(event, Finished):
                self._report(event.reply, event.samples, at)
            self._tell(event)
        current = self._loudspeaker.current
        heard = self._loudspeaker.heard(current)
        if heard and (current, heard) != self._reported and at // FRAME_SAMPLES % REPORT_FRAMES == 0:
            self._report(current, heard, at)
        moment = self._source.step(self._clock.now(), Ear(audible, bool(current), heard / AGENT_HZ))
        for said in moment.said:
            self._tell(said)
            if said.typed:
                self._outbox.append(wire.Typed(text=said.text))
        return moment

    def _report(self, reply: int, samples: int, at: int) -> None:
        self._reported = (reply, samples)
        self._outbox.append(wire.Played(reply=reply, samples=samples, at=at))

    # ---------------------------------------------------------------------------------------------- from the gateway

    async def _receive(self, socket: ClientConnection) -> None:
        try:
            async for data in socket:
                try:
                    if isinstance(data, bytes):
                        self._loudspeaker.receive(wire.decode_frame(data))
                    else:
                        self._obey(wire.decode_gateway(data))
                except WireError:
                    self.counters.rubbish += 1
                self.counters.messages += 1
        except ConnectionClosed:
            return  # code and reason stay with the socket

    def _obey(self, message: wire.GatewayMessage) -> None:
        at = self._position
        match message:
            case wire.Welcome(consent=consent, returned=returned, resume=resume):
                self._resume = resume
                self._welcomed.set()
                self._give_up_at, self._wait_s = None, 0.0
                if consent == "ask" and not returned:
                    self._outbox.append(wire.Consent(decision=self._consent))
            case wire.Hold(reply=reply):
                self._loudspeaker.hold(reply)
                if heard := self._loudspeaker.heard(reply):
                    self._report(reply, heard, at)
            case wire.Resume() if not self._loudspeaker.held:
                return  # whoever comes back is told so in any case
            case wire.Resume(reply=reply):
                self._loudspeaker.resume(reply)
            case wire.Cut(reply=reply):
                self._cut(reply, at)
            case wire.ReplyDone(reply=reply, samples=samples):
                self._loudspeaker.done(reply, samples)
            case wire.Ended():
                self._ended = message
            case wire.Notice(code="voice_lost") if not self._reported[0]:
                self._gives_up = True  # nobody has ever spoken here: a simulated caller need not type into the void
            case _:
                pass
        self._source.receive(message, self._clock.now())
        self._tell(message)

    def _cut(self, reply: int, at: int) -> None:
        """This reply and all before it."""
        while 0 < (number := self._loudspeaker.current) < reply:
            self._cut(number, at)
        if (finished := self._loudspeaker.cut(reply)) is not None:
            self._report(reply, finished.samples, at)
            self._tell(finished)

    def _closed(self, code: int, text: str, reason: str) -> Outcome:
        self._tell(Closed(code, text))
        return Outcome(reason, code, text)

    def _tell(self, event: CallEvent | Said) -> None:
        if self._observer is not None:
            self._observer.on_event(event, self._clock.now() - self._began_at)

    def _count(self) -> None:
        self.counters.late_frames = self._loudspeaker.late
        self.counters.dropped_frames = self._loudspeaker.dropped
        self.counters.underruns = self._loudspeaker.underruns
        self.counters.played_samples = self._loudspeaker.played_samples
