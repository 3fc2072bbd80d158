"""A client's messages as what they mean to a talk, by the rules of the model and the platform it asked for.

Source: reference gemini-live 2.2 to 2.5, 4.1, 4.3, 4.4.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

import msgspec

from vivavoce.local.calling import Answer
from vivavoce.local.gemini.consumed import Consumed
from vivavoce.local.gemini.limits import Limits
from vivavoce.local.gemini.setting import Setting
from vivavoce.local.microphone import rate_of
from vivavoce.local.talk import Talk
from vivavoce.wire.gemini.messages import (
    Blob,
    ClientContent,
    ClientMessage,
    Content,
    FunctionResponse,
    Part,
    RealtimeInput,
)
from vivavoce.wire.gemini.models import Then
from vivavoce.wire.gemini.wording import INVALID, NO_SCHEDULING, Refused

FRAMES = frozenset({"image/jpeg", "image/png", "image/webp"})
ONLY_ACTIVITY = "TURN_INCLUDES_ONLY_ACTIVITY"
TURNS_AT_ONCE = 100
"""Of more seeded turns so many are taken in before others have their turn; a message has room for 40,000."""


class Inputs:
    """What one client sends after its setup."""

    def __init__(self, setting: Setting, talk: Talk, limits: Limits) -> None:
        self._setting = setting
        self._row = setting.row
        self._platform = setting.platform
        self._talk = talk
        self._limits = limits
        self._consumed = Consumed()
        self._history_due = setting.initial_history

    @property
    def consumed(self) -> int:
        """Index of the last message that the talk's state contains."""
        return self._consumed.index(self._talk)

    async def take(self, message: ClientMessage) -> None:
        """Take in one message.

        Raises:
            WireError: it has no place here; closes the connection.
        """
        if self._setting.affective_fails:
            raise Refused(INVALID, detail="want no affective dialog with this model.")
        self._consumed.came(self._talk)
        if message.realtime_input is not None:
            await self._realtime(message.realtime_input)
        elif message.client_content is not None:
            await self._content(message.client_content)
        elif message.tool_response is not None:
            answers = [self._answer(each) for each in message.tool_response.function_responses]
            await self._talk.answer(answers)
        elif message.context_update is not None:
            self._change(self._setting.updated(message.context_update))
        else:
            raise Refused(INVALID, detail="want one setup, got a second.")
        self._consumed.taken(self._talk)

    # ------------------------------------------------------------------------------------ realtimeInput

    async def _realtime(self, said: RealtimeInput) -> None:
        given = [name for name in said.__struct_fields__ if getattr(said, name) is not None]
        if len(given) != 1:
            raise Refused(INVALID, detail=f"want exactly one kind of realtime input, got {len(given)}.")
        if said.audio is not None:
            await self._sound(said.audio)
        elif said.video is not None:
            self._frame(said.video)
        elif said.media_chunks is not None:
            await self._chunks(said.media_chunks)
        elif said.text is not None:
            await self._talk.read(said.text, cuts=self._row.text is Then.CUTS)
        elif said.activity_start is not None:
            await self._talk.begin_speech()
        elif said.activity_end is not None:
            await self._talk.end_speech()
        elif self._setting.manual or (said.audio_stream_end and self._row.audio_stream_end):
            await self._talk.switch_microphone_off()

    async def _sound(self, blob: Blob) -> None:
        await self._talk.hear(blob.data, rate_of(blob.mime_type))
        if self._setting.transparent:
            self._consumed.sound_until(self._talk.heard_ms)

    def _frame(self, blob: Blob) -> None:
        if blob.mime_type.partition(";")[0] not in FRAMES or not blob.data:
            raise Refused(INVALID, detail="want a still image.")
        self._limits.seen()
        if self._setting.coverage != ONLY_ACTIVITY or self._talk.speaking:
            self._talk.see(self._setting.frame_tokens)

    async def _chunks(self, chunks: list[Blob]) -> None:
        if not self._row.media_chunks:
            raise Refused(INVALID, detail="want audio, video or text, got mediaChunks.")
        for chunk in chunks:
            if chunk.mime_type.startswith("audio/"):
                await self._sound(chunk)
            else:
                self._frame(chunk)

    # ------------------------------------------------------------------------------------ clientContent

    async def _content(self, content: ClientContent) -> None:
        for place, turn in enumerate(content.turns, 1):
            self._turn(turn)
            if place % TURNS_AT_ONCE == 0:
                await asyncio.sleep(0)
        if self._history_due:  # told once, in as many messages as it takes, and not answered
            self._history_due = not content.turn_complete
        elif content.turn_complete:
            await self._talk.go(cuts=self._row.content_complete is Then.CUTS)
        elif self._row.content_open is Then.CUTS and self._setting.interrupts:
            await self._talk.stop()

    def _turn(self, turn: Content) -> None:
        for part in turn.parts:
            if part.inline_data is not None and part.inline_data.mime_type in FRAMES:
                self._talk.see(self._setting.frame_tokens)
        text = "\n".join(self._text(part) for part in turn.parts if not part.thought).strip()
        match turn.role:
            case None | "" if self._row.roles_required and self._platform.roles_required:
                raise Refused(INVALID, detail="want a role in every turn.")
            case None | "" | "user":
                self._talk.remember(text, answered=False)
            case "model":
                self._talk.remember(text, answered=True)
            case "system" if self._platform.role_system:
                self._change(self._setting.instructed(text))  # with any model
            case role:
                raise Refused(INVALID, detail=f"want the role user or model, got {len(role)} other characters.")

    def _text(self, part: Part) -> str:
        if part.function_call is None and part.function_response is None:
            return part.text or ""
        if not self._row.seeded_calls:
            raise Refused(INVALID, detail="want no function calls in turns.")
        seeded = part.function_call if part.function_call is not None else part.function_response
        return msgspec.json.encode(seeded).decode()

    # ------------------------------------------------------------------------------------ tools and instruction

    def _answer(self, response: FunctionResponse) -> Answer:
        if response.scheduling is not None and not self._row.scheduling:
            raise Refused(NO_SCHEDULING)
        if response.will_continue is not None and not self._platform.will_continue:
            raise Refused(INVALID, detail="want no willContinue on this platform.")
        call_id = response.id
        if not call_id:
            if self._platform.answer_ids:
                raise Refused(INVALID, detail="want an id in every function response.")
            call_id = self._talk.oldest_call(response.name) or ""
        return Answer(
            id=call_id,
            response=response.response,
            scheduling=response.scheduling if self._platform.scheduling else None,
            more=bool(response.will_continue),
        )

    def _change(self, setting: Setting) -> None:
        self._setting = setting
        manner = replace(
            self._talk.manner,
            instruction=setting.instruction,
            tools=setting.tools,
            prompt_chars=setting.prompt_chars,
        )
        self._talk.change(manner)
