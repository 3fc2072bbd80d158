"""Models that speak Google's generateContent."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from vivavoce.errors import InputError
from vivavoce.studies.respondents.service import MOST_TOKENS, Ask, Manner, Said, Service, Speaking
from vivavoce.studies.sources.answers import Answer, changed

GEMINI_URL = "https://generativelanguage.googleapis.com/v1beta"
_MODEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_REFUSES = frozenset({"SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "LANGUAGE", "IMAGE_SAFETY"})


class _Part(msgspec.Struct):
    text: str = ""
    thought: bool = False


class _Content(msgspec.Struct):
    parts: list[_Part] = []


class _Candidate(msgspec.Struct, rename="camel"):
    content: _Content | None = None
    finish_reason: str = ""


class _Feedback(msgspec.Struct, rename="camel"):
    block_reason: str = ""


class _Usage(msgspec.Struct, rename="camel"):
    prompt_token_count: int = 0
    candidates_token_count: int = 0
    thoughts_token_count: int = 0


class _Generated(msgspec.Struct, rename="camel"):
    candidates: list[_Candidate] = []
    prompt_feedback: _Feedback | None = None
    usage_metadata: _Usage | None = None


class Gemini(Speaking):
    """One of Google's models, or of a gateway before them, such as "gemini-2.5-flash", without "models/" before it.
    "/models/" follows its address.
    """

    kind = "gemini"
    service = Service(owner="Google", url=GEMINI_URL, remedy="Give one of Google AI Studio", place="Gemini")

    def check(self, model: str) -> None:
        if not _MODEL.fullmatch(model):  # it becomes a part of the address
            raise InputError(f"want a name of a model such as gemini-2.5-flash, got {model[:60]!r}")

    def credential(self, key: str) -> dict[str, str]:
        return {"x-goog-api-key": key}

    def path(self) -> str:
        return f"/models/{self.model}:generateContent"

    def wishes(self) -> frozenset[str]:
        return frozenset({"temperature", "seed", "maxOutputTokens"})

    def body(self, ask: Ask, manner: Manner) -> dict[str, Any]:
        roles = ("user", "model")
        wishes = {"temperature": ask.temperature, "seed": ask.seed % 2**31, "maxOutputTokens": MOST_TOKENS}
        wanted: dict[str, Any] = {name: wish for name, wish in wishes.items() if name in manner.wishes}
        if manner.format != "plain":
            wanted["responseMimeType"] = "application/json"
        if manner.format == "schema":
            wanted["responseSchema"] = _theirs(ask.schema)
        return {
            "systemInstruction": {"parts": [{"text": ask.rules}]},
            "contents": [{"role": roles[at % 2], "parts": [{"text": text}]} for at, text in enumerate(ask.turns)],
            "generationConfig": wanted,
        }

    def read(self, answer: Answer) -> Said:
        """
        Raises:
            SourceError: it holds nothing that was generated, and nothing was blocked.
        """
        generated = answer.read(_Generated)
        usage = generated.usage_metadata or _Usage()
        counted = Said(
            text="",
            tokens_in=usage.prompt_token_count,
            tokens_out=usage.candidates_token_count + usage.thoughts_token_count,
        )
        if generated.prompt_feedback is not None and generated.prompt_feedback.block_reason:
            return msgspec.structs.replace(counted, ended="refused")
        if not generated.candidates:
            raise changed(answer.place, "a candidate, got none")
        candidate = generated.candidates[0]
        if candidate.finish_reason in _REFUSES:
            return msgspec.structs.replace(counted, ended="refused")
        parts = candidate.content.parts if candidate.content is not None else []
        text = "".join(part.text for part in parts if not part.thought)
        ended = "cut-off" if candidate.finish_reason == "MAX_TOKENS" else "stop"
        return msgspec.structs.replace(counted, text=text, ended=ended)


def _theirs(schema: dict[str, Any]) -> dict[str, Any]:
    """A JSON Schema in Google's words: types in capitals, an order told, and nothing of further properties."""
    told = {**schema, "type": schema["type"].upper()}
    told.pop("additionalProperties", None)
    if "properties" in told:
        told["properties"] = {name: _theirs(each) for name, each in told["properties"].items()}
        told["propertyOrdering"] = list(told["properties"])
    if "items" in told:
        told["items"] = _theirs(told["items"])
    return told
