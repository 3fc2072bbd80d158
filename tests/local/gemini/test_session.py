"""One connection: how it begins, what it refuses, and that its faults stay its own."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest

from vivavoce.errors import WireError
from vivavoce.local.parts import Entrance, PeerGone, Rules
from vivavoce.wire.gemini.messages import Setup
from vivavoce.wire.gemini.wording import BAD_CREDENTIALS, Refused

from ..fakes import ToneMouth, speech
from .desk import INVALID, SETUP, Desk, breathe, parts, running, setup

BAD = {
    "not JSON": b"{",
    "not an object": b"[1]",
    "no kind": b"{}",
    "unknown kind": b'{"setups":{}}',
    "two kinds": b'{"toolResponse":{},"clientContent":{}}',
    "second setup": json.dumps({"setup": SETUP}).encode(),
    "bad base64": b'{"realtimeInput":{"audio":{"mimeType":"audio/pcm;rate=16000","data":"!!!!"}}}',
    "odd PCM": b'{"realtimeInput":{"audio":{"mimeType":"audio/pcm;rate=16000","data":"AAAA"}}}',
    "not PCM": b'{"realtimeInput":{"audio":{"mimeType":"audio/mp3","data":"AAA="}}}',
    "bad rate": b'{"realtimeInput":{"audio":{"mimeType":"audio/pcm;rate=1","data":"AAA="}}}',
    "two inputs": b'{"realtimeInput":{"text":"a","activityStart":{}}}',
    "no input": b'{"realtimeInput":{}}',
    "wrong type": b'{"realtimeInput":{"text":[1]}}',
    "wrong role": b'{"clientContent":{"turns":[{"role":"system","parts":[]}]}}',
    "unknown field": b'{"clientContent":{"turnsComplete":true}}',
}


@pytest.mark.conformance("S14", "S16", "S56")
@pytest.mark.parametrize("payload", BAD.values(), ids=BAD.keys())
async def test_bad_input_closes_this_session_only(payload: bytes) -> None:
    shared = parts()
    async with running(shared) as good, running(shared) as bad:
        await bad.ready()
        bad.socket.feed(payload)
        code, reason = await bad.over()
        assert code == 1007
        assert reason.startswith(("Request contains an invalid argument.", "Invalid JSON payload received."))
        assert bad.kinds() == ["setup_complete"]
        good.write("still here")
        await good.turns(1)


@pytest.mark.conformance("S13")
async def test_a_lenient_server_leaves_out_what_it_does_not_know(caplog: pytest.LogCaptureFixture) -> None:
    strange = {"clientContent": {"turns": [], "turnComplete": True, "turnsComplete": True}}
    caplog.set_level(logging.INFO)
    async with running(parts(rules=Rules(strict=False)), setup(model="models/of-my-own")) as desk:
        for count in (1, 2):
            desk.send(**strange)
            await desk.turns(count)
    assert caplog.text.count("left out") == 1
    assert "turnsComplete" not in caplog.text
    async with running(parts()) as desk:
        desk.send(**strange)
        assert await desk.over() == (
            1007,
            "Invalid JSON payload received. Unknown name \"turnsComplete\" at 'client_content': Cannot find field.",
        )


@pytest.mark.conformance("S10")
async def test_a_message_before_setup_closes() -> None:
    desk = Desk(parts())
    desk.write("hello")
    await desk.session.run()
    assert desk.socket.closed == INVALID
    assert desk.sent == []


async def test_a_client_that_says_nothing_is_let_go() -> None:
    desk = Desk(parts(setup_within_s=0.0))
    await desk.session.run()
    assert desk.socket.closed == (1011, "Deadline expired before operation could complete.")


async def test_a_client_that_leaves_before_its_setup() -> None:
    desk = Desk(parts())
    desk.socket.leave()
    await desk.session.run()
    assert desk.socket.closed is None


async def test_a_credential_may_change_the_setup_or_refuse_it() -> None:
    def admit(asked: Setup) -> Setup:
        if asked.model == SETUP["model"]:
            raise Refused(BAD_CREDENTIALS, code=1008)
        asked.model = SETUP["model"]
        return asked

    entrance = Entrance(admit=admit)
    async with running(parts(), setup(), entrance) as desk:
        assert await desk.over() == (1008, BAD_CREDENTIALS)
    async with running(parts(), setup("models/whatever"), entrance) as desk:
        await desk.ready()


async def test_affective_dialog_fails_where_the_service_fails() -> None:
    config = SETUP["generationConfig"] | {"enableAffectiveDialog": True}
    alpha = Entrance(version="v1alpha")
    async with running(parts(), setup(generationConfig=config), alpha) as desk:
        await desk.ready()
        assert desk.socket.closed is None
        desk.write("hello")
        assert await desk.over() == INVALID


class BrokenMouth(ToneMouth):
    """Fails at one word."""

    async def speak(self, text: str, voice: str) -> AsyncIterator[bytes]:
        if "break" in text:
            raise BrokenPipeError(text)
        async for piece in super().speak(text, voice):
            yield piece


@pytest.mark.conformance("S56")
async def test_a_failing_part_closes_the_session_that_used_it(caplog: pytest.LogCaptureFixture) -> None:
    shared = parts(mouth=BrokenMouth())
    async with running(shared) as good, running(shared) as bad:
        bad.write("break")
        assert await bad.over() == (1011, "Internal error encountered.")
        good.write("fine")
        await good.turns(1)
    assert "BrokenPipeError" in caplog.text
    assert "You wrote" not in caplog.text, "an error's text may hold a caller's words"


@pytest.mark.conformance("S56")
async def test_a_client_that_does_not_read_holds_up_nobody() -> None:
    shared = parts()
    async with running(shared) as good, running(shared) as stalled:
        waiting, gone = 0, asyncio.Event()

        async def stall(data: bytes | str) -> None:
            nonlocal waiting
            waiting += 1
            if waiting > 1:  # the setup is confirmed, then nothing is read any more
                await gone.wait()
                raise PeerGone

        stalled.socket.send = stall  # type: ignore[method-assign]
        stalled.write("hello")
        for _ in range(50):
            stalled.audio(speech(320))
        await breathe()
        good.write("still here")
        await good.turns(1)
        assert 1 < waiting < 10, "one message at a time is under way, not all that could be said"
        gone.set()


async def test_nothing_is_left_behind() -> None:
    before = asyncio.all_tasks()
    shared = parts()
    for _ in range(20):
        async with running(shared) as desk:
            desk.write("hello")
            desk.audio(speech(320))
            await desk.sees("turn_complete")
    await breathe()
    assert asyncio.all_tasks() == before


async def test_a_session_that_is_cancelled_lets_its_client_resume() -> None:
    shared = parts()
    before = asyncio.all_tasks()
    desk = Desk(shared)
    task = asyncio.create_task(desk.session.run())
    desk.send(setup=SETUP)
    desk.write("hello")
    handle = await desk.handle()
    desk.write("go on")
    task.cancel()
    await asyncio.wait([task])
    async with running(shared, SETUP | {"sessionResumption": {"handle": handle}}) as again:
        again.write("hello")
        await again.turns(1)
    assert asyncio.all_tasks() == before


async def test_the_server_may_go_away_from_a_client_that_is_gone() -> None:
    async with running(parts()) as desk:
        await desk.ready()
        await desk.socket.close(1000, "")
        await desk.session.go_away(5)


@pytest.mark.parametrize("wrong", [{"model": ""}, {}, {"generationConfig": {"responseModalities": ["AUDIO", "TEXT"]}}])
async def test_setups_that_are_refused(wrong: dict[str, Any]) -> None:
    async with running(parts(), SETUP | wrong if wrong else {"tools": []}) as desk:
        code, _ = await desk.over()
        assert code == 1007
        assert desk.sent == []


async def test_the_reason_for_a_close_is_the_services() -> None:
    assert issubclass(Refused, WireError)
    async with running(parts()) as desk:
        desk.send(realtimeInput={"audio": {"mimeType": "audio/mp3", "data": "AAA="}})
        assert await desk.over() == INVALID
