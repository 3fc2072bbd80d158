"""Messages as faults see them: what is in them, and how to take something out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

_CONTENT = ("inputTranscription", "outputTranscription", "generationComplete", "turnComplete", "interrupted")
_BESIDE = (
    "setupComplete", "toolCall", "toolCallCancellation", "usageMetadata", "goAway", "sessionResumptionUpdate",
    "voiceActivity",
)  # fmt: skip
_CLIENT = {
    "setup": "setup",
    "clientcontent": "clientContent",
    "toolresponse": "toolResponse",
    "contextupdate": "contextUpdate",
}
_INPUT = {
    "audio": "audio",
    "mediachunks": "audio",
    "video": "video",
    "text": "text",
    "activitystart": "activityStart",
    "activityend": "activityEnd",
    "audiostreamend": "audioStreamEnd",
}
_NO_JSON = (msgspec.DecodeError, RecursionError, UnicodeDecodeError)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message of the server on its way. `tree` is its JSON; empty when it is none of the Gemini protocol."""

    data: bytes | str = field(repr=False)
    tree: dict[str, Any] = field(repr=False)
    kinds: frozenset[str]
    """Names as in the fault file; `message` is always among them."""
    delay_s: float = 0.0
    """To wait before it is sent."""
    cut: bool = False
    """Only the first half of it is sent, and then nothing more."""

    @classmethod
    def read(cls, data: bytes | str) -> Outgoing:
        tree = _object(data)
        return cls(data, tree, server_kinds(tree))

    @classmethod
    def make(cls, tree: dict[str, Any]) -> Outgoing:
        return cls(msgspec.json.encode(tree), tree, server_kinds(tree))

    @property
    def content(self) -> dict[str, Any]:
        """`serverContent`, empty when there is none."""
        return _inner(self.tree, "serverContent")

    def without(self, *names: str) -> list[Outgoing]:
        """The message without these parts of its `serverContent`; none when nothing is left of it."""
        content = {name: value for name, value in self.content.items() if name not in names}
        if content == self.content:
            return [self]
        rest = {name: value for name, value in self.tree.items() if name != "serverContent"}
        if content:
            rest["serverContent"] = content
        return [replace(self.make(rest), delay_s=self.delay_s)] if rest else []

    def later(self, delay_s: float) -> Outgoing:
        return replace(self, delay_s=self.delay_s + delay_s)

    def cut_off(self) -> Outgoing:
        return replace(self, cut=True)

    def with_data(self, data: bytes | str) -> Outgoing:
        return replace(self, data=data)


def server_kinds(tree: dict[str, Any]) -> frozenset[str]:
    """What is in a message of the server."""
    found = {"message", *(name for name in _BESIDE if name in tree)}
    content = _inner(tree, "serverContent")
    found.update(name for name in _CONTENT if content.get(name))
    for part in _parts(content):
        if "inlineData" in part:
            found.add("audio")
        elif "text" in part:
            found.add("text")
    return frozenset(found)


def client_kinds(data: bytes | str) -> frozenset[str]:
    """What is in a message of a client, in any spelling; rubbish is a `message` and nothing else."""
    found = {"message"}
    for name, value in _folded(_object(data)).items():
        if name == "realtimeinput" and isinstance(value, dict):
            found.update(_INPUT[inner] for inner in _folded(value) if inner in _INPUT)
        elif name in _CLIENT:
            found.add(_CLIENT[name])
    return frozenset(found)


def handle_of(data: bytes | str) -> str | None:
    """The handle a setup wants to resume from."""
    setup = _folded(_object(data)).get("setup")
    resumption = _folded(setup).get("sessionresumption") if isinstance(setup, dict) else None
    handle = resumption.get("handle") if isinstance(resumption, dict) else None
    return handle if isinstance(handle, str) and handle else None


def _parts(content: dict[str, Any]) -> list[dict[str, Any]]:
    parts = _inner(content, "modelTurn").get("parts")
    return [part for part in parts if isinstance(part, dict)] if isinstance(parts, list) else []


def _inner(tree: dict[str, Any], name: str) -> dict[str, Any]:
    inner = tree.get(name)
    return inner if isinstance(inner, dict) else {}


def _folded(tree: dict[str, Any]) -> dict[str, Any]:
    return {name.replace("_", "").lower(): value for name, value in tree.items()}


def _object(data: bytes | str) -> dict[str, Any]:
    try:
        tree = msgspec.json.decode(data)
    except _NO_JSON:
        return {}
    return tree if isinstance(tree, dict) else {}
