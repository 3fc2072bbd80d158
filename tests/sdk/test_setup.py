"""Setups through the official SDKs: every spelling they put on the wire is understood, and users' own names stay."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from tests.local.fakes import ScriptedMind, ToneMouth
from vivavoce.local.front.certificate import Certificate
from vivavoce.wire.gemini.messages import FunctionDeclaration

from .sdks import Client
from .stand import config, standing

pytestmark = pytest.mark.slow

PARAMETERS = {
    "type": "OBJECT",
    "properties": {
        "user_id": {"type": "STRING", "description": "whose"},
        "orderLines": {"type": "ARRAY", "items": {"type": "INTEGER"}},
    },
    "required": ["user_id"],
}
MUCH: dict[str, Any] = {
    "temperature": 0.7,
    "top_p": 0.9,
    "top_k": 40,
    "max_output_tokens": 512,
    "seed": 7,
    "media_resolution": "MEDIA_RESOLUTION_LOW",
    "speech_config": {"voice_config": {"prebuilt_voice_config": {"voice_name": "Kore"}}, "language_code": "de-DE"},
    "system_instruction": "You are Sam.",
    "tools": [{"function_declarations": [{"name": "book", "description": "Books.", "parameters": PARAMETERS}]}],
    "realtime_input_config": {
        "automatic_activity_detection": {
            "start_of_speech_sensitivity": "START_SENSITIVITY_HIGH",
            "end_of_speech_sensitivity": "END_SENSITIVITY_LOW",
            "prefix_padding_ms": 20,
            "silence_duration_ms": 100,
        },
        "activity_handling": "START_OF_ACTIVITY_INTERRUPTS",
        "turn_coverage": "TURN_INCLUDES_ALL_INPUT",
    },
    "session_resumption": {},
    "context_window_compression": {"trigger_tokens": 25_600, "sliding_window": {"target_tokens": 12_800}},
}


class RememberingMind(ScriptedMind):
    """Keeps the tools it was told of."""

    def __call__(
        self, instruction: str, tools: Sequence[FunctionDeclaration], *, saved: bytes | None, seed: int
    ) -> ScriptedMind:
        self.tools = list(tools)
        return super().__call__(instruction, tools, saved=saved, seed=seed)


@pytest.mark.conformance("S11", "S12")
async def test_a_setup_with_much_in_it(client: Client, certificate: Certificate) -> None:
    mind, mouth = RememberingMind(), ToneMouth()
    async with standing(certificate, make_mind=mind, mouth=mouth) as stand:
        record = (
            await client.hold(
                stand.url(client),
                ["connect", {"model": "gemini-3.8-live", "config": config(**MUCH)}],
                ["text", "hello"],
                ["until", "handle"],
                ["close"],
            )
        ).record
    assert record.said == "You wrote hello."
    assert mind.log[0] == ("born", ("You are Sam.", None))
    assert mouth.voices == ["Kore"]
    (tool,) = mind.tools
    assert (tool.name, tool.description) == ("book", "Books.")
    assert tool.parameters is not None
    assert set(tool.parameters["properties"]) == {"user_id", "orderLines"}
    assert tool.parameters["required"] == ["user_id"]
