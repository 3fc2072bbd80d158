"""What both ends noted, laid side by side: what was said and not heard, how long it took to be heard again."""

from __future__ import annotations

from collections import Counter

import msgspec

from vivavoce.guests.load import FRAME_S
from vivavoce.storm.sockets.crowd import Seen, Utterance
from vivavoce.storm.sockets.model import Count

PLANNED = ("client", "go_away")
"""Ends of a link that were ours, before the service's own."""
ABRUPT = ("drop", "internal", "dead_handle", "deadline")
REFUSED = "refused_dial"
"""The first dial after this drop is refused, so that the second comes half a second later, as is meant (V9)."""
GAP_MS = 150.0
STUTTER_MS = 50.0
"""On loopback, by the issue of survival."""
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
    """From the end of a link until the next is set up, which hears the caller from then on."""
    gap_refused: Spread
    gap_planned: Spread
    stutter_planned: Spread
    """Silence within a reply, around each planned change of links."""
    tools: int
    tools_twice: int
    tools_never: int

    def broken(self) -> list[str]:
        """Names of what is not as it should be. Gaps are measured, and judged by who knows how busy the machine was."""
        zero = (
            "hard_failures", "unanswered", "caller_lost_ms", "agent_lost_ms", "agent_repeated_ms", "agent_late_ms",
            "tools_twice", "tools_never",
        )  # fmt: skip
        return [name for name in zero if getattr(self, name)]


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
        gap_refused=spread([_ms(gap) for gap in count.gaps if gap[1] == REFUSED]),
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


def rows(found: Verdict) -> list[tuple[str, str, str]]:
    """A table for people: what was measured, what came, and what may be."""

    def of(values: Spread) -> str:
        return f"{values.p50:g} / {values.p95:g} / {values.p99:g} ms, most {values.most:g}, of {values.n}"

    faults = ", ".join(f"{name} {number}" for name, number in sorted(found.faults.items())) or "none"
    ends = ", ".join(f"{reason} {number}" for reason, number in sorted(found.ends.items()))
    none = "0"
    return [
        ("calls", f"{found.calls}, {found.seconds / 60:.0f} minutes in all", ""),
        ("links to the model", f"{found.links}, of them resumed {found.resumed}", ""),
        ("faults", faults, ""),
        ("callers' own lines cut", str(found.returns), ""),
        ("ends", ends, ""),
        ("hard failures", str(found.hard_failures), none),
        ("utterances", str(found.utterances), ""),
        ("never answered", str(found.unanswered), none),
        ("caller's sound lost", f"{found.caller_lost_ms:g} ms", none),
        ("of what began over the agent", f"{found.caller_lost_over_agent_ms:g} ms", none),
        ("agent's sound lost", f"{found.agent_lost_ms:g} ms", none),
        ("agent's sound heard twice", f"{found.agent_repeated_ms:g} ms", none),
        ("sound of cut replies that came", f"{found.agent_late_ms:g} ms", none),
        ("gap after an abrupt drop, p50 / p95 / p99", of(found.gap_abrupt), f"p95 {GAP_MS:g} ms"),
        ("gap where the next dial was refused too", of(found.gap_refused), ""),
        ("gap at a planned change", of(found.gap_planned), ""),
        ("silence heard because of it", of(found.stutter_planned), f"p95 {STUTTER_MS:g} ms"),
        ("tool calls", str(found.tools), ""),
        ("of them answered twice / never", f"{found.tools_twice} / {found.tools_never}", "0 / 0"),
    ]
