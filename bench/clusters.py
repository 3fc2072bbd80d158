"""How fast texts are grouped and, on texts that people have tagged, at which cut the groups are most like the tags.

Run: python -m bench clusters
     python -m bench.clusters --data DIR [--embedder minilm hashing openai:MODEL] [--draws 20]
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import os
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

import numpy as np
from numpy.typing import NDArray

from bench.embedding import texts
from bench.results import Row, row
from vivavoce.panel.clusters import MOST_AT_ONCE, clusters
from vivavoce.panel.labels import MOST_TERMS, a_sentence, labels, tells
from vivavoce.panel.texts import words
from vivavoce.panel.vectors import cosines, hashed, mean_of
from vivavoce.studies.embedding import open_embedder
from vivavoce.studies.embedding.openai import OPENAI_URL
from vivavoce.studies.port import Embedder

DRAW = 300
"""Texts of one draw: what a panel is made of."""
FEW_DRAWS = 5
CUTS = [round(0.05 * step, 2) for step in range(3, 14)]


@dataclass(frozen=True, slots=True)
class Body:
    """Texts of one niche and what people tagged them with."""

    name: str
    texts: list[str]
    tags: list[frozenset[str]]
    tuned_on: bool
    """Whether the cut is chosen by it; the others only tell what came of that."""


def rows(*, brief: bool = False) -> list[Row]:
    made = []
    for count in (30,) if brief else (300, MOST_AT_ONCE, 4 * MOST_AT_ONCE):
        vectors = hashed(texts(count, 3))
        began = time.process_time()
        clusters(vectors, 0.5)
        made.append(row(f"{count:,} texts into groups", round(time.process_time() - began, 2), "s of CPU"))
    return made


def bodies(folder: Path) -> list[Body]:
    """Questions to a bank with one intent each, and wishes for a home with their authors' own tags. Half of the intents
    and every second part of the home are for tuning. What else is tagged there does not tell what says the same: the
    tags of reviews of apps are phrases of the text itself, those of restaurants are eight aspects, several a text.
    """
    by_niche: dict[str, list[tuple[str, frozenset[str]]]] = {}
    questions = [each for each in read(folder / "insights.csv") if each["source"] == "banking77"]
    intents = sorted({each["tags"] for each in questions})
    for each in questions:
        half = f"{each['niche']}-{'ab'[intents.index(each['tags']) % 2]}"
        by_niche.setdefault(half, []).append((each["text"], frozenset([each["tags"]])))
    for each in read(folder / "crowdre_goals.csv"):
        if tags := frozenset(tag for tag in each["tags"].lower().split(";") if tag):
            by_niche.setdefault(each["niche"], []).append((each["text"], tags))
    return [
        Body(niche, [text for text, _ in said], [tags for _, tags in said], tuned_on=at % 2 == 0)
        for at, (niche, said) in enumerate(sorted(by_niche.items()))
    ]


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def alike(tags: Sequence[frozenset[str]]) -> NDArray[np.bool_]:
    """Which two texts share a tag."""
    known = {tag: at for at, tag in enumerate(sorted({tag for some in tags for tag in some}))}
    held = np.zeros((len(tags), len(known)), np.float32)
    for at, some in enumerate(tags):
        held[at, [known[tag] for tag in some]] = 1
    shared: NDArray[np.bool_] = held @ held.T > 0
    return shared


@dataclass(frozen=True, slots=True)
class Fit:
    """How groups are like tags, over all pairs of texts."""

    kappa: float
    """Cohen's, of "in one group" and "share a tag": 0 is chance for groups of these sizes, 1 the same. Where each text
    has one tag it is the adjusted Rand index.
    """
    pure: float
    """Of pairs in one group, how many share a tag."""
    found: float
    """Of pairs that share a tag, how many are in one group."""
    groups: float
    """A text."""


def fit(groups: Sequence[Sequence[int]], same: NDArray[np.bool_]) -> Fit:
    of = np.empty(len(same), np.intp)
    for number, group in enumerate(groups):
        of[group] = number
    pairs = np.triu_indices(len(same), 1)
    together, tagged = (of[:, np.newaxis] == of)[pairs], same[pairs]
    both, one, other = (float(each.mean()) for each in (together & tagged, together, tagged))
    by_chance = one * other + (1 - one) * (1 - other)
    told = 1 - one - other + 2 * both - by_chance
    kappa = told / (1 - by_chance) if by_chance < 1 else 0.0  # where all are alike there is nothing to tell
    return Fit(kappa, both / one if one else 1.0, both / other if other else 1.0, len(groups) / len(same))


def compare(embedder: Embedder, some: Sequence[Body], draws: int) -> None:
    """Every cut on the same draws of every niche."""
    found: dict[tuple[str, float], list[Fit]] = {}
    means: dict[str, float] = {}
    for body in some:
        vectors = asyncio.run(embedder.embed(body.texts))
        means[body.name] = float(cosines(vectors, vectors)[np.triu_indices(len(vectors), 1)].mean())
        for draw in range(draws):
            chance = random.Random(f"{body.name} {draw}")
            rows = sorted(chance.sample(range(len(body.texts)), min(DRAW, len(body.texts) * 2 // 3)))
            same = alike([body.tags[at] for at in rows])
            for cut in CUTS:
                found.setdefault((body.name, cut), []).append(fit(clusters(vectors[rows], cut), same))

    def kappa(cut: float, tuned_on: bool) -> float:
        return fmean(each.kappa for body in some if body.tuned_on is tuned_on for each in found[body.name, cut])

    best = max(CUTS, key=lambda cut: kappa(cut, True))
    print(
        f"\n{embedder.name}: cut {best}\n\n| cut | κ, tuned on | κ, others | groups a text |\n| --- | --- | --- | --- |"
    )
    for cut in CUTS:
        groups = fmean(each.groups for body in some for each in found[body.name, cut])
        print(f"| {cut} | {kappa(cut, True):.3f} | {kappa(cut, False):.3f} | {groups:.2f} |")
    print("\n| niche | κ [2.5 %, 97.5 % of draws] | pure | found | mean cosine |\n| --- | --- | --- | --- | --- |")
    for body in some:
        drawn = found[body.name, best]
        low, high = np.percentile([each.kappa for each in drawn], [2.5, 97.5])
        pure, of_tagged = fmean(each.pure for each in drawn), fmean(each.found for each in drawn)
        name = body.name if body.tuned_on else f"{body.name}, not tuned on"
        print(
            f"| {name} | {fmean(each.kappa for each in drawn):.2f} [{low:.2f}, {high:.2f}]"
            f" | {pure:.2f} | {of_tagged:.2f} | {means[body.name]:.2f} |"
        )


def name_intents(embedder: Embedder, folder: Path) -> None:
    """Whether a label finds what it is the label of: made from half of the questions with an intent, is it nearer to
    their other half than to the questions of any other intent?
    """
    said: dict[str, list[str]] = {}
    for each in read(folder / "insights.csv"):
        if each["source"] == "banking77":
            said.setdefault(each["tags"], []).append(each["text"])
    asked = list(said.values())
    middles = np.stack([mean_of(asyncio.run(embedder.embed(some[1::2]))) for some in asked])
    shown = [some[::2] for some in asked]
    frequent = []
    for some in shown:
        counts = Counter(word for text in some for word in sorted(set(words(text))) if tells(word))
        frequent.append(", ".join(word for word, _ in counts.most_common(MOST_TERMS)))

    def find(named: Sequence[str]) -> int:
        nearest = cosines(asyncio.run(embedder.embed(named)), middles).argmax(axis=1)
        return int((nearest == np.arange(len(asked))).sum())

    print(f"\n| by | labels of {len(asked)} intents that find it |\n| --- | --- |")
    for what, named in (
        ("labels", labels(shown)),
        ("the most frequent words", frequent),
        ("one of the questions", [some[0] for some in shown]),
    ):
        print(f"| {what} | {find(named)} |")
    print("\n| made from so few questions | labels | sentences |\n| --- | --- | --- |")
    for few in (1, 2, 3, 4):
        terms, sentences = [], []
        for draw in range(FEW_DRAWS):
            chance = random.Random(f"{few} {draw}")
            drawn = [chance.sample(some, few) for some in shown]
            named = labels(drawn)
            terms.append(find(named))
            sentences.append(find([a_sentence(some, label) for some, label in zip(drawn, named, strict=True)]))
        print(f"| {few} | {fmean(terms):.0f} | {fmean(sentences):.0f} |")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.clusters", description="Measure the cut on tagged texts.")
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="with insights.csv, crowdre_goals.csv")
    parser.add_argument("--embedder", nargs="+", default=["minilm", "hashing"], metavar="NAME")
    parser.add_argument("--base-url", default=OPENAI_URL, help="of openai:MODEL; its key stands in OPENAI_API_KEY")
    parser.add_argument("--draws", type=int, default=20)
    given = parser.parse_args()
    found = bodies(given.data)
    for name in given.embedder:
        embedder = open_embedder(name, key=os.environ.get("OPENAI_API_KEY", ""), base_url=given.base_url)
        compare(embedder, found, given.draws)
        name_intents(embedder, given.data)
