"""Which of five ways to hear stories parents would buy: a small survey, and what it can and cannot say (TinyTroupe)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vivavoce.errors import InputError
from vivavoce.panel.ballots import Question, Sheet, Variant
from vivavoce.panel.calibration.drawing import Floats, figure_by, mean_by
from vivavoce.panel.calibration.likeness import spearman
from vivavoce.panel.reasoner import Reasoner
from vivavoce.studies.calibration.files import table
from vivavoce.studies.calibration.goals import goal
from vivavoce.studies.calibration.measured import Measured
from vivavoce.studies.calibration.outcome import Column, Role, Task, exactly, other
from vivavoce.studies.calibration.people import persona
from vivavoce.studies.embedding.senses import sense_of
from vivavoce.studies.port import Embedder

FILE = "survey_storytelling_ranking.csv"
OPTIONS = {
    "A": "A storytelling device of its own for children, with a screen, sound and pictures, at the price of a cheap "
    "tablet.",
    "B": "No storytelling by artificial intelligence at all.",
    "C": "A storytelling app on the phone or tablet you have, with sound and pictures, for about ten dollars.",
    "D": "A storytelling device of its own for children, sound only and no screen, at the price of a cheap tablet.",
    "E": "A storytelling app on the phone or tablet you have, sound only, for about ten dollars.",
}
"""What was asked, in words of ours."""
PRICES = {"A": 60.0, "B": 0.0, "C": 10.0, "D": 60.0, "E": 10.0}
"""Dollars; a cheap tablet is taken for 60."""
FEATURES = {"A": 4.0, "B": 0.0, "C": 3.0, "D": 2.0, "E": 1.0}
"""Most first: what somebody would guess who has no panel."""
SURVEYS = 400
"""That are drawn, in pairs: a share of them stands still to .03."""
FLOOR, OURS = "random", "a person's own reason, by nearness to the options"
RHO, GAIN = "rank correlation with each person", "over mean of all others"
COLUMNS = (Column(RHO, "plain"), Column(GAIN, "signed"))


async def stories(folder: Path, embedder: Embedder, seed: int) -> Task:
    """
    Raises:
        NotHereError, InputError: the file is not there, or is another.
        MissingError: the embedder cannot be had.
    """
    rows_ = table(folder, FILE, ("Vote", "Explanation"))
    votes = np.array([_vote(row["Vote"]) for row in rows_])
    reasons = [row["Explanation"] for row in rows_]
    people = np.arange(len(votes))
    if len(votes) < 4:
        raise InputError(f"want at least 4 people in {FILE}, got {len(votes)}")
    others = (votes.sum(axis=0) - votes) / (len(votes) - 1)
    cosines = (await embedder.embed(reasons)).astype(np.float64)
    near = cosines @ (await embedder.embed(list(OPTIONS.values()))).astype(np.float64).T
    apart = near - near.mean(axis=0)
    base = _agrees(others, votes)
    measured = Measured({RHO: partial(mean_by, groups=people, seed=seed)}, {GAIN: RHO}, {RHO: base})

    def show(who: str, role: Role, scores: Floats) -> None:
        measured.row(who, role, {RHO: _agrees(np.broadcast_to(scores, votes.shape), votes)})

    prices = np.array([PRICES[each] for each in OPTIONS])
    measured.row(FLOOR, "control", {RHO: np.zeros(len(votes))})
    show("cheapest first", "control", -prices)
    show("dearest first", "control", prices)
    show("length of our text", "control", np.array([float(len(each)) for each in OPTIONS.values()]))
    show("most features first", "control", np.array([FEATURES[each] for each in OPTIONS]))
    measured.row("wrong person: everybody else's reason", "control", {RHO: _by_strangers(apart, votes)})
    show("niche mean: all reasons' mean nearness", "control", near.mean(axis=0))
    show(OURS, "model", near)
    show("the same, less each option's mean", "model", apart)
    for priced in (False, True):
        scores, silent = await _reasoned(reasons, embedder, priced=priced)
        who = f"reasoner, {'with' if priced else 'without'} prices (would abstain for {silent})"
        show(who, "ablation" if priced else "model", scores)
    measured.row("mean of all others", "people", {RHO: base})
    show("one order for all, at best (seen on the tested)", "people", votes.mean(axis=0))
    same = figure_by(lambda rows: _same_winner(votes[rows], seed), people, seed=seed)
    leads = figure_by(lambda rows: _leads(votes[rows], seed), people, seed=seed)
    chance = exactly(1 / len(OPTIONS))
    return Task(
        name="storytelling",
        asks="how somebody ranks five offers",
        counts={"people": len(votes), "options": len(OPTIONS)},
        split="each person by all others; nothing is fitted",
        interval="people drawn",
        columns=COLUMNS,
        floor=FLOOR,
        ceiling="",
        rows=(
            *measured.rows,
            other(
                f"two surveys of {len(votes)} such people: rank correlation of their means",
                figure_by(lambda rows: _alike(votes[rows], seed), people, seed=seed),
                floor=exactly(0.0),
                ceiling=exactly(1.0),
            ),
            other(
                f"two surveys of {len(votes)} such people: the same winner", same, floor=chance, ceiling=exactly(1.0)
            ),
            other(
                f"the winner leads in another survey of {len(votes)} such people",
                leads,
                floor=chance,
                ceiling=exactly(1.0),
            ),
        ),
        goals=(goal("two surveys of as many people name the same winner", same, "at least", 0.95, "plain"),),
        doubts=(
            "So few people cannot name a winner.",
            "Surveys are drawn from these people; intervals, from people drawn from these, lie somewhat too high, for "
            "who leads by chance leads by more when people are drawn twice.",
            "Nobody ranked twice: how near a person comes to themselves is not known, and there is no ceiling. Who "
            "tells everybody the same cannot do better than the one order that is best for all.",
            "The reasoner's slope of price says cheap where people did not: of unlike products, prices mislead it.",
            "The published options are paraphrased, and a cheap tablet is taken for 60 dollars.",
        ),
    )


def _vote(text: str) -> list[float]:
    """5 for what is first, 1 for what is last, in the order of the options."""
    order = text.strip().split("-")
    if sorted(order) != sorted(OPTIONS):
        raise InputError(
            f"want all of {'-'.join(OPTIONS)} once, best first, in column Vote of {FILE}; got {text[:40]!r}"
        )
    return [float(len(OPTIONS) - order.index(each)) for each in OPTIONS]


def _agrees(scores: Floats, votes: Floats) -> Floats:
    return np.array([spearman(one, other) for one, other in zip(scores, votes, strict=True)])


async def _reasoned(reasons: Sequence[str], embedder: Embedder, *, priced: bool) -> tuple[Floats, int]:
    """The reasoner's score of each option for each person, their reason as what they want; and how many it knows too
    little of, whose scores are counted all the same.
    """
    reasoner = Reasoner(sense_of(embedder))
    variants = tuple(
        Variant(id=each, text=text, price=(PRICES[each] or None) if priced else None) for each, text in OPTIONS.items()
    )
    question = Question(ask="", variants=variants, today="Reading a book to the child.", currency="USD")
    sheet = Sheet(question=question, order=tuple(OPTIONS), seed=0)
    members = [persona([reason]) for reason in reasons]
    texts = sorted({text for member in members for text in reasoner.texts(member, sheet)})
    vectors: Mapping[str, NDArray[np.float32]] = dict(zip(texts, await embedder.embed(texts), strict=True))
    scores = [[reasoner.judge(member, question, each, vectors).score for each in variants] for member in members]
    silent = sum(not reasoner.knows(member, question, vectors) for member in members)
    return np.array(scores), silent


def _by_strangers(scores: Floats, votes: Floats) -> Floats:
    """By person: how everybody else's scores agree with their vote, on average."""
    count = len(votes)
    found = np.array([_agrees(np.roll(scores, step, axis=0), votes) for step in range(1, count)])
    return np.asarray(found.mean(axis=0), np.float64)


def _surveys(votes: Floats, seed: int) -> Floats:
    """Mean votes of many surveys of as many people drawn from these, shape (surveys, options). Halves of them would not
    do: what one half has too much of the other has too little of, and near a tie they agree less than chance.
    """
    chance = np.random.default_rng(seed)
    times = chance.multinomial(len(votes), np.full(len(votes), 1 / len(votes)), size=SURVEYS)
    found: Floats = times @ votes / len(votes)
    return found


def _same_winner(votes: Floats, seed: int) -> float:
    means = _surveys(votes, seed)
    return float((means[::2].argmax(axis=1) == means[1::2].argmax(axis=1)).mean())


def _alike(votes: Floats, seed: int) -> float:
    means = _surveys(votes, seed)
    return float(np.mean([spearman(one, other) for one, other in zip(means[::2], means[1::2], strict=True)]))


def _leads(votes: Floats, seed: int) -> float:
    """How often whoever leads among all of them leads in a survey."""
    return float((_surveys(votes, seed).argmax(axis=1) == votes.mean(axis=0).argmax()).mean())
