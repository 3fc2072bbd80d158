"""The caller's audio on its way to the live model."""

from __future__ import annotations

from vivavoce.audio.gates import make_gate
from vivavoce.gateway.uplink import Uplink

LOUD = (6000).to_bytes(2, "little") * 512
QUIET = bytes(1024)
RING_S = 8.0


class Peer:
    def __init__(self, gate: str) -> None:
        self.sent: list[bytes] = []
        self.changes: list[tuple[bool, int]] = []
        self.recorded: list[int] = []
        self.uplink = Uplink(
            make_gate(gate),
            lambda speaking, position, level: self.changes.append((speaking, position)),
            lambda position, pcm: self.recorded.append(position),
            RING_S,
        )
        self.position = 0

    def speak(self, pcm: bytes, frames: int) -> None:
        for _ in range(frames):
            self.uplink.take(self.position, pcm)
            self.position += 512


def test_an_interruption_reaches_the_model_with_its_onset() -> None:
    peer = Peer("duplex")
    peer.uplink.attach(peer.sent.append)
    peer.speak(QUIET, 100)
    peer.uplink.agent_audible = True
    peer.speak(QUIET, 20)
    peer.sent.clear()
    peer.speak(LOUD, 12)
    assert peer.changes, "384 ms of loud speech are an interruption"
    assert peer.sent.count(LOUD) == 12, "also the frames from before the gate was sure"


def test_echo_that_a_half_duplex_gate_held_back_never_goes_out_late() -> None:
    peer = Peer("two-tier")
    peer.uplink.attach(peer.sent.append)
    peer.uplink.agent_audible = True
    peer.speak(LOUD, 20)
    peer.uplink.agent_audible = False
    peer.speak(QUIET, 60)
    peer.sent.clear()
    peer.speak(LOUD, 3)
    assert peer.sent == [LOUD] * 3


def test_the_ring_holds_what_a_reconnect_needs_and_no_more() -> None:
    peer = Peer("duplex")
    peer.speak(LOUD, round(RING_S * 16_000 / 512) + 100)
    assert peer.uplink.count.ring_dropped == 100
    assert peer.uplink.resend(peer.sent.append, peer.position - 5 * 512) == (5 * 512, 0)
    assert len(peer.sent) == 5
    assert len(peer.recorded) == 350, "the recorder got everything"


def test_what_the_ring_had_to_drop_is_told() -> None:
    peer = Peer("duplex")
    peer.speak(LOUD, round(RING_S * 16_000 / 512) + 100)
    samples, lost = peer.uplink.resend(peer.sent.append, 60 * 512)
    assert samples == RING_S * 16_000
    assert lost == 40 * 512


def test_what_another_server_had_is_lost_as_well() -> None:
    peer = Peer("duplex")
    peer.uplink.position = peer.position = 80_000
    assert peer.uplink.resend(peer.sent.append, 60_000) == (0, 20_000)
    peer.speak(LOUD, 4)
    assert peer.uplink.resend(peer.sent.append, 60_000) == (4 * 512, 20_000)


def test_a_clock_that_does_not_begin_at_nought_has_lost_nothing() -> None:
    peer = Peer("duplex")
    peer.position = 500_000
    peer.speak(LOUD, 4)
    assert peer.uplink.resend(peer.sent.append, 500_000) == (4 * 512, 0)


def test_nothing_is_sent_while_there_is_no_link() -> None:
    peer = Peer("duplex")
    peer.speak(LOUD, 3)
    peer.uplink.attach(peer.sent.append)
    peer.speak(LOUD, 2)
    peer.uplink.attach(None)
    peer.speak(LOUD, 2)
    assert len(peer.sent) == 3 + 2, "what nobody could know of, and what came while there was one"


def test_turns_are_told_from_where_speech_was() -> None:
    peer = Peer("duplex")
    peer.speak(QUIET, 100)
    began = peer.position
    peer.speak(LOUD, 40)
    ended = peer.position
    peer.speak(QUIET, 40)
    (_, start), (_, end) = peer.changes
    assert began - 4800 <= start <= began
    assert ended <= end <= ended + 4800


def test_a_muted_microphone_moves_its_clock_and_nothing_else() -> None:
    peer = Peer("duplex")
    peer.uplink.attach(peer.sent.append)
    peer.speak(QUIET, 100)
    peer.speak(LOUD, 30)
    heard, recorded = len(peer.sent), len(peer.recorded)
    assert peer.changes[-1][0] is True
    peer.uplink.mute(True)
    assert peer.changes[-1] == (False, peer.position), "whoever was speaking is over"
    changes = len(peer.changes)
    peer.speak(LOUD, 30)
    assert (len(peer.sent), len(peer.recorded), len(peer.changes)) == (heard, recorded, changes)
    assert peer.uplink.position == peer.position
    peer.uplink.mute(False)
    peer.speak(LOUD, 30)
    assert len(peer.sent) == heard + 30
    assert peer.changes[-1][0] is True


def test_a_doubt_of_the_callers_machine_makes_the_gate_sure_at_once() -> None:
    peer = Peer("detector")
    peer.uplink.attach(peer.sent.append)
    peer.speak(QUIET, 100)
    peer.uplink.agent_audible = True
    peer.speak(LOUD, 20)  # the agent's own voice, for all that anybody here knows
    assert not peer.changes
    peer.uplink.doubt()
    peer.speak(LOUD, 1)
    assert [speaking for speaking, _ in peer.changes] == [True]


def test_an_onset_that_nobody_could_know_of_goes_to_the_new_link() -> None:
    peer = Peer("duplex")
    peer.uplink.attach(peer.sent.append)
    peer.speak(QUIET, 30)
    peer.uplink.attach(None)
    peer.speak(LOUD, 2)
    assert peer.changes == [], "the gate is not sure yet"
    peer.sent.clear()
    peer.uplink.attach(peer.sent.append)
    peer.speak(LOUD, 4)
    assert peer.sent.count(LOUD) == 6


def test_what_just_went_again_does_not_go_a_third_time() -> None:
    peer = Peer("duplex")
    peer.speak(LOUD, 20)
    peer.uplink.resend(peer.sent.append, 0)
    peer.uplink.attach(peer.sent.append)
    assert len(peer.sent) == 20
