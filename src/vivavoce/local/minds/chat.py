"""A brain that is a language model: any endpoint of OpenAI's chat completions, by its URL.

`http://127.0.0.1:11434/v1#llama3.2` is the base URL and, behind `#`, the model; without one VIVA_BRAIN_MODEL names it.
VIVA_BRAIN_KEY is sent as a bearer token. The answer is spoken sentence by sentence while it is written; the client's
tools are the model's functions; what the caller cut off before it was heard was never said.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Any

import httpx
import msgspec

from vivavoce.errors import InputError
from vivavoce.local.minds.acts import Act, Call, Mind, Say, Stream, Think
from vivavoce.local.minds.as_text import as_text
from vivavoce.local.minds.completion import Asked, ChatFailed, Failure, Thought
from vivavoce.local.minds.endpoint import Endpoint
from vivavoce.local.minds.functions import as_functions
from vivavoce.local.minds.memory import LATER, LONGEST_ENTRY, Entry, Memory, Wish
from vivavoce.local.minds.sentences import Sentences
from vivavoce.wire.gemini.messages import FunctionDeclaration

log = logging.getLogger(__name__)

Acts = AsyncGenerator[Act, None]

SPOKEN = "You are talking by voice. Answer in short sentences for the ear, without lists, markup or emoji."
"""Stands behind the client's instruction: text models write for the eye otherwise."""
UNHEARD = "Sorry, I did not catch that. Could you say it again?"
GO_ON = "(The caller says nothing. Go on.)"
SORRY = {
    Failure.REFUSED: "Sorry, my language model does not accept its key. Please tell whoever runs this service.",
    Failure.UNKNOWN: "Sorry, my language model is not there. Please tell whoever runs this service.",
    Failure.BUSY: "Sorry, my language model has too much to do. Please try again in a minute.",
    Failure.REJECTED: "Sorry, my language model did not take the question. Please put it another way.",
    Failure.BROKEN: "Sorry, my language model has a problem. Please try again.",
    Failure.UNREACHABLE: "Sorry, I cannot reach my language model. Please try again in a minute.",
    Failure.SLOW: "Sorry, my language model takes too long. Please try again.",
    Failure.GARBAGE: "Sorry, I could not read what my language model answered. Please try again.",
    Failure.EMPTY: "Sorry, I have no answer to that. Could you put it another way?",
}
MOST_ROUNDS = 8
"""Questions to the model in one turn of the caller's; a model that calls tools for ever must speak then."""
MOST_OPEN = 64
"""Calls whose answer is still awaited; the oldest is forgotten."""
MOST_THOUGHT = 2_000


class ChatMinds:
    """Makes brains that ask one endpoint. Close it when the server has stopped."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    @classmethod
    def of(cls, url: str, *, key: str = "", model: str = "") -> ChatMinds:
        """Brains for a URL.

        Args:
            url: `http(s)://HOST[:PORT]/PATH[#MODEL]`; `/chat/completions` is added unless it stands there.
            key: sent as a bearer token, when given.
            model: for a URL that names none.

        Raises:
            InputError: a URL that cannot be used, or no model.
        """
        try:
            parsed = httpx.URL(url)
        except httpx.InvalidURL as error:
            raise InputError("want the http(s) URL of a chat endpoint, got one that cannot be read") from error
        if parsed.scheme not in ("http", "https") or not parsed.host:
            raise InputError("want the http(s) URL of a chat endpoint, got one without a host")
        if parsed.userinfo:
            raise InputError("want the endpoint's key in VIVA_BRAIN_KEY, got one in the URL")
        if not (parsed.fragment or model):
            raise InputError("want the model's name behind # or in VIVA_BRAIN_MODEL, got none")
        path = parsed.path.rstrip("/")
        if not path.endswith("/chat/completions"):
            path += "/chat/completions"
        asked = parsed.copy_with(path=path, fragment=None)
        return cls(Endpoint(asked, model=parsed.fragment or model, key=key))

    def __call__(
        self, instruction: str, tools: Sequence[FunctionDeclaration], *, saved: bytes | None, seed: int
    ) -> Mind:
        return Chat(self._endpoint, instruction, tools, Memory.load(saved) if saved else Memory())

    async def aclose(self) -> None:
        """Close the connections."""
        await self._endpoint.aclose()


class Chat:
    """One talk with the model."""

    def __init__(
        self, endpoint: Endpoint, instruction: str, tools: Sequence[FunctionDeclaration], memory: Memory
    ) -> None:
        self._endpoint = endpoint
        self._instruction = f"{instruction}\n\n{SPOKEN}".strip()
        self._names = {tool.name for tool in tools}
        self._functions = as_functions(tools)
        self._memory = memory
        self._open: list[tuple[Call, Wish, Entry]] = []
        self._rounds = 0

    # ------------------------------------------------------------------------------------ what a session asks

    def hear(self, text: str) -> list[Act]:
        """The caller spoke; empty when it could not be understood."""
        return self._turn(text) if text.strip() else [Say(UNHEARD)]

    def read(self, text: str) -> list[Act]:
        """A typed turn; empty means "go on"."""
        return self._turn(text if text.strip() else GO_ON)

    def returned(self, call: Call, response: dict[str, Any], *, silent: bool = False) -> list[Act]:
        """A tool answered. The model goes on when all its calls of that moment are answered."""
        answer = as_text(response)[:LONGEST_ENTRY]
        wish, entry = next(((wish, entry) for open_, wish, entry in self._open if open_ is call), (None, None))
        if wish is not None and entry is not None and wish.answer is None and self._memory.is_last(entry):
            wish.answer = answer
            waiting = any(other.answer is None for other in entry.wishes)
        else:  # late, or one of several answers to the same call
            if wish is not None and wish.answer is None:
                wish.answer = LATER
            self._memory.told(f"(The function {call.name} answered: {answer})")
            waiting = False
        if silent or waiting:
            return []
        self._memory.goes_on()
        return [Stream(self._reply())]

    def cut(self, heard_ms: float) -> None:
        """The caller cut the reply off after `heard_ms` of it."""
        self._memory.cut(heard_ms)

    def ended(self) -> None:
        """The turn is over."""
        self._memory.ended()

    def remember(self, text: str, *, own: bool) -> None:
        """Something was said before this talk."""
        self._memory.remember("assistant" if own else "user", text)

    def save(self) -> bytes:
        """The talk so far."""
        return self._memory.save()

    # ------------------------------------------------------------------------------------ asking the model

    def _turn(self, text: str) -> list[Act]:
        self._memory.heard(text)
        self._rounds = 0
        return [Stream(self._reply())]

    async def _reply(self) -> Acts:
        """One answer of the model, act by act; again when all it called is nothing there is."""
        again = True
        while again:
            self._rounds += 1
            messages = self._memory.messages(self._instruction)
            entry = self._memory.answer()
            asked: list[Asked] = []
            try:
                async with aclosing(self._spoken(entry, messages, asked)) as acts:
                    async for act in acts:
                        yield act
            except ChatFailed as failure:
                log.warning("the brain's endpoint: %s", failure)
                yield Say(SORRY[failure.kind])
                return
            if not asked and not entry.text:
                yield Say(SORRY[Failure.EMPTY])
            calls = self._calls(entry, asked)
            for call in calls:
                yield call
            again = bool(asked) and not calls

    async def _spoken(self, entry: Entry, messages: list[dict[str, Any]], asked: list[Asked]) -> Acts:
        """What the model says; its calls are put into `asked`."""
        sentences, thought = Sentences(), ""
        may_call = self._rounds < MOST_ROUNDS
        async with aclosing(self._endpoint.ask(messages, self._functions, may_call=may_call)) as pieces:
            async for piece in pieces:
                if isinstance(piece, Asked):
                    if may_call:
                        asked.append(piece)
                    continue
                if isinstance(piece, Thought):
                    thought = (thought + piece.text)[:MOST_THOUGHT]
                    continue
                if thought:
                    yield Think(thought)
                    thought = ""
                for sentence in sentences.add(piece.text):
                    self._memory.said(entry, sentence)
                    yield Say(sentence)
        if rest := sentences.rest():
            self._memory.said(entry, rest)
            yield Say(rest)

    def _calls(self, entry: Entry, asked: list[Asked]) -> list[Call]:
        """The calls that can be made; the model is told about the others."""
        calls = []
        for wanted in asked:
            wish = Wish(wanted.id, wanted.name, wanted.arguments or "{}")
            entry.wishes.append(wish)
            args = _arguments(wish.arguments)
            if wanted.name not in self._names:
                wish.answer = '{"error": "there is no such function"}'
            elif args is None:
                wish.arguments, wish.answer = "{}", '{"error": "want a JSON object as arguments"}'
            else:
                call = Call(wanted.name, args)
                calls.append(call)
                self._open = [*self._open[1 - MOST_OPEN :], (call, wish, entry)]
        return calls


def _arguments(text: str) -> dict[str, Any] | None:
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except (msgspec.MsgspecError, RecursionError):
        return None
