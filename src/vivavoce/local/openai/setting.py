"""What a client asked for in its session, with the service's defaults filled in, and what of it is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
from msgspec import UNSET

from vivavoce.local.manner import Manner
from vivavoce.local.microphone import LEAD_MS
from vivavoce.local.openai.checks import check
from vivavoce.local.parts import Rules
from vivavoce.wire.gemini.messages import FunctionDeclaration
from vivavoce.wire.openai.conversation import ResponseParams
from vivavoce.wire.openai.models import RealtimeModel
from vivavoce.wire.openai.refusals import EventRefused, invalid, missing, refused
from vivavoce.wire.openai.session import (
    PCM_HZ,
    AudioConfig,
    AudioFormat,
    AudioInput,
    AudioOutput,
    CustomVoice,
    FormatType,
    Session,
    Tool,
    TurnDetection,
    updated,
)

_PCM = AudioFormat(type="audio/pcm", rate=PCM_HZ)
SERVER_VAD = TurnDetection(
    type="server_vad",
    threshold=0.5,
    prefix_padding_ms=300,
    silence_duration_ms=500,
    idle_timeout_ms=None,
    create_response=True,
    interrupt_response=True,
)
SEMANTIC_VAD = TurnDetection(type="semantic_vad", eagerness="auto", create_response=True, interrupt_response=True)
EAGER_SILENCE_MS = {"low": 2000, "medium": 1000, "auto": 1000, "high": 500}
"""Nothing here understands whether a sentence is over, so eagerness is a length of silence. Chosen between the
service's default silence and its longest waits (2 to 8 s), not tuned."""


def default_session(model: str, row: RealtimeModel, session_id: str, expires_at: int) -> Session:
    """A session nobody has changed yet."""
    return Session(
        type="realtime",
        object="realtime.session",
        id=session_id,
        model=model,
        expires_at=expires_at,
        output_modalities=["audio"],
        instructions="",
        audio=AudioConfig(
            input=AudioInput(format=_PCM, transcription=None, noise_reduction=None, turn_detection=SERVER_VAD),
            output=AudioOutput(format=_PCM, voice=row.voices[0], speed=1.0),
        ),
        tools=[],
        tool_choice="auto",
        max_output_tokens="inf",
        truncation="auto",
        include=None,
        prompt=None,
        tracing=None,
    )


class Setting:
    """One client's session as it is in effect."""

    def __init__(self, session: Session, row: RealtimeModel, rules: Rules) -> None:
        self.session = session
        self._row = row
        self._rules = rules

    def update(self, change: Session, *, spoke: bool) -> None:
        """Change what the client names; nothing of it when something does not hold.

        Args:
            spoke: sound has gone out: the voice stays.

        Raises:
            EventRefused: what does not hold, and where.
        """
        if change.type is UNSET and self._rules.strict:
            raise missing("session.type")
        if change.type == "transcription":
            raise invalid("session.type", "transcription", "'realtime'")
        if change.model is not UNSET and change.model != self.session.model:
            raise refused("session.model", "The model of a session cannot be changed.")
        after = self._changed(change)
        check(after, voices=None if self._rules.any_voice else self._row.voices)
        if spoke and Setting(after, self._row, self._rules).output.voice != self.output.voice:
            raise EventRefused(
                "Cannot update a conversation's voice if assistant audio is present.",
                code="cannot_update_voice",
                param="session.audio.output.voice",
            )
        self.session = after

    def shown(self) -> dict[str, Any]:
        """The session as the client is told of it."""
        tree: dict[str, Any] = msgspec.to_builtins(self.session)
        return tree

    # ------------------------------------------------------------------------------------ what it means

    @property
    def input(self) -> AudioInput:
        audio = self.session.audio
        assert isinstance(audio, AudioConfig), "the default session has one"
        assert isinstance(audio.input, AudioInput), "the default session has one"
        return audio.input

    @property
    def output(self) -> AudioOutput:
        audio = self.session.audio
        assert isinstance(audio, AudioConfig), "the default session has one"
        assert isinstance(audio.output, AudioOutput), "the default session has one"
        return audio.output

    @property
    def turns(self) -> TurnDetection | None:
        """None: the client commits its sound and asks for responses itself."""
        return self.input.turn_detection or None

    @property
    def prefix_padding_ms(self) -> int:
        """Sound from before the speech that belongs to it."""
        return (self.turns.prefix_padding_ms or 0) if self.turns is not None else 0

    @property
    def transcribes(self) -> bool:
        return bool(self.input.transcription)

    @property
    def spoken(self) -> bool:
        return self.session.output_modalities == ["audio"]

    @property
    def input_format(self) -> FormatType:
        return _kind(self.input.format)

    @property
    def output_format(self) -> FormatType:
        return _kind(self.output.format)

    def manner(self) -> Manner:
        """How a talk of this session is held."""
        turns = self.turns
        tools = tuple(_declaration(tool) for tool in self.session.tools or [])
        instruction = self.session.instructions or ""
        manner = Manner(
            model=self.session.model or "",
            instruction=instruction,
            tools=() if self.session.tool_choice == "none" else tools,
            prompt_chars=len(instruction) + sum(len(msgspec.json.encode(tool)) for tool in tools),
            manual=turns is None,
            whole_input=turns is None,
            answers_speech=turns is not None and turns.create_response is not False,
            interrupts=turns is None or turns.interrupt_response is not False,
            spoken=self.spoken,
            voice=_voice(self.output),
            call_id="call_{:d}".format,
        )
        if turns is None:
            return manner
        return replace(
            manner,
            silence_ms=_silence_ms(turns),
            lead_ms=max(LEAD_MS, self.prefix_padding_ms),
            sensitivity="low" if (turns.threshold or 0.0) > 0.5 else "high",
        )

    def for_response(self, params: ResponseParams) -> Setting:
        """This setting with what one response is asked for with.

        Raises:
            EventRefused: what does not hold, or what no talk here can do.
        """
        if params.conversation not in (None, "auto"):
            raise refused("response.conversation", "This server keeps one conversation; want 'auto'.")
        if params.input is not None:
            raise refused("response.input", "This server keeps one conversation; want its items.")
        named = {
            name: value
            for name in ("instructions", "output_modalities", "tools", "tool_choice", "max_output_tokens", "audio")
            if (value := getattr(params, name)) is not None
        }
        once = Setting(self.session, self._row, self._rules)
        once.update(Session(type="realtime", **named), spoke=False)
        return once

    def _changed(self, change: Session) -> Session:
        """The session with the change in it. Another kind of turn detection begins from its own defaults."""
        after = updated(self.session, change)
        turns = change.audio.input.turn_detection if change.audio and change.audio.input else UNSET
        if not turns or (self.turns is not None and turns.type in (UNSET, self.turns.type)):
            return after
        whole = updated(SEMANTIC_VAD if turns.type == "semantic_vad" else SERVER_VAD, turns)
        assert isinstance(after.audio, AudioConfig), "the default session has one"
        assert isinstance(after.audio.input, AudioInput), "the default session has one"
        heard = msgspec.structs.replace(after.audio.input, turn_detection=whole)
        return msgspec.structs.replace(after, audio=msgspec.structs.replace(after.audio, input=heard))


def _silence_ms(turns: TurnDetection) -> int:
    if turns.type == "semantic_vad":
        return EAGER_SILENCE_MS[turns.eagerness or "auto"]
    return turns.silence_duration_ms or 0


def _kind(sound: AudioFormat | msgspec.UnsetType) -> FormatType:
    return (sound.type if isinstance(sound, AudioFormat) else UNSET) or "audio/pcm"


def _voice(output: AudioOutput) -> str:
    return output.voice.id if isinstance(output.voice, CustomVoice) else output.voice or ""


def _declaration(tool: Tool) -> FunctionDeclaration:
    return FunctionDeclaration(
        name=tool.name or "", description=tool.description or "", parameters=tool.parameters or None
    )
