"""The session of an OpenAI link: voice, prompt, tools, turn taking, transcripts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vivavoce.live.dialect import Opening
from vivavoce.wire.openai.models import UNKNOWN, find
from vivavoce.wire.openai.session import (
    PCM_HZ,
    AudioConfig,
    AudioFormat,
    AudioInput,
    AudioOutput,
    Session,
    Tool,
    TranscriptionConfig,
    TurnDetection,
)

PREFIX_MS = 300
"""Sound kept from before speech was noticed; the service's own default."""


def make_session(opening: Opening) -> Session:
    """What `session.update` says first. A voice the model does not know becomes one of its own, the same for the same
    speaker; a resumption handle has no meaning here."""
    row = find(opening.model) or UNKNOWN
    pcm = AudioFormat(type="audio/pcm", rate=PCM_HZ)
    voice = opening.voice.lower()
    return Session(
        type="realtime",
        output_modalities=["audio"],
        instructions=opening.instruction,
        audio=AudioConfig(
            input=AudioInput(
                format=pcm,
                transcription=TranscriptionConfig(model=row.transcriber),
                turn_detection=turn_detection(opening.silence_ms),
            ),
            output=AudioOutput(
                format=pcm, voice=voice if voice in row.voices else row.voices[opening.cast % len(row.voices)]
            ),
        ),
        tools=[_tool(declaration) for declaration in opening.tools],
        tool_choice="auto",
    )


def turn_detection(silence_ms: int) -> TurnDetection:
    """Turns that end with a pause of this length, and are answered."""
    return TurnDetection(
        type="server_vad",
        prefix_padding_ms=PREFIX_MS,
        silence_duration_ms=silence_ms,
        create_response=True,
        interrupt_response=True,
    )


def _tool(declaration: Mapping[str, Any]) -> Tool:
    schema = declaration.get("parameters") or {"type": "OBJECT", "properties": {}}
    return Tool(
        type="function",
        name=declaration["name"],
        description=declaration.get("description") or "",
        parameters=json_schema(schema),
    )


def json_schema(schema: Mapping[str, Any]) -> dict[str, Any]:
    """A JSON schema of the OpenAPI-like subset that declarations are written in: types in capitals, `nullable`, and
    enums that say so twice."""
    plain = {key: value for key, value in schema.items() if key not in ("nullable", "format", "type")}
    if (kind := schema.get("type")) is not None:
        plain["type"] = [kind.lower(), "null"] if schema.get("nullable") else kind.lower()
    if schema.get("format", "enum") != "enum":
        plain["format"] = schema["format"]
    if "properties" in plain:
        plain["properties"] = {name: json_schema(inner) for name, inner in plain["properties"].items()}
    if "items" in plain:
        plain["items"] = json_schema(plain["items"])
    if "anyOf" in plain:
        plain["anyOf"] = [json_schema(inner) for inner in plain["anyOf"]]
    return plain
