"""A turn's tokens as `usageMetadata`, in the names of either platform. Source: reference gemini-live 2.10."""

from __future__ import annotations

from vivavoce.local.meter import Tokens, Usage
from vivavoce.wire.gemini.messages import ModalityTokens, UsageMetadata
from vivavoce.wire.gemini.models import Platform


def usage_metadata(usage: Usage, platform: Platform) -> UsageMetadata:
    """Modalities without tokens are left out, as the service does."""
    metadata = UsageMetadata(
        prompt_token_count=usage.prompt.total,
        prompt_tokens_details=_details(usage.prompt),
        total_token_count=usage.total,
        thoughts_token_count=usage.thoughts,
        tool_use_prompt_token_count=usage.tool_results,
        tool_use_prompt_tokens_details=_details(Tokens(text=usage.tool_results)),
    )
    if platform.candidates:
        metadata.candidates_token_count = usage.reply.total
        metadata.candidates_tokens_details = _details(usage.reply)
        metadata.traffic_type = "ON_DEMAND"
    else:
        metadata.response_token_count = usage.reply.total
        metadata.response_tokens_details = _details(usage.reply)
    return metadata


def _details(tokens: Tokens) -> list[ModalityTokens]:
    counts = (("TEXT", tokens.text), ("AUDIO", tokens.audio), ("VIDEO", tokens.video))
    return [ModalityTokens(modality=modality, token_count=count) for modality, count in counts if count]
