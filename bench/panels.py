"""Making a panel of 200 from 300 insights: reading apart, all that lies between what people said and who sits there.

Run: python -m bench.panels DATA [--file FILE ...] [--embedder minilm]
     for each niche of labelled texts in a folder, with the kinds their annotators gave them, and for files as a harvest
     reads them: what panels are worth
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import itertools
import random
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean

from bench.results import Row, row
from vivavoce.panel.building import build
from vivavoce.panel.evidence import Body
from vivavoce.panel.insights import KINDS, Insight, Kind, Reading, insight_id
from vivavoce.panel.personas import PanelSpec, Persona
from vivavoce.panel.reading import Reader
from vivavoce.panel.thinness import STOPS
from vivavoce.studies.embedding.hashing import HashingEmbedder
from vivavoce.studies.embedding.open import open_embedder
from vivavoce.studies.evidence import gather
from vivavoce.studies.port import Embedder
from vivavoce.studies.sources.files import Files

INSIGHTS, PEOPLE, MEMBERS = 300, 180, 200
SEEDS = 20
WHO = ("my clients", "our team", "the app", "support", "my bank", "the invoice", "this export", "the reminder")
HURTS = ("loses my drafts", "takes forever", "costs too much", "is confusing", "never answers", "breaks each month")
WANTS = ("should sync by itself", "should cost the same all year", "should work offline", "should take my data along")
WHEN = ("on Mondays", "after an update", "at the end of the quarter", "on the phone", "when I travel", "with two users")


def said(count: int) -> tuple[list[Insight], list[Reading]]:
    """What nobody said: sentences put together by lot, no two the same."""
    chance = random.Random(40)
    insights, readings = [], []
    for number in range(count):
        kind: Kind = chance.choice(["pain", "pain", "need", "praise"])
        does = chance.choice(HURTS if kind == "pain" else WANTS)
        words = " ".join(
            f"{chance.choice(WHO)} {does} {chance.choice(WHEN)} {number * 7919 + again}." for again in (0, 1)
        )
        insights.append(
            Insight(
                id=f"{number:016x}",
                source="file",
                ref=str(number),
                text=words,
                person=f"p{chance.randrange(PEOPLE)}",
                group=f"g{number % 50}",
            )
        )
        readings.append(Reading(insight=f"{number:016x}", kind=kind, niche="invoicing"))
    return insights, readings


def rows(*, brief: bool = False) -> list[Row]:
    insights, readings = said(INSIGHTS)
    members = 5 if brief else MEMBERS

    def gathered() -> Body:
        return asyncio.run(gather(insights, readings, HashingEmbedder()))

    took_s = []
    for _ in range(1 if brief else 3):
        began = time.perf_counter()
        body = gathered()
        between = time.perf_counter()
        panel = build(body, PanelSpec(size=members, forced=True), 1)
        took_s.append((between - began, time.perf_counter() - between))
    return [
        row(f"gather {INSIGHTS} insights, hashed, into themes", round(min(took[0] for took in took_s), 2), "s"),
        row("themes they fall into", len(body.themes), ""),
        row(f"build a panel of {members} from them", round(min(took[1] for took in took_s), 2), "s", most=2.0),
        row(f"independent members that {members} are worth", panel.effective_size, ""),
    ]


def labelled(folder: Path) -> dict[str, list[tuple[Insight, Reading]]]:
    """At most 300 texts of each niche, with the kind that was given them where it is one of ours."""
    niches: dict[str, list[dict[str, str]]] = defaultdict(list)
    for name in ("insights.csv", "crowdre_goals.csv"):
        with (folder / name).open(encoding="utf-8", newline="") as lines:
            for line in csv.DictReader(lines):
                niches[line["niche"]].append(line)
    chance = random.Random(1)
    found: dict[str, list[tuple[Insight, Reading]]] = {}
    for niche, lines_ in sorted(niches.items()):
        for line in chance.sample(lines_, min(INSIGHTS, len(lines_))):
            id_ = insight_id(line["source"], line["id"])
            kind = next((kind for kind in KINDS if kind == line["kind"]), None)
            said_ = Insight(
                id=id_, source=line["source"], ref=line["id"], text=line["text"], person=line.get("person") or ""
            )
            found.setdefault(niche, []).append((said_, Reading(insight=id_, niche=niche, kind=kind)))
    return found


def in_common(personas: tuple[Persona, ...]) -> float:
    """Of the points that two members have, those that both have: the mean over all pairs."""
    sets = [{point.text for point in (*each.frustrations, *each.goals)} for each in personas]
    shares = [len(one & other) / len(one | other) for one, other in itertools.combinations(sets, 2)]
    return fmean(shares)


async def harvested(file: Path) -> list[tuple[Insight, Reading]]:
    """All that is in a file, as a harvest reads it."""
    source = Files(pseudonym=str)
    insights: list[Insight] = []
    cursor: str | None = None
    while True:
        page = await source.page(str(file), cursor)
        insights += page.insights
        cursor = page.cursor
        if cursor is None:
            return list(zip(insights, Reader().read(insights), strict=True))


async def by_niche(niches: Mapping[str, Sequence[tuple[Insight, Reading]]], embedder: Embedder) -> None:
    """A line for each: means over panels of five with as many seeds, and how many of them are told to be alike."""
    print(
        f"| niche | insights | themes | richness | points in common | worth of 5 | worth of {MEMBERS} | overlap of 5 "
        f"| alike, of {SEEDS} | stopped as |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for niche, pairs in niches.items():
        body = await gather([insight for insight, _ in pairs], [reading for _, reading in pairs], embedder)
        few = [build(body, PanelSpec(size=5, forced=True), seed) for seed in range(SEEDS)]
        many = build(body, PanelSpec(size=MEMBERS, forced=True), 1)
        rich = fmean(persona.richness for panel in few for persona in panel.personas)
        common = fmean(in_common(panel.personas) for panel in few)
        overlaps = [panel.overlap for panel in few]
        alike = sum("alike" in panel.warnings for panel in few)
        stops = ", ".join(warning for warning in few[0].warnings if warning in STOPS) or "–"
        print(
            f"| {niche} | {len(body.insights)} | {len(body.themes)} | {rich:.2f} | {common:.2f} "
            f"| {fmean(panel.effective_size for panel in few):.1f} | {many.effective_size:.1f} "
            f"| {fmean(overlaps):.2f} [{min(overlaps):.2f}, {max(overlaps):.2f}] | {alike} | {stops} |",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.panels", description="What panels of each niche are worth.")
    parser.add_argument("data", type=Path, metavar="DATA", help="a folder with insights.csv and crowdre_goals.csv")
    parser.add_argument("--file", type=Path, nargs="*", default=[], help="CSV, JSON or JSON Lines, as harvests take it")
    parser.add_argument("--embedder", default="minilm", help="minilm, hashing or openai:MODEL")
    given = parser.parse_args()
    niches = labelled(given.data) | {file.stem: asyncio.run(harvested(file)) for file in given.file}
    asyncio.run(by_niche(niches, open_embedder(given.embedder)))


if __name__ == "__main__":
    main()
