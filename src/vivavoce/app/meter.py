"""Counts what happens in one call: told of steps, never of frames."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from vivavoce.app.metrics import Metrics
from vivavoce.conversation import effects as fx
from vivavoce.conversation import events as ev
from vivavoce.findings import latency
from vivavoce.findings.stopwatch import Stopwatch

GATE_DECISIONS = {"passed": "passed", "withheld": "withheld", "stale": "stale", "ring_dropped": "dropped"}
PROBLEMS = ("recording_incomplete", "events_incomplete")


class Meter:
    """An observer of one call."""

    def __init__(self, metrics: Metrics, agent: str) -> None:
        self._metrics = metrics
        self._agent = agent = metrics.agent(agent)
        self._stopwatch = Stopwatch()
        self._stages = {stage: metrics.stage.labels(stage) for stage in latency.STAGES if stage != "turn_end"}
        self._floor: tuple[str, float] | None = None
        self._sounded = self._acted = False
        self._now = 0.0
        self._left_at: float | None = None
        metrics.started.labels(agent).inc()

    def stepped(self, event: ev.Event, effects: Sequence[fx.Effect], now: float) -> None:
        self._now = now
        for measured in self._stopwatch.step(event, effects, now):
            self._measured(measured)
        match event:
            case ev.ReplyArrived():
                self._sounded = True
            case ev.ToolCalled() | ev.Interrupted():
                self._acted = True
            case ev.TurnEnded():
                kind = "sounded" if self._sounded else "acted" if self._acted else "empty"
                self._metrics.turns.labels(kind).inc()
                self._sounded = self._acted = False
            case ev.UsageReported(modalities=modalities):
                self._spent(modalities)
            case ev.CallerDisturbed(faults=faults):
                for what, _, _, count in faults:
                    self._metrics.faults.labels(what).inc(count)
            case ev.CallerDoubted():
                self._metrics.doubts.inc()
            case ev.CallerDropped() if self._left_at is None:
                self._left_at = now
            case ev.CallerReturned():
                self._came_back("returned", now)
        for effect in effects:
            match effect:
                case fx.ShowFloor(turn=turn):
                    self._took_floor(turn, now)
                case fx.Remark(what=what, why=why):
                    self._metrics.decisions.labels(what, why).inc()
                case fx.Notify(code=code):
                    self._metrics.notices.labels(code).inc()
                case fx.Dial(after_s=after_s) if after_s > 0.0 or isinstance(event, ev.LinkDropped):
                    self._metrics.redials.inc()
                case fx.Inject() if isinstance(event, ev.Woke):
                    self._metrics.reminded.inc()

    def ended(self, reason: str, counts: Mapping[str, float]) -> None:
        metrics = self._metrics
        self._took_floor("", self._now)
        self._came_back("gone", self._now)
        metrics.ended.labels(self._agent, reason).inc()
        metrics.seconds.labels(self._agent).observe(self._now)
        for name, decision in GATE_DECISIONS.items():
            metrics.gate.labels(decision).inc(counts.get(name, 0.0))
        metrics.mute.inc(counts.get("mute_turns", 0.0))
        for problem in PROBLEMS:
            if counts.get(problem):
                metrics.problems.labels(problem).inc()

    def _took_floor(self, turn: str, now: float) -> None:
        if self._floor is not None:
            self._metrics.floor.labels(self._floor[0]).inc(max(0.0, now - self._floor[1]))
        self._floor = (turn, now)

    def _came_back(self, end: str, now: float) -> None:
        if self._left_at is not None:
            self._metrics.away.labels(end).observe(now - self._left_at)
            self._left_at = None

    def _spent(self, modalities: Sequence[tuple[str, int]]) -> None:
        for name, tokens in modalities:
            count = max(0, tokens)
            self._metrics.tokens.labels(self._metrics.modality(name)).inc(count)
            self._metrics.cost.inc(count * self._metrics.prices.get(name, 0.0) / 1_000_000)

    def _measured(self, measured: latency.Measured) -> None:
        metrics = self._metrics
        match measured:
            case latency.Answer():
                metrics.answer.labels(measured.after).observe(measured.total_s)
                for stage, seconds in measured.stages().items():
                    if stage != "turn_end":  # what the model waits for is its own setting; here it is the model's time
                        self._stages[stage].observe(seconds)
            case latency.Interruption(outcome=outcome, held_at=held_at):
                metrics.interruptions.labels(outcome).inc()
                metrics.hold.observe(measured.silent_at - held_at)
                metrics.interruption.labels(outcome).observe(measured.ended_at - held_at)
            case latency.ToolRun():
                metrics.tool.labels(measured.name, measured.outcome).observe(measured.ended_at - measured.began_at)
            case latency.Dial():
                metrics.dial.labels(measured.outcome).observe(measured.ended_at - measured.began_at)
            case latency.Outage():
                metrics.lost.labels(measured.kind).inc()
            case latency.Gap():
                metrics.gaps.observe(measured.seconds)
