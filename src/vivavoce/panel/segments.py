"""Members who share what hurts most, what they choose, and how to speak to them.

How to speak is put together from what was said and shown, and from nothing else: the troubles of the segment that the
preferred variant is near to by their own ballots, and somebody's words for one of them. No benefit is made up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from vivavoce.panel.ballots import Ballot
from vivavoce.panel.outcome import Segment, Vote
from vivavoce.panel.personas import Panel, Persona, Quote
from vivavoce.panel.study import Study
from vivavoce.panel.texts import cut
from vivavoce.panel.troubles import leading, quoted
from vivavoce.panel.votes import mean, votes

FEWEST = 2
"""Members of a segment: one alone is a person."""
AGREE = 2 / 3
"""Share of a segment's members that must have the same favourite, else they do not agree. Not tuned."""
TROUBLES = 3
"""Named in a sentence, at most."""
CITED = 5
QUOTE_CHARS = 160


def segmented(study: Study, panel: Panel, ballots: Sequence[Ballot]) -> tuple[Segment, ...]:
    """The larger first. Whose leading trouble nobody shares joins the largest segment of a trouble they have, too; who
    shares nothing with anybody is in none.

    Args:
        ballots: of one respondent, in all orders.
    """
    cast = {vote.persona: vote for vote in votes(ballots) if vote.appeal}
    praised = _praised(ballots)
    groups = sorted(_groups(panel.personas).items(), key=lambda group: (-len(group[1]), group[0]))
    return tuple(_segment(study, trouble, members, cast, praised) for trouble, members in groups)


def _groups(personas: Sequence[Persona]) -> dict[str, list[Persona]]:
    """Members by the trouble they share, each in one group at most, in the order they sit."""
    leads = {persona.id: point.text for persona in personas if (point := leading(persona)) is not None}
    counts = Counter(leads.values())
    chosen = {id_: text for id_, text in leads.items() if counts[text] >= FEWEST}
    counts = Counter(chosen.values())
    alone = [persona for persona in personas if persona.id in leads and persona.id not in chosen]
    for persona in alone:
        if common := [point.text for point in persona.frustrations if point.text in counts]:
            chosen[persona.id] = min(common, key=lambda text: (-counts[text], text))
    # of those who are left, whoever shares any trouble, the commonest first: the first members are all different
    while rest := [persona for persona in alone if persona.id not in chosen]:
        common_to = Counter(text for persona in rest for text in {point.text for point in persona.frustrations})
        text = min(common_to, key=lambda each: (-common_to[each], each))
        if common_to[text] < FEWEST:
            break
        chosen |= {persona.id: text for persona in rest if text in {point.text for point in persona.frustrations}}
    groups: dict[str, list[Persona]] = {}
    for persona in personas:
        if persona.id in chosen:
            groups.setdefault(chosen[persona.id], []).append(persona)
    return groups


def _praised(ballots: Sequence[Ballot]) -> dict[tuple[str, str], set[str]]:
    """Insights behind what a member likes in a variant, by both their ids."""
    found: dict[tuple[str, str], set[str]] = {}
    for ballot in ballots:
        for answer in ballot.answers:
            pros = (reason.evidence for reason in answer.reasons if reason.sign == "pro")
            found.setdefault((ballot.persona, answer.variant), set()).update(*pros)
    return found


def _segment(
    study: Study,
    trouble: str,
    members: Sequence[Persona],
    cast: Mapping[str, Vote],
    praised: Mapping[tuple[str, str], set[str]],
) -> Segment:
    theirs = [cast[persona.id] for persona in members if persona.id in cast]
    prefers = _agreed([_favourite(vote) for vote in theirs])
    marks = {
        variant.id: [vote.appeal[variant.id] for vote in theirs if variant.id in vote.appeal]
        for variant in study.variants
    }
    cited = dict.fromkeys(
        id_ for persona in members for point in persona.frustrations if point.text == trouble for id_ in point.evidence
    )
    touched = _touched(members, {persona.id: praised.get((persona.id, prefers), set()) for persona in members})
    return Segment(
        name=trouble,
        members=tuple(persona.id for persona in members),
        prefers=prefers,
        appeal={variant: round(mean(found), 2) for variant, found in marks.items() if found},
        say=_say(trouble, prefers, bool(theirs), touched, members),
        evidence=tuple(cited)[:CITED],
    )


def _favourite(vote: Vote) -> str:
    """Of one variant alone, whether they would take it."""
    if len(vote.appeal) == 1:
        return next((variant for variant, would in vote.would.items() if would == "would"), "")
    return vote.prefers


def _agreed(favourites: Sequence[str]) -> str:
    """What most of all members that answered would rather have; empty where they do not agree, or do not care."""
    counts = Counter(favourites)
    most = min(counts, key=lambda variant: (-counts[variant], variant), default="")
    return most if counts[most] >= AGREE * len(favourites) else ""


def _say(trouble: str, prefers: str, answered: bool, touched: Sequence[str], members: Sequence[Persona]) -> str:
    whom = f"To people who suffer from {quoted(trouble)}"
    if not answered:
        return f"{whom} nothing can be said: none of them gave an answer."
    if not prefers:
        return f"{whom} nothing was shown that most of them would rather have."
    if not touched:
        return (
            f"{whom} nothing of theirs can be said: they choose {quoted(prefers)}, but no reason names their troubles."
        )
    named = [quoted(text) for text in touched[:TROUBLES]]
    speaks = f"{whom} say that {quoted(prefers)} is about {_listed(named)}."
    quote = _words(touched, members)
    return speaks if quote is None else f"{speaks} One of them puts it this way: {_shown(quote.text)}"


def _touched(members: Sequence[Persona], praised: Mapping[str, set[str]]) -> list[str]:
    """Troubles that members give as a reason, by the insights behind the reason; the one most give first."""
    counts = Counter(
        text
        for persona in members
        for text in {point.text for point in persona.frustrations if praised[persona.id].intersection(point.evidence)}
    )
    return sorted(counts, key=lambda text: (-counts[text], text))


def _words(troubles: Sequence[str], members: Sequence[Persona]) -> Quote | None:
    """A quote of the first of these troubles that anybody is quoted on."""
    for text in troubles:
        for persona in members:
            behind = {id_ for point in persona.frustrations if point.text == text for id_ in point.evidence}
            for quote in persona.quotes:
                if quote.insight in behind:
                    return quote
    return None


def _listed(named: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(named[:-1]), named[-1])))


def _shown(text: str) -> str:
    plain = " ".join(text.split())
    shown = cut(plain, QUOTE_CHARS)
    return f"“{shown}”" if shown == plain else f"“{shown} …”"
