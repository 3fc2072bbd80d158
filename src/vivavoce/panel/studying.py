"""Whether a study can be asked, and what it is called by."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import msgspec

from vivavoce.errors import InputError
from vivavoce.panel.ballots import Sheet, Variant, shown
from vivavoce.panel.evidence import digest
from vivavoce.panel.pricing.points import check
from vivavoce.panel.study import Study
from vivavoce.panel.texts import tidy, words

MOST_CLAIMS = 10
MOST_HYPOTHESES = 6
ID_CHARS = 40
NAME_CHARS = 200
SENTENCE_CHARS = 500
"""Of a claim and of a hypothesis: one sentence that can be wrong, and no page."""
MOST_ASKS = 1_000_000
"""What anybody may allow; a panel of 200 in all orders of six variants, twice, is 2,400."""


def checked(study: Study) -> Study:
    """The study as it will be asked, its texts tidied (`texts.tidy`). Variants that say the same are taken: what comes
    of them is no verdict, and says so.

    Raises:
        InputError: what is wanted and what came: 1 to 6 variants, each with an id and with words, none too long; a
            question; at most 10 claims and 6 hypotheses of one sentence each; prices to test that rise, of a variant
            that there is.
    """
    tidied = msgspec.structs.replace(
        study,
        **{name: tidy(getattr(study, name)) for name in ("ask", "context", "today", "currency", "name")},
        variants=tuple(msgspec.structs.replace(each, text=tidy(each.text)) for each in study.variants),
        claims=tuple(map(tidy, study.claims)),
        hypotheses=tuple(map(tidy, study.hypotheses)),
    )
    shown(Sheet(question=tidied.question, order=tuple(each.id for each in tidied.variants), seed=0))
    _check_ids(tidied.variants)
    if not words(tidied.ask):
        raise InputError("want a question in 'ask', got no words")
    if len(tidied.name) > NAME_CHARS:
        raise InputError(f"want at most {NAME_CHARS} characters in 'name', got {len(tidied.name)}")
    _check_sentences("claims", tidied.claims, MOST_CLAIMS)
    _check_sentences("hypotheses", tidied.hypotheses, MOST_HYPOTHESES)
    if not 1 <= tidied.most_asks <= MOST_ASKS:
        raise InputError(f"want 'most_asks' from 1 to {MOST_ASKS}, got {tidied.most_asks}")
    _check_prices(tidied)
    return tidied


def study_hash(study: Study) -> str:
    """16 hex digits of all that is asked; what a study is called is not part of it. Take it of a checked one."""
    return digest(msgspec.structs.replace(study, name=""))


def same(variants: Sequence[Variant]) -> list[tuple[str, str]]:
    """Ids of the pairs that say the same at the same price. Case and spaces are no difference, a question mark is."""
    return [
        (one.id, other.id)
        for one, other in combinations(variants, 2)
        if one.price == other.price and _plain(one.text) == _plain(other.text)
    ]


def _plain(text: str) -> str:
    return " ".join(tidy(text).casefold().split())


def _check_ids(variants: Sequence[Variant]) -> None:
    for variant in variants:
        if not variant.id.strip() or not variant.id.isprintable() or len(variant.id) > ID_CHARS:
            raise InputError(f"want an id of 1 to {ID_CHARS} letters that can be printed, got {variant.id!r:.60}")


def _check_sentences(field: str, texts: Sequence[str], most: int) -> None:
    if len(texts) > most:
        raise InputError(f"want at most {most} {field}, got {len(texts)}")
    for number, text in enumerate(texts, 1):
        if not words(text):
            raise InputError(f"want words in {field}, got none in number {number}")
        if len(text) > SENTENCE_CHARS:
            raise InputError(f"want at most {SENTENCE_CHARS} characters in one of {field}, got {len(text)}")
    if len({_plain(text) for text in texts}) != len(texts):
        raise InputError(f"want each of {field} once, got one twice")


def _check_prices(study: Study) -> None:
    if study.prices is None:
        return
    check(study.prices.points)
    known = [variant.id for variant in study.variants]
    if study.prices.variant and study.prices.variant not in known:
        raise InputError(f"want a variant of {', '.join(known)} to test prices of, got {study.prices.variant!r:.60}")
