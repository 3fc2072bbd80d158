"""Whole calls in virtual time: the same script is the same call, every fault strikes, and what breaks is seen."""

from __future__ import annotations

import pytest

from vivavoce.conversation import effects as fx
from vivavoce.conversation import events as ev
from vivavoce.conversation.conversation import Conversation
from vivavoce.conversation.errands import Errands
from vivavoce.conversation.lifeline import Lifeline
from vivavoce.conversation.machine import Out
from vivavoce.conversation.playout import Playout
from vivavoce.conversation.results import Results
from vivavoce.storm.outcome import Outcome, measured, outcome_of, play
from vivavoce.storm.world.kinds import KINDS, draw
from vivavoce.storm.world.script import Fault, Script

MINUTES = 8.0


def call(*faults: Fault, seed: int = 5, minutes: float = MINUTES) -> Outcome:
    return outcome_of(Script(seed=seed, minutes=minutes, faults=faults), replay=True)


def drops(every_s: float = 40.0) -> tuple[Fault, ...]:
    return tuple(Fault(kind="drop_in_word", at_s=every_s * count) for count in range(1, 8))


def test_a_call_without_faults_goes_well() -> None:
    outcome = call()
    assert outcome.broken() == []
    assert outcome.ends == {"caller_hung_up": 1}
    assert outcome.utterances > 30
    assert outcome.errands > 3
    assert outcome.replayed == 1


def test_the_same_script_is_the_same_call() -> None:
    script = draw(11, MINUTES, 4, tuple(KINDS))
    logs = [play(script).log for _ in range(2)]
    assert logs[0] == logs[1]
    assert play(draw(12, MINUTES, 4, tuple(KINDS))).log != logs[0]


@pytest.mark.parametrize("kind", KINDS)
def test_every_fault_is_lived_through(kind: str) -> None:
    """However often it strikes: the call goes on to the end that it was to have."""
    outcome = outcome_of(draw(3, 12.0, 3, (kind,)), replay=True)
    assert outcome.faults[kind] >= 1
    assert outcome.failures == {}
    assert outcome.replay_differs == 0
    assert outcome.for_good == (not KINDS[kind].transient)


def test_a_link_that_is_cut_is_dialled_again() -> None:
    outcome = call(Fault(kind="drop", at_s=100.0))
    assert outcome.links >= 2
    assert 0 < max(outcome.gaps_ms) < 1000


def test_a_server_that_dies_is_followed_by_another() -> None:
    world = play(Script(seed=5, minutes=MINUTES, faults=(Fault(kind="killed", at_s=100.0, seconds=1.0),)))
    assert measured(world).take_overs == 1
    assert [event.epoch for _, event, _ in world.log if isinstance(event, ev.TakenOver)] == [2]


# ------------------------------------------------------------------------------- what is broken in the machine is seen


def test_sound_that_is_not_sent_again_is_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Lifeline, "_resend", lambda self, signal, now, out: None)
    assert call(*drops()).caller_lost_ms > 1000


def test_a_machine_that_takes_no_second_link_is_stuck(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = Lifeline._opened
    monkeypatch.setattr(
        Lifeline, "_opened", lambda self, event, now, out: opened(self, event, now, out) if event.link == 1 else None
    )
    assert call(*drops(), minutes=20.0).failures


def test_a_tool_that_is_run_again_for_every_repetition_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Errands, "_told_twice", lambda self, event: False)
    outcome = call(Fault(kind="double_calls", at_s=5.0, times=20))
    assert outcome.answered_twice > 0


def test_sound_that_comes_again_and_is_played_again_is_heard_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Playout, "_repeated", lambda self, event, now, out: False)
    faults = [Fault(kind="repeated_sound", at_s=40.0 * count) for count in range(1, 6)]
    assert call(*faults).agent_repeated_ms > 0


def test_sound_that_is_thrown_away_is_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    arrived = Playout._arrived

    def lossy(self: Playout, event: ev.ReplyArrived, now: float, out: Out) -> None:
        if event.chunk % 3 or not any(reply.sent for reply in self._replies):
            arrived(self, event, now, out)

    monkeypatch.setattr(Playout, "_arrived", lossy)
    assert call().agent_lost_ms > 0


def test_results_that_are_lost_with_a_link_are_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Results, "for_link", lambda self, now, *, resumed: [])
    monkeypatch.setattr(Results, "asked_again", lambda self, name, args, now: None)
    outcomes = (outcome_of(draw(seed, 10.0, 5, ("drop_in_tool",))) for seed in range(40))
    assert any(outcome.answered_never or outcome.run_twice for outcome in outcomes)


def test_a_call_that_raises_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Lifeline, "_dropped", lambda self, event, now, out: 1 / 0)
    assert call(*drops()).failures == {"raised: ZeroDivisionError": 1}


def test_a_machine_that_decides_otherwise_the_second_time_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    step, made = Conversation.step, []

    def moody(self: Conversation, event: ev.Event, now: float) -> list[fx.Effect]:
        if self not in made:
            made.append(self)
        effects = list(step(self, event, now))
        return effects if len(made) == 1 else [*effects, fx.Notify("mood")]

    monkeypatch.setattr(Conversation, "step", moody)
    assert call(minutes=2.0).replay_differs == 1
