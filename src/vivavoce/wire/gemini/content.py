"""Content and its parts: what turns are made of, in both directions. Source: reference gemini-live 2.2, 2.4, 2.9."""

from __future__ import annotations

from vivavoce.wire.gemini.base import Enum, Int32, Map, Message, Object


class Blob(Message):
    mime_type: str = ""
    data: bytes = b""
    display_name: str | None = None


class FileData(Message):
    mime_type: str = ""
    file_uri: str = ""
    display_name: str | None = None


class ExecutableCode(Message):
    """Code the model wrote. Never speech, and not always real: older models wrote out their own tool calls."""

    language: Enum | None = None
    code: str = ""
    id: str | None = None


class CodeExecutionResult(Message):
    outcome: Enum | None = None
    output: str = ""
    id: str | None = None


class PartialArg(Message):
    """One argument of a call whose arguments are streamed (Vertex); one of the values is set."""

    json_path: str = ""
    bool_value: bool | None = None
    number_value: float | None = None
    string_value: str | None = None
    null_value: str | None = None
    will_continue: bool | None = None


class FunctionCall(Message):
    id: str = ""
    name: str = ""
    args: Map | None = None
    partial_args: list[PartialArg] = []
    will_continue: bool | None = None


class FunctionResponsePart(Message):
    """Something a tool answers that is no JSON."""

    inline_data: Blob | None = None
    file_data: FileData | None = None
    media_processing: Enum | None = None
    media_resolution: Object | None = None
    video_metadata: Object | None = None
    document_metadata: Object | None = None
    spreadsheet_metadata: Object | None = None
    audio_metadata: Object | None = None


class FunctionResponse(Message):
    """An answer to a call. By convention `output` holds a result and `error` a failure."""

    id: str = ""
    name: str = ""
    response: Map = {}
    scheduling: Enum | None = None
    """INTERRUPT, WHEN_IDLE or SILENT; only for functions declared NON_BLOCKING."""
    will_continue: bool | None = None
    parts: list[FunctionResponsePart] = []


class HostedCall(Message):
    """A call that the service itself carries out."""

    id: str | None = None
    tool_type: Enum | None = None
    args: Map | None = None


class HostedResponse(Message):
    id: str | None = None
    tool_type: Enum | None = None
    response: Map | None = None


class WordInfo(Message):
    word: str = ""
    start_offset: str | None = None
    end_offset: str | None = None


class Transcription(Message):
    text: str = ""
    """An increment with its own leading space; concatenate, add nothing."""
    finished: bool = False
    language_code: str | None = None
    speaker_label: str | None = None
    words: list[WordInfo] = []
    start_offset: str | None = None
    end_offset: str | None = None


class Part(Message):
    """One of text, inline data, file data, call, response, code or its result; the rest describes it."""

    text: str | None = None
    inline_data: Blob | None = None
    thought: bool = False
    """A summary of thinking: never an answer, whatever else the part holds."""
    thought_signature: bytes | None = None
    file_data: FileData | None = None
    function_call: FunctionCall | None = None
    function_response: FunctionResponse | None = None
    executable_code: ExecutableCode | None = None
    code_execution_result: CodeExecutionResult | None = None
    tool_call: HostedCall | None = None
    tool_response: HostedResponse | None = None
    audio_transcription: Transcription | None = None
    media_resolution: Object | None = None
    media_processing: Enum | None = None
    video_metadata: Object | None = None
    audio_metadata: Object | None = None
    speech_metadata: Object | None = None
    document_metadata: Object | None = None
    spreadsheet_metadata: Object | None = None
    part_metadata: Map | None = None


class Content(Message):
    role: str | None = None
    parts: list[Part] = []


class ModalityTokens(Message):
    modality: Enum = ""
    token_count: Int32 = 0
