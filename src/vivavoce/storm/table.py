"""What came of a storm, as rows to read."""

from __future__ import annotations

from vivavoce.storm.outcome import Outcome
from vivavoce.storm.world.kinds import KINDS

Row = tuple[str, str, str]


def rows(total: Outcome) -> list[Row]:
    """(what was measured, how much, how much may be)."""
    gaps = sorted(total.gaps_ms)
    counted = sum(total.faults.values())
    return [
        ("calls", f"{total.calls}, {total.minutes / 60:.0f} hours", ""),
        ("events, links, servers taken over", f"{total.events}, {total.links}, {total.take_overs}", ""),
        ("faults", f"{counted} of {len(total.faults)} kinds", ""),
        ("calls that met a fault for good", str(total.for_good), ""),
        ("hard failures", _named(total.failures), "0"),
        ("utterances", str(total.utterances), ""),
        ("caller's sound lost, ms", f"{total.caller_lost_ms} in {total.caller_lost_calls} calls", "0"),
        ("... beyond the ring, ms", str(total.caller_beyond_ms), ""),
        ("typed lines lost", str(total.typed_lost), "0"),
        ("... and results, overlooked by a model", str(total.ignored), ""),
        ("agent's sound lost, ms", str(total.agent_lost_ms), "0"),
        ("agent's sound heard twice, ms", str(total.agent_repeated_ms), "0"),
        ("cut sound heard, ms", str(total.cut_heard_ms), "0"),
        ("gap p50 / p95 / p99, ms", " / ".join(str(quantile(gaps, share)) for share in (0.5, 0.95, 0.99)), ""),
        ("errands", str(total.errands), ""),
        ("... answered twice", str(total.answered_twice), "0"),
        ("... answered never", str(total.answered_never), "0"),
        ("... run twice", str(total.run_twice), "0"),
        ("... answered though taken back", str(total.answered_cancelled), "0"),
        ("answers of a model that was told nothing", str(total.uninformed), "0"),
        ("answers of one that missed the newest turn", str(total.forgotten), "0"),
        ("effects after the end", str(total.after_end), "0"),
        ("calls replayed, with another outcome", f"{total.replayed}, {total.replay_differs}", "0"),
    ]


def fault_rows(total: Outcome) -> list[tuple[str, str, str]]:
    """(fault, how often, what it is), in the order of the library."""
    return [(name, str(total.faults[name]), kind.story) for name, kind in KINDS.items() if name in total.faults]


def quantile(ordered: list[int], share: float) -> int:
    """The value that this share does not exceed; 0 of none."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0


def _named(counts: dict[str, int]) -> str:
    named = ", ".join(f"{what}: {count}" for what, count in sorted(counts.items()))
    return f"{sum(counts.values())} ({named})" if counts else "0"
