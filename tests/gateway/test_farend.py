"""What the caller's loudspeaker plays, as the gateway works it out, beside a loudspeaker that plays it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vivavoce.audio.pcm import Pcm16, to_bytes
from vivavoce.gateway.farend import LONGEST, MOST_REPLIES, TURNAROUND, FarEnd
from vivavoce.guests.loudspeaker import Finished, Loudspeaker, Playing
from vivavoce.wire.caller import Frame, FrameKind

FRAME = 512
PLAY = 768


def sound(seconds: float, *, at: float = 0.0) -> Pcm16:
    """A slow sweep in which every moment is told from those around it, 24 kHz."""
    time = at + np.arange(round(seconds * 24_000)) / 24_000
    swept: Pcm16 = np.rint(8000 * np.sin(2 * np.pi * (20 * time + 15 * time**2))).astype(np.int16)
    return swept


class Peers:
    """A far end and the loudspeaker that it is about, frame by frame on the microphone's clock."""

    def __init__(self, *, report_every: int = 3) -> None:
        self.far = FarEnd()
        self.loudspeaker = Loudspeaker()
        self.position = 0
        self.sent: dict[int, int] = {}
        self.report_every = report_every
        self.thought: list[Pcm16] = []
        self.played: list[Pcm16] = []

    def send(self, reply: int, pcm: Pcm16, *, done: bool = True) -> None:
        for start in range(0, len(pcm), 2400):
            chunk = pcm[start : start + 2400]
            self.far.say(reply, self.sent.get(reply, 0), to_bytes(chunk))
            self.loudspeaker.receive(Frame(FrameKind.REPLY, 1, reply, self.sent.get(reply, 0), to_bytes(chunk)))
            self.sent[reply] = self.sent.get(reply, 0) + len(chunk)
        if done:
            self.far.done(reply)
            self.loudspeaker.done(reply, self.sent[reply])

    def run(self, frames: int) -> None:
        for _ in range(frames):
            at = self.position + FRAME
            heard = np.zeros(PLAY, np.int16)
            filled = 0
            for event in self.loudspeaker.play(PLAY):
                if isinstance(event, Playing):
                    heard[filled : filled + len(event.pcm)] = event.pcm
                    filled += len(event.pcm)
                elif isinstance(event, Finished):
                    self.far.played(event.reply, event.samples, at)
            current = self.loudspeaker.current
            if self.loudspeaker.heard(current) and at // FRAME % self.report_every == 0:
                self.far.played(current, self.loudspeaker.heard(current), at)
            self.thought.append(self.far.read(self.position, FRAME))
            self.played.append(heard[np.arange(FRAME) * 3 // 2])
            self.position = at

    def wrong(self, first: int, last: int) -> float:
        """Share of what was played that was not thought of, by power."""
        thought = np.concatenate(self.thought[first:last]).astype(float)
        played = np.concatenate(self.played[first:last]).astype(float)
        return float(((thought - played) ** 2).sum() / (played**2).sum())


def test_between_reports_it_goes_on_in_step_with_the_loudspeaker() -> None:
    peers = Peers()
    peers.send(1, sound(1.5))
    peers.send(2, sound(1.0, at=1.5))
    peers.run(75)
    assert peers.wrong(3, 75) < 0.02, "also over the seam between two replies"
    peers.run(10)
    assert not np.concatenate(peers.thought[-6:]).any(), "nothing is played beyond what was sent"


def test_a_loudspeaker_that_ran_dry_is_followed_from_its_next_report_on() -> None:
    peers = Peers()
    peers.send(1, sound(0.5), done=False)
    peers.run(30)
    peers.send(1, sound(1.0, at=0.5))
    peers.run(34)
    assert peers.wrong(33, 60) < 0.02


def test_a_held_reply_is_silent_and_goes_on_where_it_stood() -> None:
    peers = Peers()
    peers.send(1, sound(3.0))
    peers.run(20)
    peers.far.hold(1)
    peers.run(TURNAROUND // FRAME)
    peers.loudspeaker.hold(1)
    peers.run(20)
    assert not np.concatenate(peers.thought[-15:]).any()
    peers.far.resume(1)
    peers.run(TURNAROUND // FRAME)
    peers.loudspeaker.resume(1)
    peers.run(30)
    assert peers.wrong(len(peers.thought) - 26, len(peers.thought)) < 0.02


def test_a_cut_reply_falls_silent_when_the_word_has_had_time_to_arrive() -> None:
    peers = Peers()
    peers.send(1, sound(3.0))
    peers.run(20)
    peers.far.cut(1)
    peers.run(10)
    silent = np.concatenate(peers.thought[20:])
    assert silent[: TURNAROUND - FRAME].any()
    assert not silent[TURNAROUND:].any()
    assert peers.far.samples == 0
    peers.loudspeaker.cut(1)
    peers.send(2, sound(2.0))
    peers.run(40)
    assert peers.wrong(35, 65) < 0.02


def test_small_differences_between_reports_move_nothing() -> None:
    far = FarEnd()
    far.say(1, 0, to_bytes(sound(4.0)))
    far.played(1, 2400, 1600)
    straight = far.read(1600, 1600)
    shaken = FarEnd()
    shaken.say(1, 0, to_bytes(sound(4.0)))
    shaken.played(1, 2400, 1600)
    pieces = []
    for index in range(10):
        pieces.append(shaken.read(1600 + 160 * index, 160))
        shaken.played(1, 2400 + 240 * index + 30 * (-1) ** index, 1600 + 160 * index)
    np.testing.assert_array_equal(np.concatenate(pieces), straight)


def test_without_a_report_nothing_is_taken_to_be_played() -> None:
    far = FarEnd()
    far.say(1, 0, to_bytes(sound(1.0)))
    assert not far.read(0, 16_000).any()


def test_a_caller_who_is_gone_plays_nothing_until_they_report_again() -> None:
    peers = Peers()
    peers.send(1, sound(3.0))
    peers.run(20)
    peers.far.lost()
    assert not peers.far.read(peers.position, 8000).any()
    peers.far.played(1, 20 * PLAY, peers.position + 8000)
    assert peers.far.read(peers.position + 8000, 512).any()


@given(st.data())
def test_whatever_is_told_in_whatever_order_it_stays_within_what_was_sent(data: st.DataObject) -> None:
    far = FarEnd()
    position = 0
    replies = st.integers(1, 5)
    for _ in range(data.draw(st.integers(0, 40))):
        reply = data.draw(replies)
        match data.draw(st.sampled_from(["say", "done", "played", "hold", "resume", "cut", "lost", "read"])):
            case "say":
                far.say(reply, 0, to_bytes(np.full(data.draw(st.integers(0, 5000)), 1000, np.int16)))
            case "done":
                far.done(reply)
            case "played":
                far.played(reply, data.draw(st.integers(-10, 60_000)), data.draw(st.integers(0, position)))
            case "hold":
                far.hold(reply)
            case "resume":
                far.resume(reply)
            case "cut":
                far.cut(reply)
            case "lost":
                far.lost()
            case _:
                samples = data.draw(st.integers(1, 32_000))
                position += data.draw(st.integers(0, 5_000))
                out = far.read(position, samples)
                assert out.shape == (samples,)
                assert out.dtype == np.int16
                assert np.abs(out).max(initial=0) <= 1400, "what was sent, give or take the ripple of the resampler"
                position += samples
        assert far.samples <= LONGEST


@pytest.mark.parametrize("replies", [1, 3 * MOST_REPLIES])
def test_memory_is_bounded_where_nothing_is_ever_reported(replies: int) -> None:
    far = FarEnd()
    for index in range(300):
        far.say(1 + index % replies, 0, bytes(2 * 24_000))
    assert far.samples <= LONGEST
    assert len(far._replies) <= MOST_REPLIES
    far.read(0, 16_000)


def test_what_was_heard_is_not_kept() -> None:
    peers = Peers()
    for reply in range(1, 20):
        peers.send(reply, sound(1.0))
        peers.run(34)
    assert peers.far.samples <= 2 * 16_000
