"""A server for one scenario: scripted ears and mind, over TLS and plain."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from tests.local.fakes import INSTANT, LoudDetector, ScriptedEars, ToneMouth
from vivavoce.local.front.certificate import Certificate
from vivavoce.local.server import Server, serve
from vivavoce.local.tempo import Tempo

from .sdks import Client

ENDLESS = Tempo(burst_ms=500, until_played=False)
"""With a clock that stands still: a reply of more than half a second never comes to its end by itself."""


@dataclass(frozen=True, slots=True)
class Stand:
    """A running server and its two addresses."""

    server: Server

    @property
    def secure_url(self) -> str:
        return f"https://localhost:{self.server.tls_port}"

    @property
    def plain_url(self) -> str:
        return f"http://localhost:{self.server.port}"

    def url(self, client: Client) -> str:
        """The address a client takes: the Python SDK speaks TLS only."""
        return self.plain_url if client.sdk.javascript else self.secure_url

    async def idle(self) -> None:
        """Wait until no client is connected."""
        async with asyncio.timeout(5):
            while self.server.sessions:  # noqa: ASYNC110  nothing tells of the last one
                await asyncio.sleep(0)


def config(**more: Any) -> dict[str, Any]:
    """A configuration that asks for sound and for both transcripts."""
    audio = {"response_modalities": ["AUDIO"]}
    return audio | {"input_audio_transcription": {}, "output_audio_transcription": {}} | more


@asynccontextmanager
async def standing(certificate: Certificate, **changes: Any) -> AsyncIterator[Stand]:
    """Serve; `changes` are arguments of `serve`."""
    given: dict[str, Any] = {
        "ears": ScriptedEars(),
        "mouth": ToneMouth(),
        "tempo": INSTANT,
        "make_detector": LoudDetector,
    }
    async with serve("localhost", certificate=certificate, **(given | changes)) as server:
        yield Stand(server)
