"""What a report says in sentences: verdicts, doubts and figures, for somebody who has never read a statistic."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence

from vivavoce.findings.panel_sheet import PLACES
from vivavoce.findings.survey_page import day
from vivavoce.panel.abstentions import explained
from vivavoce.panel.decision import SURE
from vivavoce.panel.differing import leaders_differ
from vivavoce.panel.doubts import said
from vivavoce.panel.insights import Insight
from vivavoce.panel.outcome import Claim, Comparison, Decision, Result, Share

SETTLED = f"It is settled when one is more than {100 * SURE:.0f} % sure to be what most people like these would choose."
WORTH = (
    "Members drawn from the same words repeat each other: “worth” is how many people who have nothing to do with each "
    "other would tell as much."
)
_RIGHT_TO_LEFT = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
NUMBERS = ("no", "one", "two", "three", "four", "five", "six")


def percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def sureness(share: float) -> str:
    """Nobody is 100 % sure."""
    return "more than 99 %" if share > 0.99 else percent(share)


def range_of(share: Share) -> str:
    """0.68 of 0.64 to 0.72 -> "64 to 72 %"."""
    return f"{100 * share.low:.0f} to {100 * share.high:.0f} %"


def money(price: float, currency: str) -> str:
    amount = f"{price:.2f}" if price % 1 else f"{price:.0f}"
    return inside(f"{amount} {currency}".strip())


def inside(text: str) -> str:
    """What somebody wrote, within a sentence of ours: from right to left it turns nothing round that stands beside it
    (the isolates of Unicode's UAX 9).
    """
    return f"\u2068{text}\u2069" if _RIGHT_TO_LEFT.search(text) else text


def sentence(clause: str) -> str:
    """A clause as a sentence of its own."""
    return f"{clause[:1].upper()}{clause[1:]}." if clause else ""


def headline(result: Result, names: Mapping[str, str]) -> str:
    """The verdict on all that was asked, in one sentence."""
    count = len(names)
    decided = [each for each in result.comparisons if each.decision.variant]
    if count < 2:
        return "No verdict: there was one variant, and nothing to compare it with. How it stands by itself is below."
    if not decided and not any(vote.appeal for each in result.comparisons for vote in each.votes):
        return "No verdict: nobody on the panel gave an answer."
    if result.differ:
        told = ", ".join(f"{each.respondent} names {_quoted(each.decision, names)}" for each in decided)
        return f"No common verdict: {told}."
    if not decided:
        memberless = [each.respondent for each in result.comparisons if not each.votes]
        who = f"neither this panel nor {memberless[0]} can" if memberless else "this panel cannot"
        return f"Undecided: {who} tell which of the {NUMBERS[count]} people would choose."
    strongest = min(decided, key=lambda each: (each.decision.word != "likely", -each.decision.sure))
    name = _quoted(strongest.decision, names)
    if len(decided) < len(result.comparisons):
        sure = ", ".join(each.respondent for each in decided)
        others = ", ".join(each.respondent for each in result.comparisons if not each.decision.variant)
        return f"Not settled: {sure} {'names' if len(decided) == 1 else 'name'} {name}, {others} cannot tell."
    if not strongest.votes:
        return f"Readers would likely click more on {name}." if likely(strongest) else f"Clicks may lean to {name}."
    if likely(strongest):
        return f"People like these would likely choose {name}."
    return f"The panel leans to {name}."


def likely(comparison: Comparison) -> bool:
    return comparison.decision.word == "likely"


def parting(result: Result, names: Mapping[str, str]) -> list[str]:
    """Where respondents put different variants first, decided or not; and where whoever has no members would have
    another variant than the panel, a sentence for each two. Of these nothing where neither decided: a chance of .52
    for one of two wordings parts from nobody.
    """
    panels = [each for each in result.comparisons if each.votes and each.leader]
    others = [each for each in result.comparisons if not each.votes and each.leader]
    told = ", ".join(f"{each.respondent} puts “{inside(names.get(each.leader, each.leader))}” first" for each in panels)
    # where two decided, the verdict says so itself
    apart = [f"They differ: {told}."] if leaders_differ(panels) and not result.differ else []
    return apart + [
        f"They differ: {each.respondent} {_has(each, names)}, {panel.respondent} {_has(panel, names)}."
        for each in others
        for panel in panels
        if each.leader != panel.leader and (each.decision.variant or panel.decision.variant)
    ]


def lead(comparison: Comparison, names: Mapping[str, str]) -> str:
    """What stands behind the verdict of one respondent, in two or three sentences."""
    decision = comparison.decision
    told = [_votes(comparison, names)] if len(names) > 1 and comparison.votes else []
    if decision.variant:
        who = "That makes the panel" if comparison.votes else "It asks no members, and is"
        told.append(f"{who} {sureness(decision.sure)} sure of itself.")
        told.append(held_out(comparison))
    elif decision.why:
        doubted = "; ".join(map(said, decision.why))
        if far := how_far(comparison):
            told.append(f"“{inside(names.get(comparison.leader, comparison.leader))}” {far}.")
        told.append(f"That is not enough: {doubted}." if comparison.votes else f"It names neither: {doubted}.")
    return " ".join(told)


def how_far(comparison: Comparison) -> str:
    """How far an undecided leader is from a verdict; nothing where there is none, or nobody votes."""
    decision = comparison.decision
    if decision.variant or not comparison.leader or not comparison.votes:
        return ""
    # rounded down: what is just below the bar does not read as if it were on it
    wanted = "" if decision.posterior >= SURE else f"; {SURE:.2f} is wanted"
    return f"leads with {math.floor(100 * decision.posterior) / 100:.2f}{wanted}"


def held_out(comparison: Comparison) -> str:
    """How often verdicts about as sure were right, or that nobody knows."""
    held = comparison.decision.held_out
    if held is None:
        if not comparison.votes:
            return "How often it is right when it is asked like this, nobody has checked."
        return "Whether such a panel is right about people, nobody has checked."
    return (
        f"On {unseen(comparison)} it had not seen, verdicts about as sure as this one were right "
        f"{percent(held.value)} of the time ({range_of(held)})."
    )


def unseen(comparison: Comparison) -> str:
    """What its verdicts were checked on. Nobody's votes stand behind headlines that readers clicked on."""
    return "people" if comparison.votes else "headlines"


def verdict(decision: Decision, names: Mapping[str, str]) -> str:
    """In three words, for a table."""
    if not decision.variant:
        return "undecided"
    return f"{'likely' if decision.word == 'likely' else 'leans to'} {_quoted(decision, names)}"


def doubts(result: Result) -> list[str]:
    """Why not to trust it more, each once: by respondent where only some are doubted."""
    comparisons = result.comparisons
    found: dict[str, list[str]] = {}
    for each in comparisons:
        why = list(each.decision.why)
        if not each.validated and "not-validated" not in why:
            why.append("not-validated")
        if each.null is False and "null-failed" not in why:
            why.append("null-failed")
        for key in why:
            found.setdefault(key, []).append(each.respondent)
    if result.differ:
        found.setdefault("respondents-differ", [each.respondent for each in comparisons])
    every = len(comparisons)
    return [
        sentence(said(key)) if len(whose) == every else f"{sentence(said(key))[:-1]} ({', '.join(whose)})."
        for key, whose in found.items()
    ]


def settle(comparisons: Sequence[Comparison]) -> list[str]:
    """What would settle it, each step once."""
    return list(dict.fromkeys(step for each in comparisons for step in each.decision.settle))


def checks(comparison: Comparison, abstained: Sequence[str]) -> list[str]:
    """What was tried on a respondent, and how it went."""
    found = []
    if comparison.flip_rate is not None:
        rate = comparison.flip_rate
        found.append(
            f"{percent(rate.value)} of its members change sides when the order changes ({range_of(rate)})."
            if rate.value
            else f"No member changes sides when the order changes (at most {percent(rate.high)} would)."
        )
    if not comparison.votes:
        # nobody was asked: no order to turn round, no twins to be shown, no ballot to leave empty
        return found
    if comparison.null is not None:
        found.append(
            "Asked about two identical variants, it found no winner, as it should."
            if comparison.null
            else "Asked about two identical variants, it found a winner, as it should not."
        )
    found += abstained
    return found


def silence(comparison: Comparison) -> str:
    """How many members give no answer, and the commonest reason; nothing where all give one."""
    members, silent = len(comparison.votes), sum(not vote.appeal for vote in comparison.votes)
    if not silent:
        return ""
    told = f"{silent} of {members} {'gives' if silent == 1 else 'give'} no answer"
    if silent == members:
        told = f"None of {members} members gives an answer"
    why = Counter(comparison.abstained).most_common(1)
    return f"{told}: {explained(why[0][0])}." if why else f"{told}."


def answering(comparison: Comparison) -> str:
    """Of how few the standings are, where most members give no answer: not of the panel."""
    members, answered = len(comparison.votes), sum(bool(vote.appeal) for vote in comparison.votes)
    if not answered or 2 * answered >= members:
        return ""
    return f"Of the {percent(answered / members)} who answered, {answered} of {members} members"


def too_few(claim: Claim) -> str:
    """Of a claim without evidence: how many speak of it all the same."""
    if claim.verdict != "no-evidence" or not claim.people:
        return ""
    people = "one person says" if claim.people == 1 else f"{claim.people} people say"
    return f"{people} something of it, too few to count"


def where(insight: Insight) -> str:
    """Who said it and where, as far as the source tells."""
    place = PLACES.get(insight.source, f"on {insight.source}")
    when = "" if insight.said_at is None else f", {day(insight.said_at)}"
    return f"somebody {place}{when}"


def _has(comparison: Comparison, names: Mapping[str, str]) -> str:
    name = f"“{inside(names.get(comparison.leader, comparison.leader))}”"
    decision = comparison.decision
    if not decision.variant:
        return f"has {name} ahead, and is not sure enough to say so"
    held = decision.held_out
    right = "" if held is None else f" (such verdicts were right {percent(held.value)} of the time, {range_of(held)})"
    return f"{'says likely' if likely(comparison) else 'leans to'} {name}{right}"


def _quoted(decision: Decision, names: Mapping[str, str]) -> str:
    return f"“{inside(names.get(decision.variant, decision.variant))}”"


def _votes(comparison: Comparison, names: Mapping[str, str]) -> str:
    """Who prefers what, and what becomes of everybody else: no member is left uncounted."""
    members = len(comparison.votes)
    silent = sum(not vote.appeal for vote in comparison.votes)
    preferring = [vote.prefers for vote in comparison.votes if vote.prefers]
    unheard = silence(comparison)
    if not preferring:
        return unheard if silent == members else f"None of {members} members prefers one of them. {unheard}".strip()
    told = " and ".join(
        f"{_of(preferring.count(id_), members)} “{inside(name)}”" for id_, name in names.items() if id_ in preferring
    )
    worth = f"together they are worth {comparison.effective_size:.1f} independent people"
    return f"{told[:1].upper()}{told[1:]}; {worth}. {unheard}".strip()


def _of(count: int, members: int) -> str:
    if count == members > 1:
        return f"all {members} members prefer"
    return f"{count} of {members} members {'prefers' if count == 1 else 'prefer'}"
