"""What a server tells Prometheus of itself.

What happens in calls is counted as it happens (`meter`); what stands, such as queues, pools and jobs, is read when
somebody asks (`readings`). Each replica answers for itself; jobs, workers and deliveries are the
database's, so every replica tells the same of them. No label holds anything a caller said, and every label has a
bounded number of values.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Literal, TypeVar

import msgspec
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, disable_created_metrics
from prometheus_client.metrics import MetricWrapperBase

from vivavoce import __version__
from vivavoce.errors import SettingsError

MOST_AGENTS = 50
"""Agents that have series of their own; those beyond it share the name `other`."""
MOST_MODALITIES = 32
"""Kinds of tokens, which the live model names; a service has about eight."""
# An answer after 0.3 s is as quick as people are, after 1 s it is good for a machine, after 4 s callers ask whether
# anybody is there; a reminder goes out at 8 s.
ANSWER_S = (0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 15.0, 30.0)
STEP_S = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0)
CALL_S = (10.0, 30.0, 60.0, 180.0, 300.0, 600.0, 900.0, 1800.0, 2700.0, 3600.0)
AWAY_S = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 40.0, 80.0, 120.0)
LAG_S = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0)

Metric = TypeVar("Metric", bound=MetricWrapperBase)
_MODALITY = re.compile(r"[a-z_]{1,32}")


class About(msgspec.Struct, frozen=True):
    """A metric as the reference lists it."""

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    labels: tuple[str, ...]
    meaning: str


class Metrics:
    """The series of one process.

    Args:
        prices: of a million tokens by modality, for the cost.
    """

    def __init__(self, prices: Mapping[str, float] | None = None) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series for every counter that nobody asks for
        self.registry = CollectorRegistry()
        self.about: list[About] = []
        self.prices = dict(prices or {})
        self._agents: set[str] = set()
        self._modalities: set[str] = set()
        counter, gauge, histogram = self._counter, self._gauge, self._histogram

        # calls
        self.started = counter("calls_started", "Calls whose socket was opened", "agent")
        self.ended = counter("calls_ended", "Calls that ended, by why", "agent", "reason")
        self.seconds = histogram("call_seconds", "How long calls took", CALL_S, "agent")
        self.live = gauge("calls_live", "Calls running now")
        self.limit = gauge("calls_limit", "Calls that may run at a time")
        self.refused = counter("refused", "Bookings, sockets and requests that were turned away, by why", "why")
        self.problems = counter(
            "call_problems", "Calls that could not be written down in full, by what failed", "problem"
        )
        self.notices = counter("notices", "Notices that callers were given, by code", "code")

        # the talk
        self.answer = histogram(
            "answer_seconds", "From the end of the caller's turn to the first sound they hear", ANSWER_S, "after"
        )
        self.stage = histogram("answer_stage_seconds", "Parts of an answer: what it waited for", STEP_S, "stage")
        self.reminded = counter("answers_reminded", "Reminders to a model that owed an answer")
        self.interruptions = counter("interruptions", "Callers who spoke over the agent, by what came of it", "outcome")
        self.hold = histogram("hold_seconds", "From a hold until the caller's machine was silent", STEP_S)
        self.interruption = histogram(
            "interruption_seconds", "From a hold until it was cut or resumed", STEP_S, "outcome"
        )
        self.gaps = histogram("playout_gap_seconds", "Stutters: a reply stood still while it was heard", STEP_S)
        self.faults = counter("caller_faults", "What disturbed the sound on callers' machines, by what", "what")
        self.away = histogram("caller_away_seconds", "How long callers who lost their socket were away", AWAY_S, "end")
        self.decisions = counter(
            "decisions", "What was decided or noticed in calls, and why: the remarks of the reference", "what", "why"
        )
        self.doubts = counter("caller_doubts", "Replies that callers' machines silenced by themselves")
        self.floor = counter("floor_seconds", "Time by who had the floor", "turn")
        self.turns = counter("model_turns", "Turns of the live model, by whether anything came of them", "kind")
        self.mute = counter("model_mute_turns", "Turns whose sound was digital silence")
        self.gate = counter("gate_frames", "Frames of callers by what the gate did with them", "decision")

        # links, tools, tokens
        self.dial = histogram("dial_seconds", "Opening a link to the live model, by how it went", STEP_S, "outcome")
        self.lost = counter("links_lost", "Open links that were lost, by class of the close", "kind")
        self.redials = counter("redials", "Links dialled because another one failed")
        self.tool = histogram("tool_seconds", "Runs of tools", STEP_S, "tool", "outcome")
        self.tokens = counter("tokens", "Tokens as the live model counts them, by direction and modality", "modality")
        self.cost = counter("cost", "What the tokens cost at the prices of `token_prices`, in their currency")

        # the server
        self.requests = counter("http_requests", "Requests by route and status", "method", "route", "status")
        self.request = histogram("http_request_seconds", "Time to answer a request", STEP_S, "route")
        self.lag = histogram("loop_lag_seconds", "How late the event loop wakes up", LAG_S)
        self.waiting = gauge("writer_waiting_rows", "Rows of calls that wait to be written")
        self.behind = gauge("writer_lag_seconds", "Age of the oldest row that waits to be written")
        self.failing = gauge("writer_failing", "1 while the database takes no rows")
        self.dropped = counter("writer_dropped_rows", "Rows of calls that are lost")
        self.disk = gauge("disk_free_bytes", "Free space where the data lies")
        self.pool = gauge("database_connections", "Connections to the database", "state")
        self.database = gauge("database_up", "1 when the database answered this very question")
        self.jobs = gauge("jobs", "Jobs by state", "state")
        self.oldest_job = gauge("jobs_oldest_waiting_seconds", "How long the first job in line has been due")
        self.workers = gauge("workers", "Workers whose lease holds")
        self.deliveries = gauge("webhook_deliveries", "Messages to webhooks by state", "state")
        self.build = gauge("build_info", "1, with the version as a label", "version")
        self.build.labels(__version__).set(1)
        ProcessCollector(registry=self.registry)

    def _counter(self, name: str, meaning: str, *labels: str) -> Counter:
        return self._made(
            Counter(f"viva_{name}", meaning, labels, registry=self.registry), f"{name}_total", meaning, labels
        )

    def _gauge(self, name: str, meaning: str, *labels: str) -> Gauge:
        return self._made(Gauge(f"viva_{name}", meaning, labels, registry=self.registry), name, meaning, labels)

    def _histogram(self, name: str, meaning: str, buckets: Sequence[float], *labels: str) -> Histogram:
        made = Histogram(f"viva_{name}", meaning, labels, registry=self.registry, buckets=buckets)
        return self._made(made, name, meaning, labels)

    def _made(self, metric: Metric, name: str, meaning: str, labels: tuple[str, ...]) -> Metric:
        kind: Literal["counter", "gauge", "histogram"]
        kind = "counter" if isinstance(metric, Counter) else "gauge" if isinstance(metric, Gauge) else "histogram"
        self.about.append(About(f"viva_{name}", kind, labels, meaning))
        return metric

    def agent(self, name: str) -> str:
        """The label of an agent."""
        if name not in self._agents and len(self._agents) >= MOST_AGENTS:
            return "other"
        self._agents.add(name)
        return name

    def modality(self, name: str) -> str:
        """The label of a kind of tokens."""
        if _MODALITY.fullmatch(name) is None or (
            name not in self._modalities and len(self._modalities) >= MOST_MODALITIES
        ):
            return "other"
        self._modalities.add(name)
        return name


def parse_prices(text: str) -> dict[str, float]:
    """Prices of a million tokens: "prompt_audio=3, response_audio=12".

    Raises:
        SettingsError: not of that form.
    """
    prices = {}
    for part in filter(None, map(str.strip, text.split(","))):
        name, _, price = part.partition("=")
        try:
            prices[name.strip()] = float(price)
        except ValueError:
            prices[name.strip()] = -1.0
        if _MODALITY.fullmatch(name.strip()) is None or not 0.0 <= prices[name.strip()] < float("inf"):
            raise SettingsError(f"token_prices: want modality=price with commas between, got {part[:40]!r}")
    return prices
