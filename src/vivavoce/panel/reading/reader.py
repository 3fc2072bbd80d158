"""What we make of what people said, by words alone: no model, no chance. The same insight is always read the same."""

from __future__ import annotations

from collections.abc import Sequence

from vivavoce.panel.insights import NO_NICHE, Insight, Reading
from vivavoce.panel.reading.feelings import feelings_of
from vivavoce.panel.reading.flags import flags_of
from vivavoce.panel.reading.kinds import kind_of
from vivavoce.panel.reading.niches import niche_of
from vivavoce.panel.reading.said import Sentence, said
from vivavoce.panel.texts import language, words

STARS = 0.5
"""What the stars somebody gave count beside their words. Not tuned: the data has no stars."""
READER = "words/1"
"""Whose readings they are; another number where the same insight would be read differently."""


class Reader:
    """Reads English. Of another language it reads what does not hang on it: names of things, stars, question marks."""

    name = READER

    def read(self, insights: Sequence[Insight]) -> list[Reading]:
        """One reading for each insight, in the same order."""
        return [self._read(insight) for insight in insights]

    def _read(self, insight: Insight) -> Reading:
        sentences = said(insight.text)
        foreign = _is_foreign(insight)
        title = tuple(words(insight.title))
        niche, niche_sure = niche_of([word for each in sentences for word in each.words], title)
        feelings = feelings_of(() if foreign else sentences)
        kind, kind_sure = kind_of(_asking_only(sentences) if foreign else sentences, feelings)
        return Reading(
            insight=insight.id,
            niche=niche,
            niche_sure=niche_sure if niche != NO_NICHE else 0.0,
            kind=kind,
            kind_sure=kind_sure,
            sentiment=_with_stars(feelings.sentiment(), insight.rating),
            flags=flags_of(insight.text, sentences, foreign),
        )


def _is_foreign(insight: Insight) -> bool:
    """Told by the text; where it is too short for that, by what the source says."""
    found = language(insight.text) or insight.lang.partition("-")[0].lower()
    return found not in ("", "en")


def _asking_only(sentences: Sequence[Sentence]) -> tuple[Sentence, ...]:
    """Question marks are read in any language, words are not."""
    return tuple(Sentence((), each.asks, each.shouts) for each in sentences)


def _with_stars(sentiment: float | None, rating: float | None) -> float | None:
    if rating is None:
        return None if sentiment is None else round(sentiment, 3)
    stars = (min(max(rating, 1.0), 5.0) - 3.0) / 2.0
    if sentiment is None:
        return round(stars, 3)
    return round(STARS * stars + (1.0 - STARS) * sentiment, 3)
