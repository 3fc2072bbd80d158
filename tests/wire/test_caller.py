"""Our own protocol: header, vocabulary, rubbish, and the schema that other languages are made from."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vivavoce.errors import WireError
from vivavoce.wire import caller

frames = st.builds(
    caller.Frame,
    kind=st.sampled_from(caller.FrameKind),
    speaker=st.integers(0, 2**16 - 1),
    reply=st.integers(0, 2**32 - 1),
    position=st.integers(0, 2**64 - 1),
    pcm=st.binary(max_size=64).map(lambda data: data[: len(data) & ~1]),
)


@given(frames)
def test_frames_survive_the_round_trip(frame: caller.Frame) -> None:
    assert caller.decode_frame(caller.encode_frame(frame)) == frame


def test_the_header_is_sixteen_bytes() -> None:
    frame = caller.Frame(caller.FrameKind.MIC, 0, 0, 512, b"\x01\x02")
    assert caller.encode_frame(frame) == bytes([1, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 1, 2])


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        (b"", "at least 16 bytes, got 0"),
        (bytes([9, 1]) + bytes(14), "frame version 1, got 9"),
        (bytes([1, 7]) + bytes(14), "got 7"),
        (bytes([1, 1]) + bytes(15), "want whole 16-bit samples, got 1 bytes"),
    ],
)
def test_bad_frames_say_what_was_wanted(data: bytes, wanted: str) -> None:
    with pytest.raises(WireError, match=wanted) as caught:
        caller.decode_frame(data)
    assert caught.value.code == caller.CloseCode.PROTOCOL


@given(st.binary(max_size=64))
def test_any_bytes_are_a_frame_or_a_wire_error(data: bytes) -> None:
    with contextlib.suppress(WireError):
        caller.decode_frame(data)


@pytest.mark.parametrize(
    "message",
    [
        caller.Hello(mode="text", lang="de"),
        caller.Played(reply=3, samples=4800, at=99),
        caller.Typed(text="hallo"),
        caller.Correct(field="severity", value=9),
        caller.Mode(mode="voice"),
        caller.Consent(decision="given", text_version="1"),
        caller.Leave(),
    ],
)
def test_caller_messages_survive_the_round_trip(message: caller.CallerMessage) -> None:
    assert caller.decode_caller(caller.encode(message)) == message


@pytest.mark.parametrize(
    "message",
    [
        caller.Welcome(call="c", speakers=[caller.SpeakerInfo(id="alex", name="Alex")]),
        caller.Floor(turn="agent", holder="alex"),
        caller.Caption(who="caller", turn=2, text="hi", final=True),
        caller.ReplyDone(reply=1, samples=7),
        caller.Fact(field="price", state="answered", value={"amount": 3.0}, evidence=[(1, 2, 3)]),
        caller.Ended(reason="agent_ended"),
    ],
)
def test_gateway_messages_survive_the_round_trip(message: caller.GatewayMessage) -> None:
    assert caller.decode_gateway(caller.encode(message)) == message


def test_newer_peers_may_say_more() -> None:
    assert caller.decode_caller('{"kind":"leave","why":"tomorrow"}') == caller.Leave()


@pytest.mark.parametrize(
    "data",
    [
        "",
        "[]",
        "{}",
        '{"kind":"my secret"}',
        '{"kind":"typed","text":{"my secret":1}}',
        '{"kind":"played","reply":"my secret"}',
    ],
)
def test_rubbish_is_refused_without_repeating_it(data: str) -> None:
    with pytest.raises(WireError) as caught:
        caller.decode_caller(data)
    assert "secret" not in str(caught.value)


def test_the_published_schema_is_current() -> None:
    published = Path(__file__).parent.parent.parent / "docs" / "reference" / "caller.schema.json"
    assert json.loads(published.read_text()) == caller.json_schema(), "run `make docs`"
