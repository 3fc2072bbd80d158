from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Literal

import numpy as np
import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response

from tests.guests.fakes import Call, Gateway, ToneVoice, TurnedClock, Watcher, gateway, in_call, reply_frame, until
from vivavoce.audio.levels import rms
from vivavoce.audio.pcm import from_bytes
from vivavoce.errors import InputError
from vivavoce.guests.client import FRAME_S, REPORT_FRAMES, CallerClient, Counters
from vivavoce.guests.guest import Guest, Interrupt, Topic
from vivavoce.guests.loudspeaker import Finished
from vivavoce.guests.microphone import MindSource
from vivavoce.guests.observer import Closed, Connected, Said
from vivavoce.wire import caller as wire

KIM = Guest(
    name="Kim",
    topics=(Topic("price", ("price",), ("nine dollars",)), Topic("rivals", ("rivals",), ("none",))),
    thinking_s=(0.5, 0.5),
    interrupts=(Interrupt(("market",), "sorry wait", after_s=0.5),),
)


@asynccontextmanager
async def call_of(
    *, typed: bool = False, consent: Literal["given", "refused"] = "given", watcher: Watcher | None = None
) -> AsyncIterator[Call]:
    async with gateway() as at:
        clock = TurnedClock()
        source = MindSource(KIM, None if typed else ToneVoice(), now=0.0)
        client = CallerClient(at.url, "abc.123", source, clock=clock, observer=watcher, consent=consent)
        async with in_call(at, client, clock) as call:
            yield call


def of(at: Gateway) -> list[wire.Played]:
    return [message for message in at.messages if isinstance(message, wire.Played)]


async def test_offers_ticket_and_says_hello_first() -> None:
    async with call_of() as call:
        assert call.gateway.offered == ["vivavoce.v1", "ticket.abc.123"]
        assert call.gateway.messages == [wire.Hello(mode="voice", echo_cancelled=True, client="guest")]


async def test_a_frame_every_32_ms_whose_positions_count_through() -> None:
    async with call_of() as call:
        await call.tick(10)
        call.clock.turn_to(call.clock.at_s + 5 * FRAME_S)  # a stall: what was missed follows at once
        await until(lambda: len(call.gateway.frames) == 15)
        await call.tick(1)
        assert [frame.position for frame in call.gateway.frames] == [512 * number for number in range(16)]
        assert {len(frame.pcm) for frame in call.gateway.frames} == {1_024}
        assert {(frame.kind, frame.speaker, frame.reply) for frame in call.gateway.frames} == {
            (wire.FrameKind.MIC, 0, 0)
        }
        assert rms(np.concatenate([from_bytes(frame.pcm) for frame in call.gateway.frames])) > 0.001


async def test_the_clock_does_not_drift() -> None:
    async with call_of() as call:
        for number in range(1, 101):  # each wake-up is late by up to a third of a frame
            call.clock.turn_to(number * FRAME_S + 0.01 * (number % 2))
            await until(lambda wanted=number: len(call.gateway.frames) == wanted)  # type: ignore[misc]
            await until(lambda: call.clock.asleep)


async def test_reports_what_was_heard_and_the_end() -> None:
    async with call_of() as call:
        await call.reply(1, 1, "Hello.", samples=768 * 8)
        await call.tick(9)
        reports = of(call.gateway)
        assert [report.samples for report in reports] == [768 * 3, 768 * 6, 768 * 8]
        assert [report.at for report in reports] == [512 * 3, 512 * 6, 512 * 8]
        assert pytest.approx(0.096) == REPORT_FRAMES * FRAME_S
        assert call.client.counters.frames_sent == 9


async def test_hold_resume_and_cut() -> None:
    async with call_of() as call:
        await call.reply(1, 1, "Hello there.", samples=768 * 20)
        await call.tick(4)
        await call.send(wire.Hold(reply=1))
        await call.tick(10)
        assert of(call.gateway)[-1] == wire.Played(reply=1, samples=768 * 4, at=512 * 4)
        await call.send(wire.Resume(reply=1))
        await call.tick(4)
        assert of(call.gateway)[-1].samples > 768 * 4
        await call.send(wire.Cut(reply=1))
        await call.tick(1)
        last = of(call.gateway)[-1]
        assert last.samples == 768 * 8
        await call.send(reply_frame(1, 768 * 20, 768))
        await call.tick(5)
        assert of(call.gateway)[-1] == last
        assert (await hung_up(call)).late_frames == 1


async def hung_up(call: Call) -> Counters:
    await call.send(wire.Ended(reason="done"))
    await call.tick_until(call.task.done)
    return call.client.counters


async def test_answers_a_question_with_sound() -> None:
    watcher = Watcher()
    async with call_of(watcher=watcher) as call:
        await call.reply(1, 1, "What is the price?", samples=768 * 10)
        await call.tick(10)
        await call.heard(1, "What is the price?")
        stopped = call.clock.at_s
        await call.tick_until(lambda: any(isinstance(event, Said) for event in watcher.events))
        assert 0.4 < call.clock.at_s - stopped < 0.7
        start = len(call.gateway.frames)
        await call.tick(4)
        loud = np.concatenate([from_bytes(frame.pcm) for frame in call.gateway.frames[start:]])
        assert rms(loud) > 0.06
        assert rms(np.concatenate([from_bytes(frame.pcm) for frame in call.gateway.frames[: start - 2]])) < 0.003


async def test_interrupts_while_the_reply_is_played() -> None:
    watcher = Watcher()
    async with call_of(watcher=watcher) as call:
        await call.reply(1, 1, "Let us talk about the market and all that.", samples=24_000 * 3)
        await call.tick_until(lambda: any(isinstance(event, Said) for event in watcher.events))
        assert [event.text for event in watcher.events if isinstance(event, Said)] == ["sorry wait"]
        assert not any(isinstance(event, Finished) for event in watcher.events)
        assert 0.5 <= call.clock.at_s < 0.7


async def test_nudges_a_silent_agent() -> None:
    watcher = Watcher()
    async with call_of(watcher=watcher) as call:
        await call.tick_until(lambda: any(isinstance(event, Said) for event in watcher.events))
        assert 8.0 <= call.clock.at_s < 8.2


async def test_types_when_it_has_no_voice() -> None:
    watcher = Watcher()
    async with call_of(typed=True, watcher=watcher) as call:
        assert call.gateway.messages == [wire.Hello(mode="text", echo_cancelled=True, client="guest")]
        await call.send(wire.Caption(who="alex", turn=1, text="What is the price?", final=True))
        await call.tick_until(lambda: any(isinstance(event, Said) for event in watcher.events))
        await call.tick(1)
        await until(lambda: wire.Typed(text="nine dollars") in call.gateway.messages)
        assert call.gateway.frames == []


@pytest.mark.parametrize("decision", ["given", "refused"])
async def test_answers_whether_it_may_be_recorded(decision: Literal["given", "refused"]) -> None:
    async with call_of(consent=decision) as call:
        await call.send(wire.Welcome(call="c1", consent="ask"))
        await call.tick(1)
        assert call.gateway.of(wire.Consent) == [wire.Consent(decision=decision)]


async def test_is_not_asked_when_nothing_is_recorded() -> None:
    async with call_of() as call:
        await call.send(wire.Welcome(call="c1"))
        await call.tick(2)
        assert call.gateway.of(wire.Consent) == []


async def test_rubbish_is_counted_and_ignored() -> None:
    async with call_of() as call:
        huge = wire.encode_frame(reply_frame(1, 2**40, 1))
        await call.send(
            "{",
            "[]",
            '{"kind": "sing"}',
            '{"kind": "cut"}',
            b"",
            b"\0" * 16,
            b"\1\2" + b"\0" * 15,
            huge,
            '{"kind":"leave"}',
        )
        await call.reply(1, 1, "Hello.", samples=768)
        await call.tick(3)
        assert of(call.gateway)[-1] == wire.Played(reply=1, samples=768, at=512)
        assert (await hung_up(call)).rubbish == 9


async def test_ends_with_the_gateways_reason() -> None:
    watcher = Watcher()
    async with call_of(watcher=watcher) as call:
        await call.send(wire.Ended(reason="done", text="The interview is complete."))
        await call.tick_until(call.task.done)
        outcome = call.task.result()
        assert (outcome.reason, outcome.code, outcome.text) == ("done", 1000, "The interview is complete.")
        assert isinstance(watcher.events[0], Connected)
        assert watcher.events[-1] == Closed(1000, "The interview is complete.")


async def test_leaves_after_the_goodbyes_and_waits_for_the_last_words() -> None:
    async with call_of() as call:
        await call.heard(1, "That was all. Goodbye.")
        await call.tick_until(lambda: bool(call.gateway.of(wire.Leave)))
        await call.send(wire.Ended(reason="caller_left"))
        await call.tick_until(call.task.done)
        assert call.task.result().reason == "caller_left"
        assert len(call.gateway.of(wire.Leave)) == 1


async def test_leaves_a_server_that_does_not_answer() -> None:
    async with call_of() as call:
        await call.heard(1, "That was all. Goodbye.")
        await call.tick_until(call.task.done)
        assert call.task.result().reason == "left"
        assert len(call.gateway.of(wire.Leave)) == 1


async def test_a_server_that_goes_away() -> None:
    watcher = Watcher()
    async with call_of(watcher=watcher) as call:
        await call.tick(3)
        assert call.gateway.socket is not None
        call.gateway.socket.transport.abort()
        await call.tick_until(call.task.done)
        outcome = call.task.result()
        assert (outcome.reason, outcome.code) == ("closed", 1006)
        assert outcome.text == "the server is gone (1006)"
        assert watcher.events[-1] == Closed(1006, outcome.text)


async def lost(call: Call) -> None:
    """The line breaks, and the client is back by another one."""
    before, hellos = call.gateway.socket, len(call.gateway.of(wire.Hello))
    assert before is not None
    before.transport.abort()
    await until(lambda: call.gateway.gone)
    while len(call.gateway.of(wire.Hello)) == hellos:
        call.clock.turn_to(call.clock.at_s + FRAME_S)
        await until(lambda: call.clock.asleep or len(call.gateway.of(wire.Hello)) > hellos)
    call.gateway.gone = False


async def test_goes_back_to_its_call_when_the_line_breaks() -> None:
    watcher = Watcher()
    async with call_of(watcher=watcher) as call:
        await call.send(wire.Welcome(call="c", consent="ask", resume="back-1"))
        await call.send(*[reply_frame(1, at, 4_800) for at in range(0, 24_000, 4_800)])
        await call.tick(4)
        await lost(call)
        sent = len(call.gateway.frames)
        call.clock.at_s += 10 * FRAME_S
        assert call.gateway.offered == ["vivavoce.v1", "ticket.back-1"]
        assert call.gateway.of(wire.Hello)[-1] == wire.Hello(
            mode="voice", echo_cancelled=True, client="guest", reply=1, samples=call.client._loudspeaker.heard(1)
        )
        heard = call.client._loudspeaker.heard(1)
        assert heard >= 4 * 768
        assert len(call.gateway.frames) == sent, "nothing is said before the welcome"
        await call.send(wire.Welcome(call="c", consent="ask", resume="back-2", returned=True), wire.Resume(reply=1))
        await call.send(*[reply_frame(1, at, 4_800) for at in range(heard, 24_000 - 4_800, 4_800)])
        await call.send(wire.ReplyDone(reply=1, samples=24_000))
        await call.tick_until(lambda: any(isinstance(event, Finished) for event in watcher.events))
        positions = [frame.position // 512 for frame in call.gateway.frames]
        assert positions == sorted(set(positions))
        assert positions[sent] >= sent + 9, "what was said to nobody is left out"
        assert call.client._loudspeaker.played_samples == 24_000, "nothing is heard twice, nothing is missing"
        assert len(call.gateway.of(wire.Consent)) == 1
        assert call.client.counters.returns == 1


async def test_a_cut_is_of_all_replies_before_it_too() -> None:
    async with call_of() as call:
        await call.send(*[reply_frame(number, 0, 4_800) for number in (1, 2, 3)], wire.Cut(reply=2))
        assert call.client._loudspeaker.current == 3
        await call.tick(1)
        assert call.client._loudspeaker.heard(3) == 768


async def test_a_ticket_serves_until_there_is_a_new_one() -> None:
    async with call_of() as call:
        await call.send(wire.Welcome(call="c", resume="back-1"))
        await call.tick(1)
        await lost(call)
        await lost(call)
        assert call.gateway.offered[1] == "ticket.back-1"
        await call.send(wire.Welcome(call="c", resume="back-2", returned=True))
        await call.tick(1)
        await lost(call)
        assert call.gateway.offered[1] == "ticket.back-2"


@pytest.mark.parametrize("code", [wire.CloseCode.REPLACED, wire.CloseCode.NOT_AUTHORISED, wire.CloseCode.FAILED])
async def test_some_closes_are_for_good(code: wire.CloseCode) -> None:
    async with call_of() as call:
        await call.send(wire.Welcome(call="c", resume="back-1"))
        assert call.gateway.socket is not None
        await call.gateway.socket.close(code, "no")
        await call.tick_until(call.task.done)
        assert (call.task.result().reason, call.task.result().code) == ("closed", code)
        assert len(call.gateway.of(wire.Hello)) == 1


async def test_a_server_that_stays_away_is_given_up() -> None:
    async with call_of() as call:
        await call.send(wire.Welcome(call="c", resume="back-1"))
        await call.tick(1)
        call.gateway.accept = False
        assert call.gateway.socket is not None
        call.client._url = "ws://127.0.0.1:1/"  # nobody listens there
        call.gateway.socket.transport.abort()
        began = call.clock.at_s
        while not call.task.done():
            call.clock.turn_to(call.clock.at_s + 1.0)
            await until(lambda: call.task.done() or call.clock.asleep)
        assert call.task.result().reason == "closed"
        assert call.clock.at_s - began <= 121.0


async def test_a_server_that_lets_in_and_shuts_at_once_is_not_hurried_and_given_up() -> None:
    async with call_of() as call:
        await call.send(wire.Welcome(call="c", resume="back-1"))
        await call.tick(1)
        began, tries = call.clock.at_s, 0
        while not call.task.done():
            hellos = len(call.gateway.of(wire.Hello))
            assert call.gateway.socket is not None
            await call.gateway.socket.close(wire.CloseCode.BUSY, "later")
            while not call.task.done() and len(call.gateway.of(wire.Hello)) == hellos:
                call.clock.turn_to(call.clock.at_s + 0.5)
                await until(lambda: call.task.done() or call.clock.asleep or len(call.gateway.of(wire.Hello)) > hellos)  # noqa: B023
            tries += 1
            assert tries < 30
        assert call.clock.at_s - began <= 121.0


async def test_a_close_code_reaches_the_observer_in_words() -> None:
    watcher = Watcher()
    async with gateway(accept=False) as at:
        clock = TurnedClock()
        client = CallerClient(at.url, "old", MindSource(KIM, None, now=0.0), clock=clock, observer=watcher)
        async with in_call(at, client, clock) as call:
            await call.tick_until(call.task.done)
            outcome = call.task.result()
    assert (outcome.reason, outcome.code) == ("closed", 4401)
    assert outcome.text == "the ticket was not accepted: unknown, used or expired (4401: ticket unknown)"
    assert watcher.events[-1] == Closed(4401, outcome.text)


async def test_nobody_listens() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        outcome = await CallerClient(f"ws://127.0.0.1:{port}/", "t", MindSource(KIM, None, now=0.0)).run()
    assert (outcome.reason, outcome.code) == ("unreachable", 1006)
    assert "ConnectionRefusedError" in outcome.text


async def test_the_handshake_is_refused() -> None:
    def refuse(connection: ServerConnection, request: Request) -> Response:
        return connection.respond(HTTPStatus.FORBIDDEN, "no\n")

    async def never(connection: ServerConnection) -> None:
        raise AssertionError

    async with serve(never, "127.0.0.1", 0, process_request=refuse) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        outcome = await CallerClient(f"ws://127.0.0.1:{port}/", "t", MindSource(KIM, None, now=0.0)).run()
    assert outcome.text == "the server refused the call with HTTP status 403"


async def test_an_address_that_is_none() -> None:
    outcome = await CallerClient("http://127.0.0.1/", "t", MindSource(KIM, None, now=0.0)).run()
    assert outcome.reason == "unreachable"


def test_a_ticket_cannot_smuggle_headers() -> None:
    with pytest.raises(InputError) as caught:
        CallerClient("ws://127.0.0.1/", "secret\r\nx: y", MindSource(KIM, None, now=0.0))
    assert "secret" not in str(caught.value)


async def test_cancelling_hangs_up() -> None:
    async with call_of() as call:
        await call.tick(2)
        call.task.cancel()
        await until(lambda: call.gateway.gone)
