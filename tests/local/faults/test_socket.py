"""Each fault on a connection in memory: what the client gets in place of what the session sent."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import Any

import numpy as np
import pytest

from vivavoce.local.faults.socket import FaultySocket
from vivavoce.local.parts import PeerGone

from .line import SETUP_COMPLETE, TURN_COMPLETE, MemoryLine, Rig, content, message, sound

pytestmark = pytest.mark.conformance("S55")


def one(rule: str) -> str:
    return f"faults:\n  - {{{rule}}}\n"


async def through(text: str, *messages: bytes) -> MemoryLine:
    """What a client got of these messages."""
    line, socket = Rig(text).dial()
    async with socket:
        for each in messages:
            await socket.send(each)
    return line


WORDS = content(outputTranscription={"text": "one"})
MORE_WORDS = content(outputTranscription={"text": "two"})
HEARD = content(inputTranscription={"text": "hello"})
GENERATED = content(generationComplete=True)
INTERRUPTED = content(interrupted=True)
CALL = message(toolCall={"functionCalls": [{"id": "a", "name": "look"}, {"id": "b", "name": "look"}]})
TURN = (HEARD, WORDS, sound(), MORE_WORDS, sound(), GENERATED, TURN_COMPLETE)


async def test_without_faults_everything_passes_unchanged() -> None:
    line = await through("faults: []", SETUP_COMPLETE, *TURN, b"\x00 no json")
    assert line.raw == [SETUP_COMPLETE, *TURN, b"\x00 no json"]


async def test_close() -> None:
    line = await through(one("when: {server: audio, nth: 2}, do: close, code: 1011, reason: Over."), sound(), sound())
    assert (line.raw, line.ended) == ([sound(), sound()], (1011, "Over."))


async def test_reset_at_a_message_of_the_client() -> None:
    line, socket = Rig(one("when: {client: audio, nth: 2}, do: reset")).dial()
    async with socket:
        line.feed(realtimeInput={"audio": {}})
        await socket.receive()
        assert line.ended is None
        line.feed(realtime_input={"media_chunks": []})
        await socket.receive()
        with pytest.raises(PeerGone):
            await socket.receive()
        with pytest.raises(PeerGone):
            await socket.receive()
    assert line.ended == "reset"


async def test_a_setup_can_be_refused() -> None:
    line, socket = Rig(one("when: {client: setup}, do: close, code: 1008, reason: No.")).dial()
    async with socket:
        line.feed(setup={})
        await socket.receive()
        with pytest.raises(PeerGone):
            await socket.receive()
    assert line.ended == (1008, "No.")


@pytest.mark.parametrize(
    ("then", "wanted"), [("close, code: 1008, reason: Gone.", (1008, "Gone.")), ("reset", "reset"), ("silence", None)]
)
async def test_go_away(then: str, wanted: Any) -> None:
    rig = Rig(one(f"when: {{after_s: 5}}, do: go_away, lead_s: 2.5, then: {then}"))
    line, socket = rig.dial()
    async with socket:
        await socket.send(SETUP_COMPLETE)
        await rig.clock.turn(5)
        await line.until(lambda line: len(line.raw) == 2)
        assert line.sent[1] == {"goAway": {"timeLeft": "2.5s"}}
        await socket.send(WORDS)
        assert line.ended is None
        await rig.clock.turn(2.5)
        for _ in range(20):
            await asyncio.sleep(0)
        assert line.ended == wanted
        if wanted is None:
            await socket.send(WORDS)
        assert line.raw[2:] == [WORDS]


async def test_silence_ends() -> None:
    rig = Rig(one("when: {server: audio}, do: silence, for_s: 3"))
    line, socket = rig.dial()
    async with socket:
        for each in (sound(), WORDS):
            await socket.send(each)
        await rig.clock.turn(3)
        await socket.send(GENERATED)
    assert line.raw == [sound(), GENERATED]


async def test_a_stall_holds_both_directions_and_the_pongs() -> None:
    rig = Rig(one("when: {server: audio}, do: stall, for_s: 3"))
    line, socket = rig.dial()
    async with socket:
        await socket.send(sound())
        line.feed(realtimeInput={"text": "hello"})
        sending = asyncio.create_task(socket.send(WORDS))
        coming = asyncio.create_task(socket.receive())
        for _ in range(20):
            await asyncio.sleep(0)
        assert (line.raw, sending.done(), coming.done(), line.pongs) == ([sound()], False, False, [3])
        await rig.clock.turn(3)
        await sending
        assert json.loads(await coming) == {"realtimeInput": {"text": "hello"}}
        for _ in range(20):
            await asyncio.sleep(0)
        assert (line.raw, line.pongs) == ([sound(), WORDS], [3, 0])


@pytest.mark.parametrize(("delay", "wanted"), [("", None), (", delay_s: 30", 30.0)])
async def test_slow_pongs(delay: str, wanted: float | None) -> None:
    line = await through(one(f"when: {{server: setupComplete}}, do: slow_pong{delay}"), SETUP_COMPLETE)
    assert line.pongs == [wanted]


async def dial_again(rig: Rig, handle: str) -> MemoryLine:
    """A client that wants to resume; its line."""
    line, socket = rig.dial()
    async with socket:
        line.feed(setup={"sessionResumption": {"handle": handle}})
        try:
            await socket.receive()
            line.ended = "resumed"
        except PeerGone:
            pass
    return line


HANDLE = message(sessionResumptionUpdate={"newHandle": "h", "resumable": True})


async def test_handles_die() -> None:
    rig = Rig(one("when: {server: turnComplete}, do: dead_handles, times: 1"))
    line, socket = rig.dial()
    async with socket:
        for each in (TURN_COMPLETE, HANDLE):
            await socket.send(each)
    assert line.ended is None
    assert (await dial_again(rig, "h")).ended == (1008, "Requested entity was not found.")
    assert (await dial_again(rig, "h")).ended == "resumed"


async def test_a_handle_is_dead_on_one_connection() -> None:
    rig = Rig(one("when: {client: setup, link: 2}, do: dead_handles, times: 1"))
    assert (await dial_again(rig, "h")).ended == "resumed"
    assert (await dial_again(rig, "h")).ended == (1008, "Requested entity was not found.")
    assert (await dial_again(rig, "h")).ended == "resumed"


async def test_no_resumption_while_the_old_connection_lives() -> None:
    rig = Rig(one("when: {server: setupComplete, link: 1}, do: refuse_resume, for_s: 2"))
    _, socket = rig.dial()
    async with socket:
        for each in (SETUP_COMPLETE, HANDLE):
            await socket.send(each)
        assert (await dial_again(rig, "h")).ended == (1011, "Internal error encountered.")
        assert (await dial_again(rig, "another")).ended == "resumed"
    assert (await dial_again(rig, "h")).ended == (1011, "Internal error encountered.")
    await rig.clock.turn(2)
    assert (await dial_again(rig, "h")).ended == "resumed"


async def test_lost_messages() -> None:
    rule = "faults:\n  - {when: {server: interrupted}, do: lose}\n  - {when: {client: text}, do: lose}\n"
    assert (await through(rule, INTERRUPTED, TURN_COMPLETE)).raw == [TURN_COMPLETE]
    line, socket = Rig(rule).dial()
    async with socket:
        line.feed(realtimeInput={"text": "lost"})
        line.feed(realtimeInput={"text": "kept"})
        assert json.loads(await socket.receive()) == {"realtimeInput": {"text": "kept"}}


@pytest.mark.parametrize(("kind", "sent"), [("toolCall", CALL), ("interrupted", INTERRUPTED), ("audio", sound())])
async def test_repeated_messages(kind: str, sent: bytes) -> None:
    line = await through(one(f"when: {{server: {kind}}}, do: repeat, times: 2"), WORDS, sent, sent)
    assert line.raw == [WORDS, sent, sent, sent, sent]


async def test_truncated_json() -> None:
    line = await through(one("when: {server: toolCall}, do: truncated_json"), CALL, WORDS)
    assert line.raw == [CALL[: len(CALL) // 2], WORDS]


async def test_an_oversized_message() -> None:
    line = await through(one("when: {server: audio}, do: oversized_message"), sound())
    assert len(line.raw[1]) > 1024 * 1024
    json.loads(line.raw[1])


async def test_an_injected_message() -> None:
    rule = "when: {server: generationComplete}, do: inject, message: {serverContent: {interrupted: true}}"
    assert (await through(one(rule), GENERATED)).raw == [GENERATED, INTERRUPTED.replace(b" ", b"")]


async def test_cancelled_calls_are_answered_for_the_client() -> None:
    rig = Rig(one("when: {server: toolCall}, do: cancelled_tool_call, after_s: 1"))
    line, socket = rig.dial()
    async with socket:
        await socket.send(CALL)
        await rig.clock.turn(1)
        answer = json.loads(await socket.receive())["toolResponse"]["functionResponses"]
    assert line.sent[1] == {"toolCallCancellation": {"ids": ["a", "b"]}}
    assert [(each["id"], each["name"], "error" in each["response"]) for each in answer] == [
        ("a", "look", True),
        ("b", "look", True),
    ]


async def test_an_empty_turn() -> None:
    line = await through(one("when: {client: text}, do: empty_turn"), *TURN)
    assert line.raw == list(TURN), "only after a text"
    line, socket = Rig(one("when: {client: text}, do: empty_turn")).dial()
    async with socket:
        line.feed(realtimeInput={"text": "hello"})
        await socket.receive()
        for each in (*TURN, *TURN):
            await socket.send(each)
    assert line.raw == [HEARD, GENERATED, TURN_COMPLETE, *TURN], "one turn only"


async def test_a_turn_complete_that_comes_too_early() -> None:
    line = await through(one("when: {server: audio, turn: 2}, do: premature_turn_complete"), *TURN, *TURN, WORDS)
    premature, usage = {"serverContent": {"turnComplete": True}}, {"usageMetadata": {"totalTokenCount": 3}}
    start = len(TURN)
    assert line.raw[: start + 3] == [*TURN, HEARD, WORDS, sound()]
    assert line.sent[start + 3 :] == [premature, usage, json.loads(WORDS)]


async def test_transcripts_out_of_order() -> None:
    line = await through(one("when: {server: inputTranscription}, do: unordered_transcripts"), *TURN)
    wanted = [sound(), sound(), GENERATED, MORE_WORDS, WORDS, HEARD, TURN_COMPLETE]
    assert line.sent == [json.loads(each) for each in wanted]


async def test_slow_sound() -> None:
    rig = Rig(one("when: {server: audio}, do: slow_audio, delay_s: 2"))
    line, socket = rig.dial()
    async with socket:
        sending = asyncio.create_task(socket.send(sound()))
        for _ in range(20):
            await asyncio.sleep(0)
        assert line.raw == []
        await rig.clock.turn(2)
        await sending
        await socket.send(WORDS)
    assert line.raw == [sound(), WORDS]


async def test_bursts() -> None:
    line, socket = Rig(one("when: {server: audio}, do: burst, messages: 3")).dial()
    async with socket:
        for place, seen in enumerate([0, 0, 0, 4, 4, 6]):
            await socket.send([sound(), WORDS, sound(), sound(), sound(), GENERATED][place])
            assert len(line.raw) == seen
    assert line.raw == [sound(), WORDS, sound(), sound(), sound(), GENERATED]


@pytest.mark.parametrize("hz", [440, 0])
async def test_a_tone(hz: int) -> None:
    speech = sound(base64.b64encode(bytes(4800)))
    line = await through(one(f"when: {{server: audio}}, do: tone, hz: {hz}"), speech, speech, TURN_COMPLETE, speech)
    parts = [each["serverContent"]["modelTurn"]["parts"][0]["inlineData"] for each in (line.sent[0], line.sent[1])]
    pcm = np.frombuffer(b"".join(base64.b64decode(part["data"]) for part in parts), "<i2")
    assert len(pcm) == 4800
    times = np.arange(4800) / 24_000
    assert np.abs(pcm - np.sin(2 * np.pi * hz * times) * 0.3 * 32767).max() < 1
    assert line.raw[3] == speech


async def test_late_sound_after_an_interruption() -> None:
    rule = one("when: {server: interrupted}, do: late_audio, messages: 2")
    line = await through(rule, sound(), INTERRUPTED, TURN_COMPLETE)
    assert line.raw == [sound(), INTERRUPTED, sound(), sound(), TURN_COMPLETE]
    assert (await through(rule, INTERRUPTED)).raw == [INTERRUPTED], "no sound yet, none to repeat"


async def test_chance_is_the_seeds() -> None:
    async def lost(seed: int) -> list[int]:
        rule = f"seed: {seed}\nfaults:\n  - {{when: {{server: audio, chance: 0.3}}, do: lose}}\n"
        sent = [sound(b"%04d" % number) for number in range(40)]
        got = (await through(rule, *sent)).raw
        return [number for number, each in enumerate(sent) if each not in got]

    first = await lost(7)
    assert 4 <= len(first) <= 20
    assert await lost(7) == first
    assert await lost(8) != first


async def test_upgrades_are_refused_by_number() -> None:
    rig = Rig("faults:\n  - {when: {link: 2}, do: refuse_upgrade, status: 429}\n")
    assert [rig.faults.arrived() for _ in range(3)] == [(1, None), (2, 429), (3, None)]
    always = Rig("faults:\n  - {when: {chance: 1.0}, do: refuse_upgrade, status: 503}\n")
    assert always.faults.arrived() == (1, 503)


async def test_two_faults_at_once() -> None:
    rules = "faults:\n  - {when: {server: audio}, do: repeat}\n  - {when: {server: audio}, do: reset}\n"
    line = await through(rules, sound())
    assert (line.raw, line.ended) == ([sound(), sound()], "reset")


async def test_nothing_is_left_running() -> None:
    before = asyncio.all_tasks()
    line, socket = Rig(one("when: {after_s: 5}, do: reset")).dial()
    async with socket:
        await socket.send(SETUP_COMPLETE)
        line.feed(setup={})
        await socket.receive()
    assert asyncio.all_tasks() == before
    assert isinstance(socket, FaultySocket)


async def test_a_message_is_cut_in_the_middle() -> None:
    line = await through(one("when: {server: audio}, do: cut_message"), WORDS, sound())
    assert (line.raw, line.half, line.ended) == ([WORDS], sound(), "broken off")


async def test_rubbish_follows() -> None:
    line = await through(one("when: {server: audio}, do: rubbish, text: '[[['"), sound(), WORDS)
    assert line.raw == [sound(), "[[[", WORDS]


async def test_words_come_when_the_turn_is_over() -> None:
    line = await through(one("when: {server: outputTranscription}, do: late_words"), *TURN, WORDS)
    assert line.raw[:5] == [HEARD, sound(), sound(), GENERATED, TURN_COMPLETE]
    assert line.sent[5:] == [json.loads(each) for each in (WORDS, MORE_WORDS, WORDS)], "the next turn is as it was"


async def test_a_false_alarm() -> None:
    rig = Rig(one("when: {server: audio}, do: go_away, lead_s: 2, then: nothing"))
    line, socket = rig.dial()
    async with socket:
        await socket.send(sound())
        await rig.clock.turn(3)
        await socket.send(WORDS)
    assert line.sent[1:] == [{"goAway": {"timeLeft": "2s"}}, json.loads(WORDS)]
    assert line.ended is None


async def test_half_open() -> None:
    line, socket = Rig(one("when: {client: text}, do: half_open")).dial()
    async with socket:
        line.feed(realtimeInput={"text": "hello"})
        await socket.receive()
        sending = asyncio.create_task(socket.send(WORDS))
        for _ in range(20):
            await asyncio.sleep(0)
        assert line.raw == []
        assert (line.frozen, line.pongs, line.ended) == (True, [None], None)
        sending.cancel()


async def test_a_resumed_session_says_its_last_turn_again() -> None:
    rig = Rig(one("when: {client: setup, link: 2}, do: repeated_turn"))
    handle = message(sessionResumptionUpdate={"newHandle": "h", "resumable": True})
    _, first = rig.dial()
    async with first:
        for each in (sound(b"AAAA"), TURN_COMPLETE, WORDS, sound(b"BBBB"), TURN_COMPLETE, handle):
            await first.send(each)
    line, second = rig.dial()
    async with second:
        line.feed(setup={"sessionResumption": {"handle": "h"}})
        await second.receive()
        await second.send(SETUP_COMPLETE)
        await second.send(MORE_WORDS)
    assert line.raw == [SETUP_COMPLETE, WORDS, sound(b"BBBB"), MORE_WORDS]


async def test_a_fresh_session_says_nothing_again() -> None:
    line, socket = Rig(one("when: {client: setup}, do: repeated_turn")).dial()
    async with socket:
        line.feed(setup={})
        await socket.receive()
        await socket.send(SETUP_COMPLETE)
    assert line.raw == [SETUP_COMPLETE]


async def test_what_happened_is_told() -> None:
    rig = Rig(
        one("when: {server: audio, nth: 2}, do: repeat") + "  - {when: {link: 2}, do: refuse_upgrade, status: 503}\n"
    )
    _, socket = rig.dial()
    async with socket:
        for _ in range(3):
            await socket.send(sound())
    assert rig.faults.arrived() == (2, 503)
    assert rig.faults.happened == [(1, "Repeat"), (2, "RefuseUpgrade")]
