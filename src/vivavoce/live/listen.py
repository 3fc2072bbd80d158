"""Messages of a live model as events of a conversation. Sound is put into a store and named by number; a handle's
secret likewise.
"""

from __future__ import annotations

from collections.abc import Callable

from vivavoce.conversation import events as ev
from vivavoce.wire.gemini import codec
from vivavoce.wire.gemini.messages import Content, ModalityTokens, ServerContent, ServerMessage, UsageMetadata


class Interpreter:
    """Reads the messages of one link.

    Args:
        link: the link's number in the conversation.
        keep_chunk: stores PCM16 LE mono at 24 kHz, returns its number.
        keep_handle: stores the secret of a handle, returns its number.
        position: how far the caller's audio has been sent, samples of the microphone clock.
    """

    def __init__(
        self,
        link: int,
        keep_chunk: Callable[[bytes], int],
        keep_handle: Callable[[str], int],
        position: Callable[[], int],
    ) -> None:
        self._link = link
        self._keep_chunk = keep_chunk
        self._keep_handle = keep_handle
        self._position = position
        self._odd = b""  # half a sample, carried to the next chunk of the same turn

    def read(self, message: ServerMessage) -> list[ev.Event]:
        """The events of a message, in an order that fits every combination of fields: words and sound before the end of
        a turn.
        """
        events: list[ev.Event] = []
        if (content := message.server_content) is not None:
            self._content(content, events)
        if (call := message.tool_call) is not None:
            events += [ev.ToolCalled(self._link, item.id, item.name, item.args or {}) for item in call.function_calls]
        if (cancelled := message.tool_call_cancellation) is not None:
            events.append(ev.ToolsCancelled(self._link, tuple(cancelled.ids)))
        if (usage := message.usage_metadata) is not None:
            events.append(self._usage(usage))
        if (update := message.session_resumption_update) is not None:
            resumable = update.resumable and bool(update.new_handle)
            handle = self._keep_handle(update.new_handle) if resumable else 0
            events.append(ev.HandleIssued(self._link, handle, resumable, self._position()))
        if (away := message.go_away) is not None:
            events.append(ev.GoAwayReceived(self._link, codec.seconds(away.time_left)))
        return events

    def _content(self, content: ServerContent, events: list[ev.Event]) -> None:
        if (heard := content.input_transcription) is not None and heard.text:
            events.append(ev.CallerTranscribed(self._link, heard.text))
        if (said := content.output_transcription) is not None and said.text:
            events.append(ev.AgentTranscribed(self._link, said.text))
        if content.model_turn is not None:
            self._sound(content.model_turn, events)
        if content.interrupted:
            events.append(ev.Interrupted(self._link))
        if content.generation_complete:
            events.append(ev.GenerationEnded(self._link))
        if content.turn_complete:
            self._odd = b""
            more = content.interaction_status == "IN_PROGRESS"
            events.append(ev.TurnEnded(self._link, content.turn_complete_reason or "", more))

    def _sound(self, turn: Content, events: list[ev.Event]) -> None:
        for part in turn.parts:
            blob = part.inline_data
            if blob is None or part.thought or not blob.mime_type.startswith("audio/"):
                continue  # thoughts and code are never speech
            pcm = self._odd + blob.data
            even = len(pcm) & ~1
            self._odd = pcm[even:]
            if even:
                events.append(ev.ReplyArrived(self._link, self._keep_chunk(pcm[:even]), even // 2))

    def _usage(self, usage: UsageMetadata) -> ev.UsageReported:
        def named(direction: str, details: list[ModalityTokens]) -> list[tuple[str, int]]:
            return [(f"{direction}_{item.modality.lower() or 'unknown'}", item.token_count) for item in details]

        return ev.UsageReported(
            self._link,
            usage.prompt_token_count,
            usage.response_token_count or usage.candidates_token_count,
            usage.total_token_count,
            (
                *named("prompt", usage.prompt_tokens_details),
                *named("response", usage.response_tokens_details or usage.candidates_tokens_details),
            ),
        )
