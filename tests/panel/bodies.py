"""Bodies of evidence for tests: what invented people say about invoices, each theme in a corner of its own."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence

import numpy as np

from vivavoce.panel.evidence import Body, Side, Theme
from vivavoce.panel.insights import Insight, Kind, Reading
from vivavoce.panel.vectors import unit

PAINS = {
    "late payments": "Clients pay weeks after the due date and I spend evenings chasing them.",
    "price rises": "The price doubled after a year and nobody told me why the fee went up.",
    "lost drafts": "A crash took my draft again, and support never answered my ticket.",
    "tax forms": "Every quarter I copy the same totals by hand into the tax form.",
    "confusing setup": "The setup is confusing and I still do not know where to begin.",
    "slow export": "Export of a few hundred rows takes forever, so I go for coffee.",
    "no api": "There is no api, so our integration is a script that breaks each month.",
    "shared logins": "My team shares one login, and nobody knows who sent which invoice.",
}
WISHES = {
    "automatic reminders": "I want it to remind my customers by itself, in a polite way.",
    "one price": "I need one price for the whole year, with no fees on top of it.",
    "offline work": "I want to write invoices on the train where there is no signal.",
    "bank matching": "It should match what the bank shows with what I have billed.",
    "team roles": "We need roles, so that colleagues can look without changing things.",
    "data out": "I want to take all my data along when I leave, in a plain file.",
}
SIZE = 32


def ident(number: int) -> str:
    return hashlib.sha256(str(number).encode()).hexdigest()[:16]


def body(
    count: int = 300,
    *,
    people: int = 120,
    groups: int = 40,
    seed: int = 7,
    niche: str = "",
    audience: str = "",
    nearness: Sequence[float] = (),
) -> Body:
    """As many insights, most of them pains and wishes, common themes said more often than rare ones."""
    chance = random.Random(seed)
    subjects: list[tuple[Side, Kind, str, str]] = [
        *(("frustration", "pain", label, text) for label, text in PAINS.items()),
        *(("goal", "need", label, text) for label, text in WISHES.items()),
    ]
    weights = [1 / (place % 8 + 1) for place in range(len(subjects))]
    numbers = sorted(range(count), key=ident)
    insights, readings, rows, members = [], [], [], dict[tuple[Side, str], list[int]]()
    for row, number in enumerate(numbers):
        at = chance.choices(range(len(subjects)), weights)[0]
        side, kind, label, text = subjects[at]
        insights.append(
            Insight(
                id=ident(number),
                source=("hackernews", "reddit", "app-store")[number % people % 3],
                ref=str(number),
                text=f"{text} This is what happened to me in week {number}.",
                url=f"https://example.org/{number}",
                said_at=1.7e9 + number,
                group=f"g{number % groups}",
                person=f"person{number % people}",
            )
        )
        readings.append(Reading(insight=ident(number), niche="invoicing", kind=kind, kind_sure=0.9, sentiment=-0.2))
        rows.append([float(place == at) + chance.gauss(0, 0.05) for place in range(SIZE)])
        members.setdefault((side, label), []).append(row)
    return Body(
        insights=tuple(insights),
        readings=tuple(readings),
        vectors=unit(np.array(rows).reshape(count, SIZE)),
        themes=tuple(
            Theme(side=side, origin="real", label=label, rows=tuple(of))
            for (side, label), of in sorted(members.items())
        ),
        embedder="test/1",
        niche=niche,
        audience=audience,
        nearness=tuple(nearness),
    )
