from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.guests.fakes import reply_frame
from vivavoce.errors import WireError
from vivavoce.guests.loudspeaker import MAX_GAP_SAMPLES, MAX_QUEUED_SAMPLES, Finished, Loudspeaker, Playing
from vivavoce.wire.caller import Frame, FrameKind


def played(events: list[Playing | Finished]) -> list[int]:
    return [sample for event in events if isinstance(event, Playing) for sample in event.pcm.tolist()]


def test_plays_by_counted_samples_to_the_end() -> None:
    loudspeaker = Loudspeaker()
    loudspeaker.receive(reply_frame(1, 0, 1_000))
    loudspeaker.done(1, 1_000)
    first = loudspeaker.play(768)
    assert len(played(first)) == 768
    assert isinstance(first[0], Playing)
    assert first[0].first
    assert loudspeaker.heard(1) == 768
    second = loudspeaker.play(768)
    assert len(played(second)) == 232
    assert second[-1] == Finished(1, 1_000, whole=True)
    assert loudspeaker.current == 0
    assert loudspeaker.play(768) == []


def test_the_next_reply_begins_in_the_same_frame() -> None:
    loudspeaker = Loudspeaker()
    loudspeaker.receive(reply_frame(1, 0, 100, value=1))
    loudspeaker.done(1, 100)
    loudspeaker.receive(reply_frame(2, 0, 900, value=2))
    assert played(loudspeaker.play(768)) == [1] * 100 + [2] * 668


def test_a_reply_that_runs_dry_is_not_over_and_counts_once() -> None:
    loudspeaker = Loudspeaker()
    loudspeaker.receive(reply_frame(1, 0, 700))
    assert len(played(loudspeaker.play(768))) == 700
    assert loudspeaker.play(768) == []
    assert loudspeaker.current == 1
    assert loudspeaker.underruns == 1
    loudspeaker.receive(reply_frame(1, 700, 10))
    assert len(played(loudspeaker.play(768))) == 10
    assert loudspeaker.underruns == 2


def test_hold_freezes_and_resume_goes_on_at_the_same_sample() -> None:
    loudspeaker = Loudspeaker()
    pcm = np.arange(2_000, dtype=np.int16)
    loudspeaker.receive(Frame(FrameKind.REPLY, 1, 1, 0, pcm.tobytes()))
    before = played(loudspeaker.play(768))
    loudspeaker.hold(1)
    assert loudspeaker.held
    assert loudspeaker.play(768) == []
    loudspeaker.resume(7)
    assert loudspeaker.held
    loudspeaker.resume(1)
    assert before + played(loudspeaker.play(768)) == list(range(1_536))


def test_cut_is_never_heard_again() -> None:
    loudspeaker = Loudspeaker()
    loudspeaker.receive(reply_frame(1, 0, 2_000))
    loudspeaker.play(768)
    loudspeaker.hold(1)
    assert loudspeaker.cut(1) == Finished(1, 768, whole=False)
    assert loudspeaker.cut(1) is None
    loudspeaker.receive(reply_frame(1, 2_000, 500))
    loudspeaker.done(1, 2_500)
    assert loudspeaker.late == 1
    assert loudspeaker.play(768) == []
    assert not loudspeaker.held
    loudspeaker.receive(reply_frame(2, 0, 768))
    assert len(played(loudspeaker.play(768))) == 768


def test_a_later_reply_can_be_cut_before_the_earlier_one_is_over() -> None:
    loudspeaker = Loudspeaker()
    loudspeaker.receive(reply_frame(1, 0, 768))
    loudspeaker.done(1, 768)
    loudspeaker.cut(2)
    loudspeaker.receive(reply_frame(2, 0, 768))
    assert loudspeaker.late == 1
    assert len(played(loudspeaker.play(768))) == 768
    loudspeaker.receive(reply_frame(3, 0, 768))
    assert len(played(loudspeaker.play(768))) == 768


def test_an_empty_reply_is_heard_at_once() -> None:
    loudspeaker = Loudspeaker()
    loudspeaker.done(1, 0)
    assert loudspeaker.play(768) == [Finished(1, 0, whole=True)]


def test_overlaps_are_played_once_and_holes_as_silence() -> None:
    loudspeaker = Loudspeaker()
    loudspeaker.receive(reply_frame(1, 0, 100, value=1))
    loudspeaker.receive(reply_frame(1, 50, 100, value=2))
    loudspeaker.receive(reply_frame(1, 160, 10, value=3))
    assert played(loudspeaker.play(768)) == [1] * 100 + [2] * 50 + [0] * 10 + [3] * 10


def test_what_cannot_be_is_refused() -> None:
    loudspeaker = Loudspeaker()
    for frame in (
        Frame(FrameKind.MIC, 0, 0, 0, b""),
        Frame(FrameKind.REPLY, 0, 0, 0, b""),
        reply_frame(1, MAX_GAP_SAMPLES + 1, 5),
    ):
        with pytest.raises(WireError):
            loudspeaker.receive(frame)
    assert loudspeaker.current == 0


def test_the_queue_is_bounded() -> None:
    loudspeaker = Loudspeaker()
    for number in range(11):
        loudspeaker.receive(reply_frame(1, number * MAX_QUEUED_SAMPLES // 10, MAX_QUEUED_SAMPLES // 10))
    assert loudspeaker.dropped == 1


ACTS = st.one_of(
    st.tuples(st.just("receive"), st.integers(1, 5), st.integers(0, 3_000)),
    st.tuples(st.sampled_from(["hold", "resume", "cut"]), st.integers(0, 6), st.just(0)),
    st.tuples(st.just("done"), st.integers(1, 5), st.integers(0, 3_000)),
    st.tuples(st.just("play"), st.just(0), st.integers(0, 1_000)),
)


@given(st.lists(ACTS, max_size=60))
def test_any_order_nothing_over_is_heard_again_and_time_is_kept(acts: list[tuple[str, int, int]]) -> None:
    loudspeaker = Loudspeaker()
    over: set[int] = set()
    for act, reply, amount in acts:
        if act == "receive":
            loudspeaker.receive(reply_frame(reply, amount, 700))
        elif act == "done":
            loudspeaker.done(reply, amount)
        elif act == "cut":
            over |= {reply} if loudspeaker.cut(reply) else set()
        elif act == "play":
            events = loudspeaker.play(amount)
            assert len(played(events)) <= amount
            for event in events:
                assert event.reply not in over
                over |= {event.reply} if isinstance(event, Finished) else set()
        else:
            getattr(loudspeaker, act)(reply)
    assert loudspeaker._queued >= 0
