"""Answers of chat endpoints, against the official package's types in both directions, and against nonsense."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai.types.chat import ChatCompletionChunk, ChatCompletionMessageParam, ChatCompletionToolParam
from openai.types.chat.chat_completion_chunk import (
    Choice,
    ChoiceDelta,
    ChoiceDeltaToolCall,
    ChoiceDeltaToolCallFunction,
)
from pydantic import TypeAdapter

from vivavoce.local.minds.as_text import as_text
from vivavoce.local.minds.completion import Answer, Asked, ChatFailed, Failure, Thought, Words
from vivavoce.local.minds.functions import as_functions
from vivavoce.local.minds.memory import Memory, Wish
from vivavoce.wire.gemini.messages import FunctionDeclaration

DEEP = 100_000


def chunk(**delta: object) -> bytes:
    made = ChatCompletionChunk(
        id="x",
        choices=[Choice(delta=ChoiceDelta.model_validate(delta), index=0)],
        created=1,
        model="small",
        object="chat.completion.chunk",
    )
    return made.model_dump_json().encode()


def part(arguments: str, **named: str) -> ChoiceDeltaToolCall:
    function = ChoiceDeltaToolCallFunction(arguments=arguments, name=named.get("name"))
    return ChoiceDeltaToolCall(index=0, id=named.get("id"), function=function, type="function")


def test_the_official_types_are_read() -> None:
    answer = Answer()
    assert answer.take(chunk(role="assistant", content="")) == []
    assert answer.take(chunk(content="Hel")) == [Words("Hel")]
    assert answer.take(chunk(content="lo.")) == [Words("lo.")]
    assert answer.take(chunk(tool_calls=[part("", id="c1", name="sky")])) == []
    assert answer.take(chunk(tool_calls=[part('{"place":')])) == []
    assert answer.take(chunk(tool_calls=[part('"Rome"}')])) == []
    assert answer.end() == [Asked("c1", "sky", '{"place":"Rome"}')]


def test_the_official_types_take_what_we_send() -> None:
    memory = Memory()
    memory.heard("Sky?")
    entry = memory.answer()
    memory.said(entry, "One moment.")
    entry.wishes += [Wish("c1", "sky", "{}", answer="blue"), Wish("c2", "sky", "{}")]
    memory.told("And?")
    TypeAdapter(list[ChatCompletionMessageParam]).validate_python(memory.messages("Be kind."))
    TypeAdapter(list[ChatCompletionToolParam]).validate_python(as_functions([FunctionDeclaration(name="sky")]))


@pytest.mark.parametrize("data", [b'{"error":' + b"[" * DEEP, b'{"choices":' + b"[" * DEEP, b'{"x":' + b"{" * DEEP])
def test_nesting_without_end_is_garbage(data: bytes) -> None:
    with pytest.raises(ChatFailed) as raised:
        Answer().take(data)
    assert raised.value.kind is Failure.GARBAGE


@given(
    st.lists(
        st.one_of(
            st.binary(max_size=40),
            st.sampled_from(
                [
                    b"{}",
                    b"[]",
                    b"null",
                    b'{"choices": null}',
                    b'{"choices": [{}]}',
                    b'{"choices": [{"delta": null}]}',
                    b'{"choices": [{"delta": {"content": "<think>"}}]}',
                    b'{"choices": [{"delta": {"reasoning": "x", "content": "y"}}]}',
                    b'{"choices": [{"delta": {"tool_calls": [{}]}}]}',
                    b'{"choices": [{"delta": {"tool_calls": [{"index": -1}, {"index": 99999999999}]}}]}',
                    b'{"choices": [{"delta": {"tool_calls": [{"function": {"name": "a", "arguments": "{"}}]}}]}',
                    b'{"error": null, "choices": []}',
                ]
            ),
        ),
        max_size=8,
    )
)
def test_whatever_comes_is_pieces_or_a_failure(events: list[bytes]) -> None:
    answer = Answer()
    with contextlib.suppress(ChatFailed):
        for data in events:
            assert all(isinstance(piece, Words | Thought) for piece in answer.take(data))
        assert all(isinstance(piece, Words | Asked) for piece in answer.end())


def test_answers_of_tools_as_text() -> None:
    assert [as_text(value) for value in ("blue", 3.5, {"a": [1]})] == ["blue", "3.5", '{"a":[1]}']
    deep: list[object] = []
    for _ in range(5_000):
        deep = [deep]
    assert as_text(deep) == "…"
