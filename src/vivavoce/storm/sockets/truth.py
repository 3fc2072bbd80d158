"""What both ends noted, laid side by side: what was said and not heard, how long it took to be heard again."""

from __future__ import annotations

from collections import Counter

import msgspec

from vivavoce.guests.load import FRAME_S
from vivavoce.storm.sockets.crowd import Seen, Utterance
from vivavoce.storm.sockets.model import Count

PLANNED = ("client", "go_away")
"""Ends of a link that were ours, before the service's own."""
ABRUPT = ("drop", "refused_dial", "internal", "dead_handle", "deadline")
STUTTER_WITHIN_S = 1.0
"""A reply that runs dry so soon after a planned change of links ran dry because of it."""
LAST_S = 20.0
"""Utterances of the last moments of a call need no answer any more."""


class Spread(msgspec.Struct, frozen=True):
    """Of a number of values."""

    n: int
    p50: float = 0.0
    p95: float = 0.0
    p99: float = 0.0
    most: float = 0.0


def spread(values: list[float]) -> Spread:
    if not values:
        return Spread(0)
    ordered = sorted(values)

    def at(share: float) -> float:
        return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1)

    return Spread(len(ordered), at(0.5), at(0.95), at(0.99), round(ordered[-1], 1))


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What real calls survived. Milliseconds unless told otherwise."""

    calls: int
    seconds: float
    """Of calls, in all."""
    links: int
    resumed: int
    faults: dict[str, int]
    returns: int
    """Of callers whose own line was cut."""
    ends: dict[str, int]
    hard_failures: int
    """Calls that ended otherwise than by their caller."""
    utterances: int
    unanswered: int
    caller_lost_ms: float
    """Of utterances, what the session that answered had not heard."""
    caller_lost_over_agent_ms: float
    """Likewise, of those that began while the agent was heard, where a gate has to be sure first."""
    agent_lost_ms: float
    agent_repeated_ms: float
    agent_late_ms: float
    """Sound that came of replies that had been cut."""
    gap_abrupt: Spread
    """From the end of a link to the first sound of the caller's on the next."""
    gap_planned: Spread
    stutter_planned: Spread
    """Silence within a reply, around each planned change of links."""
    tools: int
    tools_twice: int
    tools_never: int


def judged(count: Count, seen: Seen) -> Verdict:
    """The two ends of the same calls."""
    answers: dict[tuple[int, int], list[int]] = {}
    for call, number, _, frames in count.answered:
        answers.setdefault((call, number), frames)
    latest: dict[int, int] = {}
    for said in seen.utterances:
        latest[said.call] = max(latest.get(said.call, 0), said.ended_ns)

    def missing(said: Utterance) -> float:
        heard = answers.get((said.call, said.number))
        if heard is None:
            return 0.0
        return (said.last - said.first + 1 - len(heard)) * FRAME_S * 1000

    unanswered = [
        said
        for said in seen.utterances
        if (said.call, said.number) not in answers and latest[said.call] - said.ended_ns > LAST_S * 1e9
    ]
    planned = [gap for gap in count.gaps if gap[1] in PLANNED]
    asked = Counter(times for times in count.asked.values())
    return Verdict(
        calls=seen.calls,
        seconds=round(seen.seconds, 1),
        links=count.links,
        resumed=count.resumed,
        faults=count.faults,
        returns=seen.returns,
        ends=seen.ends,
        hard_failures=seen.calls - seen.ends.get("caller_hung_up", 0),
        utterances=len(seen.utterances),
        unanswered=len(unanswered),
        caller_lost_ms=round(sum(missing(said) for said in seen.utterances if not said.over_agent), 1),
        caller_lost_over_agent_ms=round(sum(missing(said) for said in seen.utterances if said.over_agent), 1),
        agent_lost_ms=round(seen.lost_ms, 1),
        agent_repeated_ms=round(seen.repeated_ms, 1),
        agent_late_ms=round(seen.late_ms, 1),
        gap_abrupt=spread([_ms(gap) for gap in count.gaps if gap[1] in ABRUPT]),
        gap_planned=spread([_ms(gap) for gap in planned]),
        stutter_planned=spread([_stutter(gap, seen) for gap in planned]),
        tools=len(count.asked),
        tools_twice=sum(number for times, number in asked.items() if times > 1),
        tools_never=max(0, asked[0] - len(count.told)),
    )


def _ms(gap: tuple[int, str, int, int]) -> float:
    return (gap[3] - gap[2]) / 1e6


def _stutter(gap: tuple[int, str, int, int], seen: Seen) -> float:
    call, _, left, usable = gap
    until = usable + STUTTER_WITHIN_S * 1e9
    return sum(ms for who, at, ms in seen.stuttered if who == call and left <= at <= until)


def lines(found: Verdict) -> list[str]:
    """A table for people."""

    def of(values: Spread) -> str:
        return f"{values.p50:g} / {values.p95:g} / {values.p99:g} ms, most {values.most:g} ({values.n})"

    faults = ", ".join(f"{name} {number}" for name, number in sorted(found.faults.items())) or "none"
    ends = ", ".join(f"{reason} {number}" for reason, number in sorted(found.ends.items()))
    rows = [
        ("calls", f"{found.calls}, {found.seconds / 60:.0f} minutes in all"),
        ("links to the model", f"{found.links}, of them resumed {found.resumed}"),
        ("faults", faults),
        ("callers' lines cut", f"{found.returns}"),
        ("ends", ends),
        ("hard failures", f"{found.hard_failures}"),
        ("utterances", f"{found.utterances}, never answered {found.unanswered}"),
        ("caller's sound lost", f"{found.caller_lost_ms:g} ms; over the agent {found.caller_lost_over_agent_ms:g} ms"),
        ("agent's sound", f"lost {found.agent_lost_ms:g} ms, repeated {found.agent_repeated_ms:g} ms"),
        ("cut sound that came", f"{found.agent_late_ms:g} ms"),
        ("gap after an abrupt end, p50/p95/p99", of(found.gap_abrupt)),
        ("gap at a planned change, p50/p95/p99", of(found.gap_planned)),
        ("heard of it as a stutter", of(found.stutter_planned)),
        ("tool calls", f"{found.tools}, answered twice {found.tools_twice}, never {found.tools_never}"),
    ]
    width = max(len(name) for name, _ in rows)
    return [f"{name:<{width}}  {value}" for name, value in rows]
