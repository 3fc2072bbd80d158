"""Copies among what people said: which edits are found, how many strangers are taken for copies, and what it costs.

Half of the texts of a folder of insights (`insights.csv`, `app_reviews_raw.csv`) are edited as reposts are, and looked
for. Nothing of the texts is printed. What it costs is measured on texts that are made up.

Run: python -m bench duplicates
     python -m bench.duplicates --data FOLDER
"""

from __future__ import annotations

import argparse
import csv
import random
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.insights import WORDS
from bench.results import Row, row
from vivavoce.panel import duplicates
from vivavoce.panel.duplicates import SHORT, fingerprint, near

FILES = ("insights.csv", "app_reviews_raw.csv")
THRESHOLDS = (0.5, 0.6, 0.65, 0.7, 0.8)
Edit = Callable[[str, random.Random], str]


def _typo(text: str, chance: random.Random) -> str:
    at = chance.randrange(len(text) - 1)
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def _word(text: str, chance: random.Random) -> str:
    words = text.split()
    words[chance.randrange(len(words))] = chance.choice(WORDS.split())
    return " ".join(words)


EDITS: dict[str, Edit] = {
    "two letters swapped": _typo,
    "one word changed": _word,
    "a line added": lambda text, _: f"{text} Edit: thanks for the answers.",
    "the last fifth cut": lambda text, _: text[: len(text) * 4 // 5],
    "shouted, without signs": lambda text, _: "".join(sign for sign in text.upper() if sign.isalnum() or sign == " "),
}


def read(folder: Path) -> list[str]:
    """Different texts that are long enough to be compared by their runs."""
    texts: dict[str, str] = {}
    for name in FILES:
        with (folder / name).open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                if len(row["text"]) >= SHORT:
                    texts.setdefault(fingerprint(row["text"]), row["text"])
    return list(texts.values())


def found(originals: Sequence[str], edited: Sequence[str]) -> float:
    """Share of edited texts that are taken for copies of their own original, or of what that is a copy of."""
    firsts = near([*originals, *edited])
    of_originals, of_edited = firsts[: len(originals)], firsts[len(originals) :]
    return sum(one == other for one, other in zip(of_originals, of_edited, strict=True)) / len(originals)


def taken(texts: Sequence[str]) -> int:
    return sum(first != at for at, first in enumerate(near(texts)))


def per_s(number: int) -> float:
    """Texts of a second of one core, however busy it is."""
    chance = random.Random(2)
    texts = [" ".join(chance.choices(WORDS.split(), k=30)) for _ in range(number)]
    began = time.process_time()
    near(texts)
    return number / (time.process_time() - began)


def rows(*, brief: bool = False) -> list[Row]:
    return [row("texts of 30 words compared for copies", round(per_s(500 if brief else 20_000)), "texts/s of a core")]


def measure(folder: Path) -> None:
    texts = read(folder)
    chance = random.Random(1)
    some = sorted(chance.sample(texts, len(texts) // 2))
    print(f"{len(texts)} texts, {len(some)} of them edited")
    print(f"{'threshold':>30}", *(f"{at:>6}" for at in THRESHOLDS))
    kept = duplicates.NEAR
    rows: dict[str, list[str]] = {name: [] for name in (*EDITS, "taken for copies")}
    for at in THRESHOLDS:
        duplicates.NEAR = at
        for name, edit in EDITS.items():
            drawn = random.Random(3)
            rows[name].append(f"{found(some, [edit(text, drawn) for text in some]):6.3f}")
        rows["taken for copies"].append(f"{taken(texts):6}")
    duplicates.NEAR = kept
    for name, cells in rows.items():
        print(f"{name:>30}", *cells)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of insights")
    measure(parser.parse_args().data)


if __name__ == "__main__":
    main()
