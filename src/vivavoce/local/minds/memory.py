"""What a language model is told of a talk: who said what, as far as it was heard, and what the tools answered."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from vivavoce.local.minds.interview import CHARS_PER_S

MOST_CHARS = 32_000
"""Of the talk, about 8,000 tokens: small local models have room for it beside the instruction. The oldest goes."""
LONGEST_ENTRY = 8_000
NOT_YET = "No answer yet."
LATER = "The answer comes later in this talk."


class Wish(msgspec.Struct):
    """A tool call of the model. `answer` is None until it came."""

    id: str
    name: str
    arguments: str
    answer: str | None = None


class Entry(msgspec.Struct):
    """What one side said in a row."""

    role: Literal["user", "assistant"]
    text: str = ""
    wishes: list[Wish] = []

    @property
    def size(self) -> int:
        """Characters, and some for each entry so that empty ones count."""
        return 16 + len(self.text) + sum(len(wish.arguments) + len(wish.answer or "") for wish in self.wishes)


class Memory:
    """One talk. It is bounded, and what it renders is always in an order that chat endpoints take."""

    def __init__(self, entries: list[Entry] | None = None) -> None:
        self._entries = entries or []
        self._spoken: list[tuple[Entry, str]] = []  # in the last turn
        self._over = False  # that turn has ended

    @classmethod
    def load(cls, saved: bytes) -> Memory:
        """What `save` made."""
        return cls(msgspec.json.decode(saved, type=list[Entry]))

    def save(self) -> bytes:
        """All of it."""
        return msgspec.json.encode(self._entries)

    def heard(self, text: str) -> None:
        """The caller said or typed something: a turn of the model follows."""
        self._spoken.clear()
        self._over = False
        self.told(text)

    def ended(self) -> None:
        """A turn of the model is over. It may turn out later that not all of it was heard."""
        self._over = True

    def goes_on(self) -> None:
        """The model speaks again without having been spoken to, in the same turn or in another."""
        if self._over:
            self._spoken.clear()
            self._over = False

    def told(self, text: str) -> None:
        """The model gets to know something."""
        self.remember("user", text)

    def remember(self, role: Literal["user", "assistant"], text: str) -> None:
        """One side said something, whoever it was said to."""
        self._entries.append(Entry(role, text[:LONGEST_ENTRY]))
        self._forget()

    def answer(self) -> Entry:
        """A reply of the model begins."""
        entry = Entry("assistant")
        self._entries.append(entry)
        return entry

    def said(self, entry: Entry, sentence: str) -> None:
        """A sentence of a reply is on its way to the caller."""
        entry.text = f"{entry.text} {sentence}".strip()
        self._spoken.append((entry, sentence))

    def cut(self, heard_ms: float) -> None:
        """The caller heard only so much of the turn: the rest was never said."""
        left = round(heard_ms / 1000 * CHARS_PER_S)
        for entry in {id(entry): entry for entry, _ in self._spoken}.values():
            entry.text = ""
        for entry, sentence in self._spoken:
            kept = sentence if len(sentence) <= left else _begun(sentence, left)
            entry.text = f"{entry.text} {kept}".strip()
            left = max(0, left - len(sentence) - 1)
        self._spoken.clear()

    def is_last(self, entry: Entry) -> bool:
        """Whether nothing was said since."""
        return bool(self._entries) and self._entries[-1] is entry

    def messages(self, instruction: str) -> list[dict[str, Any]]:
        """All of it as messages of a chat completion."""
        made: list[dict[str, Any]] = [{"role": "system", "content": instruction}] if instruction else []
        for entry in self._entries:
            if not entry.wishes:
                _say(made, entry)
                continue
            calls = [
                {"id": wish.id, "type": "function", "function": {"name": wish.name, "arguments": wish.arguments}}
                for wish in entry.wishes
            ]
            made.append({"role": "assistant", "content": entry.text or None, "tool_calls": calls})
            made += [
                {"role": "tool", "tool_call_id": wish.id, "content": NOT_YET if wish.answer is None else wish.answer}
                for wish in entry.wishes
            ]
        return made

    def _forget(self) -> None:
        size = sum(entry.size for entry in self._entries)
        while len(self._entries) > 1 and (size > MOST_CHARS or self._entries[0].role == "assistant"):
            size -= self._entries.pop(0).size


def _say(made: list[dict[str, Any]], entry: Entry) -> None:
    """Add what was said; two in a row of one side become one, for some endpoints want the roles to alternate."""
    if not entry.text:
        return
    last = made[-1] if made else {}
    if last.get("role") == entry.role and "tool_calls" not in last:
        last["content"] += "\n" + entry.text
    else:
        made.append({"role": entry.role, "content": entry.text})


def _begun(sentence: str, chars: int) -> str:
    """The whole words of a sentence's beginning."""
    words = sentence[:chars].rpartition(" ")[0]
    return f"{words} …" if words else ""
