"""The OpenAI Realtime protocol, general availability form: events of both sides, and bytes to events and back."""
