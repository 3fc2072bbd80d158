"""What a talk tells a client that speaks the Gemini Live protocol, as its model and platform would put it.

Source: reference gemini-live 2.7 to 2.12, 4.2, 4.6 and appendix B.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence

from vivavoce.local.calling import Pending
from vivavoce.local.gemini.setting import Setting
from vivavoce.local.gemini.usage import usage_metadata
from vivavoce.local.meter import Usage
from vivavoce.wire.gemini.codec import duration, encode, encode_audio_out
from vivavoce.wire.gemini.messages import (
    Blob,
    Content,
    FunctionCall,
    GoAway,
    Part,
    ServerContent,
    ServerMessage,
    SessionResumptionUpdate,
    SetupComplete,
    ToolCall,
    ToolCallCancellation,
    Transcription,
    VoiceActivity,
    VoiceActivityDetectionSignal,
)

_WORD = re.compile(r"\S+")


class GeminiOutlet:
    """One client.

    Args:
        send: sends a frame, bytes as binary and a string as text.
        setting: what the client asked for.
        text_frames: JSON goes out as text.
        consumed: index of the last client message that the talk's state contains, for transparent resumption.
        spent: told the prompt tokens of every turn, after its end; may raise `WireError`.
    """

    def __init__(
        self,
        send: Callable[[bytes | str], Awaitable[None]],
        setting: Setting,
        *,
        text_frames: bool = False,
        consumed: Callable[[], int] = lambda: 0,
        spent: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._send = send
        self._setting = setting
        self._row = setting.row
        self._platform = setting.platform
        self._text_frames = text_frames or not setting.platform.binary
        self._consumed = consumed
        self._spent = spent
        self._fresh = True  # nothing of this turn has been sent
        self._heard_before = False  # words of the caller stand before this turn already
        self._words = ""  # they go out with the sound that follows
        self._unfinished = False  # words were told, and not that they were the last before their sound

    # ------------------------------------------------------------------------------------ the connection

    async def set_up(self, session: str) -> None:
        """The setup is taken."""
        complete = SetupComplete(session_id=session if self._platform.session_id else None)
        await self._out(ServerMessage(setup_complete=complete))

    async def go_away(self, time_left_s: float) -> None:
        """The connection will end."""
        await self._out(ServerMessage(go_away=GoAway(time_left=duration(time_left_s))))

    async def resumable(self, handle: str | None) -> None:
        index = str(self._consumed()) if self._setting.transparent and handle is not None else None
        update = SessionResumptionUpdate(
            new_handle=handle or "",
            resumable=handle is not None,
            last_consumed_client_message_index=index,
        )
        await self._out(ServerMessage(session_resumption_update=update))

    # ------------------------------------------------------------------------------------ the caller

    async def speech_began(self, at_ms: float) -> None:
        await self._activity("ACTIVITY_START", "VAD_SIGNAL_TYPE_SOS", at_ms)

    async def speech_ended(self, at_ms: float) -> None:
        await self._activity("ACTIVITY_END", "VAD_SIGNAL_TYPE_EOS", at_ms)

    async def heard(self, text: str, *, last: bool) -> None:
        if not text or not self._setting.transcribe_input:
            return
        said = " " + text if self._heard_before or not self._row.words_at_once else text
        self._heard_before = True
        for piece in [said] if self._row.words_at_once else _words(said):
            await self._content(ServerContent(input_transcription=Transcription(text=piece)))

    # ------------------------------------------------------------------------------------ the model's turn

    async def turn_began(self) -> None:
        self._fresh, self._words, self._heard_before, self._unfinished = True, "", False, False

    async def thought(self, text: str) -> None:
        if self._setting.thoughts:
            await self._model_turn(Part(text=text, thought=True))

    async def said(self, text: str) -> None:
        await self._flush_words()
        if self._setting.text_output:
            await self._model_turn(Part(text=text))
        elif self._setting.transcribe_output:
            self._words = text
            if not self._row.words_with_sound:
                await self._flush_words()

    async def sound(self, pcm: bytes) -> None:
        await self._first()
        await self._finish_words()
        words, self._words = self._words, ""
        if not words:
            data = encode_audio_out(pcm, mime=self._platform.audio_mime, role=self._platform.role)
            await self._frame(data)
            return
        blob = Blob(mime_type=self._platform.audio_mime, data=pcm)
        await self._content(
            ServerContent(
                model_turn=Content(role=self._platform.role, parts=[Part(inline_data=blob)]),
                output_transcription=Transcription(text=words),
            )
        )

    async def calls(self, pending: Sequence[Pending]) -> None:
        await self._flush_words()
        await self._first()
        if self._row.words_first and self._setting.transcribe_output and not self._unfinished:
            await self._tell_words("")  # a turn without words has its transcript all the same
        calls = [FunctionCall(id=each.id, name=each.call.name, args=each.call.args or None) for each in pending]
        await self._out(ServerMessage(tool_call=ToolCall(function_calls=calls)))

    async def calls_cancelled(self, pending: Sequence[Pending]) -> None:
        cancellation = ToolCallCancellation(ids=[each.id for each in pending])
        await self._out(ServerMessage(tool_call_cancellation=cancellation))

    async def generated(self) -> None:
        await self._flush_words()
        await self._finish_words()
        await self._content(ServerContent(generation_complete=True))

    async def interrupted(self) -> None:
        self._words = ""
        await self._content(ServerContent(interrupted=True))

    async def turn_ended(self, usage: Usage, *, cut: bool, more: bool) -> None:
        status = None
        if self._row.several_turns:
            status = "IN_PROGRESS" if more else "IDLE"
        content = ServerContent(turn_complete=True, interaction_status=status)
        await self._out(ServerMessage(server_content=content, usage_metadata=usage_metadata(usage, self._platform)))
        self._spent(usage.prompt.total)

    async def idle(self) -> None:
        if self._row.several_turns:
            await self._content(ServerContent(interaction_status="IDLE"))

    # ------------------------------------------------------------------------------------ inside

    async def _activity(self, kind: str, signal: str, at_ms: float) -> None:
        if self._row.voice_activity:
            activity = VoiceActivity(type=kind, audio_offset=duration(at_ms / 1000))
            await self._out(ServerMessage(voice_activity=activity))
        if self._setting.vad_signals:
            await self._out(
                ServerMessage(voice_activity_detection_signal=VoiceActivityDetectionSignal(vad_signal_type=signal))
            )

    async def _first(self) -> None:
        """What stands before a turn's first sound or call."""
        if self._fresh and self._row.empty_content_first:
            await self._content(ServerContent())
        self._fresh = False

    async def _flush_words(self) -> None:
        words, self._words = self._words, ""
        if words:
            await self._tell_words(words)

    async def _tell_words(self, words: str) -> None:
        self._unfinished = self._row.words_first
        await self._content(ServerContent(output_transcription=Transcription(text=words)))

    async def _finish_words(self) -> None:
        """Where all words precede the sound, say that there are no more."""
        if self._unfinished:
            self._unfinished = False
            await self._content(ServerContent(output_transcription=Transcription(finished=True)))

    async def _model_turn(self, part: Part) -> None:
        self._fresh = False
        await self._content(ServerContent(model_turn=Content(role=self._platform.role, parts=[part])))

    async def _content(self, content: ServerContent) -> None:
        await self._out(ServerMessage(server_content=content))

    async def _out(self, message: ServerMessage) -> None:
        await self._frame(encode(message))

    async def _frame(self, data: bytes) -> None:
        await self._send(data.decode() if self._text_frames else data)


def _words(text: str) -> list[str]:
    """Word-sized increments, each with its own leading space."""
    return [" " + word for word in _WORD.findall(text)]
