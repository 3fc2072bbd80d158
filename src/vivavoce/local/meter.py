"""Token counts as the service reports them: per turn, with the whole context billed again in every prompt.

Source: reference gemini-live 6: 25 tokens per second of audio either way (silence counts), a quarter token per
character.
"""

from __future__ import annotations

import msgspec

from vivavoce.wire.gemini.messages import ModalityTokens, UsageMetadata

AUDIO_TOKENS_PER_SECOND = 25
CHARS_PER_TOKEN = 4


class Meter(msgspec.Struct):
    """Context of one session in characters and milliseconds; kept with the handle, so a resumed session bills on."""

    text_chars: int = 0
    audio_ms: float = 0.0
    forgotten: int = 0
    """Tokens that context compression has dropped from the window."""

    def add_text(self, text: str) -> None:
        self.text_chars += len(text)

    def add_audio(self, milliseconds: float) -> None:
        self.audio_ms += milliseconds

    def turn(self, spoken_ms: float, *, trigger: int | None = None, target: int | None = None) -> UsageMetadata:
        """Usage of a turn that has just ended, and its speech taken into the context.

        Args:
            spoken_ms: audio sent in this turn.
            trigger: prompt tokens above which the sliding window drops the oldest; None never does.
            target: tokens left after that, half of the trigger when not given.
        """
        text, audio = self.text_chars // CHARS_PER_TOKEN, _audio_tokens(self.audio_ms)
        prompt = text + audio - self.forgotten
        if trigger is not None and prompt > trigger:
            self.forgotten += prompt - min(prompt, target if target is not None else trigger // 2)
            prompt = text + audio - self.forgotten
        reply = _audio_tokens(spoken_ms)
        self.audio_ms += spoken_ms
        return UsageMetadata(
            prompt_token_count=prompt,
            response_token_count=reply,
            total_token_count=prompt + reply,
            prompt_tokens_details=[
                ModalityTokens(modality="TEXT", token_count=min(text, prompt)),
                ModalityTokens(modality="AUDIO", token_count=max(0, prompt - text)),
            ],
            response_tokens_details=[ModalityTokens(modality="AUDIO", token_count=reply)] if reply else [],
        )


def _audio_tokens(milliseconds: float) -> int:
    return round(milliseconds * AUDIO_TOKENS_PER_SECOND / 1000)
