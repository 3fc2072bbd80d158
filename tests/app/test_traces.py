"""Traces of calls that never were: what they hold, and what they must not."""

from __future__ import annotations

import builtins
import sys
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tests.conversation.talk import Talk
from vivavoce.app.traces import Traces, open_traces, traced
from vivavoce.conversation import events as ev
from vivavoce.conversation.effects import Run
from vivavoce.conversation.log import decode_effects, decode_event
from vivavoce.errors import MissingError
from vivavoce.jobs.kinds import Job, Kind

pytest.importorskip("opentelemetry.sdk")

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

SECRET = "I lost my licence"


@pytest.fixture
def spans() -> InMemorySpanExporter:
    return InMemorySpanExporter()


def told(spans: InMemorySpanExporter, talk: Talk, reason: str = "agent_ended") -> dict[str, list[ReadableSpan]]:
    """Spans by name."""
    traces = Traces(exporter=spans)
    trace = traces.watch("c1", talk.spec)
    for entry in talk.entries:
        trace.stepped(decode_event(entry.event), decode_effects(entry.effects), entry.at)
    trace.ended(reason, {})
    traces.close()
    found: dict[str, list[ReadableSpan]] = {}
    for span in spans.get_finished_spans():
        found.setdefault(span.name, []).append(span)
    return found


def seconds(span: ReadableSpan) -> float:
    assert span.start_time is not None
    assert span.end_time is not None
    return (span.end_time - span.start_time) / 1e9


def attributes(span: ReadableSpan) -> dict[str, Any]:
    return dict(span.attributes or {})


def talk_with_a_tool() -> Talk:
    talk = Talk().join()
    talk.hear(talk.agent_says("Good day.", seconds=1), 1)
    talk.tell(ev.SpeechStarted(160_000), after=9)
    talk.tell(ev.CallerTranscribed(1, SECRET))
    talk.tell(ev.SpeechEnded(180_000), after=2)
    talk.tell(ev.ToolCalled(1, "a", "unit_economics", {"note": SECRET}))
    talk.tell(ev.ErrandReturned(talk.last(Run).errand, {"error": {"message": SECRET}}), after=0.5)
    talk.hear(talk.agent_says(SECRET, seconds=1), 1)
    talk.tell(ev.LinkDropped(1, 1006, "transient"))
    return talk


def test_a_call_is_one_trace(spans: InMemorySpanExporter) -> None:
    talk = talk_with_a_tool()
    found = told(spans, talk)
    (call,) = found["call"]
    assert attributes(call) == {
        "viva.call": "c1", "viva.agent": talk.spec.name, "viva.reason": "agent_ended",
    }  # fmt: skip
    assert seconds(call) == pytest.approx(talk.now, abs=0.01)
    assert [event.name for event in call.events] == ["link lost"]
    (turn,) = found["caller turn"]
    assert seconds(turn) == pytest.approx(1.5)
    opening, answer = found["answer"]
    assert attributes(opening)["viva.after"] == "opening"
    assert attributes(answer)["viva.tools_s"] == pytest.approx(0.5)
    assert [event.name for event in answer.events] == ["first sound arrived", "first sound sent"]
    (tool,) = found["tool unit_economics"]
    assert tool.status.status_code is StatusCode.ERROR
    assert len(found["dial"]) == 1
    others = [span for name, group in found.items() if name != "call" for span in group]
    assert {span.context.trace_id for span in others if span.context} == {call.context.trace_id if call.context else 0}
    assert all(
        span.parent is not None and call.context and span.parent.span_id == call.context.span_id for span in others
    )


def test_nothing_that_was_said_is_in_it(spans: InMemorySpanExporter) -> None:
    told(spans, talk_with_a_tool())
    assert SECRET not in "".join(span.to_json() for span in spans.get_finished_spans())


def test_there_are_spans_for_turns_and_none_for_frames(spans: InMemorySpanExporter) -> None:
    talk = Talk().join()
    talk.hear(talk.agent_says("A long speech.", seconds=30), 30)
    told(spans, talk)
    assert len(spans.get_finished_spans()) <= 4


def test_a_job_is_a_span_and_its_failure_a_status(spans: InMemorySpanExporter) -> None:
    traces = Traces(exporter=spans)
    with traces.job("report", "j1"):
        pass
    with pytest.raises(ValueError, match="licence"), traces.job("report", "j2"):
        raise ValueError(SECRET)
    done, failed = spans.get_finished_spans()
    assert (done.name, attributes(done)["viva.job"]) == ("job report", "j1")
    assert failed.status.description == "ValueError"
    assert SECRET not in failed.to_json()


async def test_the_work_of_a_job_is_under_its_span(spans: InMemorySpanExporter) -> None:
    async def work(job: Job) -> str:
        return f"done {job.id}"

    kind = traced(Kind(name="report", handler=work, attempts=7), Traces(exporter=spans))
    assert await kind.handler(cast(Job, SimpleNamespace(id="j1"))) == "done j1"
    assert kind.attempts == 7
    assert [span.name for span in spans.get_finished_spans()] == ["job report"]


def test_off_means_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OTEL_EXPORTER_OTLP_ENDPOINT", raising=False)
    assert open_traces("") is None


def test_the_environment_can_ask_for_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    traces = open_traces("")
    assert traces is not None
    traces.close()


def test_wanted_and_not_installed_is_told_with_a_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("opentelemetry")]:
        monkeypatch.delitem(sys.modules, name)
    real = builtins.__import__

    def refuse(name: str, *args: Any) -> Any:
        if name.startswith("opentelemetry"):
            raise ModuleNotFoundError(name=name)
        return real(name, *args)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(MissingError) as told_so:
        open_traces("http://127.0.0.1:9")
    assert "vivavoce[otel]" in told_so.value.remedy
