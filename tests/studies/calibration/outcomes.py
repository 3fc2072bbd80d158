"""Files of outcomes in the shape of the real ones, all made up here."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from vivavoce.panel.sense import SENSES
from vivavoce.panel.vectors import HASHED_SIZE, Vectors, hashed, unit
from vivavoce.studies.calibration.choices import ATTRIBUTES


class Letters:
    """Hashed words in few numbers."""

    name, size, weak, sense = "letters/1", 64, True, SENSES["hashing/1"]

    async def embed(self, texts: Sequence[str]) -> Vectors:
        shrunk = hashed(texts) @ np.random.default_rng(0).normal(size=(HASHED_SIZE, self.size))
        return unit(shrunk.astype(np.float32))

    async def close(self) -> None: ...


SUBJECTS = ("garden", "kitchen", "bicycle", "harbour", "library", "market", "school", "theatre")
DOINGS = ("opens", "closes", "grows", "shrinks", "surprises", "helps")


def write(folder: Path, name: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with (folder / name).open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(rows)


def clicks(folder: Path, *, stories: int = 30) -> None:
    """Headlines in which a question costs clicks."""
    chance = np.random.default_rng(1)
    rows = []
    for story in range(stories):
        subject, doing = SUBJECTS[story % len(SUBJECTS)], DOINGS[story % len(DOINGS)]
        for arm in range(3):
            asks = arm == story % 3
            text = f"How the {subject} {story} {doing} number {arm} of our town{'?' if asks else '.'}"
            hits = chance.binomial(4_000, 0.01 if asks else 0.02)
            rows.append((f"s{story}", f"t{story}", 100 + story, "e", text, 4_000, hits, "True"))
    columns = ("story_id", "test_id", "test_week", "eyecatcher_id", "headline", "impressions", "clicks")
    write(folder, "upworthy_arms.csv", (*columns, "randomisation_ok"), rows)


def ideas(folder: Path) -> None:
    """Longer ideas are liked more."""
    chance = np.random.default_rng(2)
    texts, ratings = [], []
    for at in range(40):
        source, length = ("human", "ai")[at % 2], 2 + at // 2 % 10
        words = " ".join(SUBJECTS[(at + step * step) % 8] + str(at * step) for step in range(length))
        texts.append((f"i{at:02d}", source, f"An app for the {words}."))
        ratings += [
            (f"i{at:02d}", f"r{r}", "c", int(np.clip(chance.normal(1 + length / 3, 0.7), 1, 5))) for r in range(35)
        ]
    write(folder, "concept_ideas.csv", ("idea_id", "source", "text"), texts)
    write(folder, "concept_idea_ratings.csv", ("idea_id", "rater", "condition", "rating"), ratings)


def wishes(folder: Path) -> None:
    """People of three niches, four wishes each."""
    chance = np.random.default_rng(3)
    rows, ratings = [], []
    for at in range(144):
        niche, person = f"home-{at % 3}", f"p{at // 4 * 3 + at % 3}"
        text = f"I want my {SUBJECTS[(at * 5) % 8]} of the {SUBJECTS[at % 3]} to say when it {DOINGS[at % 6]} {at}"
        rows.append((f"w{at:03d}", "crowdre", niche, "goal", "", "", text, person, ""))
        ratings += [(f"w{at:03d}", f"r{r}", 3, int(chance.integers(1, 6)), 3) for r in range(2 + at % 2)]
    columns = ("id", "source", "niche", "kind", "polarity", "tags", "text", "person", "licence")
    write(folder, "crowdre_goals.csv", columns, rows)
    write(folder, "crowdre_ratings.csv", ("id", "rater", "novelty", "usefulness", "clarity"), ratings)


def insights(folder: Path) -> None:
    rows = []
    for at in range(120):
        niche, kind = f"town-{at % 2}", ("pain", "question", "praise")[at % 3]
        feels = ("I hate that", "Why is it that", "I love that")[at % 3]
        text = f"{feels} the {SUBJECTS[at % 8]} of the {SUBJECTS[at % 2 + 4]} {DOINGS[at % 6]} on day {at}."
        rows.append((f"n{at:03d}", "made-up", niche, kind, "", "", text, ""))
    write(folder, "insights.csv", ("id", "source", "niche", "kind", "polarity", "tags", "text", "licence"), rows)


def cars(folder: Path) -> None:
    """People who mind the price."""
    chance = np.random.default_rng(4)
    rows = []
    for task in range(200):
        prices = chance.uniform(10, 40, 3)
        best = int((-2 * np.log(prices) + chance.gumbel(size=3)).argmax())
        for option in range(3):
            values = chance.integers(0, 2, len(ATTRIBUTES)).tolist()
            rows.append((task // 5, task, int(option == best), f"{prices[option]:.2f}", *values))
    write(folder, "conjoint_cars_us.csv", ("id", "obsnum", "choice", "price", *ATTRIBUTES), rows)


def twins(folder: Path) -> None:
    chance = np.random.default_rng(5)
    names = [f"Q{at}" for at in range(6)]
    people, models = [], []
    for person in range(60):
        true = chance.integers(1, 8, 6)
        people.append((f"p{person}", *true.tolist()))
        models.append((f"p{person}", *np.clip(true + chance.integers(-1, 2, 6), 1, 7).tolist()))
    write(folder, "twin2k_dv_human.csv", ("TWIN_ID", *names), people)
    write(folder, "twin2k_dv_llm.csv", ("TWIN_ID", *names), models)
    ranges = [(f"study {at // 2}", name, 1, 7) for at, name in enumerate(names)]
    write(folder, "twin2k_dv_ranges.csv", ("study_name", "DV_variable", "DV_min", "DV_max"), ranges)


def stories(folder: Path) -> None:
    chance = np.random.default_rng(6)
    rows = [
        (
            "-".join(sorted("ABCDE", key=lambda each: (each == "B", chance.random()))),
            f"The {SUBJECTS[at % 8]} matters most.",
        )
        for at in range(20)
    ]
    write(folder, "survey_storytelling_ranking.csv", ("Vote", "Explanation"), rows)


def everything(folder: Path) -> None:
    for each in (clicks, ideas, wishes, insights, cars, twins, stories):
        each(folder)
