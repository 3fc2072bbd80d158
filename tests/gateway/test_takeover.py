"""A call that goes on at another gateway: what the first one had in memory is gone, its log is there."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from typing import Any

import pytest

from tests.conversation.talk import TOOLS, founder
from tests.gateway.peers import FakeModel, FakePhrases, FakeSocket, FakeTools, MemoryJournal, Scene, Watcher, until
from vivavoce.agents.callsettings import SILENCE_MS, Pace
from vivavoce.audio.gates import make_gate
from vivavoce.conversation import Conversation
from vivavoce.conversation import effects as fx
from vivavoce.conversation import events as ev
from vivavoce.conversation.log import Entry, Stamp, decode_event, encode_effects, encode_event, replay
from vivavoce.gateway.call import LOST, PASSED_ON, Call
from vivavoce.gateway.presence import SILENT_S
from vivavoce.gateway.returns import PREFIX, Returns
from vivavoce.gateway.takeover import Past, retrace
from vivavoce.store.keys import hash_of
from vivavoce.wire import caller as wire


async def killed(scene: Scene) -> None:
    """The server dies: nothing is said or written any more."""
    scene.task.cancel()
    await asyncio.gather(scene.task, *scene.visits, return_exceptions=True)


class Second(Scene):
    """The same call at another gateway, which has the log, the newest handle and a caller with their secret."""

    def __init__(self, past: Past, conversation: Conversation, *, only_one: bool = False) -> None:
        self.spec = founder()
        self.socket = FakeSocket()
        self.model = FakeModel()
        self.journal = MemoryJournal()
        self.tools = FakeTools()
        self.watcher = Watcher()
        self.returns = Returns()
        self.past = past
        self._pace: Pace = "interview"
        self.call = Call(
            id="call1",
            spec=self.spec,
            socket=self.socket,
            conversation=conversation,
            returns=self.returns,
            greeted=self._greeted,
            patience=lambda pace: SILENCE_MS[pace],
            leave_to_erase=lambda: "leave to erase",
            gate=lambda echo: make_gate("duplex"),
            dialler=self.model,
            tools=self.tools,
            phrases=FakePhrases(),
            journal=self.journal,
            chance=random.Random(1),
            observers=[self.watcher],
            past=past,
            only_one=only_one,
        )
        self.is_there = True
        self.visits = set()
        self.task = asyncio.create_task(self.call.run())

    def _greeted(self, hello: wire.Hello) -> Pace:
        """As the app does it: what was wished once holds."""
        self._pace = hello.pace or self._pace
        return self._pace

    async def greet(self, **hello: Any) -> Second:
        self.socket.say(wire.Hello(**hello))
        await until(lambda: bool(self.socket.got(wire.Welcome)))
        await until(lambda: bool(self.model.links) and bool(self.link.texts))
        return self


async def taken(
    scene: Scene, *, after_s: float = 0.0, entries: Sequence[Entry] | None = None, secret: str = "", **options: Any
) -> Second:
    await killed(scene)
    conversation = Conversation(founder(), tools=TOOLS, settings=scene.settings)
    past = await retrace(conversation, scene.journal.entries if entries is None else entries)
    past.epoch, past.secret = 2, secret or scene.secret_of(scene.socket)
    past.now += after_s
    past.handle = scene.journal.handles[-1][:2] if scene.journal.handles else None
    return Second(past, conversation, **options)


async def whole(first: Scene, second: Second) -> None:
    """It is one log, which replays."""
    second.socket.say(wire.Leave())
    async with asyncio.timeout(10):
        await second.task
    entries = _entries(first, second)
    stamp = Stamp(code_version="test", spec_hash="test", tools=TOOLS, settings=first.settings)
    assert replay(first.spec, stamp, entries) == len(entries)
    left = [task.get_name() for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    assert left == [], "nothing outlives its call"


def _entries(first: Scene, second: Scene) -> list[Entry]:
    return first.journal.entries + second.journal.entries


async def test_the_caller_is_welcomed_back_and_the_model_resumed() -> None:
    first = await Scene().join()
    first.link.hands("secret handle")
    first.link.speaks(" How bad is it?")
    first.link.ends_turn()
    await until(lambda: bool(first.socket.got(wire.ReplyDone)))
    await first.hears(12_000)
    second = await (await taken(first, after_s=5.0)).greet(reply=1, samples=12_000)
    welcome = second.socket.got(wire.Welcome)[0]
    assert (welcome.call, welcome.returned) == ("call1", True)
    assert welcome.resume.startswith(PREFIX)
    assert second.link.handle == "secret handle"
    assert [type(event) for event, _, _ in second.watcher.steps[:2]] == [ev.TakenOver, ev.CallerReturned]
    assert second.watcher.steps[0][2] >= 5.0, "the session's clock went on"
    second.link.speaks(" And now?")
    await until(lambda: bool(second.socket.frames()))
    assert second.socket.frames()[0].reply > second.socket.got(wire.Cut)[-1].reply > 1
    chunks = [event.chunk for event in map(_event, _entries(first, second)) if isinstance(event, ev.ReplyArrived)]
    assert len(set(chunks)) == len(chunks), "each has its number in one log"
    await whole(first, second)


async def test_what_the_model_says_a_second_time_to_another_server_is_left_out() -> None:
    first = await Scene().join()
    first.link.hands("secret handle")
    first.link.speaks(" How bad is it?")
    await until(lambda: bool(first.socket.frames()))
    second = await (await taken(first)).greet()
    second.link.speaks(" How bad is it?")
    second.link.speaks(" And now?")
    await until(lambda: bool(second.socket.frames()))
    again = [event.repeated for event, _, _ in second.watcher.steps if isinstance(event, ev.ReplyArrived)]
    assert again == [True] * 5 + [False] * 5
    await whole(first, second)


async def test_what_the_screen_showed_it_shows_again() -> None:
    first = await Scene().join()
    first.socket.say(wire.Correct(field="severity", value=9))
    first.socket.say(wire.Consent(decision="given", text_version="1"))
    first.socket.say(wire.Typed(text="It is bad.", number=3))
    first.socket.say(wire.Pace(pace="casual"))
    first.link.calls("s1", "show", {"what": "table", "title": "Rivals", "data": []})
    await until(lambda: bool(first.socket.got(wire.Show)))
    second = await (await taken(first)).greet(mode="text")
    welcome = second.socket.got(wire.Welcome)[0]
    assert (welcome.consent, welcome.pace, welcome.taken) == ("given", "casual", 3)
    assert [fact.value for fact in second.socket.got(wire.Fact)] == [9]
    assert [caption.text for caption in second.socket.got(wire.Caption)] == ["It is bad."]
    assert [shown.title for shown in second.socket.got(wire.Show)] == ["Rivals"]
    assert second.past.records == [fx.Record(True)]
    assert [(event.decision, at >= 0.0) for at, event in second.past.consents] == [("given", True)]
    await whole(first, second)


async def test_what_the_caller_was_saying_is_asked_for_again() -> None:
    first = await Scene().join()
    position = first.socket.speak(0, level=0, frames=30)
    position = first.socket.speak(position, level=6000, frames=40)
    await until(lambda: bool(first.socket.got(wire.Gate)))
    first.link.hands("a handle that has heard the beginning")
    await first.settled()
    second = await (await taken(first)).greet()
    events = [event for event, _, _ in second.watcher.steps]
    assert [type(event) for event in events[:3]] == [ev.SpeechEnded, ev.TakenOver, ev.CallerReturned]
    heard = second.socket.got(wire.Welcome)[0].heard
    began = next(event for event in map(_event, first.journal.entries) if isinstance(event, ev.SpeechStarted))
    assert heard == began.at, "from where they began to speak"
    second.socket.speak(heard, level=6000, frames=40)
    await until(lambda: len(second.link.audio) >= 40)
    assert any(set(pcm) != {0} for pcm in second.link.audio)
    assert not [
        effect for _, effects, _ in second.watcher.steps for effect in effects if effect == fx.Notify("words_lost")
    ]
    await whole(first, second)


def _event(entry: Entry) -> ev.Event:
    return decode_event(entry.event)


async def test_what_was_answered_is_not_asked_for_again() -> None:
    first = await Scene().join()
    position = first.socket.speak(0, level=0, frames=30)
    position = first.socket.speak(position, level=6000, frames=40)
    first.socket.speak(position, level=0, frames=40)
    await until(lambda: len(first.socket.got(wire.Gate)) == 2)
    first.link.speaks(" I see.")
    first.link.ends_turn()
    await until(lambda: bool(first.socket.frames()))
    await first.settled()
    second = await (await taken(first)).greet()
    assert second.socket.got(wire.Welcome)[0].heard >= position
    await whole(first, second)


async def test_what_only_silence_has_answered_is_asked_for_again() -> None:
    first = await Scene().join()
    position = first.socket.speak(0, level=0, frames=30)
    position = first.socket.speak(position, level=6000, frames=40)
    first.socket.speak(position, level=0, frames=40)
    await until(lambda: len(first.socket.got(wire.Gate)) == 2)
    first.link.happens(ev.ReplyArrived(1, first.link.shelf.keep_chunk(bytes(9600)), 4800))
    await first.settled()
    second = await (await taken(first)).greet()
    assert second.socket.got(wire.Welcome)[0].heard < position
    await whole(first, second)


async def test_the_clock_of_a_callers_report_is_not_believed() -> None:
    first = await Scene().join()
    position = first.socket.speak(0, level=0, frames=30)
    await first.settled()
    last = first.journal.entries[-1]
    wild = Entry(last.seq + 1, last.at, encode_event(ev.Played(900, 10, 10**9)), encode_effects([]))
    past = await retrace(Conversation(founder(), tools=TOOLS, settings=first.settings), [*first.journal.entries, wild])
    assert past.heard <= position
    await killed(first)


async def test_what_the_first_one_counted_counts_on() -> None:
    first = await Scene().join()
    first.link.happens(ev.UsageReported(1, 10, 5, 15))
    await first.settled()
    second = await (await taken(first)).greet()
    second.link.happens(ev.UsageReported(second.link.shelf.link, 10, 5, 15))
    await until(lambda: second.call.tokens["total"] == 30)
    await whole(first, second)


async def test_a_caller_who_says_nothing_is_waited_for() -> None:
    first = await Scene().join()
    second = await taken(first)
    second.socket.say(None)
    await until(lambda: bool(second.watcher.steps))
    assert [type(event) for event, _, _ in second.watcher.steps] == [ev.TakenOver]
    await until(lambda: bool(second.model.links))
    assert second.returns.find(second.past.secret) is not None
    back = second.knock(second.past.secret)
    back.say(wire.Hello())
    await until(lambda: bool(back.got(wire.Welcome)))
    second.socket = back
    await whole(first, second)


async def test_a_log_that_lacks_its_end_is_gone_on_with() -> None:
    first = await Scene().join()
    first.link.speaks(" How bad is it?")
    first.link.ends_turn()
    await until(lambda: bool(first.socket.got(wire.ReplyDone)))
    secret = first.secret_of(first.socket)
    kept = first.journal.entries[:3]
    second = await (await taken(first, entries=kept, secret=secret)).greet(reply=1, samples=24_000)
    first.journal.entries = kept
    await whole(first, second)


async def test_rubbish_in_a_log_is_left_out() -> None:
    first = await Scene().join()
    entries = [*first.journal.entries, Entry(len(first.journal.entries), -1.0, b"rubbish", b"[]")]
    second = await (await taken(first, entries=entries)).greet()
    assert second.past.seq == len(entries)
    second.socket.say(wire.Leave())
    await second.task


async def test_a_call_that_is_over_says_so() -> None:
    first = await Scene().join()
    await first.end()
    past = await retrace(Conversation(founder(), tools=TOOLS, settings=first.settings), first.journal.entries)
    assert past.ended == "caller_hung_up"
    assert not (await retrace(Conversation(founder()), [])).joined


# ------------------------------------------------------------------------------------------------ letting go


async def test_a_call_that_is_let_go_sends_its_caller_elsewhere() -> None:
    scene = await Scene().join()
    secret = scene.secret_of(scene.socket)
    assert hash_of(secret) in scene.journal.hashes
    scene.call.drain()
    await scene.over()
    assert scene.socket.closed == (wire.CloseCode.MOVED, PASSED_ON)
    assert scene.journal.passed_on
    assert scene.call.reason == scene.watcher.reason == PASSED_ON
    assert scene.socket.got(wire.Ended) == [], "it is not over"
    assert hash_of(secret) in scene.journal.hashes, "they come back with it"
    assert scene.link.hung_up


async def test_a_call_that_ends_with_its_last_sentence_is_not_let_go() -> None:
    scene = await Scene().join()
    scene.link.speaks(" Good bye.")
    scene.link.calls("e", "end", {})
    scene.link.ends_turn()
    await until(lambda: bool(scene.socket.got(wire.ReplyDone)))
    scene.call.drain()
    scene.socket.say(wire.Played(reply=1, samples=24_000, at=0))
    await scene.over()
    assert scene.call.reason == "agent_ended"
    assert not scene.journal.passed_on


@pytest.mark.parametrize(("goes_on", "code"), [(True, wire.CloseCode.REPLACED), (False, wire.CloseCode.MOVED)])
async def test_a_call_that_is_lost_says_and_writes_nothing_more(goes_on: bool, code: wire.CloseCode) -> None:
    """Another window has it, and this one does not take it back; or it is over, which they are told when they come."""
    scene = await Scene().join()
    scene.journal.goes_on = goes_on
    written, said = len(scene.journal.entries), len(scene.socket.sent)
    scene.call.lose()
    scene.link.speaks(" Hello?")
    await scene.over()
    assert scene.socket.closed is not None
    assert scene.socket.closed[0] == code
    assert (len(scene.journal.entries), len(scene.socket.sent)) == (written, said)
    assert not scene.journal.passed_on, "there is nothing of ours to bring anywhere"


async def test_a_call_that_is_lost_hands_out_no_secret_that_was_not_written() -> None:
    """They come back here while another server has the call: what this one promises them is known to nobody."""
    scene = await Scene().join()
    scene.journal.writes.clear()
    back = scene.knock(scene.secret_of(scene.socket))
    back.say(wire.Hello())
    await until(lambda: any(isinstance(event, ev.CallerReturned) for event, _, _ in scene.watcher.steps))
    scene.call.lose()
    scene.journal.writes.set()
    await scene.over()
    assert back.got(wire.Welcome) == []
    assert back.closed == (wire.CloseCode.MOVED, LOST), "their secret is still good where the call is"


async def test_what_is_ordered_before_a_caller_says_hello_is_ordered_of_the_call_as_it_is_here() -> None:
    first = await Scene().join()
    second = await taken(first)
    second.call.switch(text_only=False, tools_off=("search",))
    second.call.drain()
    second.socket.say(wire.Hello())
    await until(lambda: second.socket.closed is not None)
    async with asyncio.timeout(10):
        await second.task
    assert second.socket.closed == (wire.CloseCode.MOVED, PASSED_ON)
    assert second.journal.passed_on
    kinds = [type(event) for event, _, _ in second.watcher.steps]
    assert kinds[:4] == [ev.TakenOver, ev.CallerReturned, ev.SwitchesChanged, ev.DrainOrdered]
    assert (await retraced(first, second)).switches == (False, ("search",))


async def retraced(first: Scene, second: Scene) -> Past:
    return await retrace(Conversation(founder(), tools=TOOLS, settings=first.settings), _entries(first, second))


async def test_a_call_that_is_lost_before_its_caller_said_hello_is_over() -> None:
    scene = Scene()
    scene.call.lose()
    scene.socket.say(None)
    async with asyncio.timeout(10):
        await scene.task


# ------------------------------------------------------------------------------------------------ a second window


@pytest.mark.parametrize(
    ("mode", "silent_s", "refused"), [("voice", 0.0, True), ("voice", SILENT_S, False), ("text", 60.0, True)]
)
async def test_a_second_window_is_refused_while_the_first_is_there(mode: Any, silent_s: float, refused: bool) -> None:
    scene = Scene(only_one=True)
    await scene.join(mode=mode)
    scene.socket.speak(0, level=0)
    await until(lambda: scene.call.gate_count["frames"] == 1)
    scene.call._clock._started_at -= silent_s
    rival = scene.knock(scene.secret_of(scene.socket))
    rival.say(wire.Hello())
    await until(lambda: rival.closed is not None or bool(rival.got(wire.Welcome)))
    assert (rival.closed is not None) is refused
    if refused:
        assert rival.closed is not None
        assert rival.closed[0] == wire.CloseCode.ELSEWHERE
    else:
        scene.socket = rival
    await scene.end()
