"""The pure conversation machine: events in with the time, effects out, and when it next wants to be woken."""

from vivavoce.conversation.conversation import Conversation
from vivavoce.conversation.settings import ConversationSettings

__all__ = ["Conversation", "ConversationSettings"]
