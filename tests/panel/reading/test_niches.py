"""Which niche a text is about; none, where the words do not say."""

from __future__ import annotations

import pytest

from vivavoce.panel.insights import NO_NICHE
from vivavoce.panel.reading import NICHES
from vivavoce.panel.reading.niches import niche_of, scores
from vivavoce.panel.texts import words

SAID = {
    "banking": "My credit card was blocked after a direct debit failed",
    "bookkeeping": "Every quarter I chase unpaid invoices before the tax return is due",
    "creative": "I crop each photo by hand, and the filters ruin the colours",
    "developer-tools": "The compiler gives no stack trace when the unit tests fail",
    "food": "Our waiter forgot the dessert and the soup came cold",
    "games": "Matchmaking puts beginners against the best players of this video game",
    "health": "My doctor wants my blood pressure twice a day",
    "hiring": "Recruiters read a resume for six seconds and ghost every candidate",
    "learning": "My students hand their homework in by e-mail",
    "marketing": "Our newsletter has a good open rate and no lead generation to show for it",
    "media": "Half the movies have no subtitles, and every episode buffers",
    "productivity": "I keep a to-do list, a calendar and sticky notes, and still miss tasks",
    "shopping": "The seller never sent a tracking number for what I bought at auction",
    "smart-home": "The thermostat ignores the motion sensor in the hall",
    "social": "The group chat shows messages of people I blocked",
    "travel": "The airline lost our luggage at the airport",
}


@pytest.mark.parametrize("niche", NICHES)
def test_each_niche_is_told(niche: str) -> None:
    found, sure = niche_of(words(SAID[niche]))
    assert found == niche
    assert sure > 0.7


@pytest.mark.parametrize(
    "text",
    [
        "",
        "It is great",
        "This has changed everything for us",
        "a student orders pizza",  # of two as much
        "we bought it",  # one weak word
        "la la la",
    ],
)
def test_none_is_said_when_unsure(text: str) -> None:
    assert niche_of(words(text)) == (NO_NICHE, 0.0)


def test_more_lead_is_surer() -> None:
    little = niche_of(words("an invoice"))[1]
    much = niche_of(words("an invoice from my accountant, and the payroll ledger"))[1]
    assert little < much <= 1.0


def test_saying_it_again_says_no_more() -> None:
    assert scores(words("pizza pizza pizza")) == scores(words("pizza"))


def test_a_term_against_hides_its_words() -> None:
    assert scores(words("the menu bar")).get("food", 0.0) == 0.0
    assert scores(words("the menu"))["food"] > 0.0


def test_a_title_counts_half() -> None:
    assert niche_of([], words("Invoices"))[0] == NO_NICHE
    assert niche_of(words("they are always overdue"), words("Invoices"))[0] == "bookkeeping"
    assert niche_of(words("the pizza was cold"), words("Invoices"))[0] == "food"
