"""Traces: one a call, with a span for each turn of the caller, each answer, tool and dial; one for each job. Never for
a frame, and never with a word of what was said.

Off unless a setting or the environment names where they go; then OpenTelemetry, an extra, sends them in batches from a
thread of its own. Spans of a call are made when what they tell of is over, with the times of the session clock, so a
call pays nothing for one that is still open.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from vivavoce import __version__
from vivavoce.agents import AgentSpec
from vivavoce.conversation import effects as fx
from vivavoce.conversation import events as ev
from vivavoce.errors import MissingError
from vivavoce.findings import latency
from vivavoce.findings.stopwatch import END_S, Stopwatch
from vivavoce.jobs.kinds import Job, Kind

if TYPE_CHECKING:
    from opentelemetry.sdk.trace.export import SpanExporter
    from opentelemetry.trace import Span, Tracer

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
SERVICE = "vivavoce"
Value = str | int | float | bool


class Traces:
    """
    Args:
        exporter: where spans go instead of the endpoint; they are handed over at once.
    Raises:
        MissingError: the extra is not installed.
    """

    def __init__(self, endpoint: str = "", *, exporter: SpanExporter | None = None) -> None:
        try:
            from opentelemetry.sdk.resources import Resource
            from opentelemetry.sdk.trace import TracerProvider
            from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor
        except ModuleNotFoundError as error:
            raise _missing() from error
        # what the environment says of the service (OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES) goes before ours
        named = Resource.create({"service.name": SERVICE, "service.version": __version__})
        ours = named if "OTEL_SERVICE_NAME" not in os.environ else Resource.create({"service.version": __version__})
        self._provider = TracerProvider(resource=ours, shutdown_on_exit=False)
        if exporter is None:
            self._provider.add_span_processor(BatchSpanProcessor(_otlp(endpoint)))
        else:
            self._provider.add_span_processor(SimpleSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer(SERVICE, __version__)

    def watch(self, call_id: str, spec: AgentSpec) -> CallTrace:
        """An observer of one call."""
        return CallTrace(self._tracer, call_id, spec.name)

    @contextmanager
    def job(self, kind: str, job_id: str) -> Iterator[None]:
        """A span around the work of a job; what it raises marks the span, without its message."""
        from opentelemetry.trace import SpanKind, StatusCode

        about = {"viva.job": job_id}
        with self._tracer.start_as_current_span(
            f"job {kind}",
            kind=SpanKind.CONSUMER,
            attributes=about,
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                yield
            except Exception as error:
                span.set_status(StatusCode.ERROR, type(error).__name__)
                raise

    def close(self) -> None:
        """Send what is waiting; blocks for a few seconds at most."""
        self._provider.shutdown()


class CallTrace:
    """The trace of one call.

    Args:
        now_ns: Unix time in nanoseconds.
    """

    def __init__(self, tracer: Tracer, call_id: str, agent: str, now_ns: Callable[[], int] = time.time_ns) -> None:
        from opentelemetry.context import Context
        from opentelemetry.trace import SpanKind, set_span_in_context

        self._tracer = tracer
        self._began_ns = now_ns()
        about = {"viva.call": call_id, "viva.agent": agent}
        self._call = tracer.start_span(
            "call", kind=SpanKind.SERVER, attributes=about, start_time=self._began_ns, context=Context()
        )
        self._context = set_span_in_context(self._call)
        self._stopwatch = Stopwatch()
        self._synchronised = False
        self._spoke_at: float | None = None
        self._now = 0.0
        self._now_ns = now_ns

    def stepped(self, event: ev.Event, effects: Sequence[fx.Effect], now: float) -> None:
        if not self._synchronised:  # the first step tells where the session clock stands
            self._began_ns = self._now_ns() - round(now * 1e9)
            self._synchronised = True
        self._now = now
        match event:
            case ev.SpeechStarted():
                self._spoke_at = now if self._spoke_at is None else self._spoke_at
            case ev.SpeechEnded() if self._spoke_at is not None:
                self._span("caller turn", self._spoke_at, max(self._spoke_at, now - END_S))
                self._spoke_at = None
        for measured in self._stopwatch.step(event, effects, now):
            self._measured(measured)

    def _measured(self, measured: latency.Measured) -> None:
        match measured:
            case latency.Answer():
                self._answer(measured)
            case latency.Interruption():
                about: dict[str, Value] = {"viva.reply": measured.reply, "viva.outcome": measured.outcome}
                self._span("interruption", measured.held_at, measured.ended_at, about)
            case latency.ToolRun():
                about = {"viva.tool": measured.name, "viva.outcome": measured.outcome}
                self._span(
                    f"tool {measured.name}",
                    measured.began_at,
                    measured.ended_at,
                    about,
                    failed=measured.outcome != "ok",
                )
            case latency.Dial():
                about = {
                    "viva.link": measured.link,
                    "viva.speaker": measured.speaker,
                    "viva.resumed": measured.resumed,
                    "viva.outcome": measured.outcome,
                }
                self._span("dial", measured.began_at, measured.ended_at, about, failed=measured.outcome != "open")
            case latency.Outage():
                self._call.add_event("link lost", {"viva.kind": measured.kind}, self._at(measured.at))
            case latency.Gap():
                self._call.add_event("playout gap", {"viva.seconds": measured.seconds}, self._at(measured.at))

    def _answer(self, answer: latency.Answer) -> None:
        about: dict[str, Value] = {
            "viva.reply": answer.reply,
            "viva.speaker": answer.speaker,
            "viva.after": answer.after,
            "viva.reminders": answer.nudges,
        }
        about |= {f"viva.{stage}_s": round(seconds, 4) for stage, seconds in answer.stages().items() if seconds}
        marks = {"first sound arrived": answer.arrived_at, "first sound sent": answer.sent_at}
        end = answer.sent_at if answer.played_at is None else answer.played_at
        self._span("answer", answer.asked_at, end, about, marks)

    def ended(self, reason: str, counts: Mapping[str, float]) -> None:
        from opentelemetry.trace import StatusCode

        self._call.set_attribute("viva.reason", reason)
        if reason == "failed":
            self._call.set_status(StatusCode.ERROR, reason)
        self._call.end(self._at(self._now))

    def _span(
        self,
        name: str,
        start: float,
        end: float,
        about: Mapping[str, Value] | None = None,
        marks: Mapping[str, float] | None = None,
        *,
        failed: bool = False,
    ) -> Span:
        from opentelemetry.trace import StatusCode

        span = self._tracer.start_span(name, context=self._context, attributes=about, start_time=self._at(start))
        for mark, at in (marks or {}).items():
            span.add_event(mark, timestamp=self._at(at))
        if failed:
            span.set_status(StatusCode.ERROR)
        span.end(self._at(max(start, end)))
        return span

    def _at(self, seconds: float) -> int:
        return self._began_ns + round(seconds * 1e9)


def traced(kind: Kind, traces: Traces) -> Kind:
    """The same kind of job, with a span around each."""

    async def handle(job: Job) -> Any:
        with traces.job(kind.name, job.id):
            return await kind.handler(job)

    return replace(kind, handler=handle)


def open_traces(endpoint: str) -> Traces | None:
    """Traces as settings and environment say; None for none.

    Raises:
        MissingError: they are wanted and the extra is not installed.
    """
    return Traces(endpoint) if endpoint or os.environ.get(ENDPOINT) else None


def _otlp(endpoint: str) -> SpanExporter:
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    except ModuleNotFoundError as error:
        raise _missing() from error
    # the exporter adds the path to what the environment says, and takes an argument as it is
    return OTLPSpanExporter(endpoint=endpoint.rstrip("/") + "/v1/traces" if endpoint else None)


def _missing() -> MissingError:
    return MissingError("traces are wanted, and OpenTelemetry is not installed", remedy="pip install 'vivavoce[otel]'")
