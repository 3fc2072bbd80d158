"""What a link was like: its turns, counted for the log, and whether what they sounded like can have been speech."""

from __future__ import annotations

from typing import Literal

import numpy as np

from vivavoce.audio.pcm import AGENT_HZ, Pcm16, from_bytes
from vivavoce.conversation import events as ev

QUIET_PEAK = 2
"""Digital silence, with what rounding leaves of it; the breath of a voice is ten times louder."""
QUIET_S = 2.0
"""A turn that begins with so much silence has none but that; voices of live models begin within a fifth of a second. A
shorter one is judged at its end."""
BLOCK = AGENT_HZ // 20  # 50 ms: several periods of the lowest voice, too short for a word
TONE_BLOCKS = 40
"""Two seconds in which nothing changes. A held vowel of a voice wavers in pitch and loudness well before that."""
TONE_LEAST = 100
"""Below this level, as the root of the mean square, a tone disturbs nobody."""
TONE_SPREAD = 1.15
TONE_CROSSINGS = 2
"""How much blocks of one tone may differ, in level and in crossings of zero. Tuned on 543 sines from 40 to 4,000 Hz,
dial tones and buzzers (at most 1.06 and 1) against 47 utterances of eSpeak NG and Flite in six languages, with long
vowels in them: the nearest differ by 1.36 and by 14.
"""


class Tally:
    """Counts the turns of one link and judges their sound. Live models are known to end turns with no sound, with
    digital silence for sound, or to hold one tone. A turn that called a tool, was cut, or goes on in another one owes
    no sound; what it has of it is judged all the same, unless it was cut.
    """

    def __init__(self, link: int = 0) -> None:
        self.turns = 0
        self.mute_turns = 0
        self._link = link
        self._sounded = False
        self._excused = self._cut = False
        self._judged = False
        self._samples = 0
        self._rest: Pcm16 = np.zeros(0, np.int16)
        self._levels: list[float] = []  # of the newest blocks
        self._crossings: list[int] = []

    def sound(self, pcm: bytes) -> None:
        """A chunk of the model's sound: PCM16 LE mono at 24 kHz."""
        samples = from_bytes(pcm)
        self._samples += len(samples)
        if not self._sounded:
            self._sounded = bool(len(samples)) and int(np.abs(samples.astype(np.int32)).max()) > QUIET_PEAK
        if self._sounded and not self._judged:
            self._measure(np.concatenate((self._rest, samples)))

    def _measure(self, samples: Pcm16) -> None:
        whole = len(samples) // BLOCK * BLOCK
        self._rest = samples[whole:]
        if not whole:
            return
        blocks = samples[:whole].reshape(-1, BLOCK).astype(np.float64)
        self._levels += np.sqrt(np.mean(blocks * blocks, axis=1)).tolist()
        self._crossings += np.count_nonzero(np.diff(blocks < 0, axis=1), axis=1).tolist()
        del self._levels[:-TONE_BLOCKS], self._crossings[:-TONE_BLOCKS]

    @property
    def _tone(self) -> bool:
        if len(self._levels) < TONE_BLOCKS or min(self._levels) < TONE_LEAST:
            return False
        steady = max(self._levels) <= TONE_SPREAD * min(self._levels)
        least = min(self._crossings)  # what never crosses zero is an offset, and nobody hears it
        return steady and 0 < least >= max(self._crossings) - TONE_CROSSINGS

    def judged(self, event: ev.Event) -> ev.SoundJudged | None:
        """What to tell before this event of the link, once a turn: that its sound is no speech."""
        if self._judged or self._cut:
            return None
        kind: Literal["silence", "tone"] | None = None
        if self._tone:
            kind = "tone"
        elif self._samples and not self._sounded:
            over = isinstance(event, ev.TurnEnded) and not event.more
            kind = "silence" if over or self._samples >= QUIET_S * AGENT_HZ else None
        if kind is None:
            return None
        self._judged = True
        return ev.SoundJudged(self._link, kind)

    def observe(self, event: ev.Event) -> None:
        match event:
            case ev.ToolCalled():
                self._excused = True
            case ev.Interrupted():
                self._excused = self._cut = True
            case ev.TurnEnded(more=more):
                self.turns += 1
                self.mute_turns += not (self._sounded or self._excused or more)
                self._forget_turn()

    def _forget_turn(self) -> None:
        self._sounded = self._excused = self._cut = self._judged = False
        self._samples = 0
        self._rest = self._rest[:0]
        self._levels.clear()
        self._crossings.clear()
