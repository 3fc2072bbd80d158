"""The Gemini Live protocol as a dialect, for one generation of models on one platform."""

from __future__ import annotations

from typing import Any

import structlog

from vivavoce.conversation import events as ev
from vivavoce.live.dialect import Opening, Shelf
from vivavoce.live.gemini.fit import fit
from vivavoce.live.gemini.listen import Interpreter
from vivavoce.live.gemini.profile import Profile
from vivavoce.live.gemini.setup import make_setup
from vivavoce.wire.gemini import closes, codec
from vivavoce.wire.gemini.closes import CloseClass
from vivavoce.wire.gemini.messages import (
    AUDIO_IN_HZ,
    ClientMessage,
    FunctionResponse,
    RealtimeInput,
    ServerMessage,
    Setup,
    ToolResponse,
)

log = structlog.get_logger(__name__)

QUIET_MS = 500
"""Silence beyond the pause that ends a turn, so that it does: a frame or two too many are no harm."""
_QUIET_CHUNK = bytes(AUDIO_IN_HZ // 10 * 2)  # 100 ms


class GeminiDialect:
    """
    Args:
        setup: fitted to the profile.
        silence_ms: pause that ends the caller's turn, as the setup says.
    """

    def __init__(self, setup: Setup, profile: Profile, shelf: Shelf, *, silence_ms: int = 1000) -> None:
        self._setup = setup
        self._profile = profile
        self._silence_ms = silence_ms
        self._interpreter = Interpreter(shelf)
        self._blocking = _blocking(setup, profile)
        self._awaited: set[str] = set()  # ids of calls the model waits for
        self.ready = False

    def opening(self) -> list[bytes]:
        return [codec.encode(ClientMessage(setup=self._setup))]

    def audio(self, pcm: bytes) -> bytes:
        return b"" if self._holding else codec.encode_audio_in(pcm)

    def text(self, text: str) -> list[bytes]:
        return [codec.encode(ClientMessage(realtime_input=RealtimeInput(text=text)))]

    def answer(self, call: str, name: str, response: dict[str, Any], scheduling: str | None) -> list[bytes]:
        self._awaited.discard(call)
        if scheduling is not None and (name in self._blocking or not self._profile.schedules(scheduling)):
            scheduling = None
        answer = FunctionResponse(id=call, name=name, response=response, scheduling=scheduling)
        return [codec.encode(ClientMessage(tool_response=ToolResponse(function_responses=[answer])))]

    def turn_over(self) -> list[bytes]:
        """Silence long enough to end a turn: the service counts what it hears, not the time it takes."""
        return [] if self._holding else [codec.encode_audio_in(_QUIET_CHUNK)] * -(-(self._silence_ms + QUIET_MS) // 100)

    def patience(self, silence_ms: int) -> list[bytes]:
        """None: the pause is part of the setup."""
        return []

    def microphone_off(self) -> list[bytes]:
        """Newer generations ignore `audioStreamEnd`, all take the silence."""
        quiet = self.turn_over()
        if quiet and self._profile.row.audio_stream_end:
            quiet.append(codec.encode(ClientMessage(realtime_input=RealtimeInput(audio_stream_end=True))))
        return quiet

    def read(self, data: bytes) -> list[ev.Event]:
        message = codec.decode_server(data)
        if not self.ready:
            if message.setup_complete is None:
                return []
            self.ready = True
        self._watch_calls(message)
        return self._interpreter.read(message)

    def due(self) -> list[bytes]:
        return []

    def classify(self, code: int, reason: str) -> CloseClass:
        return closes.classify(code, reason)

    def remedy(self, code: int, reason: str) -> str:
        return closes.remedy(code, reason)

    @property
    def _holding(self) -> bool:
        """Some models close the connection over sound that comes while they wait for a tool."""
        return bool(self._awaited) and self._profile.holds_audio

    def _watch_calls(self, message: ServerMessage) -> None:
        content = message.server_content
        if content is not None and (content.turn_complete or content.interrupted):
            self._awaited.clear()  # it goes on, so it waits for nothing, whatever it may have told twice
        if message.tool_call is not None:
            self._awaited.update(call.id for call in message.tool_call.function_calls if call.name in self._blocking)
        if message.tool_call_cancellation is not None:
            self._awaited.difference_update(message.tool_call_cancellation.ids)


def _blocking(setup: Setup, profile: Profile) -> frozenset[str]:
    """Names of the functions the model waits for."""
    usual = "BLOCKING" if profile.row.blocking_by_default else "NON_BLOCKING"
    functions = [function for tool in setup.tools or [] for function in tool.function_declarations]
    return frozenset(function.name for function in functions if (function.behavior or usual) == "BLOCKING")


class GeminiDialects:
    """Makes the dialect of each connection to one backend. What a model does not take is told once, not per call."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._told: set[str] = set()

    def __call__(self, opening: Opening, shelf: Shelf) -> GeminiDialect:
        return GeminiDialect(self.setup(opening), self._profile, shelf, silence_ms=opening.silence_ms)

    def setup(self, opening: Opening) -> Setup:
        """The setup of a connection, as its model takes it."""
        profile = self._profile
        fitted = fit(make_setup(opening, profile), profile.row, profile.platform, profile.version)
        for note in fitted.notes:
            if note not in self._told:
                self._told.add(note)
                log.warning("the live model does not take all that is wanted", note=note)
        return fitted.setup
