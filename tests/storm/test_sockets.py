"""A few real calls through faults, over real sockets: what both ends noted agrees with what is promised."""

from __future__ import annotations

import pytest

from vivavoce.app.real_storm import real_storm
from vivavoce.storm.sockets.crowd import Manner, Seen, Utterance
from vivavoce.storm.sockets.marks import Mark, mark_of, marked
from vivavoce.storm.sockets.model import Count, Plan
from vivavoce.storm.sockets.truth import judged, rows


def test_a_mark_is_read_and_its_absence_too() -> None:
    mark = Mark(4095, 77, 1 << 20)
    assert mark_of(marked(bytes(1024), mark)) == mark
    assert mark_of(bytes(1024)) is None
    assert mark_of(b"\0\0") is None


def test_what_was_said_and_not_heard_is_lost() -> None:
    said = [
        Utterance(1, 1, first=10, last=19, ended_ns=0, over_agent=False),
        Utterance(1, 2, first=40, last=49, ended_ns=10**9, over_agent=True),
        Utterance(1, 3, first=90, last=99, ended_ns=50 * 10**9, over_agent=False),
    ]
    count = Count(
        answered=[(1, 1, 0, [*range(12, 20)]), (1, 1, 0, [*range(10, 20)])],
        gaps=[(1, "drop", 0, 5_000_000), (1, "go_away", 100 * 10**6, 102 * 10**6)],
        asked={"1-1": 1, "1-2": 2, "2-1": 0, "3-1": 0},
        told=["2-1"],
    )
    seen = Seen(calls=2, utterances=said, ends={"caller_hung_up": 1, "failed": 1}, stuttered=[(1, 10**9, 32.0)])
    found = judged(count, seen)
    assert found.caller_lost_ms == 64.0  # the first answer counts
    assert found.unanswered == 1  # the second one; the third was said at the end
    assert found.hard_failures == 1
    assert (found.tools_twice, found.tools_never) == (1, 1)
    assert (found.gap_abrupt.p95, found.gap_planned.p95, found.stutter_planned.most) == (5.0, 2.0, 32.0)
    assert set(found.broken()) == {"hard_failures", "unanswered", "caller_lost_ms", "tools_twice", "tools_never"}
    assert ("hard failures", "1", "0") in rows(found)


@pytest.mark.xdist_group("storm")
async def test_real_calls_live_through_it() -> None:
    plan = Plan(seed=3, chance=1.0, after_s=(3.0, 8.0), faults=("drop", "internal", "dead_handle", "stall"))
    found = await real_storm(3, 20.0, plan=plan, manner=Manner(seed=3, drops_after_s=(4.0, 9.0)))
    assert found.broken() == []
    assert found.returns >= 3
    assert sum(found.faults.values()) >= 4
    assert found.utterances >= 6
