"""Events a client sends.

Source: `RealtimeClientEvent` of the official Python SDK. Of `output_audio_buffer.clear`, which is for WebRTC and SIP
only, a WebSocket has no use.
"""

from __future__ import annotations

import msgspec

from vivavoce.wire.openai.conversation import Item, ResponseParams
from vivavoce.wire.openai.session import Session


class ClientEvent(msgspec.Struct, kw_only=True, omit_defaults=True, frozen=True, tag_field="type"):
    """Base of all. `event_id` comes back with an error the event causes."""

    event_id: str | None = None


class UpdateSession(ClientEvent, frozen=True, tag="session.update"):
    session: Session


class AppendAudio(ClientEvent, frozen=True, tag="input_audio_buffer.append"):
    audio: bytes
    """In the session's input format; PCM16 LE mono at 24 kHz unless it says otherwise."""


class CommitAudio(ClientEvent, frozen=True, tag="input_audio_buffer.commit"):
    """What was appended is a turn of the caller. Only without turn detection it has to be said."""


class ClearAudio(ClientEvent, frozen=True, tag="input_audio_buffer.clear"):
    pass


class CreateItem(ClientEvent, frozen=True, tag="conversation.item.create"):
    item: Item
    previous_item_id: str | None = None
    """The item it stands behind; "root" for the beginning, None for the end."""


class RetrieveItem(ClientEvent, frozen=True, tag="conversation.item.retrieve"):
    item_id: str


class DeleteItem(ClientEvent, frozen=True, tag="conversation.item.delete"):
    item_id: str


class TruncateItem(ClientEvent, frozen=True, tag="conversation.item.truncate"):
    """Of an assistant's sound only this much was heard."""

    item_id: str
    content_index: int
    audio_end_ms: int


class CreateResponse(ClientEvent, frozen=True, tag="response.create"):
    response: ResponseParams | None = None


class CancelResponse(ClientEvent, frozen=True, tag="response.cancel"):
    response_id: str | None = None


AnyClientEvent = (
    UpdateSession
    | AppendAudio
    | CommitAudio
    | ClearAudio
    | CreateItem
    | RetrieveItem
    | DeleteItem
    | TruncateItem
    | CreateResponse
    | CancelResponse
)
CLIENT_EVENTS: tuple[type[ClientEvent], ...] = AnyClientEvent.__args__
