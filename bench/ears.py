"""The offline recogniser on answers of the interview kind: words wrong, alone and with help, and how soon the text is
there.

Speech is flite's; at most two or three minutes on two cores. The first 24 sentences the thresholds were tuned on, the
other 24 not.
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from bench.results import Row, row
from vivavoce.agents import load
from vivavoce.app.agent_files import words_of
from vivavoce.audio.levels import rms
from vivavoce.audio.pcm import CALLER_HZ, FRAME_SAMPLES, Pcm16, to_bytes
from vivavoce.audio.resample import resample
from vivavoce.errors import MissingError
from vivavoce.guests.wav import read_wav
from vivavoce.local.ears.vocabulary import vocabulary
from vivavoce.local.workers.recogniser import Recogniser

VOICES = ("slt", "rms", "awb", "kal16")
AGENT = Path(__file__).parent.parent / "examples" / "agents" / "founder.yaml"
LEVEL = 0.08
QUIET_DB = 40
"""White noise so far under the speech: a quiet room and a headset."""

TUNED_ON = """
last month a designer missed a deadline and lost the contract
i would give it a seven
roughly sixty percent
we would ask for ninety nine dollars a month
i would prefer not to answer that
freelance designers who work alone
they send files back and forth by email
maybe twice a week
three companies have promised to try it
i am not sure
nobody has paid us yet
yes exactly
there are two rivals both of them in the united states
the price is twenty five dollars per seat
we lose about five percent of our users each month
it takes two hundred and fifty dollars to find one buyer
on january tenth our biggest customer left because of this
what do you mean by that
a restaurant owner told me she throws away half of the order sheets
perhaps fifty thousand shops in europe
they keep everything on paper
it is hard to say
our customers are lawyers
he wasted a whole afternoon on it
"""

HELD_OUT = """
the last time was march third a client lost two days of work
i would say eight out of ten
about forty percent margin
twelve hundred dollars a month
i'd rather not say
small accounting firms with five to twenty people
they copy the numbers by hand from one program into another
it happens three or four times a month
two of them already paid a deposit of five hundred dollars
i don't know yet we have not asked
no nobody has signed anything so far
yes that is right
my main competitor is a company in berlin
we charge forty nine dollars per user per month
around fifteen percent of customers leave every year
it costs us three hundred dollars to win a customer
last tuesday a customer called me because the report was wrong
could you repeat the question please
the owner of a small bakery told me about it in june
there are about twenty thousand of them in the country
they use a spreadsheet and a lot of email
well it depends
my customers are dentists
she spent six hours looking for the missing invoice
"""


@dataclass
class Score:
    """What came out for one voice."""

    words: int = 0
    wrong: int = 0
    sentences: int = 0
    whole: int = 0
    finals_ms: list[float] = field(default_factory=list)
    sound_s: float = 0.0
    work_s: float = 0.0

    def add(self, said: str, heard: str) -> None:
        wrong = words_wrong(said.split(), heard.split())
        self.words += len(said.split())
        self.wrong += wrong
        self.sentences += 1
        self.whole += wrong == 0

    @property
    def words_wrong(self) -> float:
        """Percent."""
        return round(100 * self.wrong / self.words, 1)

    @property
    def sentences_whole(self) -> float:
        """Percent."""
        return round(100 * self.whole / self.sentences)

    @property
    def final_ms(self) -> float:
        """Median time from the last sound to the text."""
        return round(statistics.median(self.finals_ms))

    @property
    def work(self) -> float:
        """Seconds per second of sound."""
        return round(self.work_s / self.sound_s, 2)


def words_wrong(said: list[str], heard: list[str]) -> int:
    """Fewest words to replace, add or leave out."""
    row = list(range(len(heard) + 1))
    for count, word in enumerate(said, 1):
        diagonal, row[0] = row[0], count
        for at, other in enumerate(heard, 1):
            diagonal, row[at] = row[at], min(row[at] + 1, row[at - 1] + 1, diagonal + (word != other))
    return row[-1]


def flite(text: str, voice: str, folder: Path) -> Pcm16:
    """The sentence at 16 kHz and `LEVEL`, with 0.2 s before and 0.32 s after it."""
    path = folder / "sound.wav"
    subprocess.run(["flite", "-voice", voice, "-t", text, "-o", str(path)], check=True)
    pcm, rate_hz = read_wav(path.read_bytes())
    pcm = resample(pcm, rate_hz, CALLER_HZ)
    level = LEVEL / max(rms(pcm), 1e-6)
    louder = np.clip(pcm * level, -32_768, 32_767).astype(np.int16)
    return np.concatenate([np.zeros(CALLER_HZ // 5, np.int16), louder, np.zeros(CALLER_HZ * 8 // 25, np.int16)])


def noisy(pcm: Pcm16, distance_db: float, seed: int) -> Pcm16:
    """With white noise so many dB under the speech."""
    noise = np.random.default_rng(seed).normal(0, LEVEL * 10 ** (-distance_db / 20) * 32_768, len(pcm))
    return np.clip(pcm + noise, -32_768, 32_767).astype(np.int16)


def hear(recogniser: Recogniser, sounds: list[tuple[str, Pcm16]], distance_db: float) -> Score:
    """One caller says all of it, frame by frame as from a microphone."""
    score, mean = Score(), ""
    for seed, (said, clean) in enumerate(sounds):
        pcm = noisy(clean, distance_db, seed)
        started = time.perf_counter()
        recogniser.begin(mean)
        for at in range(0, len(pcm), FRAME_SAMPLES):
            recogniser.hear(to_bytes(pcm[at : at + FRAME_SAMPLES]))
        last = time.perf_counter()
        heard, mean = recogniser.finish()
        ended = time.perf_counter()
        score.add(said, heard)
        score.finals_ms.append(1000 * (ended - last))
        score.sound_s += len(pcm) / CALLER_HZ
        score.work_s += ended - started
    return score


def rows(*, brief: bool = False) -> list[Row]:
    """
    Raises:
        MissingError: nobody can speak.
    """
    if shutil.which("flite") is None:
        raise MissingError("want flite to speak, got none", remedy="`make setup` installs it on Debian.")
    model, words = vocabulary(words_of([load(AGENT.read_text("utf-8"), name=AGENT.name)]))
    alone, helped = Recogniser(), Recogniser()
    helped.learn(model, words, {})
    found: list[Row] = []
    with tempfile.TemporaryDirectory() as name:
        for label, sentences, distances in (
            ("held out", HELD_OUT, (QUIET_DB, 30, 20, 10)),
            ("tuned on", TUNED_ON, (QUIET_DB,)),
        ):
            for voice in VOICES[:1] if brief else VOICES:
                told = sentences.strip().splitlines()[: 1 if brief else None]
                sounds = [(said, flite(said, voice, Path(name))) for said in told]
                for distance_db in distances if voice == "rms" else distances[:1]:
                    which = f"{label}, {voice}, {distance_db} dB"
                    found += compared(which, *(hear(one, sounds, distance_db) for one in (alone, helped)))
    return found


def compared(which: str, alone: Score, helped: Score) -> list[Row]:
    """One voice with the agent's words known, beside without."""
    minor = not which.startswith("held out")

    def both(what: str, one: float, other: float, unit: str, *, minor: bool = True) -> Row:
        return row(f"{which}: {what}", one, unit, beside=other, than="alone", minor=minor)

    return [
        both("words wrong", helped.words_wrong, alone.words_wrong, "%", minor=minor),
        both("sentences whole", helped.sentences_whole, alone.sentences_whole, "%"),
        both("text after the last sound", helped.final_ms, alone.final_ms, "ms"),
        both("text at most", round(max(helped.finals_ms)), round(max(alone.finals_ms)), "ms"),
        both("work per second of sound", helped.work, alone.work, "s"),
    ]
