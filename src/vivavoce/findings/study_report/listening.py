"""Who prefers what and why, where respondents part, and what each member says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set

from vivavoce.findings.panel_sheet import PLACES, WOULD
from vivavoce.findings.study_record import StudyRecord
from vivavoce.findings.study_report.view import Given, Heard, Member, Option, Parted, Says, Told, Why
from vivavoce.panel.abstentions import explained
from vivavoce.panel.archetypes import ARCHETYPES
from vivavoce.panel.ballots import Ballot, Reason
from vivavoce.panel.because import Because, because
from vivavoce.panel.differing import differences
from vivavoce.panel.insights import Insight
from vivavoce.panel.outcome import Comparison

REASONS = 4
"""For each variant, and as many against it."""
PARTED = 20
"""Rows of the table of what respondents answer differently."""
HEARD = 40
"""Members of the transcript."""
NAMED = 6
"""Members who are named where several say the same."""


def reasons(
    record: StudyRecord, options: Sequence[Option], members: Mapping[str, str], said: Mapping[str, Insight]
) -> tuple[Why, ...]:
    """By variant, then by respondent: who prefers it, and the weightiest reasons for and against it."""
    comparisons = record.result.comparisons
    by = {
        each.respondent: because((ballot for ballot in record.ballots if ballot.respondent == each.respondent),
                                 most=REASONS) for each in comparisons
    }  # fmt: skip
    return tuple(
        Why(
            option=option,
            told=tuple(
                Told(
                    respondent=each.respondent,
                    prefer=_prefer(each, option, members) if len(options) > 1 else "",
                    voted=True,
                    pros=_sides(by[each.respondent].get(option.id, ()), "pro", members, said),
                    cons=_sides(by[each.respondent].get(option.id, ()), "con", members, said),
                )
                if each.votes
                else Told(
                    respondent=each.respondent,
                    prefer="What sets this wording apart from the others, and how much:",
                    voted=False,
                    pros=_weighed(each.reasons[option.id], "pro"),
                    cons=_weighed(each.reasons[option.id], "con"),
                )
                for each in comparisons
                if each.votes or option.id in each.reasons
            ),
        )
        for option in options
    )


def parted(
    ballots: Sequence[Ballot], members: Mapping[str, str], names: Mapping[str, str], respondents: Sequence[str]
) -> tuple[Parted, ...]:
    """What respondents answer differently for the same member; nothing where there is one respondent."""
    return tuple(
        Parted(
            member=members.get(each.persona, each.persona),
            about=names.get(each.variant, ""),
            says=tuple(_word(each.says.get(name, ""), names) for name in respondents),
        )
        for each in (differences(ballots) if len(respondents) > 1 else ())
    )


def transcript(
    record: StudyRecord, options: Mapping[str, Option], members: Mapping[str, str], there: Set[str]
) -> tuple[Member, ...]:
    """What each member says, whoever speaks for them."""
    by_persona: dict[str, list[Ballot]] = {}
    for ballot in record.ballots:
        by_persona.setdefault(ballot.persona, []).append(ballot)
    return tuple(
        Member(
            id=persona.id,
            name=members[persona.id],
            kind=ARCHETYPES[persona.archetype].title,
            heard=tuple(_heard(each, options, there) for each in by_persona.get(persona.id, ())),
        )
        for persona in record.panel.personas[:HEARD]
    )


def _prefer(comparison: Comparison, option: Option, members: Mapping[str, str]) -> str:
    who = [members.get(vote.persona, vote.persona) for vote in comparison.votes if vote.prefers == option.id]
    if not who:
        return "Nobody prefers it."
    if len(who) == len(comparison.votes):
        return f"All {len(who)} prefer it."
    named = ", ".join(who[:NAMED]) + (f" and {len(who) - NAMED} more" if len(who) > NAMED else "")
    return f"{len(who)} of {len(comparison.votes)} prefer it: {named}."


def _sides(
    told: Sequence[Because], sign: str, members: Mapping[str, str], said: Mapping[str, Insight]
) -> tuple[Given, ...]:
    return tuple(
        Given(
            sign=each.sign,
            text=each.text,
            members=f"{len(each.members)} of {len(members)}",
            quote=each.quote if each.evidence and each.evidence[0] in said else "",
            evidence=tuple(id_ for id_ in each.evidence if id_ in said),
            speaker=PLACES["calls"] if each.evidence and _interviewed(said.get(each.evidence[0])) else "",
        )
        for each in told
        if each.sign == sign
    )


def _interviewed(said: Insight | None) -> bool:
    return said is not None and said.source == "calls"


def _weighed(reasons: Sequence[Reason], sign: str) -> tuple[Given, ...]:
    """The terms of a sum, the largest first. Nobody said them, so they lead to nobody."""
    return tuple(
        Given(sign=each.sign, text=each.text, members=f"{abs(each.weight):.2f}", quote="", evidence=())
        for each in reasons
        if each.sign == sign
    )


def _heard(ballot: Ballot, options: Mapping[str, Option], there: Set[str]) -> Heard:
    favourite = max(ballot.prefers, key=lambda id_: ballot.prefers[id_], default="")
    chances = sorted(ballot.prefers.values(), reverse=True)
    clear = len(chances) > 1 and chances[0] > chances[1]
    return Heard(
        respondent=ballot.respondent,
        prefers=options[favourite].name if clear and favourite in options else "",
        abstains="" if ballot.answers else explained(ballot.abstains or "no answer"),
        says=tuple(
            Says(
                option=options[each.variant],
                would=WOULD[each.would],
                appeal=f"{each.appeal:.1f}",
                text=each.text,
                reasons=tuple(_given(reason, there) for reason in each.reasons),
            )
            # as the study has its variants, whatever order this one was asked in
            for each in sorted(ballot.answers, key=lambda answer: list(options).index(answer.variant))
        ),
    )


def _given(reason: Reason, there: Set[str]) -> Given:
    return Given(
        sign=reason.sign,
        text=reason.text,
        members="",
        quote="",
        evidence=tuple(id_ for id_ in reason.evidence if id_ in there),
    )


def _word(says: str, names: Mapping[str, str]) -> str:
    return WOULD.get(says) or names.get(says, "")
