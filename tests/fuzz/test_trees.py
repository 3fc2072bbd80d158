"""Messages that are nearly right: any message of the protocol, with one place in it replaced by something else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.harness import run
from tests.wire.gemini_values import messages, respelled
from vivavoce.wire.gemini.base import Message
from vivavoce.wire.gemini.messages import AuthTokenRequest, ClientMessage, ServerMessage, Setup
from vivavoce.wire.gemini.models import MODELS, STUDIO, VERTEX

LEAVES: st.SearchStrategy[Any] = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just([]) | st.just({})
)
KEYS = st.text(max_size=8)
JUNK = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS, inner, max_size=2))
NAMES = [pattern.rstrip("*") for row in MODELS for pattern in row.patterns]
PATHS = [platform.model_prefix + name for platform in (STUDIO, VERTEX) for name in NAMES]


def bend(tree: Any, draw: Any) -> Any:
    """The tree with one of its places replaced."""
    if isinstance(tree, dict) and tree and draw(st.integers(0, 4)):
        key = draw(st.sampled_from(sorted(tree)))
        return tree | {key: bend(tree[key], draw)}
    if isinstance(tree, list) and tree and draw(st.integers(0, 4)):
        place = draw(st.integers(0, len(tree) - 1))
        return [*tree[:place], bend(tree[place], draw), *tree[place + 1 :]]
    return draw(JUNK)


@pytest.mark.parametrize(
    ("target", "kind"),
    [
        ("gemini_client", ClientMessage),
        ("gemini_client", Setup),
        ("gemini_server", ServerMessage),
        ("gemini_token", AuthTokenRequest),
    ],
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_bent_message_is_read_or_refused(target: str, kind: type[Message], data: st.DataObject) -> None:
    tree = respelled(data.draw(messages(kind)), data.draw)
    if kind is Setup:
        tree = {"setup": tree | {"model": data.draw(st.sampled_from(PATHS))}}
    run(target, json.dumps(tree).encode())
    run(target, json.dumps(bend(tree, data.draw)).encode())
