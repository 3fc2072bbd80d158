"""Whether claims are weighed the way people felt: `python -m bench.claims --data DIR [--embedder minilm]`.

Bodies of sentences about restaurants (`insights.csv`, MAMS), of which people said which aspect each speaks of, and how.
Each body is asked two plain claims, that the aspect is good and that it is bad. Nothing in `panel.claims` was tuned on
it. The sentences are hard: each speaks of two aspects or more, of one well and of another badly.
"""

from __future__ import annotations

import argparse
import asyncio
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.reasoner.intervals import share, table
from vivavoce.panel import claims
from vivavoce.panel.insights import Insight
from vivavoce.panel.outcome import Claim
from vivavoce.panel.reading import Reader
from vivavoce.studies.embedding import open_embedder
from vivavoce.studies.embedding.senses import sense_of

ASPECTS = ("food", "service", "staff", "price", "ambience", "menu")
"""Without "place" and "miscellaneous", which are no subject of a claim."""
ABOUT, OTHERS = 20, 60
"""Sentences of a body that speak of the aspect, and that speak of others alone."""
DRAWS = 30
WANTED = {"pos": ("supported", "contradicted"), "neg": ("contradicted", "supported")}
"""Of the claims that it is good and that it is bad, by how all who speak of it feel."""


def measured(folder: Path, name: str, seed: int) -> Iterator[str]:
    """Lines of a report."""
    chance = random.Random(seed)  # a figure that comes out the same again
    rows = [row for row in table(folder / "insights.csv") if row["source"] == "mams"]
    feelings = {row["id"]: dict(tag.rsplit(":", 1) for tag in row["tags"].split(";")) for row in rows}
    pools: dict[tuple[str, str], list[Insight]] = {}
    for row in rows:
        one = Insight(id=row["id"], source="mams", ref=row["id"], text=row["text"])
        for aspect, felt in feelings[row["id"]].items():
            pools.setdefault((aspect, felt), []).append(one)
    drawn = {one.id: one for pool in pools.values() for one in pool}
    asked = [f"The {aspect} is {word}." for aspect in ASPECTS for word in ("good", "bad")]
    readings = {reading.insight: reading for reading in Reader().read(list(drawn.values()))}
    embedder = open_embedder(name)
    texts = claims.texts(asked, drawn.values())
    vectors = dict(zip(texts, asyncio.run(embedder.embed(texts)), strict=True))

    def weighed(aspect: str, about: Sequence[Insight]) -> tuple[Claim, ...]:
        others = [one for one in drawn.values() if aspect not in feelings[one.id]]
        body = {one.id: one for one in (*about, *chance.sample(others, OTHERS))}
        two = [f"The {aspect} is {word}." for word in ("good", "bad")]
        return claims.weighed(two, body, readings, vectors, sense_of(embedder))

    verdicts: dict[str, list[str]] = {"of one mind": [], "of two minds": [], "about nothing of it": []}
    for aspect in ASPECTS:
        pros, cons = pools[aspect, "pos"], pools[aspect, "neg"]
        for _ in range(DRAWS):
            for felt, pool in (("pos", pros), ("neg", cons)):
                for claim, right in zip(weighed(aspect, chance.sample(pool, ABOUT)), WANTED[felt], strict=True):
                    told = claim.verdict in ("supported", "contradicted")
                    verdicts["of one mind"].append(
                        "right" if claim.verdict == right else "wrong" if told else claim.verdict
                    )
            both = (*chance.sample(pros, ABOUT // 2), *chance.sample(cons, ABOUT // 2))
            verdicts["of two minds"] += [claim.verdict for claim in weighed(aspect, both)]
            verdicts["about nothing of it"] += [claim.verdict for claim in weighed(aspect, ())]
    yield f"{embedder.name}: {len(drawn)} sentences on {len(ASPECTS)} aspects, {ABOUT} of {ABOUT + OTHERS} about one"
    for what, found in verdicts.items():
        yield f"  people {what}"
        for verdict in sorted(set(found)):
            yield f"    {verdict:<13} {share([each == verdict for each in found])}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.claims", description="Weigh claims beside people's labels.")
    parser.add_argument("--data", type=Path, metavar="DIR", required=True, help="of evaluation data")
    parser.add_argument("--seed", type=int, default=1, help="of which sentences are drawn")
    parser.add_argument("--embedder", nargs="+", default=["minilm"])
    given = parser.parse_args()
    for embedder_name in given.embedder:
        print("\n".join(measured(given.data, embedder_name, given.seed)))
