"""A stranger's program, not a word of it changed: the variables that `viva live --print-env` prints are enough."""

from __future__ import annotations

import pytest

from tests.local.fakes import ScriptedMind
from vivavoce.app.live import LiveOptions, environment
from vivavoce.local.front.certificate import Certificate

from .sdks import JAVASCRIPT, OPENAI, PYTHON, Client, Sdk
from .stand import Stand, config, standing

pytestmark = [pytest.mark.slow, pytest.mark.conformance("S1")]

OPTIONS = LiveOptions(keys=("right",))


def client_of(sdk: Sdk, stand: Stand, certificate: Certificate) -> Client:
    sdk.require()
    ports = {"port": stand.server.port, "tls_port": stand.server.tls_port}
    return Client(sdk, environment(OPTIONS, certificate, **ports))


@pytest.mark.parametrize("sdk", [*PYTHON, *JAVASCRIPT], ids=lambda sdk: sdk.name)
async def test_variables_are_enough(sdk: Sdk, certificate: Certificate) -> None:
    async with standing(certificate, make_mind=ScriptedMind(), keys=OPTIONS.keys) as stand:
        with client_of(sdk, stand, certificate) as client:
            connect = ["connect", {"model": "gemini-3.8-live", "config": config()}]
            record = (await client.hold(None, connect, ["text", "hello"], ["until", "turn"], ["close"])).record
    assert record.said == "You wrote hello."


async def test_variables_are_enough_for_the_other_service(certificate: Certificate) -> None:
    async with standing(certificate, make_mind=ScriptedMind(), keys=OPTIONS.keys) as stand:
        with client_of(OPENAI, stand, certificate) as client:
            steps = (["connect", "gpt-realtime"], ["text", "hello"], ["until", "response.done"], ["close"])
            record = (await client.hold(None, *steps)).record
    assert record.said == "You wrote hello."
