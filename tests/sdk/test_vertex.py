"""The same server as Vertex AI, through the official SDKs: in Python with a token of a cloud account, in JavaScript
with a key (express mode).
"""

from __future__ import annotations

import pytest

from tests.local.fakes import ScriptedEars, ScriptedMind
from vivavoce.local.front.certificate import Certificate

from .sdks import Client
from .stand import config, standing

pytestmark = pytest.mark.slow

MODEL = "gemini-live-2.5-flash-native-audio"
QUICK = {"realtime_input_config": {"automatic_activity_detection": {"silence_duration_ms": 100}}}


@pytest.mark.conformance("S2", "S3", "S54")
async def test_a_talk_on_vertex(client: Client, certificate: Certificate) -> None:
    async with standing(certificate, make_mind=ScriptedMind(), ears=ScriptedEars("nine"), keys=["right"]) as stand:
        record = (
            await client.hold(
                stand.url(client),
                ["connect", {"model": MODEL, "config": config(**QUICK)}],
                ["content", "hello"],
                ["until", "turn"],
                ["speak", 640, 1500],
                ["until", "turn"],
                ["close"],
                key="right",
                vertex=True,
            )
        ).record
    assert record.said == "You wrote hello.You said nine."
    assert record.mime_types == ["audio/pcm"], "Vertex names no rate"
    assert min(record.tokens("total_token_count")) > 0


async def test_a_model_that_writes(client: Client, certificate: Certificate) -> None:
    """The half-cascade model gives text when asked for text."""
    written = {"response_modalities": ["TEXT"]}
    async with standing(certificate, make_mind=ScriptedMind()) as stand:
        record = (
            await client.hold(
                stand.url(client),
                ["connect", {"model": "gemini-live-2.5-flash", "config": written}],
                ["content", "hello"],
                ["until", "turn"],
                ["close"],
                vertex=True,
            )
        ).record
    assert record.written == "You wrote hello."
    assert record.audio_bytes == 0
