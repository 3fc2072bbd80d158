"""Members who share what hurts most, what they choose, and how to speak to them.

How to speak is put together from what was said and shown, and from nothing else: the trouble of the segment, where its
own ballots give it as a reason for the preferred variant, and the words that this reason quotes. No benefit is made up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from vivavoce.panel.ballots import Ballot, Reason
from vivavoce.panel.outcome import Segment, Vote
from vivavoce.panel.personas import Panel, Persona
from vivavoce.panel.study import Study
from vivavoce.panel.texts import cut
from vivavoce.panel.troubles import leading, quoted
from vivavoce.panel.votes import mean, votes

FEWEST = 2
"""Members of a segment, and of it who give a reason that is told to all of it: one alone is a person."""
AGREE = 2 / 3
"""Share of a segment's members that must have the same favourite, else they do not agree. Not tuned."""
TOUCHING = ("need", "goal", "")
"""Terms of reasons that touch what somebody said; a language model names no term, but whom it goes back to."""
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


def _praised(ballots: Sequence[Ballot]) -> dict[tuple[str, str], list[Reason]]:
    """What a member likes in a variant and what somebody said stands behind, by both their ids."""
    found: dict[tuple[str, str], list[Reason]] = {}
    for ballot in ballots:
        for answer in ballot.answers:
            found.setdefault((ballot.persona, answer.variant), []).extend(
                reason
                for reason in answer.reasons
                if reason.sign == "pro" and reason.term in TOUCHING and reason.evidence
            )
    return found


def _segment(
    study: Study,
    trouble: str,
    members: Sequence[Persona],
    cast: Mapping[str, Vote],
    praised: Mapping[tuple[str, str], Sequence[Reason]],
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
    given = _named(members, trouble, {persona.id: praised.get((persona.id, prefers), ()) for persona in members})
    return Segment(
        name=trouble,
        members=tuple(persona.id for persona in members),
        prefers=prefers,
        appeal={variant: round(mean(found), 2) for variant, found in marks.items() if found},
        say=_say(trouble, prefers, bool(theirs), given, len(members)),
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


def _say(trouble: str, prefers: str, answered: bool, given: Mapping[str, Sequence[Reason]], size: int) -> str:
    """
    Args:
        given: the reasons that go back to this trouble, by member.
    """
    whom = f"To people who suffer from {quoted(trouble)}"
    if not answered:
        return f"{whom} nothing can be said: none of them gave an answer."
    if not prefers:
        return f"{whom} nothing was shown that most of them would rather have."
    if len(given) < FEWEST:
        chosen = f"they choose {quoted(prefers)}, but fewer than {FEWEST} of them give this trouble as a reason"
        return f"{whom} nothing of theirs can be said: {chosen}."
    speaks = f"{whom} say that {quoted(prefers)} is about it: {len(given)} of {size} give that as a reason."
    quote = _words(trouble, given)
    return speaks if not quote else f"{speaks} One who suffers from it puts it this way: {_shown(quote)}"


def _named(
    members: Sequence[Persona], trouble: str, praised: Mapping[str, Sequence[Reason]]
) -> dict[str, list[Reason]]:
    """Of each member the reasons that go back to this trouble and to no other; who gives none is left out."""
    found: dict[str, list[Reason]] = {}
    for persona in members:
        behind = {id_ for point in persona.frustrations if point.text == trouble for id_ in point.evidence}
        if about := [reason for reason in praised[persona.id] if behind.issuperset(reason.evidence)]:
            found[persona.id] = about
    return found


def _words(trouble: str, given: Mapping[str, Sequence[Reason]]) -> str:
    """The quote of the weightiest of these reasons that has one; none that only says again what the trouble is called.
    A member's other quotes are left alone: two people of one trouble may speak of different things.
    """
    reasons = sorted((each for own in given.values() for each in own), key=lambda each: (-each.weight, each.quote))
    return next((each.quote for each in reasons if each.quote and each.quote.rstrip(".") != trouble), "")


def _shown(text: str) -> str:
    plain = " ".join(text.split())
    shown = cut(plain, QUOTE_CHARS)
    return f"“{shown}”" if shown == plain else f"“{shown} …”"
