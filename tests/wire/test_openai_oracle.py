"""Our events against the types of the official Python SDK, in both directions."""

from __future__ import annotations

from typing import Any, get_args

import msgspec
import pytest
from openai.types.realtime import RealtimeClientEvent, RealtimeServerEvent, RealtimeSessionCreateRequest
from pydantic import BaseModel, TypeAdapter

from tests.wire.openai_events import CLIENT, SERVER
from vivavoce.wire.openai import client, codec, server
from vivavoce.wire.openai.session import Session

# Kinds of events that nothing here asks for.
LEFT_OUT = {
    "conversation.item.created",  # the older name of conversation.item.added
    "conversation.item.input_audio_transcription.segment",  # speaker labels
    "input_audio_buffer.timeout_triggered",  # the idle timeout
    "input_audio_buffer.dtmf_event_received",  # SIP
    "output_audio_buffer.started",  # WebRTC and SIP
    "output_audio_buffer.stopped",
    "output_audio_buffer.cleared",
    "output_audio_buffer.clear",
    "mcp_list_tools.in_progress",
    "mcp_list_tools.completed",
    "mcp_list_tools.failed",
    "response.mcp_call_arguments.delta",
    "response.mcp_call_arguments.done",
    "response.mcp_call.in_progress",
    "response.mcp_call.completed",
    "response.mcp_call.failed",
}
# Fields that are not ours: those of MCP items and servers, of transcription sessions, and what stays untyped.
NOT_OURS = {
    "approve", "approval_request_id", "reason", "error", "tools", "server_label", "allowed_callers", "allowed_tools",
    "authorization", "connector_id", "defer_loading", "headers", "require_approval", "server_description", "server_url",
    "tunnel_id",
}  # fmt: skip


def kinds(union: Any) -> dict[str, type[BaseModel]]:
    """SDK models of a union by the event's type."""
    return {model.model_fields["type"].annotation.__args__[0]: model for model in get_args(get_args(union)[0])}


def models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for inner in get_args(annotation) for model in models_in(inner)]


def structs_in(info: msgspec.inspect.Type) -> list[type[msgspec.Struct]]:
    match info:
        case msgspec.inspect.StructType(cls=kind):
            return [kind]
        case msgspec.inspect.ListType(item_type=item):
            return structs_in(item)
        case msgspec.inspect.UnionType(types=types):
            return [kind for each in types for kind in structs_in(each)]
    return []


def unknown_to_us(model: type[BaseModel], struct: type[msgspec.Struct], path: str) -> list[str]:
    """Fields of an SDK model that our struct, or a struct below it, does not have."""
    info = msgspec.inspect.type_info(struct)
    assert isinstance(info, msgspec.inspect.StructType)
    ours = {field.encode_name: field.type for field in info.fields} | {info.tag_field or "": msgspec.inspect.AnyType()}
    missing = []
    for name, field in model.model_fields.items():
        if name not in ours:
            missing += [f"{path}.{name}"] if name not in NOT_OURS else []
            continue
        for inner in models_in(field.annotation):
            for kind in structs_in(ours[name]):
                if inner.__name__ != "RealtimeTranscriptionSessionCreateRequest":
                    missing += unknown_to_us(inner, kind, f"{path}.{name}")
    return missing


@pytest.mark.parametrize(
    ("union", "events"),
    [(RealtimeServerEvent, server.SERVER_EVENTS), (RealtimeClientEvent, client.CLIENT_EVENTS)],
    ids=["server", "client"],
)
def test_every_event_of_the_sdk_is_known_with_every_field(union: Any, events: Any) -> None:
    ours = {str(kind.__struct_config__.tag): kind for kind in events}
    theirs = kinds(union)
    assert set(theirs) - set(ours) <= LEFT_OUT
    assert set(ours) <= set(theirs)
    missing = [name for kind, struct in ours.items() for name in unknown_to_us(theirs[kind], struct, kind)]
    assert missing == []


def test_every_field_of_a_session_is_known() -> None:
    assert unknown_to_us(RealtimeSessionCreateRequest, Session, "session") == []


def test_the_examples_are_whole() -> None:
    assert {type(event) for event in SERVER} == set(server.SERVER_EVENTS)
    assert {type(event) for event in CLIENT} == set(client.CLIENT_EVENTS)


@pytest.mark.parametrize("event", SERVER, ids=lambda event: type(event).__name__)
def test_what_our_server_sends_the_sdk_reads_and_the_other_way_round(event: server.AnyServerEvent) -> None:
    model: Any = TypeAdapter(RealtimeServerEvent).validate_json(codec.encode(event))
    assert model.type == event.__struct_config__.tag
    assert not list(model.model_extra or {}), "a name the SDK does not know"
    assert codec.decode_server(model.model_dump_json(exclude_unset=True)) == event


@pytest.mark.parametrize("event", CLIENT, ids=lambda event: type(event).__name__)
def test_what_our_client_sends_the_sdk_reads_and_the_other_way_round(event: client.AnyClientEvent) -> None:
    model: Any = TypeAdapter(RealtimeClientEvent).validate_json(codec.encode(event))
    assert model.type == event.__struct_config__.tag
    assert not list(model.model_extra or {}), "a name the SDK does not know"
    assert codec.decode_client(model.model_dump_json(exclude_unset=True)) == event
