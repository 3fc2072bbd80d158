"""Why a result is not worth more than it is, in words: keys stand in results, sentences on pages."""

from __future__ import annotations

DOUBTS = {
    "not-validated": "nobody has checked this respondent against what people do for this sort of text",
    "thin": "the panel rests on too little evidence",
    "few": "the members are worth too few independent ones to be sure",
    "close": "the variants are too close to each other",
    "identical": "two variants say the same",
    "flips": "too many members change their preference with the order",
    "abstained": "too many members gave no answer",
    "null-failed": "the same respondent found a winner between two identical variants",
    "first": "the respondent prefers whatever stands first",
    "one-variant": "there is nothing to compare it with",
    "respondents-differ": "respondents put different variants first",
    "wrong-niche": "the panel's evidence is not about what the variants are about",
    "not-a-headline": "not all texts are one-line English headlines of 40 to 110 characters; no others were checked",
    "unsure": "the wordings are too close: it answers only where it was right far more often than not",
    "one-site": "it was checked on headlines of one American site, 2013 to 2015, and on no other",
    "style-only": "without MiniLM it goes by words and signs alone, which is right less often",
    "pairs-only": "it was checked on two headlines at a time, not on more",
    "no-reference": "no reference price is known, so prices cannot be weighed",
    "asked-reference": "what people pay today is not known: prices are held against what the variants ask",
    "currencies": "the texts and the question name sums in different currencies, so prices cannot be compared",
    "price-said": "the tested text names a price itself, whatever it is tested at",
    "four-concluded": "the four prices of each member are concluded from one, not asked",
    "flat": "the share hardly changes with the price",
    "beyond": "the best price is at the end of the tested range: test beyond it",
}
"""Clauses without a full stop."""


def said(key: str) -> str:
    """A doubt as a clause."""
    return DOUBTS[key]
