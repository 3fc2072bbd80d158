"""Two gateways behind a balancer, one Postgres: one is killed, stopped or told to go, and every call goes on."""

from __future__ import annotations

import asyncio
import shutil
import signal
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from tests.app.gateways import Balancer, BreathyMouth, Caller, Gateway, gateway, until
from tests.conversation.talk import ROOT
from tests.local.fakes import LoudDetector, ScriptedEars
from vivavoce.app.filing import replay_call
from vivavoce.conversation import effects as fx
from vivavoce.conversation import events as ev
from vivavoce.conversation.log import decode_effects, decode_event
from vivavoce.local.server import serve
from vivavoce.local.tempo import Tempo
from vivavoce.store.store import Store
from vivavoce.store.vault import Vault
from vivavoce.wire import caller as wire

pytestmark = pytest.mark.slow
SAID = "We lost two days of work on March 3rd 2026."
CALLS = 5
MS_PER_LETTER = 60


@dataclass
class Place:
    one: Gateway
    other: Gateway
    balancer: Balancer
    store: Store

    async def callers(self, count: int) -> list[Caller]:
        """Callers at the first gateway, each in the middle of hearing the agent's first sentence."""
        tickets = [(await self.one.book())[1] for _ in range(count)]
        callers = [Caller(self.balancer.port, ticket) for ticket in tickets]
        # a second of it, so that some is heard, some has been sent and some has not
        await until(lambda: all(caller.heard.get(1, 0) > 24_000 for caller in callers))
        return callers

    async def logged(self, call: str, kind: type[ev.Event]) -> None:
        """Wait until such an event of a call is in the database."""
        async with asyncio.timeout(30):
            while not any(isinstance(event, kind) for event, _ in await self.log(call)):  # noqa: ASYNC110
                await asyncio.sleep(0.02)

    async def log(self, call: str) -> list[tuple[ev.Event, list[fx.Effect]]]:
        rows = await self.store.events(call)
        assert [row.seq for row in rows] == list(range(len(rows))), "none is missing, none twice"
        return [(decode_event(row.event), decode_effects(row.effects)) for row in rows]


@asynccontextmanager
async def place(folder: Path, url: str, **settings: str) -> AsyncIterator[Place]:
    agents = folder / "agents"
    agents.mkdir()
    shutil.copy(ROOT / "examples/agents/founder.yaml", agents)
    ears = ScriptedEars()
    async with AsyncExitStack() as stack:
        model = await stack.enter_async_context(
            serve(
                ears=ears, mouth=BreathyMouth(MS_PER_LETTER), tempo=Tempo(burst_ms=60_000), make_detector=LoudDetector
            )
        )
        shared = {
            "database_url": url,
            "secret_key": Vault.make_key(),
            "backend_url": f"ws://127.0.0.1:{model.port}",
            **settings,
        }
        one, other = await asyncio.gather(
            *(stack.enter_async_context(gateway(folder / "data", agents, **shared)) for _ in range(2))
        )
        balancer = await stack.enter_async_context(Balancer([one.port, other.port]).running())
        store = await Store.open(url)
        stack.push_async_callback(store.close)
        yield Place(one, other, balancer, store)


def within(seconds: float) -> float:
    """What a bound in seconds comes to while others use this machine as well: work of 50 ms is measured."""
    began, worked = time.monotonic(), time.thread_time()
    while time.thread_time() - worked < 0.05:
        pass
    return seconds * (time.monotonic() - began) / 0.05


def gaps(callers: list[Caller], since: float) -> list[float]:
    """For each: until the agent could be heard again."""
    return sorted(min(at for at, _, _ in caller.arrived if at > caller.welcomes[1][0]) - since for caller in callers)


async def go_on(callers: list[Caller]) -> None:
    """Each says something, is understood, and leaves."""
    for caller in callers:
        before = len(caller.messages)
        await caller.say(wire.Typed(text=SAID))
        await until(lambda: any(isinstance(message, wire.Fact) for message in caller.messages[before:]))  # noqa: B023
        await leave(caller)


async def leave(caller: Caller) -> None:
    await caller.say(wire.Leave())
    await caller.done()
    assert caller.ended is not None
    assert caller.ended.reason == "caller_hung_up"


async def filed(where: Place, caller: Caller) -> None:
    async with asyncio.timeout(30):
        while (stored := await where.store.call(caller.call)) is None or stored.state != "ended":  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    assert stored.end_reason == "caller_hung_up"
    assert stored.epoch == 2
    assert await replay_call(where.store, caller.call) == len(await where.store.events(caller.call))
    assert SAID in [turn.text for turn in await where.store.turns(caller.call)]


async def test_every_call_of_a_killed_server_goes_on_at_another_within_two_seconds(
    tmp_path: Path, postgres_url: str
) -> None:
    async with place(tmp_path, postgres_url) as where:
        callers = await where.callers(CALLS)
        bound = within(2.0)
        killed_at = time.monotonic()
        where.one.signal(signal.SIGKILL)
        await until(lambda: all(len(caller.welcomes) == 2 for caller in callers))
        heard = [caller.heard[1] for caller in callers]
        await until(lambda: all(caller.hears > 1 for caller in callers))
        audible = gaps(callers, killed_at)
        welcomed = sorted(caller.welcomes[1][0] - killed_at for caller in callers)
        print(f"welcomed after {[round(s, 3) for s in welcomed]}, heard after {[round(s, 3) for s in audible]}")
        assert all(caller.welcomes[1][1].returned for caller in callers)
        assert audible[-1] <= max(bound, within(2.0))
        await go_on(callers)
        for caller, samples in zip(callers, heard, strict=True):
            await filed(where, caller)
            steps = await where.log(caller.call)
            taken = next(index for index, (event, _) in enumerate(steps) if isinstance(event, ev.TakenOver))
            assert isinstance(steps[taken + 1][0], ev.CallerReturned)
            remark = next(effect for effect in steps[taken][1] if isinstance(effect, fx.Remark))
            assert (remark.what, remark.why) == ("taken_over", "server_lost")
            turns = await where.store.turns(caller.call)
            first = next(turn for turn in turns if turn.who == "alex")
            assert not first.complete, "it broke off"
            assert abs(len(first.text) * MS_PER_LETTER - samples / 24) < 600, "what was heard is the turn, to a word"


async def test_a_server_that_was_only_stopped_writes_nothing_more(tmp_path: Path, postgres_url: str) -> None:
    async with place(tmp_path, postgres_url) as where:
        (caller,) = await where.callers(1)
        where.one.signal(signal.SIGSTOP)  # its sockets stay open, and nobody answers
        where.balancer.ports = [where.other.port]
        await caller.drop()
        await until(lambda: len(caller.welcomes) == 2)
        before = len(caller.closes)
        where.one.signal(signal.SIGCONT)
        await until(lambda: any("call goes on at another server" in line for line in where.one.said))
        assert any('"reason": "lost"' in line or '"reason":"lost"' in line for line in where.one.said)
        await go_on([caller])
        assert len(caller.closes) == before + 1, "of what the old one closes, the caller's new socket knows nothing"
        await filed(where, caller)
        await where.log(caller.call)


async def test_a_server_that_is_told_to_stop_finishes_the_sentence_and_hands_its_calls_over(
    tmp_path: Path, postgres_url: str
) -> None:
    async with place(tmp_path, postgres_url, drain_s="60") as where:
        callers = await where.callers(2)
        where.one.signal(signal.SIGTERM)
        where.balancer.ports = [where.other.port, where.one.port]
        await until(lambda: all(len(caller.welcomes) == 2 for caller in callers), within_s=60)
        assert [caller.closes[0][1] for caller in callers] == [wire.CloseCode.MOVED] * 2
        assert await where.one.gone() == 0
        moved = [caller.welcomes[1][0] - caller.closes[0][0] for caller in callers]
        print(f"welcomed {[round(s, 3) for s in moved]} s after the close")
        assert max(moved) <= within(2.0)
        await go_on(callers)
        for caller in callers:
            await filed(where, caller)
            steps = await where.log(caller.call)
            ordered = next(index for index, (event, _) in enumerate(steps) if isinstance(event, ev.DrainOrdered))
            passed = next(
                index for index, (_, effects) in enumerate(steps) if any(isinstance(e, fx.PassOn) for e in effects)
            )
            assert passed > ordered, "not in the middle of a sentence"
            assert isinstance(steps[passed + 1][0], ev.TakenOver), "nothing is between the two servers"
            first = next(turn for turn in await where.store.turns(caller.call) if turn.who == "alex")
            assert first.complete, "it was heard to its end"


async def test_a_caller_who_reads_comes_back_to_what_was_said(tmp_path: Path, postgres_url: str) -> None:
    async with place(tmp_path, postgres_url) as where:
        (caller,) = await where.callers(1)
        await caller.say(wire.Consent(decision="refused", text_version="1"))
        await caller.say(wire.Typed(text=SAID))
        await until(lambda: any(isinstance(message, wire.Fact) for message in caller.messages))
        facts = [message for message in caller.messages if isinstance(message, wire.Fact)]
        before = len(caller.messages)
        await where.logged(caller.call, ev.ConsentDecided)
        where.one.signal(signal.SIGKILL)
        await until(lambda: len(caller.welcomes) == 2)
        await until(lambda: any(isinstance(message, wire.Fact) for message in caller.messages[before:]))
        again = caller.messages[before:]
        assert any(isinstance(message, wire.Caption) and message.text == SAID for message in again)
        assert {message.field for message in again if isinstance(message, wire.Fact)} >= {each.field for each in facts}
        assert caller.welcomes[1][1].consent == "refused"
        await leave(caller)
        await filed(where, caller)
        stored = await where.store.call(caller.call)
        assert stored is not None
        assert [each["decision"] for each in stored.consent["decisions"]] == ["refused"]
        assert msgspec.json.encode(stored.usage)
