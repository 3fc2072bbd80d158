"""One streamed answer of OpenAI's chat completions, event by event: words, thoughts, tool calls, or why there is none.

Endpoints differ in small ways and some talk nonsense; whatever comes is a piece or a `ChatFailed` with its kind.
Source: the interface as the official `openai` package 3.52 types it (`ChatCompletionChunk`); `reasoning_content` and
`reasoning` are what several servers add to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import msgspec

from vivavoce.errors import VivaError
from vivavoce.local.minds.sentences import Aside

LONGEST_ANSWER = 16_000
"""Characters: a quarter of an hour of speech."""
MOST_CALLS = 16


class Failure(StrEnum):
    """Why there is no answer; named in the log."""

    REFUSED = "the key was refused"
    UNKNOWN = "no such model or path"
    BUSY = "too many requests or no quota"
    REJECTED = "the request was refused"
    BROKEN = "the endpoint failed"
    UNREACHABLE = "the endpoint cannot be reached"
    SLOW = "no answer in time"
    GARBAGE = "the answer was no chat completion"
    EMPTY = "the answer was empty"


class ChatFailed(VivaError):
    """There is no answer.

    Attributes:
        kind: why.
    """

    def __init__(self, kind: Failure, detail: str = "") -> None:
        super().__init__(f"{kind} ({detail})" if detail else str(kind))
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Words:
    """More of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Thought:
    """More of what it thinks before."""

    text: str


@dataclass(slots=True)
class Asked:
    """A tool call, whole; `arguments` is JSON as the model wrote it."""

    id: str
    name: str
    arguments: str


Piece = Words | Thought | Asked


class _Function(msgspec.Struct):
    name: str | None = None
    arguments: str | None = None


class _Call(msgspec.Struct):
    index: int | None = None
    id: str | None = None
    function: _Function | None = None


class _Delta(msgspec.Struct):
    content: str | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None
    tool_calls: list[_Call] | None = None


class _Choice(msgspec.Struct):
    delta: _Delta | None = None


class _Chunk(msgspec.Struct):
    choices: list[_Choice] | None = None
    error: msgspec.Raw = msgspec.Raw(b"")


class Answer:
    """What has come of one answer."""

    def __init__(self) -> None:
        self._aside = Aside()
        self._calls: list[Asked] = []
        self._places: dict[int, Asked] = {}
        self._chars = 0
        self._events = 0
        self._spoke = False

    @property
    def full(self) -> bool:
        """So much has come that the rest is not wanted."""
        return self._chars >= LONGEST_ANSWER

    def take(self, data: bytes) -> list[Piece]:
        """One event's worth."""
        self._events += 1
        try:
            chunk = msgspec.json.decode(data, type=_Chunk)
        except (msgspec.MsgspecError, RecursionError) as error:
            raise ChatFailed(Failure.GARBAGE) from error
        if bytes(chunk.error) not in (b"", b"null"):
            raise ChatFailed(Failure.BROKEN, "in the middle of an answer")
        pieces: list[Piece] = []
        for choice in (chunk.choices or [])[:1]:
            delta = choice.delta or _Delta()
            for call in delta.tool_calls or ():
                self._call(call)
            thought, words = self._aside.add(delta.content or "")
            pieces += self._pieces((delta.reasoning_content or delta.reasoning or "") + thought, words)
        return pieces

    def end(self) -> list[Piece]:
        """What is left when no more comes."""
        pieces = self._pieces("", self._aside.rest())
        if not self._spoke and not self._calls:
            raise ChatFailed(Failure.EMPTY if self._events else Failure.GARBAGE)
        return [*pieces, *self._calls]

    def _pieces(self, thought: str, words: str) -> list[Piece]:
        room = LONGEST_ANSWER - self._chars
        self._chars += len(thought) + len(words)
        self._spoke = self._spoke or bool(words.strip())
        pieces: list[Piece] = [Thought(thought[:room])] if thought else []
        return [*pieces, Words(words[: max(0, room)])] if words else pieces

    def _call(self, call: _Call) -> None:
        """Calls come in parts, told apart by their index; some endpoints leave it out, or count every call as the
        first."""
        function = call.function or _Function()
        at = call.index if call.index is not None else len(self._calls) - (not call.id and not function.name)
        known = self._places.get(at)
        if known is None or (call.id and known.id and call.id != known.id):
            if len(self._calls) >= MOST_CALLS:
                raise ChatFailed(Failure.GARBAGE, "too many tool calls")
            known = Asked(call.id or f"call_{len(self._calls)}", "", "")
            self._places[at] = known
            self._calls.append(known)
        known.name = known.name or function.name or ""
        known.arguments += function.arguments or ""
        self._chars += len(function.arguments or "")
        if self._chars > LONGEST_ANSWER:
            raise ChatFailed(Failure.GARBAGE, "tool calls of that length")
