"""What the reasoner should not be asked, and how wrong it is when it is: which headline is clicked on, which idea is
creative.
"""

from __future__ import annotations

import math
import random
import statistics
from collections.abc import Sequence
from functools import partial
from itertools import combinations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.reasoner import nearness
from bench.reasoner.intervals import bootstrapped, table
from bench.reasoner.people import PANEL, persona
from vivavoce.panel.archetypes import ARCHETYPES
from vivavoce.panel.ballots import Question, Sheet, Variant
from vivavoce.panel.reasoner import Reasoner
from vivavoce.panel.reasoner.offer import read
from vivavoce.panel.reasoner.wording import wording
from vivavoce.studies.embedding import open_embedder
from vivavoce.studies.embedding.senses import sense_of


def ideas(folder: Path, names: Sequence[str]) -> None:
    """Which of two ideas for a health app people rate as more creative, by people who said what they want of health at
    home.
    """
    marks: dict[str, list[float]] = {}
    for each in table(folder / "concept_idea_ratings.csv"):
        marks.setdefault(each["idea_id"], []).append(float(each["rating"]))
    rated = [idea for idea in table(folder / "concept_ideas.csv") if len(marks.get(idea["idea_id"], ())) > 1]
    means = np.array([statistics.fmean(marks[idea["idea_id"]]) for idea in rated])
    errors = np.array([statistics.variance(marks[idea["idea_id"]]) / len(marks[idea["idea_id"]]) for idea in rated])
    clear = np.abs(means[:, None] - means) > 1.96 * np.sqrt(errors[:, None] + errors)
    said: dict[str, list[str]] = {}
    for goal in table(folder / "crowdre_goals.csv"):
        if goal["niche"] == "smart-home-health":
            said.setdefault(goal["person"], []).append(goal["text"])
    for name in names:
        embedder = open_embedder(name)
        reasoner, chance = Reasoner(sense_of(embedder)), random.Random(name)
        panel = [persona(said[person], wanted=True) for person in chance.sample(sorted(said), PANEL)]
        variants = [Variant(id=idea["idea_id"], text=idea["text"]) for idea in rated]
        asked = [Question(ask="", variants=(variant,)) for variant in variants]
        sheets = [Sheet(question=each, order=(each.variants[0].id,), seed=0) for each in asked]
        texts = sorted({text for one in panel for sheet in sheets for text in reasoner.texts(one, sheet)})
        vectors = dict(zip(texts, nearness.embedded(embedder, texts), strict=True))
        scores = np.array(
            [
                statistics.fmean(reasoner.judge(one, each, each.variants[0], vectors).score for one in panel)
                for each in asked
            ]
        )
        length = np.array([len(idea["text"]) for idea in rated], np.float64)
        for source in ("human", "ai"):
            rows = np.array([at for at, idea in enumerate(rated) if idea["source"] == source])
            pairs = clear[np.ix_(rows, rows)]
            print(f"{embedder.name}, ideas of {source}: {int(pairs.sum()) // 2} clear pairs of {len(rows)}")
            for what, its in (("the reasoner", scores), ("length", length)):
                right = partial(_right, its, means, clear, rows)
                print(f"  {what:<14}  {bootstrapped(right, len(rows))}")


def _right(
    scores: NDArray[np.float64],
    truth: NDArray[np.float64],
    clear: NDArray[np.bool_],
    rows: NDArray[np.intp],
    drawn: NDArray[np.intp],
) -> float:
    """Share of clear pairs among the drawn of these rows that are put in the right order; who is undecided is half
    right.
    """
    rows = rows[drawn]
    pairs = clear[np.ix_(rows, rows)]
    said, is_so = np.sign(scores[rows][:, None] - scores[rows]), np.sign(truth[rows][:, None] - truth[rows])
    return float((0.5 + 0.5 * said * is_so)[pairs].mean())


def headlines(folder: Path) -> None:
    """Which of two headlines over the same picture is clicked on more, by the tastes of all archetypes alone."""
    arms: dict[tuple[str, str], list[dict[str, str]]] = {}
    for arm in table(folder / "upworthy_arms.csv"):
        if arm["randomisation_ok"] == "True":
            arms.setdefault((arm["test_id"], arm["eyecatcher_id"]), []).append(arm)
    taste: dict[str, float] = {}
    by_story: dict[str, list[tuple[float, float]]] = {}
    for _, tested in sorted(arms.items()):
        for one, other in combinations(tested, 2):
            if (over := _clearly(one, other)) == 0:
                continue
            for headline in (one["headline"], other["headline"]):
                if headline not in taste:
                    taste[headline] = _taste(headline)
            liked = taste[one["headline"]] - taste[other["headline"]]
            longer = len(one["headline"]) - len(other["headline"])
            by_story.setdefault(one["story_id"], []).append((over * np.sign(liked), over * np.sign(longer)))
    stories = [np.array(pairs) for _, pairs in sorted(by_story.items())]
    print(f"{sum(map(len, stories))} clear pairs of {len(stories)} stories; share right [95 %, bootstrap of stories]")
    for at, what in enumerate(("tastes of archetypes", "length")):
        print(f"  {what:<20}  {bootstrapped(partial(_of_stories, stories, at), len(stories))}")


def _of_stories(stories: Sequence[NDArray[np.float64]], at: int, drawn: NDArray[np.intp]) -> float:
    """Share of the pairs of these stories that one guess got right."""
    return float(np.concatenate([stories[row][:, at] for row in drawn]).mean() / 2 + 0.5)


def _clearly(one: dict[str, str], other: dict[str, str]) -> int:
    """1 or -1 where the first was clicked on clearly more or less often, otherwise 0."""
    clicks = [int(each["clicks"]) for each in (one, other)]
    shown = [int(each["impressions"]) for each in (one, other)]
    pooled = sum(clicks) / max(1, sum(shown))
    error = (pooled * (1 - pooled) * sum(1 / max(1, each) for each in shown)) ** 0.5
    z = (clicks[0] / max(1, shown[0]) - clicks[1] / max(1, shown[1])) / error if error else 0.0
    return int(np.sign(z)) if abs(z) > 1.96 else 0


def _taste(text: str) -> float:
    found = wording(read(text))
    return statistics.fmean(
        math.fsum(liking * found[feature] for feature, liking in sorted(each.priors.style.items()))
        for each in ARCHETYPES.values()
    )
