"""One response as it is being made, and the events it is made of.

Order of events as the service documents it: the response, then each item with its part, then the end of each in turn.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypedDict

import msgspec

from vivavoce.local.calling import Pending
from vivavoce.local.meter import Tokens, Usage
from vivavoce.local.openai.items import Ids, Items
from vivavoce.local.openai.setting import Setting
from vivavoce.local.openai.sound import Encoder
from vivavoce.wire.openai import server
from vivavoce.wire.openai.codec import encode, encode_audio_delta
from vivavoce.wire.openai.conversation import (
    CachedTokens,
    InputTokens,
    Item,
    OutputTokens,
    Part,
    Response,
    ResponseUsage,
    StatusDetails,
)

BYTES_PER_MS = 48


class Client:
    """Where events of one session go: the socket, the items it knows, and ids.

    Args:
        send: sends a frame; events go out as text.
    """

    def __init__(self, send: Callable[[bytes | str], Awaitable[None]]) -> None:
        self._send = send
        self.ids = Ids()
        self.items = Items()
        self.conversation = self.ids.next("conv")

    def event_id(self) -> str:
        return self.ids.next("event")

    async def tell(self, event: server.ServerEvent) -> None:
        await self.send(encode(event))

    async def send(self, data: bytes) -> None:
        await self._send(data.decode())


class _InPart(TypedDict):
    response_id: str
    item_id: str
    output_index: int
    content_index: int


class _Message:
    """A message being said: item, place among the response's, words and sound so far."""

    def __init__(self, item: str, place: int, encoder: Encoder) -> None:
        self.item = item
        self.place = place
        self.encoder = encoder
        self.words = ""
        self.sound_bytes = 0


class Answering:
    """A response being made. Begun with `begin`, ended once with `end`."""

    def __init__(self, client: Client, setting: Setting, metadata: dict[str, Any] | None) -> None:
        self._client = client
        self._setting = setting
        self._metadata = metadata
        self._output: list[Item] = []
        self._message: _Message | None = None
        self.id = client.ids.next("resp")
        self.sounded: tuple[str, int] | None = None
        """The last item that was said to its end, and its length in milliseconds."""

    async def begin(self) -> None:
        event = server.ResponseCreated(event_id=self._client.event_id(), response=self._resource("in_progress"))
        await self._client.tell(event)

    async def said(self, text: str) -> None:
        message = await self._saying()
        text = text if message.words else text.lstrip()  # a talk sets its sentences apart, a message begins anew
        message.words += text
        kind = server.TranscriptDelta if self._setting.spoken else server.TextDelta
        await self._client.tell(kind(event_id=self._client.event_id(), delta=text, **self._in(message)))

    async def sound(self, pcm: bytes) -> None:
        """PCM16 LE mono at 24 kHz."""
        message = await self._saying()
        message.sound_bytes += len(pcm)
        await self._sound(message, message.encoder.push(pcm))

    async def call(self, pending: Pending) -> None:
        """A tool is called; what was being said is over."""
        await self.finish_message("completed")
        arguments = msgspec.json.encode(pending.call.args).decode()
        item = Item(
            type="function_call",
            id=self._client.ids.next("item"),
            object="realtime.item",
            status="in_progress",
            call_id=pending.id,
            name=pending.call.name,
            arguments="",
        )
        place = await self._begin_item(item)
        for kind, told in (
            (server.ArgumentsDelta, {"delta": arguments}),
            (server.ArgumentsDone, {"arguments": arguments, "name": pending.call.name}),
        ):
            event = kind(
                event_id=self._client.event_id(),
                response_id=self.id,
                item_id=item.id or "",
                output_index=place,
                call_id=pending.id,
                **told,
            )
            await self._client.tell(event)
        await self._end_item(place, msgspec.structs.replace(item, status="completed", arguments=arguments))

    async def finish_message(self, status: str) -> None:
        """What is being said is over: completed, or incomplete."""
        message, self._message = self._message, None
        if message is None:
            return
        if self._setting.spoken:
            await self._sound(message, message.encoder.finish())
            await self._client.tell(server.AudioDone(event_id=self._client.event_id(), **self._in(message)))
            done: server.ServerEvent = server.TranscriptDone(
                event_id=self._client.event_id(), transcript=message.words, **self._in(message)
            )
            part = Part(type="audio", transcript=message.words)
            kept = Part(type="output_audio", transcript=message.words)
            self.sounded = (message.item, message.sound_bytes // BYTES_PER_MS)
        else:
            done = server.TextDone(event_id=self._client.event_id(), text=message.words, **self._in(message))
            part = Part(type="text", text=message.words)
            kept = Part(type="output_text", text=message.words)
        await self._client.tell(done)
        await self._client.tell(server.PartDone(event_id=self._client.event_id(), part=part, **self._in(message)))
        await self._end_item(message.place, _assistant(message.item, status, [kept]))

    async def end(self, status: str, usage: Usage, *, reason: str | None = None) -> None:
        """The response is over: completed, or cancelled for a reason."""
        await self.finish_message("completed" if status == "completed" else "incomplete")
        details = StatusDetails(type=status, reason=reason) if reason is not None else None
        resource = self._resource(status, details=details, usage=_usage(usage))
        await self._client.tell(server.ResponseDone(event_id=self._client.event_id(), response=resource))

    # ------------------------------------------------------------------------------------ inside

    async def _saying(self) -> _Message:
        if self._message is None:
            item = _assistant(self._client.ids.next("item"), "in_progress", [])
            place = await self._begin_item(item)
            self._message = _Message(item.id or "", place, Encoder(self._setting.output_format))
            part = Part(type="audio", transcript="") if self._setting.spoken else Part(type="text", text="")
            event = server.PartAdded(event_id=self._client.event_id(), part=part, **self._in(self._message))
            await self._client.tell(event)
        return self._message

    async def _sound(self, message: _Message, sound: bytes) -> None:
        if sound:
            data = encode_audio_delta(
                sound,
                event_id=self._client.event_id(),
                response_id=self.id,
                item_id=message.item,
                output_index=message.place,
            )
            await self._client.send(data)

    async def _begin_item(self, item: Item) -> int:
        """Its place among the response's."""
        client, place = self._client, len(self._output)
        self._output.append(item)
        before = client.items.add(item)
        await client.tell(
            server.OutputItemAdded(event_id=client.event_id(), response_id=self.id, output_index=place, item=item)
        )
        await client.tell(server.ItemAdded(event_id=client.event_id(), item=item, previous_item_id=before))
        return place

    async def _end_item(self, place: int, item: Item) -> None:
        client = self._client
        self._output[place] = item
        before = client.items.change(item)
        await client.tell(server.ItemDone(event_id=client.event_id(), item=item, previous_item_id=before))
        await client.tell(
            server.OutputItemDone(event_id=client.event_id(), response_id=self.id, output_index=place, item=item)
        )

    def _in(self, message: _Message) -> _InPart:
        return {"response_id": self.id, "item_id": message.item, "output_index": message.place, "content_index": 0}

    def _resource(
        self, status: str, *, details: StatusDetails | None = None, usage: ResponseUsage | None = None
    ) -> Response:
        setting = self._setting
        return Response(
            id=self.id,
            object="realtime.response",
            status=status,
            status_details=details,
            output=self._output.copy(),
            conversation_id=self._client.conversation,
            output_modalities=list(setting.session.output_modalities or []),
            audio={"output": msgspec.to_builtins(setting.output)} if setting.spoken else None,
            max_output_tokens=setting.session.max_output_tokens or None,
            metadata=self._metadata,
            usage=usage,
        )


def _assistant(item_id: str, status: str, content: list[Part]) -> Item:
    return Item(type="message", id=item_id, object="realtime.item", status=status, role="assistant", content=content)


def _usage(usage: Usage) -> ResponseUsage:
    """Tool results are text of the prompt, thoughts text of the answer."""
    prompt = Tokens(usage.prompt.text + usage.tool_results, usage.prompt.audio, usage.prompt.video)
    reply = Tokens(usage.reply.text + usage.thoughts, usage.reply.audio)
    return ResponseUsage(
        total_tokens=prompt.total + reply.total,
        input_tokens=prompt.total,
        output_tokens=reply.total,
        input_token_details=InputTokens(
            text_tokens=prompt.text,
            audio_tokens=prompt.audio,
            image_tokens=prompt.video,
            cached_tokens_details=CachedTokens(),
        ),
        output_token_details=OutputTokens(text_tokens=reply.text, audio_tokens=reply.audio),
    )
