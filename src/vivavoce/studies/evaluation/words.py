"""Niche, kind, sentiment and flags, beside the labels of the data."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from vivavoce.panel.calibration.drawing import bootstrap
from vivavoce.panel.insights import NO_NICHE, Reading
from vivavoce.panel.intervals import wilson
from vivavoce.panel.reading import NICHES, Reader
from vivavoce.studies.evaluation import labelled
from vivavoce.studies.evaluation.labelled import Labelled
from vivavoce.studies.evaluation.measures import Measure

KINDS = ("pain", "praise", "question", "goal")
"""Those the data has; what it calls otherwise is no kind. Needs are not in it."""
SIGNS = {"positive": "liked", "negative": "disliked"}
"""Mixed and neutral are neither."""
BANDS = (0.0, 0.75, 0.85, 0.95, 1.01)


@dataclass(frozen=True, slots=True)
class Judged:
    """One text: what is true, what was said ("" for nothing), and how surely."""

    row: Labelled
    true: str
    said: str
    sure: float = 0.0


def measure_words(rows: Sequence[Labelled], reviews: Sequence[Labelled], seed: int) -> list[Measure]:
    read = _readings(rows)
    niches = [
        Judged(row, labelled.NICHES[row.niche], "" if found.niche == NO_NICHE else found.niche, found.niche_sure)
        for row, found in zip(rows, read, strict=True)
        if row.niche in labelled.NICHES
    ]
    kinds = [
        Judged(row, row.kind, found.kind or "", found.kind_sure)
        for row, found in zip(rows, read, strict=True)
        if row.kind in KINDS
    ]
    felt = [
        Judged(row, SIGNS[row.polarity], _sign(found.sentiment))
        for row, found in zip(rows, read, strict=True)
        if row.polarity in SIGNS
    ]
    return [
        *_judged("niche", niches, by=lambda each: each.row.niche, choices=len(NICHES), seed=seed),
        *_sureness("niche", niches),
        *_without_names(rows),
        *_judged("kind", kinds, by=lambda each: f"{each.true}, {each.row.source}", choices=5, seed=seed),
        *_sureness("kind", kinds),
        *_judged("sentiment", felt, by=lambda each: f"{each.true}, {each.row.source}", choices=2, seed=seed),
        *_flags([*zip(rows, read, strict=True), *zip(reviews, _readings(reviews), strict=True)]),
    ]


def _readings(rows: Sequence[Labelled]) -> list[Reading]:
    return Reader().read([row.insight() for row in rows])


def _sign(sentiment: float | None) -> str:
    if not sentiment:
        return ""
    return "liked" if sentiment > 0.0 else "disliked"


def _judged(
    part: str, all_: Sequence[Judged], *, by: Callable[[Judged], str], choices: int, seed: int
) -> list[Measure]:
    """All together, each class counting the same, and each class by itself."""
    found = [*_mean_of_classes(part, all_, choices, seed), _share(part, "all texts", all_, choices)]
    names = sorted({by(each) for each in all_})
    return found + [_share(part, name, [each for each in all_ if by(each) == name], choices) for name in names]


def _share(part: str, of: str, all_: Sequence[Judged], choices: int) -> Measure:
    held, tuned = _halves(all_)
    said = [each for each in held if each.said]
    right = sum(each.true == each.said for each in said)
    low, high = wilson(right, len(said))
    classes = Counter(each.true for each in said)
    floors = {"drawn": 1.0 / choices}
    if len({each.true for each in all_}) > 1 and said:
        floors["commonest"] = max(classes.values()) / len(said)
    return Measure(
        part=part,
        of=of,
        figure="right, where said",
        value=right / max(1, len(said)),
        low=low,
        high=high,
        rows=len(said),
        coverage=len(said) / max(1, len(held)),
        tuned=_right(tuned),
        floors=floors,
    )


def _mean_of_classes(part: str, all_: Sequence[Judged], choices: int, seed: int) -> list[Measure]:
    """The mean over what is true: a class of two thousand texts counts no more than one of a hundred."""
    held, tuned = _halves(all_)
    groups, before = _by_class(held), _by_class(tuned)
    if not groups:
        return []
    low, high = bootstrap(groups, _mean_of_means, seed)
    said = sum(map(len, groups))
    return [
        Measure(
            part=part,
            of=f"mean of {len(groups)} classes",
            figure="right, where said",
            value=_mean_of_means(groups),
            low=low,
            high=high,
            rows=said,
            coverage=said / len(held),
            tuned=_mean_of_means(before) if before else None,
            floors={"drawn": 1.0 / choices, "commonest": 1.0 / len(groups)},
        )
    ]


def _by_class(all_: Sequence[Judged]) -> list[NDArray[np.float64]]:
    """Whether each was right, of those on which something was said, by what is true."""
    said = [each for each in all_ if each.said]
    return [
        np.array([each.true == each.said for each in said if each.true == true], np.float64)
        for true in sorted({each.true for each in said})
    ]


def _mean_of_means(groups: Sequence[NDArray[np.float64]]) -> float:
    return float(np.mean([group.mean() for group in groups]))


def _sureness(part: str, all_: Sequence[Judged]) -> list[Measure]:
    """Whether what is said to be nine times in ten right is."""
    found = []
    for low, high in pairwise(BANDS):
        band = [each for each in all_ if each.row.held and each.said and low <= each.sure < high]
        if band:
            right = sum(each.true == each.said for each in band)
            mean = sum(each.sure for each in band) / len(band)
            least, most = wilson(right, len(band))
            found.append(
                Measure(
                    part=part,
                    of=f"sure to {mean:.2f}",
                    figure="right, where said",
                    value=right / len(band),
                    low=least,
                    high=most,
                    rows=len(band),
                )
            )
    return found


def _without_names(rows: Sequence[Labelled]) -> list[Measure]:
    """App reviews with the name of the app taken out."""
    named = [row for row in rows if row.niche in labelled.NAMES]
    masked = [
        replace(
            row, text=re.sub(rf"\b(?:{'|'.join(labelled.NAMES[row.niche])})\b", "it", row.text, flags=re.IGNORECASE)
        )
        for row in named
    ]
    return [
        _share("niche", f"apps{what}", [
            Judged(row, labelled.NICHES[row.niche], "" if found.niche == NO_NICHE else found.niche)
            for row, found in zip(some, _readings(some), strict=True)
        ], len(NICHES))
        for what, some in (("", named), (", their names taken out", masked))
    ]  # fmt: skip


def _flags(read: Sequence[tuple[Labelled, Reading]]) -> list[Measure]:
    """How often a flag is raised on texts of which none addresses a model, sells or is written in another language, as
    far as their collectors say: false alarms, but for what is short.
    """
    held = [found for row, found in read if row.held]
    tuned = [found for row, found in read if not row.held]
    found = []
    for flag in ("instructions", "advert", "not-english", "too-short"):
        count = sum(flag in each.flags for each in held)
        low, high = wilson(count, len(held))
        before = sum(flag in each.flags for each in tuned) / max(1, len(tuned))
        found.append(
            Measure(
                part="flags", of=flag, figure="flagged", value=count / max(1, len(held)), low=low, high=high,
                rows=len(held), tuned=before,
            )
        )  # fmt: skip
    return found


def _halves(all_: Sequence[Judged]) -> tuple[list[Judged], list[Judged]]:
    return [each for each in all_ if each.row.held], [each for each in all_ if not each.row.held]


def _right(all_: Sequence[Judged]) -> float | None:
    said = [each for each in all_ if each.said]
    return sum(each.true == each.said for each in said) / len(said) if said else None
