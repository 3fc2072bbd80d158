"""What the evidence says of a claim: who speaks of the same thing, and whether they side with it or against it.

Near is not the same as agreeing, so a text counts only as far as it takes a side. Everybody is one voice however much
they wrote, and what fewer people say than come as near by chance is no evidence, whatever they say.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple, TypeAlias

import msgspec
import numpy as np
from numpy.typing import NDArray

from vivavoce.panel.evidence import person_of
from vivavoce.panel.insights import LEFT_OUT, Insight, Kind, Reading
from vivavoce.panel.outcome import Claim
from vivavoce.panel.quotes import best_sentence
from vivavoce.panel.reading import Reader
from vivavoce.panel.reasoner.near import Near
from vivavoce.panel.sense import Sense
from vivavoce.panel.stopwords import STOPWORDS
from vivavoce.panel.texts import words

Side: TypeAlias = Literal["hurts", "pleases", "wanted", "unwanted"]
"""What a text says of what it is about."""

FELT = 0.2
"""Sentiment of a text without a clear kind from which on it takes a side. Not tuned."""
AGREES: dict[tuple[Side, Side], float] = {
    ("hurts", "hurts"): 1.0,
    ("hurts", "pleases"): -1.0,
    ("hurts", "wanted"): 0.5,  # who wishes for it lacks it
    ("pleases", "pleases"): 1.0,
    ("pleases", "hurts"): -1.0,
    ("pleases", "wanted"): -0.5,
    ("wanted", "wanted"): 1.0,
    ("wanted", "unwanted"): -1.0,
    ("wanted", "pleases"): 0.5,  # who is glad of it wants it
    ("unwanted", "unwanted"): 1.0,
    ("unwanted", "wanted"): -1.0,
    ("unwanted", "pleases"): -0.5,
}
"""A claim's side, and that of what somebody said. Who complains near something that is wanted may lack it or be tired
of it, so that pair says nothing. The halves are assumed."""
BARE = 0.5
"""What a text counts for a claim that takes no side: it tells of the same thing, and only a "no" in one of them and not
in the other speaks against it. Not tuned."""
LEAST_PEOPLE = 3
"""As for a panel: what two people say is an anecdote."""
STRAY = 0.001
"""Share of texts about something quite different that come as near as `Sense.bears`; it is measured as that."""
SUPPORTED, CONTRADICTED = 7.0, 4.0
"""Scores: twice as many people for it as against it, or against as for. Not tuned."""
NEITHER = 5.5
CITED = 20
"""Insights named on either side, the nearest. Whoever wants all asks the corpus."""
NEAREST = 2
"""Insights shown where there is no evidence."""
AT_ONCE = 2_000
"""Insights that are compared together, some 6 MB of MiniLM's vectors."""
WANTS = frozenset(["want", "wants", "wanted", "need", "needs", "needed", "wish", "wishes", "wished"])
"""In a claim they are said of others ("Firms need ..."), which the reader, made for what people say of themselves, may
take for praise of what is needed."""
REACH = 3
"""A negator makes a want one that is not there, this many words before it. Not tuned."""
_TURN = re.compile(r"[,;:]\s+|\s+[-–—]\s+|\s+(?:but|although|though|however|while|whereas|yet)\s+", re.IGNORECASE)
"""Where a sentence may turn to something else."""
MOST_READ = 500
"""Insights that are read for one claim, the nearest: they settle it long before."""
NEGATORS = frozenset(
    ["no", "not", "never", "without", "nothing", "nobody", "none", "neither", "nor", "cannot", "hardly"]
)


class _Voice(NamedTuple):
    insight: str
    person: str
    value: float
    """From -1, wholly against the claim, to 1."""


def texts(claims: Sequence[str], insights: Iterable[Insight]) -> list[str]:
    """Every text whose vector `weighed` wants, each once."""
    return sorted({*claims, *(insight.text for insight in insights)})


def weighed(
    claims: Sequence[str],
    insights: Mapping[str, Insight],
    readings: Mapping[str, Reading],
    vectors: Mapping[str, NDArray[np.float32]],
    sense: Sense,
) -> tuple[Claim, ...]:
    """Each claim beside what people said, in the order of the claims. What nobody read, or was left out of the evidence
    as an order or an advert, says nothing.

    Args:
        insights: by id.
        readings: by id of the insight.
        vectors: of every text that `texts` names, by text.
        sense: of the embedder that made them.
    Raises:
        InputError: a vector is missing.
    """
    used = [insights[id_] for id_ in sorted(insights) if id_ in readings and not LEFT_OUT & {*readings[id_].flags}]
    near = _near([insight.text for insight in used], claims, Near(vectors), sense.bears)
    needed = _needed(Counter(map(person_of, used)).values())
    found = []
    for at, claim in enumerate(claims):
        side, negated = _side(claim, _read(claim)), _negated(words(claim))
        voices = []
        for row, cosine in near[at]:
            insight = used[row]
            agrees = _agrees(claim, side, negated, insight, readings[insight.id])
            if agrees:
                voices.append(_Voice(insight.id, person_of(insight), agrees * sense.same(cosine)))
        one = _claim(claim, voices, needed)
        if one.verdict == "no-evidence":
            one = msgspec.structs.replace(one, nearest=_nearest(claim, used, Near(vectors)))
        found.append(one)
    return tuple(found)


def _near(said: Sequence[str], claims: Sequence[str], near: Near, least: float) -> list[list[tuple[int, float]]]:
    """For each claim the texts that bear on it, as rows, and how near."""
    found: list[list[tuple[int, float]]] = [[] for _ in claims]
    for start in range(0, len(said), AT_ONCE):
        cosines = near.cosines(said[start : start + AT_ONCE], claims)
        for row, claim in np.argwhere(cosines >= least):
            found[claim].append((start + int(row), float(cosines[row, claim])))
    return [sorted(rows, key=lambda row: (-row[1], row[0]))[:MOST_READ] for rows in found]


def _nearest(claim: str, used: Sequence[Insight], near: Near) -> tuple[str, ...]:
    """Ids of what comes nearest, one of each person; nothing that has nothing of it."""
    best: list[tuple[float, int]] = []
    for start in range(0, len(used), AT_ONCE):
        cosines = near.cosines([insight.text for insight in used[start : start + AT_ONCE]], [claim])[:, 0]
        best += [(-float(cosines[row]), start + int(row)) for row in np.flatnonzero(cosines > 0)]
    people: dict[str, str] = {}
    for _, row in sorted(best):
        people.setdefault(person_of(used[row]), used[row].id)
        if len(people) == NEAREST:
            break
    return tuple(people.values())


def _needed(texts_each: Iterable[int]) -> int:
    """How many people must speak of it: more than come near by chance in all but one of some hundreds of claims. Who
    writes more comes near more often.
    """
    strays = [1 - (1 - STRAY) ** count for count in texts_each]
    spread = math.sqrt(math.fsum(stray * (1 - stray) for stray in strays))
    return max(LEAST_PEOPLE, math.ceil(math.fsum(strays) + 3 * spread))


def _claim(text: str, voices: Sequence[_Voice], needed: int) -> Claim:
    """Of voices, the nearest first."""
    strongest: dict[str, list[float]] = {}
    for voice in voices:
        both = strongest.setdefault(voice.person, [0.0, 0.0])
        both[voice.value < 0] = max(both[voice.value < 0], abs(voice.value))
    # who says both is as much for it as they are more for it than against it
    sums = [pro - con for pro, con in strongest.values()]
    pros = math.fsum(each for each in sums if each > 0)
    cons = -math.fsum(each for each in sums if each < 0)
    # as if one person had said yes and one no beforehand (Laplace): a single voice settles little
    score = round(1 + 9 * (pros + 1) / (pros + cons + 2), 2)
    verdict: Literal["supported", "contradicted", "mixed", "no-evidence"]
    if len(strongest) < needed:
        score, verdict = NEITHER, "no-evidence"
    elif score >= SUPPORTED:
        verdict = "supported"
    else:
        verdict = "contradicted" if score <= CONTRADICTED else "mixed"
    return Claim(
        text=text,
        verdict=verdict,
        score=score,
        supporting=tuple(voice.insight for voice in voices if voice.value > 0)[:CITED],
        opposing=tuple(voice.insight for voice in voices if voice.value < 0)[:CITED],
        people=len(strongest),
    )


def _agrees(claim: str, side: Side | None, negated: bool, insight: Insight, reading: Reading) -> float:
    """From -1 to 1: how much somebody sides with a claim. They are read by the sentence that has most of its words, for
    who praises in one breath and complains in the next says something else as a whole.
    """
    sentence = _clause(best_sentence(insight.text, about=claim) or insight.text, claim)
    if side is None:
        return BARE if _negated(words(sentence)) == negated else -BARE
    said = _read(sentence)
    theirs = _side(sentence, said)
    if theirs is None:
        said = reading
        theirs = _side("", said)
    return 0.0 if theirs is None else AGREES.get((side, theirs), 0.0) * _sure(said)


def _clause(sentence: str, claim: str) -> str:
    """The part of a sentence that has most of a claim's words; all of it where none has any."""
    wanted = set(words(claim)) - STOPWORDS
    parts = _TURN.split(sentence)
    most = max(parts, key=lambda part: len(wanted.intersection(words(part))))
    return most if wanted.intersection(words(most)) else sentence


def _read(text: str) -> Reading:
    return Reader().read([Insight(id="", source="", ref="", text=text)])[0]


_SIDES: dict[Kind, Side] = {"pain": "hurts", "praise": "pleases", "need": "wanted", "goal": "wanted"}


def _side(text: str, reading: Reading) -> Side | None:
    """None for a question, which wants to know, and where neither kind nor feeling is clear."""
    found = words(text)
    wants = [at for at, word in enumerate(found) if word in WANTS]
    if wants and all(_negated(found[max(0, at - REACH) : at]) for at in wants):
        return "unwanted"
    if wants and reading.kind is None:
        return "wanted"
    if reading.kind is not None:
        return _SIDES.get(reading.kind)
    if reading.sentiment is None or abs(reading.sentiment) < FELT:
        return None
    return "pleases" if reading.sentiment > 0 else "hurts"


def _sure(reading: Reading) -> float:
    """How sure it is of its side."""
    return reading.kind_sure if reading.kind is not None else max(FELT, abs(reading.sentiment or 0.0))


def _negated(said: Sequence[str]) -> bool:
    return any(word in NEGATORS or word.endswith("n't") for word in said)
