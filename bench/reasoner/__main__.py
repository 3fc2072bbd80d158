"""What the reasoner can be held to on what people did, and what its numbers are measured on.

Run: python -m bench.reasoner example [--embedder minilm]
     python -m bench.reasoner near --data DIR [--embedder minilm hashing]
     python -m bench.reasoner abstain --data DIR [--embedder minilm hashing]
     python -m bench.reasoner useful --data DIR [--embedder minilm]
     python -m bench.reasoner ideas --data DIR [--embedder minilm]
     python -m bench.reasoner headlines --data DIR
     python -m bench.reasoner price --data DIR
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.reasoner import ballot, cars, nearness, wrong_questions
from bench.reasoner.intervals import bootstrapped, share, table
from bench.reasoner.people import PANEL, persona
from vivavoce.panel.ballots import Question, Sheet, Variant
from vivavoce.panel.reasoner import OFFERS
from vivavoce.panel.sense import Sense
from vivavoce.panel.vectors import Vectors
from vivavoce.studies.embedding import open_embedder
from vivavoce.studies.embedding.senses import sense_of
from vivavoce.studies.respondents.reasoner import ReasonerRespondent

POINTS = 8
"""Things that a persona of a bench says: as many as one has at most on one side."""
NICHES = {
    "banking-": "banking",
    "app-ebay": "shopping",
    "app-evernote": "productivity",
    "app-facebook": "social",
    "app-netflix": "media",
    "app-photoeditor": "creative",
    "app-whatsapp": "social",
    "restaurants": "food",
    "smart-home-": "smart-home",
}
"""Which of our niches the people in the data talk about, by what theirs begins with."""


# abstain: whether it knows what it knows nothing of


def abstain(folder: Path, names: Sequence[str], personas: int = 30) -> None:
    """Personas of real texts, held against our plain offers: those of their niche, and all others."""
    said: dict[str, list[str]] = {}
    for body in nearness.bodies(folder):
        niche = next(niche for key, niche in NICHES.items() if body.name.startswith(key))
        said.setdefault(niche, []).extend(body.texts)
    print(f"niches: {', '.join(f'{niche} ({len(texts)})' for niche, texts in sorted(said.items()))}")
    for name in names:
        embedder = open_embedder(name)
        respondent, chance = ReasonerRespondent(embedder), random.Random(name)
        answered: dict[bool, list[bool]] = {True: [], False: []}
        for niche, texts in sorted(said.items()):
            for _ in range(personas):
                one = persona(chance.sample(texts, POINTS), niche)
                for theirs, offers in OFFERS.items():
                    variants = tuple(Variant(id=str(at), text=text) for at, text in enumerate(offers))
                    asked = Question(ask="", variants=variants)
                    sheet = Sheet(question=asked, order=tuple(each.id for each in variants), seed=0)
                    ballot = asyncio.run(respondent.answer(one, sheet))
                    answered[theirs == niche].append(not ballot.abstains)
        right, wrong = answered[True], answered[False]
        print(f"{embedder.name}: answers {share(right)} of sheets of its own niche, {share(wrong)} of those of others")


# useful: whether panels of real people's goals know what strangers find useful


def useful(folder: Path, names: Sequence[str]) -> None:
    goals = table(folder / "crowdre_goals.csv")
    marks: dict[str, list[float]] = {}
    for each in table(folder / "crowdre_ratings.csv"):
        marks.setdefault(each["id"], []).append(float(each["usefulness"]))
    rated = [goal for goal in goals if goal["id"] in marks]
    truth = np.array([statistics.fmean(marks[goal["id"]]) for goal in rated])
    for name in names:
        embedder = open_embedder(name)
        vectors = nearness.embedded(embedder, [goal["text"] for goal in goals])
        at = {goal["id"]: row for row, goal in enumerate(goals)}
        sense, chance = sense_of(embedder), random.Random(name)
        by_author: dict[tuple[str, str], list[int]] = {}
        for goal in goals:
            by_author.setdefault((goal["niche"], goal["person"]), []).append(at[goal["id"]])
        right, wrong = np.zeros(len(rated)), np.zeros(len(rated))
        for row, goal in enumerate(rated):
            niche, author = goal["niche"], goal["person"]
            here = [key for key in sorted(by_author) if key[0] == niche and key[1] != author]
            there = [key for key in sorted(by_author) if key[0] != niche and key[1] != author]
            for panel, scores in ((here, right), (there, wrong)):
                drawn = chance.sample(panel, min(PANEL, len(panel)))
                scores[row] = statistics.fmean(
                    _need(vectors[at[goal["id"]]], vectors[by_author[key]], sense) for key in drawn
                )
        length = np.array([len(goal["text"]) for goal in rated], np.float64)
        niches = np.array([goal["niche"] for goal in rated])
        means = np.array([truth[niches == goal["niche"]].mean() for goal in rated])
        print(f"\n{embedder.name}: {len(rated)} goals, panels of {PANEL} people of {len(by_author)}")
        print("rank correlation with mean usefulness [95 %, bootstrap of goals]")
        for what, scores in (
            ("the reasoner's goals, right niche", right),
            ("the same, people of other niches", wrong),
            ("length", length),
        ):
            print(f"  {what:<36}  {_ranked(scores, truth)}")
        print(f"  right less wrong niche{'':<16}  {_paired(right, wrong, truth)}")
        print(f"  mean of the niche (knows the truth)   {_ranked(means, truth)}")


def _need(offer: NDArray[np.float32], said: Vectors, sense: Sense) -> float:
    """What the term of the goals is, of one sentence and points of one weight."""
    return statistics.fmean(sense.same(cosine) for cosine in np.round(said @ offer, 4).tolist())


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Ranks, of ties their mean."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    ranks: NDArray[np.float64] = (ends - (counts - 1) / 2)[inverse]
    return ranks


def _rho(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    return float(np.corrcoef(_ranks(one), _ranks(other))[0, 1])


def _ranked(scores: NDArray[np.float64], truth: NDArray[np.float64]) -> str:
    return bootstrapped(lambda rows: _rho(scores[rows], truth[rows]), len(truth))


def _paired(one: NDArray[np.float64], other: NDArray[np.float64], truth: NDArray[np.float64]) -> str:
    return bootstrapped(lambda rows: _rho(one[rows], truth[rows]) - _rho(other[rows], truth[rows]), len(truth))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.reasoner", description="Measure the reasoner.")
    parser.add_argument("what", choices=["example", "near", "abstain", "useful", "ideas", "headlines", "price"])
    parser.add_argument("--data", type=Path, metavar="DIR", help="of evaluation data; all but example need it")
    parser.add_argument("--embedder", nargs="+", default=["minilm"])
    given = parser.parse_args()
    if given.what == "example":
        ballot.show(given.embedder)
    elif given.data is None:
        parser.error(f"want --data for {given.what}")
    elif given.what in ("headlines", "price"):
        {"headlines": wrong_questions.headlines, "price": cars.measure}[given.what](given.data)
    else:
        {"near": nearness.measure, "abstain": abstain, "useful": useful, "ideas": wrong_questions.ideas}[given.what](
            given.data, given.embedder
        )
