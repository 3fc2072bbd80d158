"""The main job, small: a guest speaks through the real WebSocket and is heard, answered, recorded and reported."""

from __future__ import annotations

import json
import wave
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from vivavoce.agents import load as load_agent
from vivavoce.app.oneoff import Result, open_house
from vivavoce.app.settings import Settings
from vivavoce.findings.verdict import judge
from vivavoce.guests.guest import load as load_guest
from vivavoce.guests.run import run_guest
from vivavoce.guests.voice import available

pytestmark = pytest.mark.slow

AGENT = """\
spec: 1
name: two-questions
title: Two questions
speakers:
  alex: {voice: warm-baritone, role: Asks the first question}
  maya: {voice: calm-mezzo, role: Asks the second question}
objectives:
  first:
    by: alex
    ask: How bad is it, from zero to ten?
    collect: {severity: 0..10!}
  second:
    by: maya
    ask: What price do you have in mind?
    collect: {price: money!}
limits: {minutes: 5, idle: 30s}
consent: {disclose: spoken, record: ask, keep: 1d}
result: {verdict: scorecards/startup-v1}
"""
GUEST = """\
guest: 1
name: Dana
voice: rms
seed: 1
consent: given
opening: hello
talks: {thinking_s: [0.2, 0.4]}
knows:
  severity: {when: [how bad, zero to ten], say: about nine out of ten}
  price: {when: [price], say: it is ninety dollars a month}
fallback: [i do not know]
nudge: ["hello?"]
goodbye: thank you goodbye
"""


async def hold(folder: Path, *, typed: bool) -> Result:
    settings = Settings(data_dir=str(folder / "data"), port=0, max_calls=1)
    guest = load_guest(GUEST)
    with (folder / "out.txt").open("w") as out:
        console = Console(file=out, width=200)
        async with open_house(settings, load_agent(AGENT), console) as house:
            return await house.call(
                lambda url, ticket, display: run_guest(url, ticket, guest, display, typed=typed),
                folder,
                console,
                spoken=not typed,
                pace="casual",
            )


def check(result: Result) -> None:
    facts = {fact.field: fact for fact in result.record.facts}
    assert facts["severity"].value == 9
    assert facts["price"].value == {"amount": 90.0, "currency": "USD"}
    assert result.reason == "agent_ended"
    assert result.replayed > 20
    assert {turn.who for turn in result.record.turns} == {"alex", "maya", "caller"}
    assert judge(result.record.facts, result.record.result).decision == "not-enough-evidence"
    assert result.record.notes == ()
    written = json.loads((result.folder / "facts.json").read_text())
    assert {fact["field"] for fact in written["facts"]} == {"severity", "price"}
    assert json.loads((result.folder / "transcript.json").read_text())["turns"]
    assert "<html" in (result.folder / "report.html").read_text()


@pytest.mark.skipif(available() is None, reason="no synthetic voice on this machine; `make test` installs one")
async def test_a_spoken_interview(tmp_path: Path) -> None:
    result = await hold(tmp_path, typed=False)
    check(result)
    with wave.open(str(tmp_path / "call.wav")) as recording:
        assert (recording.getnchannels(), recording.getframerate()) == (2, 24_000)
        sound = np.frombuffer(recording.readframes(recording.getnframes()), np.int16).reshape(-1, 2)
    for fact in result.record.facts:
        moment = fact.evidence[-1]
        clip = sound[moment.start_ms * 24 : moment.end_ms * 24, 0].astype(np.float64)
        assert np.sqrt(np.mean(clip**2)) > 300, "where the evidence points, the caller is heard"
    first = next(turn for turn in result.record.turns if turn.who == "alex")
    spoken = sound[first.start_ms * 24 : first.end_ms * 24, 1].astype(np.float64)
    assert np.sqrt(np.mean(spoken**2)) > 300, "where the transcript says Alex speaks, Alex is heard"
    screen = (tmp_path / "out.txt").read_text()
    assert "Maya: " in screen
    assert "severity answered 9 of 10" in screen


async def test_the_same_interview_typed(tmp_path: Path) -> None:
    (tmp_path / "call.wav").write_bytes(b"of another call")
    result = await hold(tmp_path, typed=True)
    assert not (tmp_path / "call.wav").exists(), "who types makes no sound, and another call's is not theirs"
    check(result)
