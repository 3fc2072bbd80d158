"""What a persona's score of an offer is made of. The score is the sum of these terms, to the last digit, so that each
reason that is given is a part of the number and not a story about it.

Units: what answers all that hurts a persona, and nothing else, is worth `NEED`. A temperature is in the same units. All
numbers here are priors of ours, not tuned on anything, and one panel is not better than another for them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, combinations_with_replacement
from typing import Literal, TypeAlias

from vivavoce.errors import InputError
from vivavoce.panel.ballots import Question, Variant
from vivavoce.panel.labels import is_sentence, names
from vivavoce.panel.money import code, mixed, sums
from vivavoce.panel.personas import Persona, Point, Quote
from vivavoce.panel.reasoner.near import Near
from vivavoce.panel.reasoner.offer import Said, about, read, wary
from vivavoce.panel.reasoner.wording import FEATURES, wording
from vivavoce.panel.sense import Sense

Kind: TypeAlias = Literal["need", "goal", "wording", "loss", "switching", "price", "habit"]

NEED = 2.0
GOAL = 1.0
"""Less than a need: what hurts is said more often than what is wanted, and is what people pay to end. Assumed."""
GIVEN_UP = 0.3
"""Where a sentence takes something away, whatever it is, before it is weighed as a loss."""
TASTE = 0.25
"""Where every sentence of an offer has a feature that a persona likes as much as can be. Kept small: on headlines these
tastes alone did worse than a coin (docs/explanation/reasoner.md).
"""
HABIT = 0.2
"""What going on as now is worth by itself. That it is worth something is known, how much is not."""
HOLD_ON = {"status-quo": 2.0, "endowment": 2.0, "omission": 2.0, "sunk-cost": 1.5, "blame": 1.5, "novelty": 0.0}
"""How many times that, by bias; the others do not speak of staying."""
LEAST_PRICE = 0.1
"""Of the reference: what costs nothing counts as costing this much of it, since the logarithm of nothing has no end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One part of a score."""

    kind: Kind
    value: float
    """In units of the score, to six places: below that the machine decides and not the persona."""
    said: str = ""
    """The sentence of the offer it comes from."""
    point: Point | None = None
    """What of the persona it touches."""
    quote: Quote | None = None
    """The nearest to that sentence of those who said it, where the persona quotes one; none where the sentence that the
    point is called by is nearer, and it is somebody else's.
    """
    of_itself: bool = False
    """It counts whoever they are; the point, if any, is that of who said that they would mind."""
    feature: str = ""
    """Of wording."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Concern:
    """A point of a persona, and every text that says it."""

    kind: Literal["need", "goal"]
    point: Point
    worth: float
    """Of an offer that answers it and nothing else."""
    voices: tuple[tuple[str, Quote | None], ...]
    """Its label, and the persona's quotes of the people who said it."""


def concerns(persona: Persona) -> tuple[Concern, ...]:
    """All that hurts a persona and all it wants. What people said is a share of its side; what we inferred weighs no
    more than it does in the persona, or a side of which nobody spoke would weigh as much as one of which many did.
    """
    return tuple(_concerns(persona, "need", NEED)) + tuple(_concerns(persona, "goal", GOAL))


def _concerns(persona: Persona, kind: Literal["need", "goal"], worth: float) -> Iterator[Concern]:
    points = persona.frustrations if kind == "need" else persona.goals
    everything = math.fsum(point.weight for point in (*persona.frustrations, *persona.goals))
    side = math.fsum(point.weight for point in points)
    for point in points:
        whole = side if point.origin == "real" else everything
        quotes = ((quote.text, quote) for quote in persona.quotes if quote.insight in point.evidence)
        share = point.weight / whole if whole > 0 else 0.0
        yield Concern(kind=kind, point=point, worth=worth * share, voices=((point.text, None), *quotes))


def ideals(persona: Persona) -> list[float]:
    """Scores of offers that nobody made: each answers one or two points of a persona wholly, and is in all else as
    plain as can be, and far from what they do today.
    """
    plain = -persona.priors.switching * 0.75 - HABIT * HOLD_ON.get(persona.bias, 1.0)
    pairs = combinations_with_replacement(concerns(persona), 2)
    return [plain + one.worth + (other.worth if other is not one else 0.0) for one, other in pairs]


def terms(persona: Persona, question: Question, variant: Variant, sense: Sense, near: Near) -> tuple[Term, ...]:
    """Every term of one offer that is not zero.

    Raises:
        InputError: the persona has a taste for a feature of wording that nobody measures.
    """
    offer = read(variant.text)
    found = [
        *_points(persona, offer, sense, near),
        *_given_up(persona, offer, sense, near),
        *_wording(persona, offer),
        _switching(persona, offer, question.today, sense, near),
        _price(persona, question, variant),
        Term(kind="habit", value=round(-HABIT * HOLD_ON.get(persona.bias, 1.0), 6)),
    ]
    return tuple(term for term in found if term.value)


def _points(persona: Persona, offer: Sequence[Said], sense: Sense, near: Near) -> Iterator[Term]:
    """Each point by the sentence that is nearest to it. What a sentence takes away is a loss of the same size, times
    how much more losses weigh; but not to whom complains of it in the same words. What is done without anybody, or for
    good, is one to whom wants to be asked.
    """
    for concern in concerns(persona):
        taken = [said for said in offer if _against(said, concern) or (said.costs and not _about(said, concern))]
        given = [said for said in offer if said not in taken]
        if best := _nearest(given, concern, near):
            said, quote, cosine = best
            value = round(concern.worth * sense.same(cosine), 6)
            yield Term(kind=concern.kind, value=value, said=said, point=concern.point, quote=quote)
        if worst := _worst(taken, concern, sense, near):
            said, quote, cosine = worst
            value = round(-persona.priors.loss * concern.worth * sense.same(cosine), 6)
            yield Term(kind="loss", value=value, said=said, point=concern.point, quote=quote)


def _worst(taken: Sequence[Said], concern: Concern, sense: Sense, near: Near) -> tuple[str, Quote | None, float] | None:
    """As `_nearest`. What is done without anybody is about whom wants to be asked, by their words: it counts as what
    just bears on a point also where vectors find it farther, for they know subjects and not manners.
    """
    nearest = _nearest(taken, concern, near)
    against = _nearest([said for said in taken if _against(said, concern)], concern, near)
    if against is None or (nearest is not None and nearest[2] >= sense.bears):
        return nearest
    said, quote, _ = against
    return said, quote, sense.bears


def _nearest(offer: Sequence[Said], concern: Concern, near: Near) -> tuple[str, Quote | None, float] | None:
    """The sentence that is nearest to any voice of a concern, the quote that goes with it, and how near the nearest
    voice is.
    """
    if not offer:
        return None
    cosines = near.cosines([said.text for said in offer], [text for text, _ in concern.voices])
    at = int(cosines.max(axis=1).argmax())
    return offer[at].text, _quoted(concern, cosines[at].tolist()), float(cosines[at].max())


def _quoted(concern: Concern, cosines: Sequence[float]) -> Quote | None:
    """The quote nearest to a sentence. Where a point is called by what one of its people said, and that is nearer, only
    a quote of the same words will do: two people of one theme may speak of different things.
    """
    nearest = max(range(1, len(cosines)), key=lambda at: cosines[at], default=0)
    name = concern.voices[0][0]
    if cosines[nearest] >= cosines[0] or not is_sentence(name):
        return concern.voices[nearest][1]
    return next((quote for text, quote in concern.voices[1:] if names(name, text)), None)


def _against(said: Said, concern: Concern) -> bool:
    complains = concern.kind == "need"
    return said.alone and any(wary(voice, complains=complains) for voice, _ in concern.voices)


def _about(said: Said, concern: Concern) -> bool:
    return any(about(said, voice) for voice, _ in concern.voices)


def bears(persona: Persona, variant: Variant, sense: Sense, near: Near) -> bool:
    """Whether anything that people said, and not we inferred, is about what this offer is about."""
    offer = read(variant.text)
    real = [concern for concern in concerns(persona) if concern.point.origin == "real"]
    nearest = (_nearest(offer, concern, near) for concern in real)
    return any(best is not None and best[2] >= sense.bears for best in nearest)


def _given_up(persona: Persona, offer: Sequence[Said], sense: Sense, near: Near) -> Iterator[Term]:
    """What is taken away or spared, by its words alone. Each further sentence of the kind counts half of the one
    before: one catch is one too many, the tenth is no news. A catch that the persona complains of is none.
    """
    known = concerns(persona)
    catches = [said for said in offer if said.costs and not any(_about(said, concern) for concern in known)]
    for nth, said in enumerate(catches):
        value = round(-persona.priors.loss * GIVEN_UP / 2**nth, 6)
        point, quote = _minded(said, known, sense, near)
        yield Term(kind="loss", value=value, said=said.text, point=point, quote=quote, of_itself=True)
    for nth, said in enumerate(said for said in offer if said.frees):
        yield Term(kind="loss", value=round(GIVEN_UP / 2**nth, 6), said=said.text, of_itself=True)


def _minded(
    catch: Said, known: Sequence[Concern], sense: Sense, near: Near
) -> tuple[Point, Quote | None] | tuple[None, None]:
    """The nearest point of people that a catch goes against; none where nobody said a thing that bears on it."""
    found = [
        (cosine, concern.point, quote)
        for concern in known
        if concern.point.origin == "real" and (nearest := _nearest([catch], concern, near))
        for _, quote, cosine in [nearest]
        if cosine >= sense.bears or _against(catch, concern)
    ]
    if not found:
        return None, None
    _, point, quote = max(found, key=lambda each: each[0])
    return point, quote


def _wording(persona: Persona, offer: tuple[Said, ...]) -> Iterator[Term]:
    if unknown := sorted(persona.priors.style.keys() - set(FEATURES)):
        raise InputError(f"want a taste for {', '.join(FEATURES)}; got {', '.join(map(repr, unknown))}")
    found = wording(offer)
    for feature, taste in sorted(persona.priors.style.items()):
        yield Term(kind="wording", value=round(TASTE * taste * found[feature], 6), feature=feature)


def _switching(persona: Persona, offer: Sequence[Said], today: str, sense: Sense, near: Near) -> Term:
    """Half of it is how far from today's way the offer is, half what work it says it makes. Where nobody said what
    people do today it is far: to leave that out must make no offer look better.
    """
    now = [said.text for said in read(today)]
    nearest = near.cosines([said.text for said in offer], now)
    far = 1 - sense.same(float(nearest.max())) if nearest.size else 1.0
    hard, eased = any(said.effort for said in offer), any(said.eased for said in offer)
    work = 0.5 + 0.5 * hard - 0.5 * eased
    return Term(kind="switching", value=round(-persona.priors.switching * (far + work) / 2, 6))


def reference_price(question: Question) -> float | None:
    """What prices are held against: what people pay today, or else the middle of what is asked (their geometric mean).
    None where nothing is priced, or the variants name sums in different currencies.
    """
    if question.reference_price is not None:
        return question.reference_price
    asked = [variant.price for variant in question.variants if variant.price and _one_currency(question)]
    return math.exp(math.fsum(math.log(price) for price in sorted(asked)) / len(asked)) if asked else None


@lru_cache(64)
def _one_currency(question: Question) -> bool:
    """Whether prices can be held against each other: 3,000 yen are not 150 times 20 euros, whatever is said of the
    currency beside them.
    """
    said = chain.from_iterable(sums(variant.text) for variant in question.variants)
    return not mixed([code(question.currency), *said])


def _price(persona: Persona, question: Question, variant: Variant) -> Term:
    reference = reference_price(question)
    if variant.price is None or not reference or not _one_currency(question):
        return Term(kind="price", value=0.0)
    over = math.log(max(variant.price / reference, LEAST_PRICE))
    return Term(kind="price", value=round(-persona.priors.price * over, 6))
