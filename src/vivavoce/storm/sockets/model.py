"""A live model that keeps count: it notes which frames of a caller it heard, answers each utterance, and fails by plan.

It speaks the Gemini Live protocol as the service does where it matters here: a session is what its newest handle says;
what was heard after that is forgotten with the link. The end of an utterance is counted in frames, not in time, so that
what is sent again after a drop is taken like any speech.
"""

from __future__ import annotations

import asyncio
import random
import socket
import struct
import time
from collections.abc import Callable
from http import HTTPStatus
from multiprocessing.connection import Connection
from typing import Any, Literal, get_args

import msgspec
import numpy as np
import picows

from vivavoce.storm.sockets.marks import Mark, mark_of, marked
from vivavoce.storm.sockets.processes import answer, quick
from vivavoce.wire.gemini import codec
from vivavoce.wire.gemini.messages import FunctionCall, GoAway, ServerContent, ServerMessage, ToolCall, Transcription
from vivavoce.wire.gemini.messages import SessionResumptionUpdate as Update
from vivavoce.wire.gemini.wording import DEADLINE, INTERNAL

Fault = Literal["drop", "internal", "go_away", "dead_handle", "refused_dial", "stall", "ignores", "tool_twice"]
FAULTS: tuple[Fault, ...] = get_args(Fault)

QUIET_FRAMES = 12
"""Frames without speech that end an utterance: 384 ms."""
CHUNK_MS = 100
FASTER = 4
"""How much faster than it plays a reply is made; live models are three to six times."""
LEAD_S = 4.0
STALL_S = 2.0
CALLS_A_TOOL = 0.2
TOOL = "sensitivity"
TONE = (np.sin(np.arange(24 * CHUNK_MS) * 0.1) * 3000).astype("<i2").tobytes()
_TEXT = picows.WSMsgType.TEXT


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """Which faults befall links, and when. Each link draws for itself, by `seed` and its number."""

    seed: int = 0
    faults: tuple[Fault, ...] = FAULTS
    chance: float = 0.8
    """Of a link to meet any; it meets one after the other until one ends it."""
    after_s: tuple[float, float] = (11.0, 25.0)
    """When it comes, after the setup or the one before. A link that carried for less than ten seconds counts as one
    more failed try (`healthy_after_s`), and after three of those a call goes on by text: that is another storm."""


class Count(msgspec.Struct, kw_only=True):
    """What the model saw. Moments are nanoseconds of the machine's clock, calls those of the marks."""

    links: int = 0
    resumed: int = 0
    faults: dict[str, int] = {}
    answered: list[tuple[int, int, int, list[int]]] = []
    """Call, utterance, when the answer began, frames of the utterance that the session had heard by then."""
    gaps: list[tuple[int, str, int, int]] = []
    """Call, what ended the link, when it ended, when the next one was set up."""
    asked: dict[str, int] = {}
    """Tool calls by id: how often each was answered on its own link."""
    told: list[str] = []
    """Ids (a link's number and a count) of tool calls whose link ended before they were answered."""
    results_as_text: int = 0


class Memory(msgspec.Struct):
    """What a session knows."""

    heard: dict[int, set[int]] = {}
    """Frames, by utterance that was not answered."""
    answered: set[int] = set()

    def copy(self) -> Memory:
        return Memory({number: set(frames) for number, frames in self.heard.items()}, set(self.answered))


class Model:
    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.count = Count()
        self.handles: dict[str, tuple[int, Memory]] = {}
        self.left: dict[int, tuple[str, int]] = {}  # by call: what ended its last link, and when
        self.refusals = 0
        self.replies = 0

    def dialled(self, request: picows.WSUpgradeRequest) -> Any:
        if self.refusals:
            self.refusals -= 1
            return picows.WSUpgradeResponseWithListener(
                picows.WSUpgradeResponse.create_error_response(HTTPStatus.SERVICE_UNAVAILABLE), None
            )
        self.count.links += 1
        return _Link(self, self.count.links)


class _Link(picows.WSListener):
    def __init__(self, model: Model, number: int) -> None:
        self._model = model
        self._number = number
        self._chance = random.Random(f"{model.plan.seed}:{number}")  # noqa: S311  # a plan, not a secret
        self._call = 0
        self._memory = Memory()
        self._began = self._known = False
        self._set_up_ns = 0
        self._utterance = 0  # that is being heard
        self._quiet = 0
        self._reply: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._ended_by = "client"
        self._ignores = self._twice = False
        self._open: set[str] = set()  # tool calls
        self._tools = 0

    # -------------------------------------------------------------------------------------------- what comes

    def on_ws_connected(self, transport: picows.WSTransport) -> None:
        self._transport = transport

    def on_ws_frame(self, transport: picows.WSTransport, frame: picows.WSFrame) -> None:
        if frame.msg_type is picows.WSMsgType.CLOSE:
            transport.send_close(picows.WSCloseCode.OK)
            transport.disconnect()
            return
        if frame.msg_type is picows.WSMsgType.PING:
            transport.send_pong(frame.get_payload_as_bytes())
            return
        message = codec.decode_client(frame.get_payload_as_bytes())
        if message.setup is not None and not self._began:
            resumption = message.setup.session_resumption
            self._begin(resumption.handle if resumption is not None else None)
        elif message.tool_response is not None:
            for each in message.tool_response.function_responses:
                self._model.count.asked[each.id or ""] = self._model.count.asked.get(each.id or "", 0) + 1
                self._open.discard(each.id or "")
        elif (said := message.realtime_input) is not None:
            if said.audio is not None:
                self._hear(said.audio.data)
            elif said.text:
                self._model.count.results_as_text += said.text.startswith("The result of ")
                self._answer(0)

    def _begin(self, handle: str | None) -> None:
        self._began = True
        if handle:
            if handle not in self._model.handles:
                self._end("dead_handle", 1008, "Requested entity was not found.")
                return
            self._call, memory = self._model.handles[handle]
            self._memory = memory.copy()
            self._model.count.resumed += 1
        self._send(b'{"setupComplete":{}}')
        self._set_up_ns = time.monotonic_ns()
        plan = self._model.plan
        if plan.faults and self._chance.random() < plan.chance:
            self._plan_fault()

    def _hear(self, pcm: bytes) -> None:
        mark = mark_of(pcm)
        if mark is not None:
            self._call = mark.call
        if not self._known and self._call:
            self._known = True
            if (left := self._model.left.pop(self._call, None)) is not None:
                self._model.count.gaps.append((self._call, *left, self._set_up_ns))
        if mark is None or not mark.major:
            self._quiet += 1
            if self._utterance and self._quiet == QUIET_FRAMES:
                utterance, self._utterance = self._utterance, 0
                self._answer(utterance)
            return
        self._quiet = 0
        if mark.major in self._memory.answered:
            return
        self._memory.heard.setdefault(mark.major, set()).add(mark.minor)
        if not self._utterance and self._reply is not None and not self._reply.done():
            self._reply.cancel()
            self._send(codec.encode(ServerMessage(server_content=ServerContent(interrupted=True))))
            self._turn_over()
        self._utterance = mark.major

    # -------------------------------------------------------------------------------------------- what goes

    def _answer(self, utterance: int) -> None:
        """Also to a text (0), unless somebody is being heard or answered."""
        if self._ignores:
            self._ignores = False
            return
        if utterance == 0 and (self._utterance or (self._reply is not None and not self._reply.done())):
            return
        if self._reply is not None:
            self._reply.cancel()
        # what was passed over before is answered with it
        for number, frames in self._memory.heard.items():
            self._model.count.answered.append((self._call, number, time.monotonic_ns(), sorted(frames)))
        self._memory.answered.update(self._memory.heard)
        self._memory.heard.clear()
        self._reply = asyncio.create_task(self._speak())

    async def _speak(self) -> None:
        self._model.replies += 1
        number, chunks = self._model.replies, self._chance.randint(8, 24)
        if self._chance.random() < CALLS_A_TOOL:
            self._call_tool()
        words = Transcription(text=f"Answer number {number}, as I said.")
        self._send(codec.encode(ServerMessage(server_content=ServerContent(output_transcription=words))))
        for chunk in range(chunks):
            self._send(codec.encode_audio_out(marked(TONE, Mark(self._call, number, chunk))))
            await asyncio.sleep(CHUNK_MS / 1000 / FASTER)
        self._send(b'{"serverContent":{"generationComplete":true}}')
        self._turn_over()

    def _call_tool(self) -> None:
        self._tools += 1
        name = f"{self._number}-{self._tools}"
        self._model.count.asked[name] = 0
        self._open.add(name)
        told = codec.encode(ServerMessage(tool_call=ToolCall([FunctionCall(id=name, name=TOOL, args={})])))
        for _ in range(1 + self._twice):
            self._send(told)
        self._twice = False

    def _turn_over(self) -> None:
        self._send(b'{"serverContent":{"turnComplete":true}}')
        if not self._open:
            handle = f"handle-{self._number}-{time.monotonic_ns()}"
            self._model.handles[handle] = (self._call, self._memory.copy())
            self._send(codec.encode(ServerMessage(session_resumption_update=Update(new_handle=handle, resumable=True))))

    def _send(self, data: bytes) -> None:
        if not self._transport.is_disconnected:
            self._transport.send(_TEXT, data)

    # -------------------------------------------------------------------------------------------- what goes wrong

    def _plan_fault(self) -> None:
        plan = self._model.plan
        fault = self._chance.choice(plan.faults)
        self._later(self._chance.uniform(*plan.after_s), lambda: self._fail(fault))

    def _fail(self, fault: Fault) -> None:
        faults = self._model.count.faults
        faults[fault] = faults.get(fault, 0) + 1
        match fault:
            case "drop":
                self._reset("drop")
            case "internal":
                self._end("internal", 1011, INTERNAL)
            case "go_away":
                self._ended_by = "go_away"
                self._send(codec.encode(ServerMessage(go_away=GoAway(time_left=f"{LEAD_S:g}s"))))
                self._later(LEAD_S, lambda: self._end("deadline", 1011, DEADLINE))
            case "dead_handle":
                handles = self._model.handles
                for handle in [name for name, (call, _) in handles.items() if call == self._call]:
                    del handles[handle]
                self._reset("drop")
            case "refused_dial":
                self._model.refusals += 1
                self._reset("refused_dial")
            case "stall":
                self._transport.underlying_transport.pause_reading()
                self._later(STALL_S, self._go_on)
            case "ignores":
                self._ignores = True
                self._plan_fault()
            case "tool_twice":
                self._twice = True
                self._plan_fault()

    def _go_on(self) -> None:
        self._transport.underlying_transport.resume_reading()
        self._plan_fault()

    def _later(self, seconds: float, do: Callable[[], object]) -> None:
        self._timer = asyncio.get_running_loop().call_later(seconds, do)

    def _end(self, why: str, code: int, reason: str) -> None:
        self._ended_by = why
        self._transport.send_close(picows.WSCloseCode(code), reason.encode())
        self._transport.disconnect()

    def _reset(self, why: str) -> None:
        """TCP ends without a word."""
        self._ended_by = why
        raw = self._transport.underlying_transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._transport.disconnect(graceful=False)

    def on_ws_disconnected(self, transport: picows.WSTransport) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._reply is not None:
            self._reply.cancel()
        self._model.count.told += sorted(self._open)
        if self._call:
            self._model.left[self._call] = (self._ended_by, time.monotonic_ns())


def model(pipe: Connection, plan: dict[str, Any]) -> None:
    """A process with the model. Requests: `port`, `count`."""

    async def run() -> None:
        made = Model(msgspec.convert(plan, Plan))
        server = await picows.ws_create_server(made.dialled, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        await answer(pipe, {"port": lambda: port, "count": lambda: msgspec.to_builtins(made.count)})

    quick(run)
