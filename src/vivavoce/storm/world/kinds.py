"""What goes wrong, by name: at the model, on the way to it, on the caller's line, with the server itself."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from vivavoce.conversation import events as ev
from vivavoce.storm.world.script import Fault, Script
from vivavoce.storm.world.world import World

Strike = Callable[[World, Fault], None]


@dataclass(frozen=True, slots=True)
class Kind:
    """How it is drawn and what it does."""

    strike: Strike
    story: str
    seconds: tuple[float, float] = (0.0, 0.0)
    times: tuple[int, int] = (0, 0)
    transient: bool = True
    """A call survives it. What is not transient ends the call, which is counted apart."""
    apart: str = ""
    """Two of one group lie `APART_S` apart: together they would be longer than any call is held for."""


def _connection(do: Callable[[World, Fault], None]) -> Strike:
    """For what needs a link that is up: nothing happens without one."""
    return lambda world, fault: do(world, fault) if world.service.connection is not None else None


def _drop(world: World, code: int, kind: str = "transient") -> None:
    if (connection := world.service.connection) is not None:
        connection.drop(code, kind)


def _away(world: World, fault: Fault) -> None:
    world.service.away_until = world.clock.now + fault.seconds
    _drop(world, 1006)


def _quota(world: World, fault: Fault) -> None:
    world.service.quota_until = world.clock.now + fault.seconds
    _drop(world, 1011, "quota")


def _refused(kind: str, reason: str) -> Strike:
    def strike(world: World, fault: Fault) -> None:
        world.expected = {reason}
        world.service.refused = kind
        _drop(world, 1008 if kind == "fatal" else 1011, kind)

    return strike


def _go_away(world: World, fault: Fault) -> None:
    connection = world.service.connection
    assert connection is not None, "there is a link"
    connection.go_away(fault.seconds, then=lambda: connection.drop(1011))


def _go_away_silent(world: World, fault: Fault) -> None:
    connection = world.service.connection
    assert connection is not None, "there is a link"
    connection.go_away(fault.seconds, then=lambda: setattr(connection, "mute", True))


def _dead_handles(world: World, fault: Fault) -> None:
    for memory in world.service.issued:
        memory.usable = False
    _drop(world, 1006)


def _refused_resume(world: World, fault: Fault) -> None:
    world.service.no_resume_until = world.clock.now + fault.seconds
    _drop(world, 1006)


def _short_lived(world: World, fault: Fault) -> None:
    world.service.short_lived_until = world.clock.now + fault.seconds
    _drop(world, 1006)


def _unanswered(world: World, fault: Fault) -> None:
    world.service.unanswered_dials = 1
    _drop(world, 1006)


def _half_open(world: World, fault: Fault) -> None:
    assert world.service.connection is not None, "there is a link"
    world.service.connection.mute = True


def _stall(world: World, fault: Fault) -> None:
    assert world.service.connection is not None, "there is a link"
    world.service.connection.stall(fault.seconds)


def _drop_in_tool(world: World, fault: Fault) -> None:
    """Waits for a tool to run, for two minutes at most."""
    if any(not errand.answers and not errand.cancelled and errand.wish for errand in world.truth.errands.values()):
        _drop(world, 1006)
    elif world.clock.now < fault.at_s + 120.0:
        world.clock.after(0.25, _drop_in_tool, world, fault)


def _drop_in_word(world: World, fault: Fault) -> None:
    """Waits for the caller to be in the middle of a word."""
    if world.person.speaking and world.clock.now > fault.at_s + fault.seconds:
        _drop(world, 1006)
    elif world.clock.now < fault.at_s + 120.0:
        world.clock.after(0.25, _drop_in_word, world, fault)


def _drop_in_reply(world: World, fault: Fault) -> None:
    """Waits for the model to be in the middle of a sentence."""
    connection = world.service.connection
    if connection is not None and connection.mind.talking:
        connection.drop(1006)
    elif world.clock.now < fault.at_s + 120.0:
        world.clock.after(0.1, _drop_in_reply, world, fault)


def _repeats(world: World, fault: Fault) -> None:
    world.service.repeats = 1
    _drop_in_reply(world, fault)


def _interrupted(world: World, fault: Fault) -> None:
    if (connection := world.service.connection) is not None and connection.mind.talking:
        connection.mind.interrupt()
    elif world.clock.now < fault.at_s + 120.0:
        world.clock.after(0.2, _interrupted, world, fault)


def _until(name: str) -> Strike:
    return lambda world, fault: setattr(world.service, name, world.clock.now + fault.seconds)


def _times(name: str) -> Strike:
    return lambda world, fault: setattr(world.service, name, getattr(world.service, name) + fault.times)


def _wrong_sound(kind: str) -> Strike:
    def strike(world: World, fault: Fault) -> None:
        world.service.wrong_sound += [kind] * fault.times

    return strike


def _rubbish(world: World, fault: Fault) -> None:
    """Events that fit nothing: other links, other replies, ids that nobody knows, numbers that cannot be."""
    chance = random.Random(fault.at_s)  # noqa: S311  # repeatable, guards nothing
    others: list[Callable[[], ev.Event]] = [
        lambda: ev.ReplyArrived(chance.randint(900, 999), 10**9, 4800),
        lambda: ev.Played(chance.randint(900, 999), chance.randint(-9, 10**9), chance.randint(-9, 10**9)),
        lambda: ev.AgentTranscribed(999, "<briefing>"),
        lambda: ev.TurnEnded(999),
        lambda: ev.HandleIssued(999, 999, True, 0),
        lambda: ev.ToolsCancelled(999, ("x", "")),
        lambda: ev.ErrandReturned(10**6, {}),
        lambda: ev.GoAwayReceived(999, -1.0),
        lambda: ev.CallerDoubted(999, -1),
        lambda: ev.SoundJudged(999, "tone"),
        lambda: ev.SoundResent(999, -1, -1),
    ]
    for _ in range(fault.times):
        world.server.step(chance.choice(others)())


def _line(*, noticed: bool = True, reload: bool = False) -> Strike:
    return lambda world, fault: world.device.lose(fault.seconds, noticed=noticed, reload=reload)


def _slow_line(world: World, fault: Fault) -> None:
    if (socket := world.device.socket) is not None:
        socket.up.stall(fault.seconds)
        socket.down.stall(fault.seconds)


KINDS: dict[str, Kind] = {
    # the link to the model
    "drop": Kind(lambda w, f: _drop(w, 1006), "TCP to the model is cut without a word"),
    "drop_in_word": Kind(_drop_in_word, "the same, while the caller speaks", (0.0, 4.0)),
    "drop_in_reply": Kind(_drop_in_reply, "the same, while the model speaks"),
    "drop_in_tool": Kind(_drop_in_tool, "the same, while a tool runs"),
    "deadline": Kind(lambda w, f: _drop(w, 1011), "1011, deadline expired, with no goAway before"),
    "go_away": Kind(_connection(_go_away), "the end is announced, and comes", (3.0, 50.0)),
    "go_away_silent": Kind(_connection(_go_away_silent), "announced; then silence and no close", (3.0, 50.0)),
    "dead_handles": Kind(_dead_handles, "cut, and every handle so far is unknown"),
    "refused_resume": Kind(
        _refused_resume, "cut, and resuming is refused with 1011 for a while", (0.5, 20.0), apart="outage"
    ),
    "short_lived": Kind(_short_lived, "for a while every link is cut after a second", (3.0, 30.0), apart="outage"),
    "half_open": Kind(_connection(_half_open), "the link is dead and nobody says so"),
    "stalled": Kind(_connection(_stall), "nothing moves for a while, then everything at once", (0.5, 20.0)),
    "unanswered": Kind(_unanswered, "cut, and the next dial is never answered", apart="outage"),
    "away": Kind(_away, "the service takes no calls for a while", (0.5, 60.0), apart="outage"),
    "quota": Kind(_quota, "1011, quota, for a while", (1.0, 45.0), apart="outage"),
    # what the model does
    "no_handles": Kind(_until("no_handles_until"), "no handle is resumable for a while", (30.0, 300.0)),
    "empty_turns": Kind(_times("empty_turns"), "turns end with no sound and no words", times=(1, 4)),
    "deaf_to_text": Kind(
        _times("deaf_texts"), "text is read and not answered, a typed line not even read", times=(1, 2)
    ),
    "digital_silence": Kind(_wrong_sound("silence"), "turns of digital silence", times=(1, 2)),
    "tone": Kind(_wrong_sound("tone"), "turns of one steady tone", times=(1, 2)),
    "mute_after_interrupted": Kind(
        _times("hangs_after_interrupted"), "interrupted, it says nothing more until it is told something", times=(1, 1)
    ),
    "broken_off": Kind(_times("broken_turns"), "sentences end in the middle", times=(1, 3)),
    "slow_sound": Kind(_until("slow_until"), "sound comes slower than it plays", (20.0, 120.0)),
    "bursts": Kind(_until("bursts_until"), "sound comes in bursts two seconds apart", (20.0, 120.0)),
    "late_words": Kind(_until("late_words_until"), "transcripts come late and backwards", (30.0, 300.0)),
    "repeated_sound": Kind(_repeats, "cut in a sentence; its end comes again to who resumes"),
    "double_calls": Kind(_times("double_calls"), "a tool is called twice with one id", times=(1, 3)),
    "cancelled_calls": Kind(_times("cancels"), "calls are taken back", times=(1, 3)),
    "late_sound": Kind(_times("late_sound"), "sound still comes after `interrupted`", times=(1, 3)),
    "needless_interrupted": Kind(_interrupted, "it takes itself to be interrupted by nobody"),
    "rubbish": Kind(_rubbish, "events that fit nothing", times=(5, 60)),
    # the caller's line
    "caller_dropped": Kind(
        _line(), "the caller's socket is cut, and dialled again at once", (0.05, 3.0), apart="absence"
    ),
    "caller_away": Kind(_line(), "the caller is gone for a while", (3.0, 110.0), apart="absence"),
    "caller_unnoticed": Kind(
        _line(noticed=False), "the socket is dead; the server learns it by the next", (0.3, 6.0), apart="absence"
    ),
    "page_reloaded": Kind(
        _line(reload=True), "the page is loaded anew, and knows nothing", (0.5, 8.0), apart="absence"
    ),
    "slow_line": Kind(_slow_line, "nothing moves on the caller's line for a while", (0.3, 8.0)),
    # the server
    "killed": Kind(
        lambda w, f: w.kill(f.seconds), "the server dies; another goes on from its log", (0.1, 5.0), apart="absence"
    ),
    "drained": Kind(
        lambda w, f: w.server.step(ev.DrainOrdered()), "the server hands its calls over and stops", apart="absence"
    ),
    # for good
    "fatal": Kind(_refused("fatal", "link_refused"), "the key is not valid any more", transient=False),
    "quota_for_good": Kind(_refused("quota", "model_busy"), "the quota is used up", transient=False),
}
"""By name; an ailment of the service lasts until it has struck as often as told."""


LEFT_ALONE_S = 210.0
"""Before the end nothing goes wrong: what did is to be over by then."""
APART_S = 180.0
TRIES = 50


def draw(seed: int, minutes: float, faults: int, names: tuple[str, ...]) -> Script:
    """A call with so many random faults of these kinds; fewer where they do not fit in."""
    chance = random.Random(f"{seed} faults")  # noqa: S311  # repeatable, guards nothing
    drawn: list[Fault] = []
    for _ in range(faults * TRIES):
        if len(drawn) == faults:
            break
        name = chance.choice(names)
        kind = KINDS[name]
        at_s = round(chance.uniform(2.0, max(2.0, minutes * 60 - LEFT_ALONE_S)), 2)
        near = (KINDS[other.kind].apart for other in drawn if abs(other.at_s - at_s) < APART_S)
        if kind.apart and kind.apart in near:
            continue
        seconds, times = round(chance.uniform(*kind.seconds), 2), chance.randint(*kind.times)
        drawn.append(Fault(kind=name, at_s=at_s, seconds=seconds, times=times))
    return Script(seed=seed, minutes=minutes, faults=tuple(sorted(drawn, key=lambda fault: fault.at_s)))


def strike_all(world: World) -> None:
    """Have every fault of the script happen in its time."""
    for fault in world.script.faults:
        world.clock.at(fault.at_s, _strike, world, fault)


def _strike(world: World, fault: Fault) -> None:
    if not world.over:
        KINDS[fault.kind].strike(world, fault)
