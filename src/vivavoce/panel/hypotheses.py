"""Five or six sentences that can turn out wrong, and the cheapest way to find out. A panel is at its best as a source
of these: it knows what people said, and it knows what nobody said.

Who asks goes first. What is left is filled in turn from what is known and not checked, and from the gaps: so a study
with a poor panel is told to find things out, and one with a rich panel what to try.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, zip_longest

from vivavoce.panel.archetypes import ARCHETYPES
from vivavoce.panel.divided import divided
from vivavoce.panel.outcome import Claim, Comparison, Hypothesis
from vivavoce.panel.personas import Panel
from vivavoce.panel.study import Study
from vivavoce.panel.troubles import Shared, quoted, shared

MOST = 6
NAMELESS = 0.05
"""Chance at which a trouble as common as in the evidence may go unnamed by all who are asked."""
FEWEST_ASKED, MOST_ASKED = 5, 60
"""People one can ask: below it is chance, above it is a survey."""
ELSEWHERE = frozenset({"one-source", "one-sided", "thin", "few-people", "anecdotes"})
"""Warnings after which what was said may be an accident of where it was heard."""
SAID_BY = 3
"""As many people or more: fewer are an anecdote."""
_ASK_OPENLY = (
    "Ask 20 people who are not in the evidence, without saying what you believe. It is wrong if fewer than half of "
    "those who know of it say so."
)
_VERBS = {"frustration": "suffer from", "goal": "want"}
_QUESTIONS = {"frustration": "last cost them time or money", "goal": "they would change first"}


def formed(
    study: Study, panel: Panel, comparison: Comparison | None, claims: Sequence[Claim]
) -> tuple[Hypothesis, ...]:
    """Five or six, no two the same; more than that are cut, of whoever asks as well.

    Args:
        comparison: of the respondent that counts; None where nothing was asked.
        claims: those of the study, and its hypotheses weighed in the same way. What the evidence says of a hypothesis
            is taken from here, by its text.
    """
    found = shared(panel)
    weighed = {claim.text: claim for claim in claims}
    asked = (_asked(text, weighed.get(text)) for text in study.hypotheses)
    known = _known(panel, comparison, found)
    unknown = _unknown(study, panel, claims, found)
    in_turn = (each for pair in zip_longest(known, unknown) for each in pair if each is not None)
    different: dict[str, Hypothesis] = {}
    for each in chain(asked, in_turn):
        different.setdefault(each.text, each)
    return tuple(different.values())[:MOST]


def _asked(text: str, claim: Claim | None) -> Hypothesis:
    verdict = claim.verdict if claim is not None else "no-evidence"
    return Hypothesis(
        text=text,
        origin="asked",
        state=verdict if verdict in ("supported", "contradicted") else "open",
        evidence=_behind(claim),
        test=_ASK_OPENLY,
    )


def _known(panel: Panel, comparison: Comparison | None, found: Sequence[Shared]) -> Iterator[Hypothesis]:
    """What the panel says, and nobody has checked: who parts from whom, what hurts, what is wanted."""
    if comparison is not None and (chosen := _chosen(panel, comparison)) is not None:
        yield chosen
    sides = (
        [each for each in found if each.side == side and each.origin == "real"] for side in ("frustration", "goal")
    )
    for each in filter(None, chain.from_iterable(zip_longest(*sides))):
        count = round(each.reach * panel.people)
        people = _enough(each.reach)
        heard = f"{count} of {panel.people} who were heard say so"
        yield Hypothesis(
            text=f"People like these {_VERBS[each.side]} {each.named}: {heard}.",
            origin="known",
            state="supported" if count >= SAID_BY else "open",
            evidence=each.evidence,
            test=f"Ask {people} people who are not in the evidence what {_QUESTIONS[each.side]}, and name nothing. It "
            f"is wrong if none of them brings it up.",
        )


def _chosen(panel: Panel, comparison: Comparison) -> Hypothesis | None:
    """Who parts from whom; where nobody does, what all would choose."""
    text, wrong = "", ""
    evidence: tuple[str, ...] = ()
    ranked = sorted(comparison.standings, key=lambda each: (each.variant != comparison.leader, -each.wins))
    named = [quoted(each.variant) for each in ranked[:2]]
    if parted := divided(panel, comparison):
        text, evidence, wrong = parted.text, parted.evidence, "the larger part of both chooses the same"
    elif len(named) == 1:
        text = f"People like these would rather have {named[0]} than go on as today."
        wrong = "fewer than half would"
    elif named and comparison.leader:
        text = f"More people like these choose {named[0]} than {named[1]}."
        wrong = f"fewer choose {named[0]}"
    elif named:
        text = f"As many people like these choose {named[0]} as {named[1]}."
        wrong = "one is chosen clearly more often"
    test = f"Open a survey of this study. It is wrong if {wrong}."
    return Hypothesis(text=text, origin="known", state="open", evidence=evidence, test=test) if text else None


def _unknown(study: Study, panel: Panel, claims: Iterable[Claim], found: Sequence[Shared]) -> Iterator[Hypothesis]:
    """Gaps, those that would change most first."""
    trouble = next((each for each in found if each.side == "frustration"), None)
    named = trouble.named if trouble is not None else "what this is about"
    evidence = trouble.evidence if trouble is not None else ()

    def gap(text: str, test: str, behind: tuple[str, ...] = evidence) -> Hypothesis:
        return Hypothesis(text=text, origin="unknown", state="open", evidence=behind, test=test)

    for claim in claims:
        if claim.verdict in ("mixed", "no-evidence"):
            yield gap(claim.text, _ASK_OPENLY, _behind(claim))
    if study.reference_price is None and (study.prices or any(variant.price for variant in study.variants)):
        yield gap(
            f"People pay something today against {named}.",
            "Ask 10 people for the last bill they paid for it. It is wrong if most pay nothing; otherwise the middle "
            "of what they pay is this study's reference price.",
        )
    if ELSEWHERE & {*panel.warnings}:
        yield gap(
            f"People who were not heard suffer from {named}, too.",
            "Collect insights of 30 more people from another place. It is wrong if it is not among the five commonest "
            "troubles there.",
        )
    inferred = [
        gap(
            f"People like these {_VERBS[each.side]} {each.named}, which nobody said and we inferred.",
            f"Ask 20 people what {_QUESTIONS[each.side]}, and name nothing. It is wrong if none of them brings it up.",
            each.evidence,
        )
        for each in found
        if each.origin == "inferred"
    ]
    yield from inferred[:1]  # the others are as easily asked along: last, where nothing else is open
    if (absent := _absent(panel)) is not None:
        yield gap(
            f"Some of those who would buy decide like this: {absent}",
            "Ask 10 people why they last said no to something like it. It is wrong if none of them reasons so.",
            (),
        )
    if not study.today:
        yield gap(
            f"People do something about {named} today, and it is not good enough.",
            "Let 10 people show how they dealt with it last time. It is wrong if most do nothing, or are content.",
        )
    yield gap(
        f"Who suffers from {named} decides what is bought against it.",
        "Ask 10 of them who paid for the last thing they got for it. It is wrong if somebody else decided for most.",
    )
    yield gap(
        f"People would give something to be rid of {named} this month.",
        "Ask 10 of them for a small deposit or an hour of their time. It is wrong if none gives it.",
    )
    yield from inferred[1:]


def _absent(panel: Panel) -> str | None:
    """An archetype that was asked for and has no seat; or, where some were assumed, the one with the fewest."""
    seats = dict.fromkeys(panel.spec.archetypes, 0)
    for persona in panel.personas:
        seats[persona.archetype] = seats.get(persona.archetype, 0) + 1
    rarest = min(seats, key=lambda archetype: (seats[archetype], archetype), default=None)
    if rarest not in ARCHETYPES or (seats[rarest] and "assumed-archetypes" not in panel.warnings):
        return None
    return ARCHETYPES[rarest].about


def _enough(reach: float) -> int:
    """People to ask until a trouble of this reach would be named by one of them, all but one time in twenty."""
    people = math.ceil(math.log(NAMELESS) / math.log(1 - min(max(reach, 0.01), 0.99)))
    return min(max(people, FEWEST_ASKED), MOST_ASKED)


def _behind(claim: Claim | None) -> tuple[str, ...]:
    return () if claim is None else (*claim.supporting[:3], *claim.opposing[:2])
