"""One connection of a client: setup, then sound, text and tool answers in, turns out.

Three tasks at most: the reader (`run`), the ear (utterances to text, in order) and the turn being spoken. Whatever goes
wrong in one of them closes this connection, with the service's wording, and no other.
"""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections import deque
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

import msgspec

from vivavoce.errors import WireError
from vivavoce.local.calling import Calls
from vivavoce.local.history import History, Kept
from vivavoce.local.meter import Meter
from vivavoce.local.microphone import Detector, Heard, Microphone, SpeechBegan, Utterance
from vivavoce.local.minds.acts import Mind
from vivavoce.local.parts import Hearing, Parts, PeerGone, Socket
from vivavoce.local.replies import Replies
from vivavoce.local.setting import INVALID, Setting, wording
from vivavoce.local.turn import Turn
from vivavoce.wire.gemini.codec import decode_client, encode
from vivavoce.wire.gemini.messages import (
    ClientContent,
    ClientMessage,
    FunctionResponse,
    GoAway,
    RealtimeInput,
    ServerContent,
    ServerMessage,
    SessionResumptionUpdate,
    Setup,
    SetupComplete,
    ToolCallCancellation,
    Transcription,
)

log = logging.getLogger(__name__)

MOST_UTTERANCES = 16
"""Utterances the ear has not come to; when full, the oldest is dropped. Two is already a very slow ear."""
MOST_CHARS = 1_000_000
"""Text collected for one turn; the service's context is of that order."""


Spawn = Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]]
"""Runs a task in a session's care."""


class Session:
    """One connection, from setup to close."""

    def __init__(self, socket: Socket, parts: Parts) -> None:
        self._socket = socket
        self._parts = parts
        self._tasks: set[asyncio.Task[None]] = set()
        self._talk: Talk | None = None

    async def run(self) -> None:
        """Serve the client until either side closes. Never raises for anything the client sent."""
        await self._guard(self._serve())
        if self._talk is not None:
            self._talk.close()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def go_away(self, time_left_s: float) -> None:
        """Announce the end of the connection."""
        await self._socket.send(encode(ServerMessage(go_away=GoAway(time_left=f"{time_left_s:g}s"))))

    async def _serve(self) -> None:
        try:
            async with asyncio.timeout(self._parts.setup_within_s):
                first = decode_client(await self._socket.receive())
        except TimeoutError:
            raise WireError("Deadline expired before operation could complete.", code=1011) from None
        if first.setup is None:
            raise WireError(INVALID)
        talk = self._talk = Talk(first.setup, self._socket, self._parts, self._spawn)
        await self._socket.send(encode(ServerMessage(setup_complete=SetupComplete())))
        while True:
            await talk.take(decode_client(await self._socket.receive()))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(self._guard(work))
        self._tasks.add(task)
        task.add_done_callback(lambda _: work.close())  # a task cancelled before its first step never awaits its work
        task.add_done_callback(self._tasks.discard)
        return task

    async def _guard(self, work: Coroutine[Any, Any, None]) -> None:
        """Run a task of this session; what it raises closes this connection and nothing else."""
        try:
            await work
        except WireError as error:
            await self._socket.close(error.code, wording(error))
        except PeerGone:
            pass  # the reader learns of it by itself
        except Exception as error:  # noqa: BLE001  one session's failure must not reach another
            where = traceback.extract_tb(error.__traceback__)[-1]  # an error's own text may hold a caller's words
            log.error("a session failed: %s at %s:%s", type(error).__name__, where.name, where.lineno)  # noqa: TRY400
            await self._socket.close(1011, "Internal error encountered.")


class Talk:
    """What a set-up connection does with each message."""

    def __init__(self, setup: Setup, socket: Socket, parts: Parts, spawn: Spawn) -> None:
        self._setting = setting = Setting.read(setup)
        kept = self._resumed(setup, parts.history)
        self._send = socket.send
        self._parts = parts
        self._spawn = spawn
        self._calls = Calls(setup.tools)
        self._meter = msgspec.json.decode(kept.meter, type=Meter) if kept else Meter(text_chars=setting.prompt_chars)
        self._mind: Mind = parts.make_mind(
            setting.instruction,
            list(self._calls.declared.values()),
            saved=kept.brain if kept else None,
            seed=parts.seed,
        )
        self._microphone = Microphone(
            None if setting.manual else self._make_detector,
            silence_ms=setting.silence_ms,
        )
        self._replies = Replies(self._make_turn, self._turn_closed, spawn, self._held)
        self._utterances: deque[tuple[Utterance, Hearing | None]] = deque()
        self._hearing: Hearing | None = None  # of the utterance that goes on
        self._ear: asyncio.Task[None] | None = None
        self._heard: list[str] = []
        self._collected: list[str] = []

    # ------------------------------------------------------------------------------------ what comes

    async def take(self, message: ClientMessage) -> None:
        """Take in one message.

        Raises:
            WireError: it has no place here; closes the connection.
        """
        if message.realtime_input is not None:
            await self._realtime(message.realtime_input)
        elif message.client_content is not None:
            await self._content(message.client_content)
        elif message.tool_response is not None:
            for response in message.tool_response.function_responses:
                await self._answered(response)
        else:
            raise WireError(INVALID)  # a second setup

    async def _realtime(self, said: RealtimeInput) -> None:
        if sum(getattr(said, name) is not None for name in said.__struct_fields__) != 1:
            raise WireError(INVALID)
        if said.audio is not None:
            before = self._microphone.milliseconds
            await self._listen(self._microphone.chunk(said.audio.mime_type, said.audio.data))
            self._hear_along()
            self._meter.add_audio(self._microphone.milliseconds - before)
        elif said.text is not None:
            await self._read(said.text)
        elif said.activity_start is not None:
            await self._listen(self._microphone.begin())
        elif said.activity_end is not None:
            await self._listen(self._microphone.end())
        elif said.audio_stream_end:
            await self._listen(self._microphone.switched_off())

    async def _content(self, content: ClientContent) -> None:
        for turn in content.turns:
            text = "\n".join(part.text for part in turn.parts if part.text and not part.thought)
            if turn.role == "model":
                self._collected.clear()  # everything before was answered in the past
            elif turn.role not in (None, "user"):
                raise WireError(INVALID)
            elif text:
                self._collected.append(text)
        if sum(map(len, self._collected)) > MOST_CHARS:
            raise WireError(INVALID)
        if content.turn_complete:
            text = "\n".join(self._collected)
            self._collected.clear()
            await self._read(text)

    async def _read(self, text: str) -> None:
        self._meter.add_text(text)
        await self._replies.answer(lambda: self._mind.read(text), cuts=self._setting.interrupts)

    async def _answered(self, response: FunctionResponse) -> None:
        if response.will_continue:
            return  # the last one of the call counts
        pending = self._calls.answered(response.id)
        if pending is None:
            log.debug("a tool answer without a call was left aside")
            return
        self._meter.add_text(msgspec.json.encode(response.response).decode())
        if pending.answer is not None:
            if not pending.answer.done():  # done: the turn that waited is being cut this moment
                pending.answer.set_result(response.response)
            return
        silent = response.scheduling == "SILENT"
        if response.scheduling == "INTERRUPT":
            await self._replies.cut()
        if silent:
            self._mind.returned(pending.call, response.response, silent=True)
        else:
            await self._replies.offer(lambda: self._mind.returned(pending.call, response.response))

    # ------------------------------------------------------------------------------------ listening

    async def _listen(self, heard: list[Heard]) -> None:
        for sound in heard:
            if isinstance(sound, SpeechBegan):
                if self._setting.interrupts:
                    await self._replies.cut()
            else:
                self._utterances.append((sound, self._hearing))
                self._hearing = None
                if len(self._utterances) > MOST_UTTERANCES:
                    _, late = self._utterances.popleft()
                    if late is not None:
                        late.cancel()
                if self._ear is None or self._ear.done():
                    self._ear = self._spawn(self._understand())

    async def _understand(self) -> None:
        """Turn utterances into words, and into a turn once the caller has finished."""
        while self._utterances:
            utterance, hearing = self._utterances.popleft()
            text = await self._text_of(utterance, hearing)
            if text:
                self._heard.append(text)
                if self._setting.transcribe_input:
                    await self._content_out(ServerContent(input_transcription=Transcription(text=text)))
            if utterance.last and not self._utterances and not self._microphone.speaking:
                hear = partial(self._mind.hear, " ".join(self._heard))
                self._heard.clear()
                await self._replies.answer(hear, cuts=self._setting.interrupts)

    def _hear_along(self) -> None:
        """Recognise while the caller speaks, so that little is left to do when they stop."""
        if fresh := self._microphone.settled():
            if self._hearing is None:
                self._hearing = self._parts.ears.utterance()
            self._hearing.feed(fresh)

    async def _text_of(self, utterance: Utterance, hearing: Hearing | None) -> str:
        if not utterance.pcm:
            return ""
        if hearing is None:
            return (await self._parts.ears.recognise(utterance.pcm)).strip()
        hearing.feed(utterance.pcm[utterance.settled :])
        text = await hearing.finish()
        if hearing.lost:  # the recogniser failed, but the sound is here
            text = await self._parts.ears.recognise(utterance.pcm)
        return text.strip()

    def close(self) -> None:
        """Nothing more is heard."""
        for hearing in (self._hearing, *(hearing for _, hearing in self._utterances)):
            if hearing is not None:
                hearing.cancel()

    def _held(self) -> bool:
        return self._microphone.speaking or (self._ear is not None and not self._ear.done())

    def _make_detector(self) -> Detector:
        setting = self._setting
        return self._parts.make_detector(
            prefix_padding_ms=setting.prefix_ms, silence_ms=setting.silence_ms, sensitivity=setting.sensitivity
        )

    # ------------------------------------------------------------------------------------ answering

    def _make_turn(self) -> Turn:
        return Turn(
            self._send,
            mind=self._mind,
            mouth=self._parts.mouth,
            voice=self._setting.voice,
            calls=self._calls,
            tempo=self._parts.tempo,
            clock=self._parts.clock,
            transcribe=self._setting.transcribe_output,
        )

    async def _turn_closed(self, turn: Turn, cut: bool) -> None:
        if cut:
            cancelled = self._calls.cancel_blocking()
            self._mind.cut(turn.heard_ms)
            if cancelled:
                ids = [pending.id for pending in cancelled]
                await self._send(encode(ServerMessage(tool_call_cancellation=ToolCallCancellation(ids=ids))))
            await self._content_out(ServerContent(interrupted=True))
        usage = self._meter.turn(turn.spoken_ms, trigger=self._setting.trigger, target=self._setting.target)
        await self._send(encode(ServerMessage(server_content=ServerContent(turn_complete=True), usage_metadata=usage)))
        if self._setting.handles:
            state = Kept(self._setting.model, self._mind.save(), msgspec.json.encode(self._meter))
            update = SessionResumptionUpdate(new_handle=self._parts.history.keep(state), resumable=True)
            await self._send(encode(ServerMessage(session_resumption_update=update)))

    async def _content_out(self, content: ServerContent) -> None:
        await self._send(encode(ServerMessage(server_content=content)))

    @staticmethod
    def _resumed(setup: Setup, history: History) -> Kept | None:
        handle = setup.session_resumption.handle if setup.session_resumption is not None else None
        if handle is None:
            return None
        kept = history.find(handle)
        if kept is None:
            raise WireError("Requested entity was not found.", code=1008)
        if kept.model != setup.model:
            raise WireError(INVALID)
        return kept
