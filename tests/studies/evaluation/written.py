"""A small folder of labelled texts, written for these tests, in the columns that the real ones have."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

COLUMNS = ["id", "source", "niche", "kind", "polarity", "tags", "text", "licence"]
PRAISE = ("The soup was delicious", "Our waiter was friendly and the pasta excellent", "A wonderful dinner, great wine")
PAIN = ("The waiter was rude and the soup cold", "Terrible pizza, never again", "The steak was awful and overpriced")
ASKED = (
    "How do I top up my card?", "Why was my card payment declined?", "Where is my bank transfer?",
    "How do I change the PIN?", "Which exchange rate do you take?", "Can I have a second debit card?",
)  # fmt: skip

THINGS = (
    "notes", "calendar", "to-do list", "reminders", "notebooks", "task list", "web clipper", "shared folder", "inbox",
    "shopping list", "voice memos",
)  # fmt: skip
FAILS = (
    "crashes", "never syncs", "loses half of what I wrote", "freezes for a minute", "shows an error",
    "asks me to log in", "is empty", "cannot be opened", "does not print",
)  # fmt: skip
WHEN = (
    "on the train", "after every update", "when my sister edits it", "at night", "on my old tablet",
    "as soon as there is a picture in it", "whenever I am abroad",
)  # fmt: skip
COSTS = (
    "cost me a client", "makes me furious", "is why I went back to paper", "nobody at support believes",
    "I only saw a week later", "took an afternoon to repair", "my boss did not find funny", "is a pity",
    "happened twice in May", "I now check each morning",
)  # fmt: skip


def folder(path: Path, *, times: int = 12) -> Path:
    """Its three files, each text so many times with another number in it."""
    write(path / "insights.csv", COLUMNS, insights(times))
    goals = [
        {
            **row(f"g{number}", "crowdre", "smart-home-energy", "goal", "unknown", "lights"),
            "text": f"As a parent I want my home to switch lamp {number} off so that I can save electricity",
            "person": f"person-{number % 5}",
        }
        for number in range(times)
    ]
    write(path / "crowdre_goals.csv", [*COLUMNS, "person"], goals)
    reviews = [
        {
            "id": f"r{number}", "niche": "app-evernote", "licence": "",
            "text": f"My {THINGS[number % 11]} {FAILS[number % 9]} {WHEN[number % 7]}, which {COSTS[number % 10]}.",
        }
        for number in range(10 * times)
    ]  # fmt: skip
    write(path / "app_reviews_raw.csv", ["id", "niche", "text", "licence"], reviews)
    return path


def tagged(path: Path) -> Path:
    """Questions of two intents, wishes for two parts of a home, and what was said of a restaurant's food and staff: as
    little as figures of an embedder can be measured on. Of each there is one that sounds like another.
    """
    said = {
        "intent_0": ("my card is late, day", "the card did not come, week", "I wait for my card, day", "no post, day"),
        "intent_1": ("I lost my card, day", "my phone is gone, week", "I lost the phone, day", "it was stolen, day"),
        "light": ("a warm light in room", "light that wakes me in room", "a lamp for room", "a warm sound in room"),
        "music": ("music in room", "a song that wakes me in room", "a quiet song for room", "a warm lamp in room"),
        "food": ("the soup was cold, table", "cold pasta at table", "soup with a fly, table", "never again, table"),
        "staff": ("a rude waiter, table", "the waiter was cold, table", "nobody came to table", "a rude cook, table"),
    }

    def texts(source: str, niche: str, kind: str, *tags: str) -> list[dict[str, str]]:
        return [
            {
                **row(f"{niche}{number}{at}", source, niche, kind, "unknown", tag),
                "text": f"{said[tag][number % 4]} {number}",
            }
            for number in range(8)
            for at, tag in enumerate(tags)
        ]

    asked = texts("banking77", "bank", "question", "intent_0", "intent_1")
    places = [{**each, "tags": f"{each['tags']}:neg"} for each in texts("mams", "restaurants", "pain", "food", "staff")]
    write(path / "insights.csv", COLUMNS, [*asked, *places])
    homes = [
        each for part in ("home-health", "home-other") for each in texts("crowdre", part, "goal", "light", "music")
    ]
    write(path / "crowdre_goals.csv", COLUMNS, homes)
    return path


def insights(times: int) -> list[dict[str, str]]:
    found = []
    for number in range(times):
        for at in range(3):
            place = row(f"p{number}{at}", "mams", "restaurants", "praise", "positive", "food:pos")
            found.append({**place, "text": f"{PRAISE[at]}, table {number}"})
            place = row(f"n{number}{at}", "mams", "restaurants", "pain", "negative", "food:neg")
            found.append({**place, "text": f"{PAIN[at]}, table {number}"})
        for at, text in enumerate(ASKED):
            asked = row(f"q{number}{at}", "banking77", "banking-app-support", "question", "unknown", f"intent_{at}")
            found.append({**asked, "text": f"{text} It is number {number}."})
    return found


def row(id_: str, source: str, niche: str, kind: str, polarity: str, tags: str) -> dict[str, str]:
    return {
        "id": id_, "source": source, "niche": niche, "kind": kind, "polarity": polarity, "tags": tags, "licence": "ours"
    }  # fmt: skip


def write(path: Path, columns: Sequence[str], rows: Sequence[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
