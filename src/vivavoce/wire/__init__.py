"""Messages and codecs, no I/O: `gemini` (to a live model) and `caller` (to a browser)."""
