"""Whatever a client does, and whenever: what a session of any generation sends keeps to the protocol's grammar, and a
talk never hangs.
"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.local.fakes import ScriptedEars, ScriptedMind, TurnedClock, silence, speech
from tests.local.gemini.desk import NATIVE, NEWEST, PREVIEW, SETUP, THINKING, Desk, breathe, parts, running
from vivavoce.local.minds.acts import Act, Call, Say, Think
from vivavoce.local.tempo import Tempo
from vivavoce.wire.gemini.messages import ServerMessage
from vivavoce.wire.gemini.models import find

SCRIPT: dict[str, list[Act]] = {
    "tools": [Call("note"), Say("Two things."), Call("hand_off"), Say("And now?")],
    "together": [Think("Both at once."), Call("weather"), Call("hand_off")],
    "story": [Say("Once upon a time. " * 12)],
    "nothing": [],
    "note returned": [Say("Noted.")],
    "hand_off returned": [Say("Handed over.")],
    "weather returned": [Say("It rains."), Call("research")],
    "research returned": [],
}
WAITED = frozenset({"hand_off", "weather"})
"""What the reply waits for, with every model that can wait."""
WORDS = ("tools", "together", "story", "nothing")
ACTION = st.one_of(
    st.tuples(st.just("write"), st.sampled_from(WORDS)),
    st.tuples(st.just("content"), st.sampled_from(WORDS)),
    st.tuples(st.just("speak"), st.sampled_from(WORDS)),
    st.tuples(st.just("begin to speak"), st.sampled_from(WORDS)),
    st.tuples(st.just("answer"), st.sampled_from(["oldest", "newest", "stranger"])),
    st.tuples(st.just("turn"), st.floats(0.01, 8)),
    st.tuples(st.just("wait"), st.none()),
)


class Client:
    """Carries out actions, and ends the talk in an orderly way."""

    def __init__(self, desk: Desk, ears: ScriptedEars, clock: TurnedClock) -> None:
        self.desk = desk
        self.ears = ears
        self.clock = clock
        self.answered: dict[str, int] = {}
        """Ids and how much had been sent when they were answered."""

    async def do(self, name: str, given: object) -> None:
        match name:
            case "write":
                self.desk.write(str(given))
            case "content":
                self.desk.content(str(given))
            case "speak" | "begin to speak":
                self.ears.texts.append(str(given))
                self.desk.audio(speech(320) + (silence(200) if name == "speak" else b""))
            case "answer":
                self.answer(str(given))
            case "turn":
                assert isinstance(given, float)
                await self.clock.turn(given)
            case _:
                await breathe()

    def answer(self, which: str) -> None:
        open_calls = [call for call in self.desk.calls() if call not in self.answered]
        if which == "stranger":
            self.desk.answer("nobody asked")
        elif open_calls:
            call = open_calls[0 if which == "oldest" else -1]
            self.answered[call] = len(self.desk.sent)
            self.desk.answer(call)

    async def settle(self) -> None:
        """Stop speaking, answer everything, and let it be heard."""
        self.desk.audio(silence(200))
        quiet = 0
        while quiet < 3:
            before = len(self.desk.sent)
            while any(call not in self.answered for call in self.desk.calls()):
                self.answer("oldest")
            await self.clock.turn(60)
            await breathe()
            quiet = quiet + 1 if len(self.desk.sent) == before else 0


@pytest.mark.slow
@pytest.mark.conformance("S10", "S23", "S24", "S40", "S41", "S43", "S50")
@pytest.mark.parametrize("model", [NEWEST, THINKING, PREVIEW, NATIVE])
@settings(max_examples=200, deadline=None)
@given(actions=st.lists(ACTION, max_size=14))
async def test_promises_of_the_server(model: str, actions: list[tuple[str, object]]) -> None:
    ears, mind, clock = ScriptedEars(), ScriptedMind(SCRIPT), TurnedClock()
    shared = parts(ears=ears, make_mind=mind, clock=clock, tempo=Tempo())
    async with running(shared, setup_for(model)) as desk:
        client = Client(desk, ears, clock)
        for name, given_ in actions:
            await client.do(name, given_)
        await client.settle()
        desk.write("still there")
        await client.settle()
        assert desk.socket.closed is None
        assert "You wrote still there." in desk.said()[-80:], "the talk hangs"
        check_grammar(desk.sent)
        check_waiting(desk.sent, client.answered, WAITED if model != THINKING else frozenset())
        last = next(m for m in reversed(desk.sent) if m.session_resumption_update is not None)
        assert last.session_resumption_update is not None
        assert last.session_resumption_update.resumable, "idle, and yet not resumable"
        returned = sum(name == "returned" for name, _ in mind.log)
        assert returned <= len(desk.calls()), "an answer was told twice"


def setup_for(model: str) -> dict[str, object]:
    row = find(model)
    assert row is not None
    beside = "NON_BLOCKING" if row.non_blocking else "BLOCKING"
    waited = "BLOCKING" if row.blocking else "NON_BLOCKING"
    behaviours = {"note": beside, "research": beside, "hand_off": waited, "weather": waited}
    declared = [{"name": name, "behavior": behaviour} for name, behaviour in behaviours.items()]
    thinking = {"thinkingConfig": {"thinkingLevel": "LOW"}} if model == THINKING else {}
    spoken = {"responseModalities": ["AUDIO"]} | thinking
    return SETUP | {"model": model, "tools": [{"functionDeclarations": declared}], "generationConfig": spoken}


def check_grammar(sent: list[ServerMessage]) -> None:
    """The grammar of what a server says."""
    assert sent[0].setup_complete is not None
    state = "idle"  # generating, generated, cut
    ids: list[str] = []
    for message in sent[1:]:
        kinds = [name for name in ServerMessage.__struct_fields__ if getattr(message, name) is not None]
        assert message.setup_complete is None
        assert kinds == ["server_content", "usage_metadata"] or len(kinds) == 1, kinds
        if message.tool_call is not None:
            assert state != "cut", "a call of a turn that was cut"
            ids += [call.id for call in message.tool_call.function_calls]
        content = message.server_content
        if content is None:
            continue
        if content.model_turn is not None or content.output_transcription is not None:
            assert state in ("idle", "generating"), f"sound or words while {state}"
            state = "generating"
        if content.generation_complete:
            assert state in ("idle", "generating")
            state = "generated"
        if content.interrupted:
            assert not content.generation_complete
            state = "cut"
        if content.turn_complete:
            assert state in ("generated", "cut"), f"turnComplete while {state}"
            assert message.usage_metadata is not None
            state = "idle"
    assert state == "idle"
    assert len(ids) == len(set(ids))


def check_waiting(sent: list[ServerMessage], answered: dict[str, int], waited: frozenset[str]) -> None:
    """No sound while the reply waits for an answer: from the call to its answer or its cancellation."""
    waiting: set[str] = set()
    for index, message in enumerate(sent):
        waiting -= {call for call in waiting if answered[call] <= index}
        if message.tool_call_cancellation is not None:
            waiting -= set(message.tool_call_cancellation.ids)
        if message.tool_call is not None:
            waiting |= {call.id for call in message.tool_call.function_calls if call.name in waited}
        content = message.server_content
        assert not (waiting and content is not None and content.model_turn is not None), f"{waiting} are open"
