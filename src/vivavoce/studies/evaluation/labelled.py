"""Texts with labels that people gave them, from a folder of CSV files. They are read, never kept."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from vivavoce.errors import InputError
from vivavoce.panel.insights import Insight

INSIGHTS = "insights.csv"
GOALS = "crowdre_goals.csv"
REVIEWS = "app_reviews_raw.csv"
MOST_CHARS = 1_000_000
"""Of a field: larger ones are no text that a person wrote."""

NICHES = {
    "app-ebay": "shopping",
    "app-evernote": "productivity",
    "app-facebook": "social",
    "app-netflix": "media",
    "app-photoeditor": "creative",
    "app-whatsapp": "social",
    "banking-app-support": "banking",
    "finance-credit_card": "banking",
    "finance-credit_reporting": "banking",
    "finance-debt_collection": "banking",
    "finance-retail_banking": "banking",
    "restaurants": "food",
    "smart-home-energy": "smart-home",
    "smart-home-entertainment": "smart-home",
    "smart-home-health": "smart-home",
    "smart-home-other": "smart-home",
    "smart-home-safety": "smart-home",
}
"""The data's niches, most of them products, in ours. Ours are coarser: four of money are one. The others of our 16
are not in the data: of those it only tells how often they are said wrongly."""
NAMES = {
    "app-ebay": ("ebay",),
    "app-evernote": ("evernote",),
    "app-facebook": ("facebook", "fb"),
    "app-netflix": ("netflix",),
    "app-photoeditor": ("aviary", "photo editor"),
    "app-whatsapp": ("whatsapp",),
}
"""What the apps are called: who reads their names need not understand the rest."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text, and what people said about it."""

    id: str
    source: str
    niche: str
    """As the data has it."""
    kind: str
    polarity: str
    tags: str
    text: str
    held: bool
    """On the half that lists and thresholds were not tuned on."""

    def insight(self) -> Insight:
        return Insight(id=self.id, source="file", ref=self.id, text=self.text)


def load(folder: Path) -> tuple[Labelled, ...]:
    """Labelled texts and goals, in the order of their files.

    Raises:
        InputError: there is no such file, or it has other columns.
    """
    return (*_rows(folder / INSIGHTS, labelled=True), *_rows(folder / GOALS, labelled=True))


def load_reviews(folder: Path) -> tuple[Labelled, ...]:
    """Whole app reviews, without labels.

    Raises:
        InputError: there is no such file, or it has other columns.
    """
    return tuple(_rows(folder / REVIEWS, labelled=False))


def is_held(key: str) -> bool:
    """Every second one, by its name alone, so that it is the same half whatever else is in the file."""
    return hashlib.sha256(key.encode()).digest()[0] % 2 == 1


def _rows(path: Path, *, labelled: bool) -> Iterator[Labelled]:
    wanted = {"id", "niche", "text"} | ({"source", "kind", "polarity", "tags"} if labelled else set())
    csv.field_size_limit(MOST_CHARS)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            missing = sorted(wanted - set(rows.fieldnames or ()))
            if missing:
                raise InputError(
                    f"want columns {', '.join(sorted(wanted))} in {path.name}, {', '.join(missing)} missing"
                )
            for row in rows:
                yield _labelled(row, path.name)
    except FileNotFoundError:
        raise InputError(f"want {path.name} in the folder of the data, it is not there") from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path.name} cannot be read as CSV in UTF-8: {type(error).__name__}") from error


def _labelled(row: dict[str, str], file: str) -> Labelled:
    if not row["id"] or not (row["text"] or "").strip():
        raise InputError(f"want an id and a text in each row of {file}, got a row without")
    return Labelled(
        id=row["id"],
        source=row.get("source") or "",
        niche=row["niche"] or "",
        kind=row.get("kind") or "",
        polarity=row.get("polarity") or "",
        tags=row.get("tags") or "",
        text=row["text"],
        # who wrote several is on one side with all of them
        held=is_held(row.get("person") or row["id"]),
    )
