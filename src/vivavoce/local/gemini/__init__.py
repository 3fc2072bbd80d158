"""The local model as a client of the Gemini Live protocol meets it."""
