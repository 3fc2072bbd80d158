"""From what a source has to an insight: tidied, masked, cut, its author a pseudonym. Every source goes through here."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TypeAlias

from vivavoce.panel.insights import MAX_TEXT_CHARS, Insight, insight_id
from vivavoce.panel.masking import masked
from vivavoce.panel.texts import cut, language, tidy
from vivavoce.studies.sources.columns import EARLIEST, LATEST

Pseudonym: TypeAlias = Callable[[str], str]
"""A keyed hash of whatever tells two people of one source apart; the handle itself goes nowhere."""
PERSON_CHARS = 16
MAX_TITLE_CHARS = 200
_MASKED_CHARS = 4 * MAX_TEXT_CHARS
"""Nobody reads beyond it, so nobody need search it for personal data. It is cut again afterwards: a number that is cut
in two would be masked no more."""
_MAX_TAGS = 8
_LINK = re.compile(r"https?://[!-~]{1,2000}")
"""What may become a link on a page: `javascript:` is an address too."""


def pseudonyms(source: str, hashed: Callable[[str], str]) -> Pseudonym:
    """Pseudonyms of one source: the same name elsewhere is another one.

    Args:
        hashed: keyed with a secret of this server (`Vault.hash`), or names could be tried until one fits.
    """

    def pseudonym(handle: str) -> str:
        return hashed(f"person:{source}:{handle}")[:PERSON_CHARS] if handle else ""

    return pseudonym


def insight(
    *,
    source: str,
    ref: str,
    text: str,
    url: str = "",
    said_at: float | None = None,
    group: str = "",
    title: str = "",
    lang: str = "",
    rating: float | None = None,
    person: str = "",
    tags: Iterable[str] = (),
    licence: str = "",
) -> Insight | None:
    """
    Args:
        text: plain, without markup: that is the source's to take away.
        said_at: Unix seconds as the source tells them; what is no moment of people on the net is none: milliseconds
            taken for seconds, kept once, would keep every list of dates from being written.
        lang: what the source knows of it; empty to look at the text.
        person: a pseudonym.
    Returns:
        None where nothing is left to read.
    """
    words = cut(masked(cut(tidy(text), _MASKED_CHARS)), MAX_TEXT_CHARS)
    if not any(letter.isalnum() for letter in words):
        return None
    return Insight(
        id=insight_id(source, ref),
        source=source,
        ref=ref,
        text=words,
        url=url if _LINK.fullmatch(url) else "",
        said_at=float(said_at) if said_at is not None and EARLIEST <= said_at <= LATEST else None,
        group=group,
        title=cut(masked(" ".join(tidy(title[:_MASKED_CHARS]).split())), MAX_TITLE_CHARS),
        lang=lang or language(words),
        rating=rating,
        person=person,
        tags=tuple(dict.fromkeys(tidy(tag)[:40] for tag in tags if tag))[:_MAX_TAGS],
        licence=licence,
    )
