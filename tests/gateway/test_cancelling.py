"""A call with a raw microphone: what the loudspeaker plays comes back, and the gateway takes it out."""

from __future__ import annotations

import numpy as np

from tests.audio.rooms import Sound, heard, noise, pcm, room, voice
from vivavoce.audio.cancel import KalmanCanceller
from vivavoce.audio.gates import make_gate
from vivavoce.audio.guarded import GuardedGate
from vivavoce.audio.pcm import Pcm16, from_bytes, to_bytes
from vivavoce.audio.resample import resample
from vivavoce.gateway.uplink import Uplink
from vivavoce.guests.loudspeaker import Finished, Loudspeaker, Playing
from vivavoce.wire.caller import Frame, FrameKind

FRAME, PLAY = 512, 768


class Kiosk:
    """A caller's machine that cancels nothing: frames of the microphone hold the echo of what was played."""

    def __init__(self, gate: GuardedGate) -> None:
        self.to_model: list[Pcm16] = []
        self.recorded: list[bytes] = []
        self.turns: list[tuple[bool, int]] = []
        self.uplink = Uplink(
            gate,
            lambda speaking, position, level: self.turns.append((speaking, position)),
            lambda position, data: self.recorded.append(data),
            1.0,
        )
        self.uplink.attach(lambda data: self.to_model.append(from_bytes(data)))
        self.loudspeaker = Loudspeaker()
        self.room = room(seed=1)
        self.position = 0
        self.lost = False
        """Frames of the microphone do not arrive."""
        self._played = np.zeros(0)

    def says(self, reply: int, sound: Pcm16) -> None:
        far_end = self.uplink.far_end
        assert far_end is not None
        far_end.say(reply, 0, to_bytes(sound))
        far_end.done(reply)
        self.loudspeaker.receive(Frame(FrameKind.REPLY, 1, reply, 0, to_bytes(sound)))
        self.loudspeaker.done(reply, sound.size)
        self.uplink.agent_audible = True

    def listens(self, seconds: float, near: Sound | None = None) -> None:
        """Let so much time pass; `near` is what the caller says in it."""
        far_end = self.uplink.far_end
        for index in range(round(seconds * 16_000) // FRAME):
            out = np.zeros(PLAY)
            filled = 0
            at = self.position + FRAME
            for event in self.loudspeaker.play(PLAY):
                if isinstance(event, Playing):
                    out[filled : filled + event.pcm.size] = event.pcm / 32_768
                    filled += event.pcm.size
                elif isinstance(event, Finished):
                    self.uplink.agent_audible = False
                    if far_end is not None:
                        far_end.played(event.reply, event.samples, at)
            current = self.loudspeaker.current
            if far_end is not None and self.loudspeaker.heard(current) and at // FRAME % 3 == 0:
                far_end.played(current, self.loudspeaker.heard(current), at)
            self._played = np.concatenate([self._played, resample(pcm(out), 24_000, 16_000) / 32_768])[-16_000:]
            mic = heard(self._played, self.room)[-FRAME:] + noise(FRAME, 0.002, seed=self.position)
            if near is not None:
                piece = near[index * FRAME : (index + 1) * FRAME]
                mic[: piece.size] += piece
            if not self.lost:
                self.uplink.take(self.position, to_bytes(pcm(mic)))
            self.position = at


def agent(seconds: float, seed: int) -> Pcm16:
    return resample(pcm(voice(seconds, seed=seed)), 16_000, 24_000)


def test_the_model_hears_the_caller_over_the_agent_and_never_the_agent() -> None:
    kiosk = Kiosk(GuardedGate(KalmanCanceller()))
    kiosk.listens(1.0)
    kiosk.says(1, agent(4.0, 2))
    kiosk.listens(5.0)
    assert kiosk.turns == [], "neither while it learns nor afterwards is the agent taken for the caller"
    before = len(kiosk.to_model)
    kiosk.says(2, agent(6.0, 3))
    kiosk.listens(3.0)
    assert not np.concatenate(kiosk.to_model[before:]).any(), "silence keeps the model's clock true"
    words = voice(1.5, seed=4, level=0.08, pitch_hz=210.0)
    began = kiosk.position
    kiosk.listens(1.5, words)
    assert kiosk.turns, "somebody speaks over the agent"
    speaking, position = kiosk.turns[0]
    assert speaking
    assert abs(position - began) < 8_000
    passed = np.concatenate(kiosk.to_model[before + round(3.0 * 16_000) // FRAME :])
    assert np.sqrt(np.mean((passed[passed != 0] / 32_768) ** 2)) > 0.02, "and the model hears them"
    assert kiosk.uplink.count.relearnt == 0


def test_until_the_canceller_knows_the_room_it_is_half_duplex() -> None:
    kiosk = Kiosk(GuardedGate(KalmanCanceller()))
    kiosk.listens(0.5)
    kiosk.says(1, agent(1.2, 2))
    kiosk.listens(1.2, voice(1.2, seed=4, level=0.1, pitch_hz=210.0))
    assert kiosk.turns == []
    assert not np.concatenate(kiosk.to_model[16:]).any()
    kiosk.listens(0.8)
    kiosk.listens(1.0, voice(1.0, seed=5, level=0.08, pitch_hz=210.0))
    assert kiosk.turns[0][0], "when the agent has ended, the caller is heard"


def test_the_recording_keeps_the_microphone_as_it_was() -> None:
    kiosk = Kiosk(GuardedGate(KalmanCanceller()))
    kiosk.says(1, agent(1.0, 2))
    kiosk.listens(1.0)
    whole = from_bytes(b"".join(kiosk.recorded))
    assert np.sqrt(np.mean((whole / 32_768) ** 2)) > 0.02


def test_a_gap_of_the_microphone_costs_no_alignment() -> None:
    kiosk = Kiosk(GuardedGate(KalmanCanceller()))
    kiosk.says(1, agent(6.0, 2))
    kiosk.listens(4.0)
    kiosk.lost = True
    kiosk.listens(0.3)
    kiosk.lost = False
    kiosk.listens(1.5)
    assert kiosk.turns == []
    assert kiosk.uplink.count.relearnt == 0


def test_a_call_takes_up_a_canceller_when_its_echo_turns_out_poor() -> None:
    uplink = Uplink(make_gate("duplex"), lambda *_: None, lambda *_: None, 1.0)
    without = uplink.far_end
    uplink.listen_with(GuardedGate(KalmanCanceller()))
    far_end = uplink.far_end
    assert without is None
    assert far_end is not None
    assert uplink.gate_name == "aec"
    far_end.say(3, 24_000, to_bytes(agent(1.0, 2)))  # in the midst of a reply
    far_end.played(3, 24_000, 0)
    uplink.take(0, to_bytes(pcm(np.zeros(FRAME))))
    assert far_end.read(1_024, 4_000).any(), "reports count from the beginning of the reply"
