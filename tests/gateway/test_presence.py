"""A caller who comes and goes: what the call does without them, and what they get when they are back."""

from __future__ import annotations

import asyncio
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.gateway.peers import Scene, until
from vivavoce.conversation import events as ev
from vivavoce.conversation.log import decode_event
from vivavoce.conversation.settings import ConversationSettings
from vivavoce.findings.stopwatch import Stopwatch
from vivavoce.gateway import greeting, reports
from vivavoce.gateway.screen import MAX_CAPTION_CHARS, MAX_CAPTIONS, Screen
from vivavoce.store.keys import hash_of
from vivavoce.wire import caller as wire


async def test_a_call_outlives_its_callers_socket_and_the_rest_is_heard_once() -> None:
    scene = await Scene().join()
    first_secret = scene.secret_of(scene.socket)
    scene.link.speaks("A long question about money", chunks=20)
    scene.link.ends_turn()
    await until(lambda: len(scene.socket.frames()) >= 10)
    scene.socket.speak(0, level=0, frames=40)
    await scene.hears(9_600, at=12_000)
    sent = len(scene.socket.frames())
    await scene.drop()
    assert scene.call.reason == ""
    back = await scene.come_back(reply=1, samples=14_000)
    welcome = back.got(wire.Welcome)[0]
    assert welcome.returned
    assert welcome.resume not in ("", first_secret)
    await until(lambda: bool(back.frames()))
    heard = [(frame.position, len(frame.pcm) // 2) for frame in back.frames()]
    assert heard[0][0] == 14_000, "the client was ahead of its last report, and is believed"
    assert [at for at, _ in heard[1:]] == [at + size for at, size in heard[:-1]], "no hole and no repeat"
    assert heard[-1][0] >= 4800 * sent - 4800
    assert scene.journal.agent_runs[-1][1] == 14_000 - 9_600, "and what it had heard stands in the recording"
    kinds = [type(message) for message in back.got(object)]
    assert kinds[:3] == [wire.Welcome, wire.Floor, wire.Caption]
    assert wire.ReplyDone in kinds
    await scene.end()


async def test_who_comes_back_learns_how_far_they_were_heard_and_nothing_that_comes_twice_is_taken_twice() -> None:
    scene = await Scene().join()
    scene.socket.speak(0, frames=10)
    await scene.drop()
    back = await scene.come_back()
    [welcome] = back.got(wire.Welcome)
    assert (welcome.heard, welcome.return_within_s) == (10 * 512, scene.settings.return_within_s)
    back.speak(6 * 512, frames=10)  # four of them again
    await until(lambda: scene.journal.caller_samples == 16 * 512)
    scene.socket = back
    await scene.end()
    assert scene.journal.caller_samples == 16 * 512


@pytest.mark.parametrize(("samples", "start"), [(0, 9_600), (4_800, 9_600), (-7, 9_600), (2**60, 48_000)])
async def test_what_a_returning_machine_says_it_heard_is_bounded(samples: int, start: int) -> None:
    scene = await Scene().join()
    scene.link.speaks("A long question about money", chunks=10)
    await until(lambda: len(scene.socket.frames()) == 10)
    await scene.hears(9_600, at=0)
    await scene.drop()
    back = await scene.come_back(reply=1, samples=samples)
    scene.link.speaks("", chunks=5)
    due = min(15 * 4800, start + 48_000)
    await until(lambda: sum(len(frame.pcm) // 2 for frame in back.frames()) == due - start)
    assert back.frames()[0].position == start
    await scene.end()


async def test_who_comes_back_is_not_asked_again_what_they_have_decided() -> None:
    scene = await Scene().join()
    assert scene.socket.got(wire.Welcome)[0].consent == "ask"
    scene.socket.say(wire.Consent(decision="refused"))
    await until(lambda: bool(scene.journal.consents))
    await scene.drop()
    back = await scene.come_back()
    assert back.got(wire.Welcome)[0].consent == "refused"
    await scene.end()


async def test_what_was_withdrawn_stays_withdrawn_for_who_comes_back() -> None:
    scene = await Scene().join()
    scene.socket.say(wire.Consent(decision="withdrawn"))
    scene.socket.say(wire.Consent(decision="given"))
    await until(lambda: len(scene.journal.consents) == 2)
    assert not scene.journal.recording
    await scene.drop()
    back = await scene.come_back()
    assert back.got(wire.Welcome)[0].consent == "withdrawn"
    await scene.end()


async def test_who_comes_back_is_told_the_pace_in_force_and_may_bring_another() -> None:
    scene = await Scene().join()
    assert scene.socket.got(wire.Welcome)[0].pace == "interview"
    assert scene.socket.got(wire.Welcome)[0].erase == "leave to erase"
    await scene.drop()
    back = await scene.come_back(pace="casual")
    assert back.got(wire.Welcome)[0].pace == "casual"
    assert back.got(wire.Welcome)[0].erase == "leave to erase"
    await until(lambda: scene.link.patiences == [1000])
    await scene.end()


async def test_who_comes_back_may_bring_another_page() -> None:
    scene = await Scene().join()
    await scene.drop()
    await scene.come_back(context={"page.title": "Careers", "data.secret": "x"})
    steps = [event for event, _, _ in scene.watcher.steps if isinstance(event, ev.CallerReturned)]
    assert steps[-1].context == {"page.title": "Careers"}
    await scene.end()


async def test_while_nobody_is_there_nothing_is_sent_and_replies_wait() -> None:
    scene = await Scene().join()
    await scene.drop()
    sent = len(scene.socket.sent)
    scene.link.speaks("Are you there?")
    scene.link.ends_turn()
    await until(lambda: any(isinstance(event, ev.TurnEnded) for event, _, _ in scene.watcher.steps))
    assert len(scene.socket.sent) == sent
    back = await scene.come_back()
    await until(lambda: len(back.frames()) == 5)
    await scene.hears(24_000, at=0)
    await until(lambda: back.got(wire.Caption)[-1].final)
    assert back.got(wire.Floor)[0].turn == "agent"
    await scene.end()


async def test_speech_ends_with_the_socket_and_may_begin_anew() -> None:
    scene = await Scene().join()
    position = scene.socket.speak(0, level=0, frames=40)
    position = scene.socket.speak(position, level=6000, frames=10)
    await until(lambda: bool(scene.socket.got(wire.Gate)))
    await scene.drop()
    heard = [type(event) for event, _, _ in scene.watcher.steps if isinstance(event, ev.SpeechStarted | ev.SpeechEnded)]
    assert heard == [ev.SpeechStarted, ev.SpeechEnded]
    back = await scene.come_back()
    position = back.speak(position, level=0, frames=2)
    await until(lambda: len(scene.link.audio) == 52)
    assert back.got(wire.Gate) == [], "what was said before the drop does not go on by itself"
    back.speak(position, level=6000, frames=10)
    await until(lambda: bool(back.got(wire.Gate)))
    assert back.got(wire.Gate)[0].open
    assert len(scene.link.audio) == 62, "the model hears on as if nothing had been"
    await scene.end()


async def test_the_microphone_clock_goes_on_while_they_are_away(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = await Scene().join()
    position = scene.socket.speak(0, frames=10)
    await until(lambda: scene.call.gate_count["frames"] == 10)
    await scene.drop()
    scene.call._clock._started_at -= 7.0
    back = await scene.come_back()
    assert 7.0 <= (back.got(wire.Welcome)[0].at - position) / 16_000 < 8.0
    await scene.end()


async def test_a_page_that_remembers_nothing_is_shown_everything() -> None:
    scene = await Scene().join()
    scene.journal.problem = "recording_incomplete"
    scene.link.heard("It is bad")
    scene.socket.say(wire.Correct(field="severity", value=8))
    scene.link.calls("a", "show", {"what": "table", "title": "Old", "data": [1]})
    scene.link.calls("b", "show", {"what": "table", "title": "New", "data": [2]})
    scene.link.speaks("How bad?")
    await until(lambda: bool(scene.socket.frames()))
    scene.socket.say(wire.Typed(text="eight"))
    await until(lambda: bool(scene.socket.got(wire.Cut)))
    await scene.drop()
    back = await scene.come_back()
    assert [notice.code for notice in back.got(wire.Notice)] == ["recording_incomplete"]
    assert [floor.turn for floor in back.got(wire.Floor)] == ["waiting"]
    assert ("caller", "It is bad") in [(caption.who, caption.text) for caption in back.got(wire.Caption)]
    assert [(fact.field, fact.value) for fact in back.got(wire.Fact)] == [("severity", 8)]
    assert [shown.title for shown in back.got(wire.Show)] == ["New"]
    assert [cut.reply for cut in back.got(wire.Cut)] == [1], "what was cut stays cut"
    assert back.frames() == []
    await scene.end()


async def test_a_held_reply_goes_on_when_they_are_back() -> None:
    scene = await Scene().join()
    scene.link.speaks("A long question", chunks=20)
    await until(lambda: bool(scene.socket.frames()))
    position = scene.socket.speak(0, level=0, frames=40)
    scene.socket.speak(position, level=6000, frames=8)
    await until(lambda: bool(scene.socket.got(wire.Hold)))
    await scene.drop()
    back = await scene.come_back()
    await until(lambda: bool(back.got(wire.Resume)))
    assert back.got(wire.Hold) == []
    assert back.got(wire.Floor)[0].turn == "agent"
    await scene.end()


async def test_a_socket_that_comes_before_the_old_one_was_noticed_as_dead_replaces_it() -> None:
    scene = await Scene().join()
    first = scene.socket
    scene.link.speaks("A long question", chunks=10)
    await until(lambda: len(first.frames()) == 10)
    back = await scene.come_back()
    assert first.closed == (wire.CloseCode.REPLACED, "replaced")
    await until(lambda: len(back.frames()) == 10)
    first.say(wire.Leave())
    first.say(None)
    scene.link.speaks("")
    assert scene.call.reason == "", "what the old one still says is nothing"
    await scene.end()
    assert back.closed == (1000, "caller_hung_up")


async def test_a_secret_is_good_once() -> None:
    scene = await Scene().join()
    secret = scene.secret_of(scene.socket)
    await scene.drop()
    back = await scene.come_back()
    back.say(wire.Mode(mode="voice"))
    await until(lambda: scene.returns.find(secret) is None)
    assert len(scene.returns) == 1
    await scene.end()
    assert len(scene.returns) == 0


async def test_a_welcome_goes_out_once_what_it_promises_is_written() -> None:
    """Else a server that is killed in that moment leaves its caller with a secret that nobody knows."""
    scene = Scene()
    scene.journal.writes.clear()
    scene.socket.say(wire.Hello())
    await until(lambda: bool(scene.journal.entries))
    scene.socket.speak(0, frames=10)
    await until(lambda: scene.journal.caller_samples == 10 * 512)
    assert scene.socket.got(object) == []
    scene.journal.writes.set()
    await until(lambda: bool(scene.socket.got(object)))
    assert isinstance(scene.socket.got(object)[0], wire.Welcome)
    await scene.drop()
    scene.journal.writes.clear()
    secret = scene.secret_of(scene.socket)
    lost = scene.knock(secret)
    lost.say(wire.Hello())
    await until(
        lambda: any(isinstance(decode_event(entry.event), ev.CallerReturned) for entry in scene.journal.entries)
    )
    back = scene.knock(secret)  # before the other was welcomed: it is told nothing of it
    back.say(wire.Hello())
    await until(lambda: lost.closed is not None)
    scene.journal.writes.set()
    await until(lambda: bool(back.got(wire.Welcome)))
    assert lost.got(object) == []
    assert hash_of(back.got(wire.Welcome)[0].resume) in scene.journal.hashes
    scene.socket = back
    await scene.end()


async def test_a_welcome_that_never_arrived_does_not_cost_the_call() -> None:
    scene = await Scene().join()
    secret = scene.secret_of(scene.socket)
    await scene.drop()
    for _ in range(3):
        lost = await scene.come_back(secret=secret)
        await scene.drop()
    assert len(scene.returns) == 2
    back = await scene.come_back(secret=scene.secret_of(lost))
    back.say(wire.Mode(mode="voice"))
    await until(lambda: len(scene.returns) == 1)
    await scene.end()


async def test_what_they_did_on_a_line_that_was_dead_is_taken_once_when_it_comes_again() -> None:
    scene = await Scene().join()
    scene.socket.say(wire.Typed(text="one", number=1))
    scene.socket.say(wire.Typed(text="by a machine that does not count"))
    await scene.drop()
    back = await scene.come_back()
    assert back.got(wire.Welcome)[0].taken == 1
    back.say(wire.Typed(text="one", number=1))
    back.say(wire.Consent(decision="refused", number=2))
    back.say(wire.Correct(field="severity", value=4, number=3))
    back.say(wire.Correct(field="severity", value=4, number=3))
    await until(lambda: any(isinstance(event, ev.FactCorrected) for event, _, _ in scene.watcher.steps))
    await scene.settled()
    steps = [event for event, _, _ in scene.watcher.steps]
    typed = [event.text for event in steps if isinstance(event, ev.CallerTyped)]
    assert typed == ["one", "by a machine that does not count"]
    assert len([event for event in steps if isinstance(event, ev.FactCorrected | ev.ConsentDecided)]) == 2
    scene.socket = back
    await scene.end()


async def test_two_sockets_race_with_one_secret() -> None:
    scene = await Scene().join()
    secret = scene.secret_of(scene.socket)
    await scene.drop()
    one, other = scene.knock(secret), scene.knock(secret)
    one.say(wire.Hello())
    other.say(wire.Hello())
    await until(lambda: bool(other.got(wire.Welcome)))
    assert one.closed == (wire.CloseCode.REPLACED, "replaced")
    other.say(wire.Mode(mode="voice"))
    await until(lambda: len(scene.returns) == 1)
    assert other.closed is None
    scene.socket = other
    await scene.end()


async def test_who_knocks_with_a_secret_that_is_spent_meanwhile_is_refused() -> None:
    scene = await Scene().join()
    secret = scene.secret_of(scene.socket)
    await scene.drop()
    slow = scene.knock(secret)
    back = await scene.come_back(secret=secret)
    back.say(wire.Mode(mode="voice"))
    await until(lambda: len(scene.returns) == 1)
    slow.say(wire.Hello())
    await until(lambda: slow.closed is not None)
    assert slow.closed == (wire.CloseCode.NOT_AUTHORISED, "no valid ticket")
    assert back.closed is None
    await scene.end()


async def test_a_drop_within_the_hello_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = await Scene().join()
    secret = scene.secret_of(scene.socket)
    await scene.drop()
    early = scene.knock(secret)
    early.say(None)
    silent = scene.knock(secret)
    await until(lambda: not silent.paused)
    monkeypatch.setattr(greeting, "HELLO_WITHIN_S", 0.0)
    rude = scene.knock(secret)
    for _ in range(greeting.PATIENCE + 1):
        rude.say("rubbish")
    await until(lambda: early.closed is not None and rude.closed is not None)
    assert rude.closed == (wire.CloseCode.NO_HELLO, "no_hello")
    monkeypatch.undo()
    await scene.come_back(secret=secret)
    await scene.end()
    assert silent.closed == (1000, "caller_hung_up"), "who still knocks when the call ends is told"


async def test_a_socket_that_is_gone_before_it_is_welcomed() -> None:
    scene = await Scene().join()
    secret = scene.secret_of(scene.socket)
    await scene.drop()
    hasty = scene.knock(secret)
    hasty.say(wire.Hello())
    hasty.say(None)
    await until(lambda: scene.dropped == 2)
    await scene.come_back(secret=secret)
    await scene.end()


async def test_nobody_comes_back_to_a_call_that_is_being_wound_up() -> None:
    scene = await Scene().join()
    secret = scene.secret_of(scene.socket)
    await scene.drop()
    knocking = scene.knock(secret)
    scene.call.stop()
    knocking.say(wire.Hello())
    await scene.over()
    assert scene.call.reason == "server_stopping"
    assert knocking.closed == (wire.CloseCode.GOING_AWAY, "server_stopping")
    assert scene.returns.find(secret) is None


async def test_a_caller_who_does_not_come_back_has_left() -> None:
    scene = await Scene(settings=ConversationSettings(return_within_s=0.01)).join()
    await scene.drop()
    await scene.over()
    assert scene.call.reason == "caller_left"
    assert scene.link.hung_up


async def test_a_hand_over_waits_for_who_is_away() -> None:
    scene = await Scene().join()
    scene.link.calls("a", "hand_off", {"to": "sam"})
    scene.link.speaks("Sam knows the market.")
    scene.link.ends_turn()
    await until(lambda: len(scene.socket.frames()) == 5)
    await scene.drop()
    assert len(scene.model.links) == 1
    back = await scene.come_back()
    await scene.hears(24_000, at=0)
    await until(lambda: len(scene.model.links) == 2)
    assert scene.link.speaker == "sam"
    scene.link.speaks("I am Sam.")
    await until(lambda: back.frames()[-1].speaker == 2)
    await scene.end()


async def test_flapping_a_thousand_times_costs_little() -> None:
    scene = await Scene().join()
    scene.link.speaks("A long question", chunks=10)
    await until(lambda: len(scene.socket.frames()) == 10)
    before = sum(len(entry.event) + len(entry.effects) for entry in scene.journal.entries)
    for _ in range(1000):
        await scene.drop()
        scene.call._clock._started_at -= 1.0  # a second later
        back = await scene.come_back(reply=1, samples=4_800)
        back.say(wire.Mode(mode="voice"))
        await until(lambda: len(scene.returns) == 1)
    assert back.frames()[0].position == 4_800
    entries = scene.journal.entries
    assert (sum(len(entry.event) + len(entry.effects) for entry in entries) - before) / 1000 < 1_000
    presence = scene.call._presence
    assert (len(presence._open), len(presence._welcomes), len(presence._secrets)) == (1, 0, 1)
    assert len(scene.call._group) == 0
    await scene.end()


@pytest.mark.parametrize("huge", [10**30, 10**4000, -(10**4000)], ids=["long", "longer", "negative"])
async def test_numbers_beyond_all_counting_end_no_call(huge: int) -> None:
    scene = await Scene().join()
    watch: Any = SimpleNamespace(stepped=Stopwatch().step, ended=lambda *_: None)
    scene.call._steps.observers = [*scene.call._steps.observers, watch]
    scene.link.speaks("A question")
    await until(lambda: bool(scene.socket.frames()))
    scene.socket.say(f'{{"kind": "played", "reply": {huge}, "samples": {huge}, "at": {huge}}}')
    scene.socket.say(wire.Played(reply=1, samples=1, at=0))
    scene.socket.say(f'{{"kind": "played", "reply": 1, "samples": {huge}, "at": {huge}}}')
    scene.socket.say(f'{{"kind": "doubt", "reply": {huge}, "at": {huge}}}')
    await scene.drop()
    socket = scene.knock(scene.secret_of(scene.socket))
    socket.say(f'{{"kind": "hello", "reply": 1, "samples": {huge}}}')
    await until(lambda: bool(socket.got(wire.Welcome)))
    scene.socket = socket
    await scene.end()
    assert scene.call.reason == "caller_hung_up"


async def test_who_comes_back_too_often_waits_and_keeps_their_secret() -> None:
    scene = await Scene().join()
    sockets = []
    for _ in range(100):
        await scene.drop()
        secret = scene.secret_of(scene.socket)
        sockets.append(scene.knock(secret))
        sockets[-1].say(wire.Hello())
        await until(lambda: bool(sockets[-1].closed or sockets[-1].got(wire.Welcome)))
        if sockets[-1].closed is not None:
            break
        scene.socket = sockets[-1]
    assert sockets[-1].closed == (wire.CloseCode.BUSY, "want fewer returns to a call")
    assert len(sockets) - 1 == reports.BURST
    assert sockets[-1].sent == []
    for _ in range(50):
        refused = scene.knock(secret)
        await until(lambda refused=refused: refused.closed is not None)  # type: ignore[misc]
    assert len(scene.call._presence._open) == 0, "who is refused costs nothing"
    scene.call._clock._started_at -= 1.0  # a second later
    await scene.come_back(secret=secret)
    await scene.end()


async def test_the_first_words_of_a_return_may_come_while_the_call_is_being_ended() -> None:
    scene = await Scene().join()
    await scene.drop()
    back = await scene.come_back()
    presence = scene.call._presence
    presence.shut()  # as the call does before it waits for its tasks
    visit = presence._visit
    assert visit is not None
    visit._heard(wire.encode(wire.Mode(mode="voice")))
    scene.call.stop()
    await scene.over()
    assert back.closed is not None
    assert back.closed[0] == wire.CloseCode.GOING_AWAY


async def test_the_secret_stands_in_no_log(capsys: pytest.CaptureFixture[str]) -> None:
    scene = await Scene().join()
    secrets = [scene.secret_of(scene.socket)]
    await scene.drop()
    secrets.append(scene.secret_of(await scene.come_back()))
    await scene.end()
    told = capsys.readouterr()
    log = told.out + told.err + str([(entry.event, entry.effects) for entry in scene.journal.entries])
    assert "caller is back" in log
    assert not any(secret in log for secret in secrets)
    assert all(len(secret) >= 43 for secret in secrets)


async def test_a_caller_who_comes_back_to_read() -> None:
    scene = await Scene().join()
    scene.link.speaks("A long question", chunks=10)
    scene.link.ends_turn()
    await until(lambda: len(scene.socket.frames()) == 10)
    await scene.drop()
    back = await scene.come_back(mode="text")
    await until(lambda: back.got(wire.Caption)[-1].final)
    assert scene.link.microphones_off == 1
    assert back.frames() == []
    await scene.end()


async def test_typing_that_goes_unread_is_not_taken_for_heard() -> None:
    scene = await Scene().join(mode="text")
    await scene.drop()
    scene.link.speaks("Read this.")
    scene.link.ends_turn()
    await until(lambda: any(isinstance(event, ev.TurnEnded) for event, _, _ in scene.watcher.steps))
    assert scene.journal.turns == {}
    back = await scene.come_back(mode="text")
    await until(lambda: back.got(wire.Caption)[-1].final)
    assert [turn.text for turn in scene.journal.turns.values()] == ["Read this."]
    await scene.end()


def test_the_screen_keeps_the_newest_turns() -> None:
    screen = Screen()
    for turn in range(1, 101):
        screen.take(wire.Caption(who="alex", turn=turn, text="x"))
        screen.take(wire.Caption(who="alex", turn=turn, text="words", final=True))
    captions = [message for message in screen.messages() if isinstance(message, wire.Caption)]
    assert [caption.turn for caption in captions] == list(range(101 - MAX_CAPTIONS, 101))
    assert {caption.text for caption in captions} == {"words"}
    for turn in range(101, 120):
        screen.take(wire.Caption(who="alex", turn=turn, text="x" * 20_000))
    captions = [message for message in screen.messages() if isinstance(message, wire.Caption)]
    assert sum(len(caption.text) for caption in captions) <= MAX_CAPTION_CHARS


def test_the_screen_keeps_what_stands_and_forgets_what_passed() -> None:
    screen = Screen()
    for code in ("reconnecting", "text_only", "voice_again", "bad_message", "events_incomplete"):
        screen.take(wire.Notice(code=code, text=""))
    assert [m.code for m in screen.messages() if isinstance(m, wire.Notice)] == ["events_incomplete"]


@given(st.lists(st.sampled_from(["drop", "back", "rival", "speak", "chunk", "hear"]), max_size=25))
@settings(max_examples=40, deadline=None)
def test_whatever_happens_nothing_is_said_twice(script: list[str]) -> None:
    async def play() -> None:
        scene = await Scene().join()
        scene.link.speaks("A long story", chunks=3)
        heard = 0
        for act in script:
            if act == "drop" and scene.is_there:
                await scene.drop()
            elif act in ("back", "rival") and (act == "rival" or not scene.is_there):
                back = await scene.come_back(reply=1, samples=heard)
                await until(partial(back.got, wire.Resume))
                frames = [frame for frame in back.frames() if frame.reply == 1]
                assert not frames or frames[0].position == heard
                positions = [frame.position for frame in frames]
                assert positions == sorted(set(positions))
            elif act == "speak" and scene.is_there:
                scene.socket.say(wire.Mode(mode="voice"))
            elif act == "chunk":
                scene.link.speaks("", chunks=1)
            elif act == "hear" and scene.is_there:
                await asyncio.sleep(0)
                frames = [frame for frame in scene.socket.frames() if frame.reply == 1]
                if frames:
                    heard = max(heard, frames[-1].position)
                    scene.socket.say(wire.Played(reply=1, samples=heard, at=0))
            await asyncio.sleep(0)
        await scene.settled()
        if not scene.is_there:
            await scene.come_back(reply=1, samples=heard)
        await scene.end()

    asyncio.run(play())
