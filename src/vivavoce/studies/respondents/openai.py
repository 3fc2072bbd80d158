"""Models that speak OpenAI's chat completions: OpenAI's own, or a server of one's own such as Ollama or vLLM."""

from __future__ import annotations

from typing import Any

import msgspec

from vivavoce.errors import InputError
from vivavoce.studies.respondents.service import MOST_TOKENS, Ask, Manner, Said, Service, Speaking
from vivavoce.studies.sources.answers import Answer, changed

OPENAI_URL = "https://api.openai.com/v1"


class _Part(msgspec.Struct):
    text: str = ""


class _Message(msgspec.Struct):
    content: str | list[_Part] | None = None
    refusal: str | None = None


class _Choice(msgspec.Struct):
    message: _Message
    finish_reason: str | None = None


class _Usage(msgspec.Struct):
    prompt_tokens: int = 0
    completion_tokens: int = 0


class _Completion(msgspec.Struct):
    choices: list[_Choice]
    usage: _Usage | None = None


class OpenAi(Speaking):
    """One model of one service. "/chat/completions" follows its address."""

    kind = "openai"
    service = Service(
        owner="OpenAI",
        url=OPENAI_URL,
        remedy="Give one of an account there, or name the address of a server of your own",
        place="the model's service",
    )

    def check(self, model: str) -> None:
        if not model.strip():
            raise InputError("want the name of a model, got none")

    def credential(self, key: str) -> dict[str, str]:
        return {"authorization": f"Bearer {key}"}

    def path(self) -> str:
        return "/chat/completions"

    def wishes(self) -> frozenset[str]:
        return frozenset({"temperature", "seed", self._limit()})

    def _limit(self) -> str:
        """The old name is refused by OpenAI's newer models, and the new one is not known to all servers."""
        return "max_completion_tokens" if self.theirs else "max_tokens"

    def body(self, ask: Ask, manner: Manner) -> dict[str, Any]:
        roles = ("user", "assistant")
        turns = [{"role": roles[at % 2], "content": text} for at, text in enumerate(ask.turns)]
        wishes = {"temperature": ask.temperature, "seed": ask.seed % 2**31, self._limit(): MOST_TOKENS}
        body: dict[str, Any] = {
            "model": self.model,
            "messages": [{"role": "system", "content": ask.rules}, *turns],
            **{name: wish for name, wish in wishes.items() if name in manner.wishes},
        }
        if manner.format == "schema":
            schema = {"name": "ballot", "strict": True, "schema": ask.schema}
            body["response_format"] = {"type": "json_schema", "json_schema": schema}
        elif manner.format == "json":
            body["response_format"] = {"type": "json_object"}
        return body

    def read(self, answer: Answer) -> Said:
        """
        Raises:
            SourceError: it is no completion.
        """
        completion = answer.read(_Completion)
        if not completion.choices:
            raise changed(answer.place, "a completion with a choice, got none")
        choice, usage = completion.choices[0], completion.usage or _Usage()
        content = choice.message.content or ""
        said = Said(
            text=content if isinstance(content, str) else "".join(part.text for part in content),
            tokens_in=usage.prompt_tokens,
            tokens_out=usage.completion_tokens,
        )
        if choice.message.refusal or choice.finish_reason == "content_filter":
            return msgspec.structs.replace(said, ended="refused")
        return msgspec.structs.replace(said, ended="cut-off" if choice.finish_reason == "length" else "stop")
