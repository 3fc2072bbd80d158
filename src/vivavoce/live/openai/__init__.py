"""The OpenAI Realtime dialect: `dialect` (the verbs), `setup` (what the model is told first), `listen` (its events as
ours), `responses` (when another response is to be asked for), `sounding` (how much of one was heard).
"""

from __future__ import annotations

from vivavoce.live.openai.dialect import OpenAIDialect

__all__ = ["OpenAIDialect"]
