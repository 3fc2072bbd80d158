"""What faults see in messages, in any spelling."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vivavoce.local.faults.messages import Outgoing, client_kinds, handle_of

from .line import content, message, sound


@pytest.mark.parametrize(
    ("tree", "kinds"),
    [
        ({"setup": {}}, {"setup"}),
        ({"realtimeInput": {"audio": {}}}, {"audio"}),
        ({"realtime_input": {"media_chunks": []}}, {"audio"}),
        ({"realtime_input": {"activity_start": {}}}, {"activityStart"}),
        ({"realtimeInput": {"audioStreamEnd": True}}, {"audioStreamEnd"}),
        ({"client_content": {}}, {"clientContent"}),
        ({"toolResponse": {}}, {"toolResponse"}),
        ({"contextUpdate": {}}, {"contextUpdate"}),
        ({"nonsense": {}}, set()),
        ([], set()),
    ],
)
def test_kinds_of_a_client(tree: Any, kinds: set[str]) -> None:
    assert client_kinds(json.dumps(tree)) == kinds | {"message"}


@pytest.mark.parametrize(
    ("data", "kinds"),
    [
        (message(setupComplete={}), {"setupComplete"}),
        (sound(), {"audio"}),
        (content(modelTurn={"parts": [{"text": "x"}]}), {"text"}),
        (content(turnComplete=True), {"turnComplete"}),
        (content(interrupted=True), {"interrupted"}),
        (message(serverContent={"outputTranscription": {"text": "x"}}, usageMetadata={}),
         {"outputTranscription", "usageMetadata"}),
        (b"{", set()),
        (message(serverContent=3, toolCall={}), {"toolCall"}),
        (content(modelTurn={"parts": [3]}), set()),
    ],
)  # fmt: skip
def test_kinds_of_a_server(data: bytes, kinds: set[str]) -> None:
    assert Outgoing.read(data).kinds == kinds | {"message"}


@pytest.mark.parametrize(
    ("tree", "handle"),
    [
        ({"setup": {"sessionResumption": {"handle": "h"}}}, "h"),
        ({"setup": {"session_resumption": {"handle": "h"}}}, "h"),
        ({"setup": {"sessionResumption": {}}}, None),
        ({"setup": {"sessionResumption": {"handle": None}}}, None),
        ({"setup": 3}, None),
    ],
)
def test_the_handle_of_a_setup(tree: Any, handle: str | None) -> None:
    assert handle_of(json.dumps(tree)) == handle


def test_parts_can_be_taken_out() -> None:
    both = Outgoing.read(message(serverContent={"turnComplete": True, "modelTurn": {}}, usageMetadata={}))
    (rest,) = both.without("modelTurn")
    assert rest.tree == {"serverContent": {"turnComplete": True}, "usageMetadata": {}}
    assert Outgoing.read(sound()).without("modelTurn") == []


@given(st.binary() | st.text())
def test_any_bytes_are_a_message(data: bytes | str) -> None:
    assert "message" in client_kinds(data)
    assert "message" in Outgoing.read(data).kinds
    handle_of(data)
