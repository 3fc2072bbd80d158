"""What the REST surface says of a call while somebody talks in it."""

from __future__ import annotations

import asyncio

import httpx

from tests.app.conftest import House, receive_until
from vivavoce.wire import caller as wire

CALLS = "/api/v1/calls"


async def test_a_live_call_is_erased_after_its_end(house: House) -> None:
    async with httpx.AsyncClient(base_url=house.url, timeout=20) as http:
        booked = (await http.post(CALLS, json={"agent": "founder"})).json()
        path = f"{CALLS}/{booked['call']}"
        async with house.connect(booked["ticket"]) as socket:
            await socket.send(wire.encode(wire.Hello(mode="text")))
            await receive_until(socket, wire.Caption)
            call = (await http.get(path)).json()
            assert (call["state"], call["events"]["state"]) == ("live", "growing")
            refused = await http.delete(path)
            assert refused.status_code == 409
            assert "end=true" in refused.json()["error"]
            told = asyncio.create_task(receive_until(socket, wire.Ended))
            erased = await http.delete(f"{path}?end=true")
            assert erased.status_code == 200, erased.text
            assert isinstance((await told)[-1], wire.Ended)  # the caller got a word
        assert erased.json()["done"]
        assert erased.json()["rows"]["events"] > 0
        assert (await http.get(path)).status_code == 404
        await house.services.writer.flush()
        assert await house.services.logs.events(booked["call"]) == []


async def test_events_of_a_live_call_come_as_they_are_written(house: House) -> None:
    async with httpx.AsyncClient(base_url=house.url, timeout=20) as http:
        booked = (await http.post(CALLS, json={"agent": "founder"})).json()
        path = f"{CALLS}/{booked['call']}/events"
        async with house.connect(booked["ticket"]) as socket:
            await socket.send(wire.encode(wire.Hello(mode="text")))
            await receive_until(socket, wire.Caption)
            await house.services.writer.flush()
            lines = (await http.get(path, headers={"Accept": "application/x-ndjson"})).text.splitlines()
            await socket.send(wire.encode(wire.Leave()))
            await receive_until(socket, wire.Ended)
        await house.desk.finished(booked["call"])
        more = (await http.get(path, headers={"Accept": "application/x-ndjson"})).text.splitlines()
        assert 0 < len(lines) < len(more)
        assert more[: len(lines)] == lines
