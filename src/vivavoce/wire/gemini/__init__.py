"""The Gemini Live protocol: `messages` (structs), `codec` (bytes and structs), `closes` (what a close means)."""
