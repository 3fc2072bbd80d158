"""Which answers nobody should count: those of programs, and of people who did not read. They are kept, counted and
shown, and left out of the score; nothing is deleted for a suspicion.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from vivavoce.panel.studying import same
from vivavoce.panel.survey.form import Form, Opinion, PersonAnswer
from vivavoce.panel.texts import words

FLAGS = {
    "honeypot": "filled in a field that nobody sees",
    "too-fast": "answered faster than the page can be read",
    "straight-lining": "gave everything the same mark",
    "choice-contradicts": "chose what they would not get, and marked below another that they would",
    "same-text": "gave, word for word, the reason of two others or more",
    "prices-contradict": "called one price both cheaper and dearer than another; left out of the price curves alone",
    "late": "came after the last one that was wanted, or after the end; counted, for it was begun in time",
}
"""What is said of an answer, as clauses about whoever gave it."""
LEFT_OUT = frozenset({"honeypot", "too-fast", "straight-lining", "choice-contradicts", "same-text"})
WORDS_PER_S = 12.0
"""Three times what people read who read everything; who skims every word still passes. Not tuned."""
MARK_S = 0.4
"""A tap. Not tuned."""
STRAIGHT = 3
"""Scales that are all marked alike; two may well be worth the same. Not tuned."""
SAME = 3
SAME_WORDS = 5
"""So many answers with the very same so many words; "it is cheaper" is everybody's own. Not tuned."""


def least_s(form: Form) -> float:
    """Seconds below which nobody has read what they answered."""
    study = form.study
    read = sum(len(words(text)) for text in (study.ask, study.context, *study.claims))
    read += sum(len(words(each.text)) for each in study.variants)
    marks = 2 * len(study.variants) + len(study.claims) + (len(study.variants) > 1)
    return read / WORDS_PER_S + marks * MARK_S


def seen(form: Form, opinion: Opinion, *, took_s: float, trap: str) -> tuple[str, ...]:
    """What can be said of one answer by itself.

    Args:
        took_s: from agreeing to sending.
        trap: what stood in the field that nobody sees.
    """
    found = {
        "honeypot": bool(trap),
        "too-fast": took_s < least_s(form),
        "straight-lining": _straight(form, opinion),
        "choice-contradicts": _contradicts(opinion),
        "prices-contradict": opinion.four is not None and not _rises(opinion.four),
    }
    return tuple(name for name, holds in found.items() if holds)


def flagged(answers: Sequence[PersonAnswer]) -> dict[int, tuple[str, ...]]:
    """What can be said of each answer among all the others, by number."""
    texts = {each.number: tuple(words(each.opinion.why.casefold())) for each in answers}
    often = {text for text, times in Counter(texts.values()).items() if times >= SAME and len(text) >= SAME_WORDS}
    return {each.number: (*each.flags, "same-text") if texts[each.number] in often else each.flags for each in answers}


def counted(answers: Sequence[PersonAnswer]) -> list[PersonAnswer]:
    """Those that nothing speaks against, with all that is said of them."""
    flags = flagged(answers)
    return [each for each in answers if not LEFT_OUT.intersection(flags[each.number])]


def _contradicts(opinion: Opinion) -> bool:
    """Whether mark, word and choice cannot all be meant. A mark or a word alone may be a slip, and a choice has reasons
    that neither has.
    """
    chosen = opinion.choice
    return opinion.would.get(chosen) == "would_not" and any(
        opinion.would[other] == "would" and opinion.appeal[other] > opinion.appeal[chosen] for other in opinion.order
    )


def _rises(prices: tuple[float, ...]) -> bool:
    """As the price curves want it: two equal ones in a row are people's rounding, four are no answer."""
    return list(prices) == sorted(prices) and prices[0] < prices[-1]


def _straight(form: Form, opinion: Opinion) -> bool:
    """Everything alike, on enough scales. Where variants say the same, the same mark is what one wants to see."""
    if same(form.study.variants):
        return False
    scales = [len(set(opinion.appeal.values())), len(set(opinion.would.values()))]
    marks = len(opinion.appeal)
    if len(opinion.claims) >= STRAIGHT:
        scales.append(len(set(opinion.claims)))
        marks += len(opinion.claims)
    return marks >= STRAIGHT and set(scales) == {1}
