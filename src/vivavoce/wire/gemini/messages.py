"""All messages of the live protocol and their pieces, by name; where each is explained is in its own file.

Every message has exactly one kind set, server messages may carry `usage_metadata` beside it.
"""

from __future__ import annotations

from vivavoce.wire.gemini.base import Empty, Message
from vivavoce.wire.gemini.client import (
    ClientContent,
    ClientMessage,
    ContextUpdate,
    ContextUpdateTools,
    RealtimeInput,
    ToolResponse,
)
from vivavoce.wire.gemini.content import (
    Blob,
    CodeExecutionResult,
    Content,
    ExecutableCode,
    FileData,
    FunctionCall,
    FunctionResponse,
    FunctionResponsePart,
    ModalityTokens,
    Part,
    PartialArg,
    Transcription,
    WordInfo,
)
from vivavoce.wire.gemini.grounding import GroundingMetadata, UrlContextMetadata
from vivavoce.wire.gemini.resources import AuthToken, AuthTokenRequest, ModelInfo, ModelList, TokenSetup
from vivavoce.wire.gemini.server import (
    GoAway,
    ServerContent,
    ServerMessage,
    SessionResumptionUpdate,
    SetupComplete,
    ToolCall,
    ToolCallCancellation,
    UsageMetadata,
    VoiceActivity,
    VoiceActivityDetectionSignal,
)
from vivavoce.wire.gemini.setup import (
    AutomaticActivityDetection,
    AvatarConfig,
    ContextWindowCompression,
    GenerationConfig,
    HistoryConfig,
    PrebuiltVoiceConfig,
    ProactivityConfig,
    RealtimeInputConfig,
    ReplicatedVoiceConfig,
    SafetySetting,
    SessionResumptionConfig,
    Setup,
    SlidingWindow,
    SpeechConfig,
    ThinkingConfig,
    TranscriptionConfig,
    TranslationConfig,
    VoiceConfig,
    VoiceConsentSignature,
)
from vivavoce.wire.gemini.tools import FunctionDeclaration, GoogleSearch, Tool

AUDIO_IN_HZ = 16_000
AUDIO_OUT_HZ = 24_000
AUDIO_IN_MIME = f"audio/pcm;rate={AUDIO_IN_HZ}"
AUDIO_OUT_MIME = f"audio/pcm;rate={AUDIO_OUT_HZ}"

__all__ = [
    "AUDIO_IN_HZ",
    "AUDIO_IN_MIME",
    "AUDIO_OUT_HZ",
    "AUDIO_OUT_MIME",
    "AuthToken",
    "AuthTokenRequest",
    "AutomaticActivityDetection",
    "AvatarConfig",
    "Blob",
    "ClientContent",
    "ClientMessage",
    "CodeExecutionResult",
    "Content",
    "ContextUpdate",
    "ContextUpdateTools",
    "ContextWindowCompression",
    "Empty",
    "ExecutableCode",
    "FileData",
    "FunctionCall",
    "FunctionDeclaration",
    "FunctionResponse",
    "FunctionResponsePart",
    "GenerationConfig",
    "GoAway",
    "GoogleSearch",
    "GroundingMetadata",
    "HistoryConfig",
    "Message",
    "ModalityTokens",
    "ModelInfo",
    "ModelList",
    "Part",
    "PartialArg",
    "PrebuiltVoiceConfig",
    "ProactivityConfig",
    "RealtimeInput",
    "RealtimeInputConfig",
    "ReplicatedVoiceConfig",
    "SafetySetting",
    "ServerContent",
    "ServerMessage",
    "SessionResumptionConfig",
    "SessionResumptionUpdate",
    "Setup",
    "SetupComplete",
    "SlidingWindow",
    "SpeechConfig",
    "ThinkingConfig",
    "TokenSetup",
    "Tool",
    "ToolCall",
    "ToolCallCancellation",
    "ToolResponse",
    "Transcription",
    "TranscriptionConfig",
    "TranslationConfig",
    "UrlContextMetadata",
    "UsageMetadata",
    "VoiceActivity",
    "VoiceActivityDetectionSignal",
    "VoiceConfig",
    "VoiceConsentSignature",
    "WordInfo",
]
