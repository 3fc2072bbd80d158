"""Every scenario of the caller's link against the real gateway."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.survival.caller import Caller
from tests.survival.place import Place, open_place
from tests.survival.relay import Relay, relay
from tests.survival.test_model import answered
from vivavoce.local.faults.library import names, scenario
from vivavoce.local.faults.network import Latency, Loss
from vivavoce.local.faults.when import When
from vivavoce.wire import caller as wire

pytestmark = pytest.mark.slow
NOW = When(client="setup")


def test_none_is_left_out() -> None:
    told = {name.removeprefix("test_").replace("_", "-") for name in globals() if name.startswith("test_caller")}
    assert told == {name for name in names() if scenario(name).at == "caller"}


async def arrived(place: Place, line: Relay, *, plays: bool = True) -> tuple[str, Caller]:
    call, ticket = await place.ticket()
    caller = Caller(line.port)
    caller.plays = plays
    await caller.arrive(ticket)
    return call, caller


async def end_of(place: Place, call: str) -> str:
    await place.services.desk.finished(call)
    stored = await place.services.desk.store.call(call)
    assert stored is not None
    return stored.end_reason or ""


async def test_caller_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_place(tmp_path, monkeypatch) as place, relay(place.port) as line:
        _, caller = await arrived(place, line, plays=False)
        await caller.when(lambda: caller.heard.get(1, 0) > 24_000, "a second of the greeting")
        caller.plays = True
        await caller.play()
        line.cut()
        await caller.gone()
        await caller.come_back()
        await caller.when(lambda: caller.agent_words >= 1 and caller.is_quiet, "the rest of the greeting")
        await answered(place, caller)
        assert caller.told == scenario("caller-cut").told
        assert caller.wrong == []
        await caller.close()


async def test_caller_half_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_place(tmp_path, monkeypatch) as place, relay(place.port) as dead, relay(place.port) as line:
        _, caller = await arrived(place, dead, plays=False)
        await caller.when(lambda: caller.heard.get(1, 0) > 24_000, "a second of the greeting")
        dead.freeze()
        caller.plays = True
        await caller.come_back(port=line.port)
        await caller.when(lambda: caller.agent_words >= 1 and caller.is_quiet, "the greeting, to its end")
        await answered(place, caller)
        assert caller.told == scenario("caller-half-open").told
        assert caller.wrong == []
        await caller.close()


async def test_caller_slow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    faults = (Latency(when=NOW, delay_s=0.3, jitter_s=0.2), Loss(when=NOW, chance=0.05))
    async with open_place(tmp_path, monkeypatch) as place, relay(place.port, *faults) as line:
        _, caller = await arrived(place, line)
        # the greeting is so long that it goes in six pieces, each a round trip
        await caller.when(lambda: caller.agent_words >= 1 and caller.is_quiet, "the greeting")
        await answered(place, caller)
        assert caller.told == scenario("caller-slow").told
        assert caller.wrong == []
        await caller.close()


async def test_caller_stands_still(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_place(tmp_path, monkeypatch) as place, relay(place.port) as line:
        _, caller = await arrived(place, line, plays=False)
        await caller.when(lambda: bool(caller.heard), "the greeting to begin")
        await caller.until(wire.Cut)
        assert max(caller.heard.values()) <= 3 * 24_000, "no more is on its way than was asked for"
        caller.plays = True
        await answered(place, caller)
        assert caller.told == scenario("caller-stands-still").told
        assert caller.wrong == []
        await caller.close()


async def test_caller_away_a_minute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the short clock of these tests: away for longer than a return is passed over in silence."""
    async with open_place(tmp_path, monkeypatch) as place, relay(place.port) as line:
        _, caller = await arrived(place, line)
        await caller.when(lambda: caller.agent_words >= 1 and caller.is_quiet, "the greeting")
        line.cut()
        await caller.gone()
        await away(place, 0.5)
        before = caller.agent_words
        await caller.come_back()
        await caller.when(lambda: caller.agent_words > before and caller.is_quiet, "where they were")
        await answered(place, caller)
        assert caller.told == scenario("caller-away-a-minute").told
        assert caller.wrong == []
        await caller.close()


async def away(place: Place, seconds: float) -> None:
    """So long by the gateway's clock."""
    clock = place.clock
    await clock.sleep_until(clock.now() + seconds)


async def test_caller_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_place(tmp_path, monkeypatch) as place, relay(place.port) as line:
        call, caller = await arrived(place, line)
        await caller.when(lambda: caller.agent_words >= 1 and caller.is_quiet, "the greeting")
        line.cut()
        await caller.gone()
        assert await end_of(place, call) == scenario("caller-gone").ends
        await caller.close()
