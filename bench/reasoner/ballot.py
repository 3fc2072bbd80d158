"""One ballot of the reasoner's with everything behind it: a persona and offers by us."""

from __future__ import annotations

from collections.abc import Sequence

from bench.reasoner import nearness
from vivavoce.panel.ballots import Answer, Question, Sheet, Variant
from vivavoce.panel.personas import Persona, Point, Priors, Quote
from vivavoce.panel.reasoner import Reasoner
from vivavoce.studies.embedding import open_embedder
from vivavoce.studies.embedding.senses import sense_of

SHOWN = 0.005
"""Terms from this on stand alone."""
OWNER = Persona(
    id="p01",
    name="Ada",
    archetype="owner",
    niche="bookkeeping",
    summary="",
    frustrations=(
        Point(text="clients who pay late", origin="real", weight=0.45, evidence=("a1", "a2")),
        Point(text="typing receipts twice", origin="real", weight=0.45, evidence=("a3",)),
        Point(text="tools priced for large firms", origin="inferred", weight=0.1),
    ),
    goals=(
        Point(text="books that agree with the bank", origin="real", weight=0.75, evidence=("b1",)),
        Point(text="to keep evenings free", origin="inferred", weight=0.25),
    ),
    quotes=(
        Quote(text="Every Friday I write to the same three clients who have not paid.", insight="a1", source="calls"),
        Quote(text="I type each receipt into the sheet and then for the tax office.", insight="a3", source="file"),
    ),
    richness=0.0,
    temperature=0.5,
    bias="sunk-cost",
    priors=Priors(loss=2.16, switching=0.6, price=1.7, style={"figures": 0.4, "easy": 0.3, "hype": -0.3}),
)
QUESTION = Question(
    ask="Which of these would you take?",
    today="A spreadsheet, and reminders that I write by hand.",
    reference_price=19,
    currency="EUR",
    variants=(
        Variant(
            id="reminders",
            text="We write to clients who have not paid, politely and on time, until they do. No contract.",
            price=19,
        ),
        Variant(
            id="scanner",
            text="Photograph a receipt once and it is booked. You need to import your old receipts by hand.",
            price=9,
        ),
        Variant(
            id="suite",
            text="The ultimate next-generation suite for finance teams. You sign a contract of two years.",
            price=79,
        ),
    ),
)


def show(names: Sequence[str]) -> None:
    """Every term of every offer, and what the ballot makes of it."""
    for name in names:
        embedder = open_embedder(name)
        reasoner = Reasoner(sense_of(embedder))
        order = tuple(variant.id for variant in QUESTION.variants)
        sheet = Sheet(question=QUESTION, order=order, seed=0)
        texts = reasoner.texts(OWNER, sheet)
        vectors = dict(zip(texts, nearness.embedded(embedder, texts), strict=True))
        ballot = reasoner.answer(OWNER, sheet, vectors)
        answers: dict[str, Answer] = {answer.variant: answer for answer in ballot.answers}
        print(f"{ballot.respondent} on {embedder.name}, validated: {ballot.validated} {ballot.abstains}".rstrip())
        for variant in QUESTION.variants if answers else ():
            judged, answer = reasoner.judge(OWNER, QUESTION, variant, vectors), answers[variant.id]
            print(f"\n{variant.id}, {variant.price:g} {QUESTION.currency}")
            for term in sorted(judged.terms, key=lambda term: -abs(term.value)):
                if abs(term.value) >= SHOWN:
                    about = term.point.text if term.point else term.feature or term.said
                    print(f"  {term.value:+.2f}  {term.kind:<9}  {about}".rstrip())
            if rest := [term.value for term in judged.terms if abs(term.value) < SHOWN]:
                print(f"  {sum(rest):+.2f}  {len(rest)} smaller ones")
            print(f"  {judged.score:+.2f}  score")
            said = ", ".join(f"{word.replace('_', ' ')} {chance:.2f}" for word, chance in answer.chances.items())
            worth = "" if judged.reservation is None else f"; worth about {judged.reservation.price:.0f}"
            print(f"  appeal {answer.appeal:.1f}; {said}{worth}; preferred {ballot.prefers[variant.id]:.2f}")
