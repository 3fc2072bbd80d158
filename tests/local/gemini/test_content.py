"""Typed turns, seeded history and changes of the context (reference: gemini-live 2.2, 2.5, 4.1), and what they cost."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from vivavoce.local.minds.acts import Call, Say

from ..fakes import ScriptedEars, ScriptedMind, silence, speech
from .desk import (
    CASCADE,
    INVALID,
    JPEG,
    NATIVE,
    NEWEST,
    ON_VERTEX,
    PREVIEW,
    TOOLS,
    breathe,
    parts,
    running,
    scripted,
    setup,
)

HISTORY = {"historyConfig": {"initialHistoryInClientContent": True}}


def turn(role: str | None, text: str) -> dict[str, Any]:
    return ({"role": role} if role else {}) | {"parts": [{"text": text}]}


@pytest.mark.conformance("S35")
async def test_realtime_text_is_a_turn() -> None:
    mind = ScriptedMind()
    async with running(parts(make_mind=mind)) as desk:
        for count, text in enumerate(("hello", "", "."), 1):
            desk.write(text)
            await desk.turns(count)
        assert mind.log[1:] == [("read", "hello"), ("read", ""), ("read", ".")]


@pytest.mark.conformance("S36")
async def test_content_is_collected_until_complete() -> None:
    mind = ScriptedMind()
    async with running(parts(make_mind=mind)) as desk:
        desk.send(clientContent={"turns": [turn("user", "old"), turn("model", "answered")]})
        desk.send(clientContent={"turns": [turn("user", "new"), turn("user", "newer")]})
        desk.send(client_content={"turn_complete": True})
        await desk.turns(1)
        assert mind.log[1:] == [("read", "new\nnewer")]


class RememberingMind(ScriptedMind):
    """Takes in what was said before."""

    def remember(self, text: str, *, own: bool) -> None:
        self.log.append(("own" if own else "told", text))


async def test_a_brain_that_can_remember_is_told_the_history() -> None:
    mind = RememberingMind()
    async with running(parts(make_mind=mind)) as desk:
        desk.send(clientContent={"turns": [turn("user", "old"), turn("model", "answered"), turn("user", "new")]})
        desk.send(clientContent={"turnComplete": True})
        await desk.turns(1)
        assert mind.log[1:] == [("told", "old"), ("own", "answered"), ("read", "new")]


@pytest.mark.conformance("S36")
async def test_nothing_and_complete_means_go_on() -> None:
    mind = ScriptedMind()
    async with running(parts(make_mind=mind)) as desk:
        desk.send(clientContent={"turns": [], "turnComplete": True})
        await desk.turns(1)
        assert mind.log[1:] == [("read", "")]


async def test_what_was_noted_belongs_to_the_next_speech() -> None:
    mind = ScriptedMind()
    async with running(parts(make_mind=mind, ears=ScriptedEars("nine"))) as desk:
        desk.content("the shop closes at eight", complete=False)
        desk.audio(speech(320) + silence(100))
        await desk.turns(1)
        assert mind.log[1:] == [("hear", "the shop closes at eight\nnine")]


@pytest.mark.conformance("S36")
@pytest.mark.parametrize("model", [NEWEST, PREVIEW])
async def test_initial_history_is_not_answered(model: str) -> None:
    mind = ScriptedMind()
    async with running(parts(make_mind=mind), setup(model, **HISTORY)) as desk:
        desk.send(clientContent={"turns": [turn("user", "old"), turn("model", "answered")]})
        desk.send(clientContent={"turns": [turn("user", "open")], "turnComplete": True})
        await breathe()
        assert "turn_complete" not in desk.kinds()
        desk.write("go on")
        await desk.turns(1)
        assert mind.log[1:] == [("read", "open\ngo on")]
        desk.content("next")
        await desk.turns(2)


@pytest.mark.conformance("S36")
@pytest.mark.parametrize(
    ("model", "entrance", "role", "taken"),
    [
        (NEWEST, None, None, False),
        (PREVIEW, None, None, False),
        (NATIVE, None, None, True),
        (CASCADE, ON_VERTEX, None, True),
        (NEWEST, None, "system", False),
        (CASCADE, ON_VERTEX, "system", True),
        (NEWEST, None, "assistant", False),
    ],
)
async def test_roles(model: str, entrance: Any, role: str | None, taken: bool) -> None:
    async with running(parts(), setup(model), entrance) as desk:
        desk.content("hello", role=role)
        if taken:
            await desk.turns(1)
        else:
            assert await desk.over() == INVALID


async def test_a_turn_of_the_system_replaces_the_instruction() -> None:
    mind = ScriptedMind()
    shared = parts(make_mind=mind)
    async with running(shared, setup(CASCADE, systemInstruction={"parts": [{"text": "Old."}]}), ON_VERTEX) as desk:
        desk.content("New.", complete=False, role="system")
        desk.write("hello")
        await desk.turns(1)
        assert mind.log == [("born", ("Old.", None)), ("born", ("New.", b"saved")), ("read", "hello")]


async def test_an_instruction_of_the_system_may_be_too_long() -> None:
    async with running(parts(), setup(CASCADE), ON_VERTEX) as desk:
        desk.content("x" * (4 * 32_768 + 8), complete=False, role="system")
        assert await desk.over() == INVALID


@pytest.mark.conformance("S56")
async def test_a_message_of_many_turns_lets_others_run() -> None:
    mind = ScriptedMind()
    async with running(parts(make_mind=mind)) as desk:
        await desk.ready()
        others = 0

        async def other() -> None:
            nonlocal others
            while True:
                others += 1
                await asyncio.sleep(0)

        await breathe()
        desk.send(clientContent={"turns": [turn("user", "a")] * 20_000, "turnComplete": True})
        beside = asyncio.create_task(other())
        await desk.socket.until(lambda _: len(mind.log) > 1)
        beside.cancel()
        assert others > 100
        assert mind.log[-1] == ("read", "\n".join("a" * 20_000))


@pytest.mark.parametrize(("model", "taken"), [(NEWEST, True), (NATIVE, False)])
async def test_calls_in_seeded_turns(model: str, taken: bool) -> None:
    call = {"role": "model", "parts": [{"functionCall": {"id": "1", "name": "x", "args": {}}}]}
    async with running(parts(), setup(model)) as desk:
        desk.send(clientContent={"turns": [call, turn("user", "and?")], "turnComplete": True})
        if taken:
            await desk.turns(1)
        else:
            assert await desk.over() == INVALID


async def test_too_much_text_closes() -> None:
    async with running(parts()) as desk:
        desk.content("x" * 600_000, complete=False)
        desk.content("x" * 600_000, complete=False)
        assert await desk.over() == INVALID


# ------------------------------------------------------------------------------------------------ contextUpdate


@pytest.mark.conformance("S37")
async def test_another_instruction_and_other_tools_while_it_runs() -> None:
    mind = ScriptedMind({"go": [Call("later")]})
    shared = parts(make_mind=mind)
    async with running(shared, setup(tools=TOOLS, systemInstruction={"parts": [{"text": "Old."}]})) as desk:
        desk.send(contextUpdate={"systemInstruction": {"parts": [{"text": "New."}]}})
        desk.send(contextUpdate={"tools": {"tools": [{"functionDeclarations": [{"name": "later"}]}]}})
        desk.write("go")
        await desk.turns(1)
        assert mind.log == [
            ("born", ("Old.", None)),
            ("born", ("New.", b"saved")),
            ("born", ("New.", b"saved")),
            ("read", "go"),
        ]
        assert "generation_complete" in desk.kinds(), "the new declaration does not say, so nothing waits for it"
        desk.send(contextUpdate={"tools": {}})
        await breathe()
        assert desk.socket.closed is None


@pytest.mark.conformance("S37")
@pytest.mark.parametrize("model", [PREVIEW, NATIVE])
async def test_older_models_know_no_update(model: str) -> None:
    async with running(parts(), setup(model)) as desk:
        desk.send(contextUpdate={"systemInstruction": {"parts": [{"text": "New."}]}})
        assert await desk.over() == INVALID


# ------------------------------------------------------------------------------------------------ usage


@pytest.mark.conformance("S54")
async def test_a_picture_in_a_turn_costs_what_a_frame_costs() -> None:
    picture = {"role": "user", "parts": [{"inlineData": JPEG}, {"text": "what is it?"}]}
    async with running(parts()) as desk:
        desk.send(clientContent={"turns": [picture], "turnComplete": True})
        await desk.turns(1)
        details = {each.modality: each.token_count for each in desk.usages()[0].prompt_tokens_details}
        assert details["VIDEO"] in (64, 256)


@pytest.mark.conformance("S54")
async def test_the_prompt_is_the_whole_context_every_time() -> None:
    shared = scripted(more=[Call("note"), Say("x" * 100)], note_returned=[])
    async with running(shared, setup(tools=TOOLS)) as desk:
        desk.write("more")
        await desk.turns(1)
        desk.answer(desk.calls()[0], response={"output": "y" * 400}, scheduling="SILENT")
        desk.audio(silence(4000))
        desk.write("more")
        await desk.turns(2)
        desk.write("more")
        await desk.turns(3)
        first, second, third = desk.usages()
        assert first.response_token_count == 25, "a second of speech"
        assert first.total_token_count == first.prompt_token_count + 25
        assert second.tool_use_prompt_token_count == 103, "four hundred characters and what JSON wants"
        assert second.prompt_token_count == first.prompt_token_count + 25 + 100 + 1, "reply, silence, word"
        assert second.total_token_count == second.prompt_token_count + 103 + 25
        assert third.prompt_token_count >= second.prompt_token_count + 103 + 25
        assert {each.modality for each in second.prompt_tokens_details} == {"TEXT", "AUDIO"}
