"""The record survives its JSON, in either direction of time."""

from __future__ import annotations

import json

import pytest

from vivavoce.errors import InputError
from vivavoce.findings.record import CallRecord, Evidence, FactRecord, SpeakerRecord, TurnRecord, decode, encode


def record() -> CallRecord:
    return CallRecord(
        id="c1",
        agent_title="Interview",
        agent_name="founder-validation",
        started_at="2026-03-04T10:00:00+00:00",
        duration_ms=60_000,
        speakers=(SpeakerRecord("alex", "Alex", "Opens"),),
        turns=(TurnRecord("t1", "alex", 0, 900, "Hello."), TurnRecord("t2", "caller", 1000, 2500, "Hi — ٣ 漢")),
        facts=(
            FactRecord("severity", "problem", "0..10!", True, "answered", 8, (Evidence("t2", 1000, 2500, "eight"),)),
        ),
    )


def test_what_is_written_reads_back_equal() -> None:
    assert decode(encode(record())) == record()


def test_a_record_of_a_newer_version_still_reads() -> None:
    data = json.loads(encode(record()))
    data["weather"] = "fine"
    data["facts"][0]["mood"] = {}
    assert decode(json.dumps(data)) == record()


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"{}", b"\xff\xfe", b'{"id": 3}', encode(record()).replace(b"60000", b"-1")]
)
def test_what_is_no_record_is_refused_with_one_class(data: bytes) -> None:
    with pytest.raises(InputError):
        decode(data)


def test_the_parts_hold_their_part() -> None:
    transcript = json.loads(record().transcript_json())
    assert [turn["turn"] for turn in transcript["turns"]] == ["t1", "t2"]
    assert "facts" not in transcript
    facts = json.loads(record().facts_json())
    assert facts["facts"][0]["evidence"] == [{"turn": "t2", "start_ms": 1000, "end_ms": 2500, "quote": "eight"}]


@pytest.mark.parametrize(
    ("state", "value", "known"),
    [
        ("answered", 0, True),
        ("confirmed", "x", True),
        ("answered", None, False),
        ("vague", "soon", False),
        ("refused", 3, False),
    ],
)
def test_known_is_a_state_and_a_value(state: str, value: object, known: bool) -> None:
    assert FactRecord("f", state=state, value=value).known is known  # type: ignore[arg-type]
