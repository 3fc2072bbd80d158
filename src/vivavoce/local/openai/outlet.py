"""What a talk tells a client of the OpenAI Realtime protocol.

A turn becomes responses: one that calls tools ends with its calls, and what follows their outputs is another response.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from vivavoce.local.calling import Pending
from vivavoce.local.meter import Usage
from vivavoce.local.openai.response import Answering, Client
from vivavoce.local.openai.setting import Setting
from vivavoce.wire.openai import server
from vivavoce.wire.openai.conversation import Item, Part


class RealtimeOutlet:
    """One client.

    Args:
        setting: of the session.
        ended: told that a turn is over.
    """

    def __init__(self, client: Client, setting: Setting, *, ended: Callable[[], None] = lambda: None) -> None:
        self._client = client
        self._ended = ended
        self._response: Answering | None = None
        self._cut = False
        self._speech = ""  # item of the speech that goes on
        self._committed: deque[str] = deque()  # items whose words are not known yet
        self._pieces: list[str] = []  # words of speech that was too long for one utterance
        self.setting = setting
        """Of the responses that begin from now on."""
        self.metadata: dict[str, Any] | None = None
        """Of the next response."""
        self.cut_by_client = False
        """Whether the next cut is the client's wish; otherwise the caller spoke."""
        self.waiting: set[str] = set()
        """Ids of calls that hold the turn."""
        self.sounded: tuple[str, int] | None = None
        """The item that was said last and not cut, and its length in milliseconds."""
        self.spoke = False
        """Whether any sound has gone out."""

    @property
    def active(self) -> str | None:
        """Id of the response that is being made."""
        return self._response.id if self._response is not None else None

    # ------------------------------------------------------------------------------------ the caller

    async def speech_began(self, at_ms: float) -> None:
        self._speech = self._client.ids.next("item")
        start_ms = max(0, round(at_ms) - self.setting.prefix_padding_ms)
        event = server.SpeechStarted(event_id=self._client.event_id(), item_id=self._speech, audio_start_ms=start_ms)
        await self._client.tell(event)

    async def speech_ended(self, at_ms: float) -> None:
        item = self._speech or self._client.ids.next("item")
        event = server.SpeechStopped(event_id=self._client.event_id(), item_id=item, audio_end_ms=round(at_ms))
        await self._client.tell(event)
        await self.committed(item)

    async def committed(self, item_id: str) -> None:
        """The caller's sound has become an item."""
        client, self._speech = self._client, ""
        item = _spoken(item_id, None)
        before = client.items.add(item)
        self._committed.append(item_id)
        await client.tell(server.AudioCommitted(event_id=client.event_id(), item_id=item_id, previous_item_id=before))
        await self.added(item, before)

    async def added(self, item: Item, before: str | None) -> None:
        """An item is part of the conversation, and whole."""
        client = self._client
        await client.tell(server.ItemAdded(event_id=client.event_id(), item=item, previous_item_id=before))
        await client.tell(server.ItemDone(event_id=client.event_id(), item=item, previous_item_id=before))

    async def heard(self, text: str, *, last: bool) -> None:
        self._pieces.append(text)
        if not last:
            return
        item, words = self._committed.popleft(), " ".join(filter(None, self._pieces))
        self._pieces.clear()
        if not self.setting.transcribes:
            return
        client = self._client
        client.items.change(_spoken(item, words))
        if words:
            await client.tell(server.CallerTextDelta(event_id=client.event_id(), item_id=item, delta=words))
        usage = server.TranscriptionUsage(type="tokens", input_tokens=0, output_tokens=0, total_tokens=0)
        await client.tell(
            server.CallerTextCompleted(
                event_id=client.event_id(), item_id=item, content_index=0, transcript=words, usage=usage
            )
        )

    # ------------------------------------------------------------------------------------ the model's turn

    async def turn_began(self) -> None:
        self._cut = False
        await self.begin()

    async def begin(self) -> Answering:
        """The response that is being made; a fresh one where there is none."""
        if self._response is None:
            self._response = Answering(self._client, self.setting, self.metadata)
            self.metadata = None
            await self._response.begin()
        return self._response

    async def thought(self, text: str) -> None:
        """The protocol has no place for thoughts."""

    async def said(self, text: str) -> None:
        await (await self.begin()).said(text)

    async def sound(self, pcm: bytes) -> None:
        self.spoke = True
        await (await self.begin()).sound(pcm)

    async def calls(self, pending: Sequence[Pending]) -> None:
        response = await self.begin()
        for each in pending:
            await response.call(each)
        self.waiting = {each.id for each in pending if each.blocking}
        if self.waiting:  # what it cost is told with the response that ends the turn
            await self._end("completed", Usage())

    async def calls_cancelled(self, pending: Sequence[Pending]) -> None:
        """The protocol has no words for it: an output that comes too late is left aside."""

    async def generated(self) -> None:
        if self._response is not None:
            await self._response.finish_message("completed")

    async def interrupted(self) -> None:
        self._cut = True

    async def turn_ended(self, usage: Usage, *, cut: bool, more: bool) -> None:
        self.waiting.clear()
        if self._cut:
            await self._end("cancelled", usage, reason="client_cancelled" if self.cut_by_client else "turn_detected")
        else:
            await self._end("completed", usage)
        self.cut_by_client = False
        self._ended()

    async def idle(self) -> None:
        """The protocol has no words for it."""

    async def resumable(self, handle: str | None) -> None:
        """Nothing can be resumed in this protocol."""

    async def _end(self, status: str, usage: Usage, *, reason: str | None = None) -> None:
        response = self._response
        if response is None:
            return  # it ended with its calls
        await response.end(status, usage, reason=reason)
        self._response = None
        self.sounded = response.sounded if status == "completed" else None


def _spoken(item_id: str, words: str | None) -> Item:
    """The caller's speech as an item, without its sound."""
    part = Part(type="input_audio", transcript=words)
    return Item(type="message", id=item_id, object="realtime.item", status="completed", role="user", content=[part])
