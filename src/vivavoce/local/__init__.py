"""The embedded live model: a keyless server of the Gemini Live protocol on loopback, with ears, brain and mouth."""
