"""Every scenario of the storage against the real gateway."""

from __future__ import annotations

import asyncio
import errno
from functools import partial
from pathlib import Path
from typing import BinaryIO

import pytest

from tests.postgres import Cluster
from tests.survival.caller import FRAME_SAMPLES
from tests.survival.place import SAID, open_place
from tests.survival.test_model import answered, greeted
from vivavoce.app import desk
from vivavoce.local.faults.library import names, scenario
from vivavoce.store.recorder import FLUSH_SAMPLES, Recorder
from vivavoce.store.vault import Vault
from vivavoce.wire import caller as wire

pytestmark = pytest.mark.slow


def test_none_is_left_out() -> None:
    assert {name for name in names() if scenario(name).at == "storage"} == {"database-away", "disk-full"}


async def test_a_database_that_is_away(cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = scenario("database-away")
    with cluster.database() as url:
        async with open_place(tmp_path, monkeypatch, database_url=url, secret_key=Vault.make_key()) as place:
            call, ticket = await place.ticket()
            caller = place.caller()
            await caller.arrive(ticket)
            await caller.when(lambda: caller.agent_words >= 1 and caller.is_quiet, "the greeting")
            await asyncio.to_thread(cluster.stop)
            for _ in range(2):
                await answered(place, caller)
            await asyncio.to_thread(cluster.start)
            await answered(place, caller)
            await caller.send(wire.Leave())
            await caller.over()
            assert caller.told == script.told
            assert caller.wrong == []
            async with asyncio.timeout(30):
                await place.services.desk.finished(call)
            events = await place.services.desk.store.events(call)
            assert [event.seq for event in events] == list(range(len(events))), "none is missing"
            assert SAID[0] in [turn.text for turn in await place.services.desk.store.turns(call)]
            await caller.close()


async def test_a_disk_that_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = scenario("disk-full")

    def full(path: Path, mode: str) -> BinaryIO:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(desk, "Recorder", partial(Recorder, open_file=full))
    async with open_place(tmp_path, monkeypatch) as place:
        caller = await greeted(place)
        await caller.when(lambda: caller.agent_words >= 1 and caller.is_quiet, "the greeting")
        await caller.speak(pause=FLUSH_SAMPLES // FRAME_SAMPLES)
        await caller.when(lambda: bool(caller.told), "to be told")
        await answered(place, caller)
        assert caller.told == script.told
        assert all(notice.text for notice in caller.of(wire.Notice))
        assert caller.wrong == []
        await caller.close()
