"""What a client of the OpenAI Realtime protocol sends, as verbs of a talk.

A talk takes the words of items as they come and answers them when a response is asked for. Outputs of calls wait for
that too: here a turn that called a tool is still open, and a response is how it goes on.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from vivavoce.errors import WireError
from vivavoce.local.calling import Answer
from vivavoce.local.manner import Manner
from vivavoce.local.openai import added
from vivavoce.local.openai.outlet import RealtimeOutlet
from vivavoce.local.openai.response import Client
from vivavoce.local.openai.setting import Setting
from vivavoce.local.openai.sound import decoded
from vivavoce.local.talk import Talk
from vivavoce.wire.openai import client as ours
from vivavoce.wire.openai import server
from vivavoce.wire.openai.conversation import Item, ResponseParams
from vivavoce.wire.openai.refusals import ACTIVE_RESPONSE, BUFFER_TOO_SMALL, EventRefused

LEAST_COMMIT_MS = 100
"""As the service has it."""
IMAGE_TOKENS = 256
"""Counted for a picture; nothing here looks at one."""


class Inputs:
    """
    Args:
        make_talk: begins the talk, at the first event that needs one: what a client sets before that is its beginning.
    """

    def __init__(
        self, setting: Setting, client: Client, outlet: RealtimeOutlet, make_talk: Callable[[Manner], Talk]
    ) -> None:
        self._setting = setting
        self._client = client
        self._outlet = outlet
        self._make_talk = make_talk
        self._outputs: dict[str, dict[str, Any]] = {}
        self._uncommitted_ms = 0.0
        self.talk: Talk | None = None

    async def take(self, event: ours.AnyClientEvent) -> None:
        """Take in one event.

        Raises:
            WireError: it has no place here; nothing has changed.
        """
        match event:
            case ours.AppendAudio():
                await self._sound(event.audio)
            case ours.UpdateSession():
                await self._update(event)
            case ours.CommitAudio():
                await self._commit()
            case ours.ClearAudio():
                self._uncommitted_ms = 0.0
                self._held().forget_speech()
                await self._client.tell(server.AudioCleared(event_id=self._client.event_id()))
            case ours.CreateItem():
                await self._item(event)
            case ours.RetrieveItem():
                item = self._client.items.find(event.item_id)
                await self._client.tell(server.ItemRetrieved(event_id=self._client.event_id(), item=item))
            case ours.DeleteItem():
                self._client.items.delete(event.item_id)
                deleted = server.ItemDeleted(event_id=self._client.event_id(), item_id=event.item_id)
                await self._client.tell(deleted)
            case ours.TruncateItem():
                await self._truncate(event)
            case ours.CreateResponse():
                await self._respond(event.response or ResponseParams())
            case ours.CancelResponse():
                await self._cancel(event.response_id)

    def turn_ended(self) -> None:
        """What one response was asked for with is over."""
        if self._outlet.setting is not self._setting:
            self._outlet.setting = self._setting
            self._held().change(self._setting.manner())

    def _held(self) -> Talk:
        if self.talk is None:
            self.talk = self._make_talk(self._setting.manner())
        return self.talk

    # ------------------------------------------------------------------------------------ the session

    async def _update(self, event: ours.UpdateSession) -> None:
        self._setting.update(event.session, spoke=self._outlet.spoke)
        if self.talk is not None and self._outlet.setting is self._setting:
            self.talk.change(self._setting.manner())
        updated = server.SessionUpdated(event_id=self._client.event_id(), session=self._setting.shown())
        await self._client.tell(updated)

    # ------------------------------------------------------------------------------------ sound

    async def _sound(self, sound: bytes) -> None:
        pcm, rate_hz = decoded(sound, self._setting.input_format)
        self._uncommitted_ms += len(pcm) * 500 / rate_hz
        await self._held().hear(pcm, rate_hz)

    async def _commit(self) -> None:
        talk = self._held()
        held_ms, self._uncommitted_ms = self._uncommitted_ms, 0.0
        if self._setting.turns is None:
            if held_ms < LEAST_COMMIT_MS:
                raise _too_short(held_ms)
            await self._outlet.committed(self._client.ids.next("item"))
            await talk.begin_speech()
            await talk.end_speech()
        elif talk.speaking:
            await talk.switch_microphone_off()
        else:
            raise _too_short(0.0)

    # ------------------------------------------------------------------------------------ items

    async def _item(self, event: ours.CreateItem) -> None:
        added.check(event.item)
        call = event.item.call_id if event.item.type == "function_call_output" else None
        if call is not None and not self._client.items.calls(call):
            message = f"Tool call ID '{call[:100]}' not found in conversation."
            raise EventRefused(message, code="invalid_tool_call_id", param="item.call_id")
        item = added.kept(event.item, event.item.id or self._client.ids.next("item"))
        before = self._client.items.add(item, event.previous_item_id)
        if call is not None:
            if call in self._outlet.waiting:  # otherwise its turn was cut
                self._outputs[call] = added.output_of(item)
        elif item.type == "message":
            try:
                self._take_words(event.item)
            except WireError:
                self._client.items.delete(item.id or "")
                raise
        await self._outlet.added(item, before)

    def _take_words(self, item: Item) -> None:
        talk, words = self._held(), added.words_of(item)
        if item.role == "assistant":
            talk.remember(words, answered=True)
            return
        talk.note(words)
        for _ in range(added.pictures_in(item)):
            talk.see(IMAGE_TOKENS)

    async def _truncate(self, event: ours.TruncateItem) -> None:
        item = self._client.items.find(event.item_id)
        if item.role != "assistant" or event.content_index != 0:
            raise EventRefused(
                "Only the audio of assistant messages can be truncated.", code="invalid_value", param="item_id"
            )
        sounded = self._outlet.sounded
        if sounded is not None and sounded[0] == item.id:
            _, length_ms = sounded
            if not 0 <= event.audio_end_ms <= length_ms:
                raise EventRefused(
                    f"Audio content of {length_ms}ms is already shorter than {event.audio_end_ms}ms",
                    code="invalid_value",
                    param="audio_end_ms",
                )
            self._outlet.sounded = (sounded[0], event.audio_end_ms)
            self._held().unheard(event.audio_end_ms)
        if item.status != "in_progress":  # the words of one that is being said are not there yet
            kept = [msgspec.structs.replace(part, transcript="") for part in item.content or []]
            self._client.items.change(msgspec.structs.replace(item, content=kept))
        await self._client.tell(
            server.ItemTruncated(
                event_id=self._client.event_id(),
                item_id=event.item_id,
                content_index=event.content_index,
                audio_end_ms=event.audio_end_ms,
            )
        )

    # ------------------------------------------------------------------------------------ responses

    async def _respond(self, params: ResponseParams) -> None:
        outlet = self._outlet
        if (active := outlet.active) is not None:
            message = ACTIVE_RESPONSE.format(response=active)
            raise EventRefused(message, code="conversation_already_has_active_response")
        once = self._setting.for_response(params)
        outputs, self._outputs = self._outputs, {}
        talk = self._held()
        goes_on = bool(outlet.waiting) and outlet.waiting <= outputs.keys()
        if outlet.waiting and not goes_on:
            await talk.stop()  # not all outputs are there: the turn is not waited for any longer
        outlet.metadata = params.metadata
        if once.session != self._setting.session:
            outlet.setting = once
            talk.change(once.manner())
        if goes_on:
            await outlet.begin()
            await talk.answer([Answer(id=call, response=output) for call, output in outputs.items()])
        else:
            await talk.go()

    async def _cancel(self, response_id: str | None) -> None:
        active = self._outlet.active
        if active is None or response_id not in (None, active):
            raise EventRefused("Cancellation failed: no active response found", code="response_cancel_not_active")
        self._outlet.cut_by_client = True
        await self._held().stop()
        self._outlet.cut_by_client = False


def _too_short(held_ms: float) -> EventRefused:
    return EventRefused(BUFFER_TOO_SMALL.format(milliseconds=held_ms), code="input_audio_buffer_commit_empty")
