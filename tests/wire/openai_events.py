"""One example of each event, with every field that matters filled in."""

from __future__ import annotations

from typing import Any

from vivavoce.wire.openai import client, server
from vivavoce.wire.openai.conversation import (
    CachedTokens,
    InputTokens,
    Item,
    OutputTokens,
    Part,
    Response,
    ResponseParams,
    ResponseUsage,
    StatusDetails,
    StatusError,
)
from vivavoce.wire.openai.session import (
    AudioConfig,
    AudioFormat,
    AudioInput,
    AudioOutput,
    NoiseReduction,
    Reasoning,
    Session,
    Tool,
    TranscriptionConfig,
    TurnDetection,
)

PCM = b"\x01\x00\x02\x00"
SESSION = Session(
    type="realtime",
    model="gpt-realtime-2.1",
    output_modalities=["audio"],
    instructions="Be brief.",
    audio=AudioConfig(
        input=AudioInput(
            format=AudioFormat(type="audio/pcm", rate=24_000),
            noise_reduction=NoiseReduction(type="near_field"),
            transcription=TranscriptionConfig(model="gpt-transcribe", language="en"),
            turn_detection=TurnDetection(
                type="server_vad", threshold=0.5, prefix_padding_ms=300, silence_duration_ms=500, create_response=True
            ),
        ),
        output=AudioOutput(format=AudioFormat(type="audio/pcm", rate=24_000), voice="marin", speed=1.0),
    ),
    tools=[Tool(type="function", name="look", description="Looks.", parameters={"type": "object"})],
    tool_choice="auto",
    parallel_tool_calls=True,
    max_output_tokens="inf",
    reasoning=Reasoning(effort="low"),
    truncation="auto",
    include=["item.input_audio_transcription.logprobs"],
    prompt=None,
    tracing=None,
)
SPOKEN = Item(
    type="message",
    id="item_1",
    object="realtime.item",
    status="completed",
    role="assistant",
    content=[Part(type="output_audio", transcript="Hello.")],
)
CALL = Item(
    type="function_call",
    id="item_2",
    object="realtime.item",
    status="completed",
    call_id="call_1",
    name="look",
    arguments='{"at":"it"}',
)
TYPED = Item(type="message", role="user", content=[Part(type="input_text", text="Hello")])
_IN_PART: dict[str, Any] = {"response_id": "resp_1", "item_id": "item_1", "output_index": 0, "content_index": 0}
_IN_CALL: dict[str, Any] = {"response_id": "resp_1", "item_id": "item_2", "output_index": 1, "call_id": "call_1"}

SERVER: tuple[server.AnyServerEvent, ...] = (
    server.ErrorSent(
        event_id="event_1",
        error=server.ErrorDetail(
            message="No.", type="invalid_request_error", code="invalid_value", param="type", event_id="mine"
        ),
    ),
    server.SessionCreated(event_id="event_1", session={"type": "realtime", "model": "gpt-realtime-2.1"}),
    server.SessionUpdated(event_id="event_1", session={"type": "realtime", "instructions": "Be brief."}),
    server.ConversationCreated(
        event_id="event_1", conversation=server.Conversation(id="conv_1", object="realtime.conversation")
    ),
    server.SpeechStarted(event_id="event_1", item_id="item_0", audio_start_ms=320),
    server.SpeechStopped(event_id="event_1", item_id="item_0", audio_end_ms=960),
    server.AudioCommitted(event_id="event_1", item_id="item_0", previous_item_id="item_9"),
    server.AudioCleared(event_id="event_1"),
    server.CallerTextDelta(event_id="event_1", item_id="item_0", content_index=0, delta="Hel"),
    server.CallerTextCompleted(
        event_id="event_1",
        item_id="item_0",
        content_index=0,
        transcript="Hello",
        usage=server.TranscriptionUsage(type="duration", seconds=0.5),
    ),
    server.CallerTextFailed(
        event_id="event_1",
        item_id="item_0",
        content_index=0,
        error=StatusError(type="server_error", code="audio_unintelligible", message="No."),
    ),
    server.ItemAdded(event_id="event_1", item=SPOKEN, previous_item_id="item_0"),
    server.ItemDone(event_id="event_1", item=SPOKEN, previous_item_id="item_0"),
    server.ItemRetrieved(event_id="event_1", item=SPOKEN),
    server.ItemDeleted(event_id="event_1", item_id="item_1"),
    server.ItemTruncated(event_id="event_1", item_id="item_1", content_index=0, audio_end_ms=750),
    server.RateLimitsUpdated(
        event_id="event_1",
        rate_limits=[server.RateLimit(name="tokens", limit=100, remaining=99, reset_seconds=0.5)],
    ),
    server.ResponseCreated(
        event_id="event_1", response=Response(id="resp_1", object="realtime.response", status="in_progress", output=[])
    ),
    server.ResponseDone(
        event_id="event_1",
        response=Response(
            id="resp_1",
            object="realtime.response",
            status="cancelled",
            status_details=StatusDetails(type="cancelled", reason="turn_detected"),
            output=[SPOKEN, CALL],
            conversation_id="conv_1",
            output_modalities=["audio"],
            max_output_tokens="inf",
            usage=ResponseUsage(
                total_tokens=30,
                input_tokens=20,
                output_tokens=10,
                input_token_details=InputTokens(
                    text_tokens=8, audio_tokens=12, cached_tokens=5, cached_tokens_details=CachedTokens(text_tokens=5)
                ),
                output_token_details=OutputTokens(text_tokens=2, audio_tokens=8),
            ),
        ),
    ),
    server.OutputItemAdded(event_id="event_1", response_id="resp_1", output_index=0, item=SPOKEN),
    server.OutputItemDone(event_id="event_1", response_id="resp_1", output_index=1, item=CALL),
    server.PartAdded(event_id="event_1", part=Part(type="audio", transcript=""), **_IN_PART),
    server.PartDone(event_id="event_1", part=Part(type="audio", transcript="Hello."), **_IN_PART),
    server.AudioDelta(event_id="event_1", delta=PCM, **_IN_PART),
    server.AudioDone(event_id="event_1", **_IN_PART),
    server.TranscriptDelta(event_id="event_1", delta="Hel", **_IN_PART),
    server.TranscriptDone(event_id="event_1", transcript="Hello.", **_IN_PART),
    server.TextDelta(event_id="event_1", delta="Hel", **_IN_PART),
    server.TextDone(event_id="event_1", text="Hello.", **_IN_PART),
    server.ArgumentsDelta(event_id="event_1", delta="{", **_IN_CALL),
    server.ArgumentsDone(event_id="event_1", arguments="{}", name="look", **_IN_CALL),
)

CLIENT: tuple[client.AnyClientEvent, ...] = (
    client.UpdateSession(event_id="mine", session=SESSION),
    client.AppendAudio(audio=PCM),
    client.CommitAudio(event_id="mine"),
    client.ClearAudio(),
    client.CreateItem(item=TYPED, previous_item_id="root"),
    client.RetrieveItem(item_id="item_1"),
    client.DeleteItem(item_id="item_1"),
    client.TruncateItem(item_id="item_1", content_index=0, audio_end_ms=750),
    client.CreateResponse(
        response=ResponseParams(
            conversation="none",
            input=[TYPED],
            instructions="Whisper.",
            output_modalities=["audio"],
            audio=AudioConfig(output=AudioOutput(voice="cedar")),
            tool_choice="none",
            max_output_tokens=100,
            metadata={"why": "test"},
            reasoning=Reasoning(effort="low"),
        )
    ),
    client.CancelResponse(response_id="resp_1"),
)
