"""What came of one call, in numbers that add up."""

from __future__ import annotations

import msgspec

from vivavoce.conversation.log import encode_effects
from vivavoce.errors import InputError
from vivavoce.storm.world.kinds import KINDS, strike_all
from vivavoce.storm.world.script import Script
from vivavoce.storm.world.truth import CALLER_MS, REPLY_MS, Truth
from vivavoce.storm.world.world import World

SETTLES_S = 60.0
"""What was said or asked so shortly before the end need not have been answered."""


class Outcome(msgspec.Struct, kw_only=True):
    """Of one call, or of many together."""

    calls: int = 0
    for_good: int = 0
    """Calls with a fault that no call survives; they are to end with words of their own, and only that is counted."""
    minutes: float = 0.0
    events: int = 0
    links: int = 0
    take_overs: int = 0
    faults: dict[str, int] = {}
    ends: dict[str, int] = {}
    failures: dict[str, int] = {}
    """Hard failures by what happened: ends that nobody wanted, calls that stuck or raised."""
    utterances: int = 0
    caller_lost_ms: int = 0
    caller_lost_calls: int = 0
    caller_beyond_ms: int = 0
    """What the ring had to drop, since nobody answered for so long; the caller is told."""
    typed_lost: int = 0
    ignored: int = 0
    """Typed lines and results that a model overlooked while it answered something else: nobody can know of it."""
    agent_lost_ms: int = 0
    agent_repeated_ms: int = 0
    cut_heard_ms: int = 0
    gaps_ms: list[int] = []
    errands: int = 0
    answered_twice: int = 0
    """Ids that were answered more than once."""
    answered_never: int = 0
    """Wishes for which a tool was called and of whose result no model ever spoke."""
    run_twice: int = 0
    """Wishes for which a tool was run again."""
    answered_cancelled: int = 0
    uninformed: int = 0
    """Replies of a model that had been told nothing of the call."""
    forgotten: int = 0
    """Replies of a model that did not know the newest turn that was answered."""
    after_end: int = 0
    replayed: int = 0
    replay_differs: int = 0

    def broken(self) -> list[str]:
        """Bounds that do not hold: the names of what is above 0."""
        return [name for name in BOUNDS if getattr(self, name)]


BOUNDS = (
    "failures", "caller_lost_ms", "typed_lost", "agent_lost_ms", "agent_repeated_ms", "cut_heard_ms",
    "answered_twice", "answered_never", "run_twice", "answered_cancelled", "uninformed", "forgotten", "after_end",
    "replay_differs",
)  # fmt: skip
"""What is never above 0."""


def check(script: Script) -> Script:
    """The script, if every fault of it is known.

    Raises:
        InputError: one is not.
    """
    for fault in script.faults:
        if fault.kind not in KINDS:
            raise InputError(f"want one of {', '.join(KINDS)}, got {fault.kind[:60]!r}")
    return script


def play(script: Script) -> World:
    """The whole call; whatever the machine raises is a failure of the call."""
    world = World(script)
    strike_all(world)
    try:
        world.run()
    except Exception as fault:  # noqa: BLE001  # whatever it is, it would have ended a call
        world.broke(f"raised: {type(fault).__name__}")
        world.truth.raised = fault
    return world


def outcome_of(script: Script, *, replay: bool = False) -> Outcome:
    """Play a call and measure it."""
    return measured(play(script), replay=replay)


def measured(world: World, *, replay: bool = False) -> Outcome:
    """What came of a call.

    Args:
        replay: feed it to a second conversation, too.
    """
    script, truth = world.script, world.truth
    kinds: dict[str, int] = {}
    for fault in script.faults:
        kinds[fault.kind] = kinds.get(fault.kind, 0) + 1
    for_good = any(not KINDS[kind].transient for kind in kinds)
    outcome = Outcome(
        calls=1,
        for_good=int(for_good),
        minutes=world.clock.now / 60,
        events=truth.events,
        links=truth.links,
        take_overs=truth.servers - 1,
        faults=kinds,
        ends={truth.end or "none": 1},
        failures={what: truth.broken.count(what) for what in truth.broken},
        replayed=int(replay),
        replay_differs=int(replay and not same_again(world)),
    )
    if not for_good:
        _measure(outcome, truth, world.clock.now - SETTLES_S)
    return outcome


def _measure(outcome: Outcome, truth: Truth, until: float) -> None:
    lost = truth.lost_samples(until)
    sound = truth.sound()
    outcome.utterances = len(truth.utterances)
    outcome.caller_lost_ms = sum(lost.values()) // CALLER_MS
    outcome.caller_lost_calls = int(bool(lost))
    outcome.caller_beyond_ms = truth.beyond_ring_samples() // CALLER_MS
    outcome.typed_lost = truth.lost_lines(until)
    outcome.ignored = truth.ignored_for_good(until)
    outcome.agent_lost_ms, outcome.agent_repeated_ms, outcome.cut_heard_ms = (samples // REPLY_MS for samples in sound)
    outcome.gaps_ms = [round(gap * 1000) for gap in truth.gaps]
    outcome.errands = len(truth.errands)
    outcome.answered_twice = truth.ids_twice()
    outcome.answered_never = truth.wishes_never(until)
    outcome.run_twice = truth.wishes_twice()
    outcome.answered_cancelled = truth.ids_after_cancel()
    outcome.uninformed = truth.uninformed
    outcome.forgotten = truth.forgotten
    outcome.after_end = truth.after_end


def same_again(world: World) -> bool:
    """Whether a fresh conversation decides the same from the log."""
    conversation = world.conversation()
    return all(
        encode_effects(conversation.step(event, at)) == encode_effects(effects) for at, event, effects in world.log
    )


def add(total: Outcome, one: Outcome) -> None:
    """Add a call to a sum."""
    for name in Outcome.__struct_fields__:
        value = getattr(one, name)
        if isinstance(value, dict):
            into = getattr(total, name)
            for key, count in value.items():
                into[key] = into.get(key, 0) + count
        else:
            setattr(total, name, getattr(total, name) + value)
