"""What a talk looks like in numbers: who talked how much, who waited, who cut in. Observable facts only.

All of it is counted on turns as they were heard, so it is as exact as their times. Among people the gap between turns
is about 200 ms (Stivers 2009); that is the figure to compare patience with.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from statistics import median

import msgspec

from vivavoce.findings.record import CALLER, CallRecord, TurnRecord

BACK_CHANNEL_WORDS = 2
"""A turn of at most so many words..."""
BACK_CHANNEL_MS = 1_000
"""...and at most so long is a nod ("mm-hm", "I see"): it neither ends another's monologue nor interrupts it."""
INTERRUPTION_MS = 300
"""Speaking into the last 300 ms of another's turn is ordinary turn taking; more is talking over them."""
FEWEST_WORDS = 20
"""Below so many words a rate per minute or per hundred words says nothing."""

_QUESTION = re.compile(r"[?？؟;⁇]+(?=\s|$|[\"'”’)»])|[？؟]")
_WORD = re.compile(r"\w+(?:['’-]\w+)*")
# Thai, Lao, Khmer, Myanmar, kana and Han are written without spaces: a count of words would be a count of sentences
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")

_EN_PAUSES = frozenset(("um", "uh", "er", "erm", "uhm", "hmm", "mm", "ah"))
_EN_HEDGES = (
    *("i think", "i guess", "i believe", "i suppose", "i feel like", "maybe", "perhaps", "probably", "possibly"),
    *("potentially", "hopefully", "in theory", "more or less", "i'm not sure"),
)
_EN_HEDGE = re.compile(r"\b(?:" + "|".join(map(re.escape, _EN_HEDGES)) + r")\b")


class Voice(msgspec.Struct, frozen=True):
    """One participant's part. Times in milliseconds; None where there was too little to count."""

    who: str
    turns: int
    speech_ms: int
    share: float
    """Own speech over all speech, silence left out, 0..1."""
    words: int | None
    words_per_minute: float | None
    longest_ms: int
    longest_turn: str
    """The turn in which the longest monologue began."""
    questions: int
    """Sentences that end in a question mark; a recogniser that writes none makes this 0."""
    patience_ms: int | None
    """Median silence this participant left before answering the other side, caller or agents."""
    interrupted: int
    """How often this participant talked over another."""


class Talk(msgspec.Struct, frozen=True):
    voices: tuple[Voice, ...]
    """In the order of first speaking."""
    speech_ms: int
    silence_ms: int
    hand_overs: int
    caller_fillers: int | None
    """Filled pauses (um, uh) of the caller, a lower bound: recognisers drop many. None when the talk is not English."""
    caller_hedges_per_100: float | None
    """Hedges per hundred words of the caller, approximate; a hedge on an honest estimate is no fault."""

    def of(self, who: str) -> Voice | None:
        return next((voice for voice in self.voices if voice.who == who), None)


def measure(record: CallRecord) -> Talk:
    """Statistics of a call. Turns may come in any order; those without length count nothing."""
    turns = sorted((turn for turn in record.turns if turn.end_ms > turn.start_ms), key=lambda t: (t.start_ms, t.end_ms))
    everyone = list(dict.fromkeys(turn.who for turn in turns))
    total = sum(turn.end_ms - turn.start_ms for turn in turns)
    agents = [turn.who for turn in turns if turn.who != CALLER]
    english = record.language.lower().split("-")[0] == "en"
    said = [turn.text.casefold().replace("’", "'") for turn in turns if turn.who == CALLER]
    words = sum(len(_WORD.findall(text)) for text in said)
    return Talk(
        voices=tuple(_voice(who, turns, total) for who in everyone),
        speech_ms=total,
        silence_ms=max(0, record.duration_ms - _covered_ms(turns)),
        hand_overs=sum(1 for before, after in pairwise(agents) if before != after),
        caller_fillers=sum(word in _EN_PAUSES for text in said for word in _WORD.findall(text)) if english else None,
        caller_hedges_per_100=(
            100 * sum(len(_EN_HEDGE.findall(text)) for text in said) / words
            if english and words >= FEWEST_WORDS
            else None
        ),
    )


def _voice(who: str, turns: Sequence[TurnRecord], total_ms: int) -> Voice:
    own = [turn for turn in turns if turn.who == who]
    speech = sum(turn.end_ms - turn.start_ms for turn in own)
    words = None if any(_UNSPACED.search(turn.text) for turn in own) else sum(len(_WORD.findall(t.text)) for t in own)
    longest_ms, longest_turn = _longest(who, turns)
    gaps = list(_gaps(who, turns))
    return Voice(
        who=who,
        turns=len(own),
        speech_ms=speech,
        share=speech / total_ms,
        words=words,
        words_per_minute=words / (speech / 60_000) if words is not None and words >= FEWEST_WORDS else None,
        longest_ms=longest_ms,
        longest_turn=longest_turn,
        questions=sum(len(_QUESTION.findall(turn.text)) for turn in own),
        patience_ms=round(median(gaps)) if gaps else None,
        interrupted=_interruptions(who, turns),
    )


def is_back_channel(turn: TurnRecord) -> bool:
    """A nod in sound. A turn without text counts by its length alone."""
    few = len(_WORD.findall(turn.text)) <= BACK_CHANNEL_WORDS and len(turn.text) <= 12
    return few and turn.end_ms - turn.start_ms <= BACK_CHANNEL_MS


def _longest(who: str, turns: Sequence[TurnRecord]) -> tuple[int, str]:
    """Own speech without another's turn in between but nods, and where it began."""
    best, best_turn, run, run_turn = 0, "", 0, ""
    for turn in turns:
        if turn.who == who:
            run_turn = run_turn or turn.turn
            run += turn.end_ms - turn.start_ms
            if run > best:
                best, best_turn = run, run_turn
        elif not is_back_channel(turn):
            run, run_turn = 0, ""
    return best, best_turn


def _gaps(who: str, turns: Sequence[TurnRecord]) -> Iterable[int]:
    """Silences between caller and agent before own turns; speaking into the other's turn is 0, a hand-over none."""
    end, last = 0, ""
    for turn in turns:
        if last and turn.who == who and (last == CALLER) != (who == CALLER) and not is_back_channel(turn):
            yield max(0, turn.start_ms - end)
        if turn.end_ms >= end:
            end, last = turn.end_ms, turn.who


def _interruptions(who: str, turns: Sequence[TurnRecord]) -> int:
    count, end_of_others = 0, -1
    for turn in turns:
        if turn.who != who:
            end_of_others = max(end_of_others, turn.end_ms)
        elif end_of_others - turn.start_ms > INTERRUPTION_MS and not is_back_channel(turn):
            count += 1
    return count


def _covered_ms(turns: Sequence[TurnRecord]) -> int:
    """Time in which somebody spoke; overlaps count once."""
    covered = end = 0
    for turn in turns:
        covered += max(0, turn.end_ms - max(turn.start_ms, end))
        end = max(end, turn.end_ms)
    return covered
