"""A language model as a brain, against an endpoint of ours that also fails in every way."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from itertools import repeat
from typing import Any

import pytest

from tests.local.minds.completions import DONE, Completions, Reply, calls, completions, event, words
from vivavoce.errors import InputError
from vivavoce.local.minds import endpoint
from vivavoce.local.minds.acts import Act, Call, Historian, Mind, Say, Stream, Think, TurnKeeper
from vivavoce.local.minds.chat import GO_ON, MOST_ROUNDS, SORRY, SPOKEN, UNHEARD, ChatMinds
from vivavoce.local.minds.completion import LONGEST_ANSWER, Failure
from vivavoce.local.minds.memory import NOT_YET
from vivavoce.wire.gemini.messages import FunctionDeclaration

WEATHER = FunctionDeclaration(
    name="weather",
    description="The weather of a place.",
    parameters={"type": "OBJECT", "properties": {"place": {"type": "STRING"}}},
)
TIME = FunctionDeclaration(name="time")
KEY = "sk-secret"


class Talk:
    """A brain and what a session does with it: streams are followed to their end."""

    def __init__(self, mind: Mind, served: Completions) -> None:
        self.mind = mind
        self.served = served
        self.calls: list[Call] = []

    async def carry(self, acts: Sequence[Act]) -> list[str]:
        said: list[str] = []
        for act in acts:
            match act:
                case Stream(stream):
                    said += await self.carry([inner async for inner in stream])
                case Say(text):
                    said.append(text)
                case Think(text):
                    said.append(f"({text})")
                case Call():
                    self.calls.append(act)
        return said

    async def hear(self, text: str) -> list[str]:
        return await self.carry(self.mind.hear(text))

    async def answer(self, response: dict[str, Any], at: int = 0, *, silent: bool = False) -> list[str]:
        return await self.carry(self.mind.returned(self.calls[at], response, silent=silent))

    @property
    def messages(self) -> list[dict[str, Any]]:
        """What the endpoint was told last, without the instruction."""
        messages: list[dict[str, Any]] = self.served.asked[-1]["messages"]
        return messages[1:]


@asynccontextmanager
async def talk(*replies: Reply, tools: Sequence[FunctionDeclaration] = (), saved: bytes = b"") -> AsyncIterator[Talk]:
    async with completions(*replies) as served:
        minds = ChatMinds.of(f"{served.url}#small", key=KEY)
        yield Talk(minds("You are Ada.", tools, saved=saved or None, seed=0), served)
        await minds.aclose()


def user(text: str) -> dict[str, Any]:
    return {"role": "user", "content": text}


def model(text: str) -> dict[str, Any]:
    return {"role": "assistant", "content": text}


# ---------------------------------------------------------------------------------------------------- talking


async def test_an_answer_is_spoken_sentence_by_sentence() -> None:
    async with talk(words("Hel", "lo there. I", " am Ada", ". What is 3.5", " to you?")) as ada:
        assert await ada.hear("Hello") == ["Hello there.", "I am Ada.", "What is 3.5 to you?"]
        asked = ada.served.asked[0]
        assert asked["model"] == "small"
        assert asked["stream"] is True
        assert "tools" not in asked
        assert asked["messages"] == [{"role": "system", "content": f"You are Ada.\n\n{SPOKEN}"}, user("Hello")]
        assert "POST /v1/chat/completions HTTP/1.1" in ada.served.heads[0]
        assert f"Authorization: Bearer {KEY}" in ada.served.heads[0]


async def test_a_sentence_is_spoken_before_the_next_is_written() -> None:
    gate = asyncio.Event()
    async with talk(Reply([event(content="One. "), event(content="Two."), DONE], gate=gate)) as ada:
        (stream,) = ada.mind.hear("Count")
        assert isinstance(stream, Stream)
        assert await anext(stream.acts) == Say("One.")
        gate.set()
        assert [act async for act in stream.acts] == [Say("Two.")]


async def test_the_talk_is_remembered_and_saved() -> None:
    async with talk(words("Hi."), words("Seven.")) as ada:
        await ada.hear("Hello")
        await ada.hear("How many?")
        assert ada.messages == [user("Hello"), model("Hi."), user("How many?")]
        saved = ada.mind.save()
    async with talk(words("Yes."), saved=saved) as ada:
        await ada.carry(ada.mind.read("Sure?"))
        assert ada.messages == [user("Hello"), model("Hi."), user("How many?"), model("Seven."), user("Sure?")]


async def test_what_was_said_before_is_remembered() -> None:
    async with talk(words("Seven.")) as ada:
        assert isinstance(ada.mind, Historian)
        for _ in range(200):
            ada.mind.remember("x" * 1_000, own=True)
        ada.mind.remember("Hello", own=False)
        ada.mind.remember("Hi.", own=True)
        await ada.hear("How many?")
        assert ada.messages[-3:] == [user("Hello"), model("Hi."), user("How many?")]
        assert len(ada.messages) < 50, "and no more than there is room for"


async def test_what_was_cut_off_was_never_said() -> None:
    async with talk(words("One two three four five. Six seven eight."), words("Yes."), words("Right.")) as ada:
        await ada.hear("Count")
        ada.mind.cut(1_000)
        await ada.hear("Stop")
        assert ada.messages == [user("Count"), model("One two …"), user("Stop")]
        ada.mind.cut(0)
        await ada.hear("Go")
        assert ada.messages == [user("Count"), model("One two …"), user("Stop\nGo")]


async def test_what_was_said_in_an_earlier_turn_stays_said() -> None:
    looking = calls(("c1", "time", "{}"), text="Let me look.")
    async with talk(looking, words("It is ten o'clock in the morning."), words("Yes."), tools=[TIME]) as ada:
        await ada.hear("What time is it?")
        assert isinstance(ada.mind, TurnKeeper)
        ada.mind.ended()
        await ada.answer({"output": "10"})
        ada.mind.cut(500)
        await ada.hear("Thanks")
        said = [message["content"] for message in ada.messages if message["role"] == "assistant"]
        assert said == ["Let me look.", "It is …"]


async def test_the_last_turn_can_be_cut_after_its_end() -> None:
    async with talk(words("One two three four."), words("Yes.")) as ada:
        await ada.hear("Count")
        assert isinstance(ada.mind, TurnKeeper)
        ada.mind.ended()
        ada.mind.cut(500)
        await ada.hear("Stop")
        assert ada.messages == [user("Count"), model("One …"), user("Stop")]


async def test_a_cut_in_the_middle_ends_the_request() -> None:
    async with talk(Reply([event(content="One. Two"), DONE], gate=asyncio.Event()), words("Yes.")) as ada:
        (stream,) = ada.mind.hear("Count")
        assert isinstance(stream, Stream)
        async with aclosing(stream.acts) as acts:  # type: ignore[type-var]  # a session closes what can be closed
            assert await anext(acts) == Say("One.")
        async with asyncio.timeout(5):
            await ada.served.gone.wait()
        ada.mind.cut(400)
        assert await ada.hear("Stop") == ["Yes."]
        assert ada.messages == [user("Count"), model("One."), user("Stop")]


async def test_what_was_not_understood_is_not_asked_about() -> None:
    async with talk() as ada:
        assert await ada.hear("  ") == [UNHEARD]
        assert ada.served.asked == []


async def test_an_empty_typed_turn_means_go_on() -> None:
    async with talk(words("So.")) as ada:
        assert await ada.carry(ada.mind.read("")) == ["So."]
        assert ada.messages == [user(GO_ON)]


async def test_thoughts_are_thoughts() -> None:
    async with talk(
        Reply([event(reasoning_content="Let me"), event(reasoning_content=" see."), event(content="Yes."), DONE]),
        words("<thi", "nk>Hm.</th", "ink>\n\nNo", "."),
    ) as ada:
        assert await ada.hear("Well?") == ["(Let me see.)", "Yes."]
        assert await ada.hear("Sure?") == ["(Hm.)", "No."]
        await ada.hear("?")
        assert ada.messages[1:4] == [model("Yes."), user("Sure?"), model("No.")]


async def test_an_endless_talk_is_forgotten_from_its_beginning() -> None:
    async with talk(*(words(f"Answer {n}. " + "so " * 900) for n in range(20))) as ada:
        for n in range(20):
            await ada.hear(f"Question {n}. " + "and " * 3_000)
        assert len(json.dumps(ada.messages)) < 40_000
        assert ada.messages[0]["role"] == "user"
        assert ada.messages[-1]["content"].startswith("Question 19.")


# ---------------------------------------------------------------------------------------------------- tools


async def test_a_tool_is_called_and_its_answer_told() -> None:
    asking = calls(("c1", "weather", '{"place": "Rome"}'), text="One moment. ")
    async with talk(asking, words("It is warm."), tools=[WEATHER]) as ada:
        assert await ada.hear("Weather in Rome?") == ["One moment."]
        assert ada.calls == [Call("weather", {"place": "Rome"})]
        assert await ada.answer({"output": "28 degrees"}) == ["It is warm."]
        function = ada.served.asked[0]["tools"][0]["function"]
        assert function["parameters"] == {"type": "object", "properties": {"place": {"type": "string"}}}
        said, answered = ada.messages[1:]
        assert (said["content"], said["tool_calls"][0]["id"]) == ("One moment.", "c1")
        assert answered == {"role": "tool", "tool_call_id": "c1", "content": '{"output":"28 degrees"}'}


async def test_several_calls_are_waited_for() -> None:
    asking = calls(("c1", "weather", "{}"), ("c2", "time", ""))
    async with talk(asking, words("Warm, and noon."), tools=[WEATHER, TIME]) as ada:
        await ada.hear("Weather and time?")
        assert [call.name for call in ada.calls] == ["weather", "time"]
        assert await ada.answer({"output": "noon"}, 1) == []
        assert await ada.answer({"output": "warm"}, 0) == ["Warm, and noon."]
        assert [message["content"] for message in ada.messages[2:]] == ['{"output":"warm"}', '{"output":"noon"}']


async def test_a_late_answer_is_told_where_it_came() -> None:
    async with talk(
        calls(("c1", "weather", "{}")), words("I am Ada."), words("By the way, warm."), tools=[WEATHER]
    ) as ada:
        await ada.hear("Weather?")
        await ada.hear("Who are you?")
        assert ada.messages[2] == {"role": "tool", "tool_call_id": "c1", "content": NOT_YET}
        assert await ada.answer({"output": "warm"}) == ["By the way, warm."]
        assert ada.messages[-1] == user('(The function weather answered: {"output":"warm"})')


async def test_a_silent_answer_is_known_and_not_spoken_of() -> None:
    async with talk(calls(("c1", "weather", "{}")), words("Yes."), tools=[WEATHER]) as ada:
        await ada.hear("Weather?")
        assert await ada.answer({"output": "warm"}, silent=True) == []
        await ada.hear("Well?")
        assert ada.messages[2]["content"] == '{"output":"warm"}'


async def test_a_tool_that_answers_twice_is_believed_twice() -> None:
    async with talk(calls(("c1", "weather", "{}")), words("Warm."), words("Cold now."), tools=[WEATHER]) as ada:
        await ada.hear("Weather?")
        await ada.answer({"output": "warm"})
        assert await ada.answer({"output": "cold"}) == ["Cold now."]


async def test_calls_nobody_declared_go_back_to_the_model() -> None:
    async with talk(
        calls(("c1", "horoscope", "{}"), ("c2", "weather", "[1]")), words("I cannot know."), tools=[WEATHER]
    ) as ada:
        assert await ada.hear("Will I be rich?") == ["I cannot know."]
        assert ada.calls == []
        assert [message["content"] for message in ada.messages[2:]] == [
            '{"error": "there is no such function"}',
            '{"error": "want a JSON object as arguments"}',
        ]


async def test_a_model_that_only_calls_must_speak_in_the_end() -> None:
    endless = [calls((f"c{n}", "horoscope", "{}")) for n in range(MOST_ROUNDS + 2)]
    async with talk(*endless, tools=[WEATHER]) as ada:
        assert await ada.hear("Hm?") == [SORRY[Failure.EMPTY]]
        assert len(ada.served.asked) == MOST_ROUNDS
        assert [asked["tool_choice"] for asked in ada.served.asked[-2:]] == ["auto", "none"]


async def test_calls_of_endpoints_that_do_not_count() -> None:
    same = Reply(
        [
            event(tool_calls=[{"index": 0, "id": "a", "function": {"name": "weather", "arguments": "{}"}}]),
            event(tool_calls=[{"index": 0, "id": "b", "function": {"name": "time", "arguments": "{}"}}]),
            DONE,
        ]
    )
    none = Reply(
        [
            event(tool_calls=[{"function": {"name": "weather", "arguments": '{"place"'}}]),
            event(tool_calls=[{"function": {"arguments": ': "Rome"}'}}]),
            event(tool_calls=[{"function": {"name": "time", "arguments": "{}"}}]),
            DONE,
        ]
    )
    for reply, args in ((same, {}), (none, {"place": "Rome"})):
        async with talk(reply, tools=[WEATHER, TIME]) as ada:
            await ada.hear("Both?")
            assert ada.calls == [Call("weather", args), Call("time")]


# ---------------------------------------------------------------------------------------------------- failing


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(status=401, pieces=[b"the key sk-secret is wrong"]), Failure.REFUSED),
        (Reply(status=403), Failure.REFUSED),
        (Reply(status=404), Failure.UNKNOWN),
        (Reply(status=429), Failure.BUSY),
        (Reply(status=400), Failure.REJECTED),
        (Reply(status=307, headers={"Location": "http://example.invalid/"}), Failure.REJECTED),
        (Reply(status=500), Failure.BROKEN),
        (Reply(status=503), Failure.BROKEN),
        (Reply([b'data: {"error": {"message": "secret words"}}\n\n']), Failure.BROKEN),
        (Reply([b"data: {nonsense\n\n"]), Failure.GARBAGE),
        (Reply([b'data: {"choices": "none"}\n\n']), Failure.GARBAGE),
        (Reply([b"<html>Welcome to our hotel</html>"]), Failure.GARBAGE),
        (Reply([b"data: \xff\xfe\n\n"]), Failure.GARBAGE),
        (Reply([b"data: " + b"x" * 1_500_000, DONE], gate=asyncio.Event()), Failure.GARBAGE),
        (calls(*((f"c{n}", "weather", "{}") for n in range(40))), Failure.GARBAGE),
        (calls(("c", "weather", '{"x": "' + "y" * 40_000)), Failure.GARBAGE),
        (Reply([DONE]), Failure.GARBAGE),
        (words("", " "), Failure.EMPTY),
        (words("<think>I wonder"), Failure.EMPTY),
        (Reply([b'data: {"choices": []}\n\n', b": a comment\n\n", DONE]), Failure.EMPTY),
        (Reply([], abort=True, headers={"Transfer-Encoding": "chunked"}), Failure.UNREACHABLE),
    ],
)
async def test_every_failure_is_a_sentence_and_a_line_in_the_log(
    reply: Reply, kind: Failure, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, logger="vivavoce"):
        async with talk(reply, words("Better."), tools=[WEATHER]) as ada:
            assert await ada.hear("my private question") == [SORRY[kind]]
            (line,) = caplog.messages
            assert str(kind) in line
            assert not any(secret in caplog.text for secret in (KEY, "secret words", "private", "is wrong"))
            assert await ada.hear("Again?") == ["Better."]
            assert ada.messages == [user("my private question\nAgain?")]


async def test_what_was_said_before_a_failure_stays() -> None:
    async with talk(Reply([event(content="One. Two"), b"data: {nonsense\n\n"]), words("Yes.")) as ada:
        assert await ada.hear("Count") == ["One.", SORRY[Failure.GARBAGE]]
        await ada.hear("And?")
        assert ada.messages == [user("Count"), model("One."), user("And?")]


async def test_nobody_at_the_address() -> None:
    async with completions() as served:
        url = served.url
    minds = ChatMinds.of(f"{url}#small")
    ada = Talk(minds("", [], saved=None, seed=0), served)
    assert await ada.hear("Hello") == [SORRY[Failure.UNREACHABLE]]
    await minds.aclose()


async def test_silence_and_endless_dripping_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoint, "QUIET_AT_MOST_S", 0.05)
    hangs = Reply([event(content="Wait"), DONE], gate=asyncio.Event())
    async with talk(hangs) as ada:
        assert await ada.hear("Hello") == [SORRY[Failure.SLOW]]
    monkeypatch.undo()
    monkeypatch.setattr(endpoint, "ANSWER_WITHIN_S", 0.05)
    async with talk(hangs) as ada:
        assert await ada.hear("Hello") == [SORRY[Failure.SLOW]]
    async with talk(Reply(repeat(b": still here\n\n"))) as ada, asyncio.timeout(10):
        assert await ada.hear("Hello") == [SORRY[Failure.SLOW]]


async def test_an_endless_answer_ends() -> None:
    async with talk(words(*(["word " * 1_000 + ". "] * 40)), words("Yes.")) as ada:
        said = await ada.hear("Tell me everything")
        assert len(" ".join(said)) <= LONGEST_ANSWER


# ---------------------------------------------------------------------------------------------------- the URL


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("http://", "without a host"),
        ("http:words", "without a host"),
        ("http://host:port/v1#m", "cannot be read"),
        ("http://me:sk-secret@host/v1#m", "VIVA_BRAIN_KEY"),
        ("http://host/v1", "VIVA_BRAIN_MODEL"),
    ],
)
def test_urls_that_cannot_be_used(url: str, wanted: str) -> None:
    with pytest.raises(InputError, match=wanted) as raised:
        ChatMinds.of(url)
    assert KEY not in str(raised.value)


async def test_the_whole_path_and_a_query_may_stand_there() -> None:
    async with completions(words("Yes.")) as served:
        minds = ChatMinds.of(f"{served.url}/chat/completions/?api-version=1", model="from-environment")
        ada = Talk(minds("", [], saved=None, seed=0), served)
        await ada.hear("Hello")
        assert served.heads[0].startswith("POST /v1/chat/completions?api-version=1 ")
        assert served.asked[0]["model"] == "from-environment"
        await minds.aclose()
