"""`viva insights evaluate`: every figure with its interval and its floors, the same for the same seed."""

from __future__ import annotations

from pathlib import Path

from vivavoce.panel.reading import NICHES, READER
from vivavoce.studies.embedding.remembered import Remembered
from vivavoce.studies.evaluation import labelled
from vivavoce.studies.evaluation.measures import Evaluation
from vivavoce.studies.evaluation.themes import measure_groups, measure_richness
from vivavoce.studies.evaluation.words import measure_words
from vivavoce.studies.port import Embedder


async def evaluate(folder: Path, embedder: Embedder, *, seed: int = 1) -> Evaluation:
    """Measure reading, groups and personas on a folder of labelled texts.

    Raises:
        InputError: a file is not there or has other columns, or the embedder's cut was not measured.
        MissingError: the embedder cannot be had.
    """
    rows, reviews = labelled.load(folder), labelled.load_reviews(folder)
    remembered = Remembered(embedder)
    groups = await measure_groups(rows, remembered, seed)
    richness = await measure_richness(reviews, remembered, seed)
    covered = {labelled.NICHES[row.niche] for row in rows if row.niche in labelled.NICHES}
    unknown = sorted({row.niche for row in rows} - labelled.NICHES.keys())
    notes = [
        f"{len(covered)} of our {len(NICHES)} niches are in the data; of the others it is only known how often they "
        f"are said wrongly: {', '.join(sorted(NICHES.keys() - covered))}",
        "no text of the data is labelled as of no niche, as a need, or with stars: none of these was measured",
        "kinds of the data are a mapping: a complaint put to a bank's support counts as a question",
        "the interval of richness holds 95 % of panels; all others are of the figure itself",
        "figures are of the half that lists were not tuned on; two texts of one thread may be on both sides",
    ]
    if unknown:
        notes.append(f"niches of the data that none of ours stands for, left out: {', '.join(unknown)[:200]}")
    return Evaluation(
        reader=READER,
        embedder=embedder.name,
        seed=seed,
        measures=(*measure_words(rows, reviews, seed), *groups, *richness),
        notes=tuple(notes),
    )
