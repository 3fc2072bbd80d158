"""Which of five ways to hear stories parents would buy: a small survey, and what it can and cannot say (TinyTroupe)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vivavoce.errors import InputError
from vivavoce.panel.ballots import Question, Sheet, Variant
from vivavoce.panel.calibration.drawing import Floats, mean_by
from vivavoce.panel.calibration.likeness import spearman
from vivavoce.panel.outcome import Share
from vivavoce.panel.reasoner import Reasoner
from vivavoce.studies.calibration.files import table
from vivavoce.studies.calibration.outcome import Column, Goal, Role, Row, Task, exactly, spread_over
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
HALVINGS = 500
FLOOR, CEILING, OURS = "random", "mean of all others", "a person's own reason, by nearness to the options"
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
    rows = [Row(who=FLOOR, role="control", figures={RHO: exactly(0.0)})]

    def show(who: str, role: Role, scores: Floats) -> None:
        found = _agrees(np.broadcast_to(scores, votes.shape), votes)
        figures = {RHO: mean_by(found, people, seed=seed)}
        if who != CEILING:
            figures[GAIN] = mean_by(found - base, people, seed=seed)
        rows.append(Row(who=who, role=role, figures=figures))

    prices = np.array([PRICES[each] for each in OPTIONS])
    show("cheapest first", "control", -prices)
    show("dearest first", "control", prices)
    show("length of our text", "control", np.array([float(len(each)) for each in OPTIONS.values()]))
    show("most features first", "control", np.array([FEATURES[each] for each in OPTIONS]))
    show("wrong person: somebody else's reason", "control", np.roll(apart, len(votes) // 3, axis=0))
    show("niche mean: all reasons' mean nearness", "control", near.mean(axis=0))
    show(OURS, "model", near)
    show("the same, less each option's mean", "model", apart)
    for priced in (False, True):
        scores, silent = await _reasoned(reasons, embedder, priced=priced)
        who = f"reasoner, {'with' if priced else 'without'} prices (would abstain for {silent})"
        show(who, "ablation" if priced else "model", scores)
    show(CEILING, "people", others)
    same, halves = _halved(votes, seed)
    return Task(
        name="storytelling",
        asks="how somebody ranks five offers",
        counts={"people": len(votes), "options": len(OPTIONS)},
        split="each person by all others; nothing is fitted",
        interval="people drawn",
        columns=COLUMNS,
        floor=FLOOR,
        ceiling=CEILING,
        rows=tuple(rows),
        figures={
            "two halves of the people: rank correlation of their means": halves,
            "two halves of the people: the same winner": same,
            "leads where people are drawn anew": _leads(votes, seed),
        },
        goals=(
            Goal(
                wanted="two halves of the people name the same winner: at least .95",
                came=f"{same.value:.2f}",
                met=same.value >= 0.95,
            ),
        ),
        doubts=(
            "So few people cannot name a winner, and which one leads depends on how votes are counted; only what comes "
            "last is certain.",
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


def _halved(votes: Floats, seed: int) -> tuple[Share, Share]:
    chance = np.random.default_rng(seed)
    same, rho = [], []
    for _ in range(HALVINGS):
        drawn = chance.permutation(len(votes))
        one, other = votes[drawn[: len(votes) // 2]].mean(axis=0), votes[drawn[len(votes) // 2 :]].mean(axis=0)
        same.append(float(one.argmax() == other.argmax()))
        rho.append(spearman(one, other))
    return exactly(float(np.mean(same))), spread_over(rho)


def _leads(votes: Floats, seed: int) -> Share:
    """How often whoever leads among all of them leads among as many drawn anew."""
    chance = np.random.default_rng(seed)
    winner = votes.mean(axis=0).argmax()
    drawn = [votes[chance.integers(0, len(votes), len(votes))].mean(axis=0).argmax() == winner for _ in range(2_000)]
    return exactly(float(np.mean(drawn)))
