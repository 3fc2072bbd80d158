"""How fast texts are grouped and, on texts that people have tagged, at which cut the groups are most like the tags.

Run: python -m bench clusters
     python -m bench.clusters --data DIR [--embedder minilm hashing openai:MODEL] [--draws 20]
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean

import numpy as np

from bench.embedding import texts
from bench.results import Row, row
from vivavoce.panel.clusters import MOST_AT_ONCE, clusters
from vivavoce.panel.labels import MOST_TERMS, a_sentence, labels, tells
from vivavoce.panel.texts import words
from vivavoce.panel.vectors import cosines, hashed, mean_of
from vivavoce.studies.embedding import open_embedder
from vivavoce.studies.embedding.openai import OPENAI_URL
from vivavoce.studies.evaluation import cuts
from vivavoce.studies.evaluation.labelled import load
from vivavoce.studies.evaluation.tagged import QUESTIONS, Body, for_cuts
from vivavoce.studies.port import Embedder

FEW_DRAWS = 5


def rows(*, brief: bool = False) -> list[Row]:
    made = []
    for count in (30,) if brief else (300, MOST_AT_ONCE, 4 * MOST_AT_ONCE):
        vectors = hashed(texts(count, 3))
        began = time.process_time()
        clusters(vectors, 0.5)
        made.append(row(f"{count:,} texts into groups", round(time.process_time() - began, 2), "s of CPU"))
    return made


def bodies(folder: Path) -> list[Body]:
    return for_cuts(load(folder))


def compare(embedder: Embedder, some: Sequence[Body], draws: int) -> None:
    """Every cut on the same draws of every niche."""
    vectors = [asyncio.run(embedder.embed(body.texts)) for body in some]
    found = cuts.fits(some, vectors, draws, lambda _: None)
    best = found.best
    print(
        f"\n{embedder.name}: cut {best}\n\n| cut | κ, tuned on | κ, others | groups a text |\n| --- | --- | --- | --- |"
    )
    for cut in cuts.CUTS:
        groups = fmean(each.groups for body in some for each in found.of[body.name, cut])
        tuned, others = (found.kappa(cut, tuned_on=tuned_on) or 0.0 for tuned_on in (True, False))
        print(f"| {cut} | {tuned:.3f} | {others:.3f} | {groups:.2f} |")
    print("\n| niche | κ [2.5 %, 97.5 % of draws] | pure | found | mean cosine |\n| --- | --- | --- | --- | --- |")
    for body, its in zip(some, vectors, strict=True):
        drawn = found.of[body.name, best]
        low, high = np.percentile([each.kappa for each in drawn], [2.5, 97.5])
        pure, of_tagged = fmean(each.pure for each in drawn), fmean(each.found for each in drawn)
        mean = float(cosines(its, its)[np.triu_indices(len(its), 1)].mean())
        name = body.name if body.tuned_on else f"{body.name}, not tuned on"
        print(
            f"| {name} | {fmean(each.kappa for each in drawn):.2f} [{low:.2f}, {high:.2f}]"
            f" | {pure:.2f} | {of_tagged:.2f} | {mean:.2f} |"
        )


def name_intents(embedder: Embedder, folder: Path) -> None:
    """Whether a label finds what it is the label of: made from half of the questions with an intent, is it nearer to
    their other half than to the questions of any other intent?
    """
    said: dict[str, list[str]] = {}
    for each in load(folder):
        if each.source == QUESTIONS:
            said.setdefault(each.tags, []).append(each.text)
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
