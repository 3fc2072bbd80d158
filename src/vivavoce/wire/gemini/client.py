"""What a client sends. Source: reference gemini-live 2.1 to 2.5."""

from __future__ import annotations

from vivavoce.wire.gemini.base import Empty, Message
from vivavoce.wire.gemini.content import Blob, Content, FunctionResponse
from vivavoce.wire.gemini.setup import Instruction, Setup
from vivavoce.wire.gemini.tools import Tool


class ClientContent(Message):
    turns: list[Content] = []
    turn_complete: bool = False
    """Generate now; otherwise more follows."""


class RealtimeInput(Message):
    """Exactly one field is set."""

    audio: Blob | None = None
    video: Blob | None = None
    text: str | None = None
    audio_stream_end: bool | None = None
    activity_start: Empty | None = None
    activity_end: Empty | None = None
    media_chunks: list[Blob] | None = None
    """The old way to send audio and frames."""


class ToolResponse(Message):
    function_responses: list[FunctionResponse] = []


class ContextUpdateTools(Message):
    """Tells a list that was emptied from one that was left alone."""

    tools: list[Tool] = []


class ContextUpdate(Message):
    """Replaces instruction or tools while the session runs; what is absent stays."""

    system_instruction: Instruction | None = None
    tools: ContextUpdateTools | None = None


class ClientMessage(Message):
    """What a client sends: exactly one field is set, `setup` first and once."""

    setup: Setup | None = None
    client_content: ClientContent | None = None
    realtime_input: RealtimeInput | None = None
    tool_response: ToolResponse | None = None
    context_update: ContextUpdate | None = None
