"""The OpenAI Realtime protocol as a dialect.

Sessions cannot be resumed: no handle ever comes, so a dropped link is dialled afresh and told what was heard. The
service takes 24 kHz where we have 16, and ends a session after an hour.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec
import numpy as np

from vivavoce.audio.pcm import CALLER_HZ, from_bytes, to_bytes
from vivavoce.audio.resample import Resampler
from vivavoce.conversation import events as ev
from vivavoce.errors import LinkError
from vivavoce.live.dialect import Opening, Shelf
from vivavoce.live.openai.listen import Interpreter
from vivavoce.live.openai.responses import Responses
from vivavoce.live.openai.setup import make_session, turn_detection
from vivavoce.wire.gemini.closes import CloseClass
from vivavoce.wire.openai import codec, server
from vivavoce.wire.openai.client import CreateItem, UpdateSession
from vivavoce.wire.openai.conversation import Item, Part
from vivavoce.wire.openai.refusals import meaning_of_close, meaning_of_error
from vivavoce.wire.openai.session import PCM_HZ, AudioConfig, AudioInput, Session

SILENCE_MARGIN_MS = 500
"""Silence beyond the pause that ends a turn, so that the service is sure of it. Chosen generously, not tuned."""


_NAME = re.compile(r"[\w.\[\]]{1,64}")
"""What may be repeated of an error: a name of the protocol's, not what somebody wrote."""


class OpenAIDialect:
    """
    Args:
        opening: its tools tell which calls the model does not wait for (NON_BLOCKING).
    """

    def __init__(self, opening: Opening, shelf: Shelf) -> None:
        self._session = make_session(opening)
        self._silence_ms = opening.silence_ms + SILENCE_MARGIN_MS
        self._responses = Responses()
        loose = [str(tool["name"]) for tool in opening.tools if tool.get("behavior") == "NON_BLOCKING"]
        self._interpreter = Interpreter(shelf, self._responses, loose=loose)
        self._resampler = Resampler(CALLER_HZ, PCM_HZ)
        self.ready = False

    def opening(self) -> list[bytes]:
        return [codec.encode(UpdateSession(session=self._session))]

    def audio(self, pcm: bytes) -> bytes:
        self._interpreter.sounding.microphone(on=True)
        return self._append(pcm)

    def _append(self, pcm: bytes) -> bytes:
        pcm24 = self._resampler.push(from_bytes(pcm))
        return codec.encode_append(to_bytes(pcm24)) if len(pcm24) else b""

    def text(self, text: str) -> list[bytes]:
        """What is typed cuts the running response, as speech does, and is answered when that has ended."""
        item = Item(type="message", role="user", content=[Part(type="input_text", text=text)])
        cut = self._responses.cancel()
        self._interpreter.sounding.forget()  # typed words cut what is heard, too
        return [*cut, codec.encode(CreateItem(item=item)), *self._responses.ask()]

    def answer(self, call: str, name: str, response: dict[str, Any], scheduling: str | None) -> list[bytes]:
        output = msgspec.json.encode(response).decode()
        item = Item(type="function_call_output", call_id=call, output=output)
        cut = self._responses.cancel() if scheduling == "INTERRUPT" else []
        told = self._responses.answered(call, silent=scheduling == "SILENT")
        return [*cut, codec.encode(CreateItem(item=item)), *told]

    def microphone_off(self) -> list[bytes]:
        """Silence: the service would otherwise wait for the end of a turn that never comes."""
        self._interpreter.sounding.microphone(on=False)
        return self.turn_over()

    def patience(self, silence_ms: int) -> list[bytes]:
        self._silence_ms = silence_ms + SILENCE_MARGIN_MS
        turns = AudioConfig(input=AudioInput(turn_detection=turn_detection(silence_ms)))
        return [codec.encode(UpdateSession(session=Session(type="realtime", audio=turns)))]

    def turn_over(self) -> list[bytes]:
        message = self._append(to_bytes(np.zeros(self._silence_ms * CALLER_HZ // 1000, np.int16)))
        return [message] if message else []

    def read(self, data: bytes) -> list[ev.Event]:
        event = codec.decode_server(data)
        if event is None:
            return []
        if self.ready:
            return self._interpreter.read(event)
        match event:
            case server.SessionUpdated():
                self.ready = True
            case server.ErrorSent(error=error):
                raise _refused(error)
        return []

    def due(self) -> list[bytes]:
        messages, self._interpreter.due = self._interpreter.due, []
        return messages

    def classify(self, code: int, reason: str) -> CloseClass:
        return meaning_of_close(code, reason).kind

    def remedy(self, code: int, reason: str) -> str:
        return meaning_of_close(code, reason).remedy


def _refused(error: server.ErrorDetail) -> LinkError:
    """The session was not taken: the same one would not be taken again."""
    meaning = meaning_of_error(error)
    what = " at ".join(name for name in (error.code, error.param) if name and _NAME.fullmatch(name)) or "an error"
    return LinkError(
        f"the live model refuses the session: {what}",
        code=1007,
        reason=what,
        kind=meaning.kind if meaning is not None else CloseClass.FATAL,
        remedy=meaning.remedy if meaning is not None else "",
    )
