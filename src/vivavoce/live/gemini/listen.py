"""Messages of a live model as events of a conversation. Sound is put into a store and named by number; a handle's
secret likewise.
"""

from __future__ import annotations

from vivavoce.conversation import events as ev
from vivavoce.live.dialect import Shelf
from vivavoce.live.gemini.sound import ReplySound, is_sound
from vivavoce.wire.gemini import codec
from vivavoce.wire.gemini.messages import Content, ModalityTokens, ServerContent, ServerMessage, UsageMetadata

MAX_HANDLE_CHARS = 16_384
"""A handle is a token of some hundred characters; a call keeps a few of them."""


class Interpreter:
    """Reads the messages of one link; what events name only by number goes to the shelf."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._link = shelf.link
        self._sound = ReplySound()

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
            resumable = update.resumable and 0 < len(update.new_handle) <= MAX_HANDLE_CHARS
            handle = self._shelf.keep_handle(update.new_handle) if resumable else 0
            events.append(ev.HandleIssued(self._link, handle, resumable, self._shelf.position()))
        if (away := message.go_away) is not None:
            events.append(ev.GoAwayReceived(self._link, codec.seconds(away.time_left)))
        return events

    def _content(self, content: ServerContent, events: list[ev.Event]) -> None:
        if (heard := content.input_transcription) is not None and heard.text:
            events.append(ev.CallerTranscribed(self._link, heard.text))
        if (said := content.output_transcription) is not None and said.text:
            events.append(ev.AgentTranscribed(self._link, said.text))
        if content.model_turn is not None:
            self._speech(content.model_turn, events)
        if content.interrupted:
            self._sound.finish()
            events.append(ev.Interrupted(self._link))
        if content.generation_complete:
            events += self._shelf.sound(self._sound.finish())
            events.append(ev.GenerationEnded(self._link))
        if content.turn_complete:
            events += self._shelf.sound(self._sound.finish())
            more = content.interaction_status == "IN_PROGRESS"
            events.append(ev.TurnEnded(self._link, content.turn_complete_reason or "", more, content.waiting_for_input))
        elif content.interaction_status == "IDLE":
            events.append(ev.ModelIdle(self._link))

    def _speech(self, turn: Content, events: list[ev.Event]) -> None:
        for part in turn.parts:
            blob = part.inline_data
            if blob is not None and not part.thought and is_sound(blob.mime_type):  # thoughts and code are never speech
                events += self._shelf.sound(self._sound.take(blob.data, blob.mime_type))

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
