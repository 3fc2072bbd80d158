"""Series of calls that never were, and a registry that cannot grow without bounds."""

from __future__ import annotations

import re

import pytest
import yaml
from prometheus_client import generate_latest

from tests.conversation.talk import ROOT, Talk
from vivavoce.app.meter import Meter
from vivavoce.app.metrics import MOST_AGENTS, MOST_MODALITIES, Metrics, parse_prices
from vivavoce.conversation import events as ev
from vivavoce.conversation.log import decode_effects, decode_event
from vivavoce.errors import SettingsError


def told(metrics: Metrics, talk: Talk) -> Meter:
    meter = Meter(metrics, talk.spec.name)
    for entry in talk.entries:
        meter.stepped(decode_event(entry.event), decode_effects(entry.effects), entry.at)
    return meter


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(f"viva_{name}", labels)


def test_a_call_is_counted() -> None:
    metrics = Metrics({"prompt_audio": 3.0})
    talk = Talk().join()
    talk.hear(talk.agent_says("Good day.", seconds=1), 1)
    talk.tell(ev.SpeechStarted(160_000), after=9)
    talk.tell(ev.SpeechEnded(180_000), after=2)
    talk.hear(talk.agent_says("I see.", seconds=1), 1)
    talk.tell(ev.TurnEnded(1))
    talk.tell(ev.UsageReported(1, 10, 5, 15, (("prompt_audio", 2_000_000), ("response_text", 5))))
    talk.tell(ev.LinkDropped(1, 1006, "transient"))
    meter = told(metrics, talk)
    agent = talk.spec.name
    assert value(metrics, "calls_started_total", agent=agent) == 1
    assert value(metrics, "answer_seconds_count", after="speech") == 1
    assert value(metrics, "answer_seconds_count", after="opening") == 1
    assert value(metrics, "model_turns_total", kind="sounded") == 2
    assert value(metrics, "model_turns_total", kind="empty") == 1
    assert value(metrics, "tokens_total", modality="prompt_audio") == 2_000_000
    assert value(metrics, "cost_total") == 6.0
    assert value(metrics, "links_lost_total", kind="transient") == 1
    assert value(metrics, "redials_total") == 1
    assert value(metrics, "notices_total", code="reconnecting") == 1
    assert value(metrics, "floor_seconds_total", turn="caller") == pytest.approx(2)
    meter.ended("link_lost", {"passed": 7.0, "ring_dropped": 2.0, "mute_turns": 1.0, "recording_incomplete": 1.0})
    assert value(metrics, "calls_ended_total", agent=agent, reason="link_lost") == 1
    assert value(metrics, "gate_frames_total", decision="passed") == 7
    assert value(metrics, "gate_frames_total", decision="dropped") == 2
    assert value(metrics, "model_mute_turns_total") == 1
    assert value(metrics, "call_problems_total", problem="recording_incomplete") == 1


def test_decisions_are_counted_by_why() -> None:
    metrics = Metrics()
    talk = Talk().join()
    talk.hear(talk.agent_says("This takes a while.", seconds=4), 1)
    talk.tell(ev.SpeechStarted(16_000))
    talk.tell(ev.SpeechEnded(20_000), after=0.3)
    talk.tell(ev.CallerTyped("stop"), after=1)
    told(metrics, talk)
    assert value(metrics, "decisions_total", what="held", why="speech") == 1
    assert value(metrics, "decisions_total", what="resumed", why="cough") == 1
    assert value(metrics, "decisions_total", what="cut", why="typed") == 1


def test_what_callers_machines_tell_is_counted() -> None:
    metrics = Metrics()
    talk = Talk().join()
    reply = talk.agent_says("Good day.", seconds=4)
    talk.hear(reply, 1)
    talk.tell(ev.CallerDisturbed((("underrun", 8_000, 90.0, 3), ("long_task", 8_000, 90.0, 1))))
    talk.tell(ev.CallerDoubted(reply, 9_000))
    talk.tell(ev.CallerDropped(1006))
    talk.tell(ev.CallerReturned(), after=4)
    talk.tell(ev.CallerDropped(1006), after=1)
    talk.wait(8)
    meter = told(metrics, talk)
    assert value(metrics, "caller_faults_total", what="underrun") == 3
    assert value(metrics, "caller_faults_total", what="long_task") == 1
    assert value(metrics, "caller_doubts_total") == 1
    assert value(metrics, "caller_away_seconds_sum", end="returned") == pytest.approx(4)
    meter.ended("caller_left", {})
    assert value(metrics, "caller_away_seconds_count", end="gone") == 1


def test_a_call_that_never_began_ends_all_the_same() -> None:
    metrics = Metrics()
    Meter(metrics, "a").ended("no_hello", {"mute_turns": 0.0})
    assert value(metrics, "calls_ended_total", agent="a", reason="no_hello") == 1


def test_labels_are_bounded() -> None:
    metrics = Metrics()
    agents = {metrics.agent(f"agent-{number}") for number in range(MOST_AGENTS + 20)}
    assert len(agents) == MOST_AGENTS + 1
    assert "other" in agents
    assert metrics.agent("agent-3") == "agent-3"
    assert len({metrics.modality(f"prompt_{'x' * number}") for number in range(1, 25)} | {metrics.modality("ü!")}) <= 25
    assert metrics.modality("what\nis this") == "other"
    assert len({metrics.modality("m_" + "y" * (number % 30) + "z" * (number // 30)) for number in range(200)}) <= (
        MOST_MODALITIES + 1
    )


def test_every_series_is_described_and_of_ours() -> None:
    metrics = Metrics()
    described = {about.name.removesuffix("_total") for about in metrics.about}
    families = set(re.findall(r"^# TYPE (viva_\w+) ", generate_latest(metrics.registry).decode(), re.MULTILINE))
    assert {name.removesuffix("_total") for name in families} == described
    assert all(about.meaning and not about.meaning.endswith(".") for about in metrics.about)


@pytest.mark.parametrize("text", ["audio", "a=b", "a=-1", "a=inf", "a=nan", "A B=1", "=2"])
def test_prices_must_be_prices(text: str) -> None:
    with pytest.raises(SettingsError, match="token_prices"):
        parse_prices(text)


def test_prices_are_read() -> None:
    assert parse_prices(" prompt_audio=3, response_audio=12.5 ,") == {"prompt_audio": 3.0, "response_audio": 12.5}
    assert parse_prices("") == {}


def test_alerts_and_the_how_to_name_only_series_that_are() -> None:
    known = set()
    for about in Metrics().about:
        known |= {
            about.name,
            *(f"{about.name}_{end}" for end in ("bucket", "sum", "count") if about.kind == "histogram"),
        }
    for page in ("deploy/prometheus/alerts.yaml", "docs/howto/watch-a-server.md"):
        named = set(re.findall(r"\bviva_[a-z_]+\b", (ROOT / page).read_text()))
        assert named - known == set(), page
    rules = yaml.safe_load((ROOT / "deploy/prometheus/alerts.yaml").read_text())["groups"][0]["rules"]
    assert len({rule["alert"] for rule in rules}) == len(rules)
    assert all(rule["annotations"].keys() == {"summary", "remedy"} for rule in rules)
