"""Terms of a score, put into words. The words are ours; what people wrote stands in quotation marks, cut, and is not
read by anything again.
"""

from __future__ import annotations

from collections.abc import Sequence

from vivavoce.panel.ballots import Question, Reason, Variant
from vivavoce.panel.labels import is_sentence, names
from vivavoce.panel.quotes import best_sentence
from vivavoce.panel.reasoner.offer import orders
from vivavoce.panel.reasoner.price import Reservation
from vivavoce.panel.reasoner.terms import Term
from vivavoce.panel.texts import cut

MOST = 3
"""Of a kind: pros, and cons."""
LEAST = 0.02
"""A term below this is no reason: alone it would move no mark by a tenth."""
EVIDENCE = 5
"""Insights that stand behind one reason, at most."""
SHOWN_CHARS = 140

TASTES = {
    "you": "that it speaks to the reader",
    "proof": "that it names proof",
    "trial": "that it can be tried or given back",
    "new": "that it is new",
    "hype": "big words",
    "technical": "technical terms",
    "urgent": "that it presses for time",
    "easy": "that it says it is easy",
    "control": "that it leaves the choice to them",
    "together": "that it is for people together",
    "figures": "figures",
    "question": "that it asks",
    "exclaims": "exclamation marks",
    "brief": "short sentences",
    "detail": "details",
}


def reasons(
    terms: Sequence[Term], question: Question, variant: Variant, reservation: Reservation | None
) -> tuple[Reason, ...]:
    """The largest terms (`_told`), pros before cons, each the larger first. Each weighs exactly what its term does;
    what was not read weighs nothing and stands last.
    """
    large = sorted((term for term in terms if abs(term.value) >= LEAST), key=lambda term: -abs(term.value))
    chosen = [*_told([term for term in large if term.value > 0]), *_told([term for term in large if term.value < 0])]
    unread = [
        Reason(sign="con", text=f"Not read, for it addresses a machine: “{_shown(text)}”")
        for text in orders(variant.text)
    ]
    return (*[_reason(term, question, variant, reservation) for term in chosen], *unread[:MOST])


def _told(large: Sequence[Term]) -> list[Term]:
    """The largest; where nobody said any of them, the last gives way to the largest that somebody did: what would be
    held against any offer must not hide what is held against this one.
    """
    told = list(large[:MOST])
    heard = [term for term in large[MOST:] if _evidence(term)]
    if heard and not any(_evidence(term) for term in told):
        told[-1] = heard[0]
    return told


def _evidence(term: Term) -> tuple[str, ...]:
    return term.point.evidence if term.point is not None else ()


def _reason(term: Term, question: Question, variant: Variant, reservation: Reservation | None) -> Reason:
    evidence = _evidence(term)
    if term.quote is not None:
        evidence = (term.quote.insight, *(each for each in evidence if each != term.quote.insight))
    # it reads like the others and nobody said it: that must stand where it is read
    inferred = " (our inference)" if term.point is not None and term.point.origin == "inferred" else ""
    return Reason(
        sign="pro" if term.value > 0 else "con",
        text=_text(term, question, variant, reservation) + inferred,
        term=term.kind,
        weight=term.value,
        evidence=evidence[:EVIDENCE],
        quote=term.quote.text if term.quote is not None else "",
    )


def _text(term: Term, question: Question, variant: Variant, reservation: Reservation | None) -> str:
    said = f"“{_shown(term.said)}”"
    touches = f"“{_shown(_touched(term))}”" if term.point is not None and not term.of_itself else ""
    match term.kind:
        case "need":
            return f"Speaks to what hurts ({touches}): {said}"
        case "goal":
            return f"Speaks to what they want ({touches}): {said}"
        case "loss" if touches:
            return f"Takes away where they care ({touches}): {said}"
        case "loss":
            return f"Spares them something: {said}" if term.value > 0 else f"Takes something away: {said}"
        case "wording":
            return f"{'Likes' if term.value > 0 else 'Dislikes'} {TASTES[term.feature]}"
        case "switching":
            return "A change from what they do today" if question.today else "A change; nobody said from what"
        case "price":
            return _price(term.value, question, variant, reservation)
        case "habit":
            return "Goes on as now unless there is enough of a reason"


def _touched(term: Term) -> str:
    """What a point is called; by somebody else's sentence than the one that is quoted, that one: two people of one
    theme may speak of different things, and a reason must not say the one and show the other.
    """
    assert term.point is not None
    name, quote = term.point.text, term.quote
    if quote is None or not is_sentence(name) or names(name, quote.text):
        return name
    return (best_sentence(quote.text, about=term.said) or quote.text).rstrip(".")


def _price(value: float, question: Question, variant: Variant, reservation: Reservation | None) -> str:
    asked = f"{variant.price:g} {question.currency}".rstrip()
    than = "what people pay today" if question.reference_price is not None else "the middle of what is asked"
    compared = f"{asked} is {'less' if value > 0 else 'more'} than {than}"
    return compared if reservation is None else f"{compared}; worth about {reservation.price:.3g} to them"


def _shown(text: str) -> str:
    shown = cut(" ".join(text.split()), SHOWN_CHARS)
    return shown if len(shown) == len(" ".join(text.split())) else f"{shown} …"
