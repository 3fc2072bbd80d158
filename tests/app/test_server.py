"""The server from outside: booking, tickets, the handshake, and peers that misbehave."""

from __future__ import annotations

import asyncio
import platform
import socket as net
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from websockets.exceptions import ConnectionClosed

from tests.app.conftest import House, receive_answered, receive_until
from tests.gateway.peers import FakeSocket, until
from vivavoce.app import carrying
from vivavoce.app.agent_files import agents_in
from vivavoce.app.filing import OWNER, replay_call
from vivavoce.app.server import listen, make_app, running
from vivavoce.app.services import open_services
from vivavoce.app.settings import Settings
from vivavoce.errors import SettingsError, StoreError
from vivavoce.findings.collect import collect
from vivavoce.store.store import Store
from vivavoce.wire import caller as wire

pytestmark = pytest.mark.slow


async def closed_with(house: House, ticket: str, *subprotocols: str) -> int | None:
    async with house.connect(ticket, *subprotocols) as socket:
        async with asyncio.timeout(10):
            await socket.wait_closed()
        return socket.close_code


async def test_a_call_from_booking_to_record(house: House) -> None:
    async with httpx.AsyncClient(base_url=house.url) as http:
        booked = (await http.post("/api/v1/calls", json={"agent": "founder"})).raise_for_status().json()
        health = (await http.get("/health")).json()
    assert health["engines"]["backend"] == "local"
    async with house.connect(booked["ticket"]) as socket:
        assert socket.subprotocol == wire.SUBPROTOCOL
        await socket.send(wire.encode(wire.Hello(mode="text")))
        welcome = (await receive_until(socket, wire.Welcome))[0]
        assert isinstance(welcome, wire.Welcome)
        assert welcome.call == booked["call"]
        await receive_until(socket, wire.Caption)
        await socket.send(wire.encode(wire.Consent(decision="given")))
        await socket.send(wire.encode(wire.Typed(text="We lost two days of work on March 3rd 2026.")))
        facts = await receive_answered(socket)
        assert isinstance(facts[-1], wire.Fact)
        await socket.send(wire.encode(wire.Leave()))
        await receive_until(socket, wire.Ended)
    await house.desk.finished(booked["call"])
    record = await collect(house.desk.store, booked["call"])
    assert record.turns[0].who == "alex"
    assert any("March 3rd" in turn.text for turn in record.turns)
    assert record.notes == ()
    stored = await house.desk.store.call(booked["call"])
    assert stored is not None
    assert stored.end_reason == "caller_hung_up"
    assert await replay_call(house.desk.store, booked["call"]) > 5


async def test_a_handshake_that_does_not_hold_uses_no_ticket_up(house: House) -> None:
    _, ticket = await house.ticket()
    reader, writer = await asyncio.open_connection("127.0.0.1", house.port)
    writer.write(
        b"GET /api/v1/talk HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Version: 12\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        b"Sec-WebSocket-Protocol: vivavoce.v1, ticket.%b\r\n\r\n" % ticket.encode()
    )
    assert b" 400 " in await reader.readline()
    writer.close()
    async with house.connect(ticket) as socket:
        await socket.send(wire.encode(wire.Hello(mode="text")))
        await receive_until(socket, wire.Welcome)
        assert house.desk.calls == 1
        await socket.send(wire.encode(wire.Leave()))


async def test_a_ticket_opens_its_socket_once(house: House) -> None:
    _, ticket = await house.ticket()
    async with house.connect(ticket) as socket:
        await socket.send(wire.encode(wire.Hello(mode="text")))
        await receive_until(socket, wire.Welcome)
        assert await closed_with(house, ticket) == wire.CloseCode.NOT_AUTHORISED
        await socket.send(wire.encode(wire.Leave()))
        await receive_until(socket, wire.Ended)


@pytest.mark.parametrize("ticket", ["", "made-up"])
async def test_no_ticket_no_call(house: House, ticket: str) -> None:
    assert await closed_with(house, ticket) == wire.CloseCode.NOT_AUTHORISED
    assert await closed_with(house, "", wire.SUBPROTOCOL) == wire.CloseCode.NOT_AUTHORISED
    assert house.desk.calls == 0


async def test_another_subprotocol_is_refused_with_words(house: House) -> None:
    assert await closed_with(house, "", "vivavoce.v9") == wire.CloseCode.PROTOCOL


async def test_an_oversized_frame_ends_only_its_own_call(house: House) -> None:
    (_, first), (call, second) = await house.ticket(), await house.ticket()
    async with house.connect(first) as bad, house.connect(second) as good:
        for socket in (bad, good):
            await socket.send(wire.encode(wire.Hello(mode="text")))
            await receive_until(socket, wire.Welcome)
        await bad.send(bytes(wire.MAX_FRAME_BYTES + 1))
        with pytest.raises(ConnectionClosed):
            await receive_until(bad, wire.Ended)
        assert bad.close_code == wire.CloseCode.TOO_BIG
        await good.send(wire.encode(wire.Leave()))
        await receive_until(good, wire.Ended)
    await house.desk.finished(call)
    stored = await house.desk.store.call(call)
    assert stored is not None
    assert stored.end_reason == "caller_hung_up"


async def test_bad_bookings_say_what_was_wanted(house: House) -> None:
    async with httpx.AsyncClient(base_url=house.url) as http:
        for name in ("nobody", "../founder", "", "founder.yaml"):
            answer = await http.post("/api/v1/calls", json={"agent": name})
            assert answer.status_code == 404
            assert "the agents founder" in answer.json()["error"]
        for body in (b"{", b"{}", b'{"agent": NaN}', b'{"agent": 7}', b'{"agent": "' + b"x" * 100 + b'"}'):
            answer = await http.post("/api/v1/calls", content=body, headers={"content-type": "application/json"})
            assert answer.status_code == 422
            assert "xxxx" not in answer.text
        for escaped in (rb"\ud800", rb"a\u0000b"):
            body = b'{"agent": "' + escaped + b'"}'
            answer = await http.post("/api/v1/calls", content=body, headers={"content-type": "application/json"})
            assert answer.status_code in (400, 404, 422)
        big = await http.post("/api/v1/calls", content=b" " * 100_000, headers={"content-type": "application/json"})
        assert big.status_code == 413


async def test_a_broken_agent_file_does_not_leave_the_house(house: House) -> None:
    folder = Path(house.desk.settings.agents_dir)
    (folder / "broken.yaml").write_text("root:x:0:0:the secret of the house\n")
    (folder / "latin.yaml").write_bytes(b"spec: 1\nname: \xff\n")
    async with httpx.AsyncClient(base_url=house.url) as http:
        answer = await http.post("/api/v1/calls", json={"agent": "broken"})
        assert (answer.status_code, "secret" in answer.text) == (500, False)
        assert (await http.post("/api/v1/calls", json={"agent": "latin"})).status_code == 400
    assert [agent.spec.name for agent in agents_in(house.desk.settings)] == ["founder-validation"]


async def test_a_storage_that_fails_is_told_and_no_call_is_left_open(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    call, ticket = await house.ticket()

    async def fail(*_: object, **__: object) -> None:
        raise StoreError("the disk is full")

    async with house.connect(ticket) as socket:
        await socket.send(wire.encode(wire.Hello(mode="text")))
        await receive_until(socket, wire.Welcome)
        monkeypatch.setattr(carrying, "FILE_AGAIN_S", (0.0,))
        monkeypatch.setattr(Store, "update_call", fail)  # one step of the filing fails
        await socket.send(wire.encode(wire.Leave()))
        await receive_until(socket, wire.Ended)
    await house.desk.finished(call)
    stored = await house.desk.store.call(call)
    assert stored is not None
    assert stored.end_reason == "caller_hung_up"
    monkeypatch.setattr(Store, "create_call", fail)
    monkeypatch.setattr(Store, "redeem_ticket", fail)
    async with httpx.AsyncClient(base_url=house.url) as http:
        answer = await http.post("/api/v1/calls", json={"agent": "founder"})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
    assert await closed_with(house, "x") == wire.CloseCode.FAILED


async def test_a_stopping_server_says_goodbye(house: House) -> None:
    call, ticket = await house.ticket()
    _, late = await house.ticket()
    async with house.connect(ticket) as socket:
        await socket.send(wire.encode(wire.Hello(mode="text")))
        await receive_until(socket, wire.Welcome)
        house.desk.stop()
        ended = (await receive_until(socket, wire.Ended))[-1]
        assert isinstance(ended, wire.Ended)
        assert ended.reason == "server_stopping"
        await socket.wait_closed()
        assert socket.close_code == wire.CloseCode.GOING_AWAY
    await house.desk.finished(call)
    assert await closed_with(house, late) == wire.CloseCode.GOING_AWAY


async def test_who_arrives_while_the_server_stops_is_told_too(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    call, ticket = await house.ticket()
    redeem = Store.redeem_ticket

    async def stopped_meanwhile(store: Store, *args: Any, **options: Any) -> str | None:
        found = await redeem(store, *args, **options)
        house.desk.stop()
        return found

    monkeypatch.setattr(Store, "redeem_ticket", stopped_meanwhile)
    async with asyncio.timeout(10), house.connect(ticket) as socket:
        await socket.send(wire.encode(wire.Hello(mode="text")))
        ended = (await receive_until(socket, wire.Ended))[-1]
        assert isinstance(ended, wire.Ended)
        assert ended.reason == "server_stopping"
    await house.desk.finished(call)


async def test_a_call_booked_at_a_server_that_died_is_whose_carries_it(house: House) -> None:
    """Two servers of one database on one machine: the next start of the one must not file what the other carries."""
    call, ticket = await house.ticket()
    dead = await asyncio.create_subprocess_exec(sys.executable, "-c", "")
    await dead.wait()
    await house.desk.store.update_call(call, owner=f"{platform.node()}:{dead.pid}")
    async with house.connect(ticket) as socket:
        await socket.send(wire.encode(wire.Hello(mode="text")))
        await receive_until(socket, wire.Welcome)
        carried = await house.desk.store.call(call)
        assert carried is not None
        assert carried.owner == OWNER
        await socket.send(wire.encode(wire.Leave()))
        await receive_until(socket, wire.Ended)
    await house.desk.finished(call)


async def test_a_full_house_says_so(house: House) -> None:
    tickets = [(await house.ticket())[1] for _ in range(4)]
    async with house.connect(tickets[0]) as one, house.connect(tickets[1]) as two, house.connect(tickets[2]) as three:
        for socket in (one, two, three):
            await socket.send(wire.encode(wire.Hello(mode="text")))
            await receive_until(socket, wire.Welcome)
        assert await closed_with(house, tickets[3]) == wire.CloseCode.BUSY
        async with httpx.AsyncClient(base_url=house.url) as http:
            answer = await http.post("/api/v1/calls", json={"agent": "founder"})
        assert answer.status_code == 503
        assert answer.headers["retry-after"]


async def test_a_caller_comes_back_to_a_full_house(house: House) -> None:
    call, ticket = await house.ticket()
    house.desk.settings = msgspec.structs.replace(house.desk.settings, max_calls=1)
    async with house.connect(ticket) as socket:
        await socket.send(wire.encode(wire.Hello(mode="text")))
        first = (await receive_until(socket, wire.Welcome))[0]
        assert isinstance(first, wire.Welcome)
        socket.transport.abort()
    async with house.connect(first.resume) as back:
        await back.send(wire.encode(wire.Hello(mode="text")))
        welcome = (await receive_until(back, wire.Welcome))[0]
        assert isinstance(welcome, wire.Welcome)
        assert (welcome.call, welcome.returned) == (call, True)
        assert house.desk.calls == 1
        async with httpx.AsyncClient(base_url=house.url) as http:
            live = (await http.get("/api/v1/calls", params={"state": "live"})).raise_for_status().json()
        assert [each["id"] for each in live["calls"]] == [call]
        await back.send(wire.encode(wire.Typed(text="We lost two days of work on March 3rd 2026.")))
        await receive_until(back, wire.Fact)
        house.desk.settings = msgspec.structs.replace(house.desk.settings, max_calls=3)
        assert await closed_with(house, first.resume) == wire.CloseCode.NOT_AUTHORISED, "it is spent"
        async with house.connect(welcome.resume) as third:
            await third.send(wire.encode(wire.Hello(mode="text")))
            shown = await receive_until(third, wire.Fact)
            assert any(isinstance(message, wire.Caption) for message in shown)
            async with asyncio.timeout(10):
                with suppress(ConnectionClosed):
                    while True:  # a client that reads nothing more never comes to the close
                        await back.recv()
            assert back.close_code == wire.CloseCode.REPLACED
            await third.send(wire.encode(wire.Leave()))
            await receive_until(third, wire.Ended)
            async with asyncio.timeout(10):
                await third.wait_closed()
            assert third.close_code == wire.CloseCode.NORMAL
    await house.desk.finished(call)
    assert await replay_call(house.desk.store, call) > 5
    assert await closed_with(house, welcome.resume) == wire.CloseCode.NOT_AUTHORISED


async def test_callers_that_come_at_once_do_not_slip_past_the_limit(house: House) -> None:
    house.desk.settings = msgspec.structs.replace(house.desk.settings, max_calls=2)
    tickets = [(await house.ticket())[1] for _ in range(6)]
    sockets = [FakeSocket() for _ in tickets]
    talks = [
        asyncio.create_task(house.desk.talk(socket, ticket)) for socket, ticket in zip(sockets, tickets, strict=True)
    ]
    await until(lambda: sum(socket.closed is not None for socket in sockets) + house.desk.calls == 6)
    for socket in sockets:
        socket.say(None)
    await asyncio.gather(*talks)
    codes = [socket.closed[0] for socket in sockets if socket.closed is not None]
    assert codes.count(wire.CloseCode.BUSY) == 4


async def test_a_model_that_drops_is_resumed_and_the_talk_goes_on(house: House) -> None:
    call, ticket = await house.ticket()
    async with house.connect(ticket) as socket:
        await socket.send(wire.encode(wire.Hello(mode="text")))
        await receive_until(socket, wire.Caption)
        assert house.model.drop() == 1
        seen = await receive_until(socket, wire.Notice)
        assert isinstance(seen[-1], wire.Notice)
        assert seen[-1].code == "reconnecting"
        await socket.send(wire.encode(wire.Typed(text="We lost two days of work on March 3rd 2026.")))
        await receive_answered(socket)
        await socket.send(wire.encode(wire.Leave()))
        await receive_until(socket, wire.Ended)
    await house.desk.finished(call)
    assert await replay_call(house.desk.store, call) > 5


async def test_a_key_guards_the_booking(house: House, tmp_path: Path) -> None:
    settings = msgspec.structs.replace(house.desk.settings, api_key="very-secret", data_dir=str(tmp_path / "other"))
    async with (
        open_services(settings) as services,
        running(services) as port,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http,
    ):
        assert (await http.post("/api/v1/calls", json={"agent": "founder"})).status_code == 401
        headers = {"Authorization": "Bearer very-secret"}
        assert (await http.post("/api/v1/calls", json={"agent": "founder"}, headers=headers)).status_code == 201


def test_a_public_server_needs_a_key() -> None:
    with pytest.raises(SettingsError, match="want api_key"):
        listen(Settings(host="0.0.0.0", port=0))
    with listen(Settings(host="127.0.0.1", port=0)) as taken:
        taken.listen()
        with pytest.raises(SettingsError, match="want to listen on"):
            listen(Settings(host="127.0.0.1", port=taken.getsockname()[1]))


async def test_what_is_said_leaves_at_once() -> None:
    """Otherwise the second piece of an answer waits until the first is acknowledged, which the other side puts off."""
    found: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def met(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        taken = writer.get_extra_info("socket")
        found.set_result(taken.getsockopt(net.IPPROTO_TCP, net.TCP_NODELAY))
        writer.close()

    listener = listen(Settings(port=0))
    async with await asyncio.start_server(met, sock=listener):
        _, writer = await asyncio.open_connection(*listener.getsockname())
        assert await found
        writer.close()


async def test_the_api_describes_itself(house: House) -> None:
    assert "/api/v1/calls" in make_app(house.services).openapi()["paths"]
