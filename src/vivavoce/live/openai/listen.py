"""Events of the service as events of a conversation. Sound is put on the shelf and named by number."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import msgspec

from vivavoce.conversation import events as ev
from vivavoce.errors import LinkError, WireError
from vivavoce.live.dialect import Shelf
from vivavoce.live.openai.responses import ASK_ID, Responses
from vivavoce.live.openai.sounding import Sounding
from vivavoce.wire.gemini.closes import CloseClass
from vivavoce.wire.openai import server
from vivavoce.wire.openai.client import TruncateItem
from vivavoce.wire.openai.codec import encode
from vivavoce.wire.openai.conversation import Item, Response, ResponseUsage
from vivavoce.wire.openai.refusals import BY_CODE, meaning_of_error

# What comes of two sides acting at once, and changes nothing.
_CROSSED = frozenset({"response_cancel_not_active", "input_audio_buffer_commit_empty"})
_ACTIVE = "conversation_already_has_active_response"


class Interpreter:
    """Reads the events of one link, after its session was taken.

    Args:
        loose: tools whose calls the model does not wait for.
    """

    def __init__(self, shelf: Shelf, responses: Responses, *, loose: Collection[str]) -> None:
        self._shelf = shelf
        self._link = shelf.link
        self._responses = responses
        self._loose = frozenset(loose)
        self.sounding = Sounding(shelf.position)
        self._heard_in = ""  # item whose words came in pieces
        self._said_in = ""  # item of the turn whose words came last
        self._odd = b""  # half a sample, carried to the next chunk of the same response
        self.due: list[bytes] = []

    def read(self, event: server.AnyServerEvent) -> list[ev.Event]:
        match event:
            case server.AudioDelta():
                return self._sound(event)
            case server.TranscriptDelta(item_id=item, delta=words):
                return self._said(item, words)
            case server.CallerTextDelta(item_id=item, delta=words):
                return self._words(item, words or "")
            case server.CallerTextCompleted(item_id=item, transcript=words):
                return [] if item == self._heard_in else self._words(item, words)
            case server.SpeechStarted():
                return self._speech_started()
            case server.SpeechStopped():
                self._responses.hearing = False
            case server.ResponseCreated():
                self._responses.begun()
            case server.OutputItemDone(item=Item(type="function_call", status="completed") as item):
                return self._call(item)
            case server.ResponseDone(response=response):
                return self._done(response)
            case server.ErrorSent(error=error):
                self._error(error)
        return []

    # ------------------------------------------------------------------------------------ the caller

    def _words(self, item: str, words: str) -> list[ev.Event]:
        if not words:
            return []
        apart = "" if item == self._heard_in else " "
        self._heard_in = item
        return [ev.CallerTranscribed(self._link, apart + words)]

    def _speech_started(self) -> list[ev.Event]:
        """The service stops its response by itself; what was made of it and not heard it must be told."""
        sounds = self._responses.sounds or self.sounding.playing
        self._responses.interrupted()
        for item, index, heard_ms in self.sounding.cut():
            self.due.append(encode(TruncateItem(item_id=item, content_index=index, audio_end_ms=heard_ms)))
        return [ev.Interrupted(self._link)] if sounds else []

    # ------------------------------------------------------------------------------------ the model

    def _said(self, item: str, words: str) -> list[ev.Event]:
        if not words or self._responses.muted:
            return []
        apart = " " if self._said_in not in ("", item) else ""  # a turn may be several messages
        self._said_in = item
        return [ev.AgentTranscribed(self._link, apart + words)]

    def _sound(self, event: server.AudioDelta) -> list[ev.Event]:
        pcm = self._odd + event.delta
        even = len(pcm) & ~1
        self._odd = pcm[even:]
        if not even or self._responses.muted:
            return []
        self._responses.spoke()
        self.sounding.add(event.item_id, event.content_index, even // 2)
        return self._shelf.sound(pcm[:even])

    def _call(self, item: Item) -> list[ev.Event]:
        call, name = item.call_id or "", item.name or ""
        self._responses.called(call, holds=name not in self._loose)
        return [ev.ToolCalled(self._link, call, name, _arguments(item.arguments or ""))]

    def _done(self, response: Response) -> list[ev.Event]:
        self._odd = b""
        reason = _reason(response)
        if (meaning := BY_CODE.get(reason)) is not None and meaning.kind is CloseClass.FATAL:
            raise LinkError(
                f"the live model failed: {reason}", code=1011, reason=reason, kind=meaning.kind, remedy=meaning.remedy
            )
        over, messages = self._responses.done(completed=response.status == "completed")
        self.due += messages
        events: list[ev.Event] = [self._usage(response.usage)] if response.usage is not None else []
        if over:
            self._said_in = ""
            if response.status != "cancelled":
                events.append(ev.GenerationEnded(self._link))
            events.append(ev.TurnEnded(self._link, reason))
        return events

    def _usage(self, usage: ResponseUsage) -> ev.UsageReported:
        modalities = []
        for direction, details in (("prompt", usage.input_token_details), ("response", usage.output_token_details)):
            for kind in ("text", "audio", "image"):
                if count := getattr(details, f"{kind}_tokens", 0):
                    modalities.append((f"{direction}_{kind}", count))
        return ev.UsageReported(
            self._link, usage.input_tokens, usage.output_tokens, usage.total_tokens, tuple(modalities)
        )

    def _error(self, error: server.ErrorDetail) -> None:
        if error.code == _ACTIVE:
            self._responses.ask()  # when the service's own has ended
            return
        if error.event_id == ASK_ID:
            self._responses.refused()
        meaning = meaning_of_error(error)
        if meaning is not None and meaning.kind is not CloseClass.QUOTA:  # a link that is up may well be heard again
            raise LinkError(
                f"the live model ends the session: {error.code}",
                code=1011,
                reason=error.code or "",
                kind=meaning.kind,
                remedy=meaning.remedy,
            )
        if error.code not in _CROSSED:
            raise WireError(f"the live model does not take an event of ours: {error.code} at {error.param}")


def _arguments(text: str) -> dict[str, Any]:
    """Arguments of a call; none where the model wrote no JSON object, so that the tool says what is missing."""
    try:
        value = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _reason(response: Response) -> str:
    """Why a response did not complete; empty for one that did, and for one that was cut."""
    details = response.status_details
    if details is None or response.status in ("completed", "cancelled"):
        return ""
    return (details.error.code if details.error is not None else None) or details.reason or "failed"
