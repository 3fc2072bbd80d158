"""The timeline of a call: what is drawn is what happened, however long, and the page can carry any words."""

from __future__ import annotations

import re
import time
from html import unescape
from pathlib import Path

import msgspec
import numpy as np
import pytest

from tests.conversation.talk import Talk
from tests.findings.test_report import HOSTILE, Seen
from vivavoce.audio.pcm import AGENT_HZ, CALLER_HZ
from vivavoce.conversation import events as ev
from vivavoce.conversation.effects import Dial, RecordTurn, Run
from vivavoce.conversation.log import Entry
from vivavoce.errors import StoreError
from vivavoce.findings.lanes import Mark, Span
from vivavoce.findings.levels import levels
from vivavoce.findings.report import part
from vivavoce.findings.timeline import Timeline, build, gathered, joined
from vivavoce.findings.timeline_page import render_calls, render_timeline
from vivavoce.store.calls import CallLine
from vivavoce.store.recorder import Recorder
from vivavoce.store.rows import StoredCall, StoredTurn

CASUAL = {"resolved": {"pace": {"value": "casual"}, "silence_ms": {"value": 0}}}


def call(**changed: object) -> StoredCall:
    fields: dict[str, object] = {
        "id": "c" * 16,
        "agent_name": "founder",
        "agent_source": "",
        "spec_hash": "",
        "code_version": "test",
        "settings": CASUAL,
        "state": "ended",
        "started_at": 1_800_000_000.0,
        "ended_at": 1_800_000_100.0,
        "end_reason": "agent_ended",
        "engines": {"gate": "duplex"},
    }
    return StoredCall(**{**fields, **changed})  # type: ignore[arg-type]


def turns_of(talk: Talk) -> list[StoredTurn]:
    newest = {turn.turn: turn for turn in talk.all(RecordTurn)}
    return [
        StoredTurn(
            call_id="c", turn=t.turn, who=t.who, start_ms=t.start_ms, end_ms=t.end_ms, text=t.text, complete=t.complete
        )
        for t in newest.values()
    ]


def drawn(talk: Talk) -> Timeline:
    return build(call(), talk.spec, talk.entries, turns_of(talk))


def a_talk() -> Talk:
    """A greeting, a slow answer with a tool, an interruption, a lost link."""
    talk = Talk().join()
    talk.hear(talk.agent_says("Good day.", seconds=1), 1)
    talk.tell(ev.SpeechStarted(160_000, 0.2), after=9)
    talk.tell(ev.CallerTranscribed(1, "It happens weekly."))
    talk.tell(ev.SpeechEnded(180_000), after=2)
    talk.tell(ev.ToolCalled(1, "a", "unit_economics", {}), after=0.5)
    talk.tell(ev.ErrandReturned(talk.last(Run).errand, {"output": {}}), after=3)
    reply = talk.agent_says("That is quite often, and it costs.", seconds=4)
    talk.hear(reply, 1, start_at=300_000)
    talk.tell(ev.SpeechStarted(320_000))
    talk.wait(1.0)
    talk.tell(ev.SpeechEnded(340_000))
    talk.tell(ev.LinkDropped(1, 1006, "transient"))
    talk.tell(ev.LinkOpened(2), after=0.4)
    talk.hear(talk.agent_says("Go on.", link=2, seconds=0.4), 0.4, start_at=400_000)
    return talk


def a_disturbed_talk() -> Talk:
    """A stutter with its cause, a doubt that came to nothing, four seconds without a socket, measurements."""
    talk = Talk().join()
    reply = talk.agent_says("Good day to you, and what brings you here?", seconds=4)
    talk.hear(reply, 1.0)
    at = CALLER_HZ - 4_000  # of the second that was heard
    talk.tell(ev.CallerDisturbed((("long_task", at - 3_200, 260.0, 1), ("underrun", at, 90.0, 1))))
    mic = tuple(-52.0 + index % 4 for index in range(10))
    talk.tell(ev.CallerMeasured(at, 1_600, mic, (-22.0,) * 10, return_loss_db=31.0, noise_dbfs=-58.0), after=1)
    talk.tell(ev.CallerDoubted(reply, at, 0.05))
    talk.wait(0.6)
    talk.tell(ev.CallerDropped(1006))
    talk.tell(ev.CallerReturned(), after=4)
    talk.tell(ev.CallerDisturbed((("network_gap", at + 2 * CALLER_HZ, 4_000.0, 1),)), after=0.1)
    talk.wait(1)
    return talk


def test_what_happened_is_there() -> None:
    timeline = drawn(a_talk())
    assert timeline.whole
    assert timeline.voice
    assert [row.answer.after for row in timeline.rows] == ["opening", "speech", "speech"]
    slow = timeline.rows[1]
    assert slow.why.startswith("tools 3.00 s")
    assert slow.asked == "It happens weekly."
    assert timeline.totals.slowest == slow
    assert dict(slow.stages)["turn_end"] == pytest.approx(1.0)  # the pace's own
    assert (timeline.totals.cut, timeline.totals.resumed) == (1, 0)
    assert timeline.totals.lost == 1
    assert [span.kind for span in timeline.links] == ["dial", "up", "dial", "up"]
    assert [span.text for span in timeline.tools] == ["unit_economics"]
    assert len(timeline.gate) == 2
    (cut,) = [reply for reply in timeline.replies if reply.cut_s is not None]
    assert cut.heard == AGENT_HZ
    assert cut.unheard_s == pytest.approx(3.0 - (4.0 - cut.samples / AGENT_HZ) if cut.whole is None else 3.0)
    assert {"hold", "cut", "lost", "notice"} <= {mark.kind for mark in timeline.marks}
    assert {span.kind for span in timeline.floor} >= {"agent", "caller", "waiting"}
    assert timeline.floor[-1].end_s == pytest.approx(timeline.seconds)


def test_why_something_was_done_is_marked() -> None:
    talk = Talk().join()
    talk.wait(talk.settings.answer_within_s + 1)
    marks = [(mark.kind, mark.says) for mark in drawn(talk).marks]
    assert ("notice", "the model is told to speak: it has not said a word for 8.0 s") in marks


def test_what_the_caller_says_of_pauses_is_marked() -> None:
    talk = Talk().join()
    for event in (ev.PaceChanged("casual"), ev.PaceChanged("interview"), ev.CallerDone()):
        talk.tell(event, after=1.0)
    assert [mark.says for mark in drawn(talk).marks if mark.says.startswith("the caller")] == [
        "the caller wants short pauses",
        "the caller takes their time",
        "the caller says that they are done",
    ]


def test_the_callers_machine_has_lanes_of_its_own() -> None:
    talk = a_disturbed_talk()
    timeline = drawn(talk)
    assert [span.kind for span in timeline.faults] == ["long_task", "underrun", "network_gap"]
    assert timeline.faults[1].says == "the loudspeaker ran dry for 90 ms; at that time: long task"
    assert timeline.totals.faults == (("long_task", 1), ("network_gap", 1), ("underrun", 1))
    assert timeline.totals.away_s == pytest.approx(4.0)
    assert timeline.totals.lost == 0, "the links to the model held"
    page = render_timeline(timeline, audio=None)
    assert 'data-lane="Stutter"' in page
    assert 'data-lane="Echo"' in page
    assert "loss 31 dB" in page
    assert "the caller was away for 4.0 s" in page
    assert "hears somebody over reply" in page
    quiet = render_timeline(drawn(a_talk()), audio=None)
    assert 'data-lane="Stutter"' not in quiet
    assert 'data-lane="Echo"' not in quiet


def test_a_log_with_holes_is_drawn_and_says_so() -> None:
    talk = a_talk()
    holed = build(call(), talk.spec, talk.entries[:5] + talk.entries[9:], [])
    assert not holed.whole
    foreign = Entry(0, 0.0, b'{"event":"from_the_future"}', b"[]")
    assert not build(call(), talk.spec, [foreign, *talk.entries[1:]], []).whole
    assert "missing" in render_timeline(holed, audio=None)


def test_a_call_without_a_step_is_a_page() -> None:
    page = render_timeline(build(call(ended_at=None), Talk().spec, [], []), audio=None)
    assert "still running" not in page  # it has a reason
    assert "Nobody waited" in page
    assert "No words were kept" in page


def test_half_an_hour_is_drawn_fast_and_small() -> None:
    talk = Talk().join()
    talk.hear(talk.agent_says("Good day.", seconds=2), 2)
    link = 1
    while talk.now < 2000 and not talk.conversation.ended:
        if (dialled := talk.last(Dial).link) != link:
            link = dialled
            talk.tell(ev.LinkOpened(link))
        at = round(talk.now * CALLER_HZ)
        talk.tell(ev.SpeechStarted(at, 0.1), after=0.5)
        talk.tell(ev.CallerTranscribed(link, "We wrote to forty people and nine of them answered us in a day. " * 2))
        talk.tell(ev.SpeechEnded(at + 48_000), after=4)
        reply = talk.agent_says("And what did the nine say when you asked? " * 3, link=link, seconds=24)
        talk.hear(reply, 24, start_at=at + 100_000)
    assert len(talk.entries) > 15_000
    began = time.process_time()
    timeline = drawn(talk)
    sound = np.abs(np.sin(np.arange(4000) * 0.7)).tolist()
    page = render_timeline(timeline, audio="call.wav", sound={"caller": sound, "agent": sound})
    assert time.process_time() - began < 5  # half a second on a quiet machine
    assert len(page.encode()) < 1_500_000


def test_what_no_screen_can_tell_apart_is_one() -> None:
    spans = [Span(n * 0.01, n * 0.01 + 0.005, "ok", "t", "a tool") for n in range(1000)]
    assert len(joined(spans, 0.5)) < 50
    assert joined(spans, 0.001) == tuple(spans)
    marks = [Mark(n * 0.001, "fact", f"fact {n}") for n in range(100)]
    (one,) = gathered(marks, 1.0)
    assert one.says == "fact 0; fact 1; fact 2; and 97 more"


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_words_stay_words(words: str) -> None:
    talk = a_talk()
    turns = [
        StoredTurn(call_id="c", turn=1, who="caller", start_ms=0, end_ms=9000, text=words, complete=True),
        StoredTurn(call_id="c", turn=2, who=words[:20] or "x", start_ms=9000, end_ms=9100, text=words, complete=False),
    ]
    calm = seen(render_timeline(build(call(), talk.spec, talk.entries, turns[:0]), audio=None, nonce="n"))
    page = render_timeline(
        build(call(end_reason=words, engines={"backend": words}), talk.spec, talk.entries, turns), audio=None, nonce="n"
    )
    found = seen(page)
    assert [tag for tag, _ in found.tags].count("script") == [tag for tag, _ in calm.tags].count("script") == 1
    assert not [name for _, attributes in found.tags for name in attributes if name.startswith("on") or name == "style"]
    page.encode()


def seen(page: str) -> Seen:
    parser = Seen()
    parser.feed(page)
    return parser


def test_a_file_names_its_style_and_script_and_needs_nothing_else() -> None:
    page = unescape(render_timeline(drawn(a_talk()), audio="call.wav"))
    assert re.search(r"style-src 'sha256-[\w+/=]+'; script-src 'sha256-[\w+/=]+'", page)
    assert "http://" not in page.replace("http://www.w3.org/2000/svg", "")
    assert "https://" not in page
    assert "nonce" not in page


def test_the_list_of_calls_names_them() -> None:
    over = CallLine(
        id="a" * 16,
        agent_name="<b>odd</b>",
        agent_version=None,
        state="ended",
        started_at=1.8e9,
        ended_at=1.8e9 + 71,
        end_reason="agent_ended",
        person_id=None,
    )
    lines = [over, msgspec.structs.replace(over, id="b" * 16, state="live", ended_at=None, end_reason=None)]
    page = render_calls(lines, nonce="n", more="/calls?after=x")
    assert "&lt;b&gt;odd" in page
    assert "1 min 11 s" in page
    assert "running" in page
    assert 'href="/calls?after=x"' in page
    assert "No calls yet" in render_calls([], nonce=None)


async def test_levels_stand_where_they_were_heard(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path, "c1")
    tone = (8_000 * np.sin(np.arange(CALLER_HZ) * 0.3)).astype(np.int16)
    recorder.caller(2 * CALLER_HZ, tone.tobytes())
    recorder.agent(5 * CALLER_HZ, (tone[:AGENT_HZ] // 2).tobytes())
    await recorder.close()
    found = levels(tmp_path, "c1", 100, 10.0)
    loud = [column for column, level in enumerate(found["caller"]) if level > 0.1]
    assert loud == list(range(20, 30))
    assert max(found["caller"]) == pytest.approx(8_000 / 32_768 / np.sqrt(2), rel=0.02)
    assert next(column for column, level in enumerate(found["agent"]) if level > 0.05) == 50
    assert levels(tmp_path, "c1", 5, 1.0)["caller"] == [0.0] * 5
    with pytest.raises(StoreError):
        levels(tmp_path, "nobody", 10, 1.0)


def test_every_colour_can_be_read() -> None:
    """Text at 4.5 to 1 on both grounds, marks and bars at 3 to 1 (WCAG 2.2, 1.4.3 and 1.4.11), in both themes."""
    palette, own = part("palette.css"), part("timeline.css")
    for theme in (0, 1):
        colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", palette.split("@media")[theme]))
        colours |= dict(re.findall(r"--(s-\w+): (#[0-9a-f]{6})", own.split("@media")[theme]))
        for ground in ("paper", "card"):
            for text in ("ink", "soft", "accent", "bad", "good", "v0", "v1", "v2", "v3", "v4", "v5", "v6"):
                assert contrast(colours[text], colours[ground]) >= 4.5, (theme, text, ground)
            for bar in ("turn_end", "link", "tools", "model", "send", "play"):
                assert contrast(colours[f"s-{bar}"], colours[ground]) >= 3, (theme, bar, ground)


def contrast(a: str, b: str) -> float:
    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)
