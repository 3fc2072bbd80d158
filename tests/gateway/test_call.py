"""One call between peers in memory: the ordinary way first, then everything peers, tools and links do wrong."""

from __future__ import annotations

import asyncio

import pytest

from tests.calls.turned_loop import TurnedLoop
from tests.gateway.peers import Scene, until
from vivavoce.conversation import events as ev
from vivavoce.conversation.log import encode_effects, encode_event
from vivavoce.conversation.settings import ConversationSettings
from vivavoce.gateway import downlink as downlink_module
from vivavoce.gateway import greeting, inbox, outbox, pace
from vivavoce.gateway.ration import Ration
from vivavoce.gateway.reports import BURST
from vivavoce.wire import caller as wire


async def test_hello_is_answered_with_a_welcome_and_a_link() -> None:
    scene = await Scene().join()
    welcome = scene.socket.got(wire.Welcome)[0]
    assert [speaker.id for speaker in welcome.speakers] == ["alex", "sam", "maya"]
    assert welcome.consent == "ask"
    assert "severity" in [field.id for field in welcome.fields]
    assert scene.link.speaker == "alex"
    assert "<briefing>" in scene.link.texts[0]
    await scene.end()
    assert scene.socket.closed == (1000, "caller_hung_up")
    assert scene.socket.got(wire.Ended)[0].reason == "caller_hung_up"


async def test_the_agent_is_heard_and_recorded_where_it_was_heard() -> None:
    scene = await Scene().join()
    scene.link.speaks(" How bad is it?")
    scene.link.ends_turn()
    await until(lambda: bool(scene.socket.got(wire.ReplyDone)))
    frames = scene.socket.frames()
    assert [frame.position for frame in frames] == [0, 4800, 9600, 14400, 19200]
    assert {(frame.kind, frame.reply, frame.speaker) for frame in frames} == {(wire.FrameKind.REPLY, 1, 1)}
    position = scene.socket.speak(0, level=0, frames=63)  # two seconds of quiet microphone
    await until(lambda: scene.journal.caller_samples >= 63 * 512)
    await scene.hears(12_000, at=16_000)
    await scene.hears(24_000, at=position)
    assert scene.journal.agent_runs == [(8000, 12_000), (position - 8000, 12_000)]
    assert scene.journal.turns[1].text == "How bad is it?"
    await until(lambda: scene.socket.got(wire.Floor)[-1].turn == "open")
    await scene.end()


@pytest.mark.conformance("C22", "C27")
async def test_a_minute_of_sound_that_comes_at_once_is_heard_whole() -> None:
    scene = await Scene().join()
    scene.link.speaks(" A long story.", chunks=300)
    scene.link.ends_turn()
    await until(lambda: bool(scene.socket.frames()))
    sent = 0
    while sent < 300 * 4800:
        assert scene.socket.got(wire.Floor)[-1].turn == "agent", "the model is done, the caller is still listening"
        sent = 4800 * len(scene.socket.frames())
        await scene.hears(sent, at=0)
    await until(lambda: scene.socket.got(wire.Floor)[-1].turn == "open")
    assert [frame.position for frame in scene.socket.frames()] == [index * 4800 for index in range(300)]
    await scene.end()


async def test_the_callers_voice_reaches_the_model_and_the_gate_speaks_up() -> None:
    scene = await Scene().join()
    position = scene.socket.speak(0, level=0, frames=30)
    position = scene.socket.speak(position, level=6000, frames=10)
    scene.socket.speak(position, level=0, frames=30)
    await until(lambda: len(scene.link.audio) == 70)
    await until(lambda: len(scene.socket.got(wire.Gate)) == 2)
    assert [gate.open for gate in scene.socket.got(wire.Gate)] == [True, False]
    assert scene.call.gate_count["frames"] == 70
    await scene.end()


async def test_behind_a_two_tier_gate_nothing_passes_while_the_agent_is_heard() -> None:
    scene = await Scene(gate="two-tier").join()
    scene.link.speaks("hello")
    await until(lambda: bool(scene.socket.frames()))
    scene.socket.speak(0, level=6000, frames=10)
    await until(lambda: len(scene.link.audio) == 10)
    assert all(set(pcm) == {0} for pcm in scene.link.audio), "silence in its place keeps the model's clock true"
    assert scene.call.gate_count["withheld"] == 10
    await scene.end()


async def test_facts_reach_the_callers_board_with_their_moment() -> None:
    scene = await Scene().join()
    position = scene.socket.speak(0, level=0, frames=30)
    position = scene.socket.speak(position, level=6000, frames=30)
    scene.socket.speak(position, level=0, frames=30)
    await until(lambda: len(scene.socket.got(wire.Gate)) == 2)
    scene.link.heard(" An eight.")
    scene.link.calls("n1", "note", {"facts": {"severity": 8}})
    await until(lambda: bool(scene.socket.got(wire.Fact)))
    fact = scene.socket.got(wire.Fact)[0]
    assert (fact.field, fact.state, fact.value) == ("severity", "answered", 8)
    turn, start_ms, end_ms = fact.evidence[0]
    assert turn == 1
    assert 660 <= start_ms <= 960 < 1920 <= end_ms <= 2220
    assert scene.link.answers[0][0] == "n1"
    scene.socket.say(wire.Correct(field="severity", value=9))
    await until(lambda: len(scene.socket.got(wire.Fact)) == 2)
    assert scene.journal.facts["severity"].source == "typed"
    await scene.end()


async def test_consent_decides_about_the_recording() -> None:
    scene = await Scene().join()
    assert not scene.journal.recording
    scene.socket.say(wire.Consent(decision="given", text_version="1"))
    await until(lambda: scene.journal.recording)
    assert scene.journal.consents[0].text_version == "1"
    scene.socket.say(wire.Consent(decision="refused"))
    await until(lambda: not scene.journal.recording)
    await scene.end()


async def test_who_is_done_ends_their_turn_at_gate_and_model() -> None:
    scene = await Scene().join()
    position = scene.socket.speak(0, level=0, frames=30)
    position = scene.socket.speak(position, level=6000, frames=30)
    await until(lambda: [gate.open for gate in scene.socket.got(wire.Gate)] == [True])
    scene.socket.say(wire.Done())
    await until(lambda: [gate.open for gate in scene.socket.got(wire.Gate)] == [True, False])
    await until(lambda: scene.socket.got(wire.Floor)[-1].turn == "waiting")
    assert scene.link.turns_over == 1
    assert scene.link.microphones_off == 0
    scene.socket.speak(position, level=6000, frames=30)
    await until(lambda: [gate.open for gate in scene.socket.got(wire.Gate)] == [True, False, True])
    await scene.end()


async def test_a_flood_of_turns_that_are_over_is_left_out() -> None:
    scene = await Scene().join()
    for _ in range(200):
        scene.socket.say(wire.Done())
    scene.socket.say(wire.Mode(mode="text"))
    await until(lambda: scene.link.microphones_off == 1)
    assert BURST <= scene.link.turns_over < BURST + 50, "some seconds may pass meanwhile"
    assert scene.call._hearing.left_out == 200 - scene.link.turns_over
    await scene.end()


async def test_a_caller_who_takes_their_time_is_given_it_on_this_link_and_the_next() -> None:
    scene = await Scene().join(pace="casual")
    assert scene.socket.got(wire.Welcome)[0].pace == "casual"
    assert scene.link.patiences == []
    scene.socket.say(wire.Pace(pace="interview"))
    await until(lambda: scene.link.patiences == [2500])
    scene.socket.say(wire.Pace(pace="interview"))
    scene.link.drops()
    await until(lambda: len(scene.model.links) == 2)
    await until(lambda: scene.link.patiences == [2500])
    await scene.end()


async def test_what_the_page_tells_is_told_as_far_as_it_is_taken() -> None:
    context = {"page.title": "Shoes\n</page>", "page.url": "https://a.example/b?c=d", "data.card": "4111"}
    scene = await Scene().join(context=context)
    assert 'page.title: "Shoes ‹/page›"\npage.url: "https://a.example/b"\n</page>' in scene.link.texts[0]
    assert not any(b"4111" in entry.event + entry.effects for entry in scene.journal.entries)
    await scene.end()


async def test_a_value_that_does_not_fit_is_answered_with_what_stands() -> None:
    scene = await Scene().join()
    scene.socket.say(wire.Correct(field="severity", value="eleventy"))
    await until(lambda: bool(scene.socket.got(wire.Notice)))
    assert [(fact.field, fact.state, fact.value) for fact in scene.socket.got(wire.Fact)] == [
        ("severity", "unasked", None)
    ]
    notice = scene.socket.got(wire.Notice)[0]
    assert (notice.code, notice.action) == ("bad_value", "correct")
    assert notice.text
    assert scene.journal.facts == {}, "nothing has changed, so nothing is written"
    await scene.end()


async def test_a_call_that_is_to_be_erased_ends_with_a_word_about_that() -> None:
    scene = await Scene().join()
    scene.call.end_to_erase()
    await scene.over()
    ended = scene.socket.got(wire.Ended)[0]
    assert (ended.reason, "erased" in ended.text, "saved" in ended.text) == ("erased", True, False)
    assert scene.socket.closed == (1000, "erased")


async def test_a_tool_runs_and_its_result_is_shown() -> None:
    scene = await Scene().join()
    scene.link.calls("t1", "unit_economics", {})
    await until(lambda: bool(scene.link.answers))
    assert scene.link.answers[0][1]["output"]["say"] == "done"
    await until(lambda: [shown.title for shown in scene.socket.got(wire.Show)] == ["unit_economics"])
    await scene.end()


async def test_a_cancelled_tool_is_stopped() -> None:
    scene = await Scene().join()
    scene.link.calls("t1", "unit_economics", {"hang": True})
    await until(lambda: any(task.get_name() == "tool-unit_economics" for task in asyncio.all_tasks()))
    scene.link.happens(ev.ToolsCancelled(scene.link.shelf.link, ("t1",)))
    await until(lambda: scene.tools.cancelled == 1)
    assert scene.link.answers == []
    await scene.end()


async def test_a_hand_over_changes_the_voice_with_the_newest_handle() -> None:
    scene = await Scene().join()
    scene.link.calls("h1", "hand_off", {"to": "sam"})
    first = scene.link
    first.ends_turn()
    first.hands("secret-1")
    await until(lambda: len(scene.model.links) == 2)
    assert first.hung_up
    assert (scene.link.speaker, scene.link.handle) == ("sam", "secret-1")
    await until(lambda: bool(scene.link.texts))
    assert "handover" in scene.link.texts[0]
    await scene.end()
    assert all(b"secret-1" not in entry.event + entry.effects for entry in scene.journal.entries)


async def test_a_dropped_link_is_dialled_again_and_hears_what_was_said_meanwhile() -> None:
    scene = await Scene().join()
    scene.link.hands("h")
    position = scene.socket.speak(0, level=0, frames=30)
    position = scene.socket.speak(position, level=6000, frames=10)
    await until(lambda: len(scene.socket.got(wire.Gate)) == 1)
    first = scene.link
    first.drops()
    await until(lambda: bool(scene.socket.got(wire.Notice)))
    scene.socket.speak(position, level=6000, frames=5)
    await until(lambda: len(scene.model.links) == 2)
    await until(lambda: sum(pcm[0] != 0 for pcm in scene.link.audio) == 15)
    assert len(first.audio) == 40, "nothing goes into a link that is gone"
    assert scene.link.audio[0][0] == 0, "with the soft beginning before the gate was sure"
    assert scene.link.handle == "h"
    assert scene.socket.got(wire.Notice)[0].code == "reconnecting"
    await scene.end()


async def test_a_model_that_refuses_ends_the_call_with_a_voice() -> None:
    scene = Scene()
    scene.model.refuse = [(1007, "API key not valid. Please pass a valid API key.")]
    scene.socket.say(wire.Hello())
    await until(lambda: bool(scene.socket.frames()))
    assert sum(len(frame.pcm) // 2 for frame in scene.socket.frames()) == 2400
    await scene.hears(2400, at=0)
    await scene.over()
    assert scene.socket.got(wire.Ended)[0].reason == "link_refused"
    assert "saved" in scene.socket.got(wire.Ended)[0].text


async def test_a_caller_who_never_says_hello(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(greeting, "HELLO_WITHIN_S", 0.0)
    scene = Scene()
    await scene.over()
    assert scene.socket.closed == (wire.CloseCode.NO_HELLO, "no_hello")
    assert scene.model.links == []


async def test_what_comes_before_hello_is_refused() -> None:
    scene = Scene()
    scene.socket.say(wire.Typed(text="hi"))
    scene.socket.speak(0)
    await scene.join()
    assert scene.socket.got(wire.Notice)[0].code == "bad_message"
    assert scene.journal.caller_samples == 0
    await scene.end()


@pytest.mark.parametrize(
    "rubbish",
    [
        "", "{", '{"kind":"nonsense"}', '{"kind":"hello"}', '{"kind":"played","reply":"x"}', b"", b"\x01",
        bytes([1, 1]) + bytes(15), bytes([9, 1]) + bytes(14), bytes([1, 2]) + bytes(16),
    ],
)  # fmt: skip
async def test_rubbish_is_left_out_told_once_and_ends_the_call_only_when_it_goes_on(rubbish: str | bytes) -> None:
    scene = await Scene().join()
    scene.socket.say(rubbish)
    scene.socket.say(rubbish)
    await until(lambda: bool(scene.socket.got(wire.Notice)))
    scene.link.speaks("still here")
    await until(lambda: bool(scene.socket.frames()))
    for _ in range(greeting.PATIENCE):
        scene.socket.say(rubbish)
    await scene.over()
    assert scene.socket.closed is not None
    assert scene.socket.closed[0] == wire.CloseCode.PROTOCOL
    assert len(scene.socket.got(wire.Notice)) == 1


@pytest.mark.conformance("C32")
async def test_a_caller_who_goes_over_to_typing_leaves_no_turn_open() -> None:
    scene = await Scene().join()
    scene.socket.speak(0, level=6000, frames=10)
    await until(lambda: len(scene.link.audio) == 10)
    scene.socket.say(wire.Mode(mode="text"))
    await until(lambda: scene.link.microphones_off == 1)
    scene.socket.say(wire.Mode(mode="voice"))
    await scene.end()
    assert scene.link.microphones_off == 1


async def test_a_caller_who_does_not_read_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "MAX_UNSENT_BYTES", 10_000)
    scene = await Scene().join()
    scene.socket.reading.clear()
    for index in range(1000):
        scene.socket.say(wire.Correct(field="severity", value=index % 10))
    await until(lambda: scene.call.reason == "slow_peer")
    assert scene.socket.unsent < 11_000
    scene.socket.reading.set()
    await scene.over()
    assert scene.socket.closed == (wire.CloseCode.SLOW_PEER, "slow_peer")


async def test_a_caller_ahead_of_us_is_not_read_until_we_are_there() -> None:
    scene = await Scene().join()
    for index in range(5 * pace.AHEAD):
        scene.socket.say(wire.Correct(field="severity", value=index % 10))
    await until(lambda: scene.socket.paused)
    await until(lambda: len(scene.socket.got(wire.Fact)) == 5 * pace.AHEAD)
    await scene.end()


async def test_a_caller_who_says_more_than_a_machine_has_to_say_is_read_slowly() -> None:
    scene = await Scene().join()

    def heard() -> int:
        return sum(isinstance(event, ev.CallerTyped) for event, _, _ in scene.watcher.steps)

    scene.call._pace._ration = Ration(lambda: 0.0, per_s=1e6, burst=pace.AT_ONCE)  # no time passes
    for _ in range(2 * pace.AT_ONCE):
        scene.socket.say(wire.Typed(text="x"))
    await until(lambda: heard() >= pace.AT_ONCE)
    await scene.settled()
    for _ in range(100):
        await asyncio.sleep(0)
    assert heard() == pace.AT_ONCE
    assert scene.socket.paused, "the rest waits where it is"
    scene.call._pace._ration = Ration(lambda: 0.0, per_s=1e6, burst=2 * pace.AT_ONCE)
    await until(lambda: heard() == 2 * pace.AT_ONCE)
    await scene.end()


async def test_what_comes_between_the_hello_and_our_answer_is_kept() -> None:
    scene = Scene()
    scene.socket.say(wire.Hello())
    scene.socket.say(wire.Correct(field="severity", value=3))
    scene.socket.say(wire.Leave())
    await scene.over()
    assert scene.call.reason == "caller_hung_up"
    assert scene.journal.facts["severity"].value == 3


async def test_a_caller_who_is_gone_ends_the_call_where_nobody_waits_for_them() -> None:
    scene = await Scene(settings=ConversationSettings(return_within_s=0.0)).join()
    scene.socket.say(None)
    await scene.over()
    assert scene.call.reason == "caller_left"
    assert scene.link.hung_up


async def test_a_fault_of_ours_ends_this_call_with_words() -> None:
    scene = await Scene().join()

    def broken(seq: int, at_s: float, event: bytes, effects: bytes) -> None:
        raise RuntimeError("disk")

    scene.journal.event = broken  # type: ignore[method-assign]
    scene.link.speaks("x")
    async with asyncio.timeout(10):
        await scene.task
    assert scene.socket.closed == (wire.CloseCode.FAILED, "failed")
    assert scene.socket.got(wire.Ended)[0].reason == "failed"


async def test_a_task_of_ours_that_breaks_ends_this_call_too() -> None:
    scene = await Scene().join()
    scene.link.calls("t1", "unit_economics", {"break": True})
    await scene.over()
    assert scene.socket.closed == (wire.CloseCode.FAILED, "failed")


async def test_a_full_disk_is_told_and_the_talk_goes_on() -> None:
    scene = await Scene().join()
    scene.journal.problem = "recording_incomplete"
    scene.link.speaks("still here")
    await until(lambda: bool(scene.socket.frames()))
    assert [notice.code for notice in scene.socket.got(wire.Notice)] == ["recording_incomplete"]
    await scene.end()


async def test_calls_do_not_notice_each_other() -> None:
    good, bad = await Scene().join(), await Scene().join()
    for _ in range(greeting.PATIENCE + 1):
        bad.socket.say(b"rubbish")
    await until(lambda: bad.socket.closed is not None)
    good.link.speaks("hello")
    await until(lambda: bool(good.socket.frames()))
    await bad.task
    await good.end()


def test_a_silent_model_is_reminded_by_the_clock() -> None:
    async def wait() -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, TurnedLoop), "the test turns the clock"
        scene = await Scene(settings=ConversationSettings(answer_within_s=8.0)).join()
        for reminded in range(4):
            assert sum("reason: nudge" in text for text in scene.link.texts) == reminded
            await loop.turn_to(8.0 * (reminded + 1) + 1)
        await scene.end()

    with asyncio.Runner(loop_factory=TurnedLoop) as runner:
        runner.run(wait())


async def test_stale_and_empty_frames_are_counted_and_left_out() -> None:
    scene = await Scene().join()
    scene.socket.speak(5120, frames=2)
    scene.socket.speak(0, frames=1)
    scene.socket.say(wire.encode_frame(wire.Frame(wire.FrameKind.MIC, 0, 0, 10_000, b"")))
    scene.socket.speak(20_000, frames=1)
    await until(lambda: scene.journal.caller_samples == 3 * 512)
    assert scene.call.gate_count["stale"] == 2
    await scene.end()


async def test_a_cough_over_the_agent_holds_and_resumes_through_the_real_gate() -> None:
    scene = await Scene().join()
    scene.link.speaks("A long question", chunks=20)
    await until(lambda: bool(scene.socket.frames()))
    position = scene.socket.speak(0, level=0, frames=40)
    position = scene.socket.speak(position, level=6000, frames=9)  # 288 ms
    scene.socket.speak(position, level=0, frames=30)
    await until(lambda: bool(scene.socket.got(wire.Resume)))
    assert scene.socket.got(wire.Hold)[0].reply == 1
    assert scene.socket.got(wire.Cut) == []
    await scene.end()


async def test_a_late_timer_does_not_make_time_leap() -> None:
    scene = await Scene().join()
    scene.link.speaks("A long question", chunks=20)
    await until(lambda: bool(scene.socket.frames()))
    await scene.hears(2400, at=0)
    scene.call._clock._wake(0.0)  # a deadline long past, whose wake-up waited behind what re-armed the timer
    seen = len(scene.journal.entries)
    scene.socket.say(wire.Played(reply=1, samples=4800, at=0))
    await until(lambda: len(scene.journal.entries) > seen + 1)
    times = [entry.at for entry in scene.journal.entries]
    assert times[-1] - times[0] < 5.0, "the stall deadline ten seconds ahead has not come"
    assert scene.socket.got(wire.Cut) == []
    await scene.end()


async def test_a_flood_of_the_model_costs_it_its_link_and_not_the_call() -> None:
    scene = await Scene().join()
    for _ in range(inbox.MOST + 10):
        scene.link.heard(" word")
    await until(lambda: len(scene.model.links) == 2)
    await until(lambda: bool(scene.link.texts))
    scene.link.speaks("Here again")
    await until(lambda: bool(scene.socket.frames()))
    await scene.end()


async def test_a_turn_without_an_end_costs_the_model_its_link_and_not_our_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(downlink_module, "MAX_HELD_BYTES", 100_000)
    scene = await Scene().join()
    first = scene.link
    first.speaks("On and on", chunks=10)  # 96 kB: two seconds of it are on their way to the caller
    assert not first.hung_up
    await until(lambda: bool(scene.socket.frames()))
    first.speaks("and on", chunks=50)
    await until(lambda: first.hung_up)
    await until(lambda: len(scene.model.links) == 2)
    await scene.end()


async def test_of_many_handles_the_newest_are_kept() -> None:
    scene = await Scene().join()
    for number in range(1000):
        scene.link.hands(f"handle-{number}")
    scene.link.drops()
    await until(lambda: len(scene.model.links) == 2)
    assert scene.link.handle == "handle-999"
    assert len(scene.call._links._handles) < 1000
    await scene.end()


async def test_what_comes_right_behind_the_setup_is_not_lost() -> None:
    scene = Scene()
    scene.model.greets_with = lambda link: link.hands("early")
    await scene.join()
    scene.link.drops()
    await until(lambda: len(scene.model.links) == 2)
    assert scene.link.handle == "early"
    await scene.end()


async def test_a_link_that_is_gone_before_it_was_announced_gets_no_sound() -> None:
    scene = Scene()
    scene.model.greets_with = lambda link: link.drops() if len(scene.model.links) == 0 else None
    scene.socket.say(wire.Hello())
    await until(lambda: len(scene.model.links) == 2 and bool(scene.link.texts))
    scene.socket.speak(0, level=6000, frames=10)
    await until(lambda: len(scene.link.audio) == 10)
    assert scene.model.links[0].audio == []
    await scene.end()


async def test_turns_without_a_sound_stand_in_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    scene = await Scene().join()
    scene.link.speaks("hello")
    scene.link.ends_turn()
    scene.link.ends_turn()
    await scene.end()
    assert "turns=2" in (logged := capsys.readouterr().out)
    assert "mute_turns=1" in logged


async def test_an_observer_is_told_every_step_and_what_was_counted() -> None:
    scene = await Scene().join()
    scene.socket.speak(0, level=6000, frames=10)
    await until(lambda: len(scene.link.audio) == 10)
    scene.link.ends_turn()
    scene.link.drops()
    await until(lambda: len(scene.model.links) == 2)
    scene.journal.problem = "events_incomplete"
    await scene.end()
    told = [(encode_event(event), encode_effects(effects)) for event, effects, _ in scene.watcher.steps]
    assert told == [(entry.event, entry.effects) for entry in scene.journal.entries]
    assert scene.watcher.reason == "caller_hung_up"
    counts = scene.watcher.counts
    assert (counts["frames"], counts["passed"], counts["mute_turns"], counts["events_incomplete"]) == (10, 10, 1, 1)


async def test_a_position_that_no_clock_has_reached_is_refused() -> None:
    scene = await Scene().join()
    scene.socket.speak(2**62, frames=1)
    await until(lambda: bool(scene.socket.got(wire.Notice)))
    scene.socket.speak(0, frames=3)
    await until(lambda: scene.journal.caller_samples == 3 * 512)
    await scene.end()


@pytest.mark.parametrize("samples", [1, 159, 32_001])
async def test_frames_of_odd_sizes_are_refused(samples: int) -> None:
    scene = await Scene().join()
    scene.socket.say(wire.encode_frame(wire.Frame(wire.FrameKind.MIC, 0, 0, 0, bytes(2 * samples))))
    await until(lambda: bool(scene.socket.got(wire.Notice)))
    assert scene.journal.caller_samples == 0
    await scene.end()


async def test_a_megabyte_of_typing_is_refused() -> None:
    scene = await Scene().join()
    scene.socket.say(wire.encode(wire.Typed(text="x" * 5000)))
    await until(lambda: bool(scene.socket.got(wire.Notice)))
    assert not any("xxx" in text for text in scene.link.texts)
    await scene.end()


async def test_an_operator_switches_voice_off_in_a_running_call_and_on_again() -> None:
    scene = await Scene().join()
    scene.link.speaks("How bad is it?")
    await until(lambda: bool(scene.socket.frames()))
    position = scene.socket.speak(0, level=6000, frames=20)
    await until(lambda: len(scene.link.audio) == 20)
    scene.call.switch(text_only=True, tools_off=())
    await until(lambda: bool(scene.socket.got(wire.Notice)))
    assert (scene.socket.got(wire.Notice)[-1].code, scene.socket.got(wire.Notice)[-1].action) == ("text_only", "type")
    assert scene.socket.got(wire.Cut)
    assert scene.link.microphones_off == 1
    sent = len(scene.socket.frames())
    position = scene.socket.speak(position, level=6000, frames=20)
    scene.socket.say(wire.Typed(text="an eight"))
    await until(lambda: "an eight" in scene.link.texts)
    scene.link.ends_turn()
    scene.link.speaks("Thank you.")
    scene.link.ends_turn()
    await until(lambda: any(caption.text == "Thank you." for caption in scene.socket.got(wire.Caption)))
    assert len(scene.link.audio) == 20, "what a microphone sends all the same is left out"
    assert len(scene.socket.frames()) == sent
    scene.call.switch(text_only=False, tools_off=())
    await until(lambda: scene.socket.got(wire.Notice)[-1].code == "voice_again")
    scene.socket.speak(position, level=6000, frames=1)
    await until(lambda: len(scene.link.audio) == 21)
    await scene.end()


async def test_an_operator_switches_a_tool_off_while_it_runs() -> None:
    scene = await Scene().join()
    scene.link.calls("a", "market_size", {"hang": True})
    await until(lambda: any("market_size" in (task.get_name() or "") for task in asyncio.all_tasks()))
    scene.call.switch(text_only=False, tools_off=("market_size",))
    await until(lambda: bool(scene.link.answers))
    assert scene.link.answers[0][1]["error"]["kind"] == "unavailable"
    await until(lambda: scene.tools.cancelled == 1)
    await scene.end()
